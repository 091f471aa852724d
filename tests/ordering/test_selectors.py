"""Which selectors of a rule are accepted, what they match, and where the mistake in a rejected one is shown."""

from __future__ import annotations

import pytest

from tests.ordering.harness import analysis_of, codes, edges, edges_of, found, marked, ordering
from tests.ordering.templates import AGENT, module, order, rule, script

CHILD = (
    'variable "agent_id" {}\n'
    + script("inner", agent_id="var.agent_id")
    + module("deep", "../deep", "agent_id = var.agent_id")
)
DEEP = 'variable "agent_id" {}\n' + script("deepest", agent_id="var.agent_id")

# Terraform has one kind of key for each of these: none, numbers, strings.
SCRIPTS = (
    script("x")
    + script("counted", "count = 12")
    + script("keyed", 'for_each = toset(["api", "0", "é", "a\\"b", "$${x}", "tab\\t"])')
    + script("none", "count = 0")
    + script("none_keyed", "for_each = {}")
    + script("été")
    + script("last")
    + module("child", "./child", "agent_id = coder_agent.main.id")
    + module("empty", "./child", "agent_id = coder_agent.main.id", "count = 0")
    + module("many", "./child", "agent_id = coder_agent.main.id", 'for_each = toset(["a", "b"])')
)


def template(selector: str, side: str = "after") -> str:
    sides = ('"coder_script.last"', selector)
    return AGENT + SCRIPTS + order(rule(*(sides if side == "after" else sides[::-1])))


FILES = {"child/main.tf": CHILD, "deep/main.tf": DEEP}

ACCEPTED = [
    ('"coder_script.x"', ["coder_script.x"]),
    ('"coder_script . x"', ["coder_script.x"]),
    ('"coder_script.été"', ["coder_script.été"]),
    ('"coder_script.counted[0]"', ["coder_script.counted[0]"]),
    ('"coder_script.counted[2]"', ["coder_script.counted[2]"]),
    ('"coder_script.counted[2.0]"', ["coder_script.counted[2]"]),
    ('"coder_script.counted[1e1]"', ["coder_script.counted[10]"]),
    ('"coder_script.counted[ 3 ]"', ["coder_script.counted[3]"]),
    ('"coder_script.counted"', sorted(f"coder_script.counted[{index}]" for index in range(12))),
    ('"coder_script.keyed[\\"api\\"]"', ['coder_script.keyed["api"]']),
    ('"coder_script.keyed[\\"0\\"]"', ['coder_script.keyed["0"]']),
    ('"coder_script.keyed[\\"\\\\u0061pi\\"]"', ['coder_script.keyed["api"]']),
    ('"coder_script.keyed[\\"\\u0061pi\\"]"', ['coder_script.keyed["api"]']),
    ('"coder_script.keyed[\\"e\\u0301\\"]"', ['coder_script.keyed["é"]']),
    ('"coder_script.keyed[\\"\\\\u00e9\\"]"', ['coder_script.keyed["é"]']),
    ('"coder_script.keyed[\\"a\\\\\\"b\\"]"', ['coder_script.keyed["a\\"b"]']),
    ('"coder_script.keyed[\\"tab\\\\t\\"]"', ['coder_script.keyed["tab\\t"]']),
    ('"coder_script.keyed[\\"$$${x}\\"]"', ['coder_script.keyed["$${x}"]']),
    ('"coder_script.none"', []),
    ('"coder_script.none_keyed"', []),
    ('"module.empty"', []),
    ('"module.child"', ["module.child.coder_script.inner", "module.child.module.deep.coder_script.deepest"]),
    (
        '"module.many"',
        [
            f'module.many["{key}"].{name}'
            for key in ("a", "b")
            for name in ("coder_script.inner", "module.deep.coder_script.deepest")
        ],
    ),
    ('join(".", ["coder_script", "x"])', ["coder_script.x"]),
    ('"${"coder_script"}.x"', ["coder_script.x"]),
]


@pytest.mark.parametrize(("selector", "matched"), ACCEPTED)
@pytest.mark.parametrize("side", ["run", "after"])
def test_a_selector_matches_its_scripts(selector: str, matched: list[str], side: str) -> None:
    analysis = analysis_of({"main.tf": template(selector, side), **FILES})
    assert codes(analysis) == []
    if side == "after":
        assert edges(analysis) == sorted(f"coder_script.last < {address}" for address in matched)
    else:
        assert edges(analysis) == sorted(f"{address} < coder_script.last" for address in matched)


