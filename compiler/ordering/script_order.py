"""``data "coder_script_order"``: rules to claims, with the verdicts that Coder itself gives.

Where Coder stops at the first mistake, every one is reported here. The checks stand in Coder's order: selectors, what
they match, phases, then (for rules with two sides) agents and scripts that would wait for themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from compiler.diagnostics import Diagnostic, also, error, warning
from compiler.hcl import read_traversal
from compiler.hcl.syntax import Number
from compiler.hcl.traversal import AttrStep, IndexStep, Traversal
from compiler.model import Origin, OriginKind, Phase
from compiler.ordering.claims import MAX_PAIRS, Claim, itself, too_many
from compiler.ordering.depends_on import Involved
from compiler.ordering.inventory import Inventory, Place, Script
from compiler.ordering.references import (
    Foreign,
    MissingModule,
    Target,
    may_not_exist,
    missing_instance_warning,
    resolve,
)
from compiler.outcome import Requires
from compiler.span import Source, Span

__all__ = ["OrderClaims", "Rule", "Selector", "order_claims"]


@dataclass(frozen=True, slots=True)
class Selector:
    """One string of a ``run`` or ``after`` list. ``span`` is the string, or the expression that it comes from."""

    argument: str
    text: str
    span: Span

    def inside(self, span: Span) -> Span:
        """Return the place in the file of a span inside the text, or the whole string where escapes shift it."""
        if self.span.text == f'"{self.text}"':
            start = self.span.start + 1
            return Span(self.span.source, start + span.start, start + max(span.end, span.start + 1))
        return self.span


@dataclass(frozen=True, slots=True)
class Rule:
    """One ``rule`` block of one instance of a data source, in the module instance that declares it."""

    place: Place
    run: tuple[Selector, ...]
    after: tuple[Selector, ...]
    requires: Requires
    phase: Phase | None
    span: Span


@dataclass(slots=True)
class OrderClaims:
    """What all rules of a template claim."""

    claims: list[Claim] = field(default_factory=list)
    involved: list[Involved] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


_FORMS = 'coder_script.NAME, coder_script.NAME[0], coder_script.NAME["key"] or module.NAME'


def _rejected(selector: Selector, span: Span, why: str) -> Diagnostic:
    return error(
        "UC205",
        span,
        "Selector not accepted",
        f'"{selector.text}" in {selector.argument} can\'t be used: {why}.',
        help=f"write {_FORMS}",
    )


def _form_problem(traversal: Traversal) -> str | None:
    """Return why a traversal is no selector, None where it is one."""
    steps = traversal.steps
    if traversal.root not in ("coder_script", "module"):
        return f"it starts with {traversal.root}; only scripts and modules of this module can be ordered"
    if not steps or not isinstance(steps[0], AttrStep):
        return f"a name must follow {traversal.root}"
    if traversal.root == "module":
        if len(steps) > 1 and isinstance(steps[1], IndexStep):
            return "a module is selected as a whole, not by instance"
        return "a selector can't reach into a module" if len(steps) > 1 else None
    if len(steps) == 1:
        return None
    if len(steps) > 2 or not isinstance(steps[1], IndexStep):
        return "it names a part of a script"
    key = steps[1].key
    return (
        "an index must be a whole number or a string" if isinstance(key, Number) and not key.text.isdecimal() else None
    )


@dataclass(frozen=True, slots=True)
class _Selected:
    """A selector and what it matched."""

    selector: Selector
    target: Target


def _trigger_word(script: Script) -> str | None:
    """Return the word that says why a script has not exactly one phase, None where it has."""
    start, stop, cron = script.triggers.start, script.triggers.stop, script.triggers.cron
    if start and stop:
        return "both"
    if start is False and stop is False:
        return "cron" if cron else "neither"
    return None


_TRIGGER_SENTENCES = {
    "both": "it has both run_on_start and run_on_stop",
    "neither": "it has neither run_on_start nor run_on_stop",
    "cron": "it has only cron, and a cron run belongs to no phase",
}


def _phase(script: Script) -> Phase | None:
    """Return the one phase of a script, None where it hangs on what can't be known before apply."""
    if script.triggers.start:
        return Phase.START
    if script.triggers.stop:
        return Phase.STOP
    return script.triggers.phases[0] if len(script.triggers.phases) == 1 else None


