"""The mutexes of the tracker in :mod:`compiler.status.tracker`, which tells what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.status.decision import Held


class Mutexes:
    """Who holds each mutex, and who names it and has nothing else to wait for: these are admitted.

    Only the admitted are kept, so that a mutex that is taken or let go costs a step for each of them and none for those
    who still wait at their gates.
    """

    def __init__(self) -> None:
        self._holders: dict[str, str] = {}
        self._rivals: dict[str, set[str]] = {}

    def held(self, names: Iterable[str]) -> tuple[Held, ...]:
        """Return those of ``names`` that are held, in their order."""
        return tuple(Held(name, self._holders[name]) for name in names if name in self._holders)

    def admit(self, unit: str, names: Iterable[str]) -> None:
        """Take note that nothing but its mutexes can keep ``unit`` from running."""
        for name in names:
            self._rivals.setdefault(name, set()).add(unit)

    def withdraw(self, unit: str, names: Iterable[str]) -> None:
        """Take that back, where it was noted."""
        for name in names:
            self._rivals.get(name, set()).discard(unit)

    def rivals(self, names: Iterable[str]) -> list[str]:
        """Return the admitted units that name any of ``names``, sorted."""
        return sorted({unit for name in names for unit in self._rivals.get(name, ())})

    def take(self, unit: str, names: Iterable[str]) -> None:
        """Let ``unit`` hold mutexes that are free."""
        self._holders.update(dict.fromkeys(names, unit))

    def leave(self, names: Iterable[str]) -> None:
        """Free mutexes that are held."""
        for name in names:
            del self._holders[name]
