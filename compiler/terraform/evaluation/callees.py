"""Which functions there are, told from a call alone."""

from __future__ import annotations

from compiler.hcl import CATCHING, syntax
from compiler.source.diagnostics import Diagnostic, error
from compiler.source.suggest import did_you_mean
from compiler.terraform.functions import NAMES
from compiler.terraform.values.go_text import go_quote

# Functions up to Terraform 0.11.
_RETIRED = {"list": "write tolist([ ... ])", "map": "write tomap({ ... })"}


def unknown_function(node: syntax.FunctionCall) -> Diagnostic | None:
    """Return the error for a call of a function that isn't there, None where it may be there.

    Functions of providers may be: only the provider knows.
    """
    plain = node.name.removeprefix("core::")
    namespace, separator, _ = plain.rpartition("::")
    if namespace.startswith("provider::") or plain in NAMES or plain in CATCHING:
        return None
    if separator:
        detail = (
            f"The function namespace {go_quote(namespace)} is not valid. "
            'Provider function calls must use the "provider::" namespace prefix.'
        )
        return error("UC150", node.name_span, "Unknown provider function", detail)
    near = did_you_mean(plain, (*NAMES, *CATCHING))
    hint = _RETIRED.get(plain) or (f"did you mean {go_quote(near)}?" if near else "")
    detail = f"There is no function named {go_quote(plain)}."
    return error("UC150", node.name_span, "Call to unknown function", detail, help=hint)
