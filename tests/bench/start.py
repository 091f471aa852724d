"""How long a command takes beside Terraform's own, on the same files in the same run: README's table.

``python -m tests.bench.start`` prints it: the median of wall-clock times, in milliseconds, over runs that take turns,
so that whatever else the machine does slows all of them.
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
from pathlib import Path

_FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
_TURNS = 15


def _commands(template: str) -> Mapping[str, Sequence[str]]:
    unitc = shutil.which("unitc", path=os.fspath(Path(sys.executable).parent)) or "unitc"
    return {
        "`python -c pass`": [sys.executable, "-c", "pass"],
        "`terraform version`": ["terraform", "version"],
        "`unitc compile --check`, unchanged": [unitc, "compile", "--check", template],
        "`unitc check`, unchanged": [unitc, "check", template],
        "`unitc clean --help`": [unitc, "clean", "--help"],
        "`unitc check --no-cache`": [unitc, "check", "--no-cache", template],
        "`unitc compile --check --no-cache`": [unitc, "compile", "--check", "--no-cache", template],
    }


def _milliseconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        template = os.path.join(folder, "template")
        shutil.copytree(_FIXTURES / "diamond", template, ignore=shutil.ignore_patterns("expected"))
        # An installed package has its bytecode beside it.
        bare = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**bare, "UNITC_CACHE_DIR": os.path.join(folder, "cache"), "CHECKPOINT_DISABLE": "1"}
        commands = _commands(template)
        subprocess.run([sys.executable, "-m", "compiler", "compile", "--quiet", template], env=environment, check=True)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(_TURNS + 2):
            for name, command in commands.items():
                spent = _milliseconds(command, environment)
                # The first two runs keep the answers.
                if turn > 1:
                    times[name].append(spent)
    medians = {name: statistics.median(found) for name, found in times.items()}
    terraform = medians["`terraform version`"]
    print("| a template of 67 lines | ms | of `terraform version` |\n|---|---:|---:|")  # noqa: T201
    for name, median in medians.items():
        print(f"| {name} | {median:.0f} | {median / terraform:.2f} |")  # noqa: T201


if __name__ == "__main__":
    main()
