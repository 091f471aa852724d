"""A template as Terraform configures it: modules (one folder each) and the tree of their calls.

The words are Terraform's own: a *module* is what stands in one folder, a *config* is a module in its place in the
tree of calls. Blocks are already merged with their overrides; the blocks as they stand in the files are kept beside
them, because comments and generated files belong to a place, not to a merged block.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

from compiler.hcl.syntax import Attribute, Block, Body, File
from compiler.records import dataclass, field, replace, settle
from compiler.source.span import Span


class Mode(StrEnum):
    """Whether Terraform creates a thing or only reads it."""

    MANAGED = "resource"
    DATA = "data"


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A block that its module knows by a name: a variable, an output, a module call.

    ``block`` is merged; ``blocks`` are the base block and its overrides as they stand in the files.
    """

    name: str
    block: Block
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ModuleCall(Named):
    """A ``module`` block. ``source`` is its literal source address, None where it has none that can be read."""

    source: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Resource(Named):
    """A ``resource`` or ``data`` block."""

    mode: Mode
    type: str
    address: str = field(init=False)
    """The address within the module, such as ``coder_script.x`` or ``data.coder_parameter.y``."""

    def __post_init__(self) -> None:
        prefix = "data." if self.mode is Mode.DATA else ""
        settle(self, "address", f"{prefix}{self.type}.{self.name}")


def hides(unread: Collection[Span], name: str) -> bool:
    """Return whether a name stands in the parts of files that couldn't be read."""
    # Nearly always there is none, and an expression for each name takes long to compile.
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])") if unread else None
    return word is not None and any(word.search(span.source.text, span.start, span.end) for span in unread)


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """What stands in one folder. ``dir`` is relative to the template's folder; maps are in source order.

    ``in_json`` are the names of resources, data sources and outputs (``output.NAME``) that a JSON configuration
    declares: of them nothing is known but that they are there. ``unreadable``: a whole
    file, or a block's own name, can't be read.
    """

    dir: str
    files: tuple[File, ...]
    resources: Mapping[str, Resource]
    variables: Mapping[str, Named]
    locals: Mapping[str, Attribute]
    outputs: Mapping[str, Named]
    calls: Mapping[str, ModuleCall]
    in_json: frozenset[str] = frozenset()
    unreadable: bool = False
    unread: tuple[Span, ...] = field(init=False)
    """The parts of all files that couldn't be read."""

    def __post_init__(self) -> None:
        settle(self, "unread", tuple(span for file in self.files for span in file.unread))

    @property
    def is_whole(self) -> bool:
        """Whether all that the folder declares is known; elsewhere an error has been told already."""
        return not self.unreadable and not self.unread

    def is_damaged(self, blocks: Iterable[Block]) -> bool:
        """Return whether one of the blocks stands in a file of which a part, maybe of the block, couldn't be read."""
        broken = {span.source.name for span in self.unread}
        return bool(broken) and any(block.span.source.name in broken for block in blocks)

    def may_hide(self, name: str) -> bool:
        """Return whether what couldn't be read may declare a name, so that it is unknown rather than missing."""
        if self.unreadable:
            return True
        return hides(self.unread, name)

    def resources_of(self, mode: Mode, type_: str) -> Iterator[Resource]:
        """Yield the module's resources of one type, in source order."""
        return (resource for resource in self.resources.values() if resource.mode is mode and resource.type == type_)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a call asks for since its module was installed: a summary, and a sentence that says both."""

    summary: str
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class Config:
    """A module in its place. ``path`` holds the names of the calls that lead to it; the root's is empty.

    ``children`` holds the calls whose module could be read; a call without a child is *missing*. ``changed`` says of
    the missing ones which have a module installed that isn't the one that they name.
    """

    path: tuple[str, ...]
    module: Module
    children: Mapping[str, Config]
    changed: Mapping[str, Changed] = field(default_factory=dict)


def walk(config: Config) -> Iterator[Config]:
    """Yield a config and everything below it, parents first, children by name."""
    pending = [config]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(current.children[name] for name in sorted(current.children, reverse=True))


def missing_calls(config: Config) -> tuple[str, ...]:
    """Return the calls, at and below a config, of modules that could not be read, as addresses without indexes."""
    return tuple(
        ".".join(f"module.{step}" for step in (*below.path, name))
        for below in walk(config)
        for name in below.module.calls
        if name not in below.children
    )


# Override files


def is_override(name: str) -> bool:
    """Return whether a file of that name holds overrides."""
    stem = name.removesuffix(".json").removesuffix(".tf")
    return stem == "override" or stem.endswith("_override")


def _merge_blocks(base: tuple[Block, ...], over: tuple[Block, ...]) -> tuple[Block, ...]:
    def kind(block: Block) -> str:
        return block.labels[0].value if block.type == "dynamic" and block.labels else block.type

    replaced = {kind(block) for block in over}
    kept = [block for block in base if block.type == "lifecycle" or kind(block) not in replaced]
    lifecycles = [block for block in over if block.type == "lifecycle"]
    for index, block in enumerate(kept):
        if block.type == "lifecycle":
            for lifecycle in lifecycles:
                kept[index] = merge(kept[index], lifecycle)
            lifecycles = []
    return (*kept, *lifecycles, *(block for block in over if block.type != "lifecycle"))


def merge(base: Block, over: Block) -> Block:
    """Return ``base`` with what ``over`` says instead; places and labels stay those of ``base``.

    Arguments merge one by one; nested blocks of a type replace all of that type, except ``lifecycle``, which merges
    argument by argument. Source: https://developer.hashicorp.com/terraform/language/files/override.
    """
    attributes = {attribute.name: attribute for attribute in (*base.body.attributes, *over.body.attributes)}
    blocks = _merge_blocks(base.body.blocks, over.body.blocks)
    return replace(base, body=Body(tuple(attributes.values()), blocks, base.body.span))
