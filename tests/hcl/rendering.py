"""Random templates, and what they come to: just enough of an evaluator to hold texts against Terraform's."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from compiler.hcl.syntax import Interpolation, Template, TemplateFor, TemplateIf, TemplatePart, Text, Variable

# The names that random templates use, for Python and for Terraform.
SCOPE: Final[Mapping[str, Any]] = {"i": "I", "x": "X", "t": True, "l": ["1", "2"]}
TERRAFORM_SCOPE: Final = '{i = "I", x = "X", t = true, l = ["1", "2"]}'

_PIECES: Final = (
    *("a", "b ", "E", " ", "    ", "\t", "\n", "\n\n", "\r\n", "$", "%", "$$", "%%", "{", "}", "~", "\u00a0", "\u3000"),
    *("é", "e\u0301", "\x1c", "${x}", "${ x ~}", "${~ x }", "${~x~}", "$${", "%%{", "$${~", "%{ if t }", "%{ if t ~}"),
    *("%{~ else ~}", "%{ else }", "%{ endif }", "%{~ endif ~}", "%{ for i in l }", "${i}", "%{ endfor }", '${"q"}'),
)
_IN_QUOTES: Final = (*(p for p in _PIECES if "\n" not in p), "\\n", "\\t", "\\r", "\\u00e9", "\\\\", '\\"')
# A carriage return that ends no line is an error in a heredoc, and the end of all reading in a file.
_IN_FILES: Final = (*_PIECES, "\r", "\\", '"')
_IN_HEREDOCS: Final = (*_PIECES, "\\", '"')


def quoted(chance: random.Random) -> str:
    """Return a random quoted template."""
    return '"' + _joined(chance, _IN_QUOTES) + '"'


def heredoc(chance: random.Random) -> str:
    """Return a random heredoc."""
    return "<<E\n" + _joined(chance, _IN_HEREDOCS) + "\nE\n"


def flush_heredoc(chance: random.Random) -> str:
    """Return a random heredoc whose indentation is taken away."""
    return "<<-E\n" + _joined(chance, _IN_HEREDOCS) + "\n  E\n"


def file(chance: random.Random) -> str:
    """Return a random text for ``templatefile``."""
    return _joined(chance, _IN_FILES)


def _joined(chance: random.Random, pieces: tuple[str, ...]) -> str:
    return "".join(chance.choice(pieces) for _ in range(chance.randrange(1, 14)))


def render(template: Template) -> str:
    """Return what a random template comes to."""
    return unicodedata.normalize("NFC", _render(template.parts, SCOPE))


def _render(parts: Iterable[TemplatePart], scope: Mapping[str, Any]) -> str:
    text = ""
    for part in parts:
        match part:
            case Text(value=value):
                text += value
            case Interpolation(expression=Variable(name=name)):
                text += scope[name]
            case Interpolation(expression=Template(parts=inner)):
                text += _render(inner, scope)
            case TemplateIf(condition=Variable(name=name)):
                text += _render(part.then if scope[name] else part.otherwise, scope)
            case TemplateFor(collection=Variable(name=name)):
                text += "".join(_render(part.body, {**scope, part.value: item}) for item in scope[name])
            case _:
                raise AssertionError(f"a random template never holds {part}")
    return text
