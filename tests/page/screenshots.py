"""Makes the pictures that README shows: ``python -m tests.page.screenshots``. Needs a Chromium on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from compiler.commands.timeline import gates_of
from compiler.drawing.draw import Wish, pictures_of
from compiler.drawing.html import to_html
from compiler.drawing.timeline import from_spans
from compiler.pipeline import Options, analyze
from compiler.status.events import read_events, spans_of
from compiler.terraform.configuration.files import DiskFiles

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CLONE, PACKAGES, NODE = "coder_script.clone", "coder_script.packages", "coder_script.node"
DATABASE, READY = "coder_script.database", "coder_script.ready"
INSTALL, COMPOSE = "module.docker.coder_script.install", "module.docker.coder_script.compose"
RAN = (
    (0, CLONE, "running"), (0, DATABASE, "running"), (4, CLONE, "retrying"), (9.5, CLONE, "succeeded"),
    (6, DATABASE, "succeeded"), (6, INSTALL, "running"), (14, INSTALL, "succeeded"), (9.5, PACKAGES, "running"),
    (13, PACKAGES, "succeeded"), (14, NODE, "running"), (21, NODE, "succeeded"), (21, COMPOSE, "running"),
    (27, COMPOSE, "succeeded"), (27, READY, "running"), (28.5, READY, "succeeded"),
)  # fmt: skip
SHOWN: tuple[tuple[Literal["light", "dark"], bool], ...] = (("light", False), ("dark", True))
"""In which colours, and whether with the timeline of a run."""


def main() -> None:
    """Write the page of one fixture as it looks in light and in dark."""
    analysis = analyze(DiskFiles(FIXTURES / "mutex"), Options())
    pictures = pictures_of(analysis.graphs, Wish())
    events = "".join(f"{time}\t{unit}\t{what}\t-\n" for time, unit, what in sorted(RAN))
    ran = from_spans("events.tsv", spans_of(read_events(events)), gates_of(analysis))
    folder = FIXTURES / "pictures"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme, with_run in SHOWN:
            # As wide as what there is to show, so that nothing is cut off.
            width, height = (1440, 760) if with_run else (1200, 480)
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            timelines = (ran,) if with_run else ()
            page.set_content(to_html(analysis.graphs, pictures, analysis.diagnostics, timelines))
            page.locator(f'.node[data-unit="{PACKAGES}"]').last.click()
            page.screenshot(path=folder / f"page-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main()
