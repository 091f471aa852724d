"""What a unit says of itself: where it is said, what comes of it, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.order.model import Conduct, KnownBody, Notify, UnknownBody
from compiler.pipeline import compile_analysis
from tests.cli.harness import run
from tests.ordering.harness import analysis_of, at_marks, codes, edges_of, found, marked
from tests.ordering.templates import AGENT, agent, module, script

INNER = script("inner", agent_id="var.agent_id") + 'variable "agent_id" {\n}\n'


def conducts(files: dict[str, str] | str) -> dict[str, Conduct]:
    analysis = analysis_of(files)
    assert analysis.valid, [item.detail for item in analysis.diagnostics]
    return {unit.address: unit.conduct for graph in analysis.graphs for unit in graph.units}


def call(*lines: str) -> str:
    return module("m", "./m", "agent_id = coder_agent.main.id", *lines)


@pytest.mark.parametrize(
    ("lines", "conduct"),
    [
        (('ready = "true"',), Conduct(ready=KnownBody("true"))),
        (('ready = "a ${1 + 1}"', "ready_interval = 7"), Conduct(ready=KnownBody("a 2"), ready_interval=7)),
        (("ready = notify",), Conduct(ready=Notify.NOTIFY)),
        (('unless = "test -d x"',), Conduct(unless=KnownBody("test -d x"))),
        (("retries = 3",), Conduct(retries=3)),
        (("retries = 3", "retry_delay = 0"), Conduct(retries=3, retry_delay=0)),
        (("optional = true",), Conduct(optional=True)),
        (("optional = false", "retries = 0", "ready = null", "unless = null"), Conduct()),
        (
            ("unless = coder_agent.main.id",),
            Conduct(unless=UnknownBody("coder_agent.main.id, main.tf:10")),
        ),
    ],
)
def test_a_script_says_of_itself_what_its_directives_say(lines: tuple[str, ...], conduct: Conduct) -> None:
    text = AGENT + script("x", "timeout = 5", *(f"# unitc: {line}" for line in lines))
    found = conducts(text.replace('script = "echo x"', 'script = "$UNITC_READY"'))["coder_script.x"]
    if isinstance(conduct.unless, UnknownBody):
        assert isinstance(found.unless, UnknownBody)
        assert found.unless.reason.startswith("coder_agent.main.id, main.tf:")
    else:
        assert found == conduct


def test_each_script_of_an_agent_says_its_own() -> None:
    main = agent(
        "main",
        'startup_script = "a"',
        'shutdown_script = "b"',
        "# unitc: startup_script.retries = 2",
        "# unitc: shutdown_script.optional = true",
    )
    assert conducts(main) == {
        "coder_agent.main.startup_script": Conduct(retries=2),
        "coder_agent.main.shutdown_script": Conduct(optional=True),
    }


def test_what_a_call_says_holds_for_its_scripts_unless_they_say_their_own() -> None:
    own = script("own", "# unitc: retries = 1", "# unitc: unless = null", agent_id="var.agent_id")
    lines = ("# unitc: retries = 4", "# unitc: retry_delay = 9", '# unitc: unless = "test ${var.where}"')
    main = AGENT + call(*lines) + 'variable "where" {\n  default = "-d x"\n}\n'
    assert conducts({"main.tf": main, "m/main.tf": INNER + own}) == {
        "module.m.coder_script.inner": Conduct(retries=4, retry_delay=9, unless=KnownBody("test -d x")),
        "module.m.coder_script.own": Conduct(retries=1),
    }


def test_a_command_sees_the_instance_in_whose_block_it_stands() -> None:
    text = AGENT + script("x", "count = 2", '# unitc: ready = "nc -z localhost ${8000 + count.index}"')
    assert [conduct.ready for conduct in conducts(text).values()] == [
        KnownBody("nc -z localhost 8000"),
        KnownBody("nc -z localhost 8001"),
    ]


def test_ready_and_failure_are_required_in_both_directions() -> None:
    says = '# unitc: ready = "true"'
    text = (
        AGENT
        + script("a", says, "# unitc: before_ready = [coder_script.b]")
        + script("b", "# unitc: before_failure = [coder_script.d]")
        + script("c", "# unitc: depends_on_ready = [coder_script.a]")
        + script("d")
        + script("e", "# unitc: depends_on_failure = [coder_script.a]")
    )
    assert edges_of(text) == [
        "coder_script.b < coder_script.a (ready)",
        "coder_script.c < coder_script.a (ready)",
        "coder_script.d < coder_script.b (failure)",
        "coder_script.e < coder_script.a (failure)",
    ]


WRONG = [
    ("ready = «5»", "write ready ="),
    ("ready = «true»", "write ready ="),
    ('ready = «["a"]»', "write ready ="),
    ('ready = «" "»', "write ready ="),
    ("ready = «notfy»", "did you mean notify?"),
    ('ready = «"notify"»', "without quotes"),
    ("unless = «notify»", "write a command in quotes"),
    ("unless = «1»", "write unless ="),
    ("retries = «-1»", "write retries = 3"),
    ("retries = «1.5»", "write retries = 3"),
    ('retries = «"3"»', "write retries = 3"),
    ("optional = «1»", "write optional = true"),
    ('optional = «"true"»', "write optional = true"),
    ("«retry» = 3", "did you mean retries?"),
    ("startup_script.«retries» = 3", "write retries ="),
    ("depends_on_failure = «all»", "name the scripts"),
    ("before_failure = «all»", "name the scripts"),
    ("unless = «5 + 5»", "give the text of a command"),
    ('unless = «join("", [])»', "give the text of a command"),
]


@pytest.mark.parametrize(("directive", "help_"), WRONG)
def test_a_setting_that_means_nothing_is_an_error_with_a_way_out(directive: str, help_: str) -> None:
    analysis = at_marks("UC213", AGENT + script("x", f"# unitc: {directive}") + script("y"))
    assert help_ in analysis.diagnostics[0].help[0]


@pytest.mark.parametrize(
    "lines",
    [
        ("«# unitc: ready_interval = 5»",),
        ("# unitc: ready = notify", "«# unitc: ready_interval = 5»"),
        ("«# unitc: retry_delay = 5»",),
        ("# unitc: retries = 0", "«# unitc: retry_delay = 5»"),
        ("# unitc: retries = 1", "# unitc: «retries = 2»"),
        ("# unitc: gate_timeout = 1", "# unitc: «gate_timeout = 1»"),
        ("# unitc: retries = 1", "# unitc: retry_delay = «61»"),
    ],
)
def test_settings_that_contradict_or_miss_each_other_are_errors(lines: tuple[str, ...]) -> None:
    text = marked(AGENT + script("x", *lines).replace('"echo x"', '"$UNITC_READY"'))
    errors = [item for item in found(analysis_of(text.text)) if item[1:] in text.places]
    assert [code for code, *_ in errors] == ["UC213"]


def test_an_agent_is_asked_which_of_its_scripts_is_meant() -> None:
    analysis = at_marks("UC213", agent("main", 'startup_script = "a"', "# unitc: «ready» = notify"))
    assert analysis.diagnostics[0].help[0] == "write startup_script.ready = …"


@pytest.mark.parametrize(("says", "wanted"), [("", ["UC220"]), ("# unitc: ready = null", ["UC220"])])
def test_who_never_says_that_it_is_ready_can_not_be_waited_for_so(says: str, wanted: list[str]) -> None:
    analysis = analysis_of(AGENT + script("a", says) + script("b", "# unitc: depends_on_ready = [coder_script.a]"))
    assert codes(analysis) == wanted
    assert any("ready = notify" in line for line in analysis.diagnostics[0].help)
    assert any('ready = "curl' in line for line in analysis.diagnostics[0].help)


def test_a_failure_that_does_not_count_and_several_at_once_are_warnings() -> None:
    both = "# unitc: depends_on_failure = [coder_script.a, coder_script.b]"
    text = AGENT + script("a", "# unitc: optional = true") + script("b") + script("c", both)
    assert codes(analysis_of(text)) == ["uc221", "uc222"]


@pytest.mark.parametrize(("body", "wanted"), [("serve", ["uc347"]), ("serve && $UNITC_READY", [])])
def test_a_body_that_is_to_say_when_it_is_ready_names_the_command(body: str, wanted: list[str]) -> None:
    text = AGENT + script("x", "# unitc: ready = notify").replace("echo x", body)
    told = [item.code.lower() for item in analysis_of(text).diagnostics if item.code == "UC347"]
    assert told == wanted


def test_a_cycle_through_any_requirements_is_told() -> None:
    text = (
        AGENT
        + script("a", '# unitc: ready = "true"', "# unitc: depends_on_failure = [coder_script.b]")
        + script("b", "# unitc: depends_on_ready = [coder_script.a]")
    )
    assert codes(analysis_of(text)) == ["UC203"]


def test_show_tells_all_that_a_unit_says_of_itself(tmp_path: Path) -> None:
    said = ('ready = "up"', "ready_interval = 2", 'unless = "${var.x}"', "retries = 3", "retry_delay = 4")
    lines = [f"# unitc: {line}" for line in (*said, "optional = true")]
    (tmp_path / "main.tf").write_text(AGENT + 'variable "x" {\n}\n' + script("a", *lines))
    told = run("show", "a", cwd=tmp_path).stdout.splitlines()
    assert [line.strip() for line in told[2:6]] == [
        "is ready once 'up' succeeds, tried every 2 s",
        "isn't run where a command known only at apply (var.x, main.tf:5) succeeds",
        "is run up to 3 times more where it fails, after 4 s",
        "optional: its failure doesn't count",
    ]


def test_what_calls_say_that_one_folder_can_not_hold_is_an_error() -> None:
    second = module("n", "./m", "agent_id = coder_agent.main.id", "# unitc: retries = 3")
    analysis = analysis_of({"main.tf": AGENT + call("# unitc: retries = 2") + second, "m/main.tf": INNER})
    assert [item.code for item in compile_analysis(analysis, wire=True).diagnostics] == ["UC410"]
    unfixed = AGENT + call('# unitc: ready = "a ${var.w}"') + 'variable "w" {\n}\n'
    analysis = analysis_of({"main.tf": unfixed, "m/main.tf": INNER})
    assert [item.code for item in compile_analysis(analysis, wire=True).diagnostics] == ["UC410"]


def test_what_is_said_where_there_is_no_unit_is_an_error() -> None:
    text = marked(
        agent("main", 'startup_script = "a"', "«# unitc: shutdown_script.retries = 1»")
        + script("cron", "«# unitc: optional = true»", on="cron")
        + script("none", "count = 0", "# unitc: retries = 1")
        + module("bare", "./bare", '«# unitc: ready = "true"»')
    )
    analysis = analysis_of({"main.tf": text.text, "bare/main.tf": "locals {\n}\n"})
    assert sorted(found(analysis)) == sorted(("UC214", *place) for place in text.places)
