"""Flowcharts of Mermaid: its own parser takes them, and what it draws says what the graph says."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from compiler.drawing.mermaid import to_mermaid
from compiler.drawing.picture import make_picture
from compiler.order.model import Edge, Phase, UnitGraph
from compiler.order.outcome import Requires
from tests.graph.cases import ORIGIN, SUCCESS, unit
from tests.test_fixtures import CASES, analysis_of

HOSTILE = (
    'say "hi"',
    "a`b`c",
    "**bold** and _slanted_ and __x__",
    "1. one",
    "- item",
    "# heading #quot; #35;",
    "<script>alert(1)</script><br>&amp;&lt;",
    "%%{init: {}}%% %% comment",
    "]] end subgraph --> x ;",
    "back\\slash \\n",
    "$$x^2$$",
    "日本語 é 🚀",
    "https://example.com/a_b_c",
    "{{x}} [[y]] ((z)) >a]",
)

pytestmark = [pytest.mark.browser, pytest.mark.mermaid]


def render(page: Page, text: str) -> list[list[str]]:
    """Return the lines of each node and each box that Mermaid draws, in the order of the text."""
    drawn: list[list[str]] = page.evaluate(
        """async text => {
          const {svg} = await mermaid.render('drawn', text);
          document.getElementById('at').innerHTML = svg;
          const lines = at => at.innerHTML.split(/<br ?\\/?>/).map(part => {
            const inner = document.createElement('div'); inner.innerHTML = part; return inner.textContent;
          });
          return [...document.querySelectorAll('.node .nodeLabel')].map(lines);
        }""",
        text,
    )
    return drawn


def test_mermaid_takes_the_drawing_of_every_fixture(mermaid: Page) -> None:
    for case in CASES:
        mermaid.evaluate("text => mermaid.parse(text)", to_mermaid(map(make_picture, analysis_of(case).graphs)))


def test_mermaid_refuses_what_is_no_drawing(mermaid: Page) -> None:
    assert mermaid.evaluate("mermaid.parse('flowchart LR\\n a[', {suppressErrors: true})") is False


def test_a_name_of_any_characters_is_shown_as_it_is(mermaid: Page) -> None:
    units = tuple(unit(f"coder_script.u{number:02}", display_name=name) for number, name in enumerate(HOSTILE))
    edges = tuple(Edge(units[1].address, units[0].address, requires, (ORIGIN,)) for requires in Requires)
    graph = UnitGraph("coder_agent.main", Phase.START, units, edges)
    shown = render(mermaid, to_mermaid([make_picture(graph)]))
    assert [lines[1].replace("\u200b", "").strip() for lines in shown] == list(HOSTILE)


def test_names_that_look_alike_are_different_nodes(mermaid: Page) -> None:
    addresses = ("coder_script.end", "coder_script.a-b", "coder_script.a_b", 'coder_script.a["b"]', "end", "o", "x")
    units = tuple(unit(address) for address in sorted(addresses))
    edges = tuple(Edge(each.address, "end", SUCCESS, (ORIGIN,)) for each in units if each.address != "end")
    graph = UnitGraph("coder_agent.main", Phase.START, units, edges)
    other = UnitGraph("coder_agent.main", Phase.STOP, units, ())
    shown = render(mermaid, to_mermaid([make_picture(graph), make_picture(other)]))
    assert sorted(lines[0] for lines in shown) == sorted(2 * addresses)
