"""What the server answers to: one row a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types

from compiler.lsp.completion import TRIGGERS, complete
from compiler.lsp.fixes import FIX_ALL, code_actions
from compiler.lsp.hover import hover
from compiler.lsp.navigation import definition, references, symbols
from compiler.lsp.session import Session
from compiler.records import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """A request of the protocol, what answers it, and what the editor is told about it at the start."""

    method: str
    answer: Callable[[Session, Any], object]
    options: object = None


_ACTIONS = types.CodeActionOptions([types.CodeActionKind.QuickFix, FIX_ALL])

FEATURES = (
    Feature(types.TEXT_DOCUMENT_HOVER, hover),
    Feature(types.TEXT_DOCUMENT_DEFINITION, definition),
    Feature(types.TEXT_DOCUMENT_REFERENCES, references),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, symbols),
    Feature(types.TEXT_DOCUMENT_COMPLETION, complete, types.CompletionOptions(list(TRIGGERS))),
    Feature(types.TEXT_DOCUMENT_CODE_ACTION, code_actions, _ACTIONS),
)
