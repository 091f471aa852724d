"""What goes wrong in script bodies: for each check what it tells, and above all what it doesn't."""

from __future__ import annotations

import pytest

from compiler.pipeline import Options
from compiler.source.diagnostics import Diagnostic
from tests.checks.harness import block, diagnose, heredoc, script

PEDANTIC = Options(pedantic=True)


def told(code: str, text: str, options: Options | None = None) -> list[Diagnostic]:
    return [item for item in diagnose(text, options) if item.code == code]


def one(body: str, **arguments: str | None) -> str:
    return script("x", script=heredoc(body), **arguments)


def pair(first: str, second: str, *lines: str) -> str:
    return script("a", script=heredoc(first)) + script("b", *lines, script=heredoc(second))


# UC320: output kept open


@pytest.mark.parametrize(
    ("body", "held"),
    [
        ("server &", "standard output and standard error"),
        ("nohup server &", "standard output and standard error"),
        ("server >/tmp/log &", "standard error"),
        ("server 2>/dev/null &", "standard output"),
        ("server 2>&1 >/dev/null &", "standard error"),
        ("server | tee /tmp/log &", "standard output and standard error"),
        ("server 2>&1 | tee /tmp/log 2>/dev/null &", "standard output"),
        ("#!/bin/bash\n(cd / && server >/tmp/log 2>&1) &", "standard output and standard error"),
        ("while true; do server >/dev/null 2>&1; sleep 1; done &", "standard output and standard error"),
        ("if true; then\n  server &\nfi", "standard output and standard error"),
        ("exec > >(tee /tmp/log) 2>&1\nserver &", "standard output and standard error"),
        ("sudo dockerd &", "standard output and standard error"),
        ("bash -c 'server &'", "standard output and standard error"),
        ("su - coder -c 'server >/tmp/log &'", "standard error"),
        ("eval 'server &' 2>/dev/null", "standard output"),
        ("sh -c 'cd / && code-server' &", "standard output and standard error"),
        ("kill $(pgrep server)\nserver &", "standard output and standard error"),
        ("setsid -f server", "standard output and standard error"),
        ("setsid --fork server >/tmp/log", "standard error"),
    ],
)
def test_a_process_in_the_background_with_the_scripts_output_is_told(body: str, held: str) -> None:
    [item] = told("UC320", one(body))
    assert f"with the script's {held}." in item.detail


@pytest.mark.parametrize(
    "body",
    [
        "server >/tmp/log 2>&1 &",
        "server &>/tmp/log &",
        "server >/dev/null 2>/dev/null &",
        "(server >/tmp/log 2>&1) &",
        "{ cd /; server; } >/tmp/log 2>&1 &",
        "(cd / && server) >/tmp/log 2>&1 &",
        "if true; then server & fi >/tmp/log 2>&1",
        "exec >/tmp/log 2>&1\nserver &",
        "#!/bin/sh\ncd / && server >/tmp/log 2>&1 &",
        "server &\nwait",
        "server &\nPID=$!\nwait $PID",
        "server &\ntail -f /tmp/log",
        "server &\nPID=$!\nmake\nkill $PID",
        "sh -c 'server >/tmp/log 2>&1 &'",
        "sh -c 'server &' >/tmp/log 2>&1",
        "sh -c 'make' &",
        "x=$(sh -c 'server &')",
        "server &\nwhile true; do sleep 5; done",
        "git clone https://example.com/x &",
        "code-server --install-extension x &",
        "(sleep 2; rm /tmp/x) &",
        "#!/usr/bin/env python3\nserver &",
        "echo 'server &'",
        "setsid -f server >/tmp/log 2>&1",
        "setsid -fw server",
        "setsid server",
        "server",
    ],
)
def test_a_process_that_gives_the_output_back_is_not_told(body: str) -> None:
    assert told("UC320", one(body)) == []


def test_what_to_write_names_the_program() -> None:
    [item] = told("UC320", one("/usr/bin/code-server --port 1 &"))
    assert item.primary.span.text == "/usr/bin/code-server --port 1"
    assert item.help == ("send its output elsewhere: … >/tmp/code-server.log 2>&1 &",)


# UC321: success that can't fail


@pytest.mark.parametrize(
    "body",
    [
        "make\necho done",
        "make || true",
        "make | tee /tmp/log",
        "make; exit 0",
        "if make; then\n  echo yes\nelse\n  echo no\nfi",
        "done_() { echo done; }\nmake\ndone_",
        "server >/dev/null 2>&1 &",
        "for x in a b; do make $x; echo $x; done",
        "#!/bin/bash\nset -e\nmake 2>&1 | tee /tmp/log",
        "set -o pipefail\nmake | tee /tmp/log\necho done",
    ],
)
def test_success_of_a_script_that_cannot_fail_is_told_at_the_order(body: str) -> None:
    [item] = told("UC321", pair(body, "true", "depends_on = [coder_script.a]"))
    assert item.primary.span.text == "coder_script.a"
    assert item.labels[1].text == "gives coder_script.a the exit code 0"


