"""The text that the agent gets in place of a script: the gate runtime behind the script's own assignments.

``templates/runtime/protocol.sh`` says what each variable means. All of them are always set: what a script didn't set
would come from the agent's environment. What a unit says of itself is set, all of it, where it says any of that. Behind
them stands the gate runtime, behind that what else of the runtime the script needs, and the call that starts it.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from compiler.source.limits import STATUS_BELOW
from compiler.terraform.configuration.address import quote
from compiler.wiring.model import Copied, Occasion, WiredRun, Wrapped
from compiler.wiring.terms import (
    INDEX,
    KEY,
    PATH,
    Inside,
    computed,
    concat,
    copy,
    inside,
    key_of,
    list_of,
    literal,
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


def _first(runs: tuple[WiredRun, ...]) -> str:
    """Return the expression of the first occasion that there is, of some of which only the last may be certain."""
    *others, last = runs
    return " ".join([*(f'{happens(run)} ? "{run.occasion}" :' for run in others), f'"{last.occasion}"'])


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
    names = list_of(quote(run.occasion) for run in runs if run.wrapped)
    return f"contains({names}, {_first(runs)})"


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


def _assignment(name: str, value: Inside) -> str:
    """Return a string that assigns to a variable of the shell.

    No value holds a bare single quote: what a user chose is a name in Terraform, which has no quotes, or in base64, or
    the body or a command, whose quotes are quoted.
    """
    return f"\"{name}='{value}'\""


def _lines(wrapped: Wrapped, runs: tuple[WiredRun, ...], *, root: bool) -> list[str]:
    block = literal(f"{wrapped.type}.{wrapped.name}")
    suffix = _NOTHING if wrapped.argument == "script" else literal(f".{wrapped.argument}")
    free = inside(block, suffix)
    exact = free if wrapped.repeated is None else inside(block, INDEX[wrapped.repetition], suffix)
    gates = _gates(wrapped, free, exact, root=root)
    return [
        '"#!/bin/sh"',
        _assignment("UNITC_UNIT", exact if root else inside(PATH, exact)),
        _assignment("UNITC_NAME", _name(wrapped)),
        _assignment("UNITC_PHASES", _PHASE[runs[0].occasion] if len(runs) == 1 else computed(_first(runs))),
        _assignment("UNITC_GATES", computed(f'join("\\n", {concat(gates, depth=3)})') if gates else _NOTHING),
        _assignment("UNITC_TIMEOUT", _seconds(wrapped.timeout)),
        _assignment("UNITC_GATE_TIMEOUT", _seconds(wrapped.gate_timeout)),
        _assignment("UNITC_MUTEXES", Inside(" ".join([_base64(name) for name in wrapped.mutexes]))),
        *[_assignment(name, _said(value)) for name, value in wrapped.conduct],
        _BODY,
        "local.unitc_gate",
        *[_INTERPRETER if name == "interpreter" else f"local.unitc_{name}" for name in wrapped.further],
        _STATUS,
        _CALL,
    ]


_NOTHING: Final = literal("")
_PHASE: Final = {occasion: literal(occasion) for occasion in Occasion}
_BODY: Final = _assignment("UNITC_BODY", computed(_QUOTED_BODY))
_CALL: Final = quote(GATE_CALL)


def _base64(text: str) -> Inside:
    return Inside(b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii"))


def _name(wrapped: Wrapped) -> Inside:
    """Return a script's display name in base64, nothing for an agent's script, which has none."""
    if wrapped.display_name is not None:
        return _base64(wrapped.display_name)
    name = dict(wrapped.shared).get("display_name")
    return _NOTHING if name is None else _unless_null("unitc_name", name, "base64encode(unitc_name)")


def _unless_null(variable: str, value: Copied, result: str) -> Inside:
    """Return what is made of a value, by the name of a ``variable`` that holds it; nothing where it is null."""
    found = loop(f"{variable} in [{copy(value)}]", result, f"{variable} != null", 3, 36)
    return computed(f'join("", {found})')


def _said(value: str | Copied) -> Inside:
    """Return a text that a directive gives, quoted for the shell as the body is."""
    if isinstance(value, str):
        return literal(value.replace("'", "'\\''"))
    return _unless_null("unitc_said", value, r"""replace(unitc_said, "'", "'\\''")""")


def _seconds(timeout: Copied | int | None) -> Inside:
    if isinstance(timeout, Copied):
        return _unless_null("unitc_timeout", timeout, "unitc_timeout")
    return _NOTHING if timeout is None else literal(str(timeout))


def _gates(wrapped: Wrapped, free: Inside, exact: Inside, *, root: bool) -> list[str]:
    """Return the lists that the gates of a script come from."""
    lists = []
    if wrapped.gates is not None and wrapped.gates.every:
        lists.append(f"local.{wrapped.gates.every_name}")
    if wrapped.gates is not None and wrapped.gates.single:
        key = key_of(wrapped.repetition, KEY[wrapped.repetition])
        lists.append(f"lookup(local.{wrapped.gates.single_name}, {key}, [])")
    if not root:
        names = dict.fromkeys((string(free), string(exact)))
        condition = f"contains({list_of(names)}, entry.unit)"
        # The only list stands on the line of its assignment, which holds about 40 columns besides.
        entries = loop("entry in local.unitc_entries", "entry.gates", condition, *((4, 10) if lists else (3, 42)))
        lists.append(f"flatten({entries})")
    return lists
