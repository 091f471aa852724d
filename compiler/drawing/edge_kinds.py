"""How each requirement looks: one row for each, which every drawing reads.

Kinds are told apart by line and by word, not by colour. Success is what an edge requires unless it says otherwise, so
it has the plain line and no word.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compiler.order.outcome import Requires
from compiler.records import dataclass


@dataclass(frozen=True, slots=True)
class EdgeKind:
    """One kind of edge: its word, empty for none, and its line in each form.

    ``dot`` is a style of Graphviz, ``mermaid`` an arrow of a flowchart, ``dash`` a dash pattern of SVG, empty for a
    line without gaps.
    """

    word: str
    dot: str
    mermaid: str
    dash: str


EDGE_KINDS: Mapping[Requires, EdgeKind] = MappingProxyType(
    {
        Requires.START: EdgeKind("start", dot="dotted", mermaid="-.->", dash="2 4"),
        Requires.READY: EdgeKind("ready", dot="dotted", mermaid="-.->", dash="2 4"),
        Requires.COMPLETION: EdgeKind("completion", dot="dashed", mermaid="-.->", dash="8 4"),
        Requires.FAILURE: EdgeKind("failure", dot="dashed", mermaid="-.->", dash="8 4"),
        Requires.SUCCESS: EdgeKind("", dot="solid", mermaid="-->", dash=""),
    }
)
