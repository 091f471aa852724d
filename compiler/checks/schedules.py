"""Schedules: the ``cron`` argument of scripts."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.cron import CronDescriptor, CronError, check_cron, is_unix_cron
from compiler.checks.subject import Declared, Subject, mistake
from compiler.source.diagnostics import Diagnostic, warning
from compiler.terraform.values.values import Value

_FORM = "seconds, minutes, hours, day of the month, month, day of the week"


def check_schedules(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is wrong with cron expressions, and those that are likely to be read otherwise than meant."""
    for item in subject.declared:
        value = item.value("cron") if item.resource.type == "coder_script" else None
        if value is None or not isinstance(value.data, str):
            continue
        try:
            fields = check_cron(value.text)
        except CronError as exc:
            yield _refused(item, value, exc)
        else:
            if fields == 5:
                yield _five_fields(item, value)


def _refused(item: Declared, value: Value, why: CronError) -> Diagnostic:
    unix = is_unix_cron(value.text) and not value.is_sensitive
    if not value.text:
        help_ = "omit cron, or set it to null, for a script without a schedule"
    elif isinstance(why, CronDescriptor) and why.fields is not None and not value.is_sensitive:
        zone, blank, _ = value.text.partition(" ") if "TZ=" in value.text else ("", "", "")
        help_ = f'write the six fields that mean the same: "{zone}{blank}{why.fields}"'
    elif unix:
        help_ = f'seconds come first: write "0 {value.text}"'
    else:
        help_ = f'write {_FORM}, such as "0 30 9 * * 1-5" for half past nine on weekdays'
    return mistake(
        "UC109",
        item.span("cron"),
        "Cron expression that can't be used",
        f"The cron of {item.address} can't be used{'' if value.is_sensitive else f': {why}'}.",
        [value],
        help=help_,
    )


def _five_fields(item: Declared, value: Value) -> Diagnostic:
    shown = "" if value.is_sensitive else f' "{value.text}"'
    help_ = [f"write all six fields: {_FORM}"]
    if is_unix_cron(value.text) and shown:
        help_.insert(0, f'if the first field is meant to be minutes, write "0 {value.text}"')
    return warning(
        "UC110",
        item.span("cron"),
        "Cron expression with five fields",
        f"The cron{shown} of {item.address} has five fields; Coder reads them as seconds, minutes, hours, day of the "
        "month and month, on any day of the week.",
        help=help_,
    )
