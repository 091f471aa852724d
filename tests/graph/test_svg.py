"""The drawing in SVG: it is XML whatever names hold, nothing overlaps, and few arrows cross."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.drawing.draw import Wish, draw
from compiler.drawing.layout import Size, crossings, place
from compiler.drawing.picture import make_picture
from compiler.drawing.svg import to_svg
from compiler.order.model import Edge, Phase, UnitGraph
from compiler.order.outcome import Requires
from compiler.pipeline import Options, analyze
from compiler.terraform.configuration.files import DiskFiles
from tests.golden import check_golden
from tests.graph.cases import ORIGIN, SUCCESS, unit

SVG = "{http://www.w3.org/2000/svg}"
FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
BOX = Size(100, 40)


def graph(edges: str, *alone: str) -> UnitGraph:
    """Return a graph from words such as ``ab``: b waits for a."""
    pairs = edges.split()
    names = sorted({*"".join(pairs), *alone})
    drawn = tuple(Edge(pair[1], pair[0], SUCCESS, (ORIGIN,)) for pair in pairs)
    return UnitGraph("coder_agent.main", Phase.START, tuple(map(unit, names)), drawn)


@given(st.text(), st.text())
def test_any_name_is_text_and_nothing_else(name: str, runtime: str) -> None:
    units = (unit(f'coder_script.x["{name}"]', display_name=name, mutexes=(name,)), unit("coder_script.y"))
    text = to_svg([make_picture(UnitGraph(runtime, Phase.START, units, ()))])
    kinds = [element.tag.removeprefix(SVG) for element in ElementTree.fromstring(text).iter()]
    assert set(kinds) == {"svg", "style", "defs", "marker", "path", "rect", "g", "text", "title"}
    assert kinds.count("g") == 4


@pytest.mark.parametrize("case", ["faulty-cycle", "mutex"])
def test_a_drawing_looks_as_it_was_approved(case: str) -> None:
    analysis = analyze(DiskFiles(FIXTURES / case), Options())
    check_golden(Path(__file__).parent / "drawings" / f"{case}.svg", draw(analysis.graphs, "svg"))


def test_each_kind_of_edge_has_a_line_of_its_own() -> None:
    units = tuple(map(unit, ("a", *Requires)))
    edges = tuple(Edge(requires, "a", requires, (ORIGIN,)) for requires in Requires)
    text = draw((UnitGraph("coder_agent.main", Phase.START, units, edges),), "svg")
    for requires in Requires:
        assert (f">{requires}</text>\n" in text.split("</g>")[-3]) is (requires is not SUCCESS)


arrows = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), unique=True, max_size=25)


@given(arrows)
def test_boxes_never_overlap_and_all_is_inside_of_the_drawing(pairs: list[tuple[int, int]]) -> None:
    placed = place([BOX] * 12, pairs)
    for (x, y), (to_x, to_y) in combinations(placed.corners, 2):
        assert abs(x - to_x) >= BOX.width or abs(y - to_y) >= BOX.height
    for x, y in placed.corners:
        assert -0.01 <= x <= placed.width - BOX.width + 0.01
        assert -0.01 <= y <= placed.height - BOX.height + 0.01
    assert len(placed.ways) == len(pairs)


def test_what_can_be_drawn_without_a_crossing_is() -> None:
    # Each unit waits for the one at the mirrored place.
    count = 8
    placed = place([BOX] * (2 * count), [(number, 2 * count - 1 - number) for number in range(count)])
    middles = [(way[0][1], way[-1][1]) for way in placed.ways]
    assert [end for _, end in sorted(middles)] == sorted(end for _, end in middles)


def test_crossings_are_counted_pair_by_pair() -> None:
    assert crossings([[0, 1], [2, 3]], [[3], [2], [], []]) == 1
    assert crossings([[0, 1], [2, 3]], [[2, 3], [2, 3], [], []]) == 1
    assert crossings([[0, 1], [2, 3]], [[2], [3], [], []]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("fold", [None, False])
def test_a_thousand_units_are_drawn_and_modules_folded(fold: bool | None) -> None:
    names = [f"module.m{number % 40}.coder_script.u{number:03}" for number in range(1000)]
    edges = tuple(
        Edge(names[number], names[other], SUCCESS, (ORIGIN,))
        for number in range(1, 1000)
        for other in sorted({number // 2, number * 7 // 9})
        if other < number
    )
    large = UnitGraph("coder_agent.main", Phase.START, tuple(map(unit, sorted(names))), edges)
    text = draw((large,), "svg", Wish(fold))
    assert text.count("data-unit=") == (40 if fold is None else 1000)
