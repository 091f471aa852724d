"""The text of ``zz_unitc_override.tf``: what the wiring changes in the blocks of one module folder.

:mod:`compiler.wiring.model` says what the parts are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from compiler.records import dataclass
from compiler.terraform.scope.expansion import Repetition
from compiler.wiring.model import Occasion, SwitchedOff, WiredCall, WiredFolder, Wrapped
from compiler.wiring.remarks import display_names, remark, script_remark
from compiler.wiring.script_text import happens, script_text, timeout
from compiler.wiring.terms import (
    INDEX,
    PATH,
    aligned,
    arguments,
    concat,
    copy,
    inside,
    list_of,
    literal,
    loop,
    spread,
    string,
)

_OFF = "Off: the scripts wait by themselves here, and would wait for Coder's own order besides."


def _off(wrapped: Wrapped) -> Iterator[tuple[str, str]]:
    """Yield the arguments that leave a script's own block the first of its occasions that there is."""
    for place, run in enumerate(wrapped.runs[1:], 1):
        off = "null" if run.occasion is Occasion.CRON else "false"
        if run in wrapped.own:
            earlier = " || ".join(happens(other) for other in wrapped.runs[:place])
            off = f"{earlier} ? {off} : {copy(run.value)}"
        yield run.occasion.argument, off


def off_text(off: SwitchedOff, why: str) -> str:
    """Return the override that keeps rules of the template from acting, below the reason."""
    # A block can't have both arguments, and an override can't remove one.
    nothing = "for_each = toset([])" if off.repetition is Repetition.FOR_EACH else "count = 0"
    return f'{remark(why)}data "coder_script_order" "{off.name}" {{\n  {nothing}\n}}\n'


@dataclass(frozen=True, slots=True)
class _Override:
    """Writes ``zz_unitc_override.tf`` of one folder."""

    folder: WiredFolder

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the file."""
        names, root = display_names(self.folder), self.folder.root
        for (type_, name), group in groupby(self.folder.wrapped, key=lambda wrapped: (wrapped.type, wrapped.name)):
            scripts = list(group)
            said = "".join(script_remark(wrapped, names, wrapped.own, root=root) for wrapped in scripts)
            changed = [argument for wrapped in scripts for argument in self.arguments(wrapped)]
            yield f'{said}resource "{type_}" "{name}" {{\n{arguments(changed)}}}\n'
        for call in self.folder.calls:
            yield self.call(call)
        for off in self.folder.switched_off:
            yield off_text(off, _OFF)

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
        start, dot = literal(f"module.{call.name}"), literal(".")
        exact = inside(start, INDEX[call.repetition], dot)
        lists = [] if self.folder.root else ["local.unitc_entries"]
        if call.entries:
            lists.append(f"local.{call.entries_name}")
        starts = list(dict.fromkeys((string(start, dot), string(exact))))
        entries = _entries(lists, starts) if lists else "[]"
        handed = (
            ("gate", "local.unitc_gate"),
            *((name, f"local.unitc_{name}") for name in self.folder.further),
            ("status", "local.unitc_status"),
            ("path", string(exact) if self.folder.root else string(PATH, exact)),
            ("entries", entries),
        )
        said = remark(f"Hands down to module.{call.name} what its scripts are called and what they wait for.")
        return f'{said}module "{call.name}" {{\n  unitc = {spread("{", aligned(handed), "}", 1, end="")}\n}}\n'


def _entries(lists: list[str], starts: list[str]) -> str:
    """Return what of some lists of entries concerns a module, whose addresses begin in one of several ways."""
    found = concat(lists)
    if len(starts) == 1:
        (start,) = starts
        kept = f"{{ unit = trimprefix(entry.unit, {start}), gates = entry.gates }}"
        return loop(f"entry in {found}", kept, f"startswith(entry.unit, {start})", 2, len("entries = "))
    kept = "{ unit = trimprefix(entry.unit, start), gates = entry.gates }"
    one = loop(f"entry in {found}", kept, "startswith(entry.unit, start)", 3)
    return spread("flatten([", [f"for start in {list_of(starts)} :", one], "])", 2, end="")


def override_text(folder: WiredFolder) -> str:
    """Return the text of a folder's ``zz_unitc_override.tf``, without header; empty where it needs none."""
    return "\n".join(_Override(folder).blocks())
