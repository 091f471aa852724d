"""Warnings that a template silences: ``# unitc: ignore[UC310] reason``.

A comment silences a warning on its own line, on the line below, and in the block that it stands in or right above. What
is found in a script's file, where no such comment can stand, is silenced at the block that runs the script.
Errors leave no correct output, so they can't be silenced; they say so. An ignore that does nothing is a warning itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.hcl.syntax import File
from compiler.order.directives.comments import Surroundings
from compiler.patterns import regex
from compiler.records import dataclass, replace
from compiler.source.codes import CODES
from compiler.source.diagnostics import Diagnostic, Severity, also, sort_diagnostics, warning
from compiler.source.span import Span
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.module import Config, walk

_IGNORE = regex(r"(?:#|//) unitc:\s*ignore\b(?P<codes>\s*\[(?P<list>[^\]\n]*)\])?(?P<reason>.*)")
_CODE = regex(r"[^,\s]+(?:\s+[^,\s]+)*")
_FORM = "# unitc: ignore[UC310] the reason"


@dataclass(frozen=True, slots=True)
class _Ignore:
    """One code in one comment: where it stands, and the places that it is about."""

    code: str
    span: Span
    comment: Span
    lines: frozenset[int]
    block: Span | None

    def covers(self, span: Span) -> bool:
        """Return whether a diagnostic at ``span`` is meant."""
        if span.source is not self.comment.source:
            return False
        inside = self.block is not None and self.block.start <= span.start < self.block.end
        return inside or span.start_pos.line in self.lines


def suppress(root: Config, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics without those that the template silences, with what is wrong with its ignores, sorted."""
    modules = dict.fromkeys(config.module for config in walk(root))
    files = [file for module in modules for file in module.files]
    read = [item for file in files for item in _read(file)]
    ignores = [item for item in read if isinstance(item, _Ignore)]
    found = [item for item in read if isinstance(item, Diagnostic)]
    sources = {id(file.source) for file in files}
    used: set[Span] = set()
    by_code: dict[str, list[_Ignore]] = {}
    for ignore in ignores:
        by_code.setdefault(ignore.code, []).append(ignore)
    for diagnostic in diagnostics:
        # An error can't be ignored at any of its places, so each of them is looked at.
        error = diagnostic.severity is Severity.ERROR
        anywhere = error or id(diagnostic.primary.span.source) not in sources
        spans = [label.span for label in (diagnostic.labels if anywhere else diagnostic.labels[:1])]
        meant = [ignore for ignore in by_code.get(diagnostic.code, ()) if any(map(ignore.covers, spans))]
        used.update(ignore.span for ignore in meant)
        if not meant:
            found.append(diagnostic)
        elif error:
            labels = (*diagnostic.labels, *(also(ignore.span, "an error can't be silenced") for ignore in meant))
            found.append(replace(diagnostic, labels=labels))
    # A warning may well be missing because of what can't be read.
    whole = all(module.is_whole for module in modules)
    found.extend(_unused(ignore) for ignore in ignores if ignore.span not in used and whole)
    return sort_diagnostics(found)


def _read(file: File) -> Iterator[_Ignore | Diagnostic]:
    """Yield what a file's comments ignore, and what is wrong with them."""
    around = Surroundings(file)
    for comment in file.comments:
        match = _IGNORE.match(comment.text)
        if match is None:
            continue
        start = comment.span.start
        if match["list"] is None or not match["list"].strip(" \t,"):
            yield warning(
                "UC803",
                comment.span,
                "Ignore without a code",
                "This comment doesn't say which warnings it silences, so it silences none.",
                help=f"write {_FORM}",
            )
            continue
        if not match["reason"].strip():
            yield warning(
                "UC802",
                comment.span,
                "Ignore without a reason",
                "This comment gives no reason, so a later reader can't tell whether it still holds.",
                help=f"say why, such as in {_FORM}",
            )
        block = around.block_of(comment)
        below = around.line_below(comment)
        for code in _CODE.finditer(match["list"]):
            at = start + match.start("list") + code.start()
            span = Span(comment.span.source, at, at + len(code[0]))
            if code[0] not in CODES:
                # The letter is easily taken for the digit.
                near = did_you_mean(code[0].upper().replace("O", "0"), CODES)
                yield warning(
                    "UC803",
                    span,
                    "Ignore of an unknown code",
                    f"There is no diagnostic {code[0]}.",
                    help=f"did you mean {near}?" if near else "unitc explain lists all codes",
                )
                continue
            own = comment.span.start_pos.line
            yield _Ignore(code[0], span, comment.span, frozenset((own, below)), None if block is None else block.span)


def _unused(ignore: _Ignore) -> Diagnostic:
    return warning(
        "UC801",
        ignore.span,
        "Ignore that silences nothing",
        f"There is no {ignore.code} on the line of this comment, on the line below, or in its block.",
        help="remove it",
    )
