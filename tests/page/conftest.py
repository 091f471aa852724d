"""A real browser for what is drawn for one, and Mermaid for what is drawn for that."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 300_000
"""Milliseconds that a browser may take for anything, which is far more than it ever does, on a slow machine too."""


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


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chromium for these tests alone: it keeps an event loop running, beside which others can start none."""
    path = next(filter(None, map(shutil.which, _NAMES)))
    with sync_playwright() as playwright:
        # Root has no sandbox, and containers have little shared memory.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        running = playwright.chromium.launch(executable_path=path, args=arguments, timeout=_PATIENCE)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A window of its own for a test."""
    made = browser.new_context(viewport={"width": 1600, "height": 900})
    made.set_default_timeout(_PATIENCE)
    yield made
    made.close()


@pytest.fixture(scope="package")
def mermaid(browser: Browser) -> Iterator[Page]:
    """A page with Mermaid in it, which lets nobody reach a network."""
    context = browser.new_context(offline=True)
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    page.set_content("<!doctype html><title>mermaid</title><pre id=at></pre>")
    page.add_script_tag(content=Path(os.environ["UNITC_MERMAID"]).read_text("utf-8"))
    page.evaluate("mermaid.initialize({startOnLoad: false, securityLevel: 'strict'})")
    yield page
    context.close()
