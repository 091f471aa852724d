"""The text of ``zz_unitc.tf``: local values, variables, outputs and further scripts of one module folder.

:mod:`compiler.wiring.model` says what the parts are for.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.records import dataclass
from compiler.terraform.configuration.address import InstanceKey, index, quote
from compiler.terraform.scope.expansion import Repetition
from compiler.wiring.model import (
    CallUnits,
    Entry,
    RepeatedBy,
    ScriptUnits,
    Units,
    WiredFolder,
    WiredGate,
    WiredGates,
    WiredRun,
    Wrapped,
    wired_index,
)
from compiler.wiring.remarks import display_names, remark, script_remark
from compiler.wiring.script_text import happens, script_text, timeout
from compiler.wiring.terms import (
    INDEX,
    PATH,
    Inside,
    aligned,
    arguments,
    computed,
    concat,
    copy,
    index_of,
    literal,
    loop,
    spread,
    string,
)

_FURTHER = {
    "interpreter": "What reads a #! line with quotes or backslashes.",
    "limits": "What ends a script that runs, or waits, for too long.",
    "mutex": "What keeps scripts apart that have a mutex.",
    "conduct": "What a script needs that says something of itself.",
}
_STATUS = "What shows people in the workspace what has become of its scripts, unitc-status, and says more of them."
_UNIT = computed("unit")
_LOCALS = "Lines of gates say in which phase a script waits for what of which other one."


def _code(name: str) -> str:
    """Return a part of the runtime without the comments at its head and the end of its last line."""
    return rf"""replace(file("${{path.root}}/unitc/{name}.sh"), "/^(#.*\n)+|\n$/", "")"""


def _unit(units: Units) -> str:
    """Return what a units list lists, without indexes."""
    return f"{units.base}{units.suffix}" if isinstance(units, ScriptUnits) else units.script


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
    return " && ".join(parts)


def _script_units(units: ScriptUnits) -> str:
    """Return the list of a script's instances.

    The loop's variable is called ``count`` or ``each``, so that copied expressions find there what they find in their
    own block.
    """
    kind = Repetition.NONE if units.repeated is None else units.repeated.kind
    address = string(literal(units.base), INDEX[kind], literal(units.suffix))
    condition, taken = _condition(units), len(units.name) + 3
    if units.repeated is None:
        return loop(f"unit in [{address}]", "unit", condition, 1, taken)
    expression = copy(units.repeated.expression)
    if kind is Repetition.COUNT:
        head = f"count in [for index in range({expression}) : {{ index = index }}]"
    else:
        head = f"each in [for key, value in {expression} : {{ key = key, value = value }}]"
    return loop(head, address, condition, 1, taken)


def _loop(repeated: RepeatedBy) -> str:
    """Return the head of a loop over a call's instances."""
    expression = copy(repeated.expression)
    return f"key in range({expression})" if repeated.kind is Repetition.COUNT else f"key, value in {expression}"


def _call_units(units: CallUnits) -> str:
    start = f"module.{units.call}"
    if isinstance(units.within, str):
        return _exported_units(units, start, units.within)
    if units.repeated is None:
        addresses = [quote(f"{start}{wired_index(key)}.{unit}") for key in units.keys for unit in units.within]
        return spread("[", addresses, "]", 1)
    head, index_ = _loop(units.repeated), index_of(units.repeated.kind, "key")
    addresses = [string(literal(start), index_, literal(f".{unit}")) for unit in units.within]
    taken = len(units.name) + len(" = flatten()")
    if len(addresses) == 1:
        return loop(head, addresses[0], "", 1, taken)
    return spread("flatten([", [f"for {head} :", spread("[", addresses, "]", 2)], "])", 1, end="")


def _exported_units(units: CallUnits, start: str, output: str) -> str:
    if units.repeated is not None:
        address = string(literal(start), index_of(units.repeated.kind, "key"), literal("."), _UNIT)
        inner = f"[for unit in instance.{output} : {address}]"
        return f"flatten({loop(f'key, instance in {start}', inner, '', 1, len(units.name) + len(' = flatten()'))})"
    several = len(units.keys) > 1
    taken = 1 if several else len(units.name) + 3
    return concat([_instance_units(start, key, output, 1 + several, taken) for key in units.keys], 1)


def _instance_units(start: str, key: InstanceKey, output: str, depth: int, taken: int) -> str:
    address = string(literal(f"{start}{wired_index(key)}."), _UNIT)
    found = f"{start}{index(key)}.{output}"
    # An instance that a start build has may be gone in a stop build.
    exists = found if key is None else f"try({found}, [])"
    return loop(f"unit in {exists}", address, "", depth, taken)


def _gates(gates: tuple[WiredGate, ...], path: Inside, depth: int, name: str) -> str:
    """Return gates as one list of strings, one on a line; it stands behind a name."""
    constants = [f'"{gate.phase} {gate.requires} {path}{literal(gate.address)}"' for gate in gates if not gate.units]
    listed = [gate for gate in gates if gate.units]
    several = bool(constants) + len(listed) > 1
    deeper, taken = (depth + 1, 1) if several else (depth, len(f"{name} = ,"))
    lists = [spread("[", constants, "]", deeper)] if constants else []
    for gate in listed:
        address = f'"{gate.phase} {gate.requires} {path}{_UNIT}"'
        narrowed = f"startswith(unit, {quote(gate.address)})" if gate.address else ""
        lists.append(loop(f"unit in local.{gate.units}", address, narrowed, deeper, taken))
    return concat(lists, depth)


