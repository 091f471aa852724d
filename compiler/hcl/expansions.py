"""What a shell expands where HCL reads an interpolation: ``${HOME:-x}`` is one of both languages' sequences.

Source of the forms: POSIX.1-2024, Shell Command Language, 2.6.2, and
https://www.gnu.org/software/bash/manual/html_node/Shell-Parameter-ShellExpansion.html.
"""

from __future__ import annotations

import re
from typing import Final

from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.span import Span

_OPENING: Final = regex(
    r"""\$\{[!\#]?
    (?P<parameter>[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*\#?$!-])
    (?P<subscript>\[[^]\n]*\])?
    (?=\}|:|[-?+]|=(?!=)|\#|%|/|\^|,|@|\*\})""",
    re.VERBOSE,
)
_INSIDE: Final = regex(r"\\.|\$\{|[}\n]")
_COMMENT: Final = regex(r"#|//|/\*")
# ``%{http_code}``, as curl's --write-out has it.
_FORMAT: Final = regex(r"%\{[A-Za-z_][\w.]*\}")
# Longer ones are cut where they are repeated.
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class ShellExpansion:
    """An expansion: its offsets, the braces included, its text, and the name of what it expands."""

    start: int
    end: int
    text: str
    name: str

    @property
    def is_bare(self) -> bool:
        """Whether nothing but a name stands between the braces, so that it may be meant for Terraform as well."""
        return self.text == f"${{{self.name}}}"

    @property
    def is_shells(self) -> bool:
        """Whether the name is one that no variable of Terraform has."""
        return not self.name.isidentifier() or self.name.isupper() or self.name == "_"

    @property
    def comment(self) -> str:
        """The sign in it with which HCL starts a comment, or an empty string."""
        found = _COMMENT.search(self.text)
        return found[0] if found else ""


def expansion_at(text: str, start: int) -> ShellExpansion | None:
    """Return the expansion that the ``${`` at an offset opens for a shell, None where it is none."""
    opening = _OPENING.match(text, start)
    if opening is None:
        return None
    depth, at = 1, opening.end()
    while depth:
        found = _INSIDE.search(text, at)
        if found is None or found[0] == "\n":
            return None
        depth += {"${": 1, "}": -1}.get(found[0], 0)
        at = found.end()
    return ShellExpansion(start, at, text[start:at], opening["parameter"])


def expansion_around(span: Span) -> ShellExpansion | None:
    """Return the expansion in which a reference stands, None where it stands in none."""
    text = span.source.text
    start = text.rfind("${", text.rfind("\n", 0, span.start) + 1, span.start)
    if start < 0 or text.startswith("$", start - 1):
        return None
    found = expansion_at(text, start)
    return found if found is not None and span.end < found.end else None


def escape_of(expansion: ShellExpansion) -> str:
    """Return the help that says how the script gets to see an expansion."""
    text = expansion.text
    if len(text) > _SHOWN:
        text = f"{text[:_SHOWN]}…}}"
    return f"write ${text} if the script is to see {text}"


def kept_directive(text: str, start: int) -> str:
    """Return the help for the ``%{`` at an offset, which other programs know as well."""
    found = _FORMAT.match(text, start)
    shown = found[0] if found and len(found[0]) <= _SHOWN else "%{"
    return f"write %{shown} if the script is to see {shown}"
