"""``unitc eval``: what unitc makes of a Terraform expression in a template."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from compiler.commands.analysis import analyze_template
from compiler.commands.console import Console, ExitCode, Format
from compiler.commands.templates_on_disk import find_template

if TYPE_CHECKING:
    from compiler.pipeline import Analysis, Options

__all__ = ["evaluate", "evaluate_lines"]


def _answer(analysis: Analysis, text: str) -> tuple[str, str, tuple[str, ...]]:
    """Return what an expression gives: ``value``, ``unknown`` or ``error``; its text; what defaults it assumes."""
    from compiler.hcl import read_expression
    from compiler.source.span import Source
    from compiler.terraform.functions.formats.json_text import encode
    from compiler.terraform.values.budget import Budget

    expression, problems = read_expression(Source("<expression>", text))
    if expression is None or problems:
        return "error", f"{problems[0].summary}: {problems[0].detail}", ()
    world = analysis.scope.world
    before = len(world.diagnostics)
    value = analysis.scope.scope.evaluate(expression)
    found = world.diagnostics[before:]
    if found:
        return "error", f"{found[0].summary}: {found[0].detail}", ()
    if value.is_poisoned:
        return "error", "a value that it refers to is wrong; unitc check says why", ()
    if not value.is_wholly_known:
        reasons = dict.fromkeys(reason.address for reason in value.reasons if reason.address)
        return "unknown", f"known only at apply: {', '.join(reasons) or 'its value'}", ()
    return "value", encode(value.unmarked_deep(), Budget()), value.assumes


def evaluate(console: Console, path: str, options: Options, text: str) -> ExitCode:
    """Print the value of one expression as ``jsonencode`` would; exit code 1 with the reason where there is none."""
    template = find_template(path)
    analysis = analyze_template(template, options)
    kind, answer, assumes = _answer(analysis, text)
    if kind != "value":
        console.report([(template.given, analysis.diagnostics)], Format.TEXT)
        console.fail(answer)
        return ExitCode.ERRORS
    console.out(f"{answer}\n")
    if assumes:
        console.note(f"assuming the defaults of {', '.join(assumes)}")
    return ExitCode.OK


def evaluate_lines(console: Console, path: str, options: Options, lines: Iterable[str]) -> ExitCode:
    """Answer each line, an expression, with one line, a JSON object."""
    analysis = analyze_template(find_template(path), options)
    for line in lines:
        kind, answer, assumes = _answer(analysis, line.rstrip("\r\n"))
        shown = answer if kind == "value" else json.dumps(answer, ensure_ascii=False)
        extra = f', "assumes": {json.dumps(assumes, ensure_ascii=False)}' if assumes else ""
        console.out(f'{{"{kind}": {shown}{extra}}}\n')
    return ExitCode.OK
