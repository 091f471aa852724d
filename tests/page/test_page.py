"""The page in a real browser: search and selection work, nothing overflows, and no name or body does anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from compiler.drawing.draw import Wish, pictures_of
from compiler.drawing.html import to_html
from compiler.order.model import Conduct, Edge, KnownBody, Phase, UnitGraph
from compiler.records import replace
from tests.graph.cases import ORIGIN, SUCCESS, unit

pytestmark = pytest.mark.browser

EVIL = "</script><script>window.owned = 1</script><img src=x onerror='window.owned = 2'>\u2028<!--\"'&amp;"
CLONE, APP, HOSTILE = "coder_script.clone", "module.web.coder_script.app", f'coder_script.x["{EVIL}"]'


def _graph() -> UnitGraph:
    units = (
        unit(CLONE, display_name="Clone the repository"),
        replace(unit(HOSTILE, display_name=EVIL), body=KnownBody(f"echo '{EVIL}'\n")),
        replace(unit(APP, display_name="App"), conduct=Conduct(retries=2, optional=True)),
    )
    return UnitGraph("coder_agent.main", Phase.START, units, (Edge(APP, CLONE, SUCCESS, (ORIGIN,)),))


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page of a small graph with a hostile name. Whatever the console says, or asks a network, fails the test."""
    file = tmp_path / "page.html"
    graphs = (_graph(),)
    file.write_text(to_html(graphs, pictures_of(graphs, Wish()), ()), "utf-8")
    context = browser.new_context(viewport={"width": 1600, "height": 900})
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
    context.close()


def test_a_click_shows_a_unit_with_its_body(page: Page) -> None:
    page.locator(f'.node[data-unit="{CLONE}"]').click()
    assert page.locator("aside h2").first.text_content() == CLONE
    assert page.locator("aside pre").text_content() == "true"
    assert page.locator(".node.chosen").count() == 1


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
    assert page.locator(".node.dim").count() == 2
    page.keyboard.press("Enter")
    assert page.locator("aside h2").first.text_content() == CLONE
    page.keyboard.press("Escape")
    assert page.locator(".node.dim").count() == 0
    page.locator(f'.node[data-unit="{APP}"]').focus()
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
    page.locator(f'.node[data-unit="{APP}"]').click()
    assert "tries again up to 2 times; optional" in page.locator("aside").inner_text()
