"""The arguments of a ``coder_script`` one by one: triggers, schedules, timeouts, display names, log paths.

The provider tells some of these mistakes only when a workspace is built, and the build fails.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from compiler.checks.cron import CronDescriptor, CronError, check_cron, is_unix_cron
from compiler.checks.subject import Declared, Subject, mistake
from compiler.order.inventory import Script
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.source.limits import MAX_INT64
from compiler.terraform.values.values import Value

_FLAGS = ("run_on_start", "run_on_stop")


def check_triggers(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each script that nothing triggers, and for each that blocks logins without a start."""
    for item in subject.declared:
        # A script that may run on start has a trigger, and may block logins.
        if item.exists and item.resource.type == "coder_script" and _off(item, "run_on_start")[0]:
            yield from _no_trigger(item)
            yield from _blocks_login(item)


def _off(item: Declared, name: str) -> tuple[bool, tuple[Value, ...]]:
    """Return whether a trigger is certainly off, and the value that says so."""
    if item.attribute(name) is None:
        return True, ()
    value = item.value(name)
    if value is None or not value.is_known:
        return False, ()
    return value.data in (None, False, ""), (value,)


def _no_trigger(item: Declared) -> Iterator[Diagnostic]:
    triggers = {name: _off(item, name) for name in (*_FLAGS, "cron")}
    if item.scope.module.config.module.is_damaged(item.resource.blocks):
        return
    if all(off for off, _ in triggers.values()):
        yield mistake(
            "UC107",
            item.resource.block.header_span,
            "Script without a trigger",
            f"Nothing makes the agent run {item.address}: at least one of run_on_start, run_on_stop and cron must be "
            "set.",
            [value for _, values in triggers.values() for value in values],
            related=[also(item.span(name), "") for name in triggers if item.attribute(name) is not None],
            help="add run_on_start = true",
        )


def _blocks_login(item: Declared) -> Iterator[Diagnostic]:
    """Yield an error where a script that doesn't run on start blocks logins."""
    blocks = item.value("start_blocks_login")
    if blocks is None or not blocks.is_known or blocks.data is not True:
        return
    yield mistake(
        "UC108",
        item.span("start_blocks_login"),
        "Login waits for a script that doesn't run",
        f"{item.address} sets start_blocks_login, but not run_on_start: only a script that runs on start can block "
        "logins.",
        [blocks, *_off(item, "run_on_start")[1]],
        help="add run_on_start = true, or remove start_blocks_login",
    )


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


def check_display_names(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script whose display name another block of the same agent has."""
    first: dict[tuple[str, str], Script] = {}
    for script in subject.inventory.scripts:
        if script.runtime is None or not script.display_name:
            continue
        known = first.setdefault((script.runtime.address, script.display_name), script)
        if known.resource is script.resource:
            continue
        attribute = script.resource.block.body.attribute("display_name")
        other = known.resource.block.body.attribute("display_name")
        if attribute is None or other is None:
            continue
        yield warning(
            "UC344",
            attribute.expression.span,
            "Two scripts with one display name",
            f'{script.address} and {known.address} are both shown as "{script.display_name}".',
            related=[also(other.expression.span, f"{known.address} has it too")],
            help="give each a name of its own",
        )


# Folders that every Linux has, and the home folder.
_THERE = ("/tmp", "/var/tmp", "/var/log", "/dev/shm", "/home/coder", "/root", "~", "$HOME", "")


def check_log_paths(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each log in a folder of its own, which has to be there when the script starts."""
    for item in subject.declared:
        value = item.value("log_path") if item.resource.type == "coder_script" and item.exists else None
        if value is None or not isinstance(value.data, str) or value.is_sensitive:
            continue
        folder = posixpath.dirname(value.text)
        if folder in _THERE:
            continue
        yield warning(
            "UC345",
            item.span("log_path"),
            "Log in a folder that may not be there",
            f"{item.address} writes its log to {value.text}. The agent makes no folder for it: where {folder} isn't "
            "there when the script starts, the script fails.",
            help="write it to /tmp, or let the image make the folder",
        )
