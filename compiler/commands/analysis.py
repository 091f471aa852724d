"""Analysis as commands use it: problems with files and arguments become the exceptions of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.commands.console import Usage
from compiler.output.writer import Unreadable

if TYPE_CHECKING:
    from compiler.commands.templates_on_disk import TemplatePath
    from compiler.pipeline import Analysis, Options
    from compiler.terraform.configuration.files import Files

__all__ = ["analyze_template"]


def analyze_template(template: TemplatePath, options: Options, files: Files | None = None) -> Analysis:
    """Return what a template says. ``files`` are those of its folder unless given.

    Raises :class:`Unreadable` where a file can't be read, :class:`Usage` where an option doesn't fit the template.
    """
    from compiler.pipeline import analyze
    from compiler.terraform.configuration.files import DiskFiles
    from compiler.terraform.scope.variables import UnknownVariable

    try:
        return analyze(files or DiskFiles(template.folder), options)
    except OSError as exc:
        raise Unreadable(f"{exc.filename or template.given}: {exc.strerror or exc}") from None
    except UnknownVariable as exc:
        raise Usage(str(exc)) from None
