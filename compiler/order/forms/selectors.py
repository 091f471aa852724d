"""Selectors of ``data "coder_script_order"``: from a string in a list to a reference, with the place of every part.

A selector is a string that holds a traversal: ``coder_script.NAME``, ``coder_script.NAME[0]``,
``coder_script.NAME["key"]`` or ``module.NAME``. It stands in a quoted string of the template, where escapes make its
places in the file differ from those in its text.
"""

from __future__ import annotations

import re
import unicodedata

from compiler.hcl import read_traversal
from compiler.hcl.syntax import NumberLiteral
from compiler.hcl.traversal import AttrStep, IndexStep, Traversal
from compiler.order.references import index_number
from compiler.patterns import regex
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.span import Source, Span

# The pieces of a quoted string, each of which means one character, but for the doubled template markers.
_PIECE = regex(r"\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\.|\$\$\{|%%\{|.", re.DOTALL)
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\"}

_FORMS = 'coder_script.NAME, coder_script.NAME[0], coder_script.NAME["key"] or module.NAME'


def _meaning(piece: str) -> str:
    if piece[:2] in ("\\u", "\\U"):
        return chr(int(piece[2:], 16))
    if len(piece) == 3:
        return piece[1:]
    return _ESCAPES.get(piece, piece)


@dataclass(frozen=True, slots=True)
class Selector:
    """One string of a ``run`` or ``after`` list. ``span`` is the string, or the expression that it comes from."""

    argument: str
    text: str
    span: Span

    @property
    def quoted(self) -> str:
        """The selector as messages name it."""
        return f'"{self.text}" in {self.argument}'

    def _offsets(self) -> list[int] | None:
        """Return where in the file each character of the text starts, and the end; None where that can't be told."""
        raw = self.span.text
        if len(raw) < 2 or raw[0] != '"' or raw[-1] != '"':
            return None
        starts: list[int] = []
        decoded: list[str] = []
        for match in _PIECE.finditer(raw, 1, len(raw) - 1):
            meaning = _meaning(match[0])
            decoded.append(meaning)
            starts.extend(match.start() + at for at in range(len(meaning)))
        text = "".join(decoded)
        # Terraform normalizes strings; where that changes the text, places in it mean nothing in the file.
        if text != self.text or text != unicodedata.normalize("NFC", text):
            return None
        return [self.span.start + start for start in (*starts, len(raw) - 1)]

    def inside(self, span: Span) -> Span:
        """Return the place in the file of a span in the text, or the whole string where that can't be told."""
        offsets = self._offsets()
        if offsets is None or not self.text:
            return self.span
        start = min(span.start, len(offsets) - 1)
        end = max(min(span.end, len(offsets) - 1), start)
        # An end that is missing is shown at the closing quote.
        return Span(self.span.source, offsets[start], max(offsets[end], offsets[start] + 1))

    def relocated(self, diagnostic: Diagnostic) -> Diagnostic:
        """Return a diagnostic about the text as one about the file."""
        primary, *rest = diagnostic.labels
        return replace(
            diagnostic,
            detail=f"{self.quoted}: {diagnostic.detail}",
            labels=(replace(primary, span=self.inside(primary.span)), *rest),
            edits=tuple(replace(edit, span=self.inside(edit.span)) for edit in diagnostic.edits)
            if self._offsets() is not None
            else (),
        )

    def rejected(self, span: Span, why: str) -> Diagnostic:
        """Return the error for a selector that isn't one; ``span`` is the part of the text that is to blame."""
        return error(
            "UC205",
            self.inside(span),
            "Selector not accepted",
            f"{self.quoted} can't be used: {why}.",
            help=f"write {_FORMS}",
        )


def _problem(traversal: Traversal) -> tuple[Span, str] | None:
    """Return which part of a traversal makes it no selector, and why; None where it is one."""
    steps = traversal.steps
    root = Span(traversal.span.source, traversal.span.start, steps[0].span.start if steps else traversal.span.end)
    if traversal.root == "resource":
        return root, "Coder takes no prefix resource in a selector"
    if traversal.root not in ("coder_script", "module"):
        return root, f"it starts with {traversal.root}; only scripts and modules of this module can be ordered"
    if not steps:
        return root, f"a name must follow {traversal.root}"
    if not isinstance(steps[0], AttrStep):
        return steps[0].span, f"a name must follow {traversal.root}"
    if len(steps) == 1:
        return None
    second = steps[1]
    if traversal.root == "module":
        if isinstance(second, IndexStep):
            return second.span, "a module is selected as a whole, not by instance"
        return second.span, "a selector can't reach into a module"
    if not isinstance(second, IndexStep):
        return second.span, "it names a part of a script"
    if isinstance(second.key, NumberLiteral) and index_number(second.key) is None:
        return second.span, "an index must be a whole number or a string"
    if len(steps) > 2:
        return steps[2].span, "it names a part of a script"
    return None


def read_selector(selector: Selector) -> Traversal | Diagnostic:
    """Return the reference that a selector is, with spans in its own text, or why it is none."""
    source = Source(selector.span.source.name, selector.text)
    if not selector.text:
        return selector.rejected(source.span(0, 0), "it is empty")
    traversal, diagnostics = read_traversal(source)
    if traversal is None or diagnostics:
        first = diagnostics[0]
        why = first.detail.rstrip(".")
        return selector.rejected(first.primary.span, why[:1].lower() + why[1:])
    problem = _problem(traversal)
    return traversal if problem is None else selector.rejected(*problem)
