"""Where a finding about a script's body is shown: at a place that the reader of the finding can edit."""

from __future__ import annotations

from compiler.checks.subject import Subject
from compiler.order.bodies import ShellBody
from compiler.order.inventory import Script
from compiler.records import dataclass
from compiler.source.diagnostics import Label, also
from compiler.source.span import Span
from compiler.terraform.configuration.module import ModuleCall
from compiler.terraform.configuration.sources import is_local


@dataclass(frozen=True, slots=True)
class Shown:
    """The place of a finding, and the labels that lead from there to the text that it is about.

    ``call`` is the module call that the place is, None where the text itself can be edited.
    """

    span: Span
    related: tuple[Label, ...]
    call: ModuleCall | None


def far_call(subject: Subject, script: Script) -> ModuleCall | None:
    """Return the outermost call on the way to a script whose module is installed from elsewhere, if there is one."""
    config = subject.root
    for step in script.place.path:
        call = config.module.calls[step.name]
        if call.source is not None and not is_local(call.source):
            return call
        config = config.children[step.name]
    return None


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
