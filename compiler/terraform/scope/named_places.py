"""Where expressions stand in a module, and which names are there: all of its blocks, also those that nothing reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from compiler.hcl import names_nothing, root_of, traversal_of
from compiler.hcl.syntax import Block, Expression, TupleExpr
from compiler.records import replace
from compiler.source.diagnostics import Diagnostic
from compiler.terraform.configuration.module import Config, Mode, walk
from compiler.terraform.configuration.schema import RESOURCES, Schema
from compiler.terraform.scope.expansion import repetition_of
from compiler.terraform.scope.names import ModuleNames, Names, constant_mistakes

# Arguments that hold names of another kind than those of values, or words.
_RESOURCE_WORDS = frozenset({"depends_on", "provider"})
_MODULE_WORDS = frozenset({"depends_on", "providers", "source", "version"})
_LIFECYCLE_VALUES = frozenset({"replace_triggered_by"})
_PROVISIONER_WORDS = frozenset({"on_failure", "when"})
_PROVIDER_WORDS = frozenset({"alias", "version"})
_IMPORT_VALUES = frozenset({"for_each", "id", "identity"})
# Blocks in which a resource may name itself.
_OWN = frozenset({"connection", "postcondition", "provisioner"})
# Terraform doesn't look at those of local values and variables in depends_on; nothing waits for them.
_PASSED_OVER = frozenset({"local", "resource", "var"})
# And this the order reads, and says what is wrong with it.
_ORDERED = _PASSED_OVER | {"coder_agent", "coder_script", "module"}


def name_mistakes(config: Config, told: Iterable[Diagnostic] = ()) -> Iterator[Diagnostic]:
    """Yield what is wrong with names in all modules at and below a config, each module once.

    ``told`` is what evaluation found: a call of an unknown function that Terraform may never come to is worth a warning
    where it isn't among that.
    """
    known = {diagnostic.primary.span for diagnostic in told if diagnostic.code == "UC150"}
    seen = set()
    for item in walk(config):
        if item.module in seen:
            continue
        seen.add(item.module)
        names = Names(ModuleNames.of(item))
        for variable in item.module.variables.values():
            default = variable.block.body.attribute("default")
            if default is not None:
                yield from constant_mistakes(default.expression)
        right: set[str] = set()
        for expression, there in _places(item, names):
            # The same words name the same, but for calls, of which it counts where they stand.
            text = expression.span.text
            if there is names and text in right:
                continue
            found = list(there.mistakes(expression, known))
            yield from found
            if there is names and not found and "(" not in text:
                right.add(text)


def expressions_of(config: Config) -> Iterator[Expression]:
    """Yield the expressions of a module's own blocks that may name or call something."""
    yield from (expression for expression, _ in _places(config, Names(ModuleNames.of(config))))


def _places(config: Config, names: Names) -> Iterator[tuple[Expression, Names]]:
    module = config.module
    for attribute in module.locals.values():
        yield attribute.expression, names
    for resource in module.resources.values():
        ordered = _ORDERED if resource.type == "coder_script" else _PASSED_OVER
        schema = RESOURCES.get(resource.type) if resource.mode is Mode.MANAGED else None
        yield from _resource(resource.block, names, ordered, schema)
    for call in module.calls.values():
        yield from _body(call.block, names, _MODULE_WORDS, repeated=True)
        yield from _depends_on(call.block, names, _ORDERED)
    for output in module.outputs.values():
        yield from _body(output.block, names, _RESOURCE_WORDS)
        yield from _depends_on(output.block, names, _PASSED_OVER)
    for variable in module.variables.values():
        for validation in variable.block.body.blocks_of("validation"):
            yield from _body(validation, names, ())
    for file in module.files:
        for block in file.body.blocks:
            if block.type == "ephemeral":
                yield from _resource(block, names, _PASSED_OVER)
            elif block.type == "provider":
                yield from _body(block, names, _PROVIDER_WORDS, repeated=True)
            elif block.type == "import":
                yield from _body(block, names, block.body.named.keys() - _IMPORT_VALUES, repeated=True)
            elif block.type == "check":
                for data in block.body.blocks_of("data"):
                    yield from _resource(data, names, _PASSED_OVER)
                for assertion in block.body.blocks_of("assert"):
                    yield from _body(assertion, names, ())


def _resource(
    block: Block, names: Names, passed_over: frozenset[str], schema: Schema | None = None
) -> Iterator[tuple[Expression, Names]]:
    # What stands in an argument that isn't there has no meaning; that it isn't there is told elsewhere.
    words = _RESOURCE_WORDS
    if schema is not None:
        words |= {name for name in block.body.named.keys() - schema.arguments.keys() - words if not schema.takes(name)}
    yield from _body(block, names, words, repeated=True)
    yield from _depends_on(block, names, passed_over)


def _depends_on(block: Block, names: Names, passed_over: frozenset[str]) -> Iterator[tuple[Expression, Names]]:
    """Yield the references of ``depends_on`` that the order doesn't read."""
    attribute = block.body.attribute("depends_on")
    if attribute is None or not isinstance(attribute.expression, TupleExpr):
        return
    for item in attribute.expression.items:
        if root_of(item) not in passed_over and traversal_of(item) is not None:
            yield item, names


def _body(
    block: Block, names: Names, words: Collection[str], *, repeated: bool = False
) -> Iterator[tuple[Expression, Names]]:
    """Yield the expressions in a block but for arguments that hold ``words``; ``count`` may repeat a block.

    Most arguments are written out: they name nothing, and are passed over.
    """
    repetition = repetition_of(block) if repeated else names.repetition
    inside = names if repetition is names.repetition else replace(names, repetition=repetition)
    for attribute in block.body.attributes:
        # Order that is said by an argument is read, and its names are looked up, where the order is found.
        name = attribute.name
        if name in words or names_nothing(attribute.expression) or name.startswith("depends_on_"):
            continue
        yield attribute.expression, names if name in ("count", "for_each") else inside
    for inner in block.body.blocks:
        there = replace(inside, own=inside.own or inner.type in _OWN)
        if inner.type == "dynamic":
            yield from _dynamic(inner, there)
        elif inner.type == "lifecycle":
            # Its other arguments are words; what stands in one that it doesn't take has no meaning.
            yield from _body(inner, there, {item.name for item in inner.body.attributes} - _LIFECYCLE_VALUES)
        elif inner.type == "provisioner":
            yield from _body(inner, there, _PROVISIONER_WORDS)
        else:
            yield from _body(inner, there, ())


def _dynamic(block: Block, names: Names) -> Iterator[tuple[Expression, Names]]:
    each, iterator = block.body.attribute("for_each"), block.body.attribute("iterator")
    if each is not None:
        yield each.expression, names
    bound = {iterator.expression.span.text} if iterator is not None else {label.value for label in block.labels}
    # How many of them there are may not be known, or be none.
    inside = replace(names, bound=names.bound | bound, certain=False)
    labels = block.body.attribute("labels")
    if labels is not None:
        yield labels.expression, inside
    for content in block.body.blocks_of("content"):
        yield from _body(content, inside, ())
