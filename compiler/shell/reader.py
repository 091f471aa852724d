"""From shell text to its tree. What the grammar can't read is passed over, and :attr:`ShellScript.broken` says so.

Pipelines and redirections are put together as the shell does, where the grammar groups them otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from compiler.records import dataclass, replace
from compiler.shell.interpreter import Interpreter, interpreter_of, shell_of
from compiler.shell.simple import REDIRECTS, SimpleReader, is_read_write
from compiler.shell.syntax import (
    Case,
    Chain,
    Command,
    CommandGroup,
    FunctionDeclaration,
    If,
    Node,
    Not,
    Pipeline,
    Redirection,
    ShellLoop,
    Statement,
    StatementList,
    Word,
)
from compiler.shell.words import EncodedText

if TYPE_CHECKING:
    from tree_sitter import Node as Tree
    from tree_sitter import Parser


# Trees nest as deep as the text does; what is deeper than anything a person writes isn't read.
_MAX_DEPTH = 60
# A list of many parts is a tree as deep as it has parts.
_MAX_NESTED = 200


@dataclass(frozen=True, slots=True)
class ShellScript:
    """A script's text as a tree. ``body`` is empty where it isn't written for a shell.

    ``broken``: something in it could not be read. ``whole``: all of its text is known.
    """

    text: str
    interpreter: Interpreter
    body: StatementList
    broken: bool
    whole: bool


@cache
def _parser() -> Parser:
    # Imported late: a template without bodies has no use for the grammar.
    from tree_sitter import Language, Parser

    return Parser(Language(_grammar().language()))


def _grammar() -> Any:
    """Return the extension module of tree_sitter_bash.

    The package around it imports what it finds its files of queries with, which takes longer than to read ten scripts.
    """
    package = PathFinder.find_spec("tree_sitter_bash")
    assert package is not None
    found = PathFinder.find_spec("tree_sitter_bash._binding", package.submodule_search_locations)
    assert found is not None
    assert found.loader is not None
    module = sys.modules[found.name] = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def read(text: str, holes: Sequence[tuple[int, int]] = (), stand_in: str = "\0") -> ShellScript:
    """Return what a script's text says.

    ``holes`` are the places, as offsets, where ``stand_in`` is written for what isn't known.
    """
    interpreter = shell_of(text, holes)
    if interpreter is None:
        return ShellScript(text, interpreter_of(text), (), broken=False, whole=not holes)
    located = EncodedText(text, holes, stand_in)
    root = _parser().parse(located.data).root_node
    reader = _TreeReader(located)
    body = reader.body(root.children)
    return ShellScript(text, interpreter, body, reader.too_deep or (root.has_error and _is_broken(root)), not holes)


def _is_broken(root: Tree) -> bool:
    pending = [root]
    while pending:
        tree = pending.pop()
        if tree.is_missing or (tree.type == "ERROR" and not is_read_write(tree)):
            return True
        pending.extend(child for child in tree.children if child.has_error or child.is_missing)
    return False


class _TreeReader(SimpleReader):
    def __init__(self, text: EncodedText) -> None:
        super().__init__(text)
        self.depth = 0
        self.nested = 0
        self.too_deep = False

    # Bodies

    def body(self, trees: Sequence[Tree]) -> StatementList:
        """Return the statements that nodes make, those of what can't be read included."""
        found: list[Statement] = []
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.too_deep = True
            trees = ()
        for tree in trees:
            if tree.type == "&" and found:
                found[-1] = replace(found[-1], background=True)
            elif tree.type == "ERROR":
                found.extend(self.body(tree.children))
            elif tree.is_named and tree.type not in ("comment", "heredoc_body", "heredoc_end"):
                node = self.node(tree)
                if node is not None:
                    found.append(Statement(node, _forks(node)))
        self.depth -= 1
        return tuple(found)

    def inner(self, tree: Tree) -> StatementList:
        """Return the statements inside of a node's brackets."""
        if tree.type not in (
            "subshell",
            "compound_statement",
            "do_group",
            "command_substitution",
            "process_substitution",
        ):
            return self.body([tree])
        return self.body(tree.children)

    def node(self, tree: Tree) -> Node | None:
        read_it = _NODES.get(tree.type)
        if read_it is None:
            return None
        if self.nested > _MAX_NESTED:
            self.too_deep = True
            return None
        self.nested += 1
        try:
            return read_it(self, tree)
        finally:
            self.nested -= 1

    def redirected(self, tree: Tree) -> Node | None:
        """Return a node with its redirections, and with what stands behind a heredoc's marker on its line."""
        node: Node | None = None
        redirections: list[Redirection] = []
        more: list[Word] = []
        tail: list[Tree] = []
        for child in tree.children:
            if child.type in REDIRECTS:
                redirections.extend(self.redirections(child))
                if child.type == "heredoc_redirect":
                    more.extend(self.word(item) for item in child.named_children if item.type in _ARGUMENTS)
                    tail.extend(item for item in child.children if item.type in _TAIL)
                    tail.extend(child.children_by_field_name("right"))
                    tail = sorted({item.id: item for item in tail}.values(), key=lambda item: item.start_byte)
            elif child.is_named and child.type != "comment":
                node = self.node(child)
        start, end = self.place(tree)
        if node is None:
            node = Command((), (), (), start, end)
        node = redirected(node, tuple(redirections), tuple(more))
        return self.continued(node, tail)

    def continued(self, node: Node, tail: Sequence[Tree]) -> Node:
        operator = ""
        for item in tail:
            if item.type == "pipeline":
                bars = [child.type == "|&" for child in item.children if child.type in ("|", "|&")]
                stages = [made for child in item.named_children if (made := self.node(child)) is not None]
                node = piped((node, *stages), tuple(bars))
            elif item.type in ("&&", "||"):
                operator = item.type
            elif operator:
                right = self.node(item)
                if right is not None:
                    node = Chain(node, operator, right, node.start, right.end)
        return node

    # Lists

    def list_(self, tree: Tree) -> Node | None:
        nodes = [made for child in tree.named_children if (made := self.node(child)) is not None]
        operators = [child.type for child in tree.children if child.type in ("&&", "||")]
        if not nodes:
            return None
        node = nodes[0]
        for operator, right in zip(operators, nodes[1:], strict=False):
            node = Chain(node, operator, right, node.start, right.end)
        return node

    def pipeline(self, tree: Tree) -> Node | None:
        nodes = [made for child in tree.named_children if (made := self.node(child)) is not None]
        bars = [child.type == "|&" for child in tree.children if child.type in ("|", "|&")]
        return piped(tuple(nodes), tuple(bars)) if nodes else None

    def negated(self, tree: Tree) -> Node | None:
        inner = next((made for child in tree.named_children if (made := self.node(child)) is not None), None)
        return None if inner is None else Not(inner, *self.place(tree))

    # What is made of others

    def group(self, tree: Tree) -> Node:
        if tree.children and tree.children[0].type == "((":
            return self.arithmetic(tree)
        return CommandGroup("(" if tree.type == "subshell" else "{", self.body(tree.children), (), *self.place(tree))

    def if_(self, tree: Tree) -> If:
        arms: list[tuple[StatementList, StatementList]] = []
        otherwise: StatementList | None = None
        parts: list[Tree] = []
        condition: StatementList | None = None
        for child in tree.children:
            if child.type == "then":
                condition, parts = self.body(parts), []
            elif child.type in ("elif_clause", "else_clause", "fi"):
                if condition is not None:
                    arms.append((condition, self.body(parts)))
                condition, parts = None, []
                if child.type == "elif_clause":
                    inner = self.if_(child)
                    arms.extend(inner.arms)
                elif child.type == "else_clause":
                    otherwise = self.body(child.children[1:])
            elif child.type not in ("if", "elif"):
                parts.append(child)
        if condition is not None:
            arms.append((condition, self.body(parts)))
        return If(tuple(arms), otherwise, (), *self.place(tree))

    def while_(self, tree: Tree) -> ShellLoop:
        keyword = tree.children[0].type
        condition = self.body([child for child in tree.children[1:] if child.type != "do_group"])
        return ShellLoop(keyword, condition, None, (), self.loop_body(tree), (), *self.place(tree))

    def loop_body(self, tree: Tree) -> StatementList:
        return self.body(
            [
                item
                for child in tree.children
                if child.type in ("do_group", "compound_statement")
                for item in child.children
            ]
        )

    def for_(self, tree: Tree) -> ShellLoop:
        keyword, variable, words = tree.children[0].type, None, []
        for child in tree.children[1:]:
            if child.type == "variable_name" and variable is None:
                variable = self.text.of(child)
            elif child.is_named and child.type not in ("do_group", "comment", "compound_statement"):
                words.append(self.word(child))
        return ShellLoop(keyword, (), variable, tuple(words), self.loop_body(tree), (), *self.place(tree))

    def c_style_for(self, tree: Tree) -> ShellLoop:
        return ShellLoop("for", (), None, (), self.loop_body(tree), (), *self.place(tree))

    def case(self, tree: Tree) -> Case:
        word: Word | None = None
        bodies: list[StatementList] = []
        total = False
        for child in tree.named_children:
            if child.type == "case_item":
                patterns, found, closed = [], [], False
                for item in child.children:
                    if closed:
                        found.append(item)
                    elif item.type == ")":
                        closed = True
                    else:
                        patterns.append(self.text.of(item))
                total = total or "*" in patterns
                bodies.append(self.body(found))
            elif child.type != "comment" and word is None:
                word = self.word(child)
        return Case(word, tuple(bodies), total, (), *self.place(tree))

    def function(self, tree: Tree) -> FunctionDeclaration:
        name = ""
        body: StatementList = ()
        for child in tree.named_children:
            if child.type == "word" and not name:
                name = self.text.of(child)
            elif child.type not in ("comment", *REDIRECTS):
                body = self.inner(child)
        return FunctionDeclaration(name, body, tree.children[0].type == "function", (), *self.place(tree))


