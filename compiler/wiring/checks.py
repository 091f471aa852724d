"""What stands in the way of the wiring in the template's own files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from compiler.hcl.syntax import Block
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Span
from compiler.terraform.configuration.module import Module, Named
from compiler.terraform.configuration.override import is_override
from compiler.wiring.model import OVERRIDE_FILE, WiredFolder
from compiler.wiring.sites import Sites

__all__ = ["check_wiring"]

_RESERVED: Final = "unitc"


def check_wiring(sites: Sites, folders: Iterable[WiredFolder]) -> Iterator[Diagnostic]:
    """Yield what keeps the wiring from taking effect."""
    for folder in folders:
        module = sites.module(folder.dir)
        yield from _taken_names(module)
        yield from _later_overrides(module, folder)


def _taken_names(module: Module) -> Iterator[Diagnostic]:
    spans: list[tuple[str, str, Span]] = [
        (kind, name, named.block.header_span)
        for kind, table in (("variable", module.variables), ("output", module.outputs))
        for name, named in table.items()
    ]
    spans += [("local value", name, attribute.name_span) for name, attribute in module.locals.items()]
    for kind, name, span in spans:
        if name == _RESERVED or name.startswith(f"{_RESERVED}_"):
            yield error(
                "UC411",
                span,
                "Name is taken by the wiring",
                f"The {kind} {name} stands in a module that unitc wires; names that are {_RESERVED} or start with "
                f"{_RESERVED}_ are those of the generated files.",
                help=f"rename the {kind}",
            )


def _later_overrides(module: Module, folder: WiredFolder) -> Iterator[Diagnostic]:
    """Yield an error for each argument of ours that an override file after ours would set again."""
    touched: list[tuple[Named, tuple[str, ...]]] = [
        (module.resources[f"{wrapped.type}.{wrapped.name}"], (wrapped.argument, "timeout"))
        for wrapped in folder.wrapped
    ]
    touched += [
        (module.resources[f"data.coder_script_order.{off.name}"], ("count", "for_each")) for off in folder.switched_off
    ]
    for named, arguments in touched:
        for block in named.blocks:
            name = block.span.source.name.rpartition("/")[2]
            if is_override(name) and name > OVERRIDE_FILE:
                yield from _later(named.blocks[0], block, arguments)


def _later(base: Block, block: Block, arguments: tuple[str, ...]) -> Iterator[Diagnostic]:
    name = block.span.source.name
    for argument in arguments:
        attribute = block.body.attribute(argument)
        if attribute is not None:
            yield error(
                "UC412",
                attribute.name_span,
                "Override after the wiring's",
                f"Terraform merges override files by name, so {argument} in {name} would replace what {OVERRIDE_FILE} "
                "says, and the script would run without its gates.",
                related=[also(base.header_span, "overridden here")],
                help=f"rename {name} so that it sorts before {OVERRIDE_FILE}",
            )
