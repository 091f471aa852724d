"""The word ``all``: one unit against everybody else of its runtime and phase, on either side."""

from __future__ import annotations

import pytest

from tests.ordering.harness import analysis_of, at_marks, codes, edges, edges_of, found, marked, ordering
from tests.ordering.templates import AGENT, VARIABLE, agent, call, module, order, rule, script


def short(lines: list[str]) -> list[str]:
    return [line.replace("coder_script.", "") for line in lines]


def test_everybody_waits_for_a_unit_before_all() -> None:
    scripted = agent("main", 'startup_script = "x"', 'shutdown_script = "y"')
    main = scripted + script("h", "# unitc: before = all") + script("a", "count = 2") + script("z", on="stop")
    assert short(edges_of(main)) == ["coder_agent.main.startup_script < h", "a[0] < h", "a[1] < h"]


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        ("before = all", ["a < h"]),
        ("before_completion = all", ["a < h (completion)"]),
        ("before_start = all", ["a < h (start)"]),
        ("depends_on_success = all", ["h < a"]),
        ("depends_on_completion = all", ["h < a (completion)"]),
        ("depends_on_start = all", ["h < a (start)"]),
    ],
)
def test_each_verb_takes_the_word_all(directive: str, expected: list[str]) -> None:
    analysis = analysis_of(AGENT + script("a") + script("h", f"# unitc: {directive}"))
    assert (codes(analysis), short(edges(analysis))) == ([], expected)


def test_what_the_first_ones_wait_for_gets_no_generated_edge() -> None:
    # h waits for b, and b for a: both come before h whatever it says.
    main = (
        AGENT
        + script("a")
        + script("b", "depends_on = [coder_script.a]")
        + script("h", "depends_on = [coder_script.b]", "# unitc: before = all")
        + script("c")
        + script("d", "depends_on = [coder_script.a]")
    )
    assert short(edges_of(main)) == ["b < a", "c < h", "d < a", "d < h", "h < b"]


def test_what_waits_for_the_last_ones_gets_no_generated_edge() -> None:
    main = (
        AGENT
        + script("h", "# unitc: depends_on_completion = all")
        + script("a", "depends_on = [coder_script.h]")
        + script("b", "depends_on = [coder_script.a]")
        + script("c")
    )
    assert short(edges_of(main)) == ["a < h", "b < a", "h < c (completion)"]


def test_what_the_first_ones_wait_for_is_known_from_every_form() -> None:
    main = (
        AGENT
        + "".join(script(name) for name in "ab")
        + script("c", "# unitc: before_completion = [coder_script.h]")
        + script("h", "# unitc: before = all")
        + script("x")
        + order(rule('"coder_script.h"', '"coder_script.b"'), rule('"coder_script.b"', '"coder_script.a"'))
    )
    assert short(edges_of(main)) == ["b < a", "h < b", "h < c (completion)", "x < h"]


def test_several_first_ones_are_first_together() -> None:
    main = (
        AGENT
        + script("g", "# unitc: before = all")
        + script("h", "# unitc: before_start = all", "depends_on = [coder_script.a]")
        + script("a")
        + script("x")
    )
    analysis = analysis_of(main)
    # Neither g nor h nor a, which h waits for, waits for anything that all generates.
    assert (codes(analysis), short(edges(analysis))) == ([], ["h < a", "x < g", "x < h (start)"])


def test_first_and_last_together_order_everything_between() -> None:
    main = (
        AGENT + script("a", "# unitc: before = all") + script("z", "# unitc: depends_on_completion = all") + script("m")
    )
    analysis = analysis_of(main)
    # a before all and z after all say the same about a and z: success is the stronger.
    assert (codes(analysis), short(edges(analysis))) == ([], ["m < a", "z < a", "z < m (completion)"])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("before_start", "depends_on_completion", "(completion)"),
        ("before_completion", "depends_on_start", "(completion)"),
        ("before_start", "depends_on_success", ""),
        ("before", "depends_on_start", ""),
        ("before_start", "depends_on_start", "(start)"),
    ],
)
def test_among_all_edges_the_strongest_wins(one: str, other: str, expected: str) -> None:
    main = AGENT + script("a", f"# unitc: {one} = all") + script("z", f"# unitc: {other} = all")
    analysis = analysis_of(main)
    assert (codes(analysis), short(edges(analysis))) == ([], [f"z < a {expected}".strip()])


@pytest.mark.parametrize("explicit", ["depends_on_start", "depends_on_completion"])
def test_an_explicit_edge_replaces_the_generated_one(explicit: str) -> None:
    main = AGENT + script("h", "# unitc: before = all") + script("a", f"# unitc: {explicit} = [coder_script.h]")
    analysis = analysis_of(main)
    assert codes(analysis) == []
    assert short(edges(analysis)) == [f"a < h ({explicit.removeprefix('depends_on_')})"]
    assert [origin.span.text for origin in analysis.graphs[0].edges[0].origins] == [
        f"# unitc: {explicit} = [coder_script.h]"
    ]


