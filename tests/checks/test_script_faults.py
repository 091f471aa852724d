"""What goes wrong in script bodies beside others, at stop, at the next start, in another shell."""

from __future__ import annotations

import pytest

from tests.checks.harness import AGENT, block, diagnose, heredoc, script
from tests.checks.test_script_bodies import PEDANTIC, one, pair, told

# coder exp sync

WANTS = "coder exp sync want b a\ncoder exp sync start b\n"
COMPLETES = "set -e\ncoder exp sync start a\nmake\ncoder exp sync complete a"


def test_a_trap_that_completes_before_the_start_is_told() -> None:
    trap = "set -e\ntrap 'coder exp sync complete b' EXIT\n" + WANTS + "make"
    [item] = told("UC325", pair(COMPLETES, trap))
    assert item.primary.span.text == "coder exp sync complete b"
    assert item.labels[1].span.text == "coder exp sync start b"


def test_a_trap_that_completes_by_a_function_is_told_at_the_trap() -> None:
    body = "set -e\nleave() {\n  make clean\n  coder exp sync complete b\n}\ntrap leave EXIT\n" + WANTS + "make"
    [item] = told("UC325", pair(COMPLETES, body))
    assert [label.span.text for label in item.labels] == [
        "leave",
        "coder exp sync start b",
        "coder exp sync complete b",
    ]


@pytest.mark.parametrize(
    "body",
    [
        'set -e\nleave() { [ -n "$begun" ] && coder exp sync complete b; }\ntrap leave EXIT\n' + WANTS + "begun=1",
        "set -e\ntrap '[ -n \"$begun\" ] && coder exp sync complete b' EXIT\n" + WANTS + "begun=1",
        "set -e\nleave() { coder exp sync complete b; }\n" + WANTS + "trap leave EXIT",
        "set -e\nleave() { coder exp sync complete b; }\n" + WANTS + "leave",
        "set -e\n" + WANTS + "trap 'coder exp sync complete b' EXIT\nmake",
        "set -e\ntrap 'coder exp sync complete b' EXIT\ncoder exp sync start b\nmake",
        "set -e\ntrap 'coder exp sync complete c' EXIT\n" + WANTS,
    ],
)
def test_a_trap_that_completes_what_has_started_or_waits_for_nothing_is_not_told(body: str) -> None:
    assert told("UC325", pair(COMPLETES, body)) == []


@pytest.mark.parametrize(
    "start", ["coder exp sync start b", "coder exp sync start b || true", "coder exp sync start b || echo no"]
)
def test_a_start_whose_failure_is_ignored_is_told(start: str) -> None:
    body = f"coder exp sync want b a\n{start}\nmake"
    assert len(told("UC326", pair(COMPLETES, body))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "set -e\n" + WANTS + "make",
        "coder exp sync want b a\ncoder exp sync start b || exit 1\nmake",
        "coder exp sync want b a\nif ! coder exp sync start b; then exit 1; fi\nmake",
        "coder exp sync want b a\ncoder exp sync start b && make",
        "coder exp sync start b\nmake",
        "make\n" + WANTS,
    ],
)
def test_a_start_whose_failure_counts_is_not_told(body: str) -> None:
    assert told("UC326", pair(COMPLETES, body)) == []


def test_a_unit_that_is_wanted_and_never_completed_is_told() -> None:
    [item] = told("UC327", pair("set -e\ncoder exp sync start a\nmake", "set -e\n" + WANTS))
    assert (item.primary.span.text, item.labels[1].text) == ("coder exp sync start a", "waits for nothing")
    assert told("UC327", pair(COMPLETES, "set -e\n" + WANTS)) == []
    assert told("UC327", pair("set -e\ncoder exp sync start a\nmake", "make")) == []
    unknown = "set -e\ncoder exp sync start a\nmake\ncoder exp sync complete $(hostname)"
    assert told("UC327", pair(unknown, "set -e\n" + WANTS)) == []


def test_a_unit_that_two_scripts_start_is_told_with_both_places() -> None:
    [item] = told("UC328", pair(COMPLETES, COMPLETES))
    assert item.labels[1].text == "coder_script.a starts it too"
    assert told("UC328", pair(COMPLETES, COMPLETES.replace(" a", " b"))) == []


