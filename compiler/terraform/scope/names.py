"""Names in expressions, held against what is declared, as Terraform does it: before anything is computed.

Every part of an expression counts, whether it is evaluated or not: what ``try`` would catch, the branch that isn't
chosen, the body of a loop over nothing. Evaluation keeps silent where it meets such a name.

Source of the rules: ``lang.References`` and ``Data.StaticValidateReferences`` of Terraform 1.11
(https://github.com/hashicorp/terraform/tree/v1.11/internal/lang).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

from compiler.hcl import AttrStep, IndexStep, Mention, ShellExpansion, Traversal, escape_of, expansion_around, mentions
from compiler.hcl.syntax import Expression, FunctionCall
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Diagnostic, Severity, error
from compiler.source.span import Span
from compiler.terraform.configuration.module import Config, Mode, Resource
from compiler.terraform.configuration.schema import RESOURCES
from compiler.terraform.evaluation.calls import unknown_function
from compiler.terraform.scope.expansion import Repetition, repetition_of
from compiler.terraform.scope.lookup import nearest, undeclared_output


@dataclass(frozen=True, slots=True)
class ModuleNames:
    """What a module declares.

    ``others`` are the addresses that are no resource or data source of ``config``: what a JSON configuration, an
    ``ephemeral`` block and a ``check`` declare.
    """

    config: Config
    others: frozenset[str]

    @classmethod
    def of(cls, config: Config) -> ModuleNames:
        """Return the names of a module."""
        others = set(config.module.in_json)
        for file in config.module.files:
            for block in file.body.blocks:
                if block.type == "ephemeral":
                    others.add(".".join(("ephemeral", *(label.value for label in block.labels))))
                elif block.type == "check":
                    inner = block.body.blocks_of("data")
                    others.update(".".join(("data", *(label.value for label in data.labels))) for data in inner)
        return cls(config, frozenset(others))


@dataclass(frozen=True, slots=True)
class Names:
    """What an expression may name where it stands.

    ``repetition`` decides about ``count`` and ``each``, ``own`` about ``self``; ``bound`` are the iterators of the
    dynamic blocks around it. ``certain`` is False where what stands there may never be evaluated.
    """

    module: ModuleNames
    repetition: Repetition = Repetition.NONE
    own: bool = False
    bound: frozenset[str] = frozenset()
    certain: bool = True

    def mistakes(self, expression: Expression, told: Collection[Span] | None = None) -> Iterator[Diagnostic]:
        """Yield an error for each name in the expression that stands for nothing.

        Functions are looked up where they are called, and outputs of modules where they are used, by Terraform as
        well: an unknown one is an error only where that is certain to happen. With ``told``, which are the calls whose
        mistakes are known, one that Terraform may never come to is worth a warning.
        """
        last: ShellExpansion | None = None
        for mention in mentions(expression):
            if isinstance(mention.what, Traversal):
                if mention.what.root not in mention.bound | self.bound:
                    found = self.reference(mention.what, mention)
                    if found is None and mention.certain and self.certain:
                        found = self._output(mention.what)
                    if found is None:
                        continue
                    expansion = expansion_around(mention.what.span)
                    if expansion is None:
                        yield found
                    elif expansion != last:
                        yield replace(found, help=self._for_shell(found.help, mention, expansion))
                        last = expansion
                continue
            found = unknown_function(mention.what)
            if found is None:
                continue
            if mention.certain and self.certain:
                yield found
            elif told is not None and found.primary.span not in told:
                detail = f"{found.detail} Terraform says so only where it comes to this call."
                yield replace(found, severity=Severity.WARNING, detail=detail)

    def reference(self, reference: Traversal, mention: Mention) -> Diagnostic | None:
        """Return what is wrong with a reference in itself, None where nothing is."""
        judge = _ROOTS.get(reference.root)
        if judge is not None:
            return judge(self, reference)
        if not reference.steps:
            return self._bare(reference, mention.bound | self.bound)
        return self._resource(reference, 0)

    def _bare(self, reference: Traversal, bound: frozenset[str]) -> Diagnostic:
        name = reference.root
        help_ = self._meant(name, bound) or f'write "{name}" in quotes if it is meant as text'
        detail = f'There is nothing named "{name}" here: a name that stands alone is one that a for expression binds.'
        return _mistake(reference.span, "Invalid reference", detail, help_)

    def _meant(self, name: str, bound: frozenset[str]) -> str:
        """Return the help that says what of the template a name may stand for, or an empty string."""
        module = self.module.config.module
        tables = (("", bound), ("local.", module.locals), ("var.", module.variables))
        exact = (f"did you mean {root}{name}?" for root, known in tables if name in known)
        return next(exact, "") or next(filter(None, (nearest(name, known, root) for root, known in tables)), "")

    def _for_shell(self, help_: Sequence[str], mention: Mention, expansion: ShellExpansion) -> tuple[str, ...]:
        """Return the help where a shell would expand what Terraform doesn't know; ``help_`` is for Terraform's name."""
        name = expansion.name
        declared = name in self.module.config.module.locals or name in self.module.config.module.variables
        if expansion.is_shells and not declared:
            return (escape_of(expansion),)
        if name in _ROOTS:
            return (escape_of(expansion), *help_)
        meant = self._meant(name, mention.bound | self.bound)
        if not meant and expansion.is_bare:
            meant = f"declare it and write var.{name} or local.{name} if it is meant for Terraform"
        return (*([meant] if meant else ()), escape_of(expansion))

    # Objects that Terraform provides

    def _attribute(self, reference: Traversal) -> AttrStep | Diagnostic:
        """Return the first step of a reference to an object of which nothing but attributes can be named."""
        first = reference.steps[0] if reference.steps else None
        if isinstance(first, AttrStep):
            return first
        if first is None:
            detail = (
                f'The "{reference.root}" object cannot be accessed directly. Instead, access one of its attributes.'
            )
            return _mistake(reference.span, "Invalid reference", detail)
        detail = f'The "{reference.root}" object does not support this operation.'
        return _mistake(reference.span, "Invalid reference", detail, f"write {reference.root}.NAME")

    def _fixed(self, reference: Traversal) -> Diagnostic | None:
        step = self._attribute(reference)
        if isinstance(step, Diagnostic):
            return step
        known, wanted, context = _OBJECTS[reference.root]
        if step.name not in known:
            return _mistake(
                reference.span,
                f'Invalid "{reference.root}" attribute',
                f'The "{reference.root}" object does not have an attribute named "{step.name}".',
                nearest(step.name, known, f"{reference.root}.")
                or f"write {' or '.join(f'{reference.root}.{name}' for name in known)}",
            )
        if wanted in (Repetition.NONE, self.repetition):
            return None
        detail = f"{reference.root} stands only where {wanted.value} is set."
        return _mistake(reference.span, f'Reference to "{reference.root}" in {context}', detail)

    def _self(self, reference: Traversal) -> Diagnostic | None:
        if self.own:
            return None
        detail = "self stands only in provisioner, connection and postcondition blocks of a resource."
        return _mistake(reference.span, 'Invalid "self" reference', detail)

    # What a module declares

    def _output(self, reference: Traversal) -> Diagnostic | None:
        """Return the error for an output that a module doesn't have, None for any other reference."""
        call, *steps = reference.steps or (None,)
        if reference.root != "module" or not isinstance(call, AttrStep):
            return None
        config = self.module.config
        child, block = config.children.get(call.name), config.module.calls.get(call.name)
        if child is None or block is None:
            return None
        if repetition_of(block.block) is not Repetition.NONE:
            # Without an instance's key it is another mistake, if it is one.
            steps = steps[1:] if steps and isinstance(steps[0], IndexStep) else []
        if not steps or not isinstance(steps[0], AttrStep):
            return None
        return undeclared_output(child.module, steps[0].name, steps[0].span)

    def _declared(self, reference: Traversal) -> Diagnostic | None:
        """Return what is wrong with a reference to a variable, a local value or a module call."""
        step = self._attribute(reference)
        if isinstance(step, Diagnostic):
            return step
        module = self.module.config.module
        tables = {"var": module.variables.keys(), "local": module.locals.keys(), "module": module.calls.keys()}
        table = tables[reference.root]
        if step.name in table or module.may_hide(step.name):
            return None
        summary, detail = _UNDECLARED[reference.root]
        near = nearest(step.name, table, f"{reference.root}.")
        return _mistake(reference.span, summary, detail.format(step.name), near)

    def _prefixed(self, reference: Traversal) -> Diagnostic | None:
        """Return what is wrong with a reference that begins with ``data``, ``ephemeral`` or ``resource``."""
        named = reference.steps[:2]
        if len(named) < 2 or not all(isinstance(step, AttrStep) for step in named):
            what = _PREFIXES[reference.root]
            detail = f"{reference.root} is followed by two names: the {what}'s type and its own name."
            return _mistake(reference.span, f"Reference to {what}", detail)
        return self._resource(reference, 1)

    def _resource(self, reference: Traversal, named: int) -> Diagnostic | None:
        """Return what is wrong with a reference to a resource whose own name is the step at ``named``."""
        own = reference.steps[named]
        if not isinstance(own, AttrStep):
            detail = "A resource type is followed by the name of a resource."
            return _mistake(reference.span, "Invalid reference", detail, f"write {reference.root}.NAME")
        prefix = f"{reference.root}." if reference.root in ("data", "ephemeral") else ""
        type_ = reference.steps[0].name if named and isinstance(reference.steps[0], AttrStep) else reference.root
        address = f"{prefix}{type_}.{own.name}"
        module = self.module.config.module
        resource = module.resources.get(address)
        if resource is None:
            if address in self.module.others or module.may_hide(own.name):
                return None
            kind = {"data.": "data resource", "ephemeral.": "ephemeral resource"}.get(prefix, "resource")
            known = (*module.resources, *self.module.others)
            as_data = f"did you mean data.{address}?" if f"data.{address}" in known else ""
            detail = f'A {kind} "{address.removeprefix("data.")}" has not been declared in this module.'
            help_ = as_data or nearest(address, known)
            return _mistake(reference.span, f"Reference to undeclared {kind}", detail, help_)
        if module.is_damaged(resource.blocks):
            # It may have the count or for_each that makes the reference right.
            return None
        return _part_mistake(reference, resource, reference.steps[named + 1 :], own.span)


