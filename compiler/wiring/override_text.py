"""The text of ``zz_unitc_override.tf`` and ``zz_unitc.tf``: the wiring of one module folder, in Terraform's language.

What the user wrote is repeated verbatim. Everything around it keeps to what ``terraform fmt`` would write: a copy
starts on the line of its argument, and all brackets that are opened before it are closed on the line on which it ends,
because fmt indents a line by the brackets that the lines above leave open.

:mod:`compiler.wiring.model` says what the parts are for.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from compiler.order.model import Phase
from compiler.terraform.configuration.address import InstanceKey, index, quote
from compiler.wiring.model import (
    CallUnits,
    Copied,
    Entry,
    Gate,
    Gates,
    Repetition,
    RepetitionKind,
    ScriptUnits,
    Trigger,
    Units,
    WiredCall,
    WiredFolder,
    Wrapped,
    wired_index,
)

__all__ = ["override_text", "plain_text"]


@dataclass(frozen=True, slots=True)
class _Expression:
    """An expression inside a template string."""

    text: str


_Part: TypeAlias = "str | _Expression"

_COUNT_INDEX = ("[", _Expression("count.index"), "]")
_EACH_KEY = ('["', _Expression("base64encode(each.key)"), '"]')
# In the wrapper of a script, and where its copied expressions stand in a loop over its instances.
_INDEX: dict[RepetitionKind | None, tuple[_Part, ...]] = {
    None: (),
    RepetitionKind.COUNT: _COUNT_INDEX,
    RepetitionKind.FOR_EACH: _EACH_KEY,
}
_PATH = _Expression("local.unitc_path")


def _string(*parts: _Part) -> str:
    """Return a quoted template string; literal parts mean themselves."""
    inner = "".join(f"${{{part.text}}}" if isinstance(part, _Expression) else quote(part)[1:-1] for part in parts)
    return f'"{inner}"'


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


def _copy(copied: Copied) -> str:
    """Return an expression for use within brackets; the marker that ends a heredoc needs a line of its own."""
    return f"{copied.text}\n  " if copied.heredoc else copied.text


def _lines(name: str, items: Iterable[str], opening: str, closing: str) -> str:
    """Return an argument whose value spreads over lines, one item on each."""
    return f"  {name} = {opening}\n" + "".join(f"    {item},\n" for item in items) + f"  {closing}\n"


def _aligned(items: Iterable[tuple[str, str]]) -> list[str]:
    """Return arguments or object items that stand on lines one below the other, as fmt aligns them."""
    items = tuple(items)
    width = max(len(name) for name, _ in items)
    return [f"{name:{width}} = {value}" for name, value in items]


# --- zz_unitc.tf


def _units(units: Units) -> str:
    return _script_units(units) if isinstance(units, ScriptUnits) else _call_units(units)


def _condition(units: ScriptUnits) -> str:
    parts = []
    if units.trigger is not None:
        parts.append(f"tobool({_copy(units.trigger)}) == true")
    if units.body is not None:
        parts.append(
            f'alltrue([for unitc_body in [{_copy(units.body)}] : unitc_body != null && unitc_body != ""])',
        )
    return f" if {' && '.join(parts)}" if parts else ""


def _script_units(units: ScriptUnits) -> str:
    """Return the list of a script's instances.

    The loop's variable is called ``count`` or ``each``, so that copied expressions find there what they find in their
    own block.
    """
    kind = None if units.repetition is None else units.repetition.kind
    address = _string(units.base, *_INDEX[kind], units.suffix)
    condition = _condition(units)
    if units.repetition is None:
        return f"[for unit in [{address}] : unit{condition}]"
    expression = _copy(units.repetition.expression)
    if kind is RepetitionKind.COUNT:
        return f"[for count in [for index in range({expression}) : {{ index = index }}] : {address}{condition}]"
    each = "{ key = key, value = value }"
    return f"[for each in [for key, value in {expression} : {each}] : {address}{condition}]"


def _loop(repetition: Repetition) -> tuple[str, tuple[_Part, ...]]:
    """Return the head of a loop over a call's instances, and the index of one in it."""
    expression = _copy(repetition.expression)
    if repetition.kind is RepetitionKind.COUNT:
        return f"for key in range({expression})", ("[", _Expression("key"), "]")
    return f"for key, value in {expression}", ('["', _Expression("base64encode(key)"), '"]')


def _call_units(units: CallUnits) -> str:
    start = f"module.{units.call}"
    if isinstance(units.within, str):
        return _exported_units(units, start, units.within)
    if units.repetition is None:
        return _list(_string(f"{start}{wired_index(key)}.{unit}") for key in units.keys for unit in units.within)
    head, key = _loop(units.repetition)
    addresses = [_string(start, *key, f".{unit}") for unit in units.within]
    if len(addresses) == 1:
        return f"[{head} : {addresses[0]}]"
    return f"flatten([{head} : {_list(addresses)}])"


