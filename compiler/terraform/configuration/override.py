"""Override files: how Terraform merges a block with the blocks that override it.

Rules: https://developer.hashicorp.com/terraform/language/files/override. Arguments merge one by one; nested blocks of
a type replace all of that type, except ``lifecycle``, which merges argument by argument.
"""

from __future__ import annotations

from compiler.hcl.syntax import Attribute, Block, Body
from compiler.records import replace


def is_override(name: str) -> bool:
    """Return whether a file of that name holds overrides."""
    stem = name.removesuffix(".json").removesuffix(".tf")
    return stem == "override" or stem.endswith("_override")


def _merge_attributes(base: tuple[Attribute, ...], over: tuple[Attribute, ...]) -> tuple[Attribute, ...]:
    merged = {attribute.name: attribute for attribute in base}
    merged.update((attribute.name, attribute) for attribute in over)
    return tuple(merged.values())


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
    """Return ``base`` with what ``over`` says instead; places and labels stay those of ``base``."""
    body = Body(
        _merge_attributes(base.body.attributes, over.body.attributes),
        _merge_blocks(base.body.blocks, over.body.blocks),
        base.body.span,
    )
    return replace(base, body=body)
