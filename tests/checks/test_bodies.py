from __future__ import annotations

import pytest

from compiler.source.diagnostics import Severity
from compiler.source.limits import MAX_AGENT_BYTES, MAX_GATE_BYTES, MAX_SCRIPT_BYTES, most_wrapped, wrapped_size
from tests.checks.harness import AGENT, block, codes, diagnose, script


def template(size: int, *lines: str, more: str = "") -> dict[str, str]:
    """Return a template whose script ``x`` has a text of ``size`` bytes in a file beside it."""
    return {"main.tf": AGENT + script("x", *lines, script='file("x.sh")') + more, "x.sh": "#" * size}


def test_a_text_that_fits_into_one_argument_is_fine() -> None:
    assert codes(template(MAX_SCRIPT_BYTES)) == []


def test_a_longer_text_is_told_with_its_size_and_what_to_do() -> None:
    (item,) = diagnose(template(MAX_SCRIPT_BYTES + 1))
    assert (item.code, item.severity, item.primary.span.text) == ("UC301", Severity.ERROR, "script")
    assert item.detail == (
        "The text of coder_script.x has 131,072 bytes; the agent passes a script as one argument, and Linux takes "
        "131,071 bytes for one."
    )
    assert item.help == (
        "move the bulk of it into a file of the workspace's image and start that from here",
        "or let the script fetch the rest of itself when it runs",
    )


