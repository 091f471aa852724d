"""The text of ``zz_unitc_override.tf``: what the wiring changes in the blocks of one module folder.

:mod:`compiler.wiring.model` says what the parts are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from compiler.wiring.model import Occasion, RepetitionKind, WiredCall, WiredFolder, Wrapped
from compiler.wiring.script_text import happens, script_text, timeout
from compiler.wiring.terms import INDEX, PATH, Part, aligned, arguments, concat, copy, string

__all__ = ["override_text"]


def _off(wrapped: Wrapped) -> Iterator[tuple[str, str]]:
    """Yield the arguments that leave a script's own block the first of its occasions that there is."""
    for place, run in enumerate(wrapped.runs[1:], 1):
        off = "null" if run.occasion is Occasion.CRON else "false"
        if run in wrapped.own:
            earlier = " || ".join(happens(other) for other in wrapped.runs[:place])
            off = f"{earlier} ? {off} : {copy(run.value)}"
        yield run.occasion.argument, off


@dataclass(frozen=True, slots=True)
class _Override:
    """Writes ``zz_unitc_override.tf`` of one folder."""

    folder: WiredFolder

    @property
    def path(self) -> tuple[Part, ...]:
        """The start of absolute addresses: the root module has none."""
        return () if self.folder.root else (PATH,)

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the file."""
        for (type_, name), group in groupby(self.folder.wrapped, key=lambda wrapped: (wrapped.type, wrapped.name)):
            changed = [argument for wrapped in group for argument in self.arguments(wrapped)]
            yield f'resource "{type_}" "{name}" {{\n{arguments(changed)}}}\n'
        for call in self.folder.calls:
            yield self.call(call)
        for off in self.folder.switched_off:
            # A block can't have both arguments, and an override can't take one away.
            nothing = "for_each = toset([])" if off.repetition is RepetitionKind.FOR_EACH else "count = 0"
            yield f'data "coder_script_order" "{off.name}" {{\n  {nothing}\n}}\n'

    def arguments(self, wrapped: Wrapped) -> Iterator[tuple[str, str]]:
        """Yield the arguments of a script's own block that the wiring changes."""
        if any(run.wrapped for run in wrapped.own):
            yield wrapped.argument, script_text(wrapped, wrapped.own, root=self.folder.root)
            seconds = timeout(wrapped, wrapped.own)
            if seconds is not None:
                yield "timeout", seconds
        yield from _off(wrapped)

    def call(self, call: WiredCall) -> str:
        """Return the override of a module call."""
        free = f"module.{call.name}."
        exact: tuple[Part, ...] = (f"module.{call.name}", *INDEX[call.repetition], ".")
        names = [string(free)] if call.repetition is None else [string(free), string(*exact)]
        lists = [] if self.folder.root else ["local.unitc_entries"]
        if call.entries:
            lists.append(f"local.{call.entries_name}")
        starts = " || ".join(f"startswith(entry.unit, {name})" for name in names)
        unit = f"trimprefix(entry.unit, {names[-1]})"
        if call.repetition is not None:
            unit = f"startswith(entry.unit, {names[0]}) ? trimprefix(entry.unit, {names[0]}) : {unit}"
        entry = f"{{ unit = {unit}, gates = entry.gates }}"
        items = aligned(
            [
                ("gate", "local.unitc_gate"),
                ("path", string(*self.path, *exact)),
                ("entries", f"[for entry in {concat(lists)} : {entry} if {starts}]" if lists else "[]"),
            ]
        )
        lines = "".join(f"    {item}\n" for item in items)
        return f'module "{call.name}" {{\n  unitc = {{\n{lines}  }}\n}}\n'


def override_text(folder: WiredFolder) -> str:
    """Return the text of a folder's ``zz_unitc_override.tf``, without header; empty where it needs none."""
    return "\n".join(_Override(folder).blocks())
