"""Where a finding about a script is shown, and what can be edited there: a place that its reader can change."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.checks.subject import Subject, far_call
from compiler.hcl.syntax import Attribute
from compiler.order.bodies import ShellBody
from compiler.order.inventory import Script
from compiler.records import dataclass
from compiler.shell.syntax import ShellLoop
from compiler.shell.walk import nodes, visits
from compiler.source.diagnostics import Edit, Label, also
from compiler.source.span import Span
from compiler.source.suggest import only_meant
from compiler.terraform.configuration.module import ModuleCall, Named


@dataclass(frozen=True, slots=True)
class Shown:
    """The place of a finding, and the labels that lead from there to the text that it is about.

    ``call`` is the module call that the place is, None where the text itself can be edited.
    """

    span: Span
    related: tuple[Label, ...]
    call: ModuleCall | None


def editable_block(subject: Subject, script: Script) -> tuple[Span, str]:
    """Return the block in which something can be said of a script, and its address: its own, or a module call."""
    call = far_call(subject, script)
    if call is None:
        return script.span, script.resource.address
    return call.block.header_span, f"module.{call.name}"


def shown(subject: Subject, script: Script, body: ShellBody, start: int, end: int, text: str = "") -> Shown:
    """Return where a piece of a script's body is shown.

    What an installed module holds can't be edited: there the ``module`` call is the place. A text in a file of its own
    is shown in that file, and the block that runs it beside it.
    """
    span = body.span(start, end)
    call = far_call(subject, script)
    if call is not None:
        return Shown(call.block.header_span, (also(span, text or f"in {script.address}"),), call)
    block = script.resource.block.span
    inside = span.source is block.source and block.start <= span.start < block.end
    return Shown(span, () if inside else (also(script.span, f"runs in {script.address}"),), None)


# What a loop may hold that does nothing but wait.
_IDLE = frozenset({"sleep", "echo", "printf", ":", "true"})


def add_directive(subject: Subject, script: Script, directive: str) -> Edit | None:
    """Return the edit that writes a directive into the block of a script, or into the call of its installed module.

    It goes above the block's first argument, as far to the right as that. None where that can't be done.
    """
    call = far_call(subject, script)
    block = script.resource.block if call is None else call.block
    source = block.header_span.source
    starts = [item.span.start for item in block.body.attributes if item.span.source is source]
    if not starts or f"unitc: {directive.split(' ')[0]}" in block.span.text:
        return None
    line = source.text.rfind("\n", 0, min(starts)) + 1
    indent = source.text[line : min(starts)]
    if indent.strip():
        return None
    newline = "\r\n" if source.text[:line].endswith("\r\n") else "\n"
    return Edit(source.span(line, line), f"{indent}# unitc: {directive}{newline}")


def renamed(attribute: Attribute, known: Iterable[str], owner: Named) -> tuple[Edit, ...]:
    """Return the edit that gives an argument the one name that can be meant; none where its block has that already."""
    name = only_meant(attribute.name, known)
    return (Edit(attribute.name_span, name),) if name and owner.block.body.attribute(name) is None else ()


def remove_loop(body: ShellBody, inside: int) -> Edit | None:
    """Return the edit that removes the loop around an offset of a script's text.

    None where the loop does more than wait, or doesn't stand alone on whole lines of a file.
    """
    loops = [
        node for node in nodes(body.script.body) if isinstance(node, ShellLoop) and node.start <= inside < node.end
    ]
    if len(loops) != 1 or any(visit.command.name not in _IDLE for visit in visits(loops[0].body)):
        return None
    start, end = loops[0].start, loops[0].end
    if not body.text.exact(start, end) or len([*visits(loops[0].condition)]) != 1:
        return None
    lines = body.span(start, end).whole_lines()
    return None if lines is None else Edit(lines, "")
