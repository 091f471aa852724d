"""What says order in a template now, piece by piece: each can be said in another form, or stays where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compiler.hcl import read_attribute
from compiler.hcl.syntax import Block, TupleExpr
from compiler.hcl.traversal import Traversal
from compiler.migration.edits import Written
from compiler.order.claims import Claim
from compiler.order.directives.statements import Everyone, OrderStatement, Statements
from compiler.order.model import OriginKind
from compiler.records import dataclass
from compiler.source.span import Span
from compiler.terraform.configuration.module import Mode, Module, Resource


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What says order: where it stands, how messages name it, and what it claims."""

    place: Span
    words: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reference(Said):
    """One reference of a ``depends_on``, of a typed sibling, or of a directive. ``index`` is its place in the list."""

    module: Module
    statement: OrderStatement
    target: Traversal
    written: Written
    index: int

    @property
    def text(self) -> str:
        """The reference, as it stands in the file."""
        return _on_one_line(self.target)


@dataclass(frozen=True, slots=True, eq=False)
class Everybody(Said):
    """A statement that says ``all``."""

    statement: OrderStatement


@dataclass(frozen=True, slots=True, eq=False)
class RuleBlock(Said):
    """One ``rule`` of a data source, as it is written; ``fixed``: it holds once, for the data source has no count."""

    module: Module
    resource: Resource
    block: Block
    fixed: bool


def _on_one_line(target: Traversal) -> str:
    return " ".join(target.span.text.split())


def find_said(
    modules: Iterable[Module], statements: Mapping[Module, Statements], claims: Iterable[Claim]
) -> tuple[Said, ...]:
    """Return what says order in some modules, in source order; what claims nothing orders nothing and is left out."""
    by_item: dict[Span, list[Claim]] = {}
    by_rule: dict[Span, list[Claim]] = {}
    for claim in claims:
        where = by_rule if claim.origin.kind is OriginKind.ORDER else by_item
        span = claim.origin.span if claim.origin.kind is OriginKind.ORDER else claim.origin.item
        where.setdefault(span, []).append(claim)
    found: list[Said] = []
    for module in modules:
        for statement in statements[module].statements:
            found.extend(_of_statement(module, statement, by_item))
        for resource in module.resources_of(Mode.DATA, "coder_script_order"):
            body = resource.block.body
            fixed = body.attribute("count") is None and body.attribute("for_each") is None
            for block in (block for each in resource.blocks for block in each.body.blocks):
                # A dynamic block's rules stand in the block inside of it.
                inner = next(block.body.blocks_of("content"), block)
                known = by_rule.get(inner.header_span)
                if known:
                    plain = fixed and block.type == "rule" and len(resource.blocks) == 1
                    words = f"a rule of {resource.address}"
                    found.append(
                        RuleBlock(inner.header_span, words, tuple(known), module, resource, inner, plain),
                    )
    return tuple(sorted(found, key=lambda item: item.place.key))


def _of_statement(module: Module, statement: OrderStatement, by_item: Mapping[Span, list[Claim]]) -> Iterator[Said]:
    if isinstance(statement.targets, Everyone):
        yield Everybody(statement.span, f"{statement.name} = all", (), statement)
        return
    written = _written(statement)
    for index, target in enumerate(statement.targets):
        claims = by_item.get(target.span)
        if claims and written is not None:
            words = f"{_on_one_line(target.traversal)} in {statement.name}"
            yield Reference(target.span, words, tuple(claims), module, statement, target.traversal, written, index)


def _written(statement: OrderStatement) -> Written | None:
    """Return the list of a statement."""
    if statement.kind is OriginKind.DEPENDS_ON:
        for block in statement.owner.blocks:
            attribute = block.body.attribute(statement.name)
            if attribute is not None and isinstance(attribute.expression, TupleExpr):
                return Written(attribute.span, attribute.expression)
        return None
    start = statement.span.start + statement.span.text.index(":") + 1
    attribute, _ = read_attribute(statement.span.source, start, statement.span.end)
    if attribute is None or not isinstance(attribute.expression, TupleExpr):
        return None
    return Written(statement.span, attribute.expression)