@pytest.mark.parametrize(("order", "count"), [("depends_on_success", 1), ("depends_on_completion", 0)])
def test_a_unit_of_a_script_that_may_be_skipped_is_told_where_it_is_wanted(order: str, count: int) -> None:
    gated = script("a", f"# unitc: {order} = [coder_script.first]", script=heredoc(COMPLETES))
    text = script("first") + gated + script("b", script=heredoc("set -e\n" + WANTS))
    found = told("UC329", text)
    assert len(found) == count
    if found:
        assert found[0].primary.span.text == "coder exp sync want b a"
        assert found[0].help == (
            "let it be skipped as well: write in coder_script.b: # unitc: depends_on_success = [coder_script.a]",
        )


# Shells

BASH_ONLY = [
    "[[ -e /x ]] && make",
    "source ~/.profile",
    "a=(1 2)",
    "function f { make; }",
    "cat <(make)",
    "make &> /tmp/log",
    "cat <<< x",
    "set -euo pipefail",
    "for ((i = 0; i < 3; i++)); do make; done",
    "((i++))",
    "echo ${HOME//o/a}".replace("${", "$${"),
    'x="${HOME:0:3}"'.replace("${", "$${"),
    "echo ${!HOME} ${HOME^^}".replace("${", "$${"),
    "declare -A a",
    "shopt -s nullglob",
    "make |& tee /tmp/log",
    "a+=b",
    "select x in a b; do make; done",
]


@pytest.mark.parametrize("body", BASH_ONLY)
def test_what_only_bash_knows_is_told_under_sh_and_to_pedants_without_a_shell(body: str) -> None:
    assert len(told("UC330", one("#!/bin/sh\n" + body))) == 1
    assert told("UC330", one("#!/usr/bin/env bash\n" + body)) == []
    assert told("UC331", one(body)) == []
    assert len(told("UC331", one(body), PEDANTIC)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "[ -e /x ]",
        ". ~/.profile",
        "a=1",
        "f() { make; }",
        "echo '[[ x ]]'",
        "bash -c '[[ -e /x ]]'",
        "cat <<X\n[[ x ]]\nX",
        "(set -o pipefail) 2>/dev/null && set -o pipefail",
        "echo '$${HOME//o/a}'",
        "echo $${HOME:-x} $${HOME%/} $${HOME#/} $${#HOME}",
        "echo $((1 + 2))",
    ],
)
def test_what_every_shell_knows_is_not_told(body: str) -> None:
    assert told("UC330", one("#!/bin/sh\n" + body)) == []


@pytest.mark.parametrize(
    ("body", "count"), [("[[ -e /x ]] && source ~/.profile", 0), ("set -o pipefail", 0), ("a=(1 2)", 1), ("((i++))", 1)]
)
def test_busybox_is_told_of_what_it_does_not_know(body: str, count: int) -> None:
    assert len(told("UC330", one("#!/bin/ash\n" + body))) == count


# Stop


def container(*lines: str) -> str:
    return block('resource "docker_container" "w"', 'image = "x"', 'name = "w"', *lines)


def test_a_container_without_grace_period_is_told_beside_a_stop_script() -> None:
    stop = script("s", run_on_start=None, run_on_stop="true")
    [item] = told("UC332", stop + container())
    assert item.primary.span.text == 'resource "docker_container" "w"'
    assert told("UC332", stop + container("destroy_grace_seconds = 30")) == []
    assert told("UC332", script("s") + container()) == []


def test_seconds_that_are_none_are_no_grace_period() -> None:
    stop = script("s", run_on_start=None, run_on_stop="true")
    assert len(told("UC332", stop + container("destroy_grace_seconds = 0"))) == 1
    [item] = told("UC332", stop + pod("kubernetes_pod", "termination_grace_period_seconds = 0"))
    assert item.summary == "Pod that leaves stop scripts no time"
    slow = script("s", run_on_start=None, run_on_stop="true", timeout="20")
    [item] = told("UC332", slow + pod("kubernetes_deployment", "termination_grace_period_seconds = 10"))
    assert item.detail.startswith("kubernetes_deployment.p has a grace period of 10 s: coder_script.s may take 20 s")


def test_a_container_beside_the_workspace_is_not_told() -> None:
    stop = script("s", run_on_start=None, run_on_stop="true")
    token = 'env = ["CODER_AGENT_TOKEN=${coder_agent.main.token}"]'
    beside = container().replace('"w"', '"database"')
    assert [item.primary.span.text for item in told("UC332", stop + container(token) + beside)] == [
        'resource "docker_container" "w"'
    ]
    assert told("UC332", stop + container(token, "destroy_grace_seconds = 60") + beside) == []


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("git push", 1),
        ("git -C /x push origin main", 1),
        ("coder external-auth access-token github", 1),
        ("git push /mnt/backup main; git fetch file:///mnt/backup", 0),
        ("git commit -m x; git status", 0),
        ("coder stat cpu; echo git push", 0),
    ],
)
def test_what_asks_coder_s_server_in_a_stop_script_is_told(body: str, count: int) -> None:
    assert len(told("UC333", one(body, run_on_start=None, run_on_stop="true"))) == count
    assert told("UC333", one(body)) == []


