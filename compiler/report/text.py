"""The text reporter: what a person reads.

For each diagnostic: code and summary, the source with carets under every place that takes part, what is wrong in
whole sentences, and what to do. With and without colour it is the same text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TypeAlias

from compiler.report.form import DiagnosticForm, Findings, LabelForm, Lines, file_path
from compiler.source.visible import visible as unmoved

__all__ = ["MAX_SHOWN", "Paint", "plain", "render", "visible", "vivid"]

# Beyond this a person no longer reads; the machine forms hold everything.
MAX_SHOWN = 50

_MAX_LINE = 160
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


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def visible(text: str) -> str:
    """Return a text as it is shown: without what would move the cursor or reorder the line."""
    return "".join(map(_visible, text))


def _location(diagnostic: DiagnosticForm, label: LabelForm) -> str:
    return f"{file_path(diagnostic['template'], label['file'])}:{label['line']}:{label['column']}"


def _frame(line: str, label: LabelForm, gutter: str, severity: str, paint: Paint) -> Iterator[str]:
    """Yield the line of carets under a label: from its first column to its last on that line."""
    start = label["column"] - 1
    end = label["end_column"] - 1 if label["end_line"] == label["line"] else len(line.rstrip())
    before = _width(visible(line[:start]))
    width = max(1, _width(visible(line[start:end])))
    width = min(width, max(1, _MAX_LINE - before))
    style, mark = (severity, "^") if label["primary"] else ("related", "-")
    text = f" {visible(label['text'])}" if label["text"] else ""
    yield f"{gutter}{' ' * before}{paint(style, mark * width + text)}"


def _frames(diagnostic: DiagnosticForm, lines: Lines, paint: Paint) -> Iterator[str]:
    """Yield the source lines that take part: the primary label's file first, each file's lines in order."""
    primary = diagnostic["labels"][0]
    ordered = sorted(
        diagnostic["labels"],
        key=lambda label: (label["file"] != primary["file"], label["file"], label["line"], label["column"]),
    )
    margin = len(str(max(label["line"] for label in ordered)))
    empty = paint("frame", f"{' ' * margin} |")
    for file, labels in groupby(ordered, key=lambda label: label["file"]):
        shown = list(labels)
        arrow = "-->" if file == primary["file"] else ":::"
        anchor = primary if file == primary["file"] else shown[0]
        yield f"{' ' * margin}{paint('frame', arrow)} {visible(_location(diagnostic, anchor))}"
        read = lines.get((diagnostic["template"], file))
        if read is None:
            continue
        yield empty
        previous = 0
        for number, same_line in groupby(shown, key=lambda label: label["line"]):
            if previous and number > previous + 1:
                yield paint("frame", "...")
            line = read(number)
            text = visible(line)
            cut = "…" if len(text) > _MAX_LINE else ""
            yield f"{paint('frame', f'{number:>{margin}} |')} {text[:_MAX_LINE]}{cut}".rstrip()
            for label in same_line:
                yield from _frame(line, label, f"{empty} ", diagnostic["severity"], paint)
            previous = number
    yield empty


def _diagnostic(diagnostic: DiagnosticForm, lines: Lines, paint: Paint) -> Iterator[str]:
    severity = diagnostic["severity"]
    kind = paint(severity, f"{severity}[{diagnostic['code']}]")
    yield kind + paint("bold", f": {visible(diagnostic['summary'])}")
    yield from _frames(diagnostic, lines, paint)
    yield f"  {visible(diagnostic['detail'])}"
    for line in diagnostic["help"]:
        yield f"  {paint('help', 'help')}: {visible(line)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def render(findings: Findings, paint: Paint = plain) -> str:
    """Return the report as text, empty where there is nothing to say."""
    report, lines = findings.report, findings.lines
    shown = report["diagnostics"][:MAX_SHOWN]
    parts = ["\n".join(_diagnostic(diagnostic, lines, paint)) + "\n" for diagnostic in shown]
    rest = len(report["diagnostics"]) - len(shown)
    if rest:
        parts.append(f"and {rest} more (--format json lists all)\n")
    if report["diagnostics"]:
        counts = [
            _count(number, noun)
            for number, noun in ((report["error_count"], "error"), (report["warning_count"], "warning"))
            if number
        ]
        parts.append(f"{' and '.join(counts)}.\n")
    return "\n".join(parts)
