"""What a unit says of itself, as values: the settings of its own block and of the module calls around it.

What stands nearer to the script goes first, setting by setting; only mutexes add up. Commands, and scripts' bodies, are
values as texts for the shell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compiler.order.directives.settings import UnitSettings
from compiler.order.inventory import SaidCommand
from compiler.order.model import Conduct, KnownBody, Notify, ScriptBody, UnknownBody
from compiler.records import dataclass
from compiler.terraform.scope.scope import InstanceScope
from compiler.terraform.values.marks import Reason
from compiler.terraform.values.values import Value


@dataclass(frozen=True, slots=True)
class Level:
    """Settings and where they stand: in the module at ``depth`` on the way to a script, in the block of ``scope``."""

    settings: UnitSettings
    scope: InstanceScope
    depth: int


@dataclass(frozen=True, slots=True)
class Own:
    """What a script's levels come to. ``said`` are the commands in it as they stand in the template."""

    mutexes: tuple[str, ...]
    gate_timeout: int | None
    conduct: Conduct
    said: tuple[SaidCommand, ...]


_NOTHING = Own((), None, Conduct(), ())


def own(levels: Sequence[Level]) -> Own:
    """Return what a script says of itself; ``levels`` are sorted from the outermost call to its own block."""
    if not levels:
        return _NOTHING
    nearest = {word: level for level in levels for word in level.settings.spans}
    said: list[SaidCommand] = []

    def setting(name: str, word: str = "") -> Any:
        """Return a setting as the nearest level has it that says it, or says the word that it goes with."""
        level = nearest.get(word or name)
        found = None if level is None else getattr(level.settings, name)
        return getattr(_NOTHING.conduct, name, None) if found is None else found

    def command(word: str) -> Any:
        expression = setting(word)
        if expression is None or expression is Notify.NOTIFY:
            return expression
        level = nearest[word]
        value = level.scope.evaluate(expression)
        said.append(SaidCommand(word, expression, level.depth, value, level.settings.spans[word]))
        return None if value.is_null else body_of(value)

    return Own(
        mutexes=tuple(sorted({name for level in levels for name in level.settings.mutexes})),
        gate_timeout=setting("gate_timeout"),
        conduct=Conduct(
            ready=command("ready"),
            ready_interval=setting("ready_interval", "ready"),
            unless=command("unless"),
            retries=setting("retries"),
            retry_delay=setting("retry_delay", "retries"),
            optional=setting("optional"),
        ),
        said=tuple(said),
    )


def text_of(value: Value | None) -> str | None:
    """Return a known string, None for every other value."""
    return value.data if value is not None and isinstance(value.data, str) else None


def body_of(value: Value) -> ScriptBody:
    """Return what a shell is to run. A sensitive text is never written out, so it is left for Terraform to deliver."""
    if value.is_known and value.is_sensitive:
        return UnknownBody("a sensitive value")
    text = text_of(value)
    if text is not None:
        return KnownBody(text)
    return UnknownBody("; ".join(dict.fromkeys(_reason(reason) for reason in value.reasons)) or "its value")


def _reason(reason: Reason) -> str:
    place = f", {reason.span.source.name}:{reason.span.start_pos.line}" if reason.span is not None else ""
    return f"{reason.address or 'an error'}{place}"
