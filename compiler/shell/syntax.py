"""The syntax tree of shell text: immutable, with offsets, as much of the grammar as what runs depends on.

Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html, with what bash adds.
"""

from __future__ import annotations

from typing import TypeAlias

from compiler.records import dataclass


@dataclass(frozen=True, slots=True)
class VariablePart:
    """``$NAME`` or ``${NAME}`` in a word, and ``~`` as ``HOME``; ``1`` and ``?`` are names too."""

    name: str


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """A part of a word that the text doesn't tell: an expansion, a pattern, or what isn't known of the text itself."""


@dataclass(frozen=True, slots=True)
class Elements(UnknownPart):
    """``${NAME[@]}``, all elements of an array, which only the script's variables tell."""

    name: str


WordPart: TypeAlias = str | VariablePart | UnknownPart


@dataclass(frozen=True, slots=True)
class Word:
    """A word after the removal of quotes. ``substitutions`` are the commands that run to make it."""

    parts: tuple[WordPart, ...]
    start: int
    end: int
    quoted: bool = False
    substitutions: tuple[StatementList, ...] = ()

    @property
    def literal(self) -> str | None:
        """The word where it is written out, else None."""
        if len(self.parts) == 1:
            # Nearly every word is a single piece, and this is asked for more often than anything else.
            part = self.parts[0]
            return part if isinstance(part, str) else None
        return "".join(map(str, self.parts)) if all(isinstance(part, str) for part in self.parts) else None

    @property
    def text(self) -> str | None:
        """The word with ``${NAME}`` for each variable; None where something in it can't be told."""
        found = []
        for part in self.parts:
            if isinstance(part, UnknownPart) or (isinstance(part, str) and "$" in part):
                # A dollar sign that stands for itself would look like a variable.
                return None
            found.append(part if isinstance(part, str) else f"${{{part.name}}}")
        return "".join(found)


@dataclass(frozen=True, slots=True)
class Redirection:
    """``operator`` as written; ``descriptor`` is the number before it, or the operator's own (1 or 0).

    ``heredoc`` is the text below the command, without parts to expand where its marker is quoted.
    ``&>`` and ``>&FILE`` are about both 1 and 2: ``both``.
    """

    operator: str
    descriptor: int
    target: Word | None
    heredoc: Word | None
    start: int
    end: int

    @property
    def both(self) -> bool:
        """Whether standard output and standard error go to the target."""
        if self.operator != ">&":
            return self.operator in ("&>", "&>>")
        # A number, a number that is moved, or a minus is a descriptor.
        return self.target is not None and (self.target.text or "").strip("0123456789-") != ""

    @property
    def writes(self) -> Word | None:
        """The file that is written to, where it is one."""
        if self.operator in (">", ">>", ">|", "&>", "&>>", "<>") or (self.operator == ">&" and self.both):
            return self.target
        return None


@dataclass(frozen=True, slots=True)
class Assignment:
    """``NAME=value``, whose value isn't told for arrays and elements of arrays; ``append`` is ``+=``.

    ``elements`` are those of an array that is written out, else None.
    """

    name: str
    value: Word | None
    append: bool
    start: int
    end: int
    elements: tuple[Word, ...] | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command. ``[``, ``[[`` and ``((`` are commands, whose words end with the closing bracket."""

    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirections: tuple[Redirection, ...]
    start: int
    end: int

    @property
    def name(self) -> str | None:
        """The first word as text."""
        return self.words[0].text if self.words else None

    @property
    def texts(self) -> tuple[str | None, ...]:
        """The words as texts."""
        return tuple(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Two or more nodes with ``|`` between them; ``errors_too`` says which of the bars are ``|&``."""

    nodes: tuple[Node, ...]
    errors_too: tuple[bool, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chain:
    """``left && right`` or ``left || right``."""

    left: Node
    operator: str
    right: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    """``! node``."""

    node: Node
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CommandGroup:
    """``{ }`` or, in a shell of its own, ``( )``: ``kind`` is the opening bracket."""

    kind: str
    body: StatementList
    redirections: tuple[Redirection, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with what each lets run, and what runs otherwise."""

    arms: tuple[tuple[StatementList, StatementList], ...]
    otherwise: StatementList | None
    redirections: tuple[Redirection, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShellLoop:
    """``while``, ``until``, ``for`` or ``select``; a ``for`` has a variable and words, ``for ((`` neither."""

    keyword: str
    condition: StatementList
    variable: str | None
    words: tuple[Word, ...]
    body: StatementList
    redirections: tuple[Redirection, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Case:
    """``case``: the bodies of its patterns; ``total`` where one of the patterns is ``*``."""

    word: Word | None
    bodies: tuple[StatementList, ...]
    total: bool
    redirections: tuple[Redirection, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FunctionDeclaration:
    """A function's declaration; ``keyword`` where it is written with ``function``."""

    name: str
    body: StatementList
    keyword: bool
    redirections: tuple[Redirection, ...]
    start: int
    end: int


Node: TypeAlias = Command | Pipeline | Chain | Not | CommandGroup | If | ShellLoop | Case | FunctionDeclaration


@dataclass(frozen=True, slots=True)
class Statement:
    """A node, and whether it is sent to the background, with ``&`` or by itself as ``setsid --fork`` is."""

    node: Node
    background: bool


StatementList: TypeAlias = tuple[Statement, ...]
