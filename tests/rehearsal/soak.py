"""Random graphs under the launcher, held against the schedule: ``python -m tests.rehearsal.soak COUNT [FIRST]``."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.rehearsal.test_schedule import differences

AT_ONCE = 3
"""Most of a case is waiting."""


def main(count: int, first: int = 0) -> int:
    """Try so many seeds from the first; return how many differ."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        seeds = range(first, first + count)
        results = list(pool.map(lambda seed: differences(seed, Path(folder, str(seed))), seeds))
    wrong = {seed: found for seed, found in zip(seeds, results, strict=True) if found}
    for seed, found in wrong.items():
        sys.stdout.write(f"seed {seed}: {'; '.join(found)}\n")
    sys.stdout.write(f"{count} graphs, {len(wrong)} differ\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) != 0)
