from __future__ import annotations

import pytest

from compiler.source.diagnostics import Severity
from tests.checks.harness import AGENT, block, codes, diagnose, heredoc, script

WAIT = "until [ -e /tmp/ready ]; do\n  sleep 1\ndone"
MAKE = "echo hi\ntouch /tmp/ready"


def two(wait: str = WAIT, make: str = MAKE, *lines: str, **arguments: str | None) -> str:
    """Return a script ``waits`` and a script ``makes`` with more lines."""
    return script("makes", *lines, **{"script": heredoc(make), **arguments}) + script("waits", script=heredoc(wait))


def test_a_loop_for_another_scripts_file_is_told_with_the_order_that_does_it() -> None:
    (item,) = diagnose(two())
    assert (item.code, item.severity) == ("UC310", Severity.WARNING)
    assert item.summary == "Script waits for a file of another one"
    assert item.detail == (
        "coder_script.waits looks for /tmp/ready again and again until coder_script.makes has made it. An order does "
        "that without a delay, and ends the wait if the other script fails."
    )
    assert item.primary.span.text == "[ -e /tmp/ready ]"
    assert [(label.span.text, label.text) for label in item.labels[1:]] == [
        ("touch /tmp/ready", "coder_script.makes makes it")
    ]
    assert item.help == (
        "write in coder_script.waits: # unitc: depends_on_success = [coder_script.makes]",
        "and remove the loop",
    )


def test_the_order_that_is_told_leaves_a_needless_loop() -> None:
    order = "# unitc: depends_on_success = [coder_script.makes]"
    assert codes(script("makes", script=heredoc(MAKE)) + script("waits", order, script=heredoc(WAIT))) == ["uc322"]


LATER = [
    "(make; touch /tmp/ready) >/dev/null 2>&1 &",
    "make && touch /tmp/ready &",
    "nohup sh -c 'make; touch /tmp/ready' >/dev/null 2>&1 &",
    "prepare() { make; touch /tmp/ready; }\nprepare >/dev/null 2>&1 &",
]


@pytest.mark.parametrize("make", LATER)
def test_a_loop_for_a_file_that_is_made_in_the_background_is_not_needless(make: str) -> None:
    order = "# unitc: depends_on_success = [coder_script.makes]"
    waits = script("waits", order, script=heredoc(WAIT))
    assert "uc322" not in codes(script("makes", script=heredoc(make)) + waits)
    for waited in (f"{make}\nwait", f"{make}\ntouch /tmp/ready"):
        assert "uc322" in codes(script("makes", script=heredoc(waited)) + waits)


def test_a_maker_that_may_end_before_the_file_is_there_is_told_to_wait_for_it() -> None:
    (item,) = diagnose(two(WAIT, LATER[0]))
    assert item.code == "UC310"
    assert item.help == (
        "let coder_script.makes end only when the file is there, as with wait",
        "then write in coder_script.waits: # unitc: depends_on_success = [coder_script.makes]",
        "and remove the loop",
    )
    assert item.edits == ()


def test_a_maker_that_never_ends_is_told_to_say_when_it_is_ready() -> None:
    told = diagnose(two("until [ -e ~/ready ]; do sleep 1; done", "touch ~/ready\ncode-server"))
    (item,) = (each for each in told if each.code == "UC310")
    assert item.help == (
        "write in coder_script.waits: # unitc: depends_on_ready = [coder_script.makes]",
        'say in coder_script.makes when it is ready: # unitc: ready = "test -e ~/ready"',
        "and remove the loop",
    )
    assert item.edits == ()


def test_an_order_through_a_third_script_is_enough() -> None:
    text = script("makes", script=heredoc(MAKE)) + script("middle", "depends_on = [coder_script.makes]")
    assert codes(text + script("waits", "depends_on = [coder_script.middle]", script=heredoc(WAIT))) == ["uc322"]


def test_an_order_the_wrong_way_round_is_told_to_never_end() -> None:
    (item,) = diagnose(two(WAIT, MAKE, "depends_on = [coder_script.waits]"))
    assert item.code == "UC310"
    assert item.detail.endswith("But coder_script.makes waits for coder_script.waits, so neither would come to an end.")
    assert item.help == ("remove the loop, or turn the order around",)


@pytest.mark.parametrize(
    ("wait", "make", "arguments"),
    [
        (WAIT, "touch /tmp/other", {}),
        (WAIT + "\ntouch /tmp/ready", MAKE, {}),
        ("(touch /tmp/ready) &\n" + WAIT, MAKE, {}),
        (WAIT, MAKE, {"run_on_start": None, "run_on_stop": "true"}),
        (WAIT, MAKE, {"run_on_start": None, "cron": '"0 0 0 * * *"'}),
        (WAIT, MAKE, {"agent_id": "coder_agent.other.id"}),
        (WAIT, MAKE, {"count": "0"}),
        ("#!/usr/bin/env python3\n" + WAIT, MAKE, {}),
        (WAIT, "echo /tmp/ready", {}),
        ("F=/tmp/a\nuntil [ -e $F ]; do sleep 1; done", "F=/tmp/b\ntouch $F", {}),
    ],
)
def test_a_loop_for_anything_else_is_not_told(wait: str, make: str, arguments: dict[str, str | None]) -> None:
    agents = AGENT + AGENT.replace('"main"', '"other"')
    assert codes({"main.tf": two(wait, make, **arguments), "agents.tf": agents}) == []


