"""Statements of order on a block: ``depends_on``, its typed siblings, and directives in comments.

This file reads them: which block says what about which references. What they mean for units is ``depends_on``'s and
``everyone``'s business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

from compiler.hcl import read_attribute, read_expression, traversal_of
from compiler.hcl.syntax import Attribute, Comment, Expression, File, Template, TupleExpr, Unread, Variable
from compiler.hcl.traversal import Traversal
from compiler.order.directives.comments import Surroundings
from compiler.order.directives.nearly import nearly_directive, unclosed_directive, well_formed
from compiler.order.directives.repeats import named_twice
from compiler.order.directives.settings import BLOCK, SettingsReader, UnitSettings
from compiler.order.directives.vocabulary import DIRECTIVES, SETTINGS, Verb, intended_directive, only_directive
from compiler.order.inventory import AGENT_SCRIPTS
from compiler.order.model import OriginKind
from compiler.order.outcome import Requires
from compiler.patterns import regex
from compiler.records import dataclass, field, replace, settle
from compiler.source.diagnostics import Diagnostic, Edit, error, warning
from compiler.source.span import Span
from compiler.source.suggest import did_you_mean
from compiler.terraform.configuration.module import Mode, Module, ModuleCall, Named, Resource

# How many comments below a directive are looked at for the rest of its list.
_LONGEST_LIST = 50

_PLAIN = Verb(Requires.SUCCESS)
_DIRECTIVE = regex(r"(?:#|//) unitc:")
_SCRIPT_NAME = regex(r"[ \t]*([A-Za-z_]\w*)[ \t]*\.[ \t]*")
_IGNORE = regex(r"\s*ignore\b")
_EXAMPLE: Final = "# unitc: depends_on_success = [coder_script.NAME]"
_NOT_ALLOWED: Final = (
    "A directive orders scripts; it belongs inside, or on the lines right above, a coder_script, a coder_agent or a "
    "module block."
)


class Everyone(Enum):
    """The word ``all`` in place of a list of references."""

    ALL = "all"


@dataclass(frozen=True, slots=True)
class StatementTarget:
    """One reference of a statement, as it stands there."""

    text: str
    expression: Expression

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.expression.span

    @property
    def traversal(self) -> Traversal:
        """The reference taken apart."""
        traversal = traversal_of(self.expression)
        assert traversal is not None
        return traversal


@dataclass(frozen=True, slots=True)
class OrderStatement:
    """One statement of a block. ``span`` is the statement as a whole; ``targets`` are its references in order."""

    owner: Named
    verb: Verb
    kind: OriginKind
    targets: tuple[StatementTarget, ...] | Everyone
    span: Span
    name: str
    plain: bool = field(init=False)
    """Whether it is Terraform's own ``depends_on``."""

    def __post_init__(self) -> None:
        settle(self, "plain", self.kind is OriginKind.DEPENDS_ON and self.name == "depends_on")


@dataclass(frozen=True, slots=True)
class Statements:
    """All statements of one module, in source order, and what its blocks say of their own units.

    The settings are by block, and by the argument of the script that they are about, or ``BLOCK``.
    """

    statements: tuple[OrderStatement, ...]
    settings: Mapping[tuple[Named, str], UnitSettings]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(slots=True)
