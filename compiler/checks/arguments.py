"""Names and values of arguments, as the provider's schema and the variables of called modules have them.

Terraform says the same, but no longer of a block that an override file changes: there it passes over what it doesn't
know, and a misspelt argument is as good as none.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.places import renamed
from compiler.checks.subject import Declared, Subject, mistake, resources
from compiler.hcl.syntax import Attribute, Block, Expression, Template, TupleExpr
from compiler.hcl.traversal import traversal_of
from compiler.order.directives.vocabulary import (
    DIRECTIVES,
    SETTINGS,
    intended_directive,
    intended_requirement,
    is_other_word,
)
from compiler.order.inventory import AGENT_SCRIPTS
from compiler.order.model import KnownBody
from compiler.order.references import without_prefix
from compiler.patterns import regex
from compiler.source.diagnostics import Diagnostic, Edit, also, error
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.module import Config, Module, ModuleCall, Resource, walk
from compiler.terraform.configuration.schema import (
    AGENT_ID,
    META_ARGUMENTS,
    META_BLOCKS,
    MODULE_ARGUMENTS,
    RESOURCES,
    Schema,
)
from compiler.terraform.evaluation.evaluator import ReferenceStep
from compiler.terraform.values.convert import ConversionError, convert
from compiler.terraform.values.values import Value

_REFERENCE = regex(r"(?:coder_script|coder_agent|module)\.[\w.\[\]-]+")


def directive_help(attribute: Attribute, *, near: str) -> str:
    """Return the help for an argument that a block doesn't take, empty where it isn't meant as a directive.

    ``near`` is the known argument that is spelled nearly so, empty where there is none.
    """
    name = attribute.name
    if name in DIRECTIVES or name in SETTINGS:
        return f"a directive is a comment: # unitc: {name} = {_as_directive(name, attribute.expression)}"
    word = intended_directive(name)
    if not word or (not is_other_word(name) and (near or word in SETTINGS)):
        return ""
    said = attribute.expression.literal if isinstance(attribute.expression, Template) else None
    requirement = None if said is None else intended_requirement(said)
    if word in DIRECTIVES and requirement is not None:
        return (
            "what is required is part of a directive's name, and a directive is a comment: "
            f"# unitc: depends_on_{requirement} = [coder_script.NAME]"
        )
    what = "a directive is a comment" if word in SETTINGS else "an order is declared in a comment"
    return f"{what}: # unitc: {word} = {_as_directive(word, attribute.expression)}"


def _as_directive(word: str, expression: Expression) -> str:
    """Return an argument's value as the directive takes it: references in a list, and without quotes."""
    text = " ".join(expression.span.text.split())
    if word in SETTINGS:
        return text
    if isinstance(expression, TupleExpr):
        return f"[{', '.join(map(_item, expression.items))}]"
    item = _item(expression)
    return f"[{item}]" if _REFERENCE.fullmatch(item) or traversal_of(expression) is not None else text


def _item(expression: Expression) -> str:
    said = expression.literal if isinstance(expression, Template) else None
    return said if said is not None and _REFERENCE.fullmatch(said) else " ".join(expression.span.text.split())


# The siblings of depends_on that are understood where they stand as real attributes.
_TYPED = frozenset(name for name in DIRECTIVES if name.startswith("depends_on_"))

# What a block of each type may set.
_TAKEN = {name: frozenset({*schema.arguments, *META_ARGUMENTS, *_TYPED}) for name, schema in RESOURCES.items()}

# What people write for an argument whose name is spelled in another way; with nothing, where only letters are alike.
_OTHER_WORDS = {
    **dict.fromkeys(("name", "title", "label"), "display_name"),
    **dict.fromkeys(("body", "command", "content", "inline", "source"), "script"),
    **dict.fromkeys(("log", "logs", "log_file"), "log_path"),
    "schedule": "cron",
    "start": "run_on_start",
    "stop": "run_on_stop",
    "order": "",
}
_STARTING = ("start", "boot", "launch", "login", "init")
_STOPPING = ("stop", "shut", "down", "exit", "end", "halt", "logout")


