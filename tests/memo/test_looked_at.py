"""What of the environment a run looks at is part of the key of its answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from compiler.start import LOOKED_AT, PREFIXES_LOOKED_AT, PURE

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"

COMMANDS: Sequence[Sequence[str]] = (
    ["--help"],
    ["-h"],
    ["--version"],
    ["check", "{}"],
    ["check", "--format", "sarif", "--color", "always", "{}"],
    ["check", "--no-such-option"],
    ["compile", "--check", "{}"],
    ["compile", "--diff", "{}"],
    ["emit", "exp-sync", "{}"],
    ["eval", "1 + 1", "{}"],
    ["explain", "UC203"],
    ["graph", "{}"],
    ["graph", "--format", "html", "{}"],
    ["show", "coder_script.clone", "-C", "{}"],
    ["simulate", "{}"],
    ["why", "coder_script.serve", "-C", "{}"],
)

# What is looked up by name, whether it is set or not. The environment as a whole only goes to the programs of others.
_PROGRAM = """\
import os, sys
looked_at = set()
plain = os._Environ.__getitem__
def noting(environment, name):
    looked_at.add(name)
    return plain(environment, name)
os._Environ.__getitem__ = noting
os.environ.get("UNITC_NOTED")
from compiler.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(*sorted(looked_at), file=sys.stderr)
"""


def test_every_kind_of_kept_answer_is_among_the_commands() -> None:
    assert {command[0] for command in COMMANDS} == PURE


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_looked_up_in_the_environment_is_part_of_the_key(tmp_path: Path, command: Sequence[str]) -> None:
    template = tmp_path / "template"
    shutil.copytree(FIXTURES / "diamond", template, ignore=shutil.ignore_patterns("expected"))
    environment = {"HOME": os.fspath(tmp_path), "PATH": os.environ["PATH"]}
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *(word.format(template) for word in command)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    # In a completing shell a run always has to be made.
    names = set(ran.stderr.splitlines()[-1].split()) - {"_UNITC_COMPLETE"}
    assert "UNITC_NOTED" in names
    assert {name for name in names if name not in LOOKED_AT and not name.startswith(PREFIXES_LOOKED_AT)} == set()
