"""What modules ask of a provider: the constraints of their ``required_providers`` blocks.

Semantics: https://developer.hashicorp.com/terraform/language/providers/requirements. Terraform installs one version of
a provider, which has to meet the constraints of all modules.

The data source ``coder_script_order`` is there since version 2.20.0 of coder/coder.
Source: https://registry.terraform.io/providers/coder/coder/latest/docs/data-sources/script_order.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.hcl.syntax import Attribute, BareKey, Expression, ObjectExpr, Template
from compiler.patterns import regex
from compiler.terraform.configuration.module import Module
from compiler.terraform.configuration.versions import VersionError, asks_for, may_meet, read_version

_NEW_ENOUGH = ("2.20.0", "2.99.0", "3.0.0", "99.0.0")
_FIRST = read_version(_NEW_ENOUGH[0])
_VERSION = regex(r"\d+(?:\.\d+){1,2}")


def required_providers(module: Module, name: str) -> Iterator[Attribute]:
    """Yield what a module requires of the provider that it calls by a name, in source order."""
    for file in module.files:
        for block in file.body.blocks_of("terraform"):
            for required in block.body.blocks_of("required_providers"):
                attribute = required.body.attribute(name)
                if attribute is not None:
                    yield attribute


def required_version(attribute: Attribute) -> Template | None:
    """Return the literal constraint in what a module requires of a provider, None where there is none."""
    expression: Expression = attribute.expression
    if isinstance(expression, ObjectExpr):
        for item in expression.items:
            named = isinstance(item.key, BareKey) and item.key.name == "version"
            if named and isinstance(item.value, Template) and item.value.literal is not None:
                return item.value
    return None


def asks_for_order(constraint: str) -> bool:
    """Return whether every version that meets a constraint has the data source; not where it can't be read."""
    try:
        return asks_for(constraint, _FIRST)
    except VersionError:
        return False


def rules_out_order(constraint: str) -> bool:
    """Return whether no version from 2.20.0 on meets a constraint; those that it names itself are tried too."""
    try:
        named = [read_version(text) for text in _VERSION.findall(constraint)]
        candidates = [
            *map(read_version, _NEW_ENOUGH),
            *(version for version in named if version.numbers >= _FIRST.numbers),
        ]
        return not any(may_meet(version, constraint) for version in candidates)
    except VersionError:
        return False