# Each with its mistake marked and a word of why.
REJECTED = [
    ('«""»', "empty"),
    ('" «»"', "variable name"),
    ('"«coder_script»"', "a name must follow coder_script"),
    ('"«module»"', "a name must follow module"),
    ('"coder_script«[0]»"', "a name must follow coder_script"),
    ('"module«[0]»"', "a name must follow module"),
    ('"coder_script.x[«"»', "must contain either a literal number or a literal string"),
    ('"coder_script.x[«api»]"', "literal number or a literal string"),
    ('"coder_script.x[«true»]"', "literal number or a literal string"),
    ('"coder_script.x[«-»1]"', "literal number or a literal string"),
    ('"coder_script.counted«[0.5]»"', "whole number"),
    ('"coder_script.counted«[1e-1]»"', "whole number"),
    ('"coder_script.counted«[1e99]»"', "whole number"),
    ('"coder_script.counted[«*»]"', "splat"),
    ('"coder_script.counted.«*»"', "splat"),
    ('"coder_script.counted.«0»"', "attribute name"),
    ('"coder_script.x«.id»"', "part of a script"),
    ('"coder_script.counted[0]«.id»"', "part of a script"),
    ('"coder_script.counted[0]«[0]»"', "part of a script"),
    ('"«coder_agent».x"', "coder_agent"),
    ('"«coder_agent».main.startup_script"', "coder_agent"),
    ('"«data».coder_script.x"', "data"),
    ('"«var».x"', "var"),
    ('"module.child«[0]»"', "as a whole"),
    ('"module.many«[\\"a\\"]»"', "as a whole"),
    ('"module.child«.coder_script»"', "reach into a module"),
    ('"module.child«.coder_script».y"', "reach into a module"),
    ('"module.child«.module».deep"', "reach into a module"),
    ('"coder_script.x«,» coder_script.y"', "attribute access or an index operator"),
    ('"coder_script.x «coder_script».y"', "attribute access or an index operator"),
    ('"«0»"', "variable name"),
    ('"«[»"', "variable name"),
]


@pytest.mark.parametrize(("selector", "why"), REJECTED)
@pytest.mark.parametrize("side", ["run", "after"])
def test_a_selector_of_another_form_is_refused_where_it_goes_wrong(selector: str, why: str, side: str) -> None:
    text = marked(template(selector, side))
    analysis = analysis_of({"main.tf": text.text, **FILES})
    [(place, _)] = text.places
    assert [(code, at) for code, at, _ in found(analysis)] == [("UC205", place)]
    [diagnostic] = ordering(analysis)
    assert why in diagnostic.detail
    assert f"in {side}" in diagnostic.detail
    assert edges(analysis) == []


UNMATCHED = [
    ('"«coder_script.y»"', "UC204", "coder_script.y"),
    ('"«module.y»"', "UC204", "module.y"),
    ('"«coder_script.inner»"', "UC204", "coder_script.inner"),
    ('"coder_script.x«[0]»"', "UC206", "no index"),
    ('"coder_script.counted«[12]»"', "UC206", "[0], [1], [2], [3], [4] and "),
    ('"coder_script.counted«[\\"0\\"]»"', "UC206", "[0]"),
    ('"coder_script.keyed«[0]»"', "UC206", '["0"]'),
    ('"coder_script.keyed«[\\"zzz\\"]»"', "UC206", "matches no instance"),
    ('«"coder_script.none[0]"»', "UC206", "no instances at all"),
    ('«"coder_script.none_keyed[\\"a\\"]"»', "UC206", "no instances at all"),
    ('"coder_script.none«[\\"a\\"]»"', "UC206", "numbers as keys"),
]


@pytest.mark.parametrize(("selector", "code", "words"), UNMATCHED)
def test_a_selector_that_names_nothing_is_an_error(selector: str, code: str, words: str) -> None:
    text = marked(template(selector))
    analysis = analysis_of({"main.tf": text.text, **FILES})
    assert [(code, *place) for place in text.places] == found(analysis)
    assert words in ordering(analysis)[0].detail
    assert '" in after' in ordering(analysis)[0].detail