_ARGUMENTS = frozenset({"word", "string", "raw_string", "concatenation", "simple_expansion", "expansion", "number"})
_TAIL = frozenset({"pipeline", "&&", "||"})

_NODES = {
    "command": _TreeReader.command,
    "declaration_command": _TreeReader.command,
    "unset_command": _TreeReader.command,
    "variable_assignment": _TreeReader.assignments,
    "variable_assignments": _TreeReader.assignments,
    "test_command": _TreeReader.test,
    "redirected_statement": _TreeReader.redirected,
    "list": _TreeReader.list_,
    "pipeline": _TreeReader.pipeline,
    "negated_command": _TreeReader.negated,
    "subshell": _TreeReader.group,
    "compound_statement": _TreeReader.group,
    "if_statement": _TreeReader.if_,
    "while_statement": _TreeReader.while_,
    "for_statement": _TreeReader.for_,
    "c_style_for_statement": _TreeReader.c_style_for,
    "case_statement": _TreeReader.case,
    "function_definition": _TreeReader.function,
}


def _forks(node: Node) -> bool:
    """Return whether a command sends what it runs to the background by itself. Source: setsid(1), ``--fork``."""
    if not isinstance(node, Command) or node.name != "setsid":
        return False
    options = [*takewhile(lambda text: text.startswith("-"), (text or "" for text in node.texts[1:]))]
    letters = {letter for option in options if not option.startswith("--") for letter in option}
    return ("f" in letters or "--fork" in options) and not ("w" in letters or "--wait" in options)