@pytest.mark.parametrize(
    "body",
    [
        "set -e\nmake\necho done",
        "set -euo pipefail\nmake\necho done",
        "#!/bin/bash -e\nmake\necho done",
        "#!/bin/bash\nset -eo pipefail\nmake | tee /tmp/log",
        "#!/bin/bash\nset -o pipefail\nmake | tee /tmp/log",
        "set -e\nmake || true",
        "set -e\ncd /x\nmake | tee /tmp/log",
        "set -e\necho hi | tee /tmp/log",
        "make",
        "make && echo done",
        "make || exit 1\necho done",
        "make | grep x",
        "echo hi",
        "if make; then echo yes; else make again; fi",
        "make\n${data.coder_parameter.p.value}",
        "make\nexit $?",
        "exec make",
    ],
)
def test_success_of_a_script_that_may_fail_is_not_told(body: str) -> None:
    text = pair(body, "true", "depends_on = [coder_script.a]") + block('data "coder_parameter" "p"', 'name = "p"')
    assert told("UC321", text) == []


def test_what_lets_a_script_fail_is_told_by_what_keeps_it_from_failing() -> None:
    for body, help_ in (
        ("make\necho done", "let coder_script.a start with: set -e"),
        ("#!/bin/bash\nset -e\nmake | tee /tmp/log", "let coder_script.a say: set -o pipefail"),
        ("set -e\nmake | tee /tmp/log", "let coder_script.a begin with #!/usr/bin/env bash and say: set -o pipefail"),
    ):
        assert told("UC321", pair(body, "true", "depends_on = [coder_script.a]"))[0].help[0] == help_


def test_completion_of_a_script_that_cannot_fail_is_not_told() -> None:
    assert told("UC321", pair("make\necho x", "true", "# unitc: depends_on_completion = [coder_script.a]")) == []


# UC322, UC323: waits


def test_a_wait_for_what_an_order_brings_is_needless() -> None:
    wait = "until [ -e /tmp/x ]; do sleep 1; done"
    [item] = told("UC322", pair("touch /tmp/x", wait, "depends_on = [coder_script.a]"))
    assert [label.text for label in item.labels[1:]] == ["coder_script.a makes it", "this is the order"]
    assert item.labels[2].span.text == "coder_script.a"
    assert told("UC322", pair("touch /tmp/x", wait, "# unitc: depends_on_start = [coder_script.a]")) == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("until docker info; do sleep 1; done", "waits in a loop for Docker"),
        ("while ! curl -s localhost:80; do sleep 1; done", "waits in a loop for an address"),
        ("while ! command -v x; do sleep 1; done", "waits in a loop for a command"),
        ("until [ -e /tmp/x ]; do sleep 1; done", "waits in a loop for a file"),
        ("until systemctl is-active docker; do sleep 1; done", "waits in a loop for a service"),
        ("for i in 1 2 3; do docker info && break; sleep 1; done", "waits in a loop for Docker"),
        ("while true; do curl -f localhost:80 && break; sleep 1; done", "waits in a loop for an address"),
        ("for i in 1 2; do if [ -S /x ]; then break; fi; sleep 1; done", "waits in a loop for a file"),
        ("while sudo fuser /var/lib/dpkg/lock; do sleep 1; done", "waits in a loop for a lock"),
        ("timeout 60 bash -c 'until nc -z localhost 80; do sleep 1; done'", "waits in a loop for a port"),
        ("set -e\nsleep 10\nmake", "begins with a pause of 10 s"),
    ],
)
def test_a_wait_by_hand_is_told_to_pedants(body: str, what: str) -> None:
    [item] = told("UC323", one(body), PEDANTIC)
    assert what in item.detail
    assert told("UC323", one(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        "while true; do sleep 1; done",
        "make\nsleep 10",
        "sleep 1\nmake",
        "sleep infinity",
        "while [ $i -lt 5 ]; do sleep 1; done",
        "for i in 1 2 3; do curl -f https://example.com -o x && break; sleep 1; done",
        "for i in 1 2 3; do docker pull x && break; sleep 1; done",
        "while true; do [ $i -gt 5 ] && break; sleep 1; done",
        "for i in 1 2 3; do make && break; sleep 1; done",
    ],
)
def test_a_pause_that_waits_for_nothing_is_not_told(body: str) -> None:
    assert told("UC323", one(body), PEDANTIC) == []


