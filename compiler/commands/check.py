"""``unitc check``: diagnostics and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from compiler.commands.analysis import analyze_template
from compiler.commands.console import Console, ExitCode, Format, strictly
from compiler.commands.templates_on_disk import find_templates

if TYPE_CHECKING:
    from compiler.pipeline import Options

__all__ = ["check"]


def check(console: Console, paths: Sequence[str], options: Options, form: Format, *, strict: bool) -> ExitCode:
    """Report what is wrong with the templates that the paths name."""
    from compiler.shell.tools import Tools

    tools = Tools.found()
    options = replace(options, tools=tools)
    results = [
        (template.given, strictly(analyze_template(template, options).diagnostics, strict=strict))
        for template in find_templates(paths)
    ]
    code = console.report(results, form)
    if form is Format.TEXT and code is ExitCode.OK:
        if tools.shellcheck is None:
            console.note("ShellCheck is not installed, so no script was checked by it: pip install unitc[shellcheck]")
        console.note(f"{len(results)} template{'s' * (len(results) != 1)} checked, no errors.")
    return code