def piped(nodes: tuple[Node, ...], bars: tuple[bool, ...]) -> Node:
    """Return a pipeline; the grammar gives its last part to a list now and then, and ``!`` to its first."""
    first, last = nodes[0], nodes[-1]
    if len(nodes) == 1:
        return first
    if isinstance(last, Chain):
        left = piped((*nodes[:-1], last.left), bars)
        return Chain(left, last.operator, last.right, left.start, last.end)
    if isinstance(first, Not):
        inner = piped((first.node, *nodes[1:]), bars)
        return Not(inner, first.start, inner.end)
    if isinstance(last, Pipeline):
        nodes, bars = (*nodes[:-1], *last.nodes), (*bars, *last.errors_too)
    if isinstance(first, Pipeline):
        nodes, bars = (*first.nodes, *nodes[1:]), (*first.errors_too, *bars)
    return Pipeline(nodes, bars, nodes[0].start, nodes[-1].end)


def redirected(node: Node, redirections: tuple[Redirection, ...], words: tuple[Word, ...]) -> Node:
    """Return a node with redirections, which belong to the last command of a list or pipeline."""
    end = max([node.end, *(item.end for item in redirections if item.heredoc is None)])
    match node:
        case Command():
            return replace(node, words=(*node.words, *words), redirections=(*node.redirections, *redirections), end=end)
        case Pipeline():
            return replace(node, nodes=(*node.nodes[:-1], redirected(node.nodes[-1], redirections, words)), end=end)
        case Chain():
            return replace(node, right=redirected(node.right, redirections, words), end=end)
        case Not():
            return replace(node, node=redirected(node.node, redirections, words), end=end)
        case _:
            return replace(node, redirections=(*node.redirections, *redirections), end=end)
