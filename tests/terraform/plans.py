"""What the real Terraform's plan says of expressions with values that are known after apply only."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.terraform.binary import terraform

__all__ = ["UNKNOWN", "outcomes", "planned"]

UNKNOWN = "?"
"""Stands in an answer for what isn't known."""


def planned(expressions: Sequence[str], locals_: Mapping[str, str]) -> list[object]:
    """Return each expression's value as JSON has it, with :data:`UNKNOWN` for what isn't known.

    ``locals_`` are the types of the local values that expressions may refer to, none of which is known. No expression
    may be wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        # Passing through a variable gives an unknown its type.
        typed = root / "typed"
        typed.mkdir()
        blocks = (
            f'variable "{name}" {{\n  type = {type_}\n}}\noutput "{name}" {{\n  value = var.{name}\n}}\n'
            for name, type_ in locals_.items()
        )
        (typed / "typed.tf").write_text("".join(blocks))
        given = "".join(f"  {name} = jsondecode(terraform_data.later.id)\n" for name in locals_)
        taken = "".join(f"  {name} = module.typed.{name}\n" for name in locals_)
        outputs = "".join(
            f'output "o{place}" {{\n  sensitive = true\n  value = {expression}\n}}\n'
            for place, expression in enumerate(expressions)
        )
        (root / "main.tf").write_text(
            'resource "terraform_data" "later" {}\n'
            f'module "typed" {{\n  source = "./typed"\n{given}}}\n'
            f"locals {{\n{taken}}}\n{outputs}"
        )
        _terraform(root, "init", "-no-color")
        _terraform(root, "plan", "-no-color", "-out=plan")
        changes = json.loads(_terraform(root, "show", "-json", "plan"))["output_changes"]
    return [
        _merged(changes[f"o{place}"].get("after"), changes[f"o{place}"].get("after_unknown"))
        for place in range(len(expressions))
    ]


def outcomes(expressions: Sequence[str], locals_: Mapping[str, str]) -> list[str]:
    """Return what planning makes of each expression: ``error``, ``unknown`` or ``value``; see :func:`planned`."""
    plans = planned([f'try([jsonencode(\n{text}\n)], "error")' for text in expressions], locals_)
    return ["error" if plan == "error" else "unknown" if plan in (UNKNOWN, [UNKNOWN]) else "value" for plan in plans]


def _terraform(root: Path, *arguments: str) -> str:
    done = terraform(root, *arguments)
    if done.returncode:
        raise ValueError(done.stderr)
    return done.stdout


def _merged(after: object, unknown: object) -> object:
    """Put what is unknown, which Terraform says apart, into the value."""
    if unknown is True:
        return UNKNOWN
    if isinstance(after, list) and isinstance(unknown, list):
        # Both lists end where nothing follows that they would have to tell.
        count = max(len(after), len(unknown))
        known, open_ = after + [None] * (count - len(after)), unknown + [False] * (count - len(unknown))
        return [_merged(item, hole) for item, hole in zip(known, open_, strict=True)]
    if isinstance(after, dict) and isinstance(unknown, dict):
        return {name: _merged(after.get(name), unknown.get(name)) for name in sorted({*after, *unknown})}
    return after
