"""``unitc eval``: what unitc makes of a Terraform expression in a template."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from compiler.command_line.application import command
from compiler.commands.shared.analysis import analyze_at
from compiler.commands.shared.console import ExitCode, TemplateRun

if TYPE_CHECKING:
    from compiler.command_line.parameters import Annotated, TemplateArgument, typer
    from compiler.pipeline import Analysis


@command("eval")
def evaluate(
    run: TemplateRun,
    expression: Annotated[str, typer.Argument(metavar="EXPR", help="An expression, or - to read one per line.")],
    path: TemplateArgument = ".",
    show_sensitive: Annotated[
        bool, typer.Option("--show-sensitive", help="Print sensitive values like any other.")
    ] = False,
) -> ExitCode:
    """Print what a Terraform expression gives in a template.

    The value is printed as jsonencode would; where it can't be known before apply, the reason, and the exit code is 1.
    """
    console = run.console
    analysis = analyze_at(run, path)
    if expression == "-":
        console.count(analysis.diagnostics)
        for line in sys.stdin:
            console.out(_as_json(*_answer(analysis, line.rstrip("\r\n"), show_sensitive=show_sensitive)))
        return ExitCode.OK
    kind, answer, assumes = _answer(analysis, expression, show_sensitive=show_sensitive)
    console.report_errors(path, analysis.diagnostics)
    if kind != "value":
        console.fail(answer)
        return ExitCode.ERRORS
    console.out(f"{answer}\n")
    if assumes:
        console.note(f"assuming the defaults of {', '.join(assumes)}")
    return ExitCode.OK


def _as_json(kind: str, answer: str, assumes: tuple[str, ...]) -> str:
    """Return an answer as a line that holds a JSON object."""
    if kind == "sensitive":
        return '{"sensitive": true}\n'
    shown = answer if kind == "value" else json.dumps(answer, ensure_ascii=False)
    extra = f', "assumes": {json.dumps(assumes, ensure_ascii=False)}' if assumes else ""
    return f'{{"{kind}": {shown}{extra}}}\n'


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
