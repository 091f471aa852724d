"""What a shell offers to complete: the units and agents of the template that the command line names so far."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compiler.pipeline import Analysis


def complete_unit(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return units, each with what tells what it is: by short names, or by addresses where no short one begins so."""
    return _offered(ctx, lambda analysis: _units(analysis, incomplete))


def complete_duration(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return units as ``--duration`` takes them, up to the equals sign."""
    return [(f"{name}=", title) for name, title in complete_unit(ctx, incomplete)]


def complete_agent(ctx: Any) -> list[tuple[str, str]]:
    """Return the agents that run units."""
    from compiler.commands.shared.units import agent_addresses

    return _offered(ctx, lambda analysis: ((address, "") for address in agent_addresses(analysis)))


def _units(analysis: Analysis, incomplete: str) -> Iterator[tuple[str, str]]:
    from compiler.commands.shared.units import short_names, unit_names

    names = unit_names(analysis)
    short = {address: name for name, address in short_names(names)}
    by_address = not any(name.startswith(incomplete) for name in short.values())
    for address, title in names.items():
        name = address if by_address else short.get(address, address)
        yield name, title or (address if name != address else "")


def _path(context: Any) -> str:
    """Return the template that was named; with an option that lacks its value, arguments are still unassigned."""
    left: list[str] = context.args
    return left[-1] if left else context.params.get("path") or "."


def _offered(context: Any, offer: Callable[[Analysis], Iterator[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Return what is offered of a template, nothing where it can't be read: a shell that completes shows no errors."""
    from compiler.commands.shared.analysis import read_template
    from compiler.commands.shared.console import Misconfigured, Usage
    from compiler.commands.shared.templates_on_disk import find_template
    from compiler.disk import Disk, Unreadable
    from compiler.pipeline import Options

    given = Options(environment=dict(os.environ), allow_missing_modules=True)
    try:
        template = find_template(Disk(), _path(context))
        return list(offer(read_template(template, given)))
    except (Usage, Misconfigured, Unreadable):
        return []