@dataclass(frozen=True, slots=True)
class _PlainFile:
    """Writes ``zz_unitc.tf`` of one folder."""

    folder: WiredFolder

    @property
    def path(self) -> Inside:
        """The start of absolute addresses: the root module has none."""
        return literal("") if self.folder.root else PATH

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the file."""
        if not self.folder.takes_part:
            return
        if not self.folder.root:
            said = remark(
                "What a compiled caller hands down: the gate runtime, this module's address, its scripts' gates."
            )
            yield f'{said}variable "unitc" {{\n  type    = any\n  default = null\n}}\n'
        yield f"{remark(_LOCALS)}locals {{\n{self.locals()}}}\n"
        for units in self.folder.units:
            if units.exported:
                said = remark("For the module's callers: the instances that there are.")
                yield f'{said}output "{units.name}" {{\n  value = local.{units.name}\n}}\n'
        split = [wrapped for wrapped in self.folder.wrapped if len(wrapped.runs) > 1]
        names, root = display_names(self.folder) if split else {}, self.folder.root
        for wrapped in split:
            first, *others = wrapped.runs
            for run in others:
                said = remark(
                    f"Runs {wrapped.type}.{wrapped.name} on {run.occasion}; its own block runs it on {first.occasion}."
                )
                if run.wrapped:
                    said += script_remark(wrapped, names, (run,), root=root)
                yield f"{said}{_further(wrapped, run, root=root)}"

    def locals(self) -> str:
        """Return the local values, each below what it is."""
        values = [(remark(said), f"{name} = {value}\n") for said, name, value in self.values()]
        return "\n".join(f"  {said}  {value}" for said, value in values)

    def values(self) -> Iterator[tuple[str, str, str]]:
        """Yield the local values: what each is, its name and its expression."""
        if self.folder.root:
            said = "What runs before a body: it waits at the script's gates, and tells how the script ended."
            yield said, "unitc_gate", _code("gate")
            for name in self.folder.further:
                yield _FURTHER[name], f"unitc_{name}", _code(name)
            yield _STATUS, "unitc_status", _code("status")
        else:
            # A module that is used by itself, as in its own tests, has no caller that hands anything down.
            yield (
                "What runs before a body; null where no caller says it.",
                "unitc_gate",
                "try(var.unitc.gate, null)",
            )
            for name in self.folder.further:
                yield _FURTHER[name], f"unitc_{name}", f'try(var.unitc.{name}, "")'
            yield _STATUS, "unitc_status", 'try(var.unitc.status, "")'
            yield "The start of this module's addresses.", "unitc_path", 'try(var.unitc.path, "")'
            yield "What the callers say that scripts wait for.", "unitc_entries", "try(var.unitc.entries, [])"
        for units in self.folder.units:
            yield f"The instances of {_unit(units)} that there are.", units.name, _units(units)
        for wrapped in self.folder.wrapped:
            if wrapped.gates is not None:
                yield from self.gates(wrapped.address, wrapped.gates)
        for call in self.folder.calls:
            if call.entries:
                entries = spread("[", [self.entry(entry) for entry in call.entries], "]", 1)
                yield f"What scripts of module.{call.name} wait for.", call.entries_name, entries

    def gates(self, address: str, gates: WiredGates) -> Iterator[tuple[str, str, str]]:
        """Yield the local values that hold the gates of one script."""
        if gates.every:
            yield f"What {address} waits for.", gates.every_name, _gates(gates.every, self.path, 1, gates.every_name)
        if gates.single:
            items = [f"{quote(key)} = {_gates(single, self.path, 2, quote(key))}" for key, single in gates.single]
            said = f"What single instances of {address} wait for, by the base64 of their keys."
            yield said, gates.single_name, spread("{", items, "}", 1)

    def entry(self, entry: Entry) -> str:
        """Return the gates of one script of a child module, as an item of a list."""
        items = (("unit", quote(entry.unit)), ("gates", _gates(entry.gates, self.path, 3, "gates")))
        return spread("{", aligned(items), "}", 2, end="")


def _repetition(wrapped: Wrapped, run: WiredRun) -> Iterator[tuple[str, str]]:
    """Yield what makes as many instances of a further block as the script's own block leaves to it."""
    earlier = wrapped.runs[: wrapped.runs.index(run)]
    conditions = [] if run.certain else [happens(run)]
    if not any(other.certain for other in earlier):
        conditions.insert(0, f"({' || '.join(map(happens, earlier))})")
    exists = " && ".join(conditions)
    repeated = wrapped.repeated
    if repeated is None:
        if exists:
            yield "count", f"{exists} ? 1 : 0"
    elif not exists:
        yield repeated.kind.value, repeated.expression.text
    elif repeated.kind is Repetition.COUNT:
        yield repeated.kind.value, f"{exists} ? {copy(repeated.expression)} : 0"
    else:
        head = f"for each in [for key, value in {copy(repeated.expression)} : {{ key = key, value = value }}] :"
        yield repeated.kind.value, spread("{", [head, "each.key => each.value", f"if {exists}"], "}", 1, end="")


def _further(wrapped: Wrapped, run: WiredRun, *, root: bool) -> str:
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
    return "\n".join(_PlainFile(folder).blocks())
