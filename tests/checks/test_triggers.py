from __future__ import annotations

import pytest

from compiler.source.diagnostics import Severity
from tests.checks.harness import block, codes, diagnose, found, script


def test_a_script_that_nothing_triggers_is_told() -> None:
    (item,) = diagnose(script("x", run_on_start=None))
    assert (item.code, item.severity, item.summary) == ("UC107", Severity.ERROR, "Script without a trigger")
    assert item.detail == (
        "Nothing makes the agent run coder_script.x: at least one of run_on_start, run_on_stop and cron must be set."
    )
    assert item.primary.span.text == 'resource "coder_script" "x"'
    assert item.help == ("add run_on_start = true",)


def test_triggers_that_are_off_are_shown() -> None:
    (item,) = diagnose(script("x", run_on_start="false", run_on_stop="null"))
    assert [label.span.text for label in item.labels[1:]] == ["false", "null"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"run_on_start": "true"},
        {"run_on_start": None, "run_on_stop": "true"},
        {"run_on_start": None, "cron": '"0 0 3 * * *"'},
        {"run_on_start": "false", "run_on_stop": "var.unset"},
        {"run_on_start": None, "cron": "var.unset"},
        {"run_on_start": "null", "run_on_stop": '"true"'},
    ],
)
def test_one_trigger_is_enough_and_so_is_one_that_may_be(arguments: dict[str, str | None]) -> None:
    assert codes(script("x", **arguments) + block('variable "unset"')) == []


def test_a_module_that_leaves_the_trigger_to_its_caller_gets_a_warning_for_its_default() -> None:
    text = script("x", run_on_start="var.start") + block('variable "start"', "default = false")
    assert codes(text) == ["uc107"]


def test_a_script_without_instances_needs_no_trigger() -> None:
    assert codes(script("x", run_on_start=None, count="0")) == []


def test_a_script_can_block_logins_only_where_it_runs_on_start() -> None:
    text = script("x", run_on_start="false", run_on_stop="true", start_blocks_login="true")
    (item,) = diagnose(text)
    assert (item.code, item.severity) == ("UC108", Severity.ERROR)
    assert item.detail == (
        "coder_script.x sets start_blocks_login, but not run_on_start: only a script that runs on start can block "
        "logins."
    )
    assert found(text) == [("UC108", "7:22", "true")]


@pytest.mark.parametrize(
    ("start", "blocks"),
    [("true", "true"), ("false", "false"), ("false", "null"), ("var.unset", "true"), ("false", "var.unset")],
)
def test_a_script_may_say_so_where_it_holds_or_may_hold(start: str, blocks: str) -> None:
    text = script("x", run_on_start=start, run_on_stop="true", start_blocks_login=blocks)
    assert codes(text + block('variable "unset"')) == []


@pytest.mark.parametrize(
    ("timeout", "shown"), [("0", "0"), ("-5", "-5"), ("1.5", "1.5"), ('"0"', "0"), ("1 - 1", "0"), ("-1e400", "-inf")]
)
def test_a_timeout_is_a_whole_number_of_seconds(timeout: str, shown: str) -> None:
    (item,) = diagnose(script("x", timeout=timeout))
    assert (item.code, item.severity, item.primary.span.text) == ("UC111", Severity.ERROR, timeout)
    assert item.detail == (
        f"The timeout of coder_script.x must be a whole number of seconds, at least 1; {shown} isn't."
    )


@pytest.mark.parametrize("timeout", ["1", "86400", '"30"', "null", "var.unset", "60.0"])
def test_any_other_timeout_is_fine(timeout: str) -> None:
    assert codes(script("x", timeout=timeout) + block('variable "unset"')) == []


def test_a_sensitive_timeout_is_not_shown() -> None:
    (item,) = diagnose(script("x", timeout="sensitive(0)"))
    assert item.detail.endswith("at least 1; this one isn't.")


def test_a_timeout_that_takes_more_than_64_bits_is_told() -> None:
    (item,) = diagnose(script("x", timeout="9223372036854775808"))
    assert item.code == "UC111"
    assert item.detail.endswith("less than 2 to the power of 63; 9.22337e+18 isn't.")
