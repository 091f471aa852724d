"""What stands at a place: the scripts that are named or declared there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compiler.hcl.syntax import Block, File
from compiler.lsp.session import DocumentPlace
from compiler.order.directives.vocabulary import DIRECTIVES
from compiler.order.inventory import AGENT_SCRIPTS, Script
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.span import Span
from compiler.terraform.configuration.module import Module, ModuleCall, Named, Resource, walk

_NAME = regex(
    rf"(?<![\w.-])((?:coder_script|module)\.[\w-]+|coder_agent\.[\w-]+\.(?:{'|'.join(AGENT_SCRIPTS)}))(\[[^]\n]*\])?"
)
_DIRECTIVE = regex(r"(?:#|//) unitc:")


@dataclass(frozen=True, slots=True)
class At:
    """What a place is about: the blocks that declare it, the scripts that come of them, and the piece of text.

    ``declares``: the place is in the header of such a block, rather than in a list that names it.
    """

    blocks: tuple[Block, ...]
    scripts: tuple[Script, ...]
    span: Span
    declares: bool


def file_of(place: DocumentPlace) -> tuple[Module, File] | None:
    """Return a document as it was parsed, and the module that it is part of; None where it is no configuration."""
    files = ((config.module, file) for config in walk(place.analysis.config) for file in config.module.files)
    return next(((module, file) for module, file in files if place.root.path(file.source) == place.path), None)


def at(place: DocumentPlace) -> At | None:
    """Return what a place is about, None where it is about no script."""
    known = file_of(place)
    if known is None:
        return None
    module, file = known
    for block in file.body.blocks:
        if place.holds(block.header_span):
            owner = _owner(module, block)
            return (
                None if owner is None else At((block,), tuple(_scripts(place, module, owner)), block.header_span, True)
            )
    if not any(place.holds(span) for span in _lists(file)):
        return None
    start = place.text.rfind("\n", 0, place.offset) + 1
    end = place.text.find("\n", place.offset)
    for found in _NAME.finditer(place.text, start, len(place.text) if end < 0 else end):
        if found.start() <= place.offset <= found.end():
            return _named(place, module, file, found)
    return None


def _named(place: DocumentPlace, module: Module, file: File, found: re.Match[str]) -> At | None:
    kind, name, *argument = found[1].split(".")
    owner: Named | None = module.calls.get(name) if kind == "module" else module.resources.get(f"{kind}.{name}")
    if owner is None:
        return None
    scripts = [
        script
        for script in _scripts(place, module, owner)
        if isinstance(owner, ModuleCall) or script.argument == (argument[0] if argument else "script")
    ]
    one = [script for script in scripts if found[2] and script.address.endswith(found[0])]
    return At(owner.blocks, tuple(one or scripts), file.source.span(found.start(), found.end()), False)


def _owner(module: Module, block: Block) -> Named | None:
    """Return what a block declares, or overrides, where scripts come of that."""
    owners: list[Named] = [*module.resources.values(), *module.calls.values()]
    return next((owner for owner in owners if any(block is known for known in owner.blocks)), None)


def _scripts(place: DocumentPlace, module: Module, owner: Named) -> Iterator[Script]:
    """Yield the scripts of a block, in all instances of the module that it stands in."""
    inventory = place.analysis.inventory
    for where in inventory.places:
        if where.config.module is not module:
            continue
        if isinstance(owner, ModuleCall):
            yield from inventory.of_call(where, owner.name)
        elif isinstance(owner, Resource):
            for argument in ("script", *AGENT_SCRIPTS):
                yield from inventory.of_resource(where, owner.address, argument)


def _lists(file: File) -> Iterator[Span]:
    """Yield the places where order is declared: directives, ``depends_on`` and its siblings, rules."""
    for comment in file.comments:
        if _DIRECTIVE.match(comment.text):
            yield comment.span
    for block in file.body.blocks:
        if block.type == "data" and [label.value for label in block.labels][:1] == ["coder_script_order"]:
            yield block.span
        for attribute in block.body.attributes:
            if attribute.name in DIRECTIVES:
                yield attribute.span
