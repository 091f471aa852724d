"""Analysis as commands use it: problems with files and arguments become the exceptions of the command line."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from compiler.commands.shared.console import ExitCode, Misconfigured, TemplateRun, Usage
from compiler.commands.shared.templates_on_disk import find_template
from compiler.disk import telling
from compiler.records import replace

if TYPE_CHECKING:
    from compiler.commands.shared.templates_on_disk import TemplatePath
    from compiler.pipeline import Analysis, Options
    from compiler.settings.settings import Settings
    from compiler.terraform.configuration.files import Files

# Frames of the stack: what a chain of references between values may take.
_RECURSION_LIMIT = 20_000


def analyze_template(template: TemplatePath, options: Options) -> Analysis:
    """Return what a template says.

    Raises :class:`Unreadable` where a file can't be read, :class:`Usage` where an option doesn't fit the template, and
    :class:`Misconfigured` where its configuration is wrong.
    """
    analysis = read_template(template, options)
    hold_addresses(unknown_addresses(analysis, options))
    return analysis


def analyze_at(run: TemplateRun, path: str) -> Analysis:
    """Return what the template at a path says. Raises like :func:`analyze_template`, and where there is no template."""
    return analyze_template(find_template(run.console.disk, path), run.options)


def ask(run: TemplateRun, path: str) -> tuple[Analysis, ExitCode]:
    """Return like :func:`analyze_at`, after the errors have been told, and the exit code that these mean."""
    analysis = analyze_at(run, path)
    return analysis, run.console.report_errors(path, analysis.diagnostics)


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


def read_template(template: TemplatePath, options: Options, files: Files | None = None) -> Analysis:
    """Return what a template says, whatever ``--set`` names. Raises like :func:`analyze_template`.

    ``files`` are read in the place of those on disk.
    """
    from compiler.pipeline import analyze
    from compiler.terraform.scope.inputs import UnknownVariable

    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION_LIMIT))
    try:
        with telling(template.given):
            return analyze(files or template.files, _configured(options, settings_of(template)))
    except UnknownVariable as exc:
        raise Usage(str(exc)) from None


def settings_of(template: TemplatePath) -> Settings:
    """Return a template's configuration.

    Raises :class:`Misconfigured` where it is wrong, :class:`Unreadable` where it can't be read.
    """
    from compiler.settings.settings import read_settings

    with telling(template.given):
        settings, found = read_settings(template.disk, os.path.abspath(template.folder))
    if found:
        raise Misconfigured(template.given, found)
    return settings


def _configured(options: Options, settings: Settings) -> Options:
    """Return what holds for a template: what the command line says goes before its configuration."""
    from compiler.terraform.scope.inputs import attribute_value

    return replace(
        options,
        arguments=(*(("var-file", path) for path in settings.var_files), *options.arguments),
        attributes={
            **{name: attribute_value(text) for name, text in settings.attributes.items()},
            **options.attributes,
        },
        assume_defaults=settings.assume_defaults if options.assume_defaults is None else options.assume_defaults,
        pedantic=settings.pedantic if options.pedantic is None else options.pedantic,
        severities=settings.severities,
        target=options.target or settings.target,
    )
