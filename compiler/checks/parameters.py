"""``${1}`` in a template: the shell's first argument for who wrote it, the number 1 for Terraform."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.readings import texts
from compiler.checks.subject import Subject
from compiler.patterns import regex
from compiler.source.diagnostics import Diagnostic

_PARAMETER = regex(r"\$\{[0-9]+\}")


def check_parameters(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each number that alone makes an interpolation in a script's text."""
    for reading in texts(subject):
        if reading.body.text.literal is not None:
            continue
        at = 0
        for part in reading.body.text.parts:
            start, at = at, at + len(part.text)
            written = next((f.span.text for f in part.frames if _PARAMETER.fullmatch(f.span.text)), None)
            if written is None or not reading.body.script.body:
                continue
            yield reading.finding(
                "UC348",
                (start, at),
                "Shell argument that Terraform takes for a number",
                f"For Terraform {written} is the number {part.text}, and that is what {reading.script.address} gets "
                "to see.",
                help=f"write ${written} if the script is to see {written}, or {part.text} if the number is meant",
            )
