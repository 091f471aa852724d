"""What an order graph says of its edges, and why it refuses one."""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V", bound=Hashable)
E = TypeVar("E")


class Added(Enum):
    """What an addition did to the graph."""

    ADDED = "added"
    REPEATED = "repeated"


class UnknownVertex(LookupError):
    """A question about a vertex that isn't in the graph."""

    def __init__(self, vertex: Hashable) -> None:
        super().__init__(f"{vertex} is not in the graph")
        self.vertex = vertex


class EdgeRefused(Exception):
    """The base of everything for which an edge is refused. The graph is as it was before."""


class CycleClosed(EdgeRefused):
    """The edge closes a cycle. ``path`` is the cycle in running order; its last vertex is its first one again."""

    def __init__(self, path: tuple[Hashable, ...]) -> None:
        super().__init__("the edge closes the cycle " + " -> ".join(map(str, path)))
        self.path = path


class SelfEdge(CycleClosed):
    """The edge makes a vertex wait for itself: the shortest cycle. ``path`` names the vertex twice."""

    def __init__(self, vertex: Hashable) -> None:
        super().__init__((vertex, vertex))


class ConflictingEdge(EdgeRefused):
    """The pair is in the graph already, with the type ``existing`` rather than ``new``."""

    def __init__(self, dependent: Hashable, prerequisite: Hashable, existing: object, new: object) -> None:
        super().__init__(f"{dependent} waits for {prerequisite} with {existing} already, not with {new}")
        self.dependent = dependent
        self.prerequisite = prerequisite
        self.existing = existing
        self.new = new


class OrderEdge(NamedTuple, Generic[V, E]):
    """``dependent`` waits for ``prerequisite``; ``requires`` says what it waits for."""

    dependent: V
    prerequisite: V
    requires: E
