"""``unitc explain``: what a diagnostic means, offline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.console import Console, ExitCode, Usage
from compiler.disk import telling
from compiler.source.codes import CODES
from compiler.source.pages import PAGES, as_markdown
from compiler.source.prose import behind

if TYPE_CHECKING:
    from compiler.command_line.parameters import Annotated, complete_code, typer


@command("explain", reads_template=False)
def explain(
    console: Console,
    code: Annotated[
        str | None,
        typer.Argument(metavar="CODE", help="A diagnostic's code, such as UC203.", autocompletion=complete_code),
    ] = None,
    write: Annotated[
        str | None, typer.Option("--write", metavar="DIR", help="Write all pages into a folder, with a list of them.")
    ] = None,
) -> ExitCode:
    """Print what a diagnostic means, with a wrong and a right example."""
    if write is not None:
        return _write_pages(console, Path(write))
    from compiler.report.page import render_page

    width = console.width(console.stdout)
    if code is None:
        for name, title in sorted(CODES.items()):
            console.out("".join(f"{line}\n" for line in behind(title, width, f"{name}  ", " " * 7)))
        return ExitCode.OK
    name = code.upper()
    if name not in CODES:
        from compiler.source.suggest import did_you_mean

        near = did_you_mean(name.replace("O", "0"), CODES)
        raise Usage(f"there is no diagnostic {code}; {f'did you mean {near}?' if near else 'unitc explain lists all'}")
    console.out(render_page(console.disk.read(os.fspath(PAGES[name])).decode(), console.paint(console.stdout), width))
    return ExitCode.OK


def _write_pages(console: Console, folder: Path) -> ExitCode:
    """Write every page into a folder, and ``index.md`` with links to them, so that a site can show them.

    Raises :class:`Unreadable` where the folder can't be written.
    """
    index = "".join(f"* [{code}]({code}.md): {title}\n" for code, title in sorted(CODES.items()))
    pages = {f"{code}.md": as_markdown(path.read_text("utf-8")) for code, path in PAGES.items()}
    console.disk.wrote()
    with telling(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {**pages, "index.md": f"# Diagnostics of unitc\n\n{index}"}.items():
            (folder / name).write_text(text, "utf-8", newline="\n")
    console.note(f"wrote {folder} ({len(pages)} pages and index.md)")
    return ExitCode.OK
