"""``unitc check``: diagnostics and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from compiler.commands.analysis import hold_addresses, read_template, unknown_addresses
from compiler.commands.console import Console, ExitCode, Format, strictly
from compiler.commands.templates_on_disk import find_templates
from compiler.output.writer import Unreadable

if TYPE_CHECKING:
    from compiler.commands.templates_on_disk import TemplatePath
    from compiler.pipeline import Options
    from compiler.source.span import Source

__all__ = ["Fix", "check"]


# One change may make way for the next; what goes on longer than this goes in a circle.
_MAX_ROUNDS = 10


class Fix(Enum):
    """What becomes of the changes that diagnostics offer."""

    LEAVE = "they are not made"
    SHOW = "they are printed as a diff"
    MAKE = "they are made in the files"


def check(
    console: Console, paths: Sequence[str], options: Options, form: Format, *, strict: bool, fix: Fix = Fix.LEAVE
) -> ExitCode:
    """Report what is wrong with the templates that the paths name, after what can be mended has been."""
    from compiler.shell.tools import Tools

    if fix is Fix.SHOW:
        for template in find_templates(console.disk, paths):
            _show(console, template, options)
        return ExitCode.OK
    if fix is Fix.MAKE:
        for template in find_templates(console.disk, paths):
            _mend(console, template, options)
    tools = Tools.found(console.disk)
    options = replace(options, tools=tools)
    results = []
    # An address counts where one of the templates has it.
    unknown = frozenset(options.attributes)
    for template in find_templates(console.disk, paths):
        analysis = read_template(template, options)
        unknown &= unknown_addresses(analysis, options)
        results.append((template.given, strictly(analysis.diagnostics, strict=strict)))
    hold_addresses(unknown)
    code = console.report(results, form)
    if form is Format.TEXT and code is ExitCode.OK:
        if tools.shellcheck is None:
            console.note("ShellCheck is not installed, so it checked no script: pip install 'unitc-coder[shellcheck]'")
        console.note(f"{len(results)} template{'s' * (len(results) != 1)} checked, no errors.")
    return code


def _changes(template: TemplatePath, options: Options) -> list[tuple[Source, str]]:
    """Return the template's own files that can be mended, with their new texts."""
    from compiler.output.fix import fixed

    found = fixed(read_template(template, options).diagnostics)
    own = [(source, text) for source, text in found.items() if not source.name.startswith(("/", "../", ".terraform/"))]
    return sorted(own, key=lambda item: item[0].name)


def _show(console: Console, template: TemplatePath, options: Options) -> None:
    from compiler.output.fix import fix_diff

    for source, text in _changes(template, options):
        console.out(fix_diff(source, text))


def _mend(console: Console, template: TemplatePath, options: Options) -> None:
    from compiler.output.fix import replace_file

    mended: set[str] = set()
    for _ in range(_MAX_ROUNDS):
        changes = _changes(template, options)
        for source, text in changes:
            try:
                replace_file(console.disk, template.folder / source.name, text)
            except OSError as exc:
                raise Unreadable(f"{source.name}: {exc.strerror or exc}") from None
            mended.add(source.name)
        if not changes:
            break
    for name in sorted(mended):
        console.note(f"mended {name}")
