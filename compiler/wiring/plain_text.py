"""The text of ``zz_unitc.tf``: local values, variables, outputs and further scripts of one module folder.

:mod:`compiler.wiring.model` says what the parts are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compiler.terraform.configuration.address import InstanceKey, index, quote
from compiler.wiring.model import (
    CallUnits,
    Entry,
    Gate,
    Gates,
    Repetition,
    RepetitionKind,
    Run,
    ScriptUnits,
    Units,
    WiredFolder,
    Wrapped,
    wired_index,
)
from compiler.wiring.script_text import happens, script_text, timeout
from compiler.wiring.terms import (
    INDEX,
    PATH,
    Interpolated,
    Part,
    aligned,
    arguments,
    concat,
    copy,
    lines,
    list_of,
    string,
)

__all__ = ["plain_text"]


def _units(units: Units) -> str:
    return _script_units(units) if isinstance(units, ScriptUnits) else _call_units(units)


def _condition(units: ScriptUnits) -> str:
    parts = []
    if units.trigger is not None:
        parts.append(f"tobool({copy(units.trigger)}) == true")
    if units.body is not None:
        parts.append(
            f'alltrue([for unitc_body in [{copy(units.body)}] : unitc_body != null && unitc_body != ""])',
        )
    return f" if {' && '.join(parts)}" if parts else ""


def _script_units(units: ScriptUnits) -> str:
    """Return the list of a script's instances.

    The loop's variable is called ``count`` or ``each``, so that copied expressions find there what they find in their
    own block.
    """
    kind = None if units.repetition is None else units.repetition.kind
    address = string(units.base, *INDEX[kind], units.suffix)
    condition = _condition(units)
    if units.repetition is None:
        return f"[for unit in [{address}] : unit{condition}]"
    expression = copy(units.repetition.expression)
    if kind is RepetitionKind.COUNT:
        return f"[for count in [for index in range({expression}) : {{ index = index }}] : {address}{condition}]"
    each = "{ key = key, value = value }"
    return f"[for each in [for key, value in {expression} : {each}] : {address}{condition}]"


def _loop(repetition: Repetition) -> tuple[str, tuple[Part, ...]]:
    """Return the head of a loop over a call's instances, and the index of one in it."""
    expression = copy(repetition.expression)
    if repetition.kind is RepetitionKind.COUNT:
        return f"for key in range({expression})", ("[", Interpolated("key"), "]")
    return f"for key, value in {expression}", ('["', Interpolated("base64encode(key)"), '"]')


def _call_units(units: CallUnits) -> str:
    start = f"module.{units.call}"
    if isinstance(units.within, str):
        return _exported_units(units, start, units.within)
    if units.repetition is None:
        return list_of(string(f"{start}{wired_index(key)}.{unit}") for key in units.keys for unit in units.within)
    head, key = _loop(units.repetition)
    addresses = [string(start, *key, f".{unit}") for unit in units.within]
    if len(addresses) == 1:
        return f"[{head} : {addresses[0]}]"
    return f"flatten([{head} : {list_of(addresses)}])"


def _exported_units(units: CallUnits, start: str, output: str) -> str:
    if units.repetition is not None:
        by_count = units.repetition.kind is RepetitionKind.COUNT
        key = ("[", Interpolated("key"), "]") if by_count else ('["', Interpolated("base64encode(key)"), '"]')
        address = string(start, *key, ".", Interpolated("unit"))
        return f"flatten([for key, instance in {start} : [for unit in instance.{output} : {address}]])"
    lists = [_instance_units(start, key, output) for key in units.keys]
    return lists[0] if len(lists) == 1 else f"concat({', '.join(lists)})"


def _instance_units(start: str, key: InstanceKey, output: str) -> str:
    address = string(f"{start}{wired_index(key)}.", Interpolated("unit"))
    found = f"{start}{index(key)}.{output}"
    # An instance that a start build has may be gone in a stop build.
    exists = found if key is None else f"try({found}, [])"
    return f"[for unit in {exists} : {address}]"


def _gate_words(gate: Gate) -> str:
    return f"{gate.phase} {gate.requires} "


def _constant_gates(gates: Iterable[Gate], path: tuple[Part, ...]) -> list[str]:
    return [string(_gate_words(gate), *path, gate.address) for gate in gates if gate.units is None]


def _listed_gates(gates: Iterable[Gate], path: tuple[Part, ...]) -> list[str]:
    """Return a list of strings for each units list that gates come from."""
    lists = []
    for gate in gates:
        if gate.units is not None:
            address = string(_gate_words(gate), *path, Interpolated("unit"))
            narrowed = f" if startswith(unit, {string(gate.address)})" if gate.address else ""
            lists.append(f"[for unit in local.{gate.units} : {address}{narrowed}]")
    return lists