def _exported_units(units: CallUnits, start: str, output: str) -> str:
    if units.repetition is not None:
        by_count = units.repetition.kind is RepetitionKind.COUNT
        key = ("[", _Expression("key"), "]") if by_count else ('["', _Expression("base64encode(key)"), '"]')
        address = _string(start, *key, ".", _Expression("unit"))
        return f"flatten([for key, instance in {start} : [for unit in instance.{output} : {address}]])"
    lists = [_instance_units(start, key, output) for key in units.keys]
    return lists[0] if len(lists) == 1 else f"concat({', '.join(lists)})"


def _instance_units(start: str, key: InstanceKey, output: str) -> str:
    address = _string(f"{start}{wired_index(key)}.", _Expression("unit"))
    found = f"{start}{index(key)}.{output}"
    # An instance that a start build has may be gone in a stop build.
    exists = found if key is None else f"try({found}, [])"
    return f"[for unit in {exists} : {address}]"


def _gate_words(gate: Gate) -> str:
    return f"{gate.phase} {gate.requires} "


def _constant_gates(gates: Iterable[Gate], path: tuple[_Part, ...]) -> list[str]:
    return [_string(_gate_words(gate), *path, gate.address) for gate in gates if gate.units is None]


def _listed_gates(gates: Iterable[Gate], path: tuple[_Part, ...]) -> list[str]:
    """Return a list of strings for each units list that gates come from."""
    lists = []
    for gate in gates:
        if gate.units is not None:
            string = _string(_gate_words(gate), *path, _Expression("unit"))
            narrowed = f" if startswith(unit, {_string(gate.address)})" if gate.address else ""
            lists.append(f"[for unit in local.{gate.units} : {string}{narrowed}]")
    return lists


def _concat(lists: Iterable[str]) -> str:
    lists = tuple(lists)
    if not lists:
        return "[]"
    return lists[0] if len(lists) == 1 else f"concat({', '.join(lists)})"


def _gates(gates: tuple[Gate, ...], path: tuple[_Part, ...]) -> str:
    """Return gates as one list of strings."""
    constants = _constant_gates(gates, path)
    return _concat([*([_list(constants)] if constants else []), *_listed_gates(gates, path)])


@dataclass(frozen=True, slots=True)
class _Plain:
    """Writes ``zz_unitc.tf`` of one folder."""

    folder: WiredFolder

    @property
    def path(self) -> tuple[_Part, ...]:
        """The start of absolute addresses: the root module has none."""
        return () if self.folder.root else (_PATH,)

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
                yield _lines(call.entries_name, map(self.entry, call.entries), "[", "]")

    def gates(self, gates: Gates) -> Iterator[str]:
        """Yield the local values that hold the gates of one script."""
        if gates.every:
            constants, lists = _constant_gates(gates.every, self.path), _listed_gates(gates.every, self.path)
            if not lists:
                yield _lines(gates.every_name, constants, "[", "]")
            else:
                items = [_list(constants), *lists] if constants else lists
                yield _lines(gates.every_name, items, "concat(", ")")
        if gates.single:
            items = _aligned((quote(key), _gates(single, self.path)) for key, single in gates.single)
            yield _lines(gates.single_name, items, "{", "}")

    def entry(self, entry: Entry) -> str:
        """Return the gates of one script of a child module."""
        return f"{{ unit = {_string(entry.unit)}, gates = {_gates(entry.gates, self.path)} }}"


# --- zz_unitc_override.tf


def _phases(wrapped: Wrapped) -> _Part:
    """Return the phases in which the agent runs a script, separated by blanks."""
    triggers = ((Phase.START, wrapped.start), (Phase.STOP, wrapped.stop))
    if not any(isinstance(trigger, Copied) for _, trigger in triggers):
        return " ".join(phase for phase, trigger in triggers if trigger)
    return _joined(" ", [_phase_list(phase, trigger) for phase, trigger in triggers if trigger is not False])


def _phase_list(phase: Phase, trigger: Trigger) -> str:
    """Return a list that holds the phase if the trigger is true."""
    if isinstance(trigger, Copied):
        return f'[for unitc_trigger in [{_copy(trigger)}] : "{phase}" if tobool(unitc_trigger) == true]'
    return f'["{phase}"]'


def _assignment(name: str, *value: _Part) -> str:
    """Return a string that assigns to a variable of the shell; ``compiler.launcher`` says what each one means.

    No value holds a single quote: what a user chose is either a name in Terraform, which has no quotes, or in base64.
    """
    return _string(f"{name}='", *value, "'")


