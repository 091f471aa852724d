"""Whether the wiring would make things in Terraform depend on each other in a circle.

Terraform creates things in the order of their references. The wiring adds references of its own; nearly always they
lead to input variables only, but a units list of a child module is an output, and naming a call whose instances are
unknown makes Terraform wait for everything in the module. The graph here is Terraform's own, without instances, as
https://developer.hashicorp.com/terraform/internals/graph describes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from compiler.hcl import read
from compiler.hcl.syntax import Block, Body, Expression, File
from compiler.hcl.traversal import AttrStep, IndexStep, Traversal, references
from compiler.order.graph import cycles
from compiler.source.span import Source
from compiler.terraform.configuration.module import Config, Module, ModuleCall, walk
from compiler.wiring.sites import CallNames

Decided: TypeAlias = tuple[CallNames, str]
"""Something that Terraform decides: the module, and what it is there, such as ``local.a`` or ``coder_script.x``.

``module.m`` is all of a module, ``module.m (expand)`` the number of its instances.
"""

_EVERYTHING = "module"
_EXPAND = "(expand)"


def terraform_cycles(root: Config, wiring: Mapping[str, tuple[str, ...]]) -> tuple[tuple[Decided, ...], ...]:
    """Return the cycles of a wired template, each in the order of creation with its first node again at the end.

    ``wiring`` holds the texts of the generated files of each folder.
    """
    files = {
        folder: tuple(read(Source(f"{folder}/{number}", text))[0] for number, text in enumerate(texts))
        for folder, texts in wiring.items()
    }
    edges = [edge for config in walk(root) for edge in _edges(config, files.get(config.module.dir, ()))]
    return cycles(edges)


def _edges(config: Config, generated: tuple[File, ...]) -> Iterator[tuple[Decided, Decided]]:
    """Yield what depends on what in one module, and in the calls that it makes."""
    here, module = config.path, config.module
    for file in generated:
        yield from _file_edges(here, file.body, module)
    for address, resource in module.resources.items():
        yield from _in_module(here, address, _block_expressions(resource.block), module)
    for name, attribute in module.locals.items():
        yield from _in_module(here, f"local.{name}", [attribute.expression], module)
    for name, output in module.outputs.items():
        yield from _in_module(here, f"output.{name}", _block_expressions(output.block), module)
    for call in module.calls.values():
        yield from _call_edges(here, call, module)


def _in_module(
    here: CallNames, name: str, expressions: Iterable[Expression], module: Module
) -> Iterator[tuple[Decided, Decided]]:
    """Yield what one thing of a module depends on, and that the module depends on it."""
    node = (here, name)
    if here:
        yield node, (here, _EXPAND)
    yield (here, _EVERYTHING), node
    for expression in expressions:
        for reference in references(expression):
            yield from ((node, needed) for needed in _needed(here, reference, module))


def _file_edges(here: CallNames, body: Body, module: Module) -> Iterator[tuple[Decided, Decided]]:
    """Yield the edges of a generated file."""
    for block in body.blocks:
        labels = tuple(label.value for label in block.labels)
        match (block.type, *labels):
            case ("locals",):
                for attribute in block.body.attributes:
                    yield from _in_module(here, f"local.{attribute.name}", [attribute.expression], module)
            case ("output", name):
                yield from _in_module(here, f"output.{name}", _block_expressions(block), module)
            case ("module", name):
                for attribute in block.body.attributes:
                    node = ((*here, name), f"var.{attribute.name}")
                    for reference in references(attribute.expression):
                        yield from ((node, needed) for needed in _needed(here, reference, module))
            case ("resource", type_, name):
                yield from _in_module(here, f"{type_}.{name}", _block_expressions(block), module)


def _call_edges(here: CallNames, call: ModuleCall, module: Module) -> Iterator[tuple[Decided, Decided]]:
    """Yield what the instances and the variables of a called module depend on."""
    there = (*here, call.name)
    yield (here, _EVERYTHING), (there, _EVERYTHING)
    if here:
        yield (there, _EXPAND), (here, _EXPAND)
    for attribute in call.block.body.attributes:
        expands = attribute.name in ("count", "for_each", "depends_on")
        node = (there, _EXPAND) if expands else (there, f"var.{attribute.name}")
        for reference in references(attribute.expression):
            yield from ((node, needed) for needed in _needed(here, reference, module))


def _block_expressions(block: Block) -> Iterator[Expression]:
    """Yield every expression of a block; ``lifecycle`` holds names, not references."""
    pending = [block.body]
    while pending:
        body = pending.pop()
        yield from (attribute.expression for attribute in body.attributes)
        pending.extend(inner.body for inner in body.blocks if inner.type != "lifecycle")


def _needed(here: CallNames, reference: Traversal, module: Module) -> Iterator[Decided]:
    """Yield what a reference makes Terraform decide first."""
    steps = [step.name if isinstance(step, AttrStep) else None for step in reference.steps]
    match reference.root, *steps:
        case ("var" | "local", str() as name, *_):
            yield here, f"{reference.root}.{name}"
        case ("module", str() as call, *rest) if call in module.calls:
            there = (*here, call)
            indexed = bool(rest) and isinstance(reference.steps[1], IndexStep)
            output = rest[1:] if indexed else rest
            yield there, _EXPAND
            yield there, f"output.{output[0]}" if output and output[0] else _EVERYTHING
        case ("data", str() as type_, str() as name, *_):
            yield here, f"data.{type_}.{name}"
        case ("resource", str() as type_, str() as name, *_):
            yield here, f"{type_}.{name}"
        case (str() as type_, str() as name, *_) if f"{type_}.{name}" in module.resources:
            yield here, f"{type_}.{name}"
