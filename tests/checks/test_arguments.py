from __future__ import annotations

import pytest

from compiler.pipeline import Options
from compiler.source.diagnostics import Label, Severity
from tests.checks.harness import AGENT, block, codes, diagnose, found, script


def test_a_misspelt_argument_is_told_with_the_right_name() -> None:
    (unknown, no_trigger) = diagnose(script("x", "run_on_strat = true", run_on_start=None))[::-1]
    assert unknown.code == "UC103"
    assert unknown.severity is Severity.ERROR
    assert unknown.summary == "Unsupported argument"
    assert unknown.detail == "coder_script.x has an argument run_on_strat, which coder_script doesn't take."
    assert unknown.help == ("did you mean run_on_start?",)
    assert unknown.labels == (Label(unknown.primary.span, "", primary=True),)
    assert unknown.primary.span.text == "run_on_strat"
    assert unknown.primary.span.start_pos == (5, 1)
    assert no_trigger.code == "UC107"


@pytest.mark.parametrize(
    ("line", "code", "place", "help_"),
    [
        ("timeot = 5", "UC103", "timeot", "did you mean timeout?"),
        ("retries = 3", "UC103", "retries", "a directive is a comment: # unitc: retries = 3"),
        ("attempts = 3", "UC103", "attempts", "remove it; coder_script takes agent_id, cron, display_name"),
        ("depends_on_succes = []", "UC103", "depends_on_succes", "did you mean depends_on_success?"),
        ('mutex = "apt"', "UC103", "mutex", 'a directive is a comment: # unitc: mutex = "apt"'),
        ("before = [coder_script.y]", "UC103", "before", "a directive is a comment: # unitc: before = [coder"),
        ("before = coder_script.y", "UC103", "before", "a directive is a comment: # unitc: before = [coder_script.y]"),
        ("retry = 3", "UC103", "retry", "a directive is a comment: # unitc: retries = 3"),
        *(
            (
                f"{word} = {value}",
                "UC103",
                word,
                f"an order is declared in a comment: # unitc: depends_on_success = {meant}",
            )
            for word, value, meant in (
                ("after", "[coder_script.y]", "[coder_script.y]"),
                ("needs", '["coder_script.y", module.m]', "[coder_script.y, module.m]"),
                ("requires", '"coder_script.y[0]"', "[coder_script.y[0]]"),
                ("run_after", "coder_script.y", "[coder_script.y]"),
                ("wait_for", "var.x", "[var.x]"),
            )
        ),
        (
            'requires = "completion"',
            "UC103",
            "requires",
            "what is required is part of a directive's name, and a directive is a comment: "
            "# unitc: depends_on_completion = [coder_script.NAME]",
        ),
        ("lifecycle = {}", "UC103", "lifecycle", "lifecycle is a block: write lifecycle { … } without ="),
        ("id = 1", "UC103", "id", "remove it"),
        ("lifecyle {\n}", "UC104", "lifecyle", "did you mean lifecycle?"),
        ('rule "a" {\n}', "UC104", 'rule "a"', "remove it"),
        ("timeout {\n}", "UC104", "timeout", "timeout is an argument: write timeout = …"),
        ('dynamic "env" {\nfor_each = []\ncontent {\n}\n}', "UC104", 'dynamic "env"', "remove it"),
    ],
)
def test_names_that_a_script_does_not_take_are_told(line: str, code: str, place: str, help_: str) -> None:
    (item,) = diagnose(script("x", line))
    assert (item.code, item.severity, item.primary.span.text) == (code, Severity.ERROR, place)
    assert item.help[0].startswith(help_)


@pytest.mark.parametrize(
    "lines",
    [
        'icon = "/icon/x.svg"\nlog_path = "/tmp/x.log"\ntimeout = 60\nstart_blocks_login = true\nrun_on_stop = false',
        "count = 2",
        "for_each = toset([])",
        "provider = coder.other",
        "lifecycle {\nignore_changes = [icon]\n}",
        'provisioner "local-exec" {\ncommand = "true"\n}',
        'connection {\nhost = "h"\n}',
        '_ {\nicon = "x"\n}',
    ],
)
def test_names_that_every_terraform_takes_are_not_told(lines: str) -> None:
    assert codes(script("x", *lines.split("\n"))) == []


def test_an_agent_is_held_to_its_schema_too() -> None:
    agent = block(
        'resource "coder_agent" "main"',
        'os = "linux"',
        'startup_scirpt = "true"',
        "login_before_ready = true",
        "metadata {\n}",
        "display_app {\n}",
    )
    assert found({"main.tf": agent}) == [
        ("UC105", "1:1", 'resource "coder_agent" "main"'),
        ("UC103", "3:1", "startup_scirpt"),
        ("UC103", "4:1", "login_before_ready"),
        ("UC104", "7:1", "display_app"),
    ]


