"""The texts of which each wrapped script holds a copy, made so that they cost little room.

No compile makes them: they are shipped as made, since that takes longer than all else that is done for a launcher.
``python -m compiler.launcher.template`` writes them anew; a test tells when that is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from compiler.patterns import regex

if TYPE_CHECKING:
    import re

PART_HEAD: Final = regex(r"\A((?:#[^\n]*\n)*?)#\n# shellcheck shell=sh disable=([^\n ]*)[^\n]*\n(?:#[^\n]*\n)*")
"""The comment at the head of a part, up to where it is told what shellcheck needn't look for, and why."""

# What is quoted stays as it is. Outside of quotes, an empty word behind the name of a variable says nothing, nor does
# the -n of a test, nor the end of the last branch of a case; and blanks around operators, behind a semicolon and behind
# the pattern of a case are for the eye, as are new lines behind the others of its branches.
_ARITHMETIC: Final = r"""\$\(\((?:[^()"'{]|\$\{[^()"'{}\s]*\})*\)\)"""
_QUOTED_OR_LOOSE: Final = regex(
    r"""(?ms)(?P<needless>(?<==)''(?=[\s;])|(?<=\[\ )-n\ (?=")|\ ;(?=;\ esac\b)|\n;;(?=\nesac\b))"""
    r"""|(?P<quoted>\\.|'[^']*'|"(?:\\.|[^"\\])*")"""
    r"""|(?P<loose>\ \|\|\s|\ &&\s|\ \|\ |[ \n];;\n?|;\ (?:then|do|else|fi|done|esac)\b|;\ \}|\(\)\ \{|\ &$"""
    rf"""|{_ARITHMETIC}|(?:^|(?<=\ in\ )|(?<=;;)\ )[^\s"'$()]+\)\ )"""
)


def _tight(found: re.Match[str]) -> str:
    """Return a quoted text but for its arithmetic as it is, what is loose without its blanks, and nothing of what is
    needless."""
    if found["quoted"] and found["quoted"].startswith('"'):
        return regex(_ARITHMETIC).sub(lambda each: "".join(each[0].split()), found["quoted"])
    return found["quoted"] or "".join((found["loose"] or "").split())


def tightly(parts: Sequence[str]) -> str:
    """Return parts of the runtime as one text, behind one line for shellcheck.

    It has no comments, no indents and nothing that is loose. A comment is a line that starts with ``#``: the runtime
    has no text over several lines in which that, or an indent, could mean anything.
    """
    codes = ["SC1007"]  # It takes an empty assignment for a slip.
    codes += [code for part in parts if (found := PART_HEAD.match(part)) for code in found[2].split(",")]
    lines = (line.lstrip() for part in parts for line in part.splitlines(keepends=True))
    code = "".join(line for line in lines if line and not line.startswith("#"))
    code = _QUOTED_OR_LOOSE.sub(_tight, code)
    return f"# shellcheck shell=sh disable={','.join(dict.fromkeys(codes))}\n{code}"
