"""What each command imports and calls: what it needs and no more, so that none waits for another one's.

Modules and calls are counted, since seconds are those of the machine. A limit may be raised by what is worth it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"

# Whatever takes long to import, ours and others'.
HEAVY = (
    "hcl2",
    "importlib.resources",
    "inspect",
    "jinja2",
    "lark",
    "lsprotocol",
    "networkx",
    "pydantic",
    "pygls",
    "rich",
    "shutil",
    "subprocess",
    "tempfile",
    "tree_sitter",
    "typer",
    "yaml",
    "compiler.checks.registry",
    "compiler.command_line.typed",
    "compiler.hcl",
    "compiler.launcher.launcher",
    "compiler.output.writer",
    "compiler.pipeline",
    "compiler.terraform.configuration.constraints",
    "compiler.wiring.emit",
    "compiler.wiring.rules.native",
)
_TYPED = ("inspect", "shutil", "subprocess", "typer", "compiler.command_line.typed")
_READS = ("tree_sitter", "compiler.checks.registry", "compiler.hcl", "compiler.pipeline")
_COMPILES = ("compiler.launcher.launcher", "compiler.wiring.emit")

# The command, what of that it imports, how many modules there may be in all, and how many thousands of calls. One
# module in twenty is left for other versions of Python and of libraries, and a tenth of the calls that a first run
# makes, which writes the bytecode of what it imports.
COMMANDS: dict[str, tuple[Sequence[str], tuple[str, ...], int, int]] = {
    "--version": (["--version"], _TYPED, 204, 96),
    "--help": (["--help"], _TYPED, 214, 175),
    "explain": (["explain", "UC203"], (), 136, 53),
    "check": (["check", "{}"], _READS, 320, 144),
    "compile": (["compile", "{}"], ("compiler.output.writer", *_READS, *_COMPILES), 352, 149),
    "compile --check": (["compile", "--check", "{}"], (*_READS, *_COMPILES), 348, 151),
}

_PROGRAM = """\
import sys
calls = 0
def count(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")
sys.setprofile(count)
from compiler.cli import main
try:
    main(sys.argv[2:])
except SystemExit as exc:
    assert not exc.code, exc.code
sys.setprofile(None)
print(calls, *[name for name in sys.argv[1].split() if name in sys.modules], len(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_what_it_needs_and_no_more(tmp_path: Path, command: str) -> None:
    arguments, expected, most_modules, most_calls = COMMANDS[command]
    shutil.copytree(FIXTURES / "diamond", tmp_path / "template", ignore=shutil.ignore_patterns("expected"))
    given = [argument.format(tmp_path / "template") for argument in arguments]
    if "--check" in given:
        # What isn't compiled yet is told, which takes more.
        subprocess.run([sys.executable, "-m", "compiler", "compile", "--quiet", tmp_path / "template"], check=True)
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, " ".join(HEAVY), *given],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    calls, *imported, modules = ran.stderr.splitlines()[-1].split()
    assert sorted(imported) == sorted(expected)
    assert int(modules) <= most_modules
    assert int(calls) <= most_calls * 1000


_STARTS = """\
import os, sys
spawn = os.posix_spawn
def start(*arguments, **more):
    print("started with", *[name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)
    return spawn(*arguments, **more)
os.posix_spawn = start
from compiler.cli import main
main(["check", "--no-cache", sys.argv[2]])
"""


def test_programs_read_the_scripts_while_what_checks_them_is_imported(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "diamond", tmp_path / "template", ignore=shutil.ignore_patterns("expected"))
    later = "tree_sitter compiler.checks.registry compiler.order.order compiler.commands.staleness"
    ran = subprocess.run(
        [sys.executable, "-c", _STARTS, later, str(tmp_path / "template")],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    assert {line for line in ran.stderr.splitlines() if line.startswith("started")} == {"started with"}


_KEPT = """\
import os, sys
from compiler import disk, start
os._exit = lambda code: print(len(sys.modules), "compiler.pipeline" in sys.modules, file=sys.stderr)
# A program that was installed a moment ago is held by its times all the same.
disk._SETTLING = -(10**18)
# An answer depends on the names in each folder for modules, and other tests make folders in a checkout.
sys.path[:] = [each for each in sys.path if each != os.path.dirname(os.path.dirname(start.__file__))]
sys.argv[1:] = ["check", sys.argv[1]]
start.main()
"""


def test_a_kept_answer_is_given_without_any_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNITC_CACHE_DIR", str(tmp_path / "cache"))
    shutil.copytree(FIXTURES / "diamond", tmp_path / "template", ignore=shutil.ignore_patterns("expected"))
    said = []
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-c", _KEPT, str(tmp_path / "template")],
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
        )
        said.append(ran.stderr.splitlines()[-1].split())
    assert said[0][1] == "True"
    assert said[1][1] == "False"
    # Python itself and what stands in its site-packages come to some fifty, a run to more than three hundred.
    assert int(said[0][0]) - int(said[1][0]) > 200
