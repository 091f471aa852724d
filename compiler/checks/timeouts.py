"""How long a script may run: a whole number of seconds."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.subject import Subject, mistake
from compiler.source.diagnostics import Diagnostic

__all__ = ["check_timeouts"]


def check_timeouts(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each timeout that isn't a whole number of at least 1."""
    for item in subject.declared:
        if item.resource.type != "coder_script":
            continue
        value = item.value("timeout")
        if value is None or not value.is_known or value.is_null:
            continue
        seconds = value.numeric
        if seconds.is_integer and seconds.sign > 0:
            continue
        shown = "this one isn't" if value.is_sensitive else f"{seconds.to_float():g} isn't"
        yield mistake(
            "UC111",
            item.span("timeout"),
            "Timeout that can't be used",
            f"The timeout of {item.address} must be a whole number of seconds, at least 1; {shown}.",
            [value],
            help="give a number such as 300, or leave timeout away for no limit",
        )