@pytest.mark.parametrize(
    ("name", "help_"),
    [
        ("login_before_ready", 'write startup_script_behavior = "non-blocking"'),
        ("shutdown_script_timeout", "remove it; a coder_script with run_on_stop"),
        ("startup_script_timeout", "remove it; a coder_script with run_on_start"),
    ],
)
def test_an_argument_that_an_agent_had_in_earlier_versions_is_told_with_what_took_its_place(
    name: str, help_: str
) -> None:
    (item,) = diagnose({"main.tf": AGENT.replace("}", f"{name} = 5\n}}")})
    assert (item.code, item.primary.span.text) == ("UC103", name)
    assert "earlier versions" in item.detail
    assert item.help[0].startswith(help_)


@pytest.mark.parametrize("header", ['resource "null_resource" "a"', 'data "coder_parameter" "a"', 'module "a"'])
def test_a_block_with_count_and_for_each_is_told(header: str) -> None:
    (item,) = [
        item
        for item in diagnose({"main.tf": block(header, 'source = "./m"', "count = 1", "for_each = {}"), "m/a.tf": ""})
        if item.code == "UC101"
    ]
    assert (item.severity, item.summary, item.primary.span.text) == (
        Severity.ERROR,
        "Both count and for_each",
        "for_each",
    )


def test_names_are_checked_in_overrides_where_they_stand() -> None:
    override = block('resource "coder_script" "x"', "timeuot = 5")
    (item,) = diagnose({"main.tf": AGENT + script("x"), "a_override.tf": override})
    assert (item.code, item.primary.span.source.name, item.primary.span.text) == ("UC103", "a_override.tf", "timeuot")


def test_an_override_can_give_what_the_base_lacks() -> None:
    override = block('resource "coder_script" "x"', 'display_name = "X"')
    assert codes({"main.tf": AGENT + script("x", display_name=None), "override.tf": override}) == []


@pytest.mark.parametrize("name", ["agent_id", "display_name", "script"])
def test_a_missing_argument_is_told_at_the_block(name: str) -> None:
    (item,) = diagnose(script("x", **{name: None}))
    assert item.code == "UC105"
    assert item.primary.span.text == 'resource "coder_script" "x"'
    assert item.primary.text == f"{name} is missing"
    assert item.detail == f"The argument {name} is required, but coder_script.x doesn't set it."


def test_every_missing_argument_is_told() -> None:
    labels = [item.primary.text for item in diagnose('resource "coder_script" "x" {\n  run_on_start = true\n}\n')]
    assert [label for label in labels if label] == [
        "agent_id is missing",
        "display_name is missing",
        "script is missing",
    ]


def test_null_is_as_good_as_missing() -> None:
    (item,) = diagnose(script("x", display_name="null"))
    assert (item.code, item.primary.span.text) == ("UC105", "null")
    assert item.detail == "The argument display_name is required, but in coder_script.x it is null."


def test_null_for_what_is_not_required_is_fine() -> None:
    assert codes(script("x", timeout="null", cron="null", icon="null", run_on_stop="null")) == []


@pytest.mark.parametrize(
    ("argument", "value", "why"),
    [
        ("run_on_start", '"yes"', "a bool is required"),
        ("run_on_start", '"True"', 'a bool is required; to convert from string, use lowercase "true"'),
        ("run_on_start", "[true]", "bool required"),
        ("timeout", '"5m"', "a number is required"),
        ("timeout", "true", "number required"),
        ("display_name", '["a"]', "string required"),
        ("script", '{ a = "b" }', "string required"),
        ("cron", "[1, 2]", "string required"),
    ],
)
def test_a_value_of_another_type_is_told(argument: str, value: str, why: str) -> None:
    items = [item for item in diagnose(script("x", **{argument: value})) if item.code == "UC106"]
    assert [(item.severity, item.primary.span.text) for item in items] == [(Severity.ERROR, value)]
    assert items[0].detail == f"The value of {argument} in coder_script.x can't be used: {why}."


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("run_on_start", '"true"'),
        ("run_on_start", '"1"'),
        ("timeout", '"60"'),
        ("display_name", "5"),
        ("display_name", "true"),
        ("script", "12"),
        ("icon", "false"),
    ],
)
def test_values_are_converted_as_terraform_converts_them(argument: str, value: str) -> None:
    assert codes(script("x", **{argument: value})) == []


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("run_on_start", "data.coder_parameter.p.value"),
        ("timeout", "data.coder_parameter.p.value"),
        ("cron", "data.coder_parameter.p.value"),
        ("display_name", "data.coder_parameter.p.value"),
        ("script", "data.coder_parameter.p.value"),
        ("start_blocks_login", "var.unset"),
        ("timeout", "var.unset"),
        ("timeout", "tonumber(var.unset)"),
    ],
)
def test_what_can_not_be_known_is_never_held_against_anybody(argument: str, value: str) -> None:
    rest = block('data "coder_parameter" "p"', 'name = "p"') + block('variable "unset"')
    assert codes(script("x", **{argument: value}) + rest) == []


