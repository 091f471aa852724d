"""A real browser for what is drawn for one, and Mermaid for what is drawn for that."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser, or Mermaid, where there is none; in CI both must be there."""
    if os.environ.get("CI"):
        return
    missing = {
        "browser": any(map(shutil.which, _NAMES)) or "chromium is not on PATH",
        "mermaid": bool(os.environ.get("UNITC_MERMAID")) or "UNITC_MERMAID doesn't name mermaid.min.js",
    }
    for item in items:
        for name, there in missing.items():
            if item.get_closest_marker(name) is not None and there is not True:
                item.add_marker(pytest.mark.skip(reason=str(there)))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, the same for all tests of a process."""
    path = next(filter(None, map(shutil.which, _NAMES)))
    with sync_playwright() as playwright:
        # Root has no sandbox, and containers have little shared memory.
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def mermaid(browser: Browser) -> Iterator[Page]:
    """A page with Mermaid in it, which lets nobody reach a network."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_content("<!doctype html><title>mermaid</title><pre id=at></pre>")
    page.add_script_tag(content=Path(os.environ["UNITC_MERMAID"]).read_text("utf-8"))
    page.evaluate("mermaid.initialize({startOnLoad: false, securityLevel: 'strict'})")
    yield page
    context.close()
