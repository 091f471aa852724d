"""What a script's text may be, as far as its expression tells: null or empty, or for an interpreter of its own.

Null and the empty string mean that there is no script, so nothing may wait for it. Nearly every real script has
literal text, which settles it without knowing any value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from compiler.hcl import read_template
from compiler.hcl.syntax import (
    Conditional,
    Expression,
    FunctionCall,
    GetAttr,
    Interpolation,
    Parens,
    Template,
    TemplateIf,
    TemplatePart,
    Text,
    Variable,
)
from compiler.records import dataclass
from compiler.shell.interpreter import names_interpreter_oddly
from compiler.source.span import Source
from compiler.terraform.configuration.files import normalize
from compiler.terraform.configuration.module import Module

ReadFile = Callable[[str], str | None]
"""Takes a path relative to the template's folder; returns the file's text, None where it can't be read."""

# A local value that refers to itself is reported elsewhere; here it must only end.
_MAX_DEPTH = 50


class BodyForm(NamedTuple):
    """What an expression's form tells of its value, the text of a script.

    ``never_empty``: it is certainly a string with at least one character. ``odd_interpreter``: its ``#!`` line may have
    quotes or backslashes.
    """

    never_empty: bool
    odd_interpreter: bool


_UNKNOWN: Final = BodyForm(never_empty=False, odd_interpreter=True)


@dataclass(frozen=True, slots=True)
class BlockBodies:
    """Answers for the expressions of one module."""

    module: Module
    read: ReadFile

    def form(self, expression: Expression, depth: int = 0) -> BodyForm:
        """Return what an expression's form tells."""
        if depth > _MAX_DEPTH:
            return _UNKNOWN
        match expression:
            case Template((Text(text),)):
                return BodyForm(bool(text), names_interpreter_oddly(text))
            # A template that is nothing but one interpolation has that expression's value, which may be null.
            case Template((Interpolation(inner),)) | Parens(inner):
                return self.form(inner, depth + 1)
            case Template(parts):
                never_empty = _has_literal(parts) or any(
                    self.form(part.expression, depth + 1).never_empty
                    for part in parts
                    if isinstance(part, Interpolation)
                )
                return BodyForm(never_empty, _begins_oddly(parts))
            case Conditional():
                then, otherwise = self.form(expression.then, depth + 1), self.form(expression.otherwise, depth + 1)
                odd = then.odd_interpreter or otherwise.odd_interpreter
                return BodyForm(then.never_empty and otherwise.never_empty, odd)
            case GetAttr(source=Variable(name="local"), name=name) if name in self.module.locals:
                return self.form(self.module.locals[name].expression, depth + 1)
            case FunctionCall(name="file" | "templatefile", arguments=(path, *_)):
                return self._file(path, rendered=expression.name == "templatefile")
            case _:
                return _UNKNOWN

    def _file(self, path: Expression, *, rendered: bool) -> BodyForm:
        name = self._path(path)
        text = self.read(name) if name else None
        if not name or text is None:
            return _UNKNOWN
        if not rendered:
            return BodyForm(bool(text), names_interpreter_oddly(text))
        template, diagnostics = read_template(Source(name, text))
        if template is None or diagnostics:
            return _UNKNOWN
        return BodyForm(_has_literal(template.parts), _begins_oddly(template.parts))

    def _path(self, expression: Expression) -> str | None:
        """Return a path that is written out, but for ``path.module`` and ``path.root``, relative to the template."""
        if not isinstance(expression, Template) or not expression.parts:
            return None
        start, *rest = expression.parts
        texts = [part.value for part in rest if isinstance(part, Text)]
        if len(texts) < len(rest):
            return None
        match start:
            case Text(value):
                # A bare relative path is taken from the folder in which Terraform runs, the root module's.
                return normalize("".join((value, *texts)))
            case Interpolation(GetAttr(source=Variable(name="path"), name="module" | "root" as base)):
                return normalize("".join((self.module.dir if base == "module" else ".", *texts)))
            case _:
                return None


def _begins_oddly(parts: tuple[TemplatePart, ...]) -> bool:
    """Return whether the ``#!`` line of a template's text may have quotes or backslashes."""
    match parts:
        case ():
            return False
        case (Text(start), *rest):
            line, newline, _ = start.lstrip().partition("\n")
            # Where the text goes on in the same line, or may still begin with that, it isn't known.
            known = not rest or newline or not "#!".startswith(line[:2])
            return names_interpreter_oddly(start) if known else True
        case _:
            return True


def _has_literal(parts: tuple[TemplatePart, ...]) -> bool:
    """Return whether a template has literal text that is always part of it, so not in a loop."""
    return any(
        (isinstance(part, Text) and bool(part.value))
        or (isinstance(part, TemplateIf) and _has_literal(part.then) and _has_literal(part.otherwise))
        for part in parts
    )