def test_a_text_that_is_not_known_is_not_told() -> None:
    text = script("makes", script="data.coder_parameter.p.value") + script("waits", script=heredoc(WAIT))
    assert codes(text + block('data "coder_parameter" "p"', 'name = "p"')) == []


def test_variables_that_neither_script_sets_are_the_same_in_both() -> None:
    assert codes(two('until [ -e "$HOME/x" ]; do sleep 1; done', "touch ~/x")) == ["uc310"]


def test_a_text_from_a_file_is_marked_in_that_file() -> None:
    files = {"main.tf": AGENT + two().replace(heredoc(WAIT), 'file("wait.sh")'), "wait.sh": WAIT}
    (item,) = diagnose(files)
    assert (item.code, item.primary.span.source.name) == ("UC310", "wait.sh")
    assert (*item.primary.span.start_pos, item.primary.span.text) == (1, 7, "[ -e /tmp/ready ]")


def test_an_agents_startup_script_is_looked_at_too() -> None:
    startup = f"startup_script = {heredoc(MAKE)}"
    agent = block('resource "coder_agent" "main"', 'os = "linux"', 'arch = "amd64"', startup)
    (item,) = diagnose({"main.tf": agent + script("waits", script=heredoc(WAIT))})
    assert item.help[0] == (
        "write in coder_script.waits: # unitc: depends_on_success = [coder_agent.main.startup_script]"
    )


CALL = block('module "m"', 'source = "./m"', "agent_id = coder_agent.main.id")
INPUT = block('variable "agent_id"')


def in_module(name: str, text: str) -> str:
    return INPUT + script(name, script=heredoc(text), agent_id="var.agent_id")


@pytest.mark.parametrize(
    ("root", "module", "hint"),
    [
        (
            script("waits", script=heredoc(WAIT)),
            in_module("makes", MAKE),
            "write in coder_script.waits: # unitc: depends_on_success = [module.m]",
        ),
        (
            script("makes", script=heredoc(MAKE)),
            in_module("waits", WAIT),
            "write in module.m: # unitc: depends_on_success = [coder_script.makes]",
        ),
        (
            script("makes", script=heredoc(MAKE), count="2"),
            in_module("waits", WAIT),
            "write in module.m: # unitc: depends_on_success = [coder_script.makes[0]]",
        ),
        (
            "",
            in_module("waits", WAIT) + script("makes", script=heredoc(MAKE), agent_id="var.agent_id"),
            "write in coder_script.waits: # unitc: depends_on_success = [coder_script.makes]",
        ),
    ],
)
def test_the_order_is_told_where_both_scripts_are_known(root: str, module: str, hint: str) -> None:
    items = diagnose({"main.tf": AGENT + root + CALL, "m/main.tf": module})
    assert [item.code for item in items] == ["UC310"]
    assert items[0].help[0] == hint


def test_a_module_whose_instances_wait_for_each_other_gets_no_order() -> None:
    call = block('module "m"', 'source = "./m"', "count = 2", "agent_id = coder_agent.main.id", "n = count.index")
    wait = "until [ -e /tmp/${var.n - 1} ]; do sleep 1; done"
    module = (
        INPUT
        + block('variable "n"')
        + script("waits", script=heredoc(wait), agent_id="var.agent_id", count="var.n")
        + script("makes", script='"touch /tmp/${var.n}"', agent_id="var.agent_id")
    )
    (item,) = diagnose({"main.tf": AGENT + call, "m/main.tf": module})
    assert (item.code, item.help) == ("UC310", ())


def test_a_text_in_an_installed_module_is_marked_at_the_call() -> None:
    call = block('module "m"', 'source = "example/m/coder"', "agent_id = coder_agent.main.id")
    entry = '"Key":"m","Source":"registry.terraform.io/example/m/coder","Version":"1.0.0","Dir":".terraform/modules/m"'
    items = diagnose(
        {
            "main.tf": AGENT + script("makes", script=heredoc(MAKE)) + call,
            ".terraform/modules/modules.json": f'{{"Modules":[{{{entry}}}]}}',
            ".terraform/modules/m/main.tf": in_module("waits", WAIT),
        }
    )
    [item] = [item for item in items if item.code == "UC310"]
    assert item.primary.span.text == 'module "m"'
    assert item.labels[1].span.source.name == ".terraform/modules/m/main.tf"
    assert item.labels[1].span.text == "[ -e /tmp/ready ]"


def test_what_is_found_in_a_script_s_file_is_silenced_at_its_block() -> None:
    quiet = "# unitc: ignore[UC310] it is meant so\n"
    main = AGENT + script("makes", script=heredoc(MAKE)) + quiet + script("waits", script='file("wait.sh")')
    assert codes({"main.tf": main, "wait.sh": WAIT}) == []
