"""The boxes around nodes, one inside the other, for the forms that draw them as nested blocks of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from compiler.drawing.picture import Shape


def nested(
    nodes: Sequence[Shape], draw: Callable[[int, Shape], str], opens: Callable[[int, str], Sequence[str]], closes: str
) -> Iterator[str]:
    """Yield the lines of all nodes, each inside of its boxes, two spaces deeper in each.

    ``draw`` makes a node's line from its position, ``opens`` the first lines of a box from its number and its address,
    without what stands around it, and ``closes`` ends one. Boxes are numbered from 0 in the order of the text.
    """
    numbers: dict[tuple[str, ...], int] = {}
    around: tuple[str, ...] = ()
    order = sorted(range(len(nodes)), key=lambda position: (nodes[position].boxes, position))
    for position in order:
        node = nodes[position]
        same = 0
        while same < min(len(around), len(node.boxes)) and around[same] == node.boxes[same]:
            same += 1
        for depth in range(len(around), same, -1):
            yield "  " * (depth - 1) + closes
        for depth in range(same, len(node.boxes)):
            path = node.boxes[: depth + 1]
            number = numbers.setdefault(path, len(numbers))
            outer = f"{path[-2]}." if len(path) > 1 else ""
            yield from ("  " * depth + line for line in opens(number, path[-1].removeprefix(outer)))
        around = node.boxes
        yield "  " * len(around) + draw(position, node)
    for depth in range(len(around), 0, -1):
        yield "  " * (depth - 1) + closes