def test_bytes_are_counted_and_not_characters() -> None:
    text = script("x", script='file("x.sh")')
    assert codes({"main.tf": AGENT + text, "x.sh": "ü" * (MAX_SCRIPT_BYTES // 2)}) == []
    assert codes({"main.tf": AGENT + text, "x.sh": "ü" * (MAX_SCRIPT_BYTES // 2 + 1)}) == ["UC301"]


@pytest.mark.parametrize("waits", ["x", "y"])
def test_an_ordered_text_has_less_room(waits: str) -> None:
    lines = ["depends_on = [coder_script.y]"] if waits == "x" else []
    more = script("y") if lines else script("y", "depends_on = [coder_script.x]")
    assert codes(template(110_000, *lines, more=more)) == []
    (item,) = diagnose(template(112_000, *lines, more=more))
    assert item.code == "UC301"
    assert item.detail.startswith("The text of coder_script.x has 112,000 bytes; an ordered script carries its gates")
    assert item.help[-1] == "or order a small script, and let that start this one"


def test_the_room_that_is_told_is_the_room_that_there_is() -> None:
    lines = ["depends_on = [coder_script.y]"]
    (item,) = diagnose(template(112_000, *lines, more=script("y")))
    room = int(item.detail.split(" leaves ")[1].split(" ")[0].replace(",", ""))
    assert codes(template(room, *lines, more=script("y"))) == []
    assert codes(template(room + 1, *lines, more=script("y"))) == ["UC301"]


@pytest.mark.parametrize(
    "line",
    [
        "# unitc: retries = 3",
        '# unitc: mutex = "apt"',
        "# unitc: unless = \"test -d 'x'\"",
        "# unitc: gate_timeout = 5",
    ],
)
def test_what_a_script_says_of_itself_takes_room_too(line: str) -> None:
    more = script("y", "depends_on = [coder_script.x]")
    (item,) = diagnose(template(112_000, line, more=more))
    room = int(item.detail.split(" leaves ")[1].split(" ")[0].replace(",", ""))
    assert codes(template(room, line, more=more)) == []
    assert codes(template(room + 1, line, more=more)) == ["UC301"]
    long = '# unitc: unless = "' + "'" * 500 + '"'
    assert codes(template(room - 1_900, long, more=more)) == ["UC301"]


@pytest.mark.parametrize("gates", [0, 1, 2, 3, 4, 100, 5_000])
def test_the_most_that_can_be_wrapped_is_the_most(gates: int) -> None:
    for further in ((), ("mutex",), ("limits", "conduct")):
        most = most_wrapped(7, gates, further)
        assert wrapped_size(most, 7, gates, further) <= MAX_SCRIPT_BYTES
        assert wrapped_size(most + 1, 7, gates, further) > MAX_SCRIPT_BYTES


def test_a_quote_takes_four_bytes_of_the_room() -> None:
    lines = ["depends_on = [coder_script.y]"]
    files = {**template(26_000, *lines, more=script("y"))}
    assert codes(files) == []
    (name,) = (name for name, text in files.items() if len(text) == 26_000)
    assert codes({**files, name: "'" * 26_000}) == []
    (item,) = diagnose({**files, name: "'" * 28_000})
    assert item.code == "UC301"
    assert "whose 28,000 single quotes take three bytes more each" in item.detail


def test_nothing_fits_beside_gates_without_end() -> None:
    assert most_wrapped(0, MAX_SCRIPT_BYTES - MAX_GATE_BYTES + 1, ()) == 0


def test_a_script_that_waits_by_itself_is_not_wrapped() -> None:
    waits = "coder exp sync want x y\ncoder exp sync start x\n" + "#" * 100_000
    starts = script("y", script='"coder exp sync start y\\ncoder exp sync complete y"')
    files = {"main.tf": AGENT + script("x", script='file("x.sh")') + starts, "x.sh": waits}
    assert "UC301" not in codes(files)


def test_an_agents_own_script_is_held_to_the_same() -> None:
    agent = block('resource "coder_agent" "main"', 'os = "linux"', 'arch = "amd64"', 'startup_script = file("x.sh")')
    (item,) = diagnose({"main.tf": agent, "x.sh": "#" * 140_000})
    assert item.detail.startswith("The text of coder_agent.main.startup_script has 140,000 bytes;")
    assert item.primary.span.text == "startup_script"


def test_a_text_that_hangs_on_a_default_is_a_warning() -> None:
    text = script("x", script='"${file("x.sh")}${var.more}"') + block('variable "more"', 'default = ""')
    (item,) = diagnose({"main.tf": AGENT + text, "x.sh": "#" * 140_000})
    assert (item.code, item.severity) == ("UC301", Severity.WARNING)


def test_a_text_that_can_not_be_known_has_no_length() -> None:
    text = script("x", script='"${file("x.sh")}${var.more}"') + block('variable "more"')
    assert codes({"main.tf": AGENT + text, "x.sh": "#" * 140_000}) == []


def test_all_scripts_of_an_agent_have_a_bound_together() -> None:
    count = MAX_AGENT_BYTES // 100_000 + 1
    files = {"main.tf": AGENT + script("x", count=str(count), script='file("x.sh")'), "x.sh": "#" * 100_000}
    (item,) = diagnose(files)
    assert (item.code, item.severity, item.primary.text) == ("UC302", Severity.ERROR, "100,000 bytes")
    assert item.detail == (
        "The scripts of coder_agent.main have 3,200,000 bytes together, as they are delivered; the agent gets them in "
        "one message, which has room for 3,145,728 bytes of scripts."
    )
    files["main.tf"] = AGENT + script("x", count=str(count - 1), script='file("x.sh")')
    assert codes(files) == []


def test_scripts_of_two_agents_do_not_add_up() -> None:
    other = AGENT.replace('"main"', '"other"')
    scripts = "".join(
        script(f"on_{name}", count="20", script='file("x.sh")', agent_id=f"coder_agent.{name}.id")
        for name in ("main", "other")
    )
    assert codes({"main.tf": AGENT + other + scripts, "x.sh": "#" * 100_000}) == []


def test_a_nul_is_refused_where_it_stands() -> None:
    (item,) = diagnose(script("x", script='"echo \\u0000"'))
    assert (item.code, item.severity, item.primary.span.text) == ("UC303", Severity.ERROR, '"echo \\u0000"')
    assert item.detail == (
        "The text of coder_script.x holds a NUL character, and no argument of a process can: the agent could not start "
        "it."
    )
