"""What a script's variables hold where a word uses them, as far as the text tells; never a guess."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from compiler.patterns import regex
from compiler.records import dataclass, field
from compiler.shell.syntax import Elements, StatementList, UnknownPart, VariablePart, Word
from compiler.shell.walk import Visit, visits

# Commands whose operands are the names of variables that they set.
_READING = frozenset({"read", "getopts", "mapfile", "readarray", "unset"})
_IDENTIFIER = regex(r"[A-Za-z_][A-Za-z0-9_]*")
# Variables may be set from one another. What grows beyond Linux's PATH_MAX is no path and no name.
_MAX_DEPTH = 8
_MAX_TEXT = 4096
_MAX_VALUES = 64


@dataclass(frozen=True, slots=True)
class _Setting:
    """One place that sets a variable. ``word`` and ``elements`` are None for values that the text doesn't tell."""

    offset: int
    word: Word | None
    plain: bool
    function: str | None
    loop: tuple[Word, ...] = ()
    loop_end: int = 0
    elements: tuple[Word, ...] | None = None
    append: bool = False


@dataclass(slots=True)
class Variables:
    """The variables of one script. ``outer`` are those of the script around a text that is itself a string."""

    body: StatementList
    outer: Variables | None = None
    outer_visit: Visit | None = None
    _settings: dict[str, list[_Setting]] = field(default_factory=dict, init=False)
    _calls: dict[str, list[Visit]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        loops: set[int] = set()
        for visit in visits(self.body):
            plain = not (visit.conditional or visit.subshell or visit.background or visit.loops or visit.function)
            command = visit.command
            if command.words and command.name not in _DECLARING:
                self._calls.setdefault(command.name or "", []).append(visit)
            else:
                for item in command.assignments:
                    value = None if item.append else item.value
                    setting = _Setting(
                        item.start, value, plain, visit.function, elements=item.elements, append=item.append
                    )
                    self._set(item.name, setting)
            for loop in visit.loops:
                if loop.variable is not None and loop.start not in loops:
                    loops.add(loop.start)
                    setting = _Setting(loop.start, None, False, visit.function, loop.words, loop.end)
                    self._set(loop.variable, setting)
            texts = command.texts
            if command.name in _READING or texts[:2] == ("printf", "-v"):
                for text in texts[1:]:
                    if text is not None and _IDENTIFIER.fullmatch(text):
                        self._set(text, _Setting(command.start, None, plain, visit.function))

    def _set(self, name: str, setting: _Setting) -> None:
        self._settings.setdefault(name, []).append(setting)

    def values(self, word: Word, visit: Visit) -> tuple[str, ...] | None:
        """Return what a word may be, one text for each round of a loop or call of a function, None if that isn't told.

        What the script doesn't set stays as ``${NAME}``: all scripts of an agent have the same environment.
        """
        return self._values(word, visit, 0)

    def text(self, word: Word, visit: Visit) -> str | None:
        """Return what a word is where that is one text, else None."""
        found = self._values(word, visit, 0)
        return found[0] if found is not None and len(found) == 1 else None

    def literals(self, word: Word, visit: Visit) -> tuple[str, ...] | None:
        """Return what a word may be with nothing left to the environment; blanks make several where it isn't quoted."""
        found = self._values(word, visit, 0)
        if found is None or any("${" in text for text in found):
            return None
        if not word.quoted and any(isinstance(part, VariablePart) for part in word.parts):
            return tuple(piece for text in found for piece in text.split())
        return found

    def makes_several(self, word: Word, visit: Visit) -> bool:
        """Return whether the shell makes several words of one, all of them at once."""
        if any(isinstance(part, Elements) for part in word.parts):
            return True
        text = None if word.quoted else self.text(word, visit)
        return text is not None and len(text.split()) > 1

    def argument_lists(self, visit: Visit) -> tuple[tuple[tuple[Word, ...], Visit], ...] | None:
        """Return what a function is called with, call by call, each with its surroundings.

        None outside of a function, and where something may call it that can't be told.
        """
        if visit.function is None or "" in self._calls:
            return None
        return tuple((calling.command.words[1:], calling) for calling in self._calls.get(visit.function, ()))

    def _values(self, word: Word, visit: Visit, depth: int) -> tuple[str, ...] | None:
        if len(word.parts) == 1 and isinstance(array := word.parts[0], Elements):
            return self._elements(array.name, word.start, visit, depth)
        pieces: list[Sequence[str]] = []
        for part in word.parts:
            if isinstance(part, UnknownPart) or (isinstance(part, str) and "$" in part):
                return None
            values = (part,) if isinstance(part, str) else self._of(part.name, word.start, visit, depth)
            if values is None:
                return None
            pieces.append(values)
        count = 1
        for piece in pieces:
            count *= len(piece)
        if count > _MAX_VALUES or sum(max(map(len, piece), default=0) for piece in pieces) > _MAX_TEXT:
            return None
        return tuple(dict.fromkeys("".join(chosen) for chosen in itertools.product(*pieces)))

    def _of(self, name: str, offset: int, visit: Visit, depth: int) -> tuple[str, ...] | None:
        """Return what a variable may hold at an offset."""
        if depth > _MAX_DEPTH:
            return None
        if name.isdigit() and name != "0":
            return self._parameter(int(name), visit, depth)
        settings = self._settings.get(name)
        if settings is None:
            if not _IDENTIFIER.fullmatch(name):
                return None
            if self.outer is not None and self.outer_visit is not None:
                return self.outer._of(name, self.outer_visit.command.start, self.outer_visit, depth + 1)
            return (f"${{{name}}}",)
        setting = _chosen(settings, offset, visit)
        if setting is None:
            return None
        if setting.loop:
            inside = setting.offset <= offset < setting.loop_end
            return self._each(setting.loop, visit, depth) if inside else None
        return None if setting.word is None else self._values(setting.word, visit, depth + 1)

    def _each(self, words: Sequence[Word], visit: Visit, depth: int) -> tuple[str, ...] | None:
        found: list[str] = []
        for word in words:
            values = self._values(word, visit, depth + 1)
            if values is None:
                return None
            if not word.quoted and any(isinstance(part, VariablePart) for part in word.parts):
                values = tuple(piece for text in values for piece in text.split())
            found.extend(values)
        return tuple(dict.fromkeys(found)) if words else None

    def _elements(self, name: str, offset: int, visit: Visit, depth: int) -> tuple[str, ...] | None:
        """Return the elements of an array at an offset, where all that makes it is written out."""
        settings = self._settings.get(name)
        if settings is None:
            return None
        told = all(item.plain for item in settings) and (visit.function is None or settings[-1].offset < offset)
        if depth > _MAX_DEPTH or not (told or len(settings) == 1):
            return None
        words: list[Word] = []
        before = [item for item in settings if item.offset < offset]
        for item in before:
            if item.elements is None:
                return None
            words = [*(words if item.append else ()), *item.elements]
        return (self._each(words, visit, depth) if words else ()) if before else None

    def _parameter(self, number: int, visit: Visit, depth: int) -> tuple[str, ...] | None:
        """Return what a function's parameter may be: the argument of each of its calls."""
        calls = self.argument_lists(visit)
        if not calls:
            return None
        found: list[str] = []
        for words, calling in calls:
            if len(words) < number:
                return None
            values = self._values(words[number - 1], calling, depth + 1)
            if values is None:
                return None
            found.extend(values)
        return tuple(dict.fromkeys(found))


_DECLARING = frozenset({"export", "local", "readonly", "declare", "typeset"})


def _chosen(settings: list[_Setting], offset: int, visit: Visit) -> _Setting | None:
    """Return the setting that holds at an offset, None where that can't be told."""
    if len(settings) == 1:
        return settings[0]
    around = [item for item in settings if item.loop and item.offset <= offset < item.loop_end]
    if around:
        inner = [item for item in settings if around[-1].offset < item.offset < around[-1].loop_end]
        return None if inner else around[-1]
    if visit.function is not None or visit.loops:
        local = [item for item in settings if item.function == visit.function and item.function is not None]
        return local[0] if len(local) == 1 and local[0].offset < offset else None
    before = [item for item in settings if item.offset < offset]
    return before[-1] if before and before[-1].plain else None