def test_all_in_a_module_call_speaks_for_each_of_its_scripts() -> None:
    inner = VARIABLE + "".join(script(name, agent_id="var.agent_id") for name in "ab")
    main = AGENT + call("m", "count = 2", "# unitc: before = all") + script("x")
    assert edges_of({"main.tf": main, "m/main.tf": inner}) == [
        f"coder_script.x < module.m[{n}].coder_script.{name}" for n in (0, 1) for name in "ab"
    ]


def test_all_inside_a_module_reaches_the_scripts_of_its_caller() -> None:
    inner = VARIABLE + script("h", "# unitc: before = all", agent_id="var.agent_id")
    analysis = analysis_of({"main.tf": AGENT + call("m") + script("x"), "m/main.tf": inner})
    assert edges(analysis) == ["coder_script.x < module.m.coder_script.h"]


def test_all_stays_within_runtime_and_phase() -> None:
    main = (
        AGENT
        + agent("other")
        + script("h", "# unitc: before = all", on="start stop")
        + script("a")
        + script("z", on="stop")
        + script("foreign", agent_id="coder_agent.other.id")
        + script("cron", on="cron")
    )
    analysis = analysis_of(main)
    assert (codes(analysis), short(edges(analysis))) == ([], ["a < h", "z < h on stop"])


def test_all_in_an_agent_speaks_for_both_of_its_scripts() -> None:
    scripted = agent("main", 'startup_script = "x"', 'shutdown_script = "y"', "# unitc: before = all")
    analysis = analysis_of(scripted + script("a") + script("z", on="stop"))
    assert short(edges(analysis)) == [
        "a < coder_agent.main.startup_script",
        "z < coder_agent.main.shutdown_script on stop",
    ]


def test_all_as_a_typed_attribute_is_understood() -> None:
    analysis = analysis_of(AGENT + script("a") + script("h", "depends_on_completion = all"))
    assert (codes(analysis), short(edges(analysis))) == (["uc218"], ["h < a (completion)"])


NOWHERE = [
    (script("h", "«# unitc: before = all»", on="cron"), "on a schedule only"),
    (script("h", "«# unitc: before = all»", on=""), "never"),
    (module("bare", "./bare", "«# unitc: before = all»"), "module.bare holds no script"),
    (agent("bare", "«# unitc: before = all»"), "no startup_script"),
    (script("h", "«# unitc: depends_on_start = all»", agent_id="data.coder_parameter.p.value"), "which agent"),
]


@pytest.mark.parametrize(("block", "words"), NOWHERE)
def test_all_where_nothing_runs_is_an_error(block: str, words: str) -> None:
    text = marked(AGENT + script("a") + block + 'data "coder_parameter" "p" {\n}\n')
    analysis = analysis_of({"main.tf": text.text, "bare/main.tf": "locals {\n}\n"})
    errors = [item for item in found(analysis) if item[0].isupper()]
    assert errors == [("UC214", *place) for place in text.places]
    assert words in next(item.detail for item in ordering(analysis) if item.code == "UC214")


def test_all_where_nothing_has_instances_orders_nothing() -> None:
    main = AGENT + script("a") + script("h", "count = 0", "# unitc: before = all")
    assert (codes(analysis_of(main)), edges(analysis_of(main))) == ([], [])


def test_a_script_whose_agent_can_not_be_found_is_left_out_of_all_with_a_warning() -> None:
    lost = script("lost", agent_id="data.coder_parameter.p.value") + 'data "coder_parameter" "p" {\n}\n'
    analysis = analysis_of(AGENT + script("h", "# unitc: before = all") + script("a") + lost)
    assert (codes(analysis), short(edges(analysis))) == (["uc210"], ["a < h"])
    assert "coder_script.lost" in ordering(analysis)[0].detail


def test_more_generated_pairs_than_the_bound_are_an_error() -> None:
    analysis = at_marks(
        "UC215", AGENT + script("h", "count = 400", "«# unitc: before = all»") + script("a", "count = 400")
    )
    assert "100,000" in ordering(analysis)[0].detail


def test_a_contradiction_between_all_and_what_is_said_is_a_cycle() -> None:
    # z comes after all, and h, which comes before all, waits for it.
    main = (
        AGENT
        + script("h", "# unitc: before = all", "depends_on = [coder_script.z]")
        + script("z", "# unitc: depends_on_success = all")
        + script("m")
    )
    assert codes(analysis_of(main)) == ["UC203"]
