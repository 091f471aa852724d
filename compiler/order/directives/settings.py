"""What a block's directives say of its own units, rather than of a pair: mutexes, readiness, retries and the like.

Numbers and flags are written out. The commands of ``ready`` and ``unless`` are expressions of the module in which the
directive stands, so this file keeps them as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from compiler.hcl.syntax import Attribute, Expression, Literal, NumberLiteral, ObjectExpr, Template, TupleExpr, Variable
from compiler.order.directives.vocabulary import SETTINGS
from compiler.order.inventory import AGENT_SCRIPTS
from compiler.order.model import Notify
from compiler.records import dataclass, field, replace
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Span
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.module import ModuleCall, Named, Resource

BLOCK: Final = ""
"""In place of a script's argument: what is said of all scripts of a block."""

MAX_RETRY_DELAY: Final = 60
"""Seconds: the pause between two attempts never becomes longer."""

_MAX_NUMBER = 2**31 - 1
# What holds for one script only can't be said of an agent's block, which may have two.
_OF_ONE_SCRIPT = frozenset(SETTINGS) - {"mutex", "gate_timeout"}


@dataclass(frozen=True, slots=True)
class UnitSettings:
    """What directives say of the units of a block, or of one script in it; None where they don't.

    ``mutexes`` are names, sorted; ``gate_timeout`` bounds the waiting, in seconds. The others are those of
    :class:`~compiler.order.model.Conduct`. ``spans`` are the directives as a whole, by name.
    """

    mutexes: tuple[str, ...] = ()
    gate_timeout: int | None = None
    ready: Expression | Notify | None = None
    ready_interval: int | None = None
    unless: Expression | None = None
    retries: int | None = None
    retry_delay: int | None = None
    optional: bool | None = None
    spans: Mapping[str, Span] = field(default_factory=lambda: MappingProxyType({}))


def _names(value: Expression) -> tuple[str, ...] | None:
    """Return a literal string, or a list of them, as a sorted tuple; None where it is neither."""
    items = value.items if isinstance(value, TupleExpr) else (value,)
    names = tuple(item.literal for item in items if isinstance(item, Template) and item.literal)
    return tuple(sorted(set(names))) if names and len(names) == len(items) else None


def _whole(least: int, most: int = _MAX_NUMBER) -> Callable[[Expression], int | None]:
    def read(value: Expression) -> int | None:
        if (
            not isinstance(value, NumberLiteral)
            or not value.text.isdecimal()
            or len(value.text) > len(str(_MAX_NUMBER))
        ):
            return None
        return int(value.text) if least <= int(value.text) <= most else None

    return read


def _flag(value: Expression) -> bool | None:
    return value.value if isinstance(value, Literal) else None


def _command(value: Expression) -> Expression | None:
    """Return an expression that may be a command: no value of another type, no bare name, no empty text."""
    if isinstance(value, NumberLiteral | TupleExpr | ObjectExpr | Variable):
        return None
    if isinstance(value, Literal):
        # An expression that is null cancels what a module call says of all its scripts.
        return value if value.value is None else None
    return None if isinstance(value, Template) and value.literal is not None and not value.literal.strip() else value


def _ready(value: Expression) -> Expression | Notify | None:
    if isinstance(value, Variable) and value.name == Notify.NOTIFY.value:
        return Notify.NOTIFY
    quoted = isinstance(value, Template) and value.literal == Notify.NOTIFY.value
    return None if quoted else _command(value)


@dataclass(frozen=True, slots=True)
class _Form:
    """What one setting takes: how it is read, in words, and an example."""

    read: Callable[[Expression], Any]
    takes: str
    example: str


_FORMS: Mapping[str, _Form] = MappingProxyType(
    {
        "mutex": _Form(_names, "a name or a list of names", '"apt"'),
        "gate_timeout": _Form(_whole(1), "a whole number of seconds, at least 1", "300"),
        "ready": _Form(_ready, "a command in quotes or the word notify", '"curl -fsS localhost:8080/healthz"'),
        "ready_interval": _Form(_whole(1), "a whole number of seconds, at least 1", "5"),
        "unless": _Form(_command, "a command in quotes", '"test -d ~/project/.git"'),
        "retries": _Form(_whole(0), "a whole number, at least 0", "3"),
        "retry_delay": _Form(
            _whole(0, MAX_RETRY_DELAY), f"a whole number of seconds, from 0 to {MAX_RETRY_DELAY}", "5"
        ),
        "optional": _Form(_flag, "true or false", "true"),
    }
)
# A setting that only says more about another one, and which values of that leave it nothing to say.
_PAIRS: Mapping[str, tuple[str, tuple[object, ...]]] = MappingProxyType(
    {"ready_interval": ("ready", (None, Notify.NOTIFY)), "retry_delay": ("retries", (None, 0))}
)


