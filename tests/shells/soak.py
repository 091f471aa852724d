"""Random cases by the thousand: ``python -m tests.shells.soak [CASES] [SEED]``.

Every case comes from its own number, SEED and up, so ``soak 1 N`` runs case N again. The first case that goes wrong is
made smaller as long as it still goes wrong, printed, and ends the soak with exit code 1.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from time import monotonic

from tests.shells.model import problems
from tests.shells.random_cases import Case, make_case, smaller

AT_ONCE = 4
ATTEMPTS = 5
"""How often a smaller case is tried before it counts as one that goes well: much depends on timing."""
PATIENCE = 300
"""Seconds that making a case smaller may take."""


def shrink(case: Case, found: list[str], root: Path) -> tuple[Case, list[str]]:
    """Return the smallest case like this one that still goes wrong, and what is wrong with it."""
    folders, until = count(), monotonic() + PATIENCE
    progress = True
    while progress:
        progress = False
        for candidate in smaller(case):
            for _ in range(ATTEMPTS):
                if monotonic() > until:
                    return case, found
                if now := problems(candidate, root / f"small-{next(folders)}"):
                    case, found, progress = candidate, now, True
                    break
            if progress:
                break
    return case, found


def main(words: list[str]) -> int:
    """Run the cases and return the exit code."""
    cases, seed = (int(word) for word in (*words, *("1000", "0")[len(words) :]))
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as pool:
        root = Path(name)

        def run(number: int) -> tuple[Case, list[str]]:
            case = make_case(number)
            return case, problems(case, root / str(number))

        for done, block in enumerate(range(seed, seed + cases, 100)):
            for case, found in pool.map(run, range(block, min(block + 100, seed + cases))):
                if found:
                    print(f"{case}\n" + "\n".join(found) + "\n\nmaking it smaller")  # noqa: T201  # its output
                    small, still = shrink(case, found, root)
                    print(f"{small}\n" + "\n".join(still))  # noqa: T201  # its output
                    return 1
            print(f"{min((done + 1) * 100, cases)} cases well", flush=True)  # noqa: T201  # its output
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
