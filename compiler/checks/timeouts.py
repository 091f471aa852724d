"""How long a script may run: a whole number of seconds."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.subject import Subject, mistake
from compiler.source.diagnostics import Diagnostic

__all__ = ["check_timeouts"]

# The provider keeps numbers in 64 bits.
_MOST = 2.0**63


def check_timeouts(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each timeout that isn't a whole number of at least 1, or that takes more than 64 bits."""
    for item in subject.declared:
        if item.resource.type != "coder_script":
            continue
        value = item.value("timeout")
        if value is None or not value.is_known or value.is_null:
            continue
        seconds = value.numeric
        if seconds.is_integer and seconds.sign > 0 and seconds.to_float() < _MOST:
            continue
        shown = "this one isn't" if value.is_sensitive else f"{seconds.to_float():g} isn't"
        bound = "at least 1" if seconds.to_float() < _MOST else "less than 2 to the power of 63"
        yield mistake(
            "UC111",
            item.span("timeout"),
            "Timeout that can't be used",
            f"The timeout of {item.address} must be a whole number of seconds, {bound}; {shown}.",
            [value],
            help="give a number such as 300, or leave timeout away for no limit",
        )