@dataclass(slots=True)
class SettingsReader:
    """Collects the settings of one module's blocks, and what is wrong with them."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _said: dict[tuple[Named, str], dict[str, Any]] = field(default_factory=dict)
    _spans: dict[tuple[Named, str], dict[str, Span]] = field(default_factory=dict)

    def read(self, owner: Named, argument: str, attribute: Attribute, span: Span) -> None:
        """Take in one setting. ``argument`` is that of the script which it is about, ``span`` the whole directive."""
        if not self._in_place(owner, argument, attribute):
            return
        word, form = attribute.name, _FORMS[attribute.name]
        value = form.read(attribute.expression)
        if value is None:
            self.diagnostics.append(_wrong_value(attribute, form))
            return
        said = self._said.setdefault((owner, argument), {})
        spans = self._spans.setdefault((owner, argument), {})
        if word == "mutex":
            value = tuple(sorted({*said.get(word, ()), *value}))
        elif word in said:
            self.diagnostics.append(_said_twice(attribute, spans[word]))
            return
        said[word] = value
        spans.setdefault(word, span)

    def _in_place(self, owner: Named, argument: str, attribute: Attribute) -> bool:
        """Return whether a block takes a setting so, with or without the name of one of its scripts."""
        assert isinstance(owner, Resource | ModuleCall)
        is_agent = isinstance(owner, Resource) and owner.type == "coder_agent"
        if argument and not is_agent:
            what = f"module.{owner.name}" if isinstance(owner, ModuleCall) else owner.address
            self.diagnostics.append(
                error(
                    "UC213",
                    attribute.name_span,
                    "Script of an agent named elsewhere",
                    f"{argument} is a script of a coder_agent; {what} has none.",
                    help=f"write {attribute.name} = …",
                )
            )
            return False
        if is_agent and not argument and attribute.name in _OF_ONE_SCRIPT:
            there = [name for name in AGENT_SCRIPTS if owner.block.body.attribute(name) is not None]
            self.diagnostics.append(
                error(
                    "UC213",
                    attribute.name_span,
                    "Which script of the agent?",
                    f"An agent may have two scripts, so {attribute.name} names the one that it is about.",
                    help=f"write {' or '.join(f'{name}.{attribute.name} = …' for name in there or AGENT_SCRIPTS)}",
                )
            )
            return False
        return True

    def settings(self) -> Mapping[tuple[Named, str], UnitSettings]:
        """Return the settings by block and the argument of the script that they are about, once all are read."""
        return MappingProxyType({place: self._settings(place, said) for place, said in self._said.items()})

    def _settings(self, place: tuple[Named, str], said: dict[str, Any]) -> UnitSettings:
        spans = self._spans[place]
        self.diagnostics.extend(_without_the_other(said, spans))
        known = {name: value for name, value in said.items() if name != "mutex"}
        return replace(UnitSettings(said.get("mutex", ()), spans=MappingProxyType(spans)), **known)


def _without_the_other(said: Mapping[str, object], spans: Mapping[str, Span]) -> Iterator[Diagnostic]:
    for word, (other, nothing) in _PAIRS.items():
        if word in said and said.get(other) in nothing:
            form = _FORMS[other]
            yield error(
                "UC213",
                spans[word],
                f"{word} without {other}",
                f"{word} says more about {other}, and there is "
                + (f"no {other} in the same place." if other not in said else f"nothing to say about {other} here."),
                help=f"write {other} = {form.example} beside it, or remove it",
            )


def _wrong_value(attribute: Attribute, form: _Form) -> Diagnostic:
    word, value = attribute.name, attribute.expression
    help_ = f"write {word} = {form.example}"
    if word in ("ready", "unless") and isinstance(value, Variable):
        near = word == "ready" and did_you_mean(value.name, [Notify.NOTIFY.value])
        help_ = f"did you mean {near}?" if near else f'write a command in quotes: {word} = "{value.name}"'
    elif word == "ready" and isinstance(value, Template) and value.literal == Notify.NOTIFY.value:
        help_ = "write ready = notify, without quotes, where the body says so; a command of that name needs its path"
    return error(
        "UC213",
        value.span,
        f"Value of {word}",
        f"The directive {word} takes {form.takes}; {value.span.text} is not.",
        help=help_,
    )


def _said_twice(attribute: Attribute, first: Span) -> Diagnostic:
    return error(
        "UC213",
        attribute.span,
        f"{attribute.name} is set twice",
        f"{attribute.name} has one value in a block, and this is the second.",
        related=[also(first, "the first")],
        help="remove one of the two",
    )
