"""How long ``unitc check`` takes over many templates that call the same module, in one process and in several.

Of the scripts of each template one is its own, and the others are those of all.

``python -m tests.bench.many [TURNS]`` prints the medians of wall-clock times, over runs that take turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.growth import files
from tests.ordering.templates import module

_TEMPLATES, _SCRIPTS = 100, 3


def _make(folder: Path) -> None:
    for name, text in files(20).items():
        path = folder / "common" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    for number in range(_TEMPLATES):
        template = folder / "templates" / f"t{number:03}"
        template.mkdir(parents=True)
        for name, text in files(_SCRIPTS).items():
            own = text.replace('echo "script 0"', f'echo "template {number}"')
            (template / name).write_text(own + module("common", "../../common") * (name == "main.tf"), "utf-8")


def _seconds(folder: Path, jobs: int) -> float:
    command = [sys.executable, "-m", "compiler", "check", "--no-cache", "--quiet", "--jobs", str(jobs), str(folder)]
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def main(turns: int = 3) -> None:
    """Print one line for each number of processes, each of which takes so many turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make(folder)
        jobs = sorted({1, 2, os.cpu_count() or 1})
        times: dict[int, list[float]] = {each: [] for each in jobs}
        for _ in range(turns):
            for each in jobs:
                times[each].append(_seconds(folder / "templates", each))
    medians = {each: statistics.median(found) for each, found in times.items()}
    print(f"| `unitc check`, {_TEMPLATES} templates that call one module | s | speed-up |\n|---|---:|---:|")  # noqa: T201
    for each, median in medians.items():
        print(f"| {each} process{'es' * (each > 1)} | {median:.2f} | {medians[1] / median:.2f} |")  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
