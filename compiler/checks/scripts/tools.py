"""What the shell itself and ShellCheck say of the scripts, at the places where their texts were written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from compiler.checks.subject import Subject, far_call
from compiler.order.bodies import ShellBody
from compiler.order.inventory import Script
from compiler.shell.interpreter import shell_of
from compiler.shell.tools import Remark, Remarks, ShellText
from compiler.source.diagnostics import Diagnostic

if TYPE_CHECKING:
    from compiler.checks.reading.readings import Reading

# ShellCheck's codes for what never changes. A value of the template never does either, once it is rendered.
_CONSTANT = frozenset({"SC2043", "SC2078", "SC2193", "SC2194", "SC2195"})
# What is wrong with each line of a text in the same way is told of the first one: a carriage return before its end.
_OF_EACH_LINE = "SC1017"


@contextmanager
def reading_tools(subject: Subject, tools: Remarks) -> Iterator[Iterator[Diagnostic]]:
    """Give a warning for each remark; the programs read meanwhile. Installed modules are their authors' business."""
    # Scripts with the same text are read once, and what several scripts have in common is told of the first.
    alike: dict[ShellText, dict[int, tuple[Script, ShellBody]]] = {}
    for script, outer in subject.bodies.all(subject.inventory.scripts):
        if far_call(subject, script) is not None:
            continue
        for body in outer.bodies:
            shell = shell_of(body.text.text, body.text.holes)
            # What a merge has left is told already; all else in such a text follows from it.
            if shell is not None and body.conflict is None:
                given = ShellText(body.text.text, shell.name, body.text.whole)
                alike.setdefault(given, {}).setdefault(id(body), (script, body))
    with tools.reading([*alike]) as remarks:
        yield _diagnostics(subject, [list(found.values()) for found in alike.values()], remarks)


def _diagnostics(
    subject: Subject, known: Sequence[Sequence[tuple[Script, ShellBody]]], remarks: Iterable[Remark]
) -> Iterator[Diagnostic]:
    # Imported while the programs read.
    from compiler.checks.reading.readings import Reading

    told: set[tuple[int | str, ...]] = set()
    broken = set()
    for remark in remarks:
        here = [Reading(subject, script, body) for script, body in known[remark.index]]
        place = _place(here[0], remark)
        if not remark.code:
            broken.add(remark.index)
            shell = here[0].body.script.interpreter.name or "bash"
            for reading in here:
                yield reading.finding(
                    "UC338",
                    place,
                    "Syntax error in a script",
                    f"{shell} can't read {reading.script.address}: {remark.message}. It runs what stands before, and "
                    "stops here.",
                )
            continue
        # What the shell itself has said needn't be said again, and of one place the first remark is the cause.
        what = (remark.index, *((remark.code,) if remark.code == _OF_EACH_LINE else place))
        if what in told or (remark.index in broken and remark.code.startswith("SC1")):
            continue
        if remark.code in _CONSTANT and not here[0].body.text.exact(*place):
            continue
        told.add(what)
        for reading in here:
            yield reading.finding(
                "UC339" if remark.level == "error" else "UC340",
                place,
                f"ShellCheck: {remark.code}",
                remark.message if remark.message.endswith((".", "?", "!")) else f"{remark.message}.",
                help=f"see https://www.shellcheck.net/wiki/{remark.code}",
            )


def _place(reading: Reading, remark: Remark) -> tuple[int, int]:
    """Return a remark's place as offsets; without columns it is the line as a whole."""
    text = reading.body.script.text
    lines = text.splitlines(keepends=True) or [""]

    def offset(line: int, column: int) -> int:
        line = min(max(line, 1), len(lines))
        return sum(map(len, lines[: line - 1])) + min(column - 1, len(lines[line - 1].rstrip("\r\n")))

    start, end = offset(remark.line, remark.column), offset(remark.end_line, remark.end_column)
    if start < end:
        return start, end
    line = lines[min(max(remark.line, 1), len(lines)) - 1]
    start = offset(remark.line, 1) + len(line) - len(line.lstrip())
    return start, max(start + 1, start + len(line.strip())) if start < len(text) else len(text)
