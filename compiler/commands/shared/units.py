"""Units by the names that people type: addresses, the ends of addresses, display names, modules of one unit.

The first of these kinds in which there is something decides; what is then not unique is an error that lists it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from compiler.commands.shared.console import Usage
from compiler.patterns import regex

if TYPE_CHECKING:
    from compiler.pipeline import Analysis

from compiler.source.prose import listed

_STEP = regex(r'(?:\["(?:[^"\\]|\\.)*"\]|\[[^\]"]*\]|[^.\[])+')
_INDEX = regex(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]$')
# Words that say what kind of thing the next one names.
_KINDS = frozenset({"module", "coder_script", "coder_agent", "coder_devcontainer"})


def _steps(address: str) -> list[str]:
    return _STEP.findall(address)


def _ends(address: str) -> Iterator[str]:
    """Yield the ends of an address at its dots, also without the words for kinds, and without its last index."""
    steps = _steps(address)
    names = [step for step in steps if step not in _KINDS]
    for parts in (steps, names):
        for start in range(len(parts)):
            end = ".".join(parts[start:])
            yield end
            yield _INDEX.sub("", end)


def _modules(address: str) -> Iterator[str]:
    """Yield the module calls that a unit stands in, from the outermost inwards, by address and by name."""
    steps = _steps(address)
    for position in range(1, len(steps) - 1):
        if steps[position - 1] == "module":
            yield ".".join(steps[: position + 1])
            yield steps[position]


def unit_names(analysis: Analysis) -> Mapping[str, str | None]:
    """Return the display names of all units by address, in order."""
    found = {unit.address: unit.display_name for graph in analysis.graphs for unit in graph.units}
    return dict(sorted(found.items()))


def agent_addresses(analysis: Analysis) -> tuple[str, ...]:
    """Return the agents that run units, in order."""
    return tuple(sorted({graph.runtime for graph in analysis.graphs}))


def find_unit(analysis: Analysis, name: str) -> str:
    """Return the address of the unit that a name means. Raises :class:`Usage` where there is none, or several."""
    return _find("unit", name, unit_names(analysis))


def find_agent(analysis: Analysis, name: str) -> str:
    """Return the address of the agent that a name means. Raises :class:`Usage` where there is none, or several."""
    return _find("agent", name, dict.fromkeys(agent_addresses(analysis)))


def short_names(units: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Yield the last word of each address, where no other address ends so, with the address."""
    counts = Counter(end for address in units for end in set(_ends(address)))
    for address in units:
        last = _steps(address)[-1]
        if counts[last] == 1:
            yield last, address


def _find(kind: str, name: str, units: Mapping[str, str | None]) -> str:
    ways: tuple[Callable[[str], bool], ...] = (
        lambda address: address == name,
        lambda address: name in _ends(address),
        lambda address: units[address] == name,
        lambda address: (units[address] or "").casefold() == name.casefold(),
        lambda address: name in _modules(address),
    )
    for way in ways:
        found = [address for address in units if way(address)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Usage(f"{name} may be any of {len(found)} {kind}s: {listed(found)}")
    raise Usage(f"there is no {kind} {name}{_way_out(kind, name, units)}")


def _way_out(kind: str, name: str, units: Mapping[str, str | None]) -> str:
    from compiler.source.suggest import did_you_mean

    if kind == "agent":
        return f"; there {'is' if len(units) == 1 else 'are'} {', '.join(units) or 'none'}"
    # With the ends of addresses a short name that is misspelled is near to something, too.
    known = dict.fromkeys((*units, *_display_names(units), *(end for address in units for end in _ends(address))))
    near = did_you_mean(name, known)
    return f"; did you mean {near}?" if near else "; unitc graph lists them"


def _display_names(units: Mapping[str, str | None]) -> Iterable[str]:
    return (name for name in units.values() if name)
