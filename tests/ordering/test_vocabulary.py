"""What people write in place of a directive's name, and that no suggestion turns a meaning around."""

from __future__ import annotations

from itertools import product

import pytest

from compiler.order.directives.vocabulary import DIRECTIVES, intended_directive, intended_requirement
from compiler.order.outcome import Requires

MEANT = {
    "after": "depends_on_success",
    "needs": "depends_on_success",
    "requires": "depends_on_success",
    "wants": "depends_on_success",
    "run_after": "depends_on_success",
    "run_before": "before",
    "befor": "before",
    "depends_on_sucess": "depends_on_success",
    "dependson": "depends_on_success",
    "depends-on-success": "depends_on_success",
    "Depends_On_Completion": "depends_on_completion",
    "depends_on_done": "depends_on_completion",
    "depends_on_finished": "depends_on_completion",
    "before_done": "before_completion",
    "after_completion": "depends_on_completion",
    "depends_on_nothing": "depends_on_none",
    "mutx": "mutex",
    "lock": "mutex",
    "depends_on_redy": "depends_on_ready",
    "depends_on_healthy": "depends_on_ready",
    "wait_for_ready": "depends_on_ready",
    "before_readyy": "before_ready",
    "depends_on_failed": "depends_on_failure",
    "depends_on_error": "depends_on_failure",
    "before_fail": "before_failure",
    "after_failuer": "depends_on_failure",
    "raedy": "ready",
    "probe": "ready",
    "healthcheck": "ready",
    "interval": "ready_interval",
    "ready_intervall": "ready_interval",
    "retry": "retries",
    "retrys": "retries",
    "retry_dely": "retry_delay",
    "unles": "unless",
    "skip_if": "unless",
    "optionl": "optional",
    "allow_failure": "optional",
}


@pytest.mark.parametrize(("word", "directive"), MEANT.items())
def test_a_word_leads_to_the_directive_that_it_stands_for(word: str, directive: str) -> None:
    assert intended_directive(word) == directive


@pytest.mark.parametrize("stem", ["depends_on", "before", "after"])
@pytest.mark.parametrize(
    "requirement",
    ["unsuccess", "not_success", "no_success", "incompletion", "skipped", "unready", "not_ready", "no_failure"],
)
def test_a_word_that_denies_leads_nowhere(stem: str, requirement: str) -> None:
    assert intended_directive(f"{stem}_{requirement}") == ""


OPPOSITES = (
    "only_if if when until required mandatory not_optional non_optional unready no_retries never_retry not_unless "
    "unretry no_mutex failure error success completion start triggers"
)


@pytest.mark.parametrize("word", OPPOSITES.split())
def test_the_opposite_of_a_setting_leads_nowhere(word: str) -> None:
    assert intended_directive(word) == ""


@pytest.mark.parametrize(
    "word", ["ignore_depends_on", "skip_depends_on", "independent", "without_depends_on", "unafter"]
)
def test_a_word_that_takes_an_order_away_leads_nowhere(word: str) -> None:
    assert intended_directive(word) == ""


def _typos(name: str) -> list[str]:
    """Return the name with each letter left out, doubled, and exchanged with its neighbour."""
    places = range(1, len(name))
    cuts = [name[:at] + name[at + 1 :] for at in places] + [name[:at] + name[at - 1 :] for at in places]
    return cuts + [name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :] for at in places]


@pytest.mark.parametrize("name", DIRECTIVES)
def test_no_typing_mistake_leads_to_a_directive_with_the_opposite_meaning(name: str) -> None:
    verb = DIRECTIVES[name]
    for word in _typos(name):
        suggested = intended_directive(word)
        if suggested in DIRECTIVES:
            assert DIRECTIVES[suggested].inverse == verb.inverse, word
            assert (DIRECTIVES[suggested].requires is None) <= (verb.requires is None), word
            of_failure = DIRECTIVES[suggested].requires is Requires.FAILURE
            assert of_failure == (verb.requires is Requires.FAILURE), word


def test_a_directive_of_one_direction_never_leads_to_one_of_the_other() -> None:
    waiting = ("after", "wait_for", "depend_on", "requires", "follows", "blocked_by", "previous", "starts_after")
    first = ("run_before", "needed_by", "blocks", "followed_by", "precedes", "next", "starts_before")
    ends = ("", "_success", "_completion", "_start", "_done")
    assert all(not intended_directive(word + end).startswith("before") for word, end in product(waiting, ends))
    assert all(not intended_directive(word + end).startswith("depends") for word, end in product(first, ends))


REQUIREMENTS = {
    "completes": "completion",
    "complete": "completion",
    "done": "completion",
    "succes": "success",
    "failure": "failure",
    "failed": "failure",
    "failur": "failure",
    "redy": "ready",
    "healthy": "ready",
}


@pytest.mark.parametrize(("word", "requirement"), REQUIREMENTS.items())
def test_a_word_for_a_requirement_leads_to_it(word: str, requirement: str) -> None:
    assert intended_requirement(word) == requirement


@pytest.mark.parametrize("word", ["unsuccessful", "not_completion", "incomplete", "unready", "not_failed"])
def test_a_word_for_no_requirement_leads_nowhere(word: str) -> None:
    assert intended_requirement(word) is None
