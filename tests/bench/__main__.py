"""``python -m tests.bench`` prints README's tables of what the command line takes, all in one run."""

from __future__ import annotations

from tests.bench import growth, many, start

if __name__ == "__main__":
    for part in (start, growth, many):
        part.main()
        print()  # noqa: T201
