"""Pipelines and redirections put together as the shell does, where the grammar groups them otherwise."""

from __future__ import annotations

from compiler.records import replace
from compiler.shell.syntax import Chain, Command, Node, Not, Pipeline, Redirection, Word


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