def _gates(gates: tuple[Gate, ...], path: tuple[Part, ...]) -> str:
    """Return gates as one list of strings."""
    constants = _constant_gates(gates, path)
    return concat([*([list_of(constants)] if constants else []), *_listed_gates(gates, path)])


@dataclass(frozen=True, slots=True)
class _Plain:
    """Writes ``zz_unitc.tf`` of one folder."""

    folder: WiredFolder

    @property
    def path(self) -> tuple[Part, ...]:
        """The start of absolute addresses: the root module has none."""
        return () if self.folder.root else (PATH,)

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the file."""
        if not self.folder.takes_part:
            return
        if not self.folder.root:
            yield 'variable "unitc" {\n  type    = any\n  default = null\n}\n'
        yield "locals {\n" + "\n".join(self.locals()) + "}\n"
        for units in self.folder.units:
            if units.exported:
                yield f'output "{units.name}" {{\n  value = local.{units.name}\n}}\n'
        for wrapped in self.folder.wrapped:
            first, *others = wrapped.runs
            for run in others:
                said = (
                    f"Runs {wrapped.type}.{wrapped.name} on {run.occasion}; its own block runs it on {first.occasion}."
                )
                yield f"# {said}\n{_further(wrapped, run, root=self.folder.root)}"

    def locals(self) -> Iterator[str]:
        """Yield the local values."""
        if self.folder.root:
            yield '  unitc_gate = file("${path.root}/unitc/gate.sh")\n'
        else:
            # A module that is used by itself, as in its own tests, has no caller that hands anything down.
            yield "  unitc_gate = try(var.unitc.gate, null)\n"
            yield '  unitc_path = try(var.unitc.path, "")\n'
            yield "  unitc_entries = try(var.unitc.entries, [])\n"
        for units in self.folder.units:
            yield f"  {units.name} = {_units(units)}\n"
        for wrapped in self.folder.wrapped:
            if wrapped.gates is not None:
                yield from self.gates(wrapped.gates)
        for call in self.folder.calls:
            if call.entries:
                yield lines(call.entries_name, map(self.entry, call.entries), "[", "]")

    def gates(self, gates: Gates) -> Iterator[str]:
        """Yield the local values that hold the gates of one script."""
        if gates.every:
            constants, lists = _constant_gates(gates.every, self.path), _listed_gates(gates.every, self.path)
            if not lists:
                yield lines(gates.every_name, constants, "[", "]")
            else:
                items = [list_of(constants), *lists] if constants else lists
                yield lines(gates.every_name, items, "concat(", ")")
        if gates.single:
            items = aligned((quote(key), _gates(single, self.path)) for key, single in gates.single)
            yield lines(gates.single_name, items, "{", "}")

    def entry(self, entry: Entry) -> str:
        """Return the gates of one script of a child module."""
        return f"{{ unit = {string(entry.unit)}, gates = {_gates(entry.gates, self.path)} }}"


def _repetition(wrapped: Wrapped, run: Run) -> Iterator[tuple[str, str]]:
    """Yield what makes as many instances of a further block as the script's own block leaves to it."""
    earlier = wrapped.runs[: wrapped.runs.index(run)]
    conditions = [] if run.certain else [happens(run)]
    if not any(other.certain for other in earlier):
        conditions.insert(0, f"({' || '.join(map(happens, earlier))})")
    exists = " && ".join(conditions)
    repetition = wrapped.repetition
    if repetition is None:
        if exists:
            yield "count", f"{exists} ? 1 : 0"
    elif not exists:
        yield repetition.kind, repetition.expression.text
    elif repetition.kind is RepetitionKind.COUNT:
        yield repetition.kind, f"{exists} ? {copy(repetition.expression)} : 0"
    else:
        each = f"[for key, value in {copy(repetition.expression)} : {{ key = key, value = value }}]"
        yield repetition.kind, f"{{ for each in {each} : each.key => each.value if {exists} }}"


def _further(wrapped: Wrapped, run: Run, *, root: bool) -> str:
    """Return the block that runs a script on one of its further occasions."""
    script = script_text(wrapped, (run,), root=root) if run.wrapped else wrapped.body.text
    seconds = timeout(wrapped, (run,))
    items = [
        *_repetition(wrapped, run),
        *((name, value.text) for name, value in wrapped.shared),
        (run.occasion.argument, run.value.text),
        ("script", script),
        *([] if seconds is None else [("timeout", seconds)]),
    ]
    if run.occasion.argument != "cron":
        items = [(name, "true" if name == run.occasion.argument else value) for name, value in items]
    nested = "".join(f"\n  {block}\n" for block in wrapped.blocks)
    return f'resource "{wrapped.type}" "{run.name}" {{\n{arguments(items)}{nested}}}\n'


def plain_text(folder: WiredFolder) -> str:
    """Return the text of a folder's ``zz_unitc.tf``, without header; empty where it needs none."""
    return "\n".join(_Plain(folder).blocks())
