"""What rules mean once their selectors are read: phases, agents, empty sides, conflicts, cycles, bounds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest

from compiler.pipeline import Options
from compiler.source.limits import MAX_ADDRESSES, MAX_PAIRS
from tests.ordering.harness import analysis_of, at_marks, codes, edges, edges_of, found, marked, ordering
from tests.ordering.templates import AGENT, agent, module, order, rule, script

VARIABLE = 'variable "agent_id" {}\n'


def child(*scripts: str) -> str:
    return VARIABLE + "".join(scripts)


def inner(name: str, *lines: str, on: str = "start") -> str:
    return script(name, *lines, on=on, agent_id="var.agent_id")


def call(name: str, *lines: str, agent_id: str = "coder_agent.main.id") -> str:
    return module(name, f"./{name}", f"agent_id = {agent_id}", *lines)


# Phases

# What each module holds, by name.
MODULES = {
    "starts": child(inner("a")),
    "stops": child(inner("z", on="stop")),
    "mixed": child(inner("a"), inner("z", on="stop")),
    "nested": child(module("in", "../mixed", "agent_id = var.agent_id")),
    "both": child(inner("b", on="start stop")),
    "cron": child(inner("c", on="cron")),
    "neither": child(inner("n", on="")),
    "scripted": VARIABLE
    + 'resource "coder_agent" "own" {\nos = "linux"\narch = "amd64"\nstartup_script = "x"\nshutdown_script = "y"\n}\n'
    + inner("a"),
    "bare": "",
}

# What the rule says, the codes that come of it, and its edges.
PHASES: list[tuple[str, str, str, list[str], list[str]]] = [
    ("coder_script.b", "coder_script.a", "", [], ["b < a"]),
    ("coder_script.b", "coder_script.a", "start", [], ["b < a"]),
    ("coder_script.b", "coder_script.a", "stop", ["UC208", "UC208"], []),
    ("coder_script.y", "coder_script.z", "", [], ["y < z on stop"]),
    ("coder_script.y", "coder_script.z", "stop", [], ["y < z on stop"]),
    ("coder_script.y", "coder_script.a", "", ["UC208"], []),
    ("coder_script.a", "coder_script.z", "", ["UC208"], []),
    ("coder_script.y", "coder_script.a", "start", ["UC208"], []),
    ("module.starts", "coder_script.b", "", [], ["module.starts.coder_script.a < b"]),
    ("module.starts", "coder_script.z", "", ["uc211"], []),
    ("module.stops", "coder_script.z", "", [], ["module.stops.coder_script.z < z on stop"]),
    ("module.mixed", "coder_script.b", "", ["uc211"], ["module.mixed.coder_script.a < b"]),
    ("module.mixed", "coder_script.b", "start", [], ["module.mixed.coder_script.a < b"]),
    ("module.mixed", "coder_script.z", "", ["uc211"], ["module.mixed.coder_script.z < z on stop"]),
    ("module.nested", "coder_script.z", "stop", [], ["module.nested.module.in.coder_script.z < z on stop"]),
    ("module.mixed", "module.nested", "", ["UC208"], []),
    ("module.starts", "module.stops", "", ["UC208"], []),
    ("module.starts", "module.stops", "start", [], []),
    (
        "module.mixed",
        "module.nested",
        "start",
        [],
        ["module.mixed.coder_script.a < module.nested.module.in.coder_script.a"],
    ),
    (
        "module.mixed",
        "module.nested",
        "stop",
        [],
        ["module.mixed.coder_script.z < module.nested.module.in.coder_script.z on stop"],
    ),
    ("module.bare", "module.bare", "", [], []),
    ("module.bare", "coder_script.a", "", [], []),
    ("coder_script.both", "coder_script.a", "", ["UC207"], []),
    ("coder_script.neither", "coder_script.a", "", ["UC207"], []),
    ("coder_script.cron", "coder_script.a", "", ["UC207"], []),
    ("coder_script.both", "coder_script.a", "start", ["UC207"], []),
    ("coder_script.a", "module.both", "", ["UC207"], []),
    ("coder_script.a", "module.cron", "start", ["UC207"], []),
    ("coder_script.a", "module.neither", "stop", ["UC208", "UC207"], []),
    ("coder_script.with_cron", "coder_script.a", "", [], ["with_cron < a"]),
    ("coder_script.varied", "coder_script.a", "", ["UC208"], []),
    ("coder_script.varied[0]", "coder_script.a", "", [], ["varied[0] < a"]),
    ("coder_script.varied[1]", "coder_script.z", "", [], ["varied[1] < z on stop"]),
    ("coder_script.varied", "coder_script.none", "", ["UC208"], []),
    ("coder_script.varied[0]", "coder_script.varied[1]", "", ["UC208"], []),
    # The agent's own scripts are no coder_script resources, also where a module holds the agent.
    ("module.scripted", "coder_script.a", "", [], ["module.scripted.coder_script.a < a"]),
]

PHASE_MAIN = (
    AGENT
    + script("a")
    + script("b")
    + script("y", on="stop")
    + script("z", on="stop")
    + script("both", on="start stop")
    + script("neither", on="")
    + script("cron", on="cron")
    + script("with_cron", on="start cron")
    + script("none", "count = 0")
    + script("varied", "count = 2", "run_on_start = count.index == 0", "run_on_stop = count.index == 1", on="")
    + "".join(call(name) if text else module(name, f"./{name}") for name, text in MODULES.items())
)
PHASE_FILES = {f"{name}/main.tf": text or "locals {\n}\n" for name, text in MODULES.items()}


def short(lines: list[str]) -> list[str]:
    return [" ".join(word.removeprefix("coder_script.") for word in line.split(" ")) for line in lines]


@pytest.mark.parametrize(("run", "after", "phase", "expected_codes", "expected"), PHASES)
def test_a_rule_is_about_one_phase(
    run: str, after: str, phase: str, expected_codes: list[str], expected: list[str]
) -> None:
    lines = (f'phase = "{phase}"',) if phase else ()
    analysis = analysis_of({"main.tf": PHASE_MAIN + order(rule(f'"{run}"', f'"{after}"', *lines)), **PHASE_FILES})
    assert codes(analysis) == expected_codes
    assert short(edges(analysis)) == expected


def details(main: str, files: Mapping[str, str] = PHASE_FILES) -> list[str]:
    return [f"{item.summary} {item.detail}" for item in ordering(analysis_of({"main.tf": main, **files}))]


@pytest.mark.parametrize("word", ["both", "neither", "cron"])
@pytest.mark.parametrize("kind", ["coder_script", "module"])
def test_a_script_without_exactly_one_phase_is_named_with_what_it_has(kind: str, word: str) -> None:
    [detail] = details(PHASE_MAIN + order(rule(f'"{kind}.{word}"', '"coder_script.a"')))
    assert word in detail
    name = word if kind == "coder_script" else word[0]
    assert f"{'module.' + word + '.' if kind == 'module' else ''}coder_script.{name}" in detail
    assert f'"{kind}.{word}" in run' in detail


def test_what_is_left_out_of_an_inferred_phase_is_a_warning_that_says_how_to_silence_it() -> None:
    analysis = at_marks(
        "uc211",
        PHASE_MAIN + order(rule('"coder_script.b"', '«"module.mixed"», "module.starts", «"module.nested"»')),
        {**PHASE_FILES},
    )
    assert ordering(analysis)[0].help == ('set phase = "start" in the rule to say that this is meant',)
    assert "module.mixed.coder_script.z" in ordering(analysis)[0].detail


OPEN = (
    AGENT
    + 'data "coder_parameter" "when" {\n}\n'
    + "".join(
        script(
            name,
            'run_on_start = data.coder_parameter.when.value == "start"',
            'run_on_stop = data.coder_parameter.when.value == "stop"',
            on="",
        )
        for name in "ab"
    )
    + script("c")
    + script("maybe", 'run_on_start = data.coder_parameter.when.value == "start"', on="")
)


@pytest.mark.parametrize(
    ("run", "after", "phase", "expected_codes", "expected"),
    [
        ("b", "a", "", ["UC208"], []),
        ("b", "a", "stop", [], ["b < a on stop"]),
        ("c", "a", "", [], ["c < a"]),
        ("maybe", "a", "", [], ["maybe < a"]),
        ("maybe", "c", "", [], ["maybe < c"]),
    ],
)
def test_a_script_whose_triggers_are_known_only_at_apply_fits_any_phase(
    run: str, after: str, phase: str, expected_codes: list[str], expected: list[str]
) -> None:
    lines = (f'phase = "{phase}"',) if phase else ()
    analysis = analysis_of(OPEN + order(rule(f'"coder_script.{run}"', f'"coder_script.{after}"', *lines)))
    assert codes(analysis) == expected_codes
    assert short(edges(analysis)) == expected


# Runtimes

TWO_AGENTS = AGENT + agent("other") + script("a") + script("b") + script("x", agent_id="coder_agent.other.id")


def test_scripts_of_two_agents_are_refused_with_both_names() -> None:
    analysis = at_marks("UC209", TWO_AGENTS + order(rule('"coder_script.b"', '"coder_script.a", «"coder_script.x"»')))
    assert "coder_agent.main" in ordering(analysis)[0].detail
    assert "coder_agent.other" in ordering(analysis)[0].detail
    assert edges(analysis) == []


def test_scripts_that_the_phase_leaves_out_are_not_asked_for_their_agent() -> None:
    files = {
        "mixed/main.tf": VARIABLE + 'variable "other" {}\n' + inner("a") + script("z", on="stop", agent_id="var.other")
    }
    main = TWO_AGENTS + call("mixed", "other = coder_agent.other.id")
    assert edges_of(
        {"main.tf": main + order(rule('"coder_script.b"', '"module.mixed"', 'phase = "start"')), **files}
    ) == ["coder_script.b < module.mixed.coder_script.a"]


def test_a_script_whose_agent_can_not_be_found_is_refused() -> None:
    lost = script("lost", agent_id="data.coder_parameter.which.value")
    parameter = 'data "coder_parameter" "which" {\nname = "which"\n}\n'
    analysis = at_marks(
        "UC210", TWO_AGENTS + lost + parameter + order(rule('«"coder_script.lost"»', '"coder_script.a"'))
    )
    assert "coder_script.lost" in ordering(analysis)[0].detail


# Empty sides

EMPTY = AGENT + script("a") + script("b") + script("none", "count = 0") + agent("other")


@pytest.mark.parametrize(
    ("run", "after"),
    [
        ('"coder_script.none"', '"coder_script.a"'),
        ('"coder_script.a"', '"coder_script.none"'),
        ('"coder_script.none"', '"coder_script.none"'),
    ],
)
def test_a_rule_with_an_empty_side_orders_nothing(run: str, after: str) -> None:
    assert edges_of(EMPTY + order(rule(run, after))) == []


def test_an_empty_selector_beside_another_adds_nothing() -> None:
    assert edges_of(EMPTY + order(rule('"coder_script.b"', '"coder_script.none", "coder_script.a"'))) == [
        "coder_script.b < coder_script.a"
    ]


def test_an_empty_side_is_found_before_agents_are_compared() -> None:
    foreign = script("x", agent_id="coder_agent.other.id")
    analysis = analysis_of(EMPTY + foreign + order(rule('"coder_script.a", "coder_script.x"', '"coder_script.none"')))
    assert codes(analysis) == []


def test_an_empty_side_is_found_before_a_lost_agent() -> None:
    lost = script("lost", agent_id="data.coder_parameter.p.value") + 'data "coder_parameter" "p" {\n}\n'
    analysis = analysis_of(EMPTY + lost + order(rule('"coder_script.lost"', '"coder_script.none"')))
    assert codes(analysis) == []


def test_triggers_are_checked_also_where_the_other_side_is_empty() -> None:
    both = script("both", on="start stop")
    analysis = analysis_of(EMPTY + both + order(rule('"coder_script.both"', '"coder_script.none"')))
    assert codes(analysis) == ["UC207"]


def test_a_side_that_the_phase_empties_is_a_no_op_with_a_warning() -> None:
    analysis = analysis_of({"main.tf": PHASE_MAIN + order(rule('"coder_script.a"', '"module.stops"')), **PHASE_FILES})
    assert (codes(analysis), edges(analysis)) == (["uc211"], [])


# Scripts that would wait for themselves

ITSELF = AGENT + script("a") + script("b", "count = 3")


@pytest.mark.parametrize(
    ("run", "after", "address"),
    [
        ('"coder_script.a"', '«"coder_script.a"»', "coder_script.a"),
        ('"coder_script.b"', '«"coder_script.b[1]"»', "coder_script.b[1]"),
        ('"coder_script.b[1]"', '"coder_script.a", «"coder_script.b"»', "coder_script.b[1]"),
        ('"coder_script.b"', '«"coder_script.b"»', "coder_script.b[0]"),
    ],
)
def test_a_script_on_both_sides_is_refused(run: str, after: str, address: str) -> None:
    analysis = at_marks("UC201", ITSELF + order(rule(run, after)))
    assert "itself" in ordering(analysis)[0].detail
    assert address in ordering(analysis)[0].detail
    assert edges(analysis) == []


def test_instances_that_are_known_only_at_apply_are_not_ordered_among_themselves() -> None:
    main = AGENT + 'variable "n" {}\n' + script("g", "count = var.n")
    text = marked(main + order(rule('"coder_script.g[1]"', '«"coder_script.g[0]"»')))
    analysis = analysis_of(text.text)
    assert [item for item in found(analysis) if item[0] == "UC201"] == [("UC201", *text.places[0])]
    assert "known only at apply" in next(item.detail for item in ordering(analysis) if item.code == "UC201")
    given = analysis_of(text.text, Options(arguments=(("var", "n=2"),)))
    assert (codes(given), edges(given)) == ([], ["coder_script.g[1] < coder_script.g[0]"])


@pytest.mark.parametrize("run", ['"coder_script.g"', '"coder_script.g[1]", "coder_script.g"', '"coder_script.g[0]"'])
def test_an_instance_that_is_known_only_at_apply_can_not_wait_for_itself(run: str) -> None:
    main = AGENT + 'variable "n" {\n}\n' + script("g", "count = var.n")
    analysis = analysis_of(main + order(rule(run, '"coder_script.g[0]"')))
    assert "itself" in next(item.detail for item in ordering(analysis) if item.code == "UC201")


# Products and merging


def test_every_script_on_the_left_waits_for_every_script_on_the_right() -> None:
    main = AGENT + script("a", "count = 2") + script("b", "count = 2") + script("c")
    assert edges_of(main + order(rule('"coder_script.b", "coder_script.c"', '"coder_script.a"'))) == [
        f"{late} < coder_script.a[{index}]"
        for late in ("coder_script.b[0]", "coder_script.b[1]", "coder_script.c")
        for index in (0, 1)
    ]


THREE = AGENT + script("a") + script("b") + script("c")


@pytest.mark.parametrize("requires", ["", 'requires = "success"', "requires = null"])
def test_a_rule_requires_success_unless_it_says_otherwise(requires: str) -> None:
    assert edges_of(THREE + order(rule('"coder_script.b"', '"coder_script.a"', requires))) == [
        "coder_script.b < coder_script.a"
    ]


def test_the_same_pair_twice_is_one_edge_with_two_origins() -> None:
    text = marked(
        THREE
        + order(rule('"coder_script.b"', '«"coder_script.a"»'))
        + order(rule('"coder_script.b", "coder_script.c"', '«"coder_script.a"»'), name="more")
    )
    analysis = analysis_of(text.text)
    edge = analysis.graphs[0].edges[0]
    assert [origin.item.text for origin in edge.origins] == ['"coder_script.a"', '"coder_script.a"']
    assert [f"main.tf:{item.item.start_pos.line}:{item.item.start_pos.column}" for item in edge.origins] == [
        place for place, _ in text.places
    ]


@pytest.mark.parametrize("apart", [False, True])
def test_the_same_pair_with_another_requirement_is_an_error_that_shows_both(apart: bool) -> None:
    first = rule('"coder_script.b"', '"coder_script.a"')
    second = rule('"coder_script.b"', '«"coder_script.a"»', 'requires = "completion"')
    analysis = at_marks("UC202", THREE + (order(first) + order(second, name="more") if apart else order(first, second)))
    [diagnostic] = ordering(analysis)
    assert "success" in diagnostic.detail
    assert "completion" in diagnostic.detail
    assert [label.span.text for label in diagnostic.labels] == ['"coder_script.a"', '"coder_script.a"']
    assert diagnostic.labels[0].span != diagnostic.labels[1].span


def test_two_rules_that_contradict_each_other_about_many_pairs_are_one_error() -> None:
    main = AGENT + script("a", "count = 20") + script("b", "count = 20")
    analysis = analysis_of(
        main
        + order(
            rule('"coder_script.b"', '"coder_script.a"'),
            rule('"coder_script.b"', '"coder_script.a"', 'requires = "completion"'),
        )
    )
    assert codes(analysis) == ["UC202"]
    assert "399 more pairs" in ordering(analysis)[0].detail


# Cycles

CYCLES: list[tuple[list[tuple[str, str]], list[str]]] = [
    ([("b", "a"), ("a", "b")], ["a -> b -> a"]),
    ([("b", "a"), ("c", "b"), ("a", "c")], ["a -> b -> c -> a"]),
    # The component's first address decides, though a cycle of two stands elsewhere in it.
    ([("b", "a"), ("c", "b"), ("a", "c"), ("b", "c")], ["a -> b -> c -> a"]),
    # Of two equally short ones the first in code-point order.
    ([("b", "a"), ("c", "a"), ("a", "b"), ("a", "c")], ["a -> b -> a"]),
    ([("b", "a"), ("a", "b"), ("d", "c"), ("c", "d")], ["a -> b -> a", "c -> d -> c"]),
    # One component, however many cycles it has.
    ([("b", "a"), ("a", "b"), ("c", "b"), ("b", "c")], ["a -> b -> a"]),
]


@pytest.mark.parametrize(("pairs", "cycles"), CYCLES)
def test_each_component_shows_its_one_canonical_cycle_in_running_order(
    pairs: list[tuple[str, str]], cycles: list[str]
) -> None:
    scripts = "".join(script(name) for name in "abcd")
    rules = [rule(f'"coder_script.{late}"', f'"coder_script.{early}"') for late, early in pairs]
    analysis = analysis_of(AGENT + scripts + order(*rules))
    assert codes(analysis) == ["UC203"] * len(cycles)
    for diagnostic, cycle in zip(ordering(analysis), cycles, strict=True):
        names = cycle.split(" -> ")
        assert " -> ".join(f"coder_script.{name}" for name in names) in diagnostic.detail
        assert len(diagnostic.labels) == len(names) - 1
        for label, (early, late) in zip(diagnostic.labels, pairwise(names), strict=True):
            assert label.text == f"coder_script.{late} waits for coder_script.{early} (success)"
            assert label.span.text == f'"coder_script.{early}"'
    assert analysis.broken


def test_a_cycle_within_one_phase_only_is_none_across_phases() -> None:
    main = (
        AGENT + "".join(script(name, on="start") for name in "ab") + "".join(script(name, on="stop") for name in "yz")
    )
    analysis = analysis_of(
        main + order(rule('"coder_script.b"', '"coder_script.a"'), rule('"coder_script.y"', '"coder_script.z"'))
    )
    assert codes(analysis) == []


# The data source's own instances


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("count = 0",), []),
        (("count = 1",), ["coder_script.b < coder_script.a"]),
        (("count = 3",), ["coder_script.b < coder_script.a"]),
        (("for_each = {}",), []),
        (('for_each = toset(["x", "y"])',), ["coder_script.b < coder_script.a"]),
    ],
)
def test_each_instance_of_a_data_source_is_a_source_of_rules(lines: tuple[str, ...], expected: list[str]) -> None:
    assert edges_of(THREE + order(rule('"coder_script.b"', '"coder_script.a"'), lines=lines)) == expected


def test_instances_of_a_data_source_can_name_different_scripts() -> None:
    each = order(rule('"coder_script.c"', '"coder_script.${each.key}"'), lines=('for_each = toset(["a", "b"])',))
    counted = order(
        rule('"coder_script.d[${count.index + 1}]"', '"coder_script.d[${count.index}]"'),
        name="chain",
        lines=("count = 2",),
    )
    assert edges_of(THREE + script("d", "count = 3") + each + counted) == [
        "coder_script.c < coder_script.a",
        "coder_script.c < coder_script.b",
        "coder_script.d[1] < coder_script.d[0]",
        "coder_script.d[2] < coder_script.d[1]",
    ]


def test_what_a_disabled_data_source_says_is_not_read() -> None:
    analysis = analysis_of(THREE + order(rule('"coder_script.nope"', '"coder_script["'), lines=("count = 0",)))
    assert codes(analysis) == []


def test_rules_that_may_not_apply_are_taken_with_a_warning() -> None:
    main = THREE + 'variable "ordered" {\ndefault = true\n}\n'
    text = marked(main + order(rule('"coder_script.b"', '"coder_script.a"'), lines=("count = «var.ordered ? 1 : 0»",)))
    analysis = analysis_of(text.text)
    assert found(analysis) == [("uc206", *place) for place in text.places]
    assert edges(analysis) == ["coder_script.b < coder_script.a"]
    given = analysis_of(text.text, Options(arguments=(("var", "ordered=false"),)))
    assert (codes(given), edges(given)) == ([], [])


def test_rules_in_a_module_order_each_of_its_instances() -> None:
    files = {"m/main.tf": child(inner("a"), inner("b"), order(rule('"coder_script.b"', '"coder_script.a"')))}
    analysis = analysis_of({"main.tf": AGENT + call("m", "count = 2"), **files})
    assert edges(analysis) == [f"module.m[{n}].coder_script.b < module.m[{n}].coder_script.a" for n in (0, 1)]


def test_a_mistake_in_a_module_s_rule_is_reported_once_for_all_instances() -> None:
    files = {"m/main.tf": child(inner("a"), order(rule('"coder_script.nope"', '"coder_script.a"')))}
    analysis = analysis_of({"main.tf": AGENT + call("m", "count = 5"), **files})
    assert codes(analysis) == ["UC204"]


# Dynamic blocks


def dynamic(each: str, content: str, *lines: str) -> str:
    return (
        f'dynamic "rule" {{\nfor_each = {each}\n'
        + "".join(f"{line}\n" for line in lines)
        + f"content {{\n{content}\n}}\n}}"
    )


DYNAMIC: list[tuple[str, list[str], list[str]]] = [
    (
        dynamic('["a", "b"]', 'run = ["coder_script.c"]\nafter = ["coder_script.${rule.value}"]'),
        [],
        ["c < a", "c < b"],
    ),
    (
        dynamic(
            '{ b = ["coder_script.a"], c = ["coder_script.b"] }',
            'run = ["coder_script.${rule.key}"]\nafter = rule.value',
        ),
        [],
        ["b < a", "c < b"],
    ),
    (
        dynamic('["a"]', 'run = ["coder_script.c"]\nafter = ["coder_script.${it.value}"]', "iterator = it"),
        [],
        ["c < a"],
    ),
    (
        dynamic('["completion"]', 'run = ["coder_script.c"]\nafter = ["coder_script.a"]\nrequires = rule.value'),
        [],
        ["c < a (completion)"],
    ),
    (dynamic("[]", 'run = ["coder_script.c"]\nafter = ["coder_script.a"]'), ["UC216"], []),
    (dynamic("null", 'run = ["coder_script.c"]\nafter = ["coder_script.a"]'), ["UC216"], []),
    (dynamic('"a"', 'run = ["coder_script.c"]\nafter = ["coder_script.a"]'), ["UC216"], []),
    (dynamic('["a"]', 'run = ["coder_script.c"]'), ["UC216"], []),
    (dynamic("toset([data.coder_workspace.me.name])", 'run = ["coder_script.c"]\nafter = [rule.value]'), ["UC216"], []),
    ('dynamic "rules" {\nfor_each = []\ncontent {\n}\n}', ["UC216"], []),
    ('dynamic "rule" {\nfor_each = ["a"]\n}', ["UC216"], []),
    ('dynamic "rule" {\ncontent {\n}\n}', ["UC216"], []),
]


@pytest.mark.parametrize(("block", "expected_codes", "expected"), DYNAMIC)
def test_dynamic_blocks_make_rules(block: str, expected_codes: list[str], expected: list[str]) -> None:
    analysis = analysis_of(THREE + 'data "coder_workspace" "me" {\n}\n' + order(block))
    assert codes(analysis) == expected_codes
    assert short(edges(analysis)) == expected


# Arguments

ARGUMENTS: list[tuple[str, str]] = [
    ('«rule» {\nafter = ["coder_script.a"]\n}', "run is required"),
    ('«rule» {\nrun = ["coder_script.b"]\n}', "after is required"),
    ('rule {\nrun = «[]»\nafter = ["coder_script.a"]\n}', "run is empty"),
    ('rule {\nrun = ["coder_script.b"]\nafter = «[]»\n}', "after is empty"),
    ('rule {\nrun = «"coder_script.b"»\nafter = ["coder_script.a"]\n}', "takes a list of strings"),
    ('rule {\nrun = «null»\nafter = ["coder_script.a"]\n}', "takes a list of strings"),
    ('rule {\nrun = [«null»]\nafter = ["coder_script.a"]\n}', "takes a list of strings"),
    ('rule {\nrun = [«["coder_script.b"]»]\nafter = ["coder_script.a"]\n}', "takes a list of strings"),
    ('rule {\nrun = [«data.coder_workspace.me.name»]\nafter = ["coder_script.a"]\n}', "data.coder_workspace.me.name"),
    ('rule {\nrun = «data.coder_workspace.me.names»\nafter = ["coder_script.a"]\n}', "known only at apply"),
    ('rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\nrequires = «"sucess"»\n}', '"sucess"'),
    ('rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\nrequires = «"start"»\n}', '"start"'),
    ('rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\nrequires = «""»\n}', 'not ""'),
    ('rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\nphase = «"startup"»\n}', '"startup"'),
    ('rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\nphase = «""»\n}', 'not ""'),
    (
        'rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\nphase = «data.coder_workspace.me.name»\n}',
        "phase depends on",
    ),
    (
        'rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\n«require» = "success"\n}',
        "no argument require",
    ),
    ('rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\n«nested» {\n}\n}', "no block nested"),
    ('rule «"x"» {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\n}', "No labels"),
    ('rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\n}\n«rules» {\n}', "no block rules"),
    ('rule {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\n}\n«run» = []', "no argument run"),
]


@pytest.mark.parametrize(("text", "words"), ARGUMENTS)
def test_a_rule_that_is_written_wrong_is_refused(text: str, words: str) -> None:
    workspace = 'data "coder_workspace" "me" {\n}\n'
    template = marked(THREE + workspace + order(text))
    analysis = analysis_of(template.text)
    assert found(analysis) == [("UC216", *place) for place in template.places]
    assert words in ordering(analysis)[0].detail


_SIDES = 'run = ["coder_script.b"]\nafter = ["coder_script.a"]\n'
HELPS = [
    (f'rule {{\n{_SIDES}state = "completes"\n}}', "did you mean requires?"),
    (f"rule {{\n{_SIDES}needs = []\n}}", "did you mean after?"),
    (f"rule {{\n{_SIDES}before = []\n}}", "turn it around"),
    (f'rule {{\n{_SIDES}requires = "completes"\n}}', 'did you mean "completion"?'),
    (f'rule {{\n{_SIDES}requires = "done"\n}}', 'did you mean "completion"?'),
    (f'rule {{\n{_SIDES}requires = "unsuccessful"\n}}', 'write requires = "success" or "completion"'),
    (f'rule {{\n{_SIDES}requires = "failure"\n}}', 'write requires = "success" or "completion"'),
    (f'rule {{\n{_SIDES}phase = "startup"\n}}', 'did you mean "start"?'),
    (f'rule {{\n{_SIDES}phase = "shutdown"\n}}', 'did you mean "stop"?'),
    (f"rule {{\n{_SIDES}}}\nrun = []", "it stands in a rule block"),
    (f"rule {{\n{_SIDES}}}\nrule = []", "rule is a block"),
    (f"rules {{\n{_SIDES}}}", "did you mean rule?"),
    ('rule {\nrun = [coder_script.b.id]\nafter = ["coder_script.a"]\n}', 'write "coder_script.b"'),
    ('rule {\nrun = [coder_script.b]\nafter = ["coder_script.a"]\n}', 'write "coder_script.b"'),
    ('rule {\nrun = [resource.coder_script.b]\nafter = ["coder_script.a"]\n}', 'write "coder_script.b"'),
    ('rule {\nrun = ["coder_script.b"]\nafter = coder_script.a.id\n}', 'write after = ["coder_script.a"]'),
]


@pytest.mark.parametrize(("text", "help_"), HELPS)
def test_a_rule_that_is_written_wrong_is_shown_what_to_write(text: str, help_: str) -> None:
    diagnostics = ordering(analysis_of(THREE + order(text)))
    assert [item.code for item in diagnostics] == ["UC216"]
    assert help_ in diagnostics[0].help[0]


def test_a_data_source_without_rules_is_refused() -> None:
    at_marks("UC216", THREE + '«data "coder_script_order" "none"» {\n}\n')


@pytest.mark.parametrize(
    "value",
    ['toset(["coder_script.b", "coder_script.c"])', "local.run", 'concat(["coder_script.b"], ["coder_script.c"])'],
)
def test_lists_may_be_computed(value: str) -> None:
    text = "rule {\nrun = " + value + '\nafter = ["coder_script.a"]\n}'
    assert short(edges_of(THREE + 'locals {\nrun = ["coder_script.b", "coder_script.c"]\n}\n' + order(text))) == [
        "b < a",
        "c < a",
    ]


# Bounds


def many(name: str, count: int) -> str:
    return script(name, f"count = {count}")


@pytest.mark.parametrize(("rows", "fits"), [(400, True), (401, False)])
def test_more_pairs_than_the_bound_are_an_error(rows: int, fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compiler.order.claims.MAX_PAIRS", 4_000)
    analysis = analysis_of(
        AGENT + many("a", 10) + many("b", rows) + order(rule('"coder_script.b"', '"coder_script.a"'))
    )
    assert codes(analysis) == ([] if fits else ["UC215"])
    assert len(edges(analysis)) == (4_000 if fits else 0)


def test_pairs_are_counted_over_all_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compiler.order.claims.MAX_PAIRS", 1_000)
    # Said once, however many rules go beyond.
    rules = [rule('"coder_script.b"', '"coder_script.a"')] * 13
    analysis = analysis_of(AGENT + many("a", 10) + many("b", 10) + order(*rules))
    assert codes(analysis) == ["UC215"]
    assert "orders 1,100 pairs of scripts" in ordering(analysis)[0].detail


def test_a_product_beyond_the_bound_is_refused_before_it_is_made() -> None:
    analysis = at_marks(
        "UC215",
        AGENT
        + many("a", 1_000)
        + many("b", 1_000)
        + order('«rule» {\nrun = ["coder_script.b"]\nafter = ["coder_script.a"]\n}'),
    )
    assert "100,000" in ordering(analysis)[0].detail
    assert "1,000,000" in ordering(analysis)[0].detail


def test_selected_addresses_are_counted_over_all_selectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compiler.order.forms.script_order.MAX_ADDRESSES", 300)
    two = rule('"coder_script.a"', '"coder_script.none"')
    main = AGENT + many("a", 100) + script("none", "count = 0")
    assert codes(analysis_of(main + order(*[two] * 3))) == []
    analysis = analysis_of(main + order(*[two] * 4))
    assert codes(analysis) == ["UC215"]
    assert "300" in ordering(analysis)[0].detail


def test_equal_selectors_in_one_list_count_once_towards_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compiler.order.forms.script_order.MAX_ADDRESSES", 300)
    same = rule(", ".join(['"coder_script.a"'] * 4), '"coder_script.none"')
    assert codes(analysis_of(AGENT + many("a", 100) + script("none", "count = 0") + order(same))) == ["uc223"] * 3


def test_the_bounds_are_coder_s_own() -> None:
    assert (MAX_ADDRESSES, MAX_PAIRS) == (100_000, 100_000)


def test_rules_after_too_many_pairs_are_still_checked() -> None:
    rules = [rule('"coder_script.b"', '"coder_script.a"'), rule('"coder_script.nope"', '"coder_script.a"')]
    analysis = analysis_of(AGENT + many("a", 1_000) + many("b", 1_000) + order(*rules))
    assert codes(analysis) == ["UC215", "UC204"]


# Everything at once


def test_all_mistakes_are_reported_at_once_each_in_its_place() -> None:
    text = marked(
        AGENT
        + agent("other")
        + "".join(script(name) for name in "abcd")
        + script("both", on="start stop")
        + script("stop", on="stop")
        + script("foreign", agent_id="coder_agent.other.id")
        + """data "coder_script_order" "all" {
          rule {
            run      = ["coder_script.«a[x]»", «"coder_script.both"», "«coder_script.nope»"]
            after    = ["«coder_agent».main", "coder_script.b«[3]»"]
            requires = «"never"»
            phase    = «"begin"»
            «until»    = 1
          }
          rule {
            run   = ["coder_script.a", «"coder_script.stop"»]
            after = [«"coder_script.both"», "coder_script.b"]
          }
          rule {
            run   = ["coder_script.a", «"coder_script.foreign"»]
            after = [«"coder_script.a"»]
          }
          rule {
            run   = ["coder_script.c"]
            after = ["coder_script.d"]
          }
          rule {
            run   = ["coder_script.d"]
            after = [«"coder_script.c"»]
          }
        }
        """.replace("«a[x]»", "a[«x»]")
    )
    analysis = analysis_of(text.text)
    assert [(place, words) for _, place, words in found(analysis)] == list(text.places)
    assert codes(analysis) == [
        *("UC205", "UC207", "UC204", "UC205", "UC206", "UC216", "UC216", "UC216"),
        *("UC208", "UC207"),
        *("UC209", "UC201"),
        "UC203",
    ]


ONE_CAUSE = [
    ('rule {\nrun = [coder_script.nope]\nafter = ["coder_script.a"]\n}', "UC165"),
    ('rule {\nrun = [module.nope]\nafter = ["coder_script.a"]\n}', "UC165"),
    ('rule {\nrun = ["coder_script.b"]\nbefore = ["coder_script.a"]\n}', "UC216"),
    ('rule {\nrun = ["coder_script.b"]\nneeds = ["coder_script.a"]\n}', "UC216"),
    ('rule {\nscripts = ["coder_script.b"]\nafter = ["coder_script.a"]\n}', "UC216"),
    ('run = ["coder_script.b"]\nafter = ["coder_script.a"]', "UC216"),
]


@pytest.mark.parametrize(("body", "code"), ONE_CAUSE)
def test_one_mistake_in_a_rule_is_told_once(body: str, code: str) -> None:
    assert codes(analysis_of(AGENT + script("a") + script("b") + order(body))) == [code]
