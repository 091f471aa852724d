"""How long a script may run: a whole number of seconds."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.subject import Subject, mistake
from compiler.source.diagnostics import Diagnostic
from compiler.source.limits import MAX_INT64


def check_timeouts(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each timeout that isn't a whole number of at least 1, or that takes more than 64 bits."""
    for item in subject.declared:
        if item.resource.type != "coder_script":
            continue
        value = item.value("timeout")
        if value is None or not value.is_known or value.is_null:
            continue
        seconds = value.numeric
        # The nearest double of the largest number is one more; numbers far beyond are not written out.
        fits = seconds.to_float() <= float(MAX_INT64) and (not seconds.is_integer or seconds.to_int() <= MAX_INT64)
        if seconds.is_integer and seconds.sign > 0 and fits:
            continue
        shown = "this one isn't" if value.is_sensitive else f"{seconds.to_float():g} isn't"
        bound = "at least 1" if fits else "less than 2 to the power of 63"
        yield mistake(
            "UC111",
            item.span("timeout"),
            "Timeout that can't be used",
            f"The timeout of {item.address} must be a whole number of seconds, {bound}; {shown}.",
            [value],
            help="give a number such as 300, or omit timeout for no limit",
        )
