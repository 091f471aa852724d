"""The words in which order is said: the directives, other spellings of them, and what people write instead.

A suggestion must never turn a meaning around: a word of waiting leads to a word of waiting, a word of going first to
one of going first, and a word that denies leads to no suggestion at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from compiler.order.outcome import Requires
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.suggest import did_you_mean, only_meant


@dataclass(frozen=True, slots=True)
class Verb:
    """What a statement does. ``requires`` None removes the run order; ``inverse``: the named scripts wait."""

    requires: Requires | None
    inverse: bool = False


DIRECTIVES: Mapping[str, Verb] = MappingProxyType(
    {
        "depends_on_start": Verb(Requires.START),
        "depends_on_completion": Verb(Requires.COMPLETION),
        "depends_on_success": Verb(Requires.SUCCESS),
        "depends_on_ready": Verb(Requires.READY),
        "depends_on_failure": Verb(Requires.FAILURE),
        "depends_on": Verb(Requires.SUCCESS),
        "depends_on_none": Verb(None),
        "before_start": Verb(Requires.START, inverse=True),
        "before_completion": Verb(Requires.COMPLETION, inverse=True),
        "before_success": Verb(Requires.SUCCESS, inverse=True),
        "before_ready": Verb(Requires.READY, inverse=True),
        "before_failure": Verb(Requires.FAILURE, inverse=True),
        "before": Verb(Requires.SUCCESS, inverse=True),
    }
)

# Directives that say something about the unit itself rather than about a pair.
SETTINGS = ("gate_timeout", "mutex", "optional", "ready", "ready_interval", "retries", "retry_delay", "unless")

_WAITING = (
    "after depends depend_on needs requires require wants want run_after runs_after start_after starts_after wait_for "
    "waits_for wait_on waits_on await awaits follows previous prev blocked_by triggered_by deps dependencies "
    "prerequisite prerequisites"
)
_GOING_FIRST = (
    "run_before runs_before start_before starts_before needed_by required_by wanted_by blocks precedes followed_by "
    "then next dependents"
)
_READINESS = "probe readiness health healthcheck health_check readiness_probe ready_probe ready_when ready_if"
_FORGIVING = "allow_failure may_fail can_fail ignore_failure ignore_errors continue_on_error best_effort"
_OTHER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(_WAITING.split(), "depends_on"),
        **dict.fromkeys(_GOING_FIRST.split(), "before"),
        "lock": "mutex",
        "timeout": "gate_timeout",
        "wait_timeout": "gate_timeout",
        **dict.fromkeys(_READINESS.split(), "ready"),
        **dict.fromkeys(_FORGIVING.split(), "optional"),
        **dict.fromkeys(("interval", "probe_interval", "ready_every"), "ready_interval"),
        **dict.fromkeys(("retry", "max_retries", "retry_count"), "retries"),
        **dict.fromkeys(("delay", "backoff", "retry_interval", "retry_wait"), "retry_delay"),
        **dict.fromkeys(("skip_if", "skip_when", "not_if"), "unless"),
    }
)
_REQUIREMENTS: Mapping[str, Requires] = MappingProxyType(
    {
        **dict.fromkeys(("ended", "end", "exit", "exited", "done", "finish", "finished", "any"), Requires.COMPLETION),
        **dict.fromkeys(("ok", "succeeds", "succeeded", "successful"), Requires.SUCCESS),
        **dict.fromkeys(("begin", "begun", "running", "run"), Requires.START),
        **dict.fromkeys(("up", "healthy", "listening", "online", "available", "readiness"), Requires.READY),
        **dict.fromkeys(("fail", "fails", "failed", "failing", "error", "errors", "errored"), Requires.FAILURE),
    }
)
# The words of a directive that says what it requires, whether or not they are parted.
_WITH_REQUIREMENT = regex(r"(depends_?on|before|after)_?(.+)")
_DENIALS = ("un", "not", "no_", "non", "never", "in", "dis")
# A word that begins so is about a failure or about nothing: what is near to it by its letters may be a success.
_FAILING = ("fail", "err")
# The opposites of settings, some of which are spelled nearly like one.
_OPPOSITES = frozenset({"if", "when", "only_if", "only_when", "run_if", "until", "required", "mandatory"})
# Words that remove an order, and some that are near to a directive by their letters alone.
_NO_WORDS = ("ignore", "skip", "without", "indep", "remove", "drop", "exclude", "break", "trigger")


def intended_requirement(word: str, allowed: tuple[Requires, ...] = tuple(Requires)) -> Requires | None:
    """Return the requirement that a word which is none stands for, None where that can't be told."""
    folded = word.casefold()
    if folded in _REQUIREMENTS:
        return _REQUIREMENTS[folded] if _REQUIREMENTS[folded] in allowed else None
    if folded.startswith(_DENIALS):
        return None
    failing = folded.startswith(_FAILING)
    near = did_you_mean(folded, (each.value for each in allowed if not failing or each is Requires.FAILURE))
    return Requires(near) if near else None


def is_other_word(name: str) -> bool:
    """Return whether a word is one that people write for a directive, and not only spelled nearly like one."""
    return name.casefold().replace("-", "_") in _OTHER_WORDS


def intended_directive(name: str) -> str:
    """Return the directive that a word which is none stands for, or an empty string where that can't be told."""
    folded = name.casefold().replace("-", "_")
    worded = _WITH_REQUIREMENT.fullmatch(folded)
    if worded is not None:
        return _directive(worded[1], worded[2])
    stem, _, last = folded.rpartition("_")
    if stem and folded not in _OTHER_WORDS and intended_requirement(last) is not None:
        return _directive(stem, last)
    return _directive(folded, "")


def only_directive(name: str) -> str:
    """Return what :func:`intended_directive` returns where only the spelling is wrong, or an empty string."""
    intended = intended_directive(name)
    verb = DIRECTIVES.get(intended)
    spellings = (intended, *(each for each in DIRECTIVES if DIRECTIVES[each] == verb))
    return intended if any(only_meant(name.replace("-", "_"), (each,)) for each in spellings) else ""


def _near_directive(stem: str) -> str:
    """Return the directive that is spelled nearly so; of the settings a denial can only mean the one that denies."""
    if stem in _OPPOSITES or stem.startswith(("not", "no_", "non", "never", "dis", *_FAILING, *_NO_WORDS)):
        return ""
    if stem in _REQUIREMENTS or stem in list(Requires):
        # A requirement alone doesn't say which of the two waits.
        return ""
    settings = ("unless",) if stem.startswith("un") else SETTINGS
    return did_you_mean(stem, ("depends_on", "before", *settings))


def _directive(stem: str, requirement: str) -> str:
    """Return the directive whose direction ``stem`` says and whose requirement the other word says."""
    known = _OTHER_WORDS.get(stem) or _near_directive(stem)
    if known in SETTINGS:
        return known if not requirement else ""
    if known == "depends_on" and requirement in ("no", "non", "none", "nothing"):
        return "depends_on_none"
    intended = intended_requirement(requirement) if requirement else Requires.SUCCESS
    if not known or intended is None:
        return ""
    # The short name is the usual one of going first; the long one says what is waited for.
    return known if known == "before" and not requirement else f"{known}_{intended}"