class _StatementReader:
    module: Module
    diagnostics: list[Diagnostic] = field(default_factory=list)
    settings: SettingsReader = field(default_factory=SettingsReader)
    # The names that the texts of references say. Many scripts are named more than once.
    named: dict[str, str] = field(default_factory=dict)

    def owners(self) -> Iterator[Named]:
        """Yield the blocks whose units can be ordered."""
        for resource in self.module.resources.values():
            if resource.mode is Mode.MANAGED and resource.type in ("coder_script", "coder_agent"):
                yield resource
        yield from self.module.calls.values()

    def attributes(self, owner: Named) -> Iterator[OrderStatement]:
        """Yield ``depends_on`` and the typed siblings that stand in a block as real attributes."""
        ordered = isinstance(owner, ModuleCall) or (isinstance(owner, Resource) and owner.type == "coder_script")
        for attribute in owner.block.body.attributes:
            if not attribute.name.startswith("depends_on"):
                continue
            if attribute.name == "depends_on" and ordered:
                verb = _PLAIN
            elif attribute.name != "depends_on" and attribute.name in DIRECTIVES:
                verb = DIRECTIVES[attribute.name]
                comment = f"# unitc: {attribute.name} = {_one_line(attribute.expression)}"
                alone = "\n" not in attribute.span.text and "#" not in attribute.span.text
                self.diagnostics.append(
                    warning(
                        "UC218",
                        attribute.span,
                        f"{attribute.name} as an attribute",
                        f"Terraform refuses the argument {attribute.name} in this block.",
                        help=f"write it as a comment: {comment}",
                        edits=[Edit(attribute.span, comment)] if alone else (),
                    )
                )
            else:
                continue
            targets = self.targets(attribute, attribute.expression, allow_all=attribute.name != "depends_on")
            if targets is not None:
                yield OrderStatement(owner, verb, OriginKind.DEPENDS_ON, targets, attribute.span, attribute.name)

    def directives(self, file: File, owned: Mapping[int, Named]) -> Iterator[OrderStatement]:
        """Yield what the comments of a file say; ``owned`` are the blocks that they may be about, by identity."""
        around = Surroundings(file)
        for at, comment in enumerate(file.comments):
            marker = _DIRECTIVE.match(comment.text)
            if marker is None:
                nearly = nearly_directive(comment)
                if nearly is not None:
                    self.diagnostics.append(nearly)
                continue
            if _IGNORE.match(comment.text, marker.end()):
                continue
            block = around.block_of(comment)
            owner = owned.get(id(block))
            if owner is None:
                misplaced = error(
                    "UC213",
                    comment.span,
                    "Directive in the wrong place",
                    _NOT_ALLOWED,
                    help="move the comment into the block that it is about",
                    follows=bool(file.unread),
                )
                self.diagnostics.append(misplaced)
                continue
            start = comment.span.start + marker.end()
            unclosed = unclosed_directive(comment, start, file.comments[at + 1 : at + 1 + _LONGEST_LIST])
            if unclosed is not None:
                self.diagnostics.append(unclosed)
                continue
            statement = self.directive(owner, comment, start)
            if statement is not None:
                yield statement

    def directive(self, owner: Named, comment: Comment, start: int) -> OrderStatement | None:
        named = _SCRIPT_NAME.match(comment.text, start - comment.span.start)
        if named is not None:
            start = comment.span.start + named.end()
        attribute, diagnostics = read_attribute(comment.span.source, start, comment.span.end)
        if attribute is None:
            meant = well_formed(comment.span.source.text[start : comment.span.end])
            form = f"write # unitc: {meant}" if meant else f"a directive is a name and its value: {_EXAMPLE}"
            self.diagnostics.extend(replace(item, help=item.help or (form,)) for item in diagnostics)
            return None
        self.diagnostics.extend(diagnostics)
        if named is not None and not self.check_script_name(named[1], attribute):
            return None
        if attribute.name in SETTINGS:
            self.settings.read(owner, BLOCK if named is None else named[1], attribute, comment.span)
            return None
        verb = DIRECTIVES.get(attribute.name)
        if verb is None:
            near, only = intended_directive(attribute.name), only_directive(attribute.name)
            unknown = error(
                "UC213",
                attribute.name_span,
                "Unknown directive",
                f"There is no directive {attribute.name}.",
                help=f"did you mean {near}?" if near else f"write one of {', '.join((*DIRECTIVES, *SETTINGS))}",
                edits=[Edit(attribute.name_span, only)] if only else (),
            )
            self.diagnostics.append(unknown)
            return None
        targets = self.targets(attribute, attribute.expression, allow_all=verb.requires is not None)
        if targets is None or not self.check_all(attribute, verb, targets):
            return None
        return OrderStatement(owner, verb, OriginKind.DIRECTIVE, targets, comment.span, attribute.name)

    def check_all(self, attribute: Attribute, verb: Verb, targets: tuple[StatementTarget, ...] | Everyone) -> bool:
        """Return whether a directive may say ``all``: what waits for a failure of all the others would never run."""
        if not isinstance(targets, Everyone) or verb.requires is not Requires.FAILURE:
            return True
        who = "All the others" if verb.inverse else "It"
        which = "this one fails" if verb.inverse else "every other script fails"
        self.diagnostics.append(
            error(
                "UC213",
                attribute.expression.span,
                f"{attribute.name} of all",
                f"{who} would run only if {which}.",
                help=f"name the scripts that are meant: {attribute.name} = [coder_script.NAME]",
            )
        )
        return False

    def check_script_name(self, name: str, attribute: Attribute) -> bool:
        """Return whether a directive behind ``name.`` can be one of a single script of an agent."""
        if name not in AGENT_SCRIPTS:
            near = did_you_mean(name, AGENT_SCRIPTS)
            may = " or ".join(AGENT_SCRIPTS)
            detail = f"{name}.{attribute.name} is not a directive: only {may} may stand before the dot."
            help_ = f"did you mean {near}.{attribute.name}?" if near else f"write {attribute.name} = …"
        elif attribute.name in DIRECTIVES:
            detail = f"{attribute.name} applies to a whole block, so the {name} before it has no effect."
            help_ = f"write {attribute.name} = …"
        else:
            return True
        self.diagnostics.append(error("UC213", attribute.name_span, "Unknown directive", detail, help=help_))
        return False

    def targets(
        self, attribute: Attribute, value: Expression, *, allow_all: bool
    ) -> tuple[StatementTarget, ...] | Everyone | None:
        """Return the references of a list, or ``all``; None where the value is neither."""
        if isinstance(value, Unread):
            return None
        if allow_all and isinstance(value, Variable) and value.name == "all":
            return Everyone.ALL
        if not isinstance(value, TupleExpr):
            everyone = allow_all and isinstance(value, Template) and value.literal == "all"
            self.diagnostics.append(
                error(
                    "UC205",
                    value.span,
                    "Not a list of references",
                    f"{attribute.name} takes a list of references{' or the word all' * allow_all}.",
                    help=f"write {attribute.name} = {'all' if everyone else '[coder_script.NAME]'}",
                )
            )
            return None
        found = []
        names = []
        for item in value.items:
            text = item.span.text
            name = self.named.get(text)
            if name is None:
                name = "".join(text.split())
                inner = _unquoted(item)
                if traversal_of(inner) is None:
                    self.diagnostics.append(
                        error(
                            "UC205",
                            item.span,
                            "Not a reference",
                            f"{text} in {attribute.name} is not a reference.",
                            help="write the name itself, such as coder_script.NAME or module.NAME, without a function",
                        )
                    )
                elif inner is item:
                    self.named[text] = name
                    found.append(StatementTarget(text, item))
                else:
                    found.append(StatementTarget(inner.span.text, inner))
            else:
                found.append(StatementTarget(text, item))
            names.append(name)
        if len(set(names)) < len(names):
            spans = (item.span for item in value.items)
            self.diagnostics.extend(named_twice(attribute.name, list(zip(names, spans, strict=True))))
        return tuple(found)


def _unquoted(item: Expression) -> Expression:
    """Return the reference in a quoted string, as Terraform still reads ``depends_on = ["coder_script.x"]``."""
    if isinstance(item, Template) and item.literal is not None and item.span.text[:1] == '"':
        inner, diagnostics = read_expression(item.span.source, item.span.start + 1, item.span.end - 1)
        if inner is not None and not diagnostics:
            return inner
    return item


def _one_line(expression: Expression) -> str:
    """Return an expression on one line; of a list without the comments in it, which would swallow the rest."""
    if isinstance(expression, TupleExpr):
        return f"[{', '.join(_one_line(item) for item in expression.items)}]"
    return " ".join(expression.span.text.split())


def read_statements(module: Module) -> Statements:
    """Return what the blocks of a module say about order."""
    reader = _StatementReader(module)
    statements = [statement for owner in reader.owners() for statement in reader.attributes(owner)]
    commented = [file for file in module.files if file.comments]
    owned = {id(block): owner for owner in reader.owners() for block in owner.blocks} if commented else {}
    for file in commented:
        statements.extend(reader.directives(file, owned))
    settings = reader.settings.settings()
    return Statements(tuple(statements), settings, (*reader.diagnostics, *reader.settings.diagnostics))
