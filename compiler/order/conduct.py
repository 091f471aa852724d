"""What a unit says of itself, as values: the settings of its own block and of the module calls around it.

What stands nearer to the script goes first, setting by setting; only mutexes add up. Commands, and scripts' bodies, are
values as texts for the shell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compiler.hcl.syntax import Expression
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

    def nearest(says: Callable[[UnitSettings], bool]) -> Level | None:
        return next((level for level in reversed(levels) if says(level.settings)), None)

    bounded = nearest(lambda settings: settings.gate_timeout is not None)
    ready = nearest(lambda settings: settings.ready is not None)
    unless = nearest(lambda settings: settings.unless is not None)
    retried = nearest(lambda settings: settings.retries is not None)
    optional = nearest(lambda settings: settings.optional is not None)
    said: list[SaidCommand] = []

    def command(word: str, level: Level | None, expression: Expression | Notify | None) -> ScriptBody | Notify | None:
        if isinstance(expression, Notify):
            return expression
        if level is None or expression is None:
            return None
        value = level.scope.evaluate(expression)
        said.append(SaidCommand(word, expression, level.depth, value, level.settings.spans[word]))
        return None if value.is_null else body_of(value)

    usual = Conduct()
    asked = command("ready", ready, None if ready is None else ready.settings.ready)
    skips = command("unless", unless, None if unless is None else unless.settings.unless)
    assert not isinstance(skips, Notify)
    return Own(
        mutexes=tuple(sorted({name for level in levels for name in level.settings.mutexes})),
        gate_timeout=None if bounded is None else bounded.settings.gate_timeout,
        conduct=Conduct(
            ready=asked,
            ready_interval=_or(None if ready is None else ready.settings.ready_interval, usual.ready_interval),
            unless=skips,
            retries=_or(None if retried is None else retried.settings.retries, usual.retries),
            retry_delay=_or(None if retried is None else retried.settings.retry_delay, usual.retry_delay),
            optional=bool(optional and optional.settings.optional),
        ),
        said=tuple(said),
    )


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


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
