"""The changes that diagnostics offer, as an editor makes them."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol.types import CodeAction, CodeActionKind, CodeActionParams, Position, Range, TextEdit, WorkspaceEdit

from compiler.lsp.root import Root
from compiler.lsp.session import DocumentPlace, message
from compiler.output.fix import chosen_edits, fixable
from compiler.source.diagnostics import Edit

FIX_ALL = f"{CodeActionKind.SourceFixAll.value}.unitc"


def code_actions(place: DocumentPlace, params: CodeActionParams) -> list[CodeAction]:
    """Return the fixes of the findings that touch a range, and the one of all of a template's findings."""
    offered = fixable(place.root.diagnostics())
    wanted = params.context.only
    found: list[CodeAction] = []
    for finding in offered:
        primary = finding.primary.span
        here = place.root.path(primary.source) == place.path and _touches(place.lines.range(primary), params.range)
        if here and _is_wanted(CodeActionKind.QuickFix.value, wanted):
            told = [item for item in params.context.diagnostics if item.message == message(finding)]
            found.append(
                CodeAction(
                    finding.help[0] if finding.help else f"fix {finding.code}",
                    CodeActionKind.QuickFix,
                    told or None,
                    is_preferred=True,
                    edit=_workspace_edit(place.root, finding.edits),
                )
            )
    if offered and _is_wanted(FIX_ALL, wanted):
        edits = [edit for known in chosen_edits(offered).values() for edit in known]
        edit = _workspace_edit(place.root, edits)
        found.append(CodeAction("fix everything that unitc can fix for certain", FIX_ALL, edit=edit))
    return found


def _is_wanted(kind: str, wanted: Iterable[CodeActionKind | str] | None) -> bool:
    """Return whether an editor that names the kinds that it wants, each with all below it, wants this one."""
    if wanted is None:
        return True
    names = [item.value if isinstance(item, CodeActionKind) else item for item in wanted]
    return any(kind == name or kind.startswith(f"{name}.") for name in names)


def _touches(one: Range, other: Range) -> bool:
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: Position) -> tuple[int, int]:
    return position.line, position.character


def _workspace_edit(root: Root, edits: Iterable[Edit]) -> WorkspaceEdit:
    changes: dict[str, list[TextEdit]] = {}
    for edit in sorted(edits, key=lambda edit: root.path(edit.span.source)):
        changes.setdefault(root.uri(edit.span.source), []).append(TextEdit(root.range(edit.span), edit.text))
    return WorkspaceEdit(changes)