# Starts after the first


@pytest.mark.parametrize(
    "body",
    [
        "set -e\ngit clone https://example.com/x ~/x",
        "set -e\ngit clone --depth 1 https://example.com/x.git",
        "set -e\nmkdir ~/x",
        "set -e\nX=~/x\nsudo mkdir $X",
        "set -e\ncd ~/src\ngit clone https://example.com/x",
        'set -e\n[ -n "$X" ] || exit 1\nmkdir ~/x',
        "set +e\nmake\nset -e\nmkdir ~/x",
    ],
)
def test_what_fails_at_the_second_start_is_told(body: str) -> None:
    assert len(told("UC334", one(body))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "git clone https://example.com/x ~/x",
        "set -e\n[ -d ~/x ] || git clone https://example.com/x ~/x",
        "set -e\nif [ ! -d ~/x ]; then git clone https://example.com/x ~/x; fi",
        "set -e\ngit clone https://example.com/x ~/x || true",
        "set -e\nrm -rf ~/x\ngit clone https://example.com/x ~/x",
        "set -e\ngit clone https://example.com/x $(mktemp -d)",
        "set -e\ngit clone https://example.com/x /tmp/x",
        "set -e\nmkdir -p ~/x",
        "set -e\nmkdir /tmp/x",
        "set -e\ncd /tmp\ngit clone https://example.com/x",
        "set -e\ncd $(mktemp -d)\ngit clone https://example.com/x",
        "set -e\ntest -d ~/x && exit 0\ngit clone https://example.com/x ~/x",
        "set -e\nif [ -f ~/.done ]; then\n  exit\nfi\nmkdir ~/x",
        "set -e\nset +e\nmkdir ~/x\nset -e",
    ],
)
def test_what_goes_well_at_the_second_start_is_not_told(body: str) -> None:
    assert told("UC334", one(body)) == []


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("echo x >> ~/.bashrc", 1),
        ("echo x | tee -a ~/.profile", 1),
        ("grep -q x ~/.bashrc || echo x >> ~/.bashrc", 0),
        ("echo > ~/.x\necho x >> ~/.x", 0),
        ("echo x >> ~/x.log", 0),
        ("echo x >> /tmp/x", 0),
    ],
)
def test_what_is_added_at_every_start_is_told_to_pedants(body: str, count: int) -> None:
    assert len(told("UC335", one(body), PEDANTIC)) == count
    assert told("UC335", one(body)) == []


# Scripts that never end


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("code-server --port 1", 1),
        ("exec tail -f /x", 1),
        ("while true; do make; sleep 60; done", 1),
        ("code-server --port 1 >/x 2>&1 &", 0),
        ("code-server --version", 0),
        ("while true; do make && break; done", 0),
        ("code-server 2>&1 | tee /tmp/log", 1),
        ("{ make; code-server; }", 1),
        ("main() { make; exec code-server; }\nmain", 1),
        ("main() { make; }\nmain", 0),
        ("docker compose up", 1),
        ("docker compose up -d", 0),
        ("timeout 5 code-server", 0),
        ("sudo timeout -k 1 5 code-server", 0),
        ("nginx -g 'daemon off;'", 1),
        ("nginx", 0),
        ("tail /x", 0),
        ("setsid code-server", 1),
        ("setsid -f code-server >/x 2>&1", 0),
    ],
)
def test_a_script_that_never_ends_is_told_where_somebody_waits_for_its_end(body: str, count: int) -> None:
    assert len(told("UC336", one(body, start_blocks_login="true"))) == count
    assert len(told("UC336", pair(body, "true", "depends_on = [coder_script.a]"))) == count
    assert told("UC336", pair(body, "true", "# unitc: depends_on_start = [coder_script.a]")) == []
    assert told("UC336", one(body)) == []


