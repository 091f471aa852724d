from __future__ import annotations

import pytest

from compiler.source.diagnostics import Severity
from tests.checks.harness import AGENT, block, codes, diagnose

MODULE = (
    block('variable "folder"', "type = string", 'default = "/"')
    + block('variable "port"', "type = number", "default = 1")
    + block('variable "agent_id"')
)


def called(*lines: str, agent_id: str | None = "coder_agent.main.id") -> dict[str, str]:
    given = [f"agent_id = {agent_id}"] if agent_id else []
    return {"main.tf": AGENT + block('module "m"', 'source = "./m"', *given, *lines), "m/main.tf": MODULE}


@pytest.mark.parametrize(
    ("line", "code", "place", "help_"),
    [
        ('foldr = "/x"', "UC103", "foldr", "did you mean folder?"),
        ("nonsense = 1", "UC103", "nonsense", "remove nonsense; the module has no such variable"),
        ("versoin = 1", "UC103", "versoin", "did you mean version?"),
        ('mutex = "apt"', "UC103", "mutex", 'a directive is a comment: # unitc: mutex = "apt"'),
        (
            "after = [coder_agent.main]",
            "UC103",
            "after",
            "an order is declared in a comment: # unitc: depends_on_success = [coder_agent.main]",
        ),
        ("port {\n}", "UC104", "port", "write port = { … }"),
        ("lifecycle {\n}", "UC104", "lifecycle", "remove lifecycle"),
    ],
)
def test_names_that_a_module_does_not_take_are_told(line: str, code: str, place: str, help_: str) -> None:
    (item,) = diagnose(called(line))
    assert (item.code, item.severity, item.primary.span.text, item.help) == (code, Severity.ERROR, place, (help_,))


def test_what_every_call_takes_is_fine() -> None:
    assert codes(called("count = 1", "depends_on = []", "providers = {\n}", 'folder = "/x"', "port = 8080")) == []


def test_a_variable_without_a_default_must_be_set() -> None:
    (item,) = diagnose(called(agent_id=None))
    assert (item.code, item.severity) == ("UC105", Severity.ERROR)
    assert item.detail == "The variable agent_id of module.m has no default, and the call doesn't set it."
    assert [label.span.source.name for label in item.labels] == ["main.tf", "m/main.tf"]


def test_a_value_that_does_not_fit_its_variable_is_told_though_nothing_reads_it() -> None:
    (item,) = diagnose(called('port = "a lot"'))
    assert (item.code, item.severity, item.primary.span.text) == ("UC017", Severity.ERROR, '"a lot"')


def test_a_value_that_hangs_on_a_default_is_not_held_against_its_variable() -> None:
    files = called("port = var.p")
    files["main.tf"] += block('variable "p"', 'default = "a lot"')
    assert codes(files) == []


def test_a_call_is_told_once_however_often_its_module_is_there() -> None:
    outer = block('variable "agent_id"') + block(
        'module "inner"', 'source = "../m"', "agent_id = var.agent_id", "foldr = 1"
    )
    calls = "".join(
        block(f'module "{name}"', 'source = "./outer"', "agent_id = coder_agent.main.id") for name in ("a", "b")
    )
    assert codes({"main.tf": AGENT + calls, "outer/main.tf": outer, "m/main.tf": MODULE}) == ["UC103"]


def test_a_module_with_a_syntax_error_is_not_held_against_its_callers() -> None:
    files = called('foldr = "/x"')
    files["m/main.tf"] = MODULE + "oops ="
    assert "UC103" not in codes(files)
