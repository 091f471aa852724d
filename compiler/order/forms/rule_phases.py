"""Phases of rules: each selected script must have exactly one, and a rule is about one.

The phase of a rule is the explicit one; else that of its ``coder_script`` selectors; else that of its module selectors.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.order.forms.selectors import Selector
from compiler.order.inventory import Script
from compiler.order.model import Phase
from compiler.order.references import Referent
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Span


@dataclass(frozen=True, slots=True)
class Selected:
    """A selector and what it matched."""

    selector: Selector
    target: Referent

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The scripts that a rule can order: an agent's own scripts are no coder_script resources."""
        return tuple(script for script in self.target.scripts if script.argument == "script")

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that are known of the scripts."""
        return tuple(sorted({phase for script in self.scripts if (phase := phase_of(script)) is not None}))


_TRIGGERS = {
    "both": "it has both run_on_start and run_on_stop",
    "neither": "it has neither run_on_start nor run_on_stop",
    "cron": "it has only cron, and a cron run belongs to no phase",
}


def _trigger_word(script: Script) -> str | None:
    """Return the word that says why a script has not exactly one phase, None where it has."""
    start, stop, cron = script.triggers.start, script.triggers.stop, script.triggers.cron
    if start and stop:
        return "both"
    if start is False and stop is False:
        return "cron" if cron else "neither"
    return None


def phase_of(script: Script) -> Phase | None:
    """Return the one phase of a script, None where it has not one or it depends on what can't be known before apply."""
    if _trigger_word(script) is not None:
        return None
    if script.triggers.start:
        return Phase.START
    if script.triggers.stop:
        return Phase.STOP
    return script.triggers.phases[0] if len(script.triggers.phases) == 1 else None


def trigger_errors(selected: Selected) -> Iterator[Diagnostic]:
    """Yield an error for each block whose scripts have not exactly one phase."""
    # Instances of one block that are wrong in the same way are one mistake.
    wrong: dict[tuple[str, Span], list[Script]] = {}
    for script in selected.scripts:
        word = _trigger_word(script)
        if word is not None:
            wrong.setdefault((word, script.span), []).append(script)
    for (word, span), scripts in wrong.items():
        address = scripts[0].address
        more = f" and {len(scripts) - 1} more of its instances" if len(scripts) > 1 else ""
        yield error(
            "UC207",
            selected.selector.span,
            f"Script with {word} triggers" if word != "cron" else "Script with cron only",
            f"{selected.selector.quoted} selects {address}{more}, but {_TRIGGERS[word]}; an ordered script must have "
            "exactly one of the two.",
            related=[also(span, f"{word}: declared here")],
            help=f"set exactly one of run_on_start and run_on_stop on {address}, or select others",
        )


def infer_phase(
    explicit: Phase | None, span: Span, selected: tuple[Selected, ...], *, broken: bool
) -> tuple[Phase | None, tuple[Diagnostic, ...]]:
    """Return a rule's phase, None where it has none that is right, and what is wrong with its selectors' phases.

    ``span`` is the rule. ``broken`` says that a selector could not be read: it might have said which phase is meant.
    """
    votes = [(item.phases, item) for item in selected if not item.target.module and item.phases]
    spanning = tuple(_spans_both(item) for phases, item in votes if len(phases) > 1)
    single = [(phases[0], item) for phases, item in votes if len(phases) == 1]
    wanted = explicit or (single[0][0] if single else None)
    reason = f'the rule says phase = "{wanted}"' if explicit else f"other selectors are of the phase {wanted}"
    differing = tuple(_differs(item, phase, reason, span) for phase, item in single if phase is not wanted)
    if spanning or differing:
        return None, (*spanning, *differing)
    if wanted is not None:
        return wanted, ()
    return _phase_of_modules(span, selected, broken=broken)


def _phase_of_modules(
    span: Span, selected: tuple[Selected, ...], *, broken: bool
) -> tuple[Phase | None, tuple[Diagnostic, ...]]:
    found = sorted({phase for item in selected for phase in item.phases})
    if len(found) == 1:
        return found[0], ()
    first = next((script for item in selected for script in item.scripts), None)
    if first is None:
        # Where nothing at all is selected, the rule is empty whatever its phase.
        return Phase.START, ()
    if broken:
        return None, ()
    if found:
        modules = ", ".join(f'"{item.selector.text}"' for item in selected)
        return None, (_not_inferred(span, f"{modules} hold scripts of the phase start and scripts of the phase stop"),)
    detail = (
        f"Whether {first.address} runs on start or on stop is known only at apply, and so it is of every other script "
        "that is selected"
    )
    return None, (_not_inferred(span, detail),)


def _spans_both(item: Selected) -> Diagnostic:
    return error(
        "UC208",
        item.selector.span,
        "Selector spans both phases",
        f"{item.selector.quoted} selects scripts of the phase start and scripts of the phase stop.",
        help="select the instances of one phase by index, in one rule for each phase",
    )


def _differs(item: Selected, phase: Phase, reason: str, span: Span) -> Diagnostic:
    return error(
        "UC208",
        item.selector.span,
        "Phases differ",
        f"{item.selector.quoted} selects a script of the phase {phase}, but {reason}.",
        related=[also(span, "in this rule")],
        help="order the scripts of each phase in a rule of their own",
    )


def _not_inferred(span: Span, why: str) -> Diagnostic:
    return error(
        "UC208",
        span,
        "Phase can't be inferred",
        f"{why}, and the rule doesn't say which phase it is about.",
        help='add phase = "start" or phase = "stop" to the rule',
    )
