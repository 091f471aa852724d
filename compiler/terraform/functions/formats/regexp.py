"""Regular expressions that answer as Terraform's do, or not at all.

Terraform's engine speaks the syntax of https://github.com/google/re2/wiki/Syntax, so RE2 itself matches where it is
installed (the extra ``unitc-coder[re2]``). Without it, Python's ``re`` matches the few patterns that surely mean the
same to both. What neither can answer raises :class:`LaterError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Protocol, TypeAlias

from compiler.patterns import regex
from compiler.terraform.functions.formats import FormatError
from compiler.terraform.values.budget import LaterError

try:
    import re2
except ImportError:
    re2 = None

Spend: TypeAlias = Callable[[int], None]


class _Match(Protocol):
    def span(self, group: int = 0, /) -> tuple[int, int]: ...


class _Regexp(Protocol):
    """What RE2 and Python's ``re`` have in common."""

    @property
    def groups(self) -> int: ...

    @property
    def groupindex(self) -> Mapping[str, int] | Mapping[bytes, int]: ...

    def search(self, text: bytes, pos: int, /) -> _Match | None: ...


# A byte, which Terraform's engine refuses, and two groups of one name.
_UNSURE = regex(r"\\C|\(\?P?<(\w+)>.*\(\?P?<\1>", re.DOTALL)
_UNSURE_WORDS = "RE2 and Terraform read this pattern differently"
_UNSURE_MISTAKES = ("duplicate capture group name", "too large", "invalid UTF-8")

# Patterns that mean the same to Python: characters, simple classes and groups that aren't repeated.
_ATOM = (
    r"(?:[A-Za-z0-9_ /:,;@=#%&~'\"<>!-]|\\[.+*?()|\[\]{}^$\\/_-]|\\[dws]|\."
    r"|\[\^?(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]|[A-Za-z0-9_ ./:,@])+-?\])"
)
_PIECE = rf"{_ATOM}(?:[*+?]\??|\{{[0-9]{{1,2}}\}})?(?![*+?{{])"
_SURE = regex(rf"\^?(?:{_PIECE}|\((?:\?:)?(?:{_PIECE})*\)(?![*+?{{]))*+\$?")
_UNBOUNDED = regex(rf"{_ATOM}[*+]")
_WORD = regex(rf"{_ATOM}|\$")
_WORDS = {r"\d": "[0-9]", r"\w": "[0-9A-Za-z_]", r"\s": r"[\t\n\f\r ]", ".": r"[^\n]", "$": r"\Z"}

# How many ways Python's search may try from all places together.
_MAX_WAYS = 10_000_000


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[_Regexp, int]:
    """Return the compiled pattern, and for Python's engine the power of a text's length that a search may cost."""
    if re2 is None:
        return _by_python(pattern)
    if _UNSURE.search(pattern):
        raise LaterError(_UNSURE_WORDS)
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern.encode(), options), 0
    except re2.error as exc:
        problem = exc.args[0].decode(errors="replace") if isinstance(exc.args[0], bytes) else str(exc.args[0])
        if any(words in problem for words in _UNSURE_MISTAKES):
            raise LaterError(_UNSURE_WORDS) from None
        raise FormatError(problem) from None


def _by_python(pattern: str) -> tuple[_Regexp, int]:
    if _SURE.fullmatch(pattern):
        written = _WORD.sub(lambda found: _WORDS.get(found[0], found[0]), pattern)
        with suppress(re.error):
            return re.compile(written.encode()), 1 + len(_UNBOUNDED.findall(pattern))
    raise LaterError("needs the extra unitc-coder[re2]")


class Pattern:
    """A compiled regular expression. ``spend`` pays for steps before they are done.

    Raises :class:`FormatError` for a pattern that Terraform refuses, and :class:`LaterError`.
    """

    def __init__(self, pattern: str, spend: Spend) -> None:
        spend(len(pattern))
        self._regexp, self._power = _compiled(pattern)
        self._needs_ascii = self._power > 0 or r"\B" in pattern
        self._spend = spend
        names = {
            index: name.decode() if isinstance(name, bytes) else name for name, index in self._regexp.groupindex.items()
        }
        self.names = tuple(names.get(index, "") for index in range(self._regexp.groups + 1))
        """The groups' names, "" for those without; the first is that of the whole match."""

    def search_all(self, text: str) -> Iterator[tuple[str | None, ...]]:
        """Yield what each match holds and then each of its groups, None for one that takes no part.

        Matches don't overlap, and none is empty right after another one. Raises :class:`LaterError`.
        """
        data = self._data(text)
        for spans in self._spans(data):
            yield _texts(data, spans)

    def replace_all(self, text: str, template: str) -> str:
        """Return the text with all matches replaced; ``$1`` and ``${name}`` in the template stand for groups."""
        data = self._data(text)
        if "$" in template and not template.isascii():
            raise LaterError("names of groups beyond ASCII")
        result: list[str] = []
        last = 0
        for spans in self._spans(data):
            start, end = spans[0]
            result.append(data[last:start].decode())
            groups = _texts(data, spans)
            expanded = _REFERENCE.sub(lambda found: self._group(found, groups), template)  # noqa: B023  # called at once
            self._spend(len(expanded))
            result.append(expanded)
            last = end
        result.append(data[last:].decode())
        return "".join(result)

    def _data(self, text: str) -> bytes:
        if self._needs_ascii and not text.isascii():
            raise LaterError("RE2 and Terraform match this pattern differently beside letters beyond ASCII")
        if self._power and len(text) ** self._power > _MAX_WAYS:
            raise LaterError("needs the extra unitc-coder[re2]")
        return text.encode()

    def _spans(self, data: bytes) -> Iterator[list[tuple[int, int]]]:
        """Yield where each match and its groups begin and end, (-1, -1) for those that take no part."""
        at, previous_end = 0, -1
        while at <= len(data):
            found = self._regexp.search(data, at)
            self._spend(1 + (len(data) if found is None else found.span()[1]) - at)
            if found is None:
                return
            start, end = found.span()
            if end != at or start != previous_end:
                yield [found.span(group) for group in range(len(self.names))]
            previous_end = end
            at = end if end > at else at + _width(data, at)

    def _group(self, reference: re.Match[str], groups: Sequence[str | None]) -> str:
        """Return what a group holds; nothing if there is none of that name, or if it takes no part."""
        name = reference[1] or reference[2]
        if name == "$":
            return name
        if _NUMBER.fullmatch(name):
            return (groups[int(name)] if int(name) < len(groups) else "") or ""
        return (groups[self.names.index(name)] if name in self.names else "") or ""


def _texts(data: bytes, spans: Sequence[tuple[int, int]]) -> tuple[str | None, ...]:
    return tuple(data[start:end].decode() if start >= 0 else None for start, end in spans)


def _width(data: bytes, at: int) -> int:
    """Return how many bytes the character takes that begins there."""
    lead = data[at] if at < len(data) else 0
    return 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)


_NUMBER = regex(r"0|[1-9][0-9]{0,8}")
# As in Go, a name is as long as it can be: ``$1x`` is the group ``1x`` (https://pkg.go.dev/regexp#Regexp.Expand).
_REFERENCE = regex(r"\$(?:(\$|\w+)|\{(\w+)\})", re.ASCII)
