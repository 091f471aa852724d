from __future__ import annotations

import pytest

from compiler.source.diagnostics import Severity
from tests.checks.harness import AGENT, block, codes, diagnose, found, heredoc, script

FIVE = 'cron = "*/5 * * * *"'
"""A line that a warning UC110 stands on."""


def cron(*lines: str) -> str:
    """Return a script with these lines."""
    return script("x", *lines)


@pytest.mark.parametrize(
    "text",
    [
        cron(f"{FIVE} # unitc: ignore[UC110] as meant"),
        cron(f"{FIVE} // unitc: ignore[UC110] as meant"),
        cron("# unitc: ignore[UC110] as meant", FIVE),
        cron("# unitc: ignore[UC110] as meant", "# and a remark", FIVE),
        cron(FIVE, "# unitc: ignore[UC110] as meant, for the whole block"),
        "# unitc: ignore[UC110] as meant, for the block below\n" + cron(FIVE),
        "# unitc: ignore[UC110] as meant\n# and a remark\n" + cron(FIVE),
        'resource "coder_script" "x" { # unitc: ignore[UC110] as meant\n' + cron(FIVE).split("\n", 1)[1],
        cron(f"{FIVE} # unitc: ignore[ UC110 , UC801 ] as meant").replace(" , UC801", ""),
        cron(f"{FIVE} # unitc:ignore[UC110] as meant"),
        cron(f"{FIVE} # unitc: ignore [UC110]: as meant"),
    ],
)
def test_a_comment_silences_its_line_the_line_below_and_its_block(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "# unitc: ignore[UC110] too far up\n\n" + cron(FIVE),
        cron(FIVE) + "# unitc: ignore[UC110] too far down\n",
        "# unitc: ignore[UC110] of another block\n" + script("y") + cron(FIVE),
        cron("lifecycle {", "# unitc: ignore[UC110] of the inner block", "}", FIVE),
        cron(FIVE, "# unitc: ignore[UC310] of another code"),
    ],
)
def test_a_comment_silences_nothing_else(text: str) -> None:
    assert sorted(codes(text)) == ["uc110", "uc801"]


def test_one_comment_can_name_several_codes() -> None:
    loop = heredoc("until [ -e /r ]; do sleep 1; done")
    text = "# unitc: ignore[UC110, UC310] both are meant\n" + script("x", FIVE, script=loop)
    assert codes(text + script("y", script='"touch /r"')) == []


def test_each_code_that_silences_nothing_is_told_for_itself() -> None:
    text = cron(f"{FIVE} # unitc: ignore[UC310, UC110,UC312] why")
    assert found(text) == [("uc801", "6:38", "UC310"), ("uc801", "6:51", "UC312")]


def test_an_ignore_that_silences_nothing_says_where_it_looked() -> None:
    (item,) = diagnose("# unitc: ignore[UC310] once there was a loop\n" + script("x"))
    assert (item.code, item.severity, item.summary) == ("UC801", Severity.WARNING, "Ignore that silences nothing")
    assert item.detail == "There is no UC310 on the line of this comment, on the line below, or in its block."
    assert item.help == ("remove it",)


def test_an_ignore_without_a_reason_works_and_is_a_warning() -> None:
    (item,) = diagnose(cron(f"{FIVE} # unitc: ignore[UC110]"))
    assert (item.code, item.severity, item.primary.span.text) == (
        "UC802",
        Severity.WARNING,
        "# unitc: ignore[UC110]",
    )
    assert item.help == ("say why, such as in # unitc: ignore[UC310] the reason",)


@pytest.mark.parametrize("ignore", ["ignore", "ignore UC110", "ignore[]", "ignore[ , ]", "ignore: UC110"])
def test_an_ignore_without_codes_silences_nothing_and_says_so(ignore: str) -> None:
    items = diagnose(cron(f"{FIVE} # unitc: {ignore} why"))
    assert sorted(item.code for item in items) == ["UC110", "UC803"]
    assert "Ignore without a code" in {item.summary for item in items}


@pytest.mark.parametrize(
    ("code", "help_"), [("UC999999", "unitc explain lists all codes"), ("uc110", "did you mean UC110?")]
)
def test_an_unknown_code_is_told_at_the_code(code: str, help_: str) -> None:
    items = diagnose(cron(f"# unitc: ignore[{code}] why"))
    assert [(item.code, item.primary.span.text, item.detail) for item in items] == [
        ("UC803", code, f"There is no diagnostic {code}.")
    ]
    if code == "uc110":
        assert items[0].help == (help_,)


def test_an_error_can_not_be_silenced_and_says_so() -> None:
    (item,) = diagnose(script("x", "# unitc: ignore[UC111] we like it so", timeout="0"))
    assert (item.code, item.severity) == ("UC111", Severity.ERROR)
    assert [(label.span.text, label.text) for label in item.labels[1:]] == [("UC111", "an error can't be silenced")]


def test_a_syntax_error_and_a_cycle_can_not_be_silenced() -> None:
    syntax = "# unitc: ignore[UC002] why\n" + cron("cron = =")
    cycle = script("a", "# unitc: ignore[UC203] why", "depends_on = [coder_script.b]")
    cycle += script("b", "depends_on = [coder_script.a]")
    for text, code in ((syntax, "UC002"), (cycle, "UC203")):
        items = [item for item in diagnose(text) if item.code == code]
        assert any(label.text == "an error can't be silenced" for item in items for label in item.labels)


def test_a_warning_of_the_order_can_be_silenced_too() -> None:
    other = AGENT.replace('"main"', '"other"')
    text = other + script("a", agent_id="coder_agent.other.id")
    assert codes(text + script("b", "depends_on = [coder_script.a]")) == ["uc212"]
    assert codes(text + script("b", "# unitc: ignore[UC212] creation only", "depends_on = [coder_script.a]")) == []


def test_an_ignore_in_a_module_holds_there() -> None:
    module = block('variable "agent_id"') + script("x", f"{FIVE} # unitc: ignore[UC110] why", agent_id="var.agent_id")
    call = block('module "m"', 'source = "./m"', "agent_id = coder_agent.main.id")
    assert codes({"main.tf": AGENT + call, "m/main.tf": module}) == []
    twice = AGENT + call + call.replace('"m"', '"n"')
    assert codes({"main.tf": twice, "m/main.tf": module}) == []


def test_an_ignore_in_a_string_is_text() -> None:
    assert codes(cron(FIVE, 'icon = "# unitc: ignore[UC110] why"')) == ["uc110"]


def test_a_comment_that_only_looks_like_an_ignore_is_told_by_the_directives() -> None:
    assert sorted(codes(cron(FIVE, "#unitc: ignore[UC110] why"))) == ["uc110", "uc213"]


def test_an_ignore_in_a_scripts_text_is_told_to_move_into_its_block() -> None:
    comment = "# unitc: ignore[UC320] over soon"
    text = script("x", script=heredoc(f"#!/bin/bash\n  {comment}\nserver &"))
    told = [item for item in diagnose(text) if item.code == "UC801"]
    assert [item.primary.span.text for item in told] == [comment]
    assert told[0].help == (f"move it into the block of coder_script.x: {comment}",)
    files = {"main.tf": AGENT + script("x", script='file("run.sh")'), "run.sh": f"{comment}\nserver &\n"}
    assert [item.primary.span.source.name for item in diagnose(files) if item.code == "UC801"] == ["run.sh"]
    assert codes(script("x", comment, script=heredoc("#!/bin/bash\nserver &"))) == []
