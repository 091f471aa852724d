"""A shell script as the simple commands that it holds, in source order: as much of the shell's grammar as checks need.

Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html, with ``[[ ]]`` and ``&>`` of bash.
What a command substitution runs isn't looked into. Whatever can't be read that way makes words that stand for nothing
known, never an error: a check that doesn't understand a script has nothing to say about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Command", "is_shell", "read_commands"]


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command, or one reserved word such as ``do``.

    A word is its text after the removal of quotes, with ``${NAME}`` for each variable, or None where it can't be told
    before it runs. ``writes`` are the files that redirections make. ``operator`` is what stands before the command:
    ``&&``, ``||``, ``|``, ``;``, ``&``, a newline, or nothing after a reserved word. ``start`` and ``end`` are offsets.
    """

    words: tuple[str | None, ...]
    writes: tuple[str | None, ...]
    operator: str
    start: int
    end: int

    @property
    def name(self) -> str | None:
        """The first word."""
        return self.words[0] if self.words else None


_RESERVED = frozenset({"if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "time"})
_SHELLS = frozenset({"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"})
_SHEBANG = re.compile(r"#![ \t]*(?P<path>\S+)(?:[ \t]+(?P<argument>\S+))?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HOME = re.compile(r"~(?=[/\s;&|()<>]|\Z)")
_BEFORE_HOME = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*=)?")
_BLANKS = " \t"
_OPERATORS = ("&&", "||", ";;&", ";;", ";&", "|&", ";", "|", "&", "(", ")", "\n")
# A newline after one of these says nothing.
_GO_ON = ("&&", "||", "|", "|&")
_REDIRECTION = re.compile(r"(?:[0-9]+|&)?(?:>>|>\||>&|>|<<-|<<<|<<|<>|<&|<)")
_ENDS_WORD = frozenset(" \t\n;&|()<>")
_PATTERN = frozenset("*?[{")


def is_shell(text: str) -> bool:
    """Return whether a script's text is one for a shell: its ``#!`` line says so, or it has none."""
    if not text.startswith("#!"):
        return True
    found = _SHEBANG.match(text)
    if found is None:
        return False
    name = found["path"].rsplit("/", 1)[-1]
    if name == "env":
        name = (found["argument"] or "").rsplit("/", 1)[-1]
    return name in _SHELLS


@dataclass(slots=True)
class _Word:
    """A word under way: ``known`` until something in it can't be told."""

    parts: list[str] = field(default_factory=list)
    known: bool = True
    quoted: bool = False

    def literal(self, text: str) -> None:
        # A dollar sign that stands for itself would look like a variable.
        self.known = self.known and "$" not in text
        self.parts.append(text)

    @property
    def text(self) -> str | None:
        return "".join(self.parts) if self.known else None


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    heredocs: list[tuple[str, bool]] = field(default_factory=list)

    def commands(self) -> Iterator[Command]:
        text, operator = self.text, ""
        words: list[str | None] = []
        writes: list[str | None] = []
        start = end = 0
        while True:
            self.blanks()
            found = "" if self.at >= len(text) else self.operator()
            if self.at >= len(text) or found:
                if words or writes:
                    yield Command(tuple(words), tuple(writes), operator, start, min(end, len(text)))
                    words, writes, operator = [], [], found
                elif found != "\n" or operator not in _GO_ON:
                    operator = found
                if self.at >= len(text):
                    return
                self.at += len(found)
                if found == "\n":
                    self.skip_heredocs()
                continue
            if not words and not writes:
                start = self.at
            redirection = _REDIRECTION.match(text, self.at)
            if redirection is not None and not text.startswith(("<(", ">("), self.at):
                writes.extend(self.redirection(redirection))
                end = self.at
                continue
            word = self.word()
            end = self.at
            if not words and not writes and not word.quoted and word.text in _RESERVED:
                yield Command((word.text,), (), operator, start, min(end, len(text)))
                operator = ""
                continue
            words.append(word.text)

    def operator(self) -> str:
        if _REDIRECTION.match(self.text, self.at):
            return ""
        return next((operator for operator in _OPERATORS if self.text.startswith(operator, self.at)), "")

    def blanks(self) -> None:
        """Go on to what isn't a blank, a continued line or a comment."""
        text = self.text
        while self.at < len(text):
            if text[self.at] in _BLANKS:
                self.at += 1
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif text[self.at] == "#":
                newline = text.find("\n", self.at)
                self.at = len(text) if newline < 0 else newline
            else:
                return

    def redirection(self, found: re.Match[str]) -> tuple[str | None, ...]:
        """Read a redirection and return the file that it makes, if it makes one."""
        operator = found[0].lstrip("0123456789")
        self.at = found.end()
        while self.at < len(self.text) and self.text[self.at] in _BLANKS:
            self.at += 1
        target = self.word()
        if operator in ("<<", "<<-"):
            self.heredocs.append((target.text or "", operator == "<<-"))
            return ()
        if operator.startswith("<") and operator != "<>":
            return ()
        if operator == ">&" and (target.text is None or target.text.isdigit() or target.text == "-"):
            return ()
        return (target.text,)

    def skip_heredocs(self) -> None:
        for marker, tabs in self.heredocs:
            while self.at < len(self.text):
                newline = self.text.find("\n", self.at)
                newline = len(self.text) if newline < 0 else newline
                line = self.text[self.at : newline].rstrip("\r")
                self.at = min(newline + 1, len(self.text))
                if (line.lstrip("\t") if tabs else line) == marker:
                    break
        self.heredocs.clear()

    def word(self) -> _Word:
        """Read a word; at least one character is taken."""
        text, word, start = self.text, _Word(), self.at
        while self.at < len(text):
            character = text[self.at]
            if text.startswith(("<(", ">("), self.at):
                self.at += 1
                self.skip_to_match(word, "(", ")")
            elif _HOME.match(text, self.at) and _BEFORE_HOME.fullmatch(text, start, self.at):
                word.parts.append("${HOME}")
                self.at += 1
            elif character in _ENDS_WORD and self.at > start:
                break
            elif character == "\\":
                if text[self.at + 1 : self.at + 2] != "\n":
                    word.quoted = True
                    word.literal(text[self.at + 1 : self.at + 2])
                self.at += 2
            elif character == "'":
                self.single_quotes(word)
            elif character == '"':
                self.double_quotes(word)
            elif character == "$" and text.startswith("'", self.at + 1):
                # Escapes of $'...' are not worth reading.
                self.at += 1
                self.single_quotes(word)
                word.known = False
            elif character in "$`":
                self.expansion(word)
            else:
                word.literal(character)
                self.at += 1
                if character in _PATTERN and not word.quoted:
                    word.known = word.known and self.at - start <= 2 and text[start : self.at] in ("[", "[[", "{")
        return word

    def single_quotes(self, word: _Word) -> None:
        end = self.text.find("'", self.at + 1)
        end = len(self.text) if end < 0 else end
        word.quoted = True
        word.literal(self.text[self.at + 1 : end])
        self.at = end + 1

    def double_quotes(self, word: _Word) -> None:
        text = self.text
        word.quoted = True
        self.at += 1
        while self.at < len(text) and text[self.at] != '"':
            if text[self.at] == "\\" and text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\", "\n"):
                if text[self.at + 1] != "\n":
                    word.literal(text[self.at + 1])
                self.at += 2
            elif text[self.at] in "$`":
                self.expansion(word, in_quotes=True)
            else:
                word.literal(text[self.at])
                self.at += 1
        self.at += 1

    def expansion(self, word: _Word, *, in_quotes: bool = False) -> None:
        """Read what starts with a dollar sign or a back quote."""
        text = self.text
        if text[self.at] == "`":
            end = text.find("`", self.at + 1)
            self.at = len(text) if end < 0 else end + 1
            word.known = False
            return
        braced = _BRACED.match(text, self.at)
        name = _NAME.match(text, self.at + 1)
        if braced is not None:
            word.parts.append(braced[0])
            self.at = braced.end()
        elif text.startswith("$(", self.at):
            self.at += 1
            self.skip_to_match(word, "(", ")")
        elif text.startswith("${", self.at):
            self.at += 1
            self.skip_to_match(word, "{", "}", apostrophes=in_quotes)
        elif name is not None:
            word.parts.append(f"${{{name[0]}}}")
            self.at = name.end()
        else:
            word.known = False
            self.at += 2

    def skip_to_match(self, word: _Word, opening: str, closing: str, *, apostrophes: bool = False) -> None:
        """Go past the bracket that closes the one here; quotes in between hide brackets.

        In double quotes ``${NAME:-it's}`` holds an apostrophe and no quote.
        """
        text, depth = self.text, 0
        word.known = False
        while self.at < len(text):
            character = text[self.at]
            if character == "'" and not apostrophes:
                self.single_quotes(_Word())
                continue
            if character == '"':
                self.double_quotes(_Word())
                continue
            self.at += 2 if character == "\\" else 1
            depth += (character == opening) - (character == closing)
            if depth == 0:
                return


def read_commands(text: str) -> tuple[Command, ...]:
    """Return the commands of a script, none where it is nested too deep to be read."""
    try:
        return tuple(_Reader(text).commands())
    except RecursionError:
        return ()
