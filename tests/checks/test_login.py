from __future__ import annotations

import pytest

from compiler.source.diagnostics import Severity
from tests.checks.harness import block, codes, diagnose, script

BOUNDED: dict[str, str | None] = {"timeout": "60"}
BLOCKS: dict[str, str | None] = {"start_blocks_login": "true", "timeout": "60"}
ENDLESS: dict[str, str | None] = {"start_blocks_login": "true"}
ON_STOP: dict[str, str | None] = {"run_on_start": None, "run_on_stop": "true"}


def waiting(*lines: str, prerequisite: dict[str, str | None], dependent: dict[str, str | None]) -> str:
    """Return a script ``a``, and a script ``b`` that waits for it."""
    order = lines or ("depends_on = [coder_script.a]",)
    return script("a", **prerequisite) + script("b", *order, **dependent)


def test_a_login_that_waits_in_passing_is_told_at_the_order() -> None:
    (item,) = diagnose(waiting(prerequisite=BOUNDED, dependent=BLOCKS))
    assert (item.code, item.severity, item.primary.span.text) == ("UC312", Severity.WARNING, "coder_script.a")
    assert item.detail == (
        "coder_script.b blocks logins until it has ended, and it waits for coder_script.a, which doesn't block them; "
        "so logins wait for that as well."
    )
    assert [(label.span.text, label.text) for label in item.labels[1:]] == [
        ('resource "coder_script" "b"', "blocks logins"),
        ('resource "coder_script" "a"', "doesn't block logins"),
    ]
    assert item.help == ("say so in coder_script.a: start_blocks_login = true",)


def test_a_prerequisite_that_may_hang_is_told_where_a_login_waits_for_it() -> None:
    (item,) = diagnose(waiting(prerequisite=ENDLESS, dependent=BLOCKS))
    assert (item.code, item.severity) == ("UC313", Severity.WARNING)
    assert (item.primary.span.text, item.primary.text) == ('resource "coder_script" "a"', "has no timeout")
    assert item.detail == (
        "coder_script.a has no timeout, and coder_script.b waits for it and blocks logins: if the first "
        "one hangs, logins wait with it."
    )
    assert item.help == (
        "set timeout in coder_script.a, in seconds",
        "or bound the waiting in coder_script.b: # unitc: gate_timeout = 300",
    )


def test_the_help_for_a_prerequisite_that_may_hang_holds() -> None:
    lines = ("depends_on = [coder_script.a]", "# unitc: gate_timeout = 300")
    assert codes(waiting(*lines, prerequisite=ENDLESS, dependent=BLOCKS)) == []
    assert codes(waiting(prerequisite=BLOCKS, dependent=BLOCKS)) == []


@pytest.mark.parametrize(
    ("lines", "prerequisite", "dependent"),
    [
        ((), BLOCKS, BOUNDED),
        ((), {}, {}),
        ((), {}, {"start_blocks_login": "false"}),
        (("# unitc: depends_on_start = [coder_script.a]",), {}, BLOCKS),
        ((), {**BOUNDED, "start_blocks_login": "var.unset"}, BLOCKS),
        ((), {**ENDLESS, "timeout": "var.unset"}, BLOCKS),
        ((), {}, {**BOUNDED, "start_blocks_login": "var.unset"}),
        ((), ON_STOP, ON_STOP),
    ],
)
def test_nothing_is_said_where_no_login_waits_longer_than_it_seems(
    lines: tuple[str, ...], prerequisite: dict[str, str | None], dependent: dict[str, str | None]
) -> None:
    text = waiting(*lines, prerequisite=prerequisite, dependent=dependent)
    assert codes(text + block('variable "unset"')) == []


def test_waiting_is_followed_over_several_scripts() -> None:
    text = script("a", **ENDLESS)
    text += script("b", "depends_on = [coder_script.a]", **BLOCKS)
    text += script("c", "depends_on = [coder_script.b]", **BLOCKS)
    text += script("d", "depends_on = [coder_script.c, coder_script.a]", **BLOCKS)
    assert codes(text) == ["uc313"]


def test_a_script_between_may_be_free_of_logins_and_still_keep_them_waiting() -> None:
    text = script("a") + script("b", "depends_on = [coder_script.a]", **BOUNDED)
    text += script("c", "depends_on = [coder_script.b]", **BLOCKS)
    assert [(item.code, item.primary.span.text) for item in diagnose(text)] == [
        ("UC313", 'resource "coder_script" "a"'),
        ("UC312", "coder_script.b"),
    ]


def test_an_agents_startup_script_can_not_have_a_timeout() -> None:
    agent = block('resource "coder_agent" "main"', 'os = "linux"', 'arch = "amd64"', 'startup_script = "true"')
    order = "# unitc: depends_on_success = [coder_agent.main.startup_script]"
    items = diagnose({"main.tf": agent + script("b", order, **BLOCKS)})
    assert [(item.code, item.help) for item in items] == [
        ("UC313", ("bound the waiting in coder_script.b: # unitc: gate_timeout = 300",)),
        ("UC312", ('say so in coder_agent.main: startup_script_behavior = "blocking"',)),
    ]
    agent = agent.replace("}", 'startup_script_behavior = "blocking"\n}')
    assert codes({"main.tf": agent + script("b", order, **BLOCKS)}) == ["uc313"]


def test_a_cycle_does_not_keep_the_walk_from_its_end() -> None:
    text = script("a", "depends_on = [coder_script.b]", **BLOCKS)
    assert codes(text + script("b", "depends_on = [coder_script.a]", **BLOCKS)) == ["UC203"]


def test_a_login_that_waits_for_a_server_to_be_ready_is_told_so() -> None:
    """A timeout would end the server, and a login that waits for its end would wait for ever: neither is advised."""
    lines = ("# unitc: depends_on_ready = [coder_script.a]",)
    passing, hanging = diagnose(
        script("a", '# unitc: ready = "true"') + script("b", *lines, **BLOCKS),
    )[::-1]
    assert (passing.code, passing.detail) == (
        "UC312",
        "coder_script.b blocks logins until it has ended, and it waits for coder_script.a to be ready, which doesn't "
        "block them; so logins wait for that as well.",
    )
    assert passing.help == ("if that isn't meant, remove the order, or stop the waiting script from blocking logins",)
    assert (hanging.code, hanging.detail) == (
        "UC313",
        "coder_script.b waits for coder_script.a to be ready and blocks logins: if the first one hangs, logins wait "
        "with it.",
    )
    assert hanging.help == ("bound the waiting in coder_script.b: # unitc: gate_timeout = 300",)
