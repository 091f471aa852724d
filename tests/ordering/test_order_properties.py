"""The same declarations, shuffled over files, blocks and forms, give the same graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ordering.harness import analysis_of, codes, edges
from tests.ordering.templates import AGENT, order, rule, script

NAMES = "abcdefg"
FILES = ("main.tf", "a.tf", "z.tf")
# The forms in which an edge can be declared, and the requirements that each can say.
FORMS: Mapping[str, tuple[str, ...]] = {
    "depends_on": ("success",),
    "rule": ("success", "completion"),
    "directive": ("success", "completion", "start"),
    "above": ("success", "completion", "start"),
    "attribute": ("success", "completion", "start"),
    "before": ("success", "completion", "start"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """One edge in one form. ``at`` tells rules apart that stand in different data sources."""

    dependent: str
    prerequisite: str
    requires: str
    form: str
    at: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Declarations, and where the blocks that hold them stand: the file of each, and a sequence."""

    declared: tuple[Declared, ...]
    places: Mapping[str, str]
    sequence: Sequence[str]


def _statement(word: str, name: str) -> str:
    return f"{word} = [coder_script.{name}]"


def _blocks(declared: Sequence[Declared]) -> dict[str, str]:
    """Return the template's blocks by name: each script, and each data source with its rules."""
    lines: dict[str, list[str]] = {name: [] for name in NAMES}
    above: dict[str, list[str]] = {name: [] for name in NAMES}
    plain: dict[str, list[str]] = {}
    typed: dict[tuple[str, str], list[str]] = {}
    rules: dict[int, list[str]] = {}
    for item in declared:
        late, early = item.dependent, item.prerequisite
        match item.form:
            case "depends_on":
                plain.setdefault(late, []).append(f"coder_script.{early}")
            case "attribute":
                typed.setdefault((late, f"depends_on_{item.requires}"), []).append(f"coder_script.{early}")
            case "rule":
                said = rule(f'"coder_script.{late}"', f'"coder_script.{early}"', f'requires = "{item.requires}"')
                rules.setdefault(item.at, []).append(said)
            case "directive":
                lines[late].append(f"# unitc: {_statement(f'depends_on_{item.requires}', early)}")
            case "above":
                above[late].append(f"// unitc: {_statement(f'depends_on_{item.requires}', early)}\n")
            case "before":
                word = "before" if item.requires == "success" else f"before_{item.requires}"
                lines[early].append(f"# unitc: {_statement(word, late)}")
    for late, names in plain.items():
        lines[late].append(f"depends_on = [{', '.join(names)}]")
    for (late, word), names in typed.items():
        lines[late].append(f"{word} = [{', '.join(names)}]")
    blocks = {name: "".join(above[name]) + script(name, *lines[name]) for name in NAMES}
    return {**blocks, **{f"order{at}": order(*said, name=f"order{at}") for at, said in rules.items()}}


def files_of(arrangement: Arrangement) -> dict[str, str]:
    """Return the files of a template that declares what the arrangement says, where it says."""
    blocks = _blocks(arrangement.declared)
    texts = {name: AGENT if name == "main.tf" else "" for name in FILES}
    for name in sorted(blocks, key=arrangement.sequence.index):
        texts[arrangement.places[name]] += blocks[name] + "\n"
    return texts


@st.composite
def pairs(draw: st.DrawFn) -> dict[tuple[str, str], str]:
    """Draw edges between scripts that make no cycle: each script waits only for scripts before it in some sequence."""
    sequence = draw(st.permutations(NAMES))
    drawn = draw(st.sets(st.tuples(st.integers(0, len(NAMES) - 1), st.integers(0, len(NAMES) - 1)), max_size=9))
    found = {(sequence[max(pair)], sequence[min(pair)]) for pair in drawn if pair[0] != pair[1]}
    return {pair: draw(st.sampled_from(("success", "completion", "start"))) for pair in sorted(found)}


@st.composite
def arrangements(draw: st.DrawFn, wanted: Mapping[tuple[str, str], str]) -> Arrangement:
    """Draw a way to declare edges: each in one form or several, in blocks that are shuffled over files."""
    declared: list[Declared] = []
    for (late, early), requires in wanted.items():
        able = [form for form, said in FORMS.items() if requires in said]
        forms = draw(st.lists(st.sampled_from(able), min_size=1, max_size=3, unique=True))
        declared.extend(Declared(late, early, requires, form, draw(st.integers(0, 2))) for form in forms)
    names = [*NAMES, "order0", "order1", "order2"]
    places = {name: draw(st.sampled_from(FILES)) for name in names}
    return Arrangement(tuple(draw(st.permutations(declared))), places, draw(st.permutations(names)))


def shown(wanted: Mapping[tuple[str, str], str]) -> list[str]:
    return sorted(
        f"coder_script.{late} < coder_script.{early}" + ("" if requires == "success" else f" ({requires})")
        for (late, early), requires in wanted.items()
    )


@pytest.fixture(scope="module", autouse=True)
def _deep_enough() -> None:
    # The first analysis raises Python's limit for recursion, which hypothesis doesn't like in the middle of a test.
    analysis_of(AGENT)


@given(st.data())
@settings(max_examples=60)
def test_shuffled_declarations_give_the_same_graph(data: st.DataObject) -> None:
    wanted = data.draw(pairs())
    analysis = analysis_of(files_of(data.draw(arrangements(wanted))))
    assert set(codes(analysis)) <= {"uc218"}
    assert edges(analysis) == shown(wanted)


@given(st.data())
@settings(max_examples=40)
def test_a_pair_with_two_requirements_is_a_contradiction_in_whatever_forms(data: st.DataObject) -> None:
    wanted = data.draw(pairs().filter(bool))
    arrangement = data.draw(arrangements(wanted))
    pair = data.draw(st.sampled_from(sorted(wanted)))
    other = data.draw(st.sampled_from([word for word in ("success", "completion", "start") if word != wanted[pair]]))
    # A rule says nothing of start; a directive of the same block as a plain depends_on would replace it.
    form = data.draw(st.sampled_from(["before", *(["rule"] if other != "start" else [])]))
    contrary = Declared(*pair, other, form, 0)
    analysis = analysis_of(
        files_of(Arrangement((*arrangement.declared, contrary), arrangement.places, arrangement.sequence))
    )
    assert "UC202" in codes(analysis)
    assert not analysis.broken


@given(st.data())
@settings(max_examples=40)
def test_a_way_back_is_a_cycle_in_whatever_forms(data: st.DataObject) -> None:
    wanted = data.draw(pairs().filter(bool))
    late, early = data.draw(st.sampled_from(sorted(wanted)))
    closed = {**wanted, (early, late): data.draw(st.sampled_from(("success", "completion", "start")))}
    analysis = analysis_of(files_of(data.draw(arrangements(closed))))
    assert "UC203" in codes(analysis)
    assert analysis.broken
