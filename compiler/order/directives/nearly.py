"""Order that is said where nothing reads it: comments that are nearly directives, and directives in scripts' texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from compiler.hcl.syntax import Comment
from compiler.order.bodies import Bodies
from compiler.order.directives.vocabulary import DIRECTIVES, SETTINGS, intended_directive
from compiler.order.inventory import Script
from compiler.patterns import regex
from compiler.source.diagnostics import Diagnostic, error, warning

_MARKER = r"(?:#+|//+|/\*+)"
# The tool's name with a colon is a directive that is spelled in another way, whatever follows.
_NAMED = regex(_MARKER + r"(?:[ \t]*|!?[ \t]+|[\s*]*\n[\s*]*)unitc[ \t]*:[ \t]*", re.IGNORECASE)
# Any other spelling plausibly means a directive only where the name of one, and what it is set to, follow.
_LIKE = regex(
    _MARKER
    + r"[ \t]*[@!<({[]*[ \t]*(?P<tool>unit[\w-]{0,2}|uni?tc|uintc|untic)[ \t]*[:=;,.>)}(\]-]*[ \t]*"
    + r"(?P<name>[\w-]+)[ \t]*(?==|:|\[)",
    re.IGNORECASE,
)
# Names that no other language has, as an argument that was commented out, or a directive without the tool's name.
_BARE = regex(_MARKER + r"[ \t]*(?P<name>(?:depends_on|before)_[a-z]+)[ \t]*=[ \t]*(?:\[|all\b)")
# A text without one of these holds no directive.
_SPELLED = regex(r"unit|untic|uintc", re.IGNORECASE)
_IN_TEXT = regex(
    r"^[ \t]*(?:#|//)[ \t]*@?(?:unitc|unit|untic|uintc)[ \t]*[:;]?[ \t]*"
    r"(?P<rest>(?P<name>\w+)[ \t]*=[ \t]*(?:\[[^\]\n]*\]?|all|\"[^\"\n]*\"|\d+))[ \t]*\r?$",
    re.MULTILINE | re.IGNORECASE,
)
# A name and what it is set to, whatever stands between the two.
_ASSIGNED = regex(
    r"(?P<name>[A-Za-z][\w-]*)[ \t]*(?:=>|[:=]+|)[ \t]*"
    r"(?P<value>\[(?:[^\]\n\"]|\"[^\"\n]*\")*\]|all|notify|true|false|\d+|\"[^\"\n]*\")"
)
_STRING = regex(r'"(?:[^"\\]|\\.)*"')
_OPENING = {"(": ")", "[": "]", "{": "}"}


def nearly_directive(comment: Comment) -> Diagnostic | None:
    """Return the warning for a comment that plausibly means a directive and is none; None for any other comment."""
    named, like, bare = (pattern.match(comment.text) for pattern in (_NAMED, _LIKE, _BARE))
    if named is not None:
        rest = comment.text[named.end() :]
    elif like is not None and _meant(like["tool"].casefold(), like["name"].casefold()):
        rest = comment.text[like.start("name") :]
    elif bare is not None and bare["name"] in DIRECTIVES:
        rest = comment.text[bare.start("name") :]
    else:
        return None
    said = rest.removesuffix("*/").strip(" \t\r\n*")
    if said.count(")") > said.count("("):
        said = said.removesuffix(")").rstrip()
    one_line = said and "\n" not in said
    said = well_formed(said) or said
    return warning(
        "UC213",
        comment.span,
        "Nearly a directive",
        "A directive starts with exactly '# unitc:' or '// unitc:'; this comment doesn't, so it has no effect.",
        help=f"write # unitc: {said}" if one_line else "write # unitc: at the start of the comment, or reword it",
    )


def well_formed(said: str) -> str:
    """Return a directive's text with an equals sign and a known name, an empty string where that can't be told."""
    match = _ASSIGNED.fullmatch(said.strip())
    if match is None:
        return ""
    known = match["name"] in (*DIRECTIVES, *SETTINGS)
    name = match["name"] if known else intended_directive(match["name"])
    return f"{name} = {match['value']}" if name else ""


def _meant(tool: str, name: str) -> bool:
    # A unit, or units, may well be what a comment is about: then only a directive's very name counts.
    return name in (*DIRECTIVES, *SETTINGS, "ignore") if tool in ("unit", "units") else _is_directive(name)


def _is_directive(name: str) -> bool:
    folded = name.casefold()
    return folded in (*DIRECTIVES, *SETTINGS, "ignore") or bool(intended_directive(folded))


def unclosed_directive(comment: Comment, start: int, following: Sequence[Comment]) -> Diagnostic | None:
    """Return the error for a directive whose brackets are still open where its comment ends, None for any other.

    ``start`` is the offset after the marker. The help joins those of the ``following`` comments, which are given as
    far as one list may go on, that were meant to go on with it.
    """
    text = comment.span.source.text[start : comment.span.end]
    if not _open(text):
        return None
    line = comment.span.end_pos.line
    joined = text.strip()
    for other in following:
        line += 1
        if not _open(joined) or not other.alone or other.span.start_pos.line != line:
            break
        joined += " " + re.sub(r"^(?:#+|//+)\s*(?:unitc\s*:)?\s*", "", other.text).strip()
    whole = re.sub(r"\[ ", "[", re.sub(r",? \]", "]", joined))
    return error(
        "UC213",
        comment.span,
        "Directive over several lines",
        "A directive ends with its comment, and the list that it opens isn't closed there.",
        help=f"write it on one line: # unitc: {whole}" if not _open(joined) else "write it on one line",
    )


def _open(text: str) -> bool:
    # A bracket inside of a string, such as a mutex's name, opens nothing.
    bare = _STRING.sub("", text)
    return sum(bare.count(one) - bare.count(other) for one, other in _OPENING.items()) > 0


def check_bodies_for_directives(scripts: Iterable[Script], bodies: Bodies) -> Iterator[Diagnostic]:
    """Yield a warning for each directive in a script's text, at its place where the text stands in the template."""
    seen = set()
    for script in scripts:
        attribute = script.resource.block.body.attribute(script.argument)
        # Instances of one block share what stands in it.
        if attribute is None or id(attribute) in seen:
            continue
        seen.add(id(attribute))
        whole = attribute.expression.span
        body = bodies.of(script)
        texts = [whole.text, "" if body is None else body.text.text]
        if not any(map(_SPELLED.search, texts)):
            continue
        written = {match["rest"].strip(): match for match in _IN_TEXT.finditer(whole.text)}
        found = dict.fromkeys(
            match["rest"].strip() for text in texts for match in _IN_TEXT.finditer(text) if _is_directive(match["name"])
        )
        for rest in found:
            place = written.get(rest)
            span = whole
            if place is not None:
                at = whole.start + place.end() - len(place[0].lstrip())
                span = whole.source.span(at, whole.start + place.end())
            yield warning(
                "UC213",
                span,
                "Directive in a script's text",
                f"The text of {script.address} holds the directive {rest}; directives are read in the template's own "
                "comments only.",
                help=f"move it into the block of {script.resource.address}: # unitc: {rest}",
            )
