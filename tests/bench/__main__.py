"""``python -m tests.bench``: what the command line takes at its start, as templates grow, and for many of them."""

from __future__ import annotations

from tests.bench import growth, many, start

if __name__ == "__main__":
    for part in (start, growth, many):
        part.main()
        print()  # noqa: T201
