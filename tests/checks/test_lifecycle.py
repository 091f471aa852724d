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
        "old script wherever the workspace exists already, so the order would never arrive there."
    )
    assert item.help == ("take script out of ignore_changes",)


@pytest.mark.parametrize("value", ["all", '["*"]', '["script"]', "[script]"])
def test_every_way_to_ignore_the_script_is_seen(value: str) -> None:
    assert codes(script("first") + script("x", WAITS, ignoring(value))) == ["UC112"]


def test_a_script_that_others_wait_for_is_wrapped_too() -> None:
    assert codes(script("first", ignoring("all")) + script("x", WAITS)) == ["UC112"]


def test_a_timeout_moves_into_the_script_and_may_not_be_kept() -> None:
    (item,) = diagnose(script("first") + script("x", WAITS, ignoring("[timeout]"), timeout="5"))
    assert (item.code, item.help) == ("UC112", ("take timeout out of ignore_changes",))


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
