from __future__ import annotations

import pytest

from compiler.source.diagnostics import Severity
from tests.checks.harness import AGENT, block, codes, diagnose, script


def ignoring(value: str) -> str:
    return block("lifecycle", f"ignore_changes = {value}")


WAITS = "depends_on = [coder_script.first]"


def test_a_wrapped_script_whose_changes_are_ignored_is_refused() -> None:
    (item,) = diagnose(script("first") + script("x", WAITS, ignoring("[icon, script]")))
    assert (item.code, item.severity, item.primary.span.text) == ("UC112", Severity.ERROR, "script")
    assert item.detail == (
        "coder_script.x takes part in an order, which is put into its script; with ignore_changes Terraform keeps the "
        "old script wherever the workspace exists already, so the order would never take effect there."
    )
    assert item.help == ("remove script from ignore_changes",)


@pytest.mark.parametrize("value", ["all", '["*"]', '["script"]', "[script]"])
def test_every_way_to_ignore_the_script_is_seen(value: str) -> None:
    assert codes(script("first") + script("x", WAITS, ignoring(value))) == ["UC112"]


def test_a_script_that_others_wait_for_is_wrapped_too() -> None:
    assert codes(script("first", ignoring("all")) + script("x", WAITS)) == ["UC112"]


def test_a_timeout_moves_into_the_script_and_may_not_be_kept() -> None:
    (item,) = diagnose(script("first") + script("x", WAITS, ignoring("[timeout]"), timeout="5"))
    assert (item.code, item.help) == ("UC112", ("remove timeout from ignore_changes",))


@pytest.mark.parametrize(
    ("wait", "value"), [("", "all"), ("", "[script]"), (WAITS, "[icon]"), (WAITS, "[]"), (WAITS, "[timeout]")]
)
def test_what_is_not_wrapped_or_not_ignored_is_fine(wait: str, value: str) -> None:
    assert codes(script("first") + script("x", wait, ignoring(value))) == []


def test_an_agents_script_is_held_to_the_same() -> None:
    agent = block(
        'resource "coder_agent" "main"',
        'os = "linux"',
        'arch = "amd64"',
        'startup_script = "true"',
        "# unitc: depends_on_success = [coder_script.first]",
        ignoring("[startup_script, shutdown_script]"),
    )
    (item,) = diagnose({"main.tf": agent + script("first")})
    assert (item.code, item.primary.span.text) == ("UC112", "startup_script")


def test_an_override_that_ignores_changes_is_seen() -> None:
    override = block('resource "coder_script" "x"', ignoring("all"))
    files = {"main.tf": AGENT + script("first") + script("x", WAITS), "override.tf": override}
    (item,) = diagnose(files)
    assert (item.code, item.primary.span.source.name) == ("UC112", "override.tf")


@pytest.mark.parametrize(
    ("line", "code", "place", "help_"),
    [
        ("ignore_change = [icon]", "UC103", "ignore_change", "did you mean ignore_changes?"),
        ("create_before_destory = true", "UC103", "create_before_destory", "did you mean create_before_destroy?"),
        ("bogus = true", "UC103", "bogus", "remove bogus"),
        ("precondtion {\n}", "UC104", "precondtion", "did you mean precondition?"),
    ],
)
@pytest.mark.parametrize("header", ['resource "coder_script" "x"', 'resource "null_resource" "x"'])
def test_names_that_lifecycle_does_not_take_are_told(header: str, line: str, code: str, place: str, help_: str) -> None:
    found = [item for item in diagnose(block(header, block("lifecycle", line))) if "lifecycle" in item.detail]
    assert [(item.code, item.primary.span.text, item.help) for item in found] == [(code, place, (help_,))]


def test_everything_that_lifecycle_takes_is_fine() -> None:
    lines = ("create_before_destroy = true", "prevent_destroy = true", "ignore_changes = [icon]")
    blocks = [block(name, "condition = true", 'error_message = "no"') for name in ("precondition", "postcondition")]
    assert codes(script("x", block("lifecycle", *lines, "replace_triggered_by = [coder_agent.main]", *blocks))) == []