@pytest.mark.parametrize(
    ("first", "second", "what", "help_"),
    [
        (
            "apt-get install -y jq",
            "until command -v jq; do sleep 1; done",
            "installs jq",
            "write in coder_script.b: # unitc: depends_on_success = [coder_script.a]",
        ),
        (
            "code-server --bind-addr 0.0.0.0:8080",
            "until curl -fsS http://localhost:8080/healthz; do sleep 1; done",
            "names port 8080",
            "write in coder_script.b: # unitc: depends_on_ready = [coder_script.a], and say in coder_script.a when "
            "it is ready",
        ),
    ],
)
def test_a_wait_by_hand_names_who_brings_it_about(first: str, second: str, what: str, help_: str) -> None:
    [item] = told("UC323", pair(first, second), PEDANTIC)
    assert f", and coder_script.a {what}. An order does" in item.detail
    assert (item.labels[1].text, item.labels[1].span.text) == (f"coder_script.a {what}", first)
    assert item.help == (help_,)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("code-server --port 80801", "until curl localhost:8080; do sleep 1; done"),
        ("curl localhost:8080", "until curl localhost:8080; do sleep 1; done"),
        ("code-server --port 8080", "until curl https://example.com:8080; do sleep 1; done"),
        ("apt-get install -y jq2", "until command -v jq; do sleep 1; done"),
    ],
)
def test_a_wait_by_hand_names_only_who_is_certain(first: str, second: str) -> None:
    [item] = told("UC323", pair(first, second), PEDANTIC)
    assert "Where another script brings it about" in item.detail


# UC324: package managers


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("apt-get install -y a", "sudo apt-get update"),
        ("apt install -y a", "DEBIAN_FRONTEND=noninteractive apt-get -qq install b"),
        ("sudo dpkg -i a.deb", "command -v b || sudo -E apt-get install b"),
        ("apk add a", "sudo apk add --no-cache b"),
        ("f() { apt-get install -y a; }\nf", "bash -c 'apt-get update'"),
    ],
)
def test_package_managers_at_the_same_time_are_told_with_both_places(first: str, second: str) -> None:
    [item] = told("UC324", pair(first, second))
    assert item.labels[1].text == "coder_script.a takes it too"
    assert item.help[0].startswith('write in both: # unitc: mutex = "')
    assert item.help[1] == "or write in coder_script.b: # unitc: depends_on_success = [coder_script.a]"


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        ("apt-get install a", "apt-get install b", ("depends_on = [coder_script.a]",)),
        ("apt-get install a", "apk add b", ()),
        ("apt-get install a", "dpkg -l; apt list; apt-cache search b", ()),
        ("apt-get install a", "echo apt-get install b", ()),
        ("apt-get -o DPkg::Lock::Timeout=60 install a", "apt-get -o DPkg::Lock::Timeout=60 install b", ()),
        ("apt-get install a", "echo 'DPkg::Lock::Timeout 60;' > /etc/apt/apt.conf.d/60\napt-get install b", ()),
        ("dnf install a", "dnf install b", ()),
    ],
)
def test_package_managers_that_keep_apart_are_not_told(first: str, second: str, lines: tuple[str, ...]) -> None:
    assert told("UC324", pair(first, second, *lines)) == []


@pytest.mark.parametrize("first", [True, False])
def test_who_does_not_wait_for_the_lock_is_told_beside_who_does(first: bool) -> None:
    waits, fails = "apt-get -o DPkg::Lock::Timeout=60 install a", "add-apt-repository ppa:b"
    [item] = told("UC324", pair(fails, waits) if first else pair(waits, fails))
    name = "coder_script.a" if first else "coder_script.b"
    assert item.primary.span.text == fails
    assert item.detail.endswith(f"both take the lock of apt: {name} fails while the other one holds it.")


def test_a_common_mutex_keeps_package_managers_apart() -> None:
    mutex = '# unitc: mutex = "apt"'
    both = script("a", mutex, script='"apt-get update"') + script("b", mutex, script='"apt-get update"')
    assert told("UC324", both) == []
    assert len(told("UC324", both.replace('apt"\n', 'other"\n', 1))) == 1


def test_package_managers_of_two_phases_are_not_told() -> None:
    stop = script("b", script='"apt-get update"', run_on_start=None, run_on_stop="true")
    assert told("UC324", script("a", script='"apt-get update"') + stop) == []


def test_a_failure_that_can_never_be_is_told_at_the_order() -> None:
    [item] = told("UC321", pair("make\necho x", "true", "# unitc: depends_on_failure = [coder_script.a]"))
    assert item.summary == "Failure of a script that can't fail"
    assert item.detail.startswith("coder_script.b runs only if coder_script.a fails, and only a timeout")
