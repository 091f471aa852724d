"""What the real Terraform makes of expressions, many at a time.

Expressions are put into a file as locals and one ``terraform console`` prints them all; that takes about as long as
printing one. Terraform needs neither a provider nor the network for it.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.terraform.binary import terraform

__all__ = ["Mistake", "ask", "ask_mistakes", "ask_types"]

_BATCH = 500

_UNKNOWN = "(known after apply)"


def ask(expressions: Sequence[str], *, files: Mapping[str, bytes] | None = None, setup: str = "") -> list[str | None]:
    """Return what ``jsonencode`` prints for each expression, or None where Terraform answers with an error.

    ``unknown`` stands for a value that Terraform itself doesn't know, such as ``format("%s", null)``.

    ``files`` lie beside the expressions, in the folder that ``path.module`` names; ``setup`` is Terraform code that
    they can refer to.
    """
    answers: list[str | None] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, data in (files or {}).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (root / "setup.tf").write_text(setup)
        for start in range(0, len(expressions), _BATCH):
            answers.extend(_ask_batch(root, expressions[start : start + _BATCH]))
    return answers


def _ask_batch(root: Path, expressions: Sequence[str]) -> list[str | None]:
    # ``try`` turns an error of one expression into an empty list; the newlines end a comment or heredoc in it.
    items = ",\n".join(f"try([jsonencode(\n{expression}\n)], [])" for expression in expressions)
    (root / "all.tf").write_text(f"locals {{\n  all = [\n{items}\n]\n}}\n")
    # Base 64 goes through the console's quoting of strings as it is.
    printed = _console(root, "base64encode(jsonencode(local.all))")
    if not printed.startswith('"'):
        # A syntax error, or one that ``try`` doesn't catch, hides the others; so does an answer that is too long.
        if len(expressions) == 1:
            return ["unknown" if printed == _UNKNOWN else None]
        half = len(expressions) // 2
        return _ask_batch(root, expressions[:half]) + _ask_batch(root, expressions[half:])
    answers = json.loads(base64.b64decode(printed))
    return [answer[0] if answer else None for answer in answers]


def ask_types(expressions: Sequence[str], *, setup: str = "") -> str:
    """Return what the console's ``type`` prints for a tuple of all the expressions, none of which may be wrong."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        items = ",\n".join(f"(\n{expression}\n)" for expression in expressions)
        (root / "all.tf").write_text(f"locals {{\n  all = [\n{items}\n]\n}}\n{setup}\n")
        printed = _console(root, "type(local.all)")
    if not printed:
        raise ValueError("one of the expressions is wrong")
    return printed


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What Terraform finds wrong in an expression, and the piece of it that it points at."""

    summary: str
    detail: str
    marked: str


def ask_mistakes(expressions: Sequence[str], *, setup: str = "") -> list[tuple[Mistake, ...]]:
    """Return what is wrong with each expression, sorted; all of them must be free of syntax errors."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "setup.tf").write_text(setup)
        names = {}
        for index, expression in enumerate(expressions):
            name = f"e{index}.tf"
            (root / name).write_text(f"locals {{\n  e{index} = (\n{expression}\n)\n}}\n")
            names[name] = index
        found: list[list[Mistake]] = [[] for _ in expressions]
        for diagnostic in json.loads(terraform(root, "validate", "-json").stdout)["diagnostics"]:
            place = diagnostic["range"]
            data = (root / place["filename"]).read_bytes()
            marked = data[place["start"]["byte"] : place["end"]["byte"]].decode()
            found[names[place["filename"]]].append(Mistake(diagnostic["summary"], diagnostic["detail"], marked))
    return [tuple(sorted(mistakes)) for mistakes in found]


def _console(root: Path, line: str) -> str:
    """Return what the console prints: nothing where there is an error, or where the answer is longer than 64 KiB."""
    done = terraform(root, "console", text=line + "\n")
    # An undeclared name is an error, but the console goes on with something unknown.
    return done.stdout.strip() if done.returncode == 0 and "Error:" not in done.stderr else ""