def test_a_wrong_default_is_a_warning_that_names_the_input() -> None:
    (item,) = diagnose(script("x", timeout="var.t") + block('variable "t"', "default = 0"))
    assert (item.code, item.severity) == ("UC111", Severity.WARNING)
    assert item.detail.endswith("That is so with the default of var.t.")


def test_a_wrong_value_that_was_given_is_an_error() -> None:
    text = script("x", timeout="var.t") + block('variable "t"', "default = 5")
    assert codes(text) == []
    assert codes(text, Options(arguments=(("var", "t=0"),))) == ["UC111"]


def test_what_is_wrong_with_all_instances_is_told_once() -> None:
    (item,) = diagnose(script("x", count="3", timeout="0"))
    assert item.detail.startswith("The timeout of coder_script.x[0] must be")


def test_what_is_wrong_with_one_instance_is_told_of_that_one() -> None:
    (item,) = diagnose(script("x", count="3", timeout="2 - count.index"))
    assert item.detail.startswith("The timeout of coder_script.x[2] must be")


def test_a_block_without_instances_is_checked_as_terraform_does() -> None:
    assert codes(script("x", "bogus = 1", count="0", timeout="0")) == ["UC111", "UC103"]


@pytest.mark.parametrize(
    ("argument", "default", "condition"),
    [
        ("script", "null", "var.x == null"),
        ("display_name", "null", "var.x == null"),
        ("cron", '""', 'var.x == ""'),
        ("timeout", "0", "var.x == 0"),
    ],
)
def test_an_input_that_decides_over_the_instances_is_not_held_against_them(
    argument: str, default: str, condition: str
) -> None:
    text = script("x", **{"count": f"{condition} ? 0 : 1", argument: "var.x"})
    variable = block('variable "x"', f"default = {default}")
    module = block('variable "agent_id"') + text.replace("coder_agent.main.id", "var.agent_id") + variable
    call = block('module "m"', 'source = "./m"', "agent_id = coder_agent.main.id")
    assert codes(text + variable) == []
    assert codes({"main.tf": AGENT + call, "m/main.tf": module}) == []
    outside = block('module "m"', 'source = "./m"', f"count = {condition} ? 0 : 1", "agent_id = coder_agent.main.id")
    inside = module.replace(f"{condition} ? 0 : 1", "1")
    assert codes({"main.tf": AGENT + outside.replace("}", "x = var.x\n}") + variable, "m/main.tf": inside}) == []


def test_a_module_called_twice_is_told_once() -> None:
    module = block('variable "agent_id"') + script("x", "bogus = 1", agent_id="var.agent_id", timeout="0")
    calls = "".join(block(f'module "{name}"', 'source = "./m"', "agent_id = coder_agent.main.id") for name in "ab")
    items = diagnose({"main.tf": AGENT + calls, "m/main.tf": module})
    assert [(item.code, item.detail.split(" must")[0]) for item in items] == [
        ("UC111", "The timeout of module.a.coder_script.x"),
        ("UC103", "module.a.coder_script.x has an argument bogus, which coder_script doesn't take."),
    ]


def test_nothing_is_said_to_be_missing_in_a_file_that_can_not_be_read() -> None:
    assert set(codes(block('resource "coder_script" "x"', "display_name = ="))) <= {"UC002", "UC210"}


def test_what_is_wrong_with_an_expression_is_told_once() -> None:
    assert codes(script("x", icon="nothing.here")) == ["UC165"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("run_on_boot", "run_on_start"),
        ("run_on_startup", "run_on_start"),
        ("run_on_shutdown", "run_on_stop"),
        ("run_on_logout", "run_on_stop"),
        ("run_on_strat", "run_on_start"),
        ("on_stop", "run_on_stop"),
        ("start", "run_on_start"),
        ("stop", "run_on_stop"),
        ("schedule", "cron"),
        ("log", "log_path"),
    ],
)
def test_an_argument_leads_to_one_of_the_same_occasion(name: str, meant: str) -> None:
    (item,) = diagnose(script("x", f"{name} = 1"))
    assert (item.code, item.help) == ("UC103", (f"did you mean {meant}?",))


def test_words_of_other_meaning_lead_nowhere() -> None:
    for name in ("stop_blocks_login", "end_blocks_login", "order"):
        (item,) = diagnose(script("x", f"{name} = 1"))
        assert item.help[0].startswith("remove it; "), name


def test_an_argument_under_another_name_is_not_missing_besides() -> None:
    text = script("x").replace("display_name", "name", 1)
    (item,) = diagnose(text)
    assert (item.code, item.help) == ("UC103", ("did you mean display_name?",))


def test_the_largest_timeout_is_the_largest_number_of_64_bits() -> None:
    assert codes(script("x", timeout=str(2**63 - 1))) == []
    assert codes(script("x", timeout=str(2**63))) == ["UC111"]
