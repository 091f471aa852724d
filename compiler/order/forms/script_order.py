"""``data "coder_script_order"``: rules to claims, with the verdicts that Coder itself gives.

Where Coder stops at the first mistake, every one is reported here. The checks stand in Coder's order: selectors, what
they match, phases, then (for rules with two sides) agents and scripts that would wait for themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from compiler.order.claims import Claim, Collected, Involved, without_edits_to
from compiler.order.forms.rule_phases import Selected, infer_phase, phase_of, trigger_errors
from compiler.order.forms.rules import Rule
from compiler.order.forms.selectors import Selector, read_selector
from compiler.order.inventory import Inventory, Script
from compiler.order.model import Origin, OriginKind, Phase
from compiler.order.references import Existence, Foreign, MissingModule, Referent, missing_instance_warning, resolve
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, also, error, has_errors, warning
from compiler.source.limits import MAX_ADDRESSES
from compiler.source.prose import listed
from compiler.terraform.configuration.address import InstanceKey


@dataclass(frozen=True, slots=True)
class _Member:
    """A script on one side of a rule, and the first selector for each of the keys (see Claim) that are meant."""

    script: Script
    selectors: dict[InstanceKey, Selector]

    @property
    def selector(self) -> Selector:
        return next(iter(self.selectors.values()))


# One side of a rule, by the addresses of its scripts.
_Side = dict[str, _Member]


@dataclass(slots=True)
class _RuleClaims:
    """Takes rule by rule through all checks; each step reports what it finds and goes on with what is left.

    ``broken``: something is wrong with the ``rule`` that is being read, so it claims nothing.
    """

    inventory: Inventory
    out: Collected = field(default_factory=Collected)
    rule: Rule = field(init=False)
    broken: bool = field(init=False)

    def report(self, *diagnostics: Diagnostic) -> None:
        self.broken = self.broken or has_errors(diagnostics)
        self.out.diagnostics.extend(diagnostics)

    def read(self, rule: Rule) -> None:
        """Report what is wrong with a rule, and claim what it says where nothing is."""
        self.rule, self.broken = rule, not rule.whole
        run, after = tuple(self.select(self.rule.run)), tuple(self.select(self.rule.after))
        if self.out.addresses > MAX_ADDRESSES:
            return
        selected = (*run, *after)
        for item in selected:
            self.report(*trigger_errors(item))
        phase, diagnostics = infer_phase(self.rule.phase, self.rule.span, selected, broken=self.broken)
        self.report(*diagnostics)
        if phase is None:
            return
        left, right = self.side(run, phase), self.side(after, phase)
        # An empty side is a legal no-op, decided before agents and before scripts that would wait for themselves.
        if not left or not right:
            return
        self.check_runtimes({**left, **{address: member for address, member in right.items() if address not in left}})
        self.check_itself(left, right)
        if not self.broken:
            self.claim(left, right, phase)

    def claim(self, left: _Side, right: _Side, phase: Phase) -> None:
        if not self.out.has_room(len(left) * len(right), self.rule.span):
            return
        for dependent, prerequisite in product(left.values(), right.values()):
            for key, (other_key, selector) in product(dependent.selectors, prerequisite.selectors.items()):
                origin = Origin(OriginKind.ORDER, self.rule.span, selector.span)
                scripts = (dependent.script, prerequisite.script)
                self.out.claims.append(Claim(*scripts, phase, self.rule.requires, origin, key, other_key))

    def select(self, selectors: Iterable[Selector]) -> Iterator[Selected]:
        read: set[str] = set()
        for selector in selectors:
            # A selector that is written twice in one list counts once.
            if selector.text in read or self.out.addresses > MAX_ADDRESSES:
                continue
            read.add(selector.text)
            found = self.find(selector)
            if found is None:
                continue
            selected = Selected(selector, found)
            self.out.addresses += len(selected.scripts)
            if self.out.addresses > MAX_ADDRESSES:
                self.report(_too_many_addresses(selector))
                continue
            yield selected

    def find(self, selector: Selector) -> Referent | None:
        traversal = read_selector(selector)
        if isinstance(traversal, Diagnostic):
            self.report(traversal)
            return None
        found = resolve(self.inventory, self.rule.place, traversal, selector.text)
        match found:
            case Diagnostic():
                names = (other.text.partition(".")[2].partition("[")[0] for other in (*self.rule.run, *self.rule.after))
                self.report(without_edits_to(selector.relocated(found), names))
                return None
            case MissingModule():
                self.out.involved.append(Involved(found.call, selector.span))
                return None
            case Foreign():
                self.report(selector.rejected(traversal.span, "it is neither a script nor a module"))
                return None
        self.out.involved.extend(Involved(call, selector.span) for call in found.involves)
        match found.existence:
            case Existence.NEVER:
                self.report(_no_instances(selector))
                return None
            case Existence.FOR_SOME:
                self.report(selector.relocated(missing_instance_warning(found, traversal.span)))
            case Existence.UNLESS_EMPTY:
                self.report(_refused_where_empty(selector, found))
        return found

    def side(self, selected: tuple[Selected, ...], phase: Phase) -> _Side:
        """Return one side of the rule in its phase."""
        scripts: _Side = {}
        for item in selected:
            members = item.scripts
            fitting = [script for script in members if phase_of(script) in (phase, None)]
            if len(fitting) < len(members) and self.rule.phase is None and not self.broken:
                left_out = [script.address for script in members if phase_of(script) not in (phase, None)]
                self.report(
                    warning(
                        "UC211",
                        item.selector.span,
                        "Scripts of the other phase are left out",
                        f"The rule is about the phase {phase}; {item.selector.quoted} also holds {listed(left_out)}.",
                        help=f'set phase = "{phase}" in the rule to say that this is meant',
                    )
                )
            for script in fitting:
                member = scripts.setdefault(script.address, _Member(script, {}))
                member.selectors.setdefault(item.target.key, item.selector)
        return {address: scripts[address] for address in sorted(scripts)}

    def check_runtimes(self, scripts: _Side) -> None:
        lost: dict[Selector, list[str]] = {}
        first: dict[str, tuple[Script, Selector]] = {}
        for address, member in scripts.items():
            if member.script.runtime is None:
                lost.setdefault(member.selector, []).append(address)
            else:
                first.setdefault(member.script.runtime.address, (member.script, member.selector))
        for selector, names in lost.items():
            self.report(
                error(
                    "UC210",
                    selector.span,
                    "Agent can't be found",
                    f"{selector.quoted} selects {listed(names)}; it can't be told before apply which agent runs "
                    f"{'it' if len(names) == 1 else 'them'}.",
                    related=[also(scripts[names[0]].script.span, "declared here")],
                    help="set agent_id to the id of one coder_agent, directly or through module inputs and locals",
                    follows=any(scripts[name].script.doubtful for name in names),
                )
            )
        if len(first) > 1:
            # What waits decides the agent; what is waited for is to blame.
            (runtime, (one, _)), (another, (other, selector)) = list(first.items())[:2]
            self.report(
                error(
                    "UC209",
                    selector.span,
                    "Scripts of different agents",
                    f"{one.address} runs on {runtime} and {other.address} on {another}; a rule orders the scripts of "
                    "one agent.",
                    related=[also(self.rule.span, "in this rule")],
                    help="write one rule for each agent",
                )
            )

    def check_itself(self, left: _Side, right: _Side) -> None:
        both = [address for address in left if address in right]
        if not both:
            return
        first = both[0]
        run, after = left[first].selector, right[first].selector
        keys = left[first].selectors.keys() | right[first].selectors.keys()
        if None not in keys and left[first].selectors.keys().isdisjoint(right[first].selectors):
            self.report(_not_told_apart(left[first].script, run, after))
            return
        which = "each" if len(both) > 1 else "it"
        self.report(
            error(
                "UC201",
                after.span,
                "Script waits for itself",
                f"{run.quoted} and {after.quoted} both select {listed(both)}; {which} would wait for itself and "
                "never start.",
                label=f"selects {first} itself",
                related=[also(run.span, f"selects {first} too")],
                help="remove one of the two selectors, or name the instances that are meant",
            )
        )


def _not_told_apart(script: Script, run: Selector, after: Selector) -> Diagnostic:
    return error(
        "UC201",
        after.span,
        "Instances can't be told apart",
        f"{run.quoted} and {after.quoted} are instances of {script.address}, and which there are is known only at "
        "apply; instances that aren't known can't be ordered among themselves.",
        related=[also(run.span, "another instance of the same script")],
        help="give the value that its count or for_each depends on, with --var or in a tfvars file",
        follows=script.doubtful,
    )


def _too_many_addresses(selector: Selector) -> Diagnostic:
    return error(
        "UC215",
        selector.span,
        "Too many selected scripts",
        f"With {selector.quoted} the selectors of this template select more than {MAX_ADDRESSES:,} scripts, each "
        "selector counted by itself; rules beyond this point are not read.",
        help="name fewer scripts, or put one script between two groups that both can name",
    )


def _no_instances(selector: Selector) -> Diagnostic:
    return error(
        "UC206",
        selector.span,
        "No such instance",
        f"{selector.quoted} matches nothing: there are no instances at all.",
        help="omit the index: a selector without one may match nothing",
    )


def _refused_where_empty(selector: Selector, found: Referent) -> Diagnostic:
    return warning(
        "UC206",
        selector.span,
        "Instance may not exist",
        f"{selector.quoted} matches nothing where there are no instances, and Coder refuses a rule whose index matches "
        "nothing.",
        help="omit the index: a selector without one may match nothing",
        follows=found.doubtful,
    )


def order_claims(inventory: Inventory, rules: Iterable[Rule]) -> Collected:
    """Return what the rules of all data sources claim."""
    reader = _RuleClaims(inventory)
    for rule in rules:
        reader.read(rule)
        if reader.out.addresses > MAX_ADDRESSES:
            break
    return reader.out
