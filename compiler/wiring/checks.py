"""What stands in the way of the wiring in the template's own files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from compiler.hcl.syntax import Block, Expression
from compiler.hcl.traversal import AttrStep, Traversal, references
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Span
from compiler.terraform.configuration.module import Module, Named, Resource, is_override
from compiler.wiring.model import OVERRIDE_FILE, WiredFolder, WiredRun
from compiler.wiring.sites import Sites

_RESERVED: Final = "unitc"


def check_wiring(sites: Sites, folders: Iterable[WiredFolder]) -> Iterator[Diagnostic]:
    """Yield what keeps the wiring from taking effect."""
    for folder in folders:
        module = sites.module(folder.dir)
        yield from _taken_names(module)
        yield from later_overrides(module, folder)


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


def later_overrides(module: Module, folder: WiredFolder) -> Iterator[Diagnostic]:
    """Yield an error for each argument of ours that an override file after ours would set again."""
    touched: list[tuple[Named, tuple[str, ...]]] = [
        (
            module.resources[f"{wrapped.type}.{wrapped.name}"],
            (wrapped.argument, "timeout", *(run.occasion.argument for run in wrapped.runs[1:])),
        )
        for wrapped in folder.wrapped
    ]
    touched += [
        (module.resources[f"data.coder_script_order.{off.name}"], ("count", "for_each")) for off in folder.switched_off
    ]
    for named, arguments in touched:
        for block in named.blocks[1:]:
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
                "says, and the order would not hold.",
                related=[also(base.header_span, "overridden here")],
                help=f"rename {name} so that it sorts before {OVERRIDE_FILE}",
            )


def check_split(module: Module, resource: Resource, runs: tuple[WiredRun, ...]) -> Iterator[Diagnostic]:
    """Yield what keeps a script that runs on several occasions from getting a block for each of them."""
    for block in resource.block.body.blocks:
        if block.type != "lifecycle":
            yield _no_split(
                resource, runs, block.header_span, f"its {block.type} block would act once for each of them"
            )
    body = resource.block.body
    for run in runs:
        attribute = body.attribute(run.occasion.argument)
        if run.certain or attribute is None:
            continue
        for reference in references_within(attribute.expression, module):
            first = reference.steps[0] if reference.steps else None
            address = f"{reference.root}.{first.name}" if isinstance(first, AttrStep) else ""
            if reference.root == "count":
                why = f"its {attribute.name} differs from instance to instance, by count.index"
            elif address in module.resources:
                why = (
                    f"its {attribute.name} depends on {address}, and Terraform must know at plan which blocks there are"
                )
            else:
                continue
            yield _no_split(resource, runs, attribute.expression.span, why)
            break


def references_within(expression: Expression, module: Module) -> Iterator[Traversal]:
    """Yield the references of an expression, and those of the local values that it takes."""
    pending, seen = list(references(expression)), set[str]()
    while pending:
        reference = pending.pop(0)
        yield reference
        first = reference.steps[0] if reference.steps else None
        name = first.name if reference.root == "local" and isinstance(first, AttrStep) else ""
        if name in module.locals and name not in seen:
            seen.add(name)
            pending.extend(references(module.locals[name].expression))


def _no_split(resource: Resource, runs: tuple[WiredRun, ...], span: Span, why: str) -> Diagnostic:
    occasions = " and ".join(run.occasion for run in runs)
    return error(
        "UC417",
        span,
        "Script can't be split",
        f"{resource.address} is ordered and runs on {occasions}, so it needs a block for each of them, since one text "
        f"can't tell on which occasion it was started; but {why}.",
        related=[also(resource.block.header_span, "the script")],
        help=f"write a coder_script for each of {occasions}",
    )
