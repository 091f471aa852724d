"""The forms of order, and how each says what another one says.

A form that can't say something answers with the reason, a clause: then that stays where it is.
"""

from __future__ import annotations

from itertools import product
from typing import Final, TypeAlias

from compiler.hcl.syntax import Attribute, Block, Template, TupleExpr
from compiler.hcl.traversal import AttrStep, IndexStep, Traversal
from compiler.migration.compare import DeclaredWait
from compiler.migration.edits import why_kept
from compiler.migration.form import Form
from compiler.migration.said import Everybody, Reference, RuleBlock, Said
from compiler.order.directives.vocabulary import Verb
from compiler.order.forms.selectors import Selector, read_selector
from compiler.order.model import OriginKind
from compiler.order.outcome import Requires
from compiler.order.references import without_prefix
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Span
from compiler.terraform.configuration.module import Config, Mode, Module, ModuleCall, Named, Resource, walk


@dataclass(frozen=True, slots=True)
class Addition:
    """A reference that a block names from now on: in a directive, or in its ``depends_on`` where there is no word."""

    block: Block
    word: str
    reference: str


@dataclass(frozen=True, slots=True, eq=False)
class Move(Said):
    """What says something in another form: the additions are written, and what said it is removed.

    Rules aren't added one by one, but made of all that is claimed. ``said`` is None where scripts did it by themselves:
    ``declared`` is what the additions declare of it, and nothing is removed.
    """

    additions: tuple[Addition, ...] = ()
    said: Reference | RuleBlock | None = None
    declared: tuple[DeclaredWait, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """What stays as it is: its place, its words, and why, a clause."""

    place: Span
    words: str
    why: str


OUTSIDE: Final = "it stands in a module that isn't part of the template"

_Answer: TypeAlias = tuple[Addition, ...] | str | None


def move(said: Said, form: Form, root: Config) -> Move | Left | None:
    """Return how a form says something, or why it can't; None where it is said in that form already."""
    answer: _Answer = None
    match said:
        case Everybody():
            answer = _why_not_all(said, form)
        case Reference():
            answer = _reference(said, form, root)
        case RuleBlock() if form is not Form.RULES:
            answer = _rule(said, form)
    if answer is None:
        return None
    if isinstance(answer, tuple) and not (said.place.own and all(item.block.header_span.own for item in answer)):
        answer = OUTSIDE
    if isinstance(answer, str):
        return Left(said.place, said.words, answer)
    assert isinstance(said, Reference | RuleBlock)
    return Move(said.place, said.words, said.claims, answer, said)


def _why_not_all(said: Everybody, form: Form) -> str | None:
    if form is not Form.DIRECTIVES:
        return "only a directive can say all, including scripts that are added later"
    return None if said.statement.kind is OriginKind.DIRECTIVE else "an attribute that says all can't be moved"


def _reference(said: Reference, form: Form, root: Config) -> _Answer:
    statement = said.statement
    requires = statement.verb.requires
    if requires is None or _in_form(said, form):
        return None
    kept = why_kept(said.written, (said.index,))
    if kept:
        return kept
    if statement.plain:
        creation = _creates(said, root)
        if creation:
            return creation
    if form is Form.RULES:
        # What else keeps a rule from saying it is found where the rules are made.
        return () if requires in (Requires.SUCCESS, Requires.COMPLETION) else f"a rule can't say {requires}"
    if form is Form.DIRECTIVES:
        return (Addition(statement.owner.blocks[0], directive(statement.verb), said.text),)
    if requires is not Requires.SUCCESS:
        return f"depends_on can't say {requires}"
    if without_prefix(said.target).root == "coder_agent":
        return "Terraform takes no attribute in depends_on"
    if not statement.verb.inverse:
        if isinstance(statement.owner, Resource) and statement.owner.type == "coder_agent":
            return "the depends_on of an agent orders no script"
        return (Addition(statement.owner.blocks[0], "", said.text),)
    waiting = _whole(said.module, said.target)
    name = _address(statement.owner)
    if waiting is None:
        return "depends_on is said for all instances of a block"
    if not name:
        return "Terraform takes no attribute in depends_on"
    return (Addition(waiting.blocks[0], "", name),)


def directive(verb: Verb) -> str:
    """Return the word of the directive that says what a statement says."""
    return f"{'before' if verb.inverse else 'depends_on'}_{verb.requires}"


def _in_form(said: Reference, form: Form) -> bool:
    if form is Form.DIRECTIVES:
        return said.statement.kind is OriginKind.DIRECTIVE
    return form is Form.DEPENDS_ON and said.statement.plain


def _creates(said: Reference, root: Config) -> str:
    """Return what else than scripts a plain ``depends_on`` lets Terraform create first, as a clause; empty for none."""
    target = without_prefix(said.target)
    if target.root != "module" or not isinstance(target.steps[0], AttrStep):
        return ""
    for config in walk(root):
        child = config.children.get(target.steps[0].name) if config.module is said.module else None
        for below in () if child is None else walk(child):
            for resource in below.module.resources.values():
                if resource.mode is Mode.MANAGED and not resource.type.startswith("coder_"):
                    return f"it also lets Terraform create {resource.address} of {said.text} first"
    return ""


def _whole(module: Module, target: Traversal) -> Named | None:
    """Return the block that a reference without an index names, None where it names something else."""
    target = without_prefix(target)
    first = target.steps[0] if len(target.steps) == 1 else None
    if not isinstance(first, AttrStep):
        return None
    if target.root == "module":
        return module.calls.get(first.name)
    return module.resources.get(f"coder_script.{first.name}") if target.root == "coder_script" else None


def _address(owner: Named) -> str:
    """Return the reference to a block, empty for an agent, of which only the scripts are ordered."""
    if isinstance(owner, ModuleCall):
        return f"module.{owner.name}"
    return owner.address if isinstance(owner, Resource) and owner.type == "coder_script" else ""


def _rule(said: RuleBlock, form: Form) -> _Answer:
    if not said.fixed:
        return "how often it holds is computed"
    if any(mark in said.block.span.text for mark in ("#", "//", "/*")):
        return "a comment stands in it"
    body = said.block.body
    sides = [_selectors(body.attribute(name)) for name in ("run", "after")]
    words = [body.attribute(name) for name in ("requires", "phase")]
    literal = all(word is None or (isinstance(word.expression, Template) and word.expression.literal) for word in words)
    run, after = sides
    if run is None or after is None or not literal:
        return "what it says is computed"
    requires = said.claims[0].requires
    if form is Form.DEPENDS_ON and requires is not Requires.SUCCESS:
        return f"depends_on can't say {requires}"
    additions = []
    for waiting, awaited in product(run, after):
        found = _said_by_one(said.module, waiting, awaited, requires, form)
        if found is None:
            said_for = "depends_on is" if form is Form.DEPENDS_ON else "a directive is"
            return f"{said_for} said for all instances of a block, and {waiting.span.text} is one of them"
        additions.append(found)
    return tuple(additions)


def _said_by_one(
    module: Module, waiting: Traversal, awaited: Traversal, requires: Requires, form: Form
) -> Addition | None:
    """Return the usual way to say that one thing waits for another; None where no block can say it."""
    dependent, prerequisite = _whole(module, waiting), _whole(module, awaited)
    if dependent is not None:
        word = "" if form is Form.DEPENDS_ON else f"depends_on_{requires}"
        return Addition(dependent.blocks[0], word, awaited.span.text)
    if prerequisite is None or form is Form.DEPENDS_ON:
        return None
    return Addition(prerequisite.blocks[0], f"before_{requires}", waiting.span.text)


def _selectors(attribute: Attribute | None) -> list[Traversal] | None:
    """Return the references of one side of a rule, each once; None where they aren't written out."""
    if attribute is None or not isinstance(attribute.expression, TupleExpr):
        return None
    found: dict[str, Traversal] = {}
    for item in attribute.expression.items:
        text = item.literal if isinstance(item, Template) else None
        traversal = None if not text else read_selector(Selector(attribute.name, text, item.span))
        if text is None or traversal is None or isinstance(traversal, Diagnostic) or _holds_template(traversal):
            return None
        found.setdefault(text, traversal)
    return list(found.values())


def _holds_template(traversal: Traversal) -> bool:
    """Return whether a key would mean something else where it isn't in a string."""
    keys = (step.key for step in traversal.steps if isinstance(step, IndexStep))
    return any(isinstance(key, str) and ("${" in key or "%{" in key) for key in keys)
