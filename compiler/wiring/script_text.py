"""The text that the agent gets in place of a script: the gate runtime behind the script's own assignments.

``templates/runtime/protocol.sh`` says what each variable means. All of them are always set: what a script didn't set
would come from the agent's environment. What a unit says of itself is set, all of it, where it says any of that. Behind
them stands the gate runtime, behind that what else of the runtime the script needs, and the call that starts it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from typing import Final

from compiler.source.limits import STATUS_BELOW
from compiler.wiring.model import Copied, Occasion, WiredRun, Wrapped
from compiler.wiring.terms import (
    INDEX,
    PATH,
    Interpolated,
    StringPart,
    concat,
    copy,
    list_of,
    loop,
    opened,
    spread,
    string,
)

GATE_CALL: Final = 'u_start 125\nu_gate "$@"'
"""The end of each wrapped script."""

# Inside of single quotes the shell takes everything as it stands but the quote itself, which ends them: it is written
# between two quoted words. So the body can be read where it is shown, and a change of it is a change of its line.
_QUOTED_BODY = r"""replace(unitc_body, "'", "'\\''")"""

# The pattern takes for blanks what shells take for them.
_INTERPRETER = r'''can(regex("^[[:space:]]*#!.*['\"\\\\]", unitc_body)) ? local.unitc_interpreter : ""'''

# The room that a quoted body leaves is asked of Terraform, which counts characters, and those of base64 are bytes.
_STATUS = f'length(base64encode({_QUOTED_BODY})) < {STATUS_BELOW // 3 * 4} ? local.unitc_status : ""'

# Conditions that don't fit the line before the text each have their own.
_MAX_CONDITION: Final = 90
_OR: Final = " ||\n    "


def happens(run: WiredRun) -> str:
    """Return the condition under which the agent runs a script on an occasion that isn't certain."""
    if run.occasion is Occasion.CRON:
        # What Terraform computes may be null, and an empty schedule is none.
        return f'alltrue([for unitc_cron in [{copy(run.value)}] : unitc_cron != null && unitc_cron != ""])'
    return f"tobool({copy(run.value)}) == true"


def occasion(runs: tuple[WiredRun, ...]) -> StringPart:
    """Return the first occasion that there is, of some of which only the last may be certain."""
    *others, last = runs
    if not others:
        return str(last.occasion)
    return Interpolated(" ".join([*(f'{happens(run)} ? "{run.occasion}" :' for run in others), f'"{last.occasion}"']))


def script_text(wrapped: Wrapped, runs: tuple[WiredRun, ...], *, root: bool) -> str:
    """Return the expression of the text that runs on the first of some occasions that there is.

    It is the script's own text where no order concerns that, and where there is no script.
    """
    unwrapped = [] if wrapped.never_empty else ["unitc_body == null", 'unitc_body == ""']
    if not root:
        unwrapped.append("local.unitc_gate == null")
    if not all(run.wrapped for run in runs):
        unwrapped.append(f"!{is_wrapped(runs)}")
    unless = f"{' || '.join(unwrapped)} ? unitc_body : " if unwrapped else ""
    if len(unless) > _MAX_CONDITION:
        unless = f"{_OR.join(unwrapped)} ?\n    unitc_body :\n    "
    text = spread('join("\\n", [', _lines(wrapped, runs, root=root), "])", depth=2)
    return f"[for unitc_body in [{opened(wrapped.body)}] :\n    {unless}{text}\n  ][0]"


def is_wrapped(runs: tuple[WiredRun, ...]) -> str:
    """Return the condition under which an order concerns the first of some occasions that there is."""
    first = occasion(runs)
    assert isinstance(first, Interpolated)
    names = list_of(string(run.occasion) for run in runs if run.wrapped)
    return f"contains({names}, {first.text})"


def timeout(wrapped: Wrapped, runs: tuple[WiredRun, ...]) -> str | None:
    """Return the expression of the timeout that Coder enforces, None where the script has none.

    The gate runtime enforces that of a wrapped script, since waiting doesn't count.
    """
    if wrapped.timeout is None:
        return None
    own = str(wrapped.timeout) if isinstance(wrapped.timeout, int) else wrapped.timeout.text
    if not any(run.wrapped for run in runs):
        return own
    if all(run.wrapped for run in runs):
        return "null"
    return f"{is_wrapped(runs)} ? null : {own}"


