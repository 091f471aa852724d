"""References to one instance where it is known only at apply which instances there are."""

from __future__ import annotations

import pytest

from compiler.pipeline import Analysis
from tests.ordering.harness import analysis_of, codes, edges
from tests.ordering.templates import AGENT, module, order, rule, script

UNKNOWN = 'variable "n" {\n  type = number\n}\n\nvariable "keys" {\n  type = set(string)\n}\n' + AGENT
COUNTED = UNKNOWN + script("y", "count = var.n")
KEYED = UNKNOWN + script("y", "for_each = var.keys")


def claims(analysis: Analysis) -> list[str]:
    """Return what is claimed, with the keys that are meant."""
    return sorted(
        f"{claim.dependent.address}/{claim.dependent_key} < {claim.prerequisite.address}/{claim.prerequisite_key}"
        + (f" ({claim.requires})" if claim.requires != "success" else "")
        for claim in analysis.order.explicit
    )


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        (COUNTED + script("x", "depends_on = [coder_script.y]"), "coder_script.x/None < coder_script.y/None"),
        (COUNTED + script("x", "depends_on = [coder_script.y[3]]"), "coder_script.x/None < coder_script.y/3"),
        (COUNTED + script("x", "# unitc: before = [coder_script.y[0]]"), "coder_script.y/0 < coder_script.x/None"),
        (KEYED + script("x", 'depends_on = [coder_script.y["a&b"]]'), "coder_script.x/None < coder_script.y/a&b"),
        (
            COUNTED + script("x") + order(rule('"coder_script.y[1]"', '"coder_script.x"')),
            "coder_script.y/1 < coder_script.x/None",
        ),
        (
            COUNTED + script("z", "count = var.n") + order(rule('"coder_script.y[1]"', '"coder_script.z[2]"')),
            "coder_script.y/1 < coder_script.z/2",
        ),
    ],
)
def test_a_claim_knows_which_instance_is_meant(text: str, claimed: str) -> None:
    assert claims(analysis_of(text)) == [claimed]


def test_the_key_is_that_of_the_module_call_which_is_named() -> None:
    files = {
        "main.tf": UNKNOWN
        + module("m", "./m", "count = var.n", "agent = coder_agent.main.id")
        + script("x", "depends_on = [module.m[2]]"),
        "m/main.tf": 'variable "agent" {}\n' + script("a", "count = 2", agent_id="var.agent"),
    }
    assert claims(analysis_of(files)) == [
        "coder_script.x/None < module.m.coder_script.a[0]/2",
        "coder_script.x/None < module.m.coder_script.a[1]/2",
    ]


def test_an_instance_that_is_known_needs_no_key() -> None:
    text = AGENT + script("y", "count = 2") + script("x", "depends_on = [coder_script.y[1]]")
    assert claims(analysis_of(text)) == ["coder_script.x/None < coder_script.y[1]/None"]


def test_every_instance_that_a_rule_names_is_meant() -> None:
    text = COUNTED + script("x") + order(rule('"coder_script.x"', '"coder_script.y[1]", "coder_script.y[2]"'))
    analysis = analysis_of(text)
    assert claims(analysis) == ["coder_script.x/None < coder_script.y/1", "coder_script.x/None < coder_script.y/2"]
    assert edges(analysis) == ["coder_script.x < coder_script.y"]


BOTH = "coder_script.x/None < coder_script.y/{}", "coder_script.x/None < coder_script.y/{} (completion)"


@pytest.mark.parametrize(
    ("plain", "typed", "expected"),
    [
        ("y[1]", "y[2]", [BOTH[0].format(1), BOTH[1].format(2)]),
        ("y[1]", "y[1]", [BOTH[1].format(1)]),
        ("y[1]", "y", [BOTH[1].format(None)]),
        ("y", "y", [BOTH[1].format(None)]),
    ],
)
def test_a_directive_replaces_what_depends_on_says_of_the_same_instance(
    plain: str, typed: str, expected: list[str]
) -> None:
    lines = f"depends_on = [coder_script.{plain}]", f"# unitc: depends_on_completion = [coder_script.{typed}]"
    analysis = analysis_of(COUNTED + script("x", *lines))
    assert claims(analysis) == expected
    assert "UC202" not in codes(analysis)


@pytest.mark.parametrize(
    ("success", "completion", "contradictory"),
    [("y[1]", "y[2]", False), ("y[1]", "y[1]", True), ("y[1]", "y", True), ("y", "y[1]", True), ("y", "y", True)],
)
def test_requirements_contradict_each_other_where_the_same_instance_is_meant(
    success: str, completion: str, contradictory: bool
) -> None:
    lines = (
        f"# unitc: depends_on_success = [coder_script.{success}]",
        f"# unitc: depends_on_completion = [coder_script.{completion}]",
    )
    assert ("UC202" in codes(analysis_of(COUNTED + script("x", *lines)))) is contradictory


def test_one_instance_of_a_side_meets_all_of_it() -> None:
    text = COUNTED + script("z", "count = var.n")
    rules = (
        rule('"coder_script.y[1]"', '"coder_script.z"'),
        rule('"coder_script.y"', '"coder_script.z[1]"', 'requires = "completion"'),
    )
    assert "UC202" in codes(analysis_of(text + order(*rules)))


@pytest.mark.parametrize(
    ("taken", "left"), [("y[1]", []), ("y", []), ("y[2]", ["coder_script.x/None < coder_script.y/1"])]
)
def test_depends_on_none_takes_away_what_is_said_of_the_same_instance(taken: str, left: list[str]) -> None:
    lines = "depends_on = [coder_script.y[1]]", f"# unitc: depends_on_none = [coder_script.{taken}]"
    assert claims(analysis_of(COUNTED + script("x", *lines))) == left


def test_depends_on_none_can_not_take_one_instance_out_of_all() -> None:
    lines = "depends_on = [coder_script.y]", "# unitc: depends_on_none = [coder_script.y[0]]"
    analysis = analysis_of(COUNTED + script("x", *lines))
    assert claims(analysis) == ["coder_script.x/None < coder_script.y/None"]
    assert codes(analysis) == ["uc214"]
