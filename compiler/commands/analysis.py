"""Analysis as commands use it: problems with files and arguments become the exceptions of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.console import Unreadable, Usage

if TYPE_CHECKING:
    from compiler.pipeline import Analysis, Options
    from compiler.templates_on_disk import TemplatePath
    from compiler.terraform.files import Files

__all__ = ["analyze_template"]


def analyze_template(template: TemplatePath, options: Options, files: Files | None = None) -> Analysis:
    """Return what a template says. ``files`` are those of its folder unless given.

    Raises :class:`Unreadable` where a file can't be read, :class:`Usage` where an option doesn't fit the template.
    """
    from compiler.pipeline import analyze
    from compiler.terraform.files import DiskFiles
    from compiler.terraform.variables import UnknownVariable

    try:
        return analyze(files or DiskFiles(template.folder), options)
    except OSError as exc:
        raise Unreadable(f"{exc.filename or template.given}: {exc.strerror or exc}") from None
    except UnknownVariable as exc:
        raise Usage(str(exc)) from None
