"""The scripts' bodies as the shell reads them, each read once, with places that lead back to where they are written."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from compiler.order.inventory import Place, Script
from compiler.order.model import KnownBody
from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.source.conflicts import Conflict, conflicts
from compiler.source.rendered import Frame, RenderedText, TextPart
from compiler.source.span import Span
from compiler.terraform.scope.rendering import STAND_IN, render
from compiler.terraform.scope.scope import ModuleScope

if TYPE_CHECKING:
    from compiler.shell.calls import Invocation
    from compiler.shell.reader import ShellScript
    from compiler.shell.syntax import ShellLoop

# A script in a script in a script: coder/registry's modules go three layers deep.
_MAX_LAYERS = 6
# So many texts are kept as they were read, none of more than so many characters.
_KEPT_TEXTS = 256
_MOST_KEPT = 16_384
_BASE64 = regex(r"[A-Za-z0-9+/\s]{8,}={0,2}\s*")
_SCRIPT = regex(r"\s*#!|.*\bcoder\s+exp\s+sync\b", re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class ShellBody:
    """A text for a shell. ``carried``: it comes in base64 in another one, ``layer`` of them deep.

    It is read when that is first asked for: of most scripts the words alone say that nothing is wrong with them.
    """

    text: RenderedText
    layer: int = 0
    _read: list[tuple[ShellScript, list[Invocation]]] = field(default_factory=list, init=False)
    _carried: list[ShellBody] = field(default_factory=list, init=False)

    def span(self, start: int, end: int) -> Span:
        """Return the place of a piece of the text."""
        return self.text.span(start, end)

    @property
    def known(self) -> bool:
        """Whether all of the text is known and could be read."""
        return self.text.whole and not self.script.broken

    @property
    def conflict(self) -> Conflict | None:
        """The first marks of a merge in a text that can't be read; what stands in a heredoc of the shell's is text."""
        found = next(conflicts(self.text.text), None)
        return found if found is not None and self.script.broken else None

    @property
    def calls(self) -> Sequence[Invocation]:
        """The commands of the text, those in strings that a shell reads later included."""
        script, found = self._as_read()
        if not found and script.body:
            from compiler.shell.calls import calls

            found.extend(calls(script))
        return found

    @property
    def loops(self) -> Iterator[tuple[ShellLoop, tuple[int, int]]]:
        """Yield the loops of the text, each with its place; of one in a string that is its first command's."""
        seen: set[int] = set()
        for call in self.calls:
            for loop in call.visit.loops:
                if id(loop) not in seen:
                    seen.add(id(loop))
                    yield loop, (loop.start, loop.end) if call.direct else call.place

    @property
    def script(self) -> ShellScript:
        """The text as the shell reads it."""
        return self._as_read()[0]

    def _as_read(self) -> tuple[ShellScript, list[Invocation]]:
        if not self._read:
            read = _read_kept if len(self.text.text) <= _MOST_KEPT else _read
            self._read.append(read(self.text.text, self.text.holes))
        return self._read[0]

    @property
    def bodies(self) -> Iterator[ShellBody]:
        """Yield this text and those that it carries, the outermost first."""
        yield self
        for carried in self._carried:
            yield from carried.bodies


def shell_body(text: RenderedText, layer: int = 0) -> ShellBody:
    """Return a text for a shell, with the texts that it carries."""
    body = ShellBody(text, layer)
    if layer < _MAX_LAYERS:
        body._carried.extend(shell_body(inner, layer + 1) for inner in _carried(body))
    return body


def _read(text: str, holes: tuple[tuple[int, int], ...]) -> tuple[ShellScript, list[Invocation]]:
    """Return a text as a shell reads it, and the list for its commands, filled when it is first asked for."""
    from compiler.shell.reader import read

    return read(text, holes, STAND_IN), []


# The same text stands in many templates, and in one template again after each keystroke in another script.
_read_kept = lru_cache(maxsize=_KEPT_TEXTS)(_read)


def _carried(body: ShellBody) -> Iterator[RenderedText]:
    """Yield the scripts that a text carries in base64: words, values, and what stands below a command."""
    if "base64" not in body.text.text and not body.text.carries:
        return
    from compiler.shell.walk import words_of

    seen: set[tuple[int, int]] = set()
    for call in body.calls:
        if not call.direct:
            continue
        for word in words_of(call.command):
            if (word.start, word.end) in seen or word.end - word.start < 8:
                continue
            seen.add((word.start, word.end))
            inner = body.text.carried(*_without_quotes(body.text.text, word.start, word.end))
            literal = word.literal
            if inner is None and literal is not None and _BASE64.fullmatch(literal):
                inner = _decoded(literal, body.span(word.start, word.end))
            if inner is not None and inner.parts and _SCRIPT.match(inner.text):
                yield inner


def _without_quotes(text: str, start: int, end: int) -> tuple[int, int]:
    if end - start >= 2 and text[start] == text[end - 1] and text[start] in "'\"":
        return start + 1, end - 1
    return start, end


def _decoded(literal: str, span: Span) -> RenderedText | None:
    try:
        text = base64.b64decode("".join(literal.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return RenderedText((TextPart(text, (Frame(span, span),)),)) if text else None


class Bodies:
    """The bodies of a template's scripts, by script."""

    def __init__(self, scopes: Mapping[Place, ModuleScope]) -> None:
        self._scopes = scopes
        self._read: dict[int, tuple[Script, ShellBody | None]] = {}
        # By text and argument: nearly always one, so that parts needn't be made and compared.
        self._by_text: dict[tuple[str, Span], list[ShellBody]] = {}

    def of(self, script: Script) -> ShellBody | None:
        """Return a script's body, None where it has none or nothing of its text is known."""
        known = self._read.get(id(script))
        if known is None:
            known = self._read[id(script)] = (script, self._body(script))
        return known[1]

    def all(self, scripts: Iterable[Script]) -> Iterator[tuple[Script, ShellBody]]:
        """Yield the scripts that have a body that is known in part at least; on Windows PowerShell or cmd reads it."""
        for script in scripts:
            body = None if script.runtime is not None and script.runtime.os == "windows" else self.of(script)
            if body is not None:
                yield script, body

    def _body(self, script: Script) -> ShellBody | None:
        attribute = script.resource.block.body.attribute(script.argument)
        if attribute is None:
            return None
        expression = attribute.expression
        scope = self._scopes[script.place].instance(script.resource, script.key)
        text = render(scope, expression)
        if isinstance(script.body, KnownBody) and (not text.whole or text.text != script.body.text):
            text = RenderedText((TextPart(script.body.text, (Frame(expression.span, expression.span),)),))
        if text.blank:
            return None
        alike = self._by_text.setdefault((text.text, expression.span), [])
        known = next((body for body in alike if body.text == text), None)
        if known is None:
            known = shell_body(text)
            alike.append(known)
        return known