def check_names(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each argument and nested block that a block doesn't take."""
    for address, _, resource, schema in resources(subject):
        taken = _TAKEN[resource.type]
        for block in resource.blocks:
            # Most blocks have no name that isn't taken, which is told of all names at once.
            for attribute in () if block.body.named.keys() <= taken else block.body.attributes:
                if attribute.name not in taken:
                    yield _unknown_argument(address, resource, schema, attribute)
            for nested in block.body.blocks:
                dynamic = nested.type == "dynamic" and len(nested.labels) == 1
                name = nested.labels[0].value if dynamic else nested.type
                if name not in schema.blocks and (dynamic or name not in META_BLOCKS):
                    yield _unknown_block(address, resource, schema, nested, name)


def _unknown_argument(address: str, resource: Resource, schema: Schema, attribute: Attribute) -> Diagnostic:
    name = attribute.name
    near = _near_argument(name, schema)
    edits: tuple[Edit, ...] = ()
    if name in schema.former:
        help_ = schema.former[name]
    elif name in schema.blocks | META_BLOCKS:
        help_ = f"{name} is a block: write {name} {{ … }} without ="
    else:
        takes = ", ".join(sorted(schema.arguments))
        help_ = directive_help(attribute, near=near)
        if not help_:
            help_ = f"did you mean {near}?" if near else f"remove it; {resource.type} takes {takes}"
            edits = renamed(attribute, _candidates(name, schema), resource)
    return error(
        "UC103",
        attribute.name_span,
        "Unsupported argument",
        f"{address} has an argument {name}, which {resource.type} "
        + ("took in earlier versions of the provider only." if name in schema.former else "doesn't take."),
        help=help_,
        edits=edits,
    )


def _near_argument(name: str, schema: Schema) -> str:
    """Return the argument that a name which is none stands for, or an empty string; never one of the other occasion."""
    meant = _OTHER_WORDS.get(name)
    if meant is not None:
        return meant if meant in schema.arguments else ""
    return did_you_mean(name, _candidates(name, schema))


def _candidates(name: str, schema: Schema) -> tuple[str, ...]:
    stops = any(word in name for word in _STOPPING)
    starts = not stops and any(word in name for word in _STARTING)
    others = _STARTING if stops else _STOPPING if starts else ()
    known = (*schema.arguments, *META_ARGUMENTS, *_TYPED)
    return tuple(each for each in known if not any(word in each for word in others))


def _unknown_block(address: str, resource: Resource, schema: Schema, block: Block, name: str) -> Diagnostic:
    near = did_you_mean(name, (*schema.blocks, *META_BLOCKS - {"_"}))
    if name in schema.arguments:
        help_ = f"{name} is an argument: write {name} = …"
    else:
        help_ = f"did you mean {near}?" if near else "remove it"
    return error(
        "UC104",
        block.header_span,
        "Unsupported block type",
        f"{address} has a block {name}, which {resource.type} doesn't take.",
        help=help_,
    )


def check_repetition(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each block that has both ``count`` and ``for_each``."""
    for module in {config.module: None for config in walk(subject.root)}:
        for named in (*module.resources.values(), *module.calls.values()):
            written = named.block.body.named
            if "count" in written and "for_each" in written:
                count, for_each = written["count"], written["for_each"]
                yield error(
                    "UC101",
                    for_each.name_span,
                    "Both count and for_each",
                    "A block is repeated by count or by for_each; this one has both.",
                    related=[also(count.name_span, "count")],
                    help="remove one of the two",
                )


def check_required(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each required argument that isn't there."""
    for address, module, resource, schema in resources(subject):
        if resource.block.body.named.keys() >= schema.required or module.is_damaged(resource.blocks):
            continue
        names = {attribute.name for block in resource.blocks for attribute in block.body.attributes}
        missing = sorted(set(schema.required) - names)
        # What was written under another name isn't missing besides.
        unknown = names - schema.arguments.keys() - META_ARGUMENTS
        meant = {_near_argument(name, schema) for name in unknown}
        for name in missing:
            if name not in meant:
                yield error(
                    "UC105",
                    resource.block.header_span,
                    "Missing required argument",
                    f"The argument {name} is required, but {address} doesn't set it.",
                    label=f"{name} is missing",
                    help=f"add {name} = …",
                )


# The arguments that hold a script's text.
_TEXTS = frozenset({"script", *AGENT_SCRIPTS})


def check_values(subject: Subject) -> Iterator[Diagnostic]:
    """Yield what is wrong with values: other types than the arguments have, and null for what is required."""
    texts = {script.address for script in subject.inventory.scripts if type(script.body) is KnownBody}
    for item in subject.declared:
        types = item.schema.arguments
        for attribute in item.resource.block.body.attributes:
            name = attribute.name
            if name not in types:
                continue
            # A script's text costs more to compute than all the rest; where it is known, it is a text.
            if name in _TEXTS and (item.address if name == "script" else f"{item.address}.{name}") in texts:
                continue
            value = item.raw(name)
            if value is not None and (value.data is None or value.type is not types[name]):
                yield from _value(item, name, value)


def _wanted(item: Declared, name: str) -> str:
    attribute = item.attribute(name)
    traversal = None if attribute is None else traversal_of(attribute.expression)
    if name == "agent_id" and attribute is not None and traversal is not None:
        # The whole block in place of its id is the usual mistake.
        kind = AGENT_ID.get(without_prefix(traversal).root)
        if kind is not None:
            return f"write {attribute.expression.span.text}.{kind}"
    return "give a value of that type"


def _value(item: Declared, name: str, value: Value) -> Iterator[Diagnostic]:
    if value.is_null and name in item.schema.required:
        yield mistake(
            "UC105",
            item.span(name),
            "Missing required argument",
            f"The argument {name} is required, but in {item.address} it is null.",
            [value],
            help="give it a value",
        )
        return
    try:
        convert(value, item.schema.arguments[name])
    except ConversionError as exc:
        yield mistake(
            "UC106",
            item.span(name),
            "Incorrect argument type",
            f"The value of {name} in {item.address} can't be used: {exc}.",
            [value],
            help=_wanted(item, name),
        )


# Nested blocks of a call: arguments whose names are Terraform's own stand in the first.
_BLOCKS = frozenset({"_"})


def _calls(subject: Subject) -> Iterator[tuple[str, Module, ModuleCall, Config]]:
    """Yield each call whose module is known, once, with its address without indexes and the module that calls."""
    seen = set()
    for config in walk(subject.root):
        for name, child in config.children.items():
            call = config.module.calls[name]
            # A variable may stand in the part of a file that a syntax error hides.
            if child.module.is_whole and (call, child.module) not in seen:
                seen.add((call, child.module))
                yield "module." + ".module.".join((*config.path, name)), config.module, call, child


def check_calls(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each argument that a module has no variable for, each block, and each missing argument."""
    for address, module, call, child in _calls(subject):
        yield from _unknown_in_call(address, call, child)
        if module.is_damaged(call.blocks):
            continue
        for name, variable in child.module.variables.items():
            if variable.block.body.attribute("default") is None and call.block.body.attribute(name) is None:
                yield error(
                    "UC105",
                    call.block.header_span,
                    "Missing required argument",
                    f"The variable {name} of {address} has no default, and the call doesn't set it.",
                    label=f"{name} is missing",
                    related=[also(variable.block.header_span, "the variable")],
                    help=f"add {name} = …",
                )


def _unknown_in_call(address: str, call: ModuleCall, child: Config) -> Iterator[Diagnostic]:
    known = (*child.module.variables, *MODULE_ARGUMENTS)
    for block in call.blocks:
        for attribute in block.body.attributes:
            name = attribute.name
            if name in known or (name in DIRECTIVES and name.startswith("depends_on_")):
                continue
            near = did_you_mean(name, known)
            edits: tuple[Edit, ...] = ()
            help_ = directive_help(attribute, near=near)
            if not help_:
                help_ = f"did you mean {near}?" if near else f"remove {name}; the module has no such variable"
                edits = renamed(attribute, known, call)
            yield error(
                "UC103",
                attribute.name_span,
                "Unsupported argument",
                f"{address} has an argument {name}, for which its module has no variable.",
                help=help_,
                edits=edits,
            )
        for nested in block.body.blocks:
            if nested.type not in _BLOCKS:
                argument = nested.type in known
                yield error(
                    "UC104",
                    nested.header_span,
                    "Unsupported block type",
                    f"{address} has a block {nested.type}, which module calls don't take.",
                    help=f"write {nested.type} = {{ … }}" if argument else f"remove {nested.type}",
                )


def check_call_values(subject: Subject) -> Iterator[Diagnostic]:
    """Yield nothing of its own: a value that a call gives for certain is converted to its variable's type.

    What doesn't fit is noted where all that is wrong with values is noted, once; without this, only a value that
    something reads would be converted.
    """
    for item in subject.located:
        scope = item.scope
        if scope.call is None or scope.call_scope is None:
            continue
        for name, variable in scope.config.module.variables.items():
            attribute = scope.call.block.body.attribute(name)
            if attribute is None or variable.block.body.attribute("type") is None:
                continue
            value = scope.call_scope.evaluate(attribute.expression)
            if value.is_known and not value.is_poisoned and not value.assumes:
                scope.resolve("var", (ReferenceStep(name, False, attribute.name_span),), attribute.expression.span)
    return iter(())