def _part_mistake(
    reference: Traversal, resource: Resource, rest: Sequence[AttrStep | IndexStep], name: Span
) -> Diagnostic | None:
    """Return what is wrong with the steps behind a resource's name, whose last step is at ``name``."""
    address, repetition = resource.address, repetition_of(resource.block)
    if rest and repetition is Repetition.NONE and isinstance(rest[0], IndexStep):
        return error(
            "UC155",
            rest[0].span,
            "Unexpected resource instance key",
            f"{address} has neither count nor for_each, so references to it take no index.",
            help=f"write {Span(name.source, reference.span.start, name.end).text}",
        )
    if rest and repetition is not Repetition.NONE:
        if isinstance(rest[0], AttrStep):
            counted = repetition is Repetition.COUNT
            one = f"{address}[{'count.index' if counted else 'each.key'}]"
            every = f"{address}[*]" if counted else f"values({address})[*]"
            return error(
                "UC154",
                reference.span,
                "Missing resource instance key",
                f"{address} has {repetition.value}, so its attributes belong to its single instances.",
                help=f"name an instance, such as {one}, or write {every} for all of them",
            )
        rest = rest[1:]
    if rest and isinstance(rest[0], AttrStep) and resource.mode is Mode.MANAGED and resource.type in RESOURCES:
        attributes = RESOURCES[resource.type].attributes
        if rest[0].name not in attributes:
            return error(
                "UC154",
                rest[0].span,
                "Unsupported attribute",
                f'{resource.type} has no argument, nested block or exported attribute named "{rest[0].name}".',
                help=nearest(rest[0].name, attributes),
            )
    return None


