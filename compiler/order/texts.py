"""A value as a text for the shell: a script's body, or the command of a directive."""

from __future__ import annotations

from compiler.order.model import KnownBody, ScriptBody, UnknownBody
from compiler.terraform.values.marks import Reason
from compiler.terraform.values.values import Value


def text_of(value: Value | None) -> str | None:
    """Return a known string, None for every other value."""
    return value.data if value is not None and isinstance(value.data, str) else None


def body_of(value: Value) -> ScriptBody:
    """Return what a shell is to run. A sensitive text is never written out, so it is left for Terraform to deliver."""
    if value.is_known and value.is_sensitive:
        return UnknownBody("a sensitive value")
    text = text_of(value)
    if text is not None:
        return KnownBody(text)
    return UnknownBody("; ".join(dict.fromkeys(_reason(reason) for reason in value.reasons)) or "its value")


def _reason(reason: Reason) -> str:
    place = f", {reason.span.source.name}:{reason.span.start_pos.line}" if reason.span is not None else ""
    return f"{reason.address or 'an error'}{place}"