def _assignment(name: str, *value: StringPart) -> str:
    """Return a string that assigns to a variable of the shell.

    No value holds a bare single quote: what a user chose is a name in Terraform, which has no quotes, or in base64, or
    the body or a command, whose quotes are quoted.
    """
    if value == ("",):
        # Most hold nothing, and the names are ours.
        return f"\"{name}=''\""
    return string(f"{name}='", *value, "'")


@cache
def _computed(name: str, expression: str) -> str:
    """Return a string that assigns what an expression gives which is the same in all wrappers."""
    return _assignment(name, Interpolated(expression))


def _lines(wrapped: Wrapped, runs: tuple[WiredRun, ...], *, root: bool) -> Iterator[str]:
    path: tuple[StringPart, ...] = () if root else (PATH,)
    suffix = "" if wrapped.argument == "script" else f".{wrapped.argument}"
    free = f"{wrapped.type}.{wrapped.name}{suffix}"
    exact: tuple[StringPart, ...] = (f"{wrapped.type}.{wrapped.name}", *INDEX[wrapped.repetition], suffix)
    yield '"#!/bin/sh"'
    yield _assignment("UNITC_UNIT", *path, *exact)
    yield _assignment("UNITC_NAME", _name(wrapped))
    yield _assignment("UNITC_PHASES", occasion(runs))
    gates = _gates(wrapped, free, exact, root=root)
    yield _assignment("UNITC_GATES", Interpolated(f'join("\\n", {concat(gates, depth=3)})') if gates else "")
    yield _assignment("UNITC_TIMEOUT", _seconds(wrapped.timeout))
    yield _assignment("UNITC_GATE_TIMEOUT", "" if wrapped.gate_timeout is None else str(wrapped.gate_timeout))
    yield _assignment("UNITC_MUTEXES", " ".join(b64encode(name.encode()).decode() for name in wrapped.mutexes))
    for name, value in wrapped.conduct:
        yield _assignment(name, _said(value))
    yield _computed("UNITC_BODY", _QUOTED_BODY)
    yield "local.unitc_gate"
    for name in wrapped.further:
        yield _INTERPRETER if name == "interpreter" else f"local.unitc_{name}"
    yield _STATUS
    yield string(GATE_CALL)


def _name(wrapped: Wrapped) -> StringPart:
    """Return a script's display name in base64, nothing for an agent's script, which has none."""
    if wrapped.display_name is not None:
        return b64encode(wrapped.display_name.encode("utf-8", "surrogateescape")).decode()
    name = dict(wrapped.shared).get("display_name")
    if name is None:
        return ""
    coded = loop(f"unitc_name in [{copy(name)}]", "base64encode(unitc_name)", "unitc_name != null", 3, 36)
    return Interpolated(f'join("", {coded})')


def _said(value: str | Copied) -> StringPart:
    """Return a text that a directive gives, quoted for the shell as the body is; none where it is null."""
    if isinstance(value, str):
        return value.replace("'", "'\\''")
    quoted = r"""replace(unitc_said, "'", "'\\''")"""
    return Interpolated(f'join("", {loop(f"unitc_said in [{copy(value)}]", quoted, "unitc_said != null", 3, 36)})')


def _seconds(timeout: Copied | int | None) -> StringPart:
    if timeout is None:
        return ""
    if isinstance(timeout, int):
        return str(timeout)
    seconds = loop(f"unitc_timeout in [{copy(timeout)}]", "unitc_timeout", "unitc_timeout != null", 3, 36)
    return Interpolated(f'join("", {seconds})')


def _gates(wrapped: Wrapped, free: str, exact: tuple[StringPart, ...], *, root: bool) -> list[str]:
    """Return the lists that the gates of a script come from."""
    lists = []
    if wrapped.gates is not None and wrapped.gates.every:
        lists.append(f"local.{wrapped.gates.every_name}")
    if wrapped.gates is not None and wrapped.gates.single:
        _, key, _ = INDEX[wrapped.repetition]
        assert isinstance(key, Interpolated)
        lists.append(f"lookup(local.{wrapped.gates.single_name}, {key.text}, [])")
    if not root:
        names = [string(free)] if wrapped.repeated is None else [string(free), string(*exact)]
        condition = f"contains({list_of(names)}, entry.unit)"
        # The only list stands on the line of its assignment, which holds about 40 columns besides.
        entries = loop("entry in local.unitc_entries", "entry.gates", condition, *((4, 10) if lists else (3, 42)))
        lists.append(f"flatten({entries})")
    return lists
