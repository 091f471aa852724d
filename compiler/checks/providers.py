"""A provider without ``coder_script_order`` beside such a block: Terraform doesn't know the data source."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.subject import Subject
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.terraform.configuration.module import Mode, walk
from compiler.terraform.configuration.versions import required_providers, required_version, rules_out_order


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
        for attribute in required_providers(module, "coder"):
            version = required_version(attribute)
            if version is not None and rules_out_order(version.literal or ""):
                yield warning(
                    "UC346",
                    version.span,
                    "Provider too old for the order",
                    "The data source coder_script_order exists since version 2.20.0 of the provider, which "
                    "this constraint rules out.",
                    related=[also(orders[0].block.header_span, "needs 2.20.0")],
                    help='write: version = ">= 2.20.0"',
                )