@dataclass(frozen=True, slots=True)
class _Override:
    """Writes ``zz_unitc_override.tf`` of one folder."""

    folder: WiredFolder

    @property
    def path(self) -> tuple[_Part, ...]:
        """The start of absolute addresses: the root module has none."""
        return () if self.folder.root else (_PATH,)

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the file."""
        for (type_, name), group in groupby(self.folder.wrapped, key=lambda wrapped: (wrapped.type, wrapped.name)):
            arguments = "\n".join(argument for wrapped in group for argument in self.arguments(wrapped))
            yield f'resource "{type_}" "{name}" {{\n{arguments}}}\n'
        for call in self.folder.calls:
            yield self.call(call)
        for off in self.folder.switched_off:
            # A block can't have both arguments, and an override can't take one away.
            nothing = "for_each = toset([])" if off.repetition is RepetitionKind.FOR_EACH else "count = 0"
            yield f'data "coder_script_order" "{off.name}" {{\n  {nothing}\n}}\n'

    def arguments(self, wrapped: Wrapped) -> Iterator[str]:
        """Yield the arguments of a block that wrap one script."""
        unwrapped = 'unitc_body == null || unitc_body == ""'
        if not self.folder.root:
            unwrapped += " || local.unitc_gate == null"
        text = f'join("\\n", {_list(self.wrapper(wrapped))})'
        loop = f"for unitc_body in [{_copy(wrapped.body)}] : {unwrapped} ? unitc_body : {text}"
        yield f"  {wrapped.argument} = [{loop}][0]\n"
        if wrapped.timeout is not None:
            yield "  timeout = null\n"

    def wrapper(self, wrapped: Wrapped) -> Iterator[str]:
        """Yield the lines of the script that the agent gets."""
        suffix = "" if wrapped.argument == "script" else f".{wrapped.argument}"
        free = f"{wrapped.type}.{wrapped.name}{suffix}"
        exact: tuple[_Part, ...] = (f"{wrapped.type}.{wrapped.name}", *_INDEX[wrapped.repetition], suffix)
        yield _string("#!/bin/sh")
        yield _assignment("UNITC_UNIT", *self.path, *exact)
        yield _assignment("UNITC_PHASES", _phases(wrapped))
        yield _assignment("UNITC_GATES", _joined("\\n", self.gates(wrapped, free, exact)))
        if wrapped.timeout is not None:
            seconds = f"[for unitc_timeout in [{_copy(wrapped.timeout)}] : unitc_timeout if unitc_timeout != null]"
            yield _assignment("UNITC_TIMEOUT", _joined("", [seconds]))
        if wrapped.gate_timeout is not None:
            yield _assignment("UNITC_GATE_TIMEOUT", str(wrapped.gate_timeout))
        if wrapped.mutexes:
            yield _assignment("UNITC_MUTEXES", " ".join(b64encode(name.encode()).decode() for name in wrapped.mutexes))
        yield _assignment("UNITC_BODY", _Expression("base64encode(unitc_body)"))
        yield "local.unitc_gate"

    def gates(self, wrapped: Wrapped, free: str, exact: tuple[_Part, ...]) -> list[str]:
        """Return the lists that the gates of a script come from."""
        lists = []
        if wrapped.gates is not None and wrapped.gates.every:
            lists.append(f"local.{wrapped.gates.every_name}")
        if wrapped.gates is not None and wrapped.gates.single:
            _, key, _ = _INDEX[wrapped.repetition]
            assert isinstance(key, _Expression)
            lists.append(f"lookup(local.{wrapped.gates.single_name}, {key.text}, [])")
        if not self.folder.root:
            names = [_string(free)] if wrapped.repetition is None else [_string(free), _string(*exact)]
            lists.append(
                f"flatten([for entry in local.unitc_entries : entry.gates if contains({_list(names)}, entry.unit)])"
            )
        return lists

    def call(self, call: WiredCall) -> str:
        """Return the override of a module call."""
        free = f"module.{call.name}."
        exact: tuple[_Part, ...] = (f"module.{call.name}", *_INDEX[call.repetition], ".")
        names = [_string(free)] if call.repetition is None else [_string(free), _string(*exact)]
        lists = [] if self.folder.root else ["local.unitc_entries"]
        if call.entries:
            lists.append(f"local.{call.entries_name}")
        starts = " || ".join(f"startswith(entry.unit, {name})" for name in names)
        unit = f"trimprefix(entry.unit, {names[-1]})"
        if call.repetition is not None:
            unit = f"startswith(entry.unit, {names[0]}) ? trimprefix(entry.unit, {names[0]}) : {unit}"
        entry = f"{{ unit = {unit}, gates = entry.gates }}"
        items = _aligned(
            [
                ("gate", "local.unitc_gate"),
                ("path", _string(*self.path, *exact)),
                ("entries", f"[for entry in {_concat(lists)} : {entry} if {starts}]" if lists else "[]"),
            ]
        )
        lines = "".join(f"    {item}\n" for item in items)
        return f'module "{call.name}" {{\n  unitc = {{\n{lines}  }}\n}}\n'


def _joined(separator: str, lists: list[str]) -> _Part:
    """Return lists of strings joined to one string."""
    return _Expression(f'join("{separator}", {_concat(lists)})') if lists else ""


def plain_text(folder: WiredFolder) -> str:
    """Return the text of a folder's ``zz_unitc.tf``, without header; empty where it needs none."""
    return "\n".join(_Plain(folder).blocks())


def override_text(folder: WiredFolder) -> str:
    """Return the text of a folder's ``zz_unitc_override.tf``, without header; empty where it needs none."""
    return "\n".join(_Override(folder).blocks())
