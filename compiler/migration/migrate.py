"""``migrate(analysis, form)``: the edits that say a template's order in one form, and what can't be said in it.

Whether the order stays the same isn't reasoned about but found out: the changed texts are read again as the template
was, and the graphs are compared, those with the given values and those that hold for every input. What would change
an order, or make an error, is left as it is and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from compiler.hcl.syntax import Block
from compiler.migration.compare import DeclaredWait, Orders, difference, orders_of
from compiler.migration.edits import add_to_list, added, append_block, applied, removed_items, removed_wholes, why_kept
from compiler.migration.form import Form
from compiler.migration.forms import Left, Move, directive, move
from compiler.migration.said import Reference, RuleBlock, find_said
from compiler.migration.waits import moves_by_hand, needless_lines
from compiler.order.claims import Claim
from compiler.order.directives.statements import Everyone, Statements
from compiler.order.model import OriginKind, Phase
from compiler.order.order import Order
from compiler.order.outcome import Requires
from compiler.order.resolve import resolve_claims
from compiler.order.rule_writing import WrittenRules, write_rules
from compiler.output.fix import put_together
from compiler.pipeline import Analysis, analyze, fixed_order
from compiler.records import dataclass, replace
from compiler.source.diagnostics import Edit
from compiler.source.limits import MAX_ROUNDS
from compiler.source.span import Source, Span
from compiler.terraform.configuration.files import EditedFiles
from compiler.terraform.configuration.module import Module, Resource, walk
from compiler.wiring.rules.text import order_text


@dataclass(frozen=True, slots=True)
class Migration:
    """The files that change, with their new texts, and what is left, with its places in the new texts."""

    changes: Mapping[Source, str]
    left: tuple[Left, ...]


def line_before(before: str, after: str, line: int) -> int:
    """Return the number that a line of a text had before it was changed; of a new one that of what it replaced."""
    pairs = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    for kind, start, end, new_start, new_end in pairs:
        if new_start < line <= new_end:
            return min(start + line - new_start, max(end, start + 1)) if kind != "insert" else start + 1
    return line


def migrate(analysis: Analysis, form: Form, *, remove_waits: bool = False) -> Migration:
    """Return how a valid template says its order in a form. Raises OSError where a file can't be read again.

    ``remove_waits``: loops and calls in scripts that declarations make needless are removed.
    """
    changes: Mapping[Source, str] = {}
    before = orders_of(analysis)
    for _ in range(MAX_ROUNDS):
        migrator = _Migrator(analysis, form, fixed_order(analysis), before)
        found = migrator.run(remove_waits=remove_waits)
        changes = put_together(changes, found.changes)
        # What would have changed the order may be possible by now, and what was said twice says it alone.
        if not found.changes:
            break
        analysis = migrator.read(found.changes)
        before = orders_of(analysis)
    return Migration(dict(sorted(changes.items(), key=lambda item: item[0].name)), found.left)


@dataclass
class _Migrator:
    analysis: Analysis
    form: Form
    fixed: Order
    before: Orders

    def run(self, *, remove_waits: bool) -> Migration:
        moves, left = self.found()
        if self.form is Form.RULES:
            moves, unsaid = self.sayable(moves)
            left += unsaid
        taken, why = self.grow([], moves)
        left += [Left(item.place, item.words, why[item]) for item in moves if item in why]
        edits = self.edits(taken)
        assert not isinstance(edits, str)
        changes = applied(edits)
        if remove_waits:
            changes, kept = self.without_waits(changes, taken)
            left += kept
        return Migration(changes, tuple(sorted(left, key=lambda item: item.place.key)))

    def found(self) -> tuple[list[Move], list[Left]]:
        """Return what isn't said in the form yet, and what can't be."""
        modules = tuple(dict.fromkeys(config.module for config in walk(self.analysis.config)))
        order = self.analysis.order
        claims = (*order.explicit, *order.everyone, *self.fixed.explicit, *self.fixed.everyone)
        said = find_said(modules, self.analysis.statements, claims)
        found = [move(item, self.form, self.analysis.config) for item in said]
        found += moves_by_hand(self.analysis, self.fixed, self.form)
        return [item for item in found if isinstance(item, Move)], [item for item in found if isinstance(item, Left)]

    # What can be taken

    def grow(self, taken: list[Move], more: list[Move]) -> tuple[list[Move], dict[Move, str]]:
        """Return as many moves as leave the order the same, and why the others don't."""
        if not more:
            return taken, {}
        problem = self.problem([*taken, *more])
        if not problem:
            return [*taken, *more], {}
        if len(more) == 1:
            return taken, {more[0]: problem}
        half = len(more) // 2
        taken, first = self.grow(taken, more[:half])
        taken, second = self.grow(taken, more[half:])
        return taken, {**first, **second}

    def problem(self, moves: Sequence[Move]) -> str:
        """Return what would be wrong after some moves, a clause; empty where the order stays the same."""
        edits = self.edits(moves)
        if isinstance(edits, str):
            return edits
        return difference(self.before, orders_of(self.read(applied(edits))), _declared(moves))

    def read(self, texts: Mapping[Source, str]) -> Analysis:
        encoded = {source.name: text.encode("utf-8", "surrogateescape") for source, text in texts.items()}
        return analyze(EditedFiles(self.analysis.files.files, encoded), replace(self.analysis.options, tools=None))

    # What has to change

    def edits(self, moves: Sequence[Move]) -> list[Edit] | str:
        """Return the edits that make some moves, or why there are none, a clause."""
        found: list[Edit] = []
        gone: list[Span] = []
        lists: dict[Span, list[Reference]] = {}
        rules: dict[Resource, list[Block]] = {}
        for item in moves:
            match item.said:
                case Reference() as said:
                    lists.setdefault(said.written.whole, []).append(said)
                case RuleBlock() as said:
                    rules.setdefault(said.resource, []).append(said.block)
        for references in lists.values():
            written, indexes = references[0].written, [item.index for item in references]
            kept = why_kept(written, indexes)
            if kept:
                return kept
            if len(indexes) < len(written.items):
                found.extend(removed_items(written, indexes))
            else:
                gone.append(written.whole)
        for resource, blocks in rules.items():
            whole = len(blocks) == len(resource.block.body.blocks)
            gone.extend(block.span for block in ((resource.blocks[0],) if whole else blocks))
        found.extend(removed_wholes(gone))
        added_ = self.additions(moves)
        if isinstance(added_, str):
            return added_
        return [*found, *added_, *(self.rules(moves) if self.form is Form.RULES else ())]

    def additions(self, moves: Iterable[Move]) -> list[Edit] | str:
        """Return the edits that write references into blocks."""
        there = frozenset(_directives(self.analysis.statements))
        words: dict[Span, tuple[Block, dict[str, dict[str, None]]]] = {}
        for item in (addition for each in moves for addition in each.additions):
            if (item.block.header_span, item.word, item.reference) in there:
                continue
            _, known = words.setdefault(item.block.header_span, (item.block, {}))
            known.setdefault(item.word, {})[item.reference] = None
        found: list[Edit] = []
        for block, known in words.values():
            references = tuple(known.pop("", ()))
            if references:
                edit = add_to_list(block, references)
                if edit is None:
                    return "there is no place for depends_on in the block"
                found.append(edit)
            if known:
                found.append(added(block, (f"{word} = [{', '.join(names)}]" for word, names in known.items())))
        return found

    # Rules

    def written(self, moves: Iterable[Move]) -> WrittenRules:
        """Return the rules that say what some moves claim for every input."""
        known = {id(script) for script in self.fixed.inventory.scripts}
        rules = {_pair(claim) for claim in self.fixed.explicit if claim.origin.kind is OriginKind.ORDER}
        claims = [claim for item in moves for claim in item.claims if id(claim.dependent) in known]
        claims = [claim for claim in claims if _pair(claim) not in rules]
        gates = [replace(claim, origin=replace(claim.origin, kind=OriginKind.DIRECTIVE)) for claim in claims]
        return write_rules(self.fixed.inventory, resolve_claims(self.fixed.inventory, gates, ()).graphs)

    def sayable(self, moves: list[Move]) -> tuple[list[Move], list[Left]]:
        """Return the moves whose claims rules can say, and why the others stay."""
        left: list[Left] = []
        while True:
            unsaid = {(item.edge.dependent, item.edge.prerequisite): item.why for item in self.written(moves).unsaid}
            reasons = {item: why for item in moves if (why := _unsaid(item, unsaid))}
            if not reasons:
                return moves, left
            left += [Left(item.place, item.words, why) for item, why in reasons.items()]
            moves = [item for item in moves if item not in reasons]

    def rules(self, moves: Sequence[Move]) -> Iterator[Edit]:
        """Yield the edits that write the rules, each folder's at the end of the file in which its order stood."""
        modules = {config.module.dir: config.module for config in walk(self.analysis.config)}
        for folder, rules in self.written(moves).rules.items():
            module = modules[folder]
            files = [file.source for file in module.files]
            source = next((item.place.source for item in moves if item.place.source in files), files[0])
            yield append_block(source, order_text("order", module, rules, self.fixed.inventory))

    # What scripts do by hand

    def without_waits(
        self, changes: Mapping[Source, str], taken: list[Move]
    ) -> tuple[Mapping[Source, str], list[Left]]:
        """Return the changes with the lines removed that declarations make needless, and what stays of them."""
        analysis = self.read(changes)
        groups, left = needless_lines(analysis)
        groups = [edits for edits in groups if all(edit.span.own for edit in edits)]
        # A wait that was declared before is one by hand no longer.
        gates = (edge for graph in analysis.graphs for edge in graph.gates)
        declared = [DeclaredWait(edge.dependent, edge.prerequisite, edge.requires) for edge in gates]
        declared += _declared(taken)
        texts = changes
        removed: list[Edit] = []
        for edits in [tuple(edit for each in groups for edit in each)], groups:
            for group in edits:
                tried = put_together(changes, applied(dict.fromkeys((*removed, *group))))
                problem = difference(self.before, orders_of(self.read(tried)), declared)
                if not problem:
                    removed += group
                    texts = tried
                elif edits is groups:
                    left.append(Left(group[0].span, "a wait by hand", problem))
            if removed:
                break
        return texts, left


def _declared(moves: Iterable[Move]) -> list[DeclaredWait]:
    return [declared for item in moves for declared in item.declared]


def _pair(claim: Claim) -> tuple[str, str, Phase, Requires]:
    return claim.dependent.address, claim.prerequisite.address, claim.phase, claim.requires


def _directives(statements: Mapping[Module, Statements]) -> Iterator[tuple[Span, str, str]]:
    """Yield what directives say already: the block, the word, and the reference."""
    for statement in (each for read in statements.values() for each in read.statements):
        if statement.kind is OriginKind.DIRECTIVE and not isinstance(statement.targets, Everyone):
            for target in statement.targets:
                yield statement.owner.blocks[0].header_span, directive(statement.verb), target.text


def _unsaid(item: Move, unsaid: Mapping[tuple[str, str], str]) -> str:
    """Return why rules can't say what a move claims, empty where they can."""
    pairs = ((claim.dependent.address, claim.prerequisite.address) for claim in item.claims)
    return next((unsaid[pair] for pair in pairs if pair in unsaid), "")