def constant_mistakes(expression: Expression) -> Iterator[Diagnostic]:
    """Yield an error for each reference and call where Terraform takes constants only, as in a variable's default."""
    for mention in mentions(expression):
        if isinstance(mention.what, FunctionCall):
            yield error("UC017", mention.what.span, "Function calls not allowed", "Functions may not be called here.")
        elif mention.what.root not in mention.bound:
            expansion = expansion_around(mention.what.span)
            help_ = "" if expansion is None else escape_of(expansion)
            yield error(
                "UC017", mention.what.span, "Variables not allowed", "Variables may not be used here.", help=help_
            )


def _mistake(span: Span, summary: str, detail: str, help_: str = "") -> Diagnostic:
    return error("UC165", span, summary, detail, help=help_)


# The objects that Terraform provides: their attributes, what has to repeat the block, and where it doesn't.
_OBJECTS: Mapping[str, tuple[tuple[str, ...], Repetition, str]] = MappingProxyType(
    {
        "count": (("index",), Repetition.COUNT, "non-counted context"),
        "each": (("key", "value"), Repetition.FOR_EACH, "context without for_each"),
        "path": (("cwd", "module", "root"), Repetition.NONE, ""),
        "terraform": (("applying", "workspace"), Repetition.NONE, ""),
    }
)
_UNDECLARED = {
    "var": (
        "Reference to undeclared input variable",
        'An input variable with the name "{}" has not been declared in this module.',
    ),
    "local": ("Reference to undeclared local value", 'A local value with the name "{}" has not been declared.'),
    "module": ("Reference to undeclared module", 'No module call named "{}" is declared in this module.'),
}
_PREFIXES = {"data": "data source", "ephemeral": "ephemeral resource", "resource": "resource"}
_ROOTS: Mapping[str, Callable[[Names, Traversal], Diagnostic | None]] = MappingProxyType(
    {
        **dict.fromkeys(_OBJECTS, Names._fixed),
        **dict.fromkeys(_UNDECLARED, Names._declared),
        **dict.fromkeys(_PREFIXES, Names._prefixed),
        "self": Names._self,
    }
)
