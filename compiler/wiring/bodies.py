"""Whether a script's text can be null or empty, as far as its expression tells.

Null and the empty string mean that there is no script, so nothing may wait for it. Nearly every real script has
literal text, which settles it without knowing any value.
"""

from __future__ import annotations

from collections.abc import Callable

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


@dataclass(frozen=True, slots=True)
class BlockBodies:
    """Answers for the expressions of one module."""

    module: Module
    read: ReadFile

    def never_empty(self, expression: Expression, depth: int = 0) -> bool:
        """Return whether the expression's value is certainly a string with at least one character."""
        if depth > _MAX_DEPTH:
            return False
        match expression:
            case Template(parts):
                # A template that is nothing but one interpolation has that expression's value, which may be null.
                if len(parts) == 1 and isinstance(parts[0], Interpolation):
                    return self.never_empty(parts[0].expression, depth + 1)
                return self._has_text(parts, depth)
            case Parens(inner):
                return self.never_empty(inner, depth + 1)
            case Conditional():
                return all(self.never_empty(side, depth + 1) for side in (expression.then, expression.otherwise))
            case GetAttr(source=Variable(name="local"), name=name) if name in self.module.locals:
                return self.never_empty(self.module.locals[name].expression, depth + 1)
            case FunctionCall(name="file" | "templatefile", arguments=(path, *_)):
                return self._file_has_text(path, rendered=expression.name == "templatefile")
            case _:
                return False

    def odd_interpreter(self, expression: Expression, depth: int = 0) -> bool:
        """Return whether the ``#!`` line of the expression's value may have quotes or backslashes."""
        if depth > _MAX_DEPTH:
            return True
        match expression:
            case Parens(inner):
                return self.odd_interpreter(inner, depth + 1)
            case Conditional():
                return any(self.odd_interpreter(side, depth + 1) for side in (expression.then, expression.otherwise))
            case Template(()):
                return False
            case Template((Text(start), *rest)):
                return _begins_oddly(start, ends=not rest)
            case Template((Interpolation(inner),)):
                return self.odd_interpreter(inner, depth + 1)
            case GetAttr(source=Variable(name="local"), name=name) if name in self.module.locals:
                return self.odd_interpreter(self.module.locals[name].expression, depth + 1)
            case FunctionCall(name="file" | "templatefile", arguments=(path, *_)):
                return self._file_begins_oddly(path, rendered=expression.name == "templatefile")
            case _:
                return True

    def _file_begins_oddly(self, path: Expression, *, rendered: bool) -> bool:
        name = self._path(path)
        text = None if name is None else self.read(name)
        if not name or text is None:
            return True
        if not rendered:
            return names_interpreter_oddly(text)
        template, diagnostics = read_template(Source(name, text))
        return template is None or bool(diagnostics) or self.odd_interpreter(template)

    def _has_text(self, parts: tuple[TemplatePart, ...], depth: int) -> bool:
        """Return whether a template certainly yields something."""
        return _has_literal(parts) or any(
            self.never_empty(part.expression, depth + 1) for part in parts if isinstance(part, Interpolation)
        )

    def _file_has_text(self, path: Expression, *, rendered: bool) -> bool:
        name = self._path(path)
        text = None if name is None else self.read(name)
        if not name or not text:
            return False
        if not rendered:
            return True
        template, diagnostics = read_template(Source(name, text))
        return template is not None and not diagnostics and _has_literal(template.parts)

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


def _begins_oddly(start: str, *, ends: bool) -> bool:
    """Return the same of a text that begins so, and that ``ends`` there."""
    line, newline, _ = start.lstrip().partition("\n")
    if ends or newline or not "#!".startswith(line[:2]):
        return names_interpreter_oddly(start)
    return True


def _has_literal(parts: tuple[TemplatePart, ...]) -> bool:
    """Return whether a template has literal text that is always part of it, so not in a loop."""
    return any(
        (isinstance(part, Text) and bool(part.value))
        or (isinstance(part, TemplateIf) and _has_literal(part.then) and _has_literal(part.otherwise))
        for part in parts
    )
