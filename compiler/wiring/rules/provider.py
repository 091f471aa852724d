"""What rules of Coder's own need of the provider coder/coder: a version that has them, and a name in the module."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.source.diagnostics import Diagnostic, also, error, warning
from compiler.source.span import Span
from compiler.terraform.configuration.module import Config, Module, walk
from compiler.terraform.configuration.versions import (
    asks_for_order,
    required_providers,
    required_version,
    rules_out_order,
)
from compiler.wiring.remarks import remark

_PROVIDER = "coder"
_HELP = 'write in required_providers: coder = { source = "coder/coder", version = ">= 2.20.0" }'


def _constraints(root: Config) -> Iterator[tuple[str, Span]]:
    """Yield what the modules of a template ask of the provider's version, each once."""
    for module in dict.fromkeys(config.module for config in walk(root)):
        for attribute in required_providers(module, _PROVIDER):
            version = required_version(attribute)
            if version is not None:
                yield version.literal or "", version.span


def knows_rules(root: Config) -> bool:
    """Return whether Terraform can install only versions of the provider that have the data source.

    It installs one version, which all modules' constraints hold for, so one that asks for it is enough.
    """
    return any(asks_for_order(constraint) for constraint, _ in _constraints(root))


def check_provider(root: Config, needed: Span) -> Iterator[Diagnostic]:
    """Yield what keeps the provider from knowing rules; ``needed`` is something that they are about."""
    found = list(_constraints(root))
    for constraint, span in found:
        if rules_out_order(constraint):
            yield error(
                "UC436",
                span,
                "Provider without rules",
                "Coder's own rules exist since version 2.20.0 of the provider, which this constraint rules out.",
                related=[also(needed, "ordered by a rule")],
                help='write version = ">= 2.20.0", or compile with --target launcher',
            )
            return
    if not knows_rules(root):
        named = next(required_providers(root.module, _PROVIDER), None)
        span = found[0][1] if found else needed if named is None else named.span
        yield warning(
            "UC436",
            span,
            "Provider may have no rules",
            "Coder's own rules exist since version 2.20.0 of the provider, and act since version 2.39 of Coder; "
            "an older Coder runs all scripts at once, and nothing here asks for a provider that is new enough.",
            help=_HELP,
        )


def provider_text(module: Module) -> str:
    """Return the override that names the provider in a module that has nothing of it; empty where it has.

    Terraform would look for hashicorp/coder otherwise.
    """
    used = any(resource.type.startswith(f"{_PROVIDER}_") for resource in module.resources.values())
    if used or any(required_providers(module, _PROVIDER)):
        return ""
    block = 'terraform {\n  required_providers {\n    coder = {\n      source = "coder/coder"\n    }\n  }\n}\n'
    return f"{remark('The provider of the rules in this module.')}{block}"