@dataclass(slots=True)
class _RuleReader:
    """Takes one rule through all checks; each step reports what it finds and goes on with what is left."""

    inventory: Inventory
    rule: Rule
    out: OrderClaims

    def report(self, diagnostic: Diagnostic) -> None:
        self.out.diagnostics.append(diagnostic)

    def read(self) -> tuple[tuple[Script, ...], tuple[Script, ...]] | None:
        """Return the two sides of the rule, or None where it makes no claims."""
        known = len(self.out.diagnostics)
        missing = len(self.out.involved)
        run, after = tuple(self.select(self.rule.run)), tuple(self.select(self.rule.after))
        if len(self.out.diagnostics) > known and any(
            diagnostic.severity == "error" for diagnostic in self.out.diagnostics[known:]
        ):
            return None
        if not self.check_triggers((*run, *after)):
            return None
        phase = self.phase((*run, *after))
        if phase is None:
            return None
        left, right = self.side(run, phase), self.side(after, phase)
        # An empty side is a legal no-op; so is one whose scripts stand in modules that could not be read.
        if not left or not right or (len(self.out.involved) > missing and not (left and right)):
            return None
        if not self.check_runtimes((*run, *after), (*left, *right)):
            return None
        return left, right

    def select(self, selectors: Iterable[Selector]) -> Iterator[_Selected]:
        for selector in {selector.text: selector for selector in reversed(tuple(selectors))}.values():
            found = self.find(selector)
            if found is not None:
                yield _Selected(selector, found)

    def find(self, selector: Selector) -> Target | None:
        if not selector.text:
            self.report(_rejected(selector, selector.span, "it is empty"))
            return None
        source = Source(selector.span.source.name, selector.text)
        traversal, diagnostics = read_traversal(source)
        if traversal is None or diagnostics:
            first = diagnostics[0]
            why = first.detail.rstrip(".")
            self.report(_rejected(selector, selector.inside(first.primary.span), why[:1].lower() + why[1:]))
            return None
        problem = _form_problem(traversal)
        if problem is not None:
            self.report(_rejected(selector, selector.span, problem))
            return None
        found = resolve(self.inventory, self.rule.place, replace(traversal, span=selector.span), selector.text)
        match found:
            case Diagnostic():
                self.report(replace(found, detail=f'"{selector.text}" in {selector.argument}: {found.detail}'))
                return None
            case MissingModule():
                self.out.involved.append(Involved(found.call, found.span))
                return None
            case Foreign():
                self.report(_rejected(selector, selector.span, "it is neither a script nor a module"))
                return None
        if may_not_exist(found):
            self.report(missing_instance_warning(found))
        return found

    def check_triggers(self, selected: tuple[_Selected, ...]) -> bool:
        fine = True
        for item in selected:
            for script in item.target.scripts:
                word = _trigger_word(script)
                # An agent's own scripts are out of a selector's reach, also through a module.
                if word is None or script.argument != "script":
                    continue
                fine = False
                self.report(
                    error(
                        "UC207",
                        item.selector.span,
                        f"Script with {word} triggers" if word != "cron" else "Script with cron only",
                        f'"{item.selector.text}" in {item.selector.argument} selects {script.address}, but '
                        f"{_TRIGGER_SENTENCES[word]}; an ordered script must have exactly one of the two.",
                        related=[also(script.span, f"{word}: declared here")],
                        help=f"set exactly one of run_on_start and run_on_stop on {script.address}, or select others",
                    )
                )
                break
        return fine

    def phase(self, selected: tuple[_Selected, ...]) -> Phase | None:
        """Return the rule's phase, or None where it has none that is right."""
        fine = True
        votes: list[tuple[Phase, _Selected]] = []
        for item in selected:
            if item.target.module:
                continue
            phases = sorted({phase for script in item.target.scripts if (phase := _phase(script)) is not None})
            if len(phases) > 1 and not item.target.indexed:
                fine = False
                self.report(
                    error(
                        "UC208",
                        item.selector.span,
                        "Selector spans both phases",
                        f'"{item.selector.text}" in {item.selector.argument} selects scripts of the phase start and '
                        "scripts of the phase stop.",
                        help="select the instances of one phase by index, in one rule for each phase",
                    )
                )
                continue
            votes.extend((phase, item) for phase in phases)
        if not fine:
            return None
        wanted = self.rule.phase or (votes[0][0] if votes else None)
        for phase, item in votes:
            if phase is not wanted:
                fine = False
                self.report(self.mismatch(item, phase, wanted, explicit=self.rule.phase is not None))
        if wanted is None:
            return self.phase_of_modules(selected)
        return wanted if fine else None

    def mismatch(self, item: _Selected, phase: Phase, wanted: Phase | None, *, explicit: bool) -> Diagnostic:
        reason = f"the rule sets phase = {wanted}" if explicit else f"other selectors are of the phase {wanted}"
        return error(
            "UC208",
            item.selector.span,
            "Phases differ",
            f'"{item.selector.text}" in {item.selector.argument} selects a script of the phase {phase}, but {reason}.',
            related=[also(self.rule.span, "in this rule")],
            help="order the scripts of each phase in a rule of their own",
        )

    def phase_of_modules(self, selected: tuple[_Selected, ...]) -> Phase | None:
        found = sorted(
            {phase for item in selected for script in self.ordered(item) if (phase := _phase(script)) is not None}
        )
        if len(found) > 1:
            modules = ", ".join(f'"{item.selector.text}"' for item in selected)
            self.report(
                error(
                    "UC208",
                    self.rule.span,
                    "Phase can't be inferred",
                    f"{modules} hold scripts of the phase start and scripts of the phase stop, and the rule doesn't "
                    "say which it is about.",
                    help='add phase = "start" or phase = "stop" to the rule',
                )
            )
            return None
        # Where nothing at all is selected, the rule is empty whatever its phase.
        return found[0] if found else Phase.START

    @staticmethod
    def ordered(item: _Selected) -> tuple[Script, ...]:
        """Return the scripts that a rule can order: an agent's own scripts are no coder_script resources."""
        return tuple(script for script in item.target.scripts if script.argument == "script")

    def side(self, selected: tuple[_Selected, ...], phase: Phase) -> tuple[Script, ...]:
        """Return one side of the rule in its phase, by address, each script once."""
        scripts: dict[str, Script] = {}
        for item in selected:
            members = self.ordered(item)
            fitting = [script for script in members if _phase(script) in (phase, None)]
            if len(fitting) < len(members) and self.rule.phase is None:
                left_out = [script.address for script in members if script not in fitting]
                self.report(
                    warning(
                        "UC211",
                        item.selector.span,
                        "Scripts of the other phase are left out",
                        f'The rule is about the phase {phase}; "{item.selector.text}" in {item.selector.argument} '
                        f"also holds {', '.join(left_out[:3])}{' and more' * (len(left_out) > 3)}.",
                        help=f'set phase = "{phase}" in the rule to say that this is meant',
                    )
                )
            scripts.update((script.address, script) for script in fitting)
        return tuple(scripts[address] for address in sorted(scripts))

    def check_runtimes(self, selected: tuple[_Selected, ...], scripts: tuple[Script, ...]) -> bool:
        def place(script: Script) -> Span:
            return next(item.selector.span for item in selected if script in item.target.scripts)

        lost = [script for script in scripts if script.runtime is None]
        for script in lost:
            self.report(
                error(
                    "UC210",
                    place(script),
                    "Agent can't be found",
                    f"It can't be told before apply which agent runs {script.address}.",
                    related=[also(script.span, "declared here")],
                    help="set its agent_id to the id of one coder_agent, directly or through module inputs and locals",
                )
            )
        first: dict[str, Script] = {}
        for script in scripts:
            if script.runtime is not None:
                first.setdefault(script.runtime.address, script)
        if len(first) > 1:
            one, other = (first[address] for address in sorted(first)[:2])
            assert one.runtime is not None
            assert other.runtime is not None
            self.report(
                error(
                    "UC209",
                    place(other),
                    "Scripts of different agents",
                    f"{one.address} runs on {one.runtime.address} and {other.address} on {other.runtime.address}; "
                    "a rule orders the scripts of one agent.",
                    related=[also(self.rule.span, "in this rule")],
                    help="write one rule for each agent",
                )
            )
        return not lost and len(first) <= 1


def order_claims(inventory: Inventory, rules: Iterable[Rule]) -> OrderClaims:
    """Return what the rules of all data sources claim."""
    out = OrderClaims()
    products = 0
    for rule in rules:
        sides = _RuleReader(inventory, rule, out).read()
        if sides is None:
            continue
        run, after = sides
        origin = Origin(OriginKind.ORDER, rule.span, rule.after[0].span)
        products += len(run) * len(after)
        if max(products, len(run), len(after)) > MAX_PAIRS:
            out.diagnostics.append(too_many(origin, products))
            break
        both = {script.address for script in run} & {script.address for script in after}
        if both:
            first = min((script for script in run if script.address in both), key=lambda script: script.address)
            out.diagnostics.append(itself(first, origin))
            continue
        for dependent in run:
            for prerequisite in after:
                phase = rule.phase or _phase(dependent) or _phase(prerequisite) or Phase.START
                out.claims.append(Claim(dependent, prerequisite, phase, rule.requires, origin))
    return out
