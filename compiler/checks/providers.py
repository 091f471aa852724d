"""A provider without ``coder_script_order`` beside such a block: Terraform doesn't know the data source.

It is there since version 2.20.0 of coder/coder.
Source: https://registry.terraform.io/providers/coder/coder/latest/docs/data-sources/script_order.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.subject import Subject
from compiler.hcl.syntax import BareKey, Expression, ObjectExpr, Template
from compiler.patterns import regex
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.terraform.configuration.module import Mode, walk
from compiler.terraform.configuration.versions import VersionError, meets, read_version

__all__ = ["check_providers"]

_NEW_ENOUGH = ("2.20.0", "2.99.0", "3.0.0", "99.0.0")
_FIRST = read_version(_NEW_ENOUGH[0])
_VERSION = regex(r"\d+(?:\.\d+){1,2}")


def check_providers(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each constraint on the provider that no version with the data source meets."""
    orders = [
        resource
        for config in walk(subject.root)
        for resource in config.module.resources_of(Mode.DATA, "coder_script_order")
    ]
    if not orders:
        return
    for module in dict.fromkeys(config.module for config in walk(subject.root)):
        for file in module.files:
            for block in file.body.blocks_of("terraform"):
                for required in block.body.blocks_of("required_providers"):
                    attribute = required.body.attribute("coder")
                    version = None if attribute is None else _version(attribute.expression)
                    if version is not None and _too_old(version.literal or ""):
                        yield warning(
                            "UC346",
                            version.span,
                            "Provider too old for the order",
                            "The data source coder_script_order is there since version 2.20.0 of the provider, which "
                            "this constraint rules out.",
                            related=[also(orders[0].block.header_span, "needs 2.20.0")],
                            help='write: version = ">= 2.20.0"',
                        )


def _version(expression: Expression) -> Template | None:
    """Return the constraint in what a provider requires."""
    if isinstance(expression, ObjectExpr):
        for item in expression.items:
            named = isinstance(item.key, BareKey) and item.key.name == "version"
            if named and isinstance(item.value, Template) and item.value.literal is not None:
                return item.value
    return None


def _too_old(constraint: str) -> bool:
    """Return whether no version from 2.20.0 on meets a constraint; those that it names itself are tried too."""
    try:
        named = [read_version(text) for text in _VERSION.findall(constraint)]
        candidates = [
            *map(read_version, _NEW_ENOUGH),
            *(version for version in named if version.numbers >= _FIRST.numbers),
        ]
        return not any(meets(version, constraint) for version in candidates)
    except VersionError:
        return False
