"""The text reporter: what a person reads.

For each diagnostic: code and summary, the source with carets under every place that takes part, what is wrong in
whole sentences, and what to do. With and without colour it is the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TypeAlias

from compiler.report.form import DiagnosticForm, Findings, LabelForm, LineReaders, place_of
from compiler.source.prose import clipped, columns, tallied, wrap
from compiler.source.prose import visible as unmoved

# Beyond this a person no longer reads; the machine forms hold everything.
MAX_SHOWN = 50

_MAX_LINE = 160
# A label's text that doesn't fit beside its carets stands under them, where there are as many columns.
_LABEL_ROOM = 30
_TAB = "    "

Paint: TypeAlias = Callable[[str, str], str]

_SGR = {"error": "1;31", "warning": "1;33", "bold": "1", "frame": "34", "related": "36", "help": "32"}


def plain(_style: str, text: str) -> str:
    """Return the text as it is."""
    return text


def vivid(style: str, text: str) -> str:
    """Return the text in the colour of a style."""
    return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if text else text


def _visible(character: str) -> str:
    """Return what is shown for a character: a control character must not reach the reader's terminal."""
    return _TAB if character == "\t" else unmoved(character)


def visible(text: str) -> str:
    """Return a text as it is shown: without what would move the cursor or reorder the line."""
    return "".join(map(_visible, text))


def _room(limit: int | None) -> int:
    """Return how many columns of a source line are shown beside the gutter."""
    return _MAX_LINE if limit is None else min(limit, _MAX_LINE)


def _frame(
    line: str, label: LabelForm, gutter: str, severity: str, paint: Paint, limit: int | None, skipped: int
) -> Iterator[str]:
    """Yield what stands under a label: carets from its first column to its last on that line, and its text.

    ``limit`` is how many columns there are beside the gutter, ``skipped`` how many characters of the line aren't shown.
    """
    room = _room(limit)
    start = label["column"] - 1
    end = label["end_column"] - 1 if label["end_line"] == label["line"] else len(line.rstrip())
    before = min(columns(visible(line[skipped:start])) + bool(skipped), room - 1)
    width = min(max(1, columns(visible(line[start:end]))), room - before)
    style, mark = (severity, "^") if label["primary"] else ("related", "-")
    text = visible(label["text"])
    if not text or limit is None or before + width + 1 + columns(text) <= limit:
        yield f"{gutter}{' ' * before}{paint(style, f'{mark * width} {text}'.rstrip())}"
        return
    yield f"{gutter}{' ' * before}{paint(style, mark * width)}"
    indent = max(0, min(before, limit - _LABEL_ROOM))
    for part in wrap(text, limit, first=indent, rest=indent):
        yield f"{gutter}{' ' * indent}{paint(style, part)}"


def _skipped(line: str, labels: list[LabelForm], room: int) -> int:
    """Return how many characters at the begin of a line are left out, so that its labels can be seen."""
    if columns(visible(line[: max(label["column"] for label in labels)])) <= room:
        return 0
    return max(0, min(label["column"] for label in labels) - 1 - room // 4)


def _frames(diagnostic: DiagnosticForm, lines: LineReaders, paint: Paint, width: int | None) -> Iterator[str]:
    """Yield the source lines that take part: the primary label's file first, each file's lines in order."""
    primary = diagnostic["labels"][0]
    ordered = sorted(
        diagnostic["labels"],
        key=lambda label: (label["file"] != primary["file"], label["file"], label["line"], label["column"]),
    )
    margin = len(str(max(label["line"] for label in ordered)))
    empty = paint("frame", f"{' ' * margin} |")
    limit = None if width is None else max(width - margin - 3, _LABEL_ROOM)
    for file, labels in groupby(ordered, key=lambda label: label["file"]):
        shown = list(labels)
        arrow = "-->" if file == primary["file"] else ":::"
        anchor = primary if file == primary["file"] else shown[0]
        yield f"{' ' * margin}{paint('frame', arrow)} {visible(place_of(diagnostic, anchor))}"
        read = lines.get((diagnostic["template"], file))
        # Of a file that isn't there, or of an empty line, there is nothing to show.
        if read is None or not any(read(label["line"]) for label in shown):
            continue
        yield empty
        previous = 0
        for number, found in groupby(shown, key=lambda label: label["line"]):
            same_line = list(found)
            if previous and number > previous + 1:
                yield paint("frame", "...")
            line = read(number)
            skipped = _skipped(line, same_line, _room(limit))
            text = clipped("…" * bool(skipped) + visible(line[skipped:]), _room(limit))
            yield f"{paint('frame', f'{number:>{margin}} |')} {text}".rstrip()
            for label in same_line:
                yield from _frame(line, label, f"{empty} ", diagnostic["severity"], paint, limit, skipped)
            previous = number
    yield empty


def _diagnostic(diagnostic: DiagnosticForm, lines: LineReaders, paint: Paint, width: int | None) -> Iterator[str]:
    severity = diagnostic["severity"]
    kind = f"{severity}[{diagnostic['code']}]"
    first, *more = wrap(visible(diagnostic["summary"]), width, first=len(kind) + 2, rest=2)
    yield paint(severity, kind) + paint("bold", f": {first}")
    yield from (f"  {paint('bold', line)}" for line in more)
    yield from _frames(diagnostic, lines, paint, width)
    yield from (f"  {line}" for line in wrap(visible(diagnostic["detail"]), width, first=2, rest=2))
    for text in diagnostic["help"]:
        first, *more = wrap(visible(text), width, first=8, rest=8)
        yield f"  {paint('help', 'help')}: {first}"
        yield from (f"        {line}" for line in more)


def _more(codes: list[str], width: int | None) -> str:
    """Return the way to the pages of some codes, which must not be empty."""
    line = f"unitc explain {codes[0]} says more."
    if len(codes) > 1:
        line = f"unitc explain CODE says more: {', '.join(codes)}."
    return "\n".join(wrap(line, width)) + "\n"


def to_text(findings: Findings, paint: Paint = plain, width: int | None = None) -> str:
    """Return the report as text, empty where there is nothing to say.

    ``width`` is that of the terminal in columns, None where lines may have any length.
    """
    report, lines = findings.report, findings.lines
    shown = report["diagnostics"][:MAX_SHOWN]
    if not shown:
        return ""
    parts = ["\n".join(_diagnostic(diagnostic, lines, paint, width)) + "\n" for diagnostic in shown]
    rest = len(report["diagnostics"]) - len(shown)
    if rest:
        parts.append(f"and {rest} more (--format json lists all)\n")
    codes = sorted({diagnostic["code"] for diagnostic in shown})
    parts.append(f"{tallied(report['error_count'], report['warning_count'])}.\n{_more(codes, width)}")
    return "\n".join(parts)


def to_concise(findings: Findings) -> str:
    """Return one line a diagnostic, as editors and ``grep`` take it: ``file:line:column: code summary``."""
    return "".join(
        visible(f"{place_of(item, item['labels'][0])}: {item['code']} {item['summary']}") + "\n"
        for item in findings.report["diagnostics"]
    )