@pytest.mark.parametrize(
    "selector",
    [
        '"\\u0063oder_script.keyed[\\"api\\"]«.id»"',
        '"\\U00000063oder_script.keyed[\\"$$${x}\\"]«.id»"',
        '"coder_script.keyed[\\"%%%{x}\\\\t\\"]«.id»"',
    ],
)
def test_the_place_inside_a_selector_survives_escapes(selector: str) -> None:
    text = marked(template(selector))
    analysis = analysis_of({"main.tf": text.text, **FILES})
    assert [place for _, *place in found(analysis)] == [list(place) for place in text.places]


def test_a_selector_that_is_computed_is_shown_as_the_expression_that_computes_it() -> None:
    text = marked(template('«join(".", ["coder_script", "y"])»'))
    analysis = analysis_of({"main.tf": text.text, **FILES})
    assert [("UC204", *place) for place in text.places] == found(analysis)


def test_a_list_that_is_computed_is_shown_as_a_whole() -> None:
    rules = 'rule {\nrun = ["coder_script.last"]\nafter = «local.after»\n}\n'
    text = marked(AGENT + SCRIPTS + 'locals {\nafter = ["coder_script.y", "coder_script.z"]\n}\n' + order(rules))
    analysis = analysis_of({"main.tf": text.text, **FILES})
    assert [("UC204", *text.places[0])] * 2 == found(analysis)


SUGGESTIONS = [
    ('"coder_script.lats"', "did you mean coder_script.last?"),
    ('"coder_script.LAST"', "did you mean coder_script.last?"),
    ('"module.chidl"', "did you mean module.child?"),
    ('"coder_script.inner"', "module.child declares it"),
    ('"coder_script.qqqqqq"', "declare coder_script.qqqqqq"),
]


@pytest.mark.parametrize(("selector", "help_"), SUGGESTIONS)
def test_an_unknown_name_comes_with_a_suggestion(selector: str, help_: str) -> None:
    analysis = analysis_of({"main.tf": template(selector), **FILES})
    assert help_ in ordering(analysis)[0].help[0]


def test_a_data_source_of_the_same_name_is_no_script() -> None:
    data = 'data "coder_script" "only_data" {\n}\n'
    assert codes(
        analysis_of(
            AGENT
            + SCRIPTS.split('module "child"')[0]
            + data
            + order(rule('"coder_script.last"', '"coder_script.only_data"'))
        )
    ) == ["UC204"]


def test_equal_selectors_in_one_list_count_once() -> None:
    twice = order(rule('"coder_script.lst", "coder_script.lst"', '"coder_script.x", "coder_script.x"'))
    assert codes(analysis_of({"main.tf": AGENT + SCRIPTS + twice, **FILES})) == ["UC204", "uc223", "uc223"]


def test_different_selectors_that_match_the_same_script_make_one_edge() -> None:
    both = order(rule('"coder_script.last"', '"coder_script.counted[1]", "coder_script.counted[1.0]"'))
    analysis = analysis_of({"main.tf": AGENT + SCRIPTS + both, **FILES})
    assert edges(analysis) == ["coder_script.last < coder_script.counted[1]"]
    assert len(analysis.graphs[0].edges[0].origins) == 1


def test_selectors_are_relative_to_the_module_that_declares_the_rule() -> None:
    child = CHILD + script("x", agent_id="var.agent_id") + order(rule('"coder_script.x"', '"coder_script.inner"'))
    assert edges_of({"main.tf": AGENT + SCRIPTS, **FILES, "child/main.tf": child}) == [
        "module.child.coder_script.x < module.child.coder_script.inner",
        'module.many["a"].coder_script.x < module.many["a"].coder_script.inner',
        'module.many["b"].coder_script.x < module.many["b"].coder_script.inner',
    ]


@pytest.mark.parametrize("selector", ["coder_script.last", "module.child"])
def test_a_child_module_can_not_name_its_caller_s_scripts(selector: str) -> None:
    child = CHILD + order(rule('"coder_script.inner"', f'"{selector}"'))
    main = AGENT + script("last") + module("child", "./child", "agent_id = coder_agent.main.id")
    analysis = analysis_of({"main.tf": main, **FILES, "child/main.tf": child})
    assert codes(analysis) == ["UC204"]
    assert "the calling module declares it" in ordering(analysis)[0].help[0]
