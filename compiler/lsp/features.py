"""What the server answers to: one row a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from compiler.lsp.session import Session

__all__ = ["FEATURES", "Feature"]


@dataclass(frozen=True, slots=True)
class Feature:
    """A request of the protocol, what answers it, and what the editor is told about it at the start."""

    method: str
    answer: Callable[[Session, Any], object]
    options: object = None


FEATURES: tuple[Feature, ...] = ()
