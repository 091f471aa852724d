"""Simple commands: their words, assignments and redirections, from the nodes of the grammar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from compiler.records import replace
from compiler.shell.syntax import Assignment, Command, Redirection, StatementList, UnknownPart, Word
from compiler.shell.words import WordReader, merged

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
_CONTINUED = ("\\\n", "\\\r\n")


def is_read_write(tree: Tree) -> bool:
    """Return whether a node is the second half of ``<>``, which the grammar doesn't know."""
    before = tree.prev_sibling
    return tree.type == "ERROR" and tree.text == b">" and before is not None and before.type == "<"


class SimpleReader(WordReader):
    """Reads the simple commands of a text."""

    def command(self, tree: Tree) -> Command:
        """Return a command, such as ``export`` too, with its words, assignments and redirections."""
        words: list[Word] = []
        assignments: list[Assignment] = []
        redirections: list[Redirection] = []
        for child in tree.children:
            if child.type == "variable_assignment":
                assignments.append(self.assignment(child))
            elif child.type in REDIRECTS:
                redirections.extend(self.redirections(child))
            elif child.type == "$":
                continue
            elif child.type not in ("comment", "ERROR"):
                word = self.word(child)
                if words and self.text.text[words[-1].end : word.start] in _CONTINUED:
                    # The grammar ends a word where its line is continued.
                    before = words.pop()
                    parts = merged(iter((*before.parts, *word.parts)))
                    word = replace(word, parts=parts, start=before.start)
                words.append(word)
        return Command(tuple(words), tuple(assignments), tuple(redirections), *self.place(tree))

    def assignments(self, tree: Tree) -> Command:
        """Return assignments that stand by themselves as a command without words."""
        found = [tree] if tree.type == "variable_assignment" else tree.named_children
        made = tuple(self.assignment(child) for child in found if child.type == "variable_assignment")
        return Command((), made, (), *self.place(tree))

    def assignment(self, tree: Tree) -> Assignment:
        """Return one assignment; an empty value is a word without parts."""
        name, value, append = "", None, False
        elements: tuple[Word, ...] | None = None
        array = False
        for child in tree.children:
            if child.type in ("variable_name", "subscript") and not name:
                name = self.text.of(child).split("[")[0]
                array = child.type == "subscript"
            elif child.type in ("=", "+="):
                append = child.type == "+="
            elif child.type == "array":
                array = True
                elements = tuple(self.word(item) for item in child.named_children if item.type != "comment")
                value = self.word(child)
            else:
                value = self.word(child)
        start, end = self.place(tree)
        if value is None:
            value = Word((), end, end)
        if array:
            value = replace(value, parts=(UnknownPart(),))
        return Assignment(name, value, append, start, end, elements)

    def test(self, tree: Tree) -> Command:
        """Return ``[ … ]`` as the command that it is, each word and operator a word of it."""
        words: list[Word] = []
        for leaf in self.leaves(tree):
            word = self.word(leaf)
            if words and words[-1].end == word.start and self.text.text[words[-1].start] == "~":
                # The grammar takes the sign for the home folder for an operator.
                home = words.pop()
                # Another user's home folder isn't known.
                own = word.parts[:1] and isinstance(word.parts[0], str) and word.parts[0].startswith("/")
                parts = merged(iter((*home.parts, *word.parts))) if own else (UnknownPart(),)
                word = replace(word, parts=parts, start=home.start)
            words.append(word)
        return Command(tuple(words), (), (), *self.place(tree))

    def leaves(self, tree: Tree) -> Iterator[Tree]:
        """Yield the words and operators of a test, without the expressions that hold them, and what isn't there."""
        pending = list(reversed(tree.children))
        while pending:
            child = pending.pop()
            if child.type.endswith("_expression"):
                pending.extend(reversed(child.children))
            elif child.type != "comment" and child.start_byte < child.end_byte:
                yield child

    def arithmetic(self, tree: Tree) -> Command:
        """Return ``((…))`` as a command of which only the name is told."""
        start, end = self.place(tree)
        words = (Word(("((",), start, start + 2), Word((UnknownPart(),), start + 2, end))
        return Command(words, (), (), start, end)

    def redirections(self, tree: Tree) -> Iterator[Redirection]:
        """Yield what one redirection node holds; others may stand between a heredoc's marker and its text."""
        descriptor: int | None = None
        operator = ""
        target: Word | None = None
        heredoc: Word | None = None
        quoted = False
        for child in tree.children:
            kind = child.type
            if kind == "file_descriptor":
                number = self.text.of(child)
                descriptor = int(number) if number.isdigit() and len(number) < 4 else None
            elif not child.is_named and not operator:
                operator = kind
            elif is_read_write(child):
                operator += ">"
            elif kind == "heredoc_start":
                quoted = any(quote in self.text.of(child) for quote in "'\"\\")
            elif kind == "heredoc_body":
                heredoc = self.heredoc(child, quoted=quoted)
            elif kind in REDIRECTS:
                yield from self.redirections(child)
            elif tree.type != "heredoc_redirect" and child.is_named and target is None:
                target = self.word(child)
        if operator in (">&-", "<&-"):
            operator, target = operator[:2], Word(("-",), *self.place(tree))
        if descriptor is None:
            descriptor = 0 if operator.startswith("<") else 1
        yield Redirection(operator, descriptor, target, heredoc, *self.place(tree))

    def heredoc(self, tree: Tree, *, quoted: bool) -> Word:
        """Return the text below a command; nothing in it is expanded where the marker is quoted."""
        start, end = self.place(tree)
        if quoted:
            raw = self.text.of(tree)
            unknown = self.text.unknown(start, end)
            return Word((UnknownPart() if unknown else raw,), start, end, quoted=True)
        substitutions: list[StatementList] = []
        parts: list[str | UnknownPart] = []
        at = tree.start_byte
        for child in tree.named_children:
            if child.type in ("heredoc_content",):
                continue
            word = self.word(child)
            parts += [self.text.raw(at, child.start_byte).decode("utf-8", "replace"), UnknownPart()]
            substitutions.extend(word.substitutions)
            at = child.end_byte
        parts.append(self.text.raw(at, tree.end_byte).decode("utf-8", "replace"))
        if self.text.unknown(start, end):
            parts = [UnknownPart()]
        return Word(merged(iter(parts)), start, end, False, tuple(substitutions))