# Files


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("make > /tmp/log", "make > /tmp/log", 1),
        ("make | tee /tmp/log", "curl -o /tmp/log https://example.com", 1),
        ("make > ~/log", 'make > "$HOME/log"', 1),
        ("make > /tmp/log", "make >> /tmp/log", 0),
        ("make > /tmp/a", "make > /tmp/b", 0),
        ("make > /dev/null", "make > /dev/null", 0),
        ("curl -fsSLo /tmp/x https://example.com", "wget -qO /tmp/x https://example.com", 1),
        ("curl --output=/tmp/x https://example.com", "wget --output-document=/tmp/x https://example.com", 1),
        ("curl -o/tmp/x https://example.com", "wget -O/tmp/x https://example.com", 1),
        ("wget -o /tmp/log https://example.com", "wget -o /tmp/log https://example.com", 0),
    ],
)
def test_a_file_that_two_scripts_write_at_the_same_time_is_told(first: str, second: str, count: int) -> None:
    assert len(told("UC337", pair(first, second))) == count
    assert told("UC337", pair(first, second, "depends_on = [coder_script.a]")) == []


# What is told to pedants only


@pytest.mark.parametrize(
    ("one_log", "other", "count"),
    [
        ("/tmp/x.log", "/tmp/x.log", 1),
        ("~/x.log", "$HOME/x.log", 1),
        ("~/a/../x.log", "$${HOME}/x.log", 1),
        ("x.log", "/tmp/x.log", 1),
        ("/tmp/x.log", "/tmp/y.log", 0),
        ("", "", 0),
    ],
)
def test_a_log_that_two_scripts_write_at_the_same_time_is_told(one_log: str, other: str, count: int) -> None:
    first = script("a", log_path=f'"{one_log}"')
    found = told("UC337", first + script("b", log_path=f'"{other}"', display_name='"B"'))
    assert [item.primary.span.text for item in found] == [f'"{other}"'] * count
    assert told("UC337", first + script("b", "depends_on = [coder_script.a]", log_path=f'"{other}"')) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [("server > /tmp/x 2>&1 &", "make > /tmp/x"), ("make > /tmp/x", "server > /tmp/x 2>&1 &")],
)
def test_what_goes_on_writing_in_the_background_is_not_told_to_wait(first: str, second: str) -> None:
    assert told("UC337", pair(first, second))[0].help == ("let each write a file of its own",)
    assert len(told("UC337", pair("make > /tmp/x", "make > /tmp/x"))[0].help) == 2


def test_a_log_that_another_script_writes_is_told_with_both_places() -> None:
    text = script("a", log_path='"/tmp/x.log"') + script("b", script=heredoc("make > /tmp/x.log"))
    [item] = told("UC337", text)
    assert [label.span.text for label in item.labels] == ["make > /tmp/x.log", '"/tmp/x.log"']


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("flock /tmp/x make", 1),
        ("(\nflock 9\nmake\n) 9>/tmp/x", 1),
        ("until mkdir /tmp/x; do sleep 1; done", 1),
        ("while ! mkdir /tmp/x; do sleep 1; done", 1),
        ("mkdir /tmp/x", 0),
        ("until [ -d /tmp/x ]; do sleep 1; done", 0),
    ],
)
def test_a_lock_by_hand_is_told_to_pedants(body: str, count: int) -> None:
    assert len(told("UC341", one(body), PEDANTIC)) == count
    assert told("UC341", one(body)) == []


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("apt-get install -y jq", "jq . /x", 1),
        ("sudo apk add nodejs", "sudo node /x", 1),
        ("pip install --user poetry==1.8", "poetry install", 1),
        ("npm install -g yarn@1", "yarn", 1),
        ("npm install yarn", "yarn", 0),
        ("apt-get install -y jq", "command -v jq && jq . /x", 0),
        ("apt-get install -y jq", "apt-get install jq\njq . /x", 0),
        ("apt-get install -y jq", "jq() { true; }\njq . /x", 0),
        ("apt-get install -y jq", "echo jq", 0),
        ('"$X" install jq', "jq . /x", 0),
    ],
)
def test_a_command_that_another_script_installs_is_told_to_pedants(first: str, second: str, count: int) -> None:
    assert len(told("UC342", pair(first, second), PEDANTIC)) == count
    assert told("UC342", pair(first, second, "depends_on = [coder_script.a]"), PEDANTIC) == []


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("set -u\nsource ~/.bashrc", 1),
        ("set -euo pipefail\n. ~/.profile", 1),
        ("set -o nounset\n. ~/.profile", 1),
        ("set -e\nsource ~/.bashrc", 0),
        ("set -u\nset +u\nsource ~/.bashrc", 0),
        ("source ~/.bashrc\nset -u", 0),
        ("set -u\nsource ./env.sh", 0),
    ],
)
def test_a_start_up_file_under_nounset_is_told_to_pedants(body: str, count: int) -> None:
    assert len(told("UC343", one("#!/bin/bash\n" + body), PEDANTIC)) == count


