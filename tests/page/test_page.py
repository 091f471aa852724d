"""The page in a real browser: search and selection work, nothing overflows, and no name or body does anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page

from compiler.drawing.draw import Wish, pictures_of
from compiler.drawing.html import to_html
from compiler.drawing.svg import replaced
from compiler.drawing.timeline import from_spans
from compiler.order.model import Conduct, Edge, KnownBody, Phase, UnitGraph
from compiler.records import replace
from compiler.status.events import read_events, spans_of
from tests.graph.cases import ORIGIN, SUCCESS, unit

pytestmark = pytest.mark.browser

EVIL = "</script><script>window.owned = 1</script><img src=x onerror='window.owned = 2'>\u2028<!--\"'&amp;"
GONE = "coder_script.gone"
CLONE, APP, HOSTILE = "coder_script.clone", "module.web.coder_script.app", f'coder_script.x["{EVIL}"]'


def _graph() -> UnitGraph:
    units = (
        unit(CLONE, display_name="Clone the repository"),
        replace(unit(HOSTILE, display_name=EVIL), body=KnownBody(f"echo '{EVIL}'\n")),
        replace(unit(APP, display_name="App"), conduct=Conduct(retries=2, optional=True)),
    )
    return UnitGraph("coder_agent.main", Phase.START, units, (Edge(APP, CLONE, SUCCESS, (ORIGIN,)),))


RAN = from_spans("before", spans_of(read_events(
    f"100\t{CLONE}\trunning\t-\n101\t{CLONE}\tready\t-\n103\t{CLONE}\tsucceeded\t0\n"
    f"103\t{quote(HOSTILE, safe='')}\trunning\t-\n104\t{quote(HOSTILE, safe='')}\tfailed\t3\n"
    f"104\t{GONE}\tskipped\t-\n"
)))  # fmt: skip


@pytest.fixture(params=[False, True], ids=["graph", "graph-and-timelines"])
def with_timelines(request: pytest.FixtureRequest) -> bool:
    """Whether the page shows two runs above the graph."""
    return bool(request.param)


@pytest.fixture
def page(context: BrowserContext, tmp_path: Path, with_timelines: bool) -> Iterator[Page]:
    """The page of a small graph with a hostile name. Whatever the console says, or asks a network, fails the test."""
    file = tmp_path / "page.html"
    graphs = (_graph(),)
    timelines = (RAN, replace(RAN, title="after")) if with_timelines else ()
    file.write_text(to_html(graphs, pictures_of(graphs, Wish()), (), timelines), "utf-8")
    opened = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(file.as_uri())
    yield opened
    assert said == []
    assert asked == [file.as_uri()]


def test_a_click_shows_a_unit_with_its_body(page: Page) -> None:
    page.locator(f'.node[data-unit="{CLONE}"]').last.click()
    assert page.locator("aside h2").first.text_content() == CLONE
    assert page.locator("aside pre").text_content() == "true"
    assert {node.get_attribute("data-unit") for node in page.locator(".node.chosen").all()} == {CLONE}


def test_names_and_bodies_are_text_whatever_they_hold(page: Page) -> None:
    page.locator("aside button").nth(1).click()
    assert page.locator("aside h2").first.text_content() == HOSTILE
    assert page.locator("aside pre").text_content() == f"echo '{EVIL}'\n"
    assert page.evaluate("window.owned") is None
    assert page.locator("img").count() == 0


def test_search_finds_units_by_address_and_by_name_from_the_keyboard(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("repository")
    assert page.locator("aside button").all_text_contents() == [CLONE]
    dim = page.locator(".node.dim")
    assert {node.get_attribute("data-unit") for node in dim.all()} - {GONE} == {replaced(HOSTILE), APP}
    page.keyboard.press("Enter")
    assert page.locator("aside h2").first.text_content() == CLONE
    page.keyboard.press("Escape")
    assert page.locator(".node.dim").count() == 0
    page.locator(f'.node[data-unit="{APP}"]').last.focus()
    page.keyboard.press("Enter")
    assert page.locator("aside h2").first.text_content() == APP


@pytest.mark.parametrize("width", [400, 1600])
def test_nothing_overflows(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.locator("aside button").nth(1).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_dark_is_dark(page: Page) -> None:
    def paper() -> object:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.emulate_media(color_scheme="light")
    assert paper() == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark")
    assert paper() == "rgb(13, 17, 23)"


def test_the_page_tells_all_that_a_unit_says_of_itself(page: Page) -> None:
    page.locator(f'.node[data-unit="{APP}"]').last.click()
    assert "tries again up to 2 times; optional" in page.locator("aside").inner_text()


@pytest.mark.parametrize("with_timelines", [True])
def test_what_logs_say_of_a_unit_stands_beside_what_the_template_says(page: Page) -> None:
    page.locator(f'.node[data-unit="{CLONE}"]').first.click()
    assert page.locator(".node.chosen").count() == 3
    facts = page.locator("aside dl").inner_text()
    assert facts.startswith("before\nsucceeded, 0 s to 3 s, ready at 1 s\nafter\n")
    assert "main.tf:1:1" in facts
    page.locator('.node[data-unit*="window.owned"]').last.click()
    assert page.locator("aside h2").first.text_content() == HOSTILE
    page.locator(f'.node[data-unit="{GONE}"]').first.click()
    assert page.locator("aside h2").all_text_contents() == [GONE]


def test_the_drawing_grows_and_shrinks_between_limits(page: Page) -> None:
    def width() -> float:
        found: float = page.evaluate("document.querySelector('main svg').getBoundingClientRect().width")
        return found

    before = width()
    page.locator("#in").click()
    assert width() == pytest.approx(before * 1.25, abs=0.1)
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert width() == pytest.approx(before * 0.8, abs=0.1)
    for _ in range(20):
        page.locator("#out").click()
    assert width() == pytest.approx(before / 4, abs=0.1)
