"""``unitc eval``: what unitc makes of a Terraform expression in a template."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from compiler.commands.shared.analysis import analyze_template
from compiler.commands.shared.console import Console, ExitCode
from compiler.commands.shared.templates_on_disk import find_template

if TYPE_CHECKING:
    from compiler.pipeline import Analysis, Options


def _answer(analysis: Analysis, text: str, *, show_sensitive: bool) -> tuple[str, str, tuple[str, ...]]:
    """Return what an expression gives, its text, and what defaults it assumes.

    It gives a ``value``, ``unknown``, ``sensitive`` or ``error``.
    """
    from compiler.hcl import read_expression
    from compiler.source.span import Source
    from compiler.terraform.evaluation.expressions import evaluate as value_of
    from compiler.terraform.functions.formats.json_text import encode
    from compiler.terraform.scope.names import ModuleNames, Names
    from compiler.terraform.values.budget import Budget, BudgetExceededError

    expression, problems = read_expression(Source("<expression>", text))
    if expression is None or problems:
        return "error", f"{problems[0].summary}: {problems[0].detail}", ()
    value, mistakes = value_of(expression, analysis.scope.scope)
    found = (*Names(ModuleNames.of(analysis.config)).mistakes(expression), *mistakes)
    if found:
        return "error", f"{found[0].summary}: {found[0].detail}", ()
    if value.is_poisoned:
        return "error", "a value that it refers to is wrong; unitc check says why", ()
    if value.is_sensitive and not show_sensitive:
        return "sensitive", "the value is sensitive; --show-sensitive prints it all the same", ()
    if not value.is_wholly_known:
        reasons = dict.fromkeys(reason.address for reason in value.reasons if reason.address)
        return "unknown", f"known only at apply: {', '.join(reasons) or 'its value'}", ()
    try:
        return "value", encode(value.unmarked_deep(), Budget()), value.assumes
    except BudgetExceededError as exc:
        return "error", str(exc), ()


def evaluate(console: Console, path: str, options: Options, text: str, *, show_sensitive: bool) -> ExitCode:
    """Print the value of one expression as ``jsonencode`` would; exit code 1 with the reason where there is none."""
    template = find_template(console.disk, path)
    analysis = analyze_template(template, options)
    kind, answer, assumes = _answer(analysis, text, show_sensitive=show_sensitive)
    console.report_errors(template.given, analysis.diagnostics)
    if kind != "value":
        console.fail(answer)
        return ExitCode.ERRORS
    console.out(f"{answer}\n")
    if assumes:
        console.note(f"assuming the defaults of {', '.join(assumes)}")
    return ExitCode.OK


def evaluate_lines(
    console: Console, path: str, options: Options, lines: Iterable[str], *, show_sensitive: bool
) -> ExitCode:
    """Answer each line, an expression, with one line, a JSON object."""
    template = find_template(console.disk, path)
    analysis = analyze_template(template, options)
    console.count(analysis.diagnostics)
    for line in lines:
        kind, answer, assumes = _answer(analysis, line.rstrip("\r\n"), show_sensitive=show_sensitive)
        if kind == "sensitive":
            console.out('{"sensitive": true}\n')
            continue
        shown = answer if kind == "value" else json.dumps(answer, ensure_ascii=False)
        extra = f', "assumes": {json.dumps(assumes, ensure_ascii=False)}' if assumes else ""
        console.out(f'{{"{kind}": {shown}{extra}}}\n')
    return ExitCode.OK