def test_one_display_name_of_two_scripts_is_told_to_pedants() -> None:
    [item] = told("UC344", script("a") + script("b"), PEDANTIC)
    assert item.labels[1].text == "coder_script.a has it too"
    assert told("UC344", script("a", count="2"), PEDANTIC) == []
    assert told("UC344", script("a") + script("b", display_name='"Another"'), PEDANTIC) == []


@pytest.mark.parametrize(("path", "count"), [("/var/log/x/y.log", 1), ("/tmp/y.log", 0), ("y.log", 0)])
def test_a_log_in_a_folder_of_its_own_is_told_to_pedants(path: str, count: int) -> None:
    assert len(told("UC345", script("a", log_path=f'"{path}"'), PEDANTIC)) == count


def test_a_login_that_waits_for_an_installed_module_is_told_at_its_call() -> None:
    call = block('module "m"', 'source = "example/m/coder"', "agent_id = coder_agent.main.id")
    entry = '"Key":"m","Source":"registry.terraform.io/example/m/coder","Version":"1.0.0","Dir":".terraform/modules/m"'
    module = block('variable "agent_id"') + script("x", agent_id="var.agent_id")
    waits = script("waits", "depends_on = [module.m]", start_blocks_login="true")
    items = diagnose(
        {
            "main.tf": AGENT + call + waits,
            ".terraform/modules/modules.json": f'{{"Modules":[{{{entry}}}]}}',
            ".terraform/modules/m/main.tf": module,
        }
    )
    by_code = {item.code: item for item in items}
    assert by_code["UC313"].primary.span.text == 'module "m"'
    assert by_code["UC313"].help == ("bound the waiting in coder_script.waits: # unitc: gate_timeout = 300",)
    assert [label.span.source.name for label in by_code["UC312"].labels] == ["main.tf"] * 3


@pytest.mark.parametrize(
    ("constraint", "count"),
    [
        ("2.13.0", 1),
        ("~> 2.13.0", 1),
        (">= 2.5, < 2.20.0", 1),
        ("~> 2.13", 0),
        (">= 2.5", 0),
        ("2.20.3", 0),
        ("~> 2.31.4", 0),
        ("nonsense", 0),
    ],
)
def test_a_provider_too_old_for_an_order_is_told_to_pedants(constraint: str, count: int) -> None:
    coder = f'coder = {{\nsource = "coder/coder"\nversion = "{constraint}"\n}}'
    required = block("terraform", "required_providers {", coder, "}")
    assert len(told("UC346", required + block('data "coder_script_order" "o"'), PEDANTIC)) == count
    assert told("UC346", required + script("a"), PEDANTIC) == []


def pod(kind: str, *lines: str) -> str:
    spec = block("spec", *lines)
    return block(f'resource "{kind}" "p"', spec if "pod" in kind else block("spec", block("template", spec)))


@pytest.mark.parametrize("kind", ["kubernetes_pod", "kubernetes_pod_v1", "kubernetes_deployment"])
def test_a_pod_that_is_gone_before_a_slow_stop_script_is_told(kind: str) -> None:
    def stop(seconds: int) -> str:
        return script("s", run_on_start=None, run_on_stop="true", timeout=str(seconds))

    [item] = told("UC332", stop(90) + pod(kind))
    assert item.detail == (
        f"{kind}.p has the usual grace period of 30 s: coder_script.s may take 90 s when the workspace stops, and is "
        "killed before that."
    )
    assert item.help == ("write in the pod's spec, in seconds: termination_grace_period_seconds = 120",)
    assert told("UC332", stop(30) + pod(kind)) == []
    assert told("UC332", stop(90) + pod(kind, "termination_grace_period_seconds = 120")) == []


@pytest.mark.parametrize(("timeout", "number"), [("600", 1), ("300", 0), (None, 0)])
def test_a_unit_that_may_start_too_late_is_told(timeout: str | None, number: int) -> None:
    text = (
        script("slow", timeout=timeout)
        + script(
            "b",
            "# unitc: depends_on_completion = [coder_script.slow]",
            script=heredoc("coder exp sync start b\nmake\ncoder exp sync complete b"),
        )
        + script("c", script=heredoc("coder exp sync want c b\ncoder exp sync start c\ncoder exp sync complete c"))
    )
    found = told("UC329", text)
    assert len(found) == number
    for item in found:
        assert item.primary.span.text == "coder exp sync want c b"
        assert "that may take 600 s, and coder_script.c fails after its timeout" in item.detail
        assert item.help == ("give the start a longer timeout: coder exp sync start … --timeout 15m",)
