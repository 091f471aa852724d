"""The protocol of files, in every order of its steps: no word is lost, nothing starts early, nobody waits for ever."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from compiler.launcher.runtime import template_folder
from tests.shells import protocol
from tests.shells.protocol import FILES, UNITS, Unit, explore

PAIR = {"a": Unit(mutex=True, ready=True, ends="failed"), "b": Unit((("ready", "a"),), mutex=True)}


def test_words_alone_are_enough_where_nothing_crashes() -> None:
    explored = explore(UNITS, 0)
    assert explored.wrong == []
    assert explored.states > 10_000


@pytest.mark.parametrize(
    "units",
    [
        PAIR,
        {**PAIR, "b": Unit((("completion", "a"),), mutex=True)},
        {"a": Unit(), "b": Unit((("success", "a"),)), "c": Unit((("completion", "b"),))},
    ],
    ids=["ready", "completion", "chain"],
)
def test_a_crash_at_any_step_ends_in_an_outcome_and_a_free_mutex(units: Mapping[str, Unit]) -> None:
    explored = explore(units, 1)
    assert explored.wrong == []
    assert explored.states > 1_000


def test_a_waiter_that_never_looks_again_would_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_tick", lambda *_: iter(()))
    assert any("waits for ever" in each for each in explore(PAIR, 1).wrong)


def test_the_model_has_the_files_that_the_header_states() -> None:
    header = (template_folder() / "runtime" / "protocol.sh").read_text("utf-8")
    listed = header[header.index("SESSION/PHASE/outcomes/UNIT.") : header.index("# WHO WRITES THEM")]
    lines = re.findall(r"^#     (\S.*?)(?:  .*)?$", listed, re.MULTILINE)
    names = {re.sub(r"^N\.|\.PID.*$", "", name) for line in lines for name in line.split(", ")}
    # What people read decides nothing, and what they decide is no part of what shells do by themselves. Nor does who
    # sleeps for a shell.
    assert names == FILES | {"timed_out", "canceled", "by", "about", "apart", "release", "skip", "helper"}
