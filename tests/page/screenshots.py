"""Makes the pictures that README shows: ``python -m tests.page.screenshots``. Needs a Chromium on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from compiler.drawing.draw import Wish, pictures_of
from compiler.drawing.html import to_html
from compiler.pipeline import Options, analyze
from compiler.terraform.configuration.files import DiskFiles

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SHOWN: tuple[tuple[Literal["light", "dark"], int, int], ...] = (("light", 1200, 480), ("dark", 1200, 480))


def main() -> None:
    """Write the page of one fixture as it looks in light and in dark."""
    analysis = analyze(DiskFiles(FIXTURES / "mutex"), Options())
    text = to_html(analysis.graphs, pictures_of(analysis.graphs, Wish()), analysis.diagnostics)
    folder = FIXTURES / "pictures"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme, width, height in SHOWN:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.set_content(text)
            page.locator('.node[data-unit="coder_script.packages"]').click()
            page.screenshot(path=folder / f"page-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
