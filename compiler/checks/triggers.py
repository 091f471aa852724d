"""Triggers: what makes the agent run a script.

The provider tells these mistakes only when a workspace is built, and the build fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.subject import Declared, Subject, mistake
from compiler.source.diagnostics import Diagnostic, also
from compiler.terraform.values.values import Value

_FLAGS = ("run_on_start", "run_on_stop")


def check_triggers(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each script that nothing triggers, and for each that blocks logins without a start."""
    for item in subject.declared:
        if item.resource.type == "coder_script" and item.exists:
            yield from _no_trigger(subject, item)
            yield from _blocks_login(item)


def _off(item: Declared, name: str) -> tuple[bool, tuple[Value, ...]]:
    """Return whether a trigger is certainly off, and the value that says so."""
    if item.attribute(name) is None:
        return True, ()
    value = item.value(name)
    if value is None or not value.is_known:
        return False, ()
    return value.data in (None, False, ""), (value,)


def _no_trigger(subject: Subject, item: Declared) -> Iterator[Diagnostic]:
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
    blocks = item.value("start_blocks_login")
    off, values = _off(item, "run_on_start")
    if blocks is None or not blocks.is_known or blocks.data is not True or not off:
        return
    yield mistake(
        "UC108",
        item.span("start_blocks_login"),
        "Login waits for a script that doesn't run",
        f"{item.address} sets start_blocks_login, but not run_on_start: only a script that runs on start can block "
        "logins.",
        [blocks, *values],
        help="add run_on_start = true, or remove start_blocks_login",
    )
