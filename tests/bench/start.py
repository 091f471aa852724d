"""How long a command takes beside Terraform and other parsers, on the same files in the same run: README's table.

``python -m tests.bench.start [TURNS]`` prints it: the median of wall-clock times, in milliseconds, of whole processes
that take turns, so that whatever else the machine does slows all of them. The provider that ``terraform validate`` asks
is running already.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.bench.growth import files
from tests.coder.terraform import TemplateCopy, provided

_FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
_SCRIPTS = 17
_VERSION, _VALIDATE = "`terraform version`", "`terraform validate`"
_HCL2 = "import glob, hcl2\nfor name in glob.glob('*.tf'):\n    with open(name) as file: hcl2.load(file)"
_TFPARSE = "import tfparse; tfparse.load_from_path('.')"


def _commands() -> Mapping[str, Sequence[str]]:
    unitc = shutil.which("unitc", path=os.fspath(Path(sys.executable).parent)) or "unitc"
    tfparse = {"tfparse": [sys.executable, "-c", _TFPARSE]} if find_spec("tfparse") else {}
    return {
        "`python -c pass`": [sys.executable, "-c", "pass"],
        _VERSION: ["terraform", "version"],
        _VALIDATE: ["terraform", "validate"],
        "python-hcl2, parse alone": [sys.executable, "-c", _HCL2],
        **tfparse,
        "`unitc compile --check`, unchanged": [unitc, "compile", "--check"],
        "`unitc check`, unchanged": [unitc, "check"],
        "`unitc clean --help`": [unitc, "clean", "--help"],
        "`unitc check --no-cache`": [unitc, "check", "--no-cache"],
        "`unitc compile --check --no-cache`": [unitc, "compile", "--check", "--no-cache"],
    }


def _milliseconds(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    begin = time.perf_counter()
    subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
    )
    return (time.perf_counter() - begin) * 1000


def _medians(template: Path, turns: int) -> Mapping[str, float]:
    """Return what each command takes on a template, which Terraform and the parsers get as it is, unitc compiled."""
    plain = TemplateCopy(template, template.with_name("plain"))
    plain.init()
    # An installed package has its bytecode beside it.
    bare = {name: value for name, value in provided({}).items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**bare, "UNITC_CACHE_DIR": os.fspath(template.with_name("cache"))}
    commands = _commands()
    subprocess.run([sys.executable, "-m", "compiler", "compile", "--quiet", template], env=environment, check=True)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(turns + 2):
        for name, command in commands.items():
            spent = _milliseconds(command, template if "unitc" in name else plain.folder, environment)
            # The first two runs keep the answers.
            if turn > 1:
                times[name].append(spent)
    return {name: statistics.median(found) for name, found in times.items()}


def main(turns: int = 15) -> None:
    """Print the table; each command is run in so many turns."""
    heads, columns = [], []
    with tempfile.TemporaryDirectory() as name:
        small, larger = Path(name, "small", "template"), Path(name, "larger", "template")
        shutil.copytree(_FIXTURES / "diamond", small, ignore=shutil.ignore_patterns("expected"))
        larger.mkdir(parents=True)
        for file, text in files(_SCRIPTS).items():
            (larger / file).write_text(text, "utf-8")
        for template in (small, larger):
            lines = sum(path.read_text("utf-8").count("\n") for path in template.glob("*.tf"))
            medians = _medians(template, turns)
            for beside in (_VERSION, _VALIDATE):
                heads.append(f"of {beside}")
                columns.append({each: f"{median / medians[beside]:.2f}" for each, median in medians.items()})
            heads.insert(-2, f"{lines} lines, ms")
            columns.insert(-2, {each: f"{median:.0f}" for each, median in medians.items()})
    print(f"| a template of | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}")  # noqa: T201
    for each in columns[0]:
        print(f"| {each} | {' | '.join(column[each] for column in columns)} |")  # noqa: T201
    if find_spec("tfparse") is None:
        print("\ntfparse has no row, since it isn't installed: pip install 'unitc-coder[bench]'")  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
