"""Analysis as commands use it: problems with files and arguments become the exceptions of the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from compiler.commands.console import Usage
from compiler.output.writer import Unreadable

if TYPE_CHECKING:
    from compiler.commands.templates_on_disk import TemplatePath
    from compiler.pipeline import Analysis, Options

__all__ = ["analyze_template", "hold_addresses", "read_template", "unknown_addresses"]


def analyze_template(template: TemplatePath, options: Options) -> Analysis:
    """Return what a template says.

    Raises :class:`Unreadable` where a file can't be read, :class:`Usage` where an option doesn't fit the template.
    """
    analysis = read_template(template, options)
    hold_addresses(unknown_addresses(analysis, options))
    return analysis


def unknown_addresses(analysis: Analysis, options: Options) -> frozenset[str]:
    """Return the addresses of ``--set`` that nothing in a template has; none where errors may hide what it has."""
    from compiler.terraform.configuration.module import Mode, walk

    if not options.attributes or not analysis.valid:
        return frozenset()
    known: set[str] = set()
    for config in walk(analysis.config):
        prefix = "".join(f"module.{name}." for name in config.path)
        for resource in config.module.resources.values():
            known.add(f"{prefix}{resource.address}.")
            if resource.mode is Mode.DATA:
                known.add(f"{resource.address}.")
    plain = {address: re.sub(r"\[[^]]*\]", "", address) for address in options.attributes}
    return frozenset(address for address, text in plain.items() if not text.startswith(tuple(known)))


def hold_addresses(unknown: frozenset[str]) -> None:
    """Raise :class:`Usage` where there is an address of ``--set`` that no template has."""
    if unknown:
        raise Usage(f"--set {min(unknown)}: the template has no such resource or data source")


def read_template(template: TemplatePath, options: Options) -> Analysis:
    """Return what a template says, whatever ``--set`` names. Raises like :func:`analyze_template`."""
    from compiler.pipeline import analyze
    from compiler.terraform.scope.variables import UnknownVariable

    try:
        return analyze(template.files, options)
    except OSError as exc:
        raise Unreadable(f"{exc.filename or template.given}: {exc.strerror or exc}") from None
    except UnknownVariable as exc:
        raise Usage(str(exc)) from None
