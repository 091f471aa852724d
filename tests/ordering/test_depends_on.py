"""``depends_on``, its typed siblings and directives: who waits for whom, and what each form refuses."""

from __future__ import annotations

import pytest

from tests.ordering.harness import analysis_of, at_marks, codes, edges, edges_of, found, marked, ordering
from tests.ordering.templates import AGENT, VARIABLE, agent, call, child, module, order, rule, script

FILES = {"m/main.tf": child("a", "b")}
ABC = AGENT + script("a") + script("b") + script("c")


# Plain depends_on


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("depends_on = [coder_script.a]", ["coder_script.x < coder_script.a"]),
        ('depends_on = ["coder_script.a"]', ["coder_script.x < coder_script.a"]),
        ("depends_on = [coder_script.n]", ["coder_script.x < coder_script.n[0]", "coder_script.x < coder_script.n[1]"]),
        ("depends_on = [coder_script.n[1]]", ["coder_script.x < coder_script.n[1]"]),
        ('depends_on = [coder_script.k["b"]]', ['coder_script.x < coder_script.k["b"]']),
        ("depends_on = [coder_script.none]", []),
        ("depends_on = [coder_script.none[0]]", []),
        (
            "depends_on = [module.m]",
            [f"coder_script.x < module.m[{index}].coder_script.{name}" for index in (0, 1) for name in "ab"],
        ),
        ("depends_on = [module.m[1]]", [f"coder_script.x < module.m[1].coder_script.{name}" for name in "ab"]),
        ("depends_on = [coder_agent.main]", []),
        ("depends_on = [docker_container.x, data.coder_parameter.p, coder_agent.main]", []),
        ("depends_on = [module.bare]", []),
        ("depends_on = [module.m[0].something]", []),
        ("depends_on = []", []),
        (
            "depends_on = [coder_script.a, docker_container.x, coder_script.b]",
            ["coder_script.x < coder_script.a", "coder_script.x < coder_script.b"],
        ),
    ],
)
def test_depends_on_orders_the_scripts_that_it_names(line: str, expected: list[str]) -> None:
    main = (
        ABC
        + script("n", "count = 2")
        + script("k", 'for_each = toset(["a", "b"])')
        + script("none", "count = 0")
        + script("x", line)
        + call("m", "count = 2")
        + module("bare", "./bare")
        + 'resource "docker_container" "x" {\n}\ndata "coder_parameter" "p" {\n}\n'
    )
    assert edges_of({"main.tf": main, **FILES, "bare/main.tf": "locals {\n}\n"}) == expected


def test_the_prefix_resource_goes_with_an_index_and_with_an_agents_own_script() -> None:
    lines = ("depends_on = [resource.coder_script.n[1]]",)
    directive = "# unitc: depends_on_start = [resource.coder_agent.main.startup_script]"
    main = agent("main", 'startup_script = "x"') + script("n", "count = 2") + script("x", *lines, directive)
    assert edges(analysis_of(main)) == [
        "coder_script.x < coder_agent.main.startup_script (start)",
        "coder_script.x < coder_script.n[1]",
    ]


def test_a_script_that_depends_on_an_agent_is_shown_the_directive_for_its_startup_script() -> None:
    analysis = at_marks(
        "uc212", agent("main", 'startup_script = "x"') + script("x", "depends_on = [«coder_agent.main»]")
    )
    assert "# unitc: depends_on_success = [coder_agent.main.startup_script]" in ordering(analysis)[0].help[0]


def test_references_are_resolved_in_the_module_in_which_they_stand() -> None:
    inner = child("a") + script("b", "depends_on = [coder_script.a]", agent_id="var.agent_id")
    analysis = analysis_of({"main.tf": AGENT + script("a") + call("m"), "m/main.tf": inner})
    assert edges(analysis) == ["module.m.coder_script.b < module.m.coder_script.a"]


def test_an_override_does_not_hide_depends_on() -> None:
    over = 'resource "coder_script" "b" {\nscript = "other"\n}\n'
    base = AGENT + script("a") + script("b", "depends_on = [coder_script.a]")
    assert edges_of({"main.tf": base, "x_override.tf": over}) == ["coder_script.b < coder_script.a"]


REFUSED_PLAIN = [
    ("«coder_script.y»", "UC204", "coder_script.y"),
    ("«module.y»", "UC204", "module.y"),
    ("coder_script.a«.id»", "UC205", "coder_script.a"),
    ("coder_script.a«[0]»", "UC206", "no index"),
    ("coder_script.n«[2]»", "UC206", "[0], [1]"),
    ('coder_script.n«["a"]»', "UC206", "[0], [1]"),
    ("«coder_agent.main.startup_script»", "UC205", "attribute"),
    ("«concat([])»", "UC205", "concat([])"),
    ('«"${coder_script.a}"»', "UC205", "is not a reference"),
    ('«"no reference"»', "UC205", "is not a reference"),
    ("«coder_script.n[count.index]»", "UC205", "is not a reference"),
    ("«coder_script.x»", "UC201", "itself"),
]


@pytest.mark.parametrize(("reference", "code", "words"), REFUSED_PLAIN)
def test_a_reference_that_names_no_script_is_refused(reference: str, code: str, words: str) -> None:
    main = agent("main", 'startup_script = "x"') + script("a") + script("n", "count = 2")
    analysis = at_marks(code, main + script("x", f"depends_on = [{reference}]"))
    assert words in ordering(analysis)[0].detail


@pytest.mark.parametrize(
    "value", ["coder_script.a", "local.list", "concat([coder_script.a], [])", '"coder_script.a"', "all"]
)
def test_depends_on_that_is_no_list_is_refused(value: str) -> None:
    at_marks("UC205", ABC + script("x", f"depends_on = «{value}»"))


# Typed siblings, as directives

VERBS = [
    ("depends_on_start = [coder_script.a]", "coder_script.x < coder_script.a (start)"),
    ("depends_on_completion = [coder_script.a]", "coder_script.x < coder_script.a (completion)"),
    ("depends_on_success = [coder_script.a]", "coder_script.x < coder_script.a"),
    ("depends_on = [coder_script.a]", "coder_script.x < coder_script.a"),
    ("before = [coder_script.a]", "coder_script.a < coder_script.x"),
    ("before_success = [coder_script.a]", "coder_script.a < coder_script.x"),
    ("before_completion = [coder_script.a]", "coder_script.a < coder_script.x (completion)"),
    ("before_start = [coder_script.a]", "coder_script.a < coder_script.x (start)"),
]


@pytest.mark.parametrize(("text", "expected"), VERBS)
@pytest.mark.parametrize("marker", ["# unitc:", "// unitc:", "# unitc:  "])
def test_a_directive_in_a_block_is_about_the_block(text: str, expected: str, marker: str) -> None:
    assert edges_of(ABC + script("x", f"{marker} {text}")) == [expected]


X = script("x")
PLACES = [
    f"# unitc: before = [coder_script.a]\n{X}",
    f"# unitc: before = [coder_script.a]\n# Another comment.\n{X}",
    f"# Another comment.\n# unitc: before = [coder_script.a]\n{X}",
    f"/* A comment\nover lines. */\n# unitc: before = [coder_script.a]\n{X}",
    f"# unitc: before = [coder_script.a]\n/* A comment\nover lines. */\n{X}",
    f"  // unitc: before = [coder_script.a]\n{X}",
    X.replace("{\n", "{ # unitc: before = [coder_script.a]\n", 1),
    X.replace('"echo x"', '"echo x" # unitc: before = [coder_script.a]', 1),
    X.rstrip("}\n") + "# unitc: before = [coder_script.a]\n}\n",
    script("x", "depends_on = [", "# unitc: before = [coder_script.a]", "]"),
]


@pytest.mark.parametrize("text", PLACES)
def test_a_directive_stands_in_its_block_or_right_above_it(text: str) -> None:
    assert edges_of(AGENT + script("a") + text) == ["coder_script.a < coder_script.x"]


def test_a_directive_in_an_override_belongs_to_the_block_that_it_overrides() -> None:
    over = 'resource "coder_script" "x" {\n# unitc: before = [coder_script.a]\ntimeout = 5\n}\n'
    assert edges_of({"main.tf": AGENT + script("a") + X, "x_override.tf": over}) == ["coder_script.a < coder_script.x"]


MISPLACED = [
    "«# unitc: before = [coder_script.a]»\n\n" + X,
    X + "«# unitc: before = [coder_script.a]»\n",
    X.rstrip("\n") + " «# unitc: before = [coder_script.a]»\n",
    "«# unitc: before = [coder_script.a]»\nlocals {\n}\n" + X,
    "locals {\n«# unitc: before = [coder_script.a]»\n}\n" + X,
    'data "coder_script_order" "o" {\n«# unitc: before = [coder_script.a]»\n'
    + rule('"coder_script.x"', '"coder_script.a"')
    + "}\n"
    + X,
    'resource "docker_container" "c" {\n«# unitc: before = [coder_script.a]»\n}\n' + X,
    'resource "coder_devcontainer" "c" {\n«# unitc: before = [coder_script.a]»\n}\n' + X,
    'data "coder_script" "c" {\n«# unitc: before = [coder_script.a]»\n}\n' + X,
    script("x", "lifecycle {", "«# unitc: before = [coder_script.a]»", "}"),
]


@pytest.mark.parametrize("text", MISPLACED)
def test_a_directive_elsewhere_is_an_error(text: str) -> None:
    template = marked(AGENT + script("a") + text)
    analysis = analysis_of(template.text)
    assert found(analysis) == [("UC213", *place) for place in template.places]
    assert "move the comment" in ordering(analysis)[0].help[0]


def test_a_directive_in_a_heredoc_is_text_and_orders_nothing() -> None:
    heredoc = "script = <<-EOT\n# unitc: before = [coder_script.a]\nEOT"
    text = AGENT + script("a") + script("x").replace('script = "echo x"', heredoc)
    assert (codes(analysis_of(text)), edges(analysis_of(text))) == (["uc213"], [])


WRONG: list[tuple[str, str, str]] = [
    ("# unitc: «depends_on_sucess» = [coder_script.a]", "UC213", "did you mean depends_on_success?"),
    ("# unitc: «after» = [coder_script.a]", "UC213", "did you mean depends_on_success?"),
    ("# unitc: «depends_on_skipped» = [coder_script.a]", "UC213", "write one of"),
    ("# unitc: depends_on_success = [«coder_agent.main»]", "UC205", "did you mean coder_agent.main.startup_script?"),
    ("# unitc: «befor» = [coder_script.a]", "UC213", "did you mean before?"),
    ("# unitc: «qqq» = [coder_script.a]", "UC213", "write one of"),
    ("# unitc: before = «coder_script.a»", "UC205", "write before = [coder_script.NAME]"),
    ("# unitc: before = [«a()»]", "UC205", "without a function"),
    ("# unitc: before = [«docker_container.c»]", "UC205", "name a coder_script"),
    ("# unitc: before = [«coder_agent.main»]", "UC205", "did you mean coder_agent.main.startup_script?"),
    ("# unitc: depends_on_success = [«module.m.output»]", "UC205", "name a coder_script"),
    ("# unitc: depends_on_success = [coder_script.a«.id»]", "UC205", "write coder_script.a"),
    ("# unitc: depends_on_success = [«coder_script.y»]", "UC204", "declare coder_script.y"),
    ("# unitc: depends_on_success = [coder_script.a«[0]»]", "UC206", "name an instance"),
    ("# unitc: depends_on_success = [coder_agent.main«.shutdown_script»]", "UC204", "add shutdown_script"),
    ("# unitc: depends_on_none = «all»", "UC205", "write depends_on_none"),
    ("# unitc: depends_on_success = [«coder_script.x»]", "UC201", "remove the reference"),
    ("# unitc: depends_on_success = [«module.bare»]", "UC214", "name a module that holds scripts"),
    ("# unitc: mutex = «5»", "UC213", 'write mutex = "apt"'),
    ("# unitc: mutex = «[]»", "UC213", 'write mutex = "apt"'),
    ("# unitc: gate_timeout = «0»", "UC213", "write gate_timeout = 300"),
    ('# unitc: gate_timeout = «"5"»', "UC213", "write gate_timeout = 300"),
]


@pytest.mark.parametrize(("directive", "code", "help_"), WRONG)
def test_a_directive_that_means_nothing_is_an_error_with_a_way_out(directive: str, code: str, help_: str) -> None:
    main = agent("main", 'startup_script = "x"') + script("a") + call("m") + module("bare", "./bare")
    analysis = at_marks(
        code,
        main + script("x", directive) + 'resource "docker_container" "c" {\n}\n',
        {**FILES, "bare/main.tf": "locals {\n}\n"},
    )
    assert help_ in ordering(analysis)[0].help[0]
    assert edges(analysis) == []


@pytest.mark.parametrize("directive", ["# unitc:", "# unitc: before", "# unitc: before = [", "# unitc: = []"])
def test_a_directive_that_is_no_attribute_is_a_syntax_error_in_its_place(directive: str) -> None:
    text = AGENT + script("x", directive)
    line = text[: text.index("# unitc:")].count("\n") + 1
    analysis = analysis_of(text)
    assert analysis.diagnostics
    assert not analysis.valid
    assert {item.primary.span.start_pos.line for item in analysis.diagnostics} == {line}


def test_a_counted_agent_s_script_is_named_by_index() -> None:
    counted = agent("main", "count = 1", 'startup_script = "x"')
    late = script(
        "late", "# unitc: depends_on_success = [coder_agent.main[0].startup_script]", agent_id="coder_agent.main[0].id"
    )
    assert edges(analysis_of(counted + late)) == [
        "coder_script.late < coder_agent.main[0].startup_script of coder_agent.main[0]"
    ]


OWNERLESS = [
    agent("main", "# unitc: depends_on_success = [coder_script.a]"),
    AGENT + module("bare", "./bare", "# unitc: depends_on_success = [coder_script.a]"),
]


@pytest.mark.parametrize("owner", OWNERLESS)
def test_a_directive_in_a_block_without_scripts_is_an_error(owner: str) -> None:
    analysis = analysis_of({"main.tf": owner + script("a"), "bare/main.tf": "locals {\n}\n"})
    assert codes(analysis) == ["UC214"]


@pytest.mark.parametrize("lines", ["count = 0", "for_each = {}"])
def test_a_directive_in_a_block_without_instances_orders_nothing(lines: str) -> None:
    main = (
        ABC
        + script("x", lines, "# unitc: depends_on_success = [coder_script.a]")
        + call("m", lines, "# unitc: before = [coder_script.a]")
    )
    assert codes(analysis_of({"main.tf": main, **FILES})) == []


# Typed siblings, as attributes


@pytest.mark.parametrize("name", ["depends_on_start", "depends_on_completion", "depends_on_success"])
@pytest.mark.parametrize("kind", ["script", "module"])
def test_a_typed_sibling_as_an_attribute_is_understood_with_a_warning(name: str, kind: str) -> None:
    line = f"«{name} = [coder_script.c]»"
    block = script("x", line) if kind == "script" else call("m", line)
    analysis = at_marks("uc218", ABC + block, {"m/main.tf": child("x")})
    assert ordering(analysis)[0].help == (f"write it as a comment: # unitc: {name} = [coder_script.c]",)
    requires = name.removeprefix("depends_on_")
    suffix = "" if requires == "success" else f" ({requires})"
    prefix = "module.m." if kind == "module" else ""
    assert edges(analysis) == [f"{prefix}coder_script.x < coder_script.c{suffix}"]


def test_the_way_out_of_an_attribute_is_a_directive_that_says_the_same() -> None:
    lines = "depends_on_start = [\n  coder_script.a, # the first\n  // the second\n  coder_script.b,\n]"
    analysis = analysis_of(ABC + script("x", lines))
    [help_] = ordering(analysis)[0].help
    directive = help_.removeprefix("write it as a comment: ")
    assert directive == "# unitc: depends_on_start = [coder_script.a, coder_script.b]"
    replaced = analysis_of(ABC + script("x", directive))
    assert (codes(replaced), edges(replaced)) == ([], edges(analysis))


def test_depends_on_none_as_an_attribute_is_understood_too() -> None:
    lines = ("depends_on = [coder_script.a, coder_script.b]", "depends_on_none = [coder_script.a]")
    analysis = analysis_of(ABC + script("x", *lines))
    assert (codes(analysis), edges(analysis)) == (["uc218"], ["coder_script.x < coder_script.b"])


@pytest.mark.parametrize(
    ("target", "code"), [("docker_container.c", "UC205"), ("coder_agent.main", "UC205"), ("coder_script.stop", "UC214")]
)
def test_a_typed_attribute_is_held_to_what_a_directive_is_held_to(target: str, code: str) -> None:
    main = ABC + script("stop", on="stop") + 'resource "docker_container" "c" {\n}\n'
    analysis = analysis_of(main + script("x", f"depends_on_start = [{target}]"))
    assert codes(analysis) == ["uc218", code]


def test_a_directive_s_name_as_an_argument_says_nothing() -> None:
    analysis = analysis_of(ABC + script("x", "before = [coder_script.a]"))
    assert edges(analysis) == []
    assert "UC103" in [item.code for item in analysis.diagnostics]


def test_depends_on_of_an_agent_is_terraform_s_business() -> None:
    scripted = agent("main", 'startup_script = "x"', "depends_on = [coder_script.a]")
    assert (codes(analysis_of(scripted + script("a"))), edges(analysis_of(scripted + script("a")))) == ([], [])


@pytest.mark.parametrize(("value", "fits"), [("1", True), ("2147483647", True), ("2147483648", False), ("1.5", False)])
def test_a_gate_timeout_is_a_number_of_seconds_that_a_shell_can_count(value: str, fits: bool) -> None:
    analysis = analysis_of(AGENT + script("x", f"# unitc: gate_timeout = {value}"))
    assert codes(analysis) == ([] if fits else ["UC213"])
    [unit] = analysis.graphs[0].units
    assert unit.gate_timeout == (int(value) if fits else None)


def test_settings_of_a_module_call_hold_for_its_scripts_and_the_inner_ones_win() -> None:
    inner = VARIABLE + script("a", "# unitc: gate_timeout = 5", '# unitc: mutex = "a"', agent_id="var.agent_id")
    main = AGENT + call("m", "# unitc: gate_timeout = 9", '# unitc: mutex = ["b", "a"]')
    analysis = analysis_of({"main.tf": main, "m/main.tf": inner + script("b", agent_id="var.agent_id")})
    assert [(unit.gate_timeout, unit.mutexes) for unit in analysis.graphs[0].units] == [
        (5, ("a", "b")),
        (9, ("a", "b")),
    ]


# Replacement


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        (
            "depends_on_success = [coder_script.a]",
            ["coder_script.x < coder_script.a", "coder_script.x < coder_script.b"],
        ),
        (
            "depends_on_completion = [coder_script.a]",
            ["coder_script.x < coder_script.a (completion)", "coder_script.x < coder_script.b"],
        ),
        (
            "depends_on_start = [coder_script.a]",
            ["coder_script.x < coder_script.a (start)", "coder_script.x < coder_script.b"],
        ),
        ("depends_on_none = [coder_script.a]", ["coder_script.x < coder_script.b"]),
        ("depends_on_none = [coder_script.a, coder_script.b]", []),
    ],
)
def test_a_directive_about_a_pair_replaces_the_plain_depends_on_of_that_pair(
    directive: str, expected: list[str]
) -> None:
    text = script("x", "depends_on = [coder_script.a, coder_script.b]", f"# unitc: {directive}")
    assert edges_of(ABC + text) == expected


def test_a_directive_about_one_instance_replaces_that_pair_only() -> None:
    main = (
        AGENT
        + script("a", "count = 2")
        + script("x", "depends_on = [coder_script.a]", "# unitc: depends_on_start = [coder_script.a[1]]")
    )
    assert edges(analysis_of(main)) == [
        "coder_script.x < coder_script.a[0]",
        "coder_script.x < coder_script.a[1] (start)",
    ]


def test_a_directive_in_another_block_replaces_nothing() -> None:
    main = (
        AGENT + script("a", "# unitc: before_start = [coder_script.x]") + script("x", "depends_on = [coder_script.a]")
    )
    analysis = analysis_of(main)
    assert codes(analysis) == ["UC202"]
    assert {label.span.text for label in ordering(analysis)[0].labels} == {"coder_script.a", "coder_script.x"}


def test_two_directives_that_differ_about_a_pair_are_an_error() -> None:
    lines = ("# unitc: depends_on_start = [coder_script.a]", "# unitc: depends_on_success = [«coder_script.a»]")
    analysis = at_marks("UC202", ABC + script("x", *lines))
    assert "start" in ordering(analysis)[0].detail
    assert "success" in ordering(analysis)[0].detail


def test_a_directive_that_takes_away_what_another_beside_it_asks_for_is_an_error() -> None:
    lines = ("# unitc: depends_on_none = [«coder_script.a»]", "# unitc: depends_on_start = [coder_script.a]")
    at_marks("UC202", ABC + script("x", "depends_on = [coder_script.a]", *lines))


def test_taking_away_what_nothing_says_is_a_warning() -> None:
    analysis = at_marks(
        "uc214", ABC + script("x", "depends_on = [coder_script.a]", "# unitc: depends_on_none = [«coder_script.b»]")
    )
    assert edges(analysis) == ["coder_script.x < coder_script.a"]


def test_a_directive_and_a_rule_that_agree_do_not_conflict_with_the_depends_on_that_the_directive_replaces() -> None:
    lines = ("depends_on = [coder_script.a]", "# unitc: depends_on_completion = [coder_script.a]")
    main = AGENT + script("a") + script("b", *lines)
    assert edges_of(main + order(rule('"coder_script.b"', '"coder_script.a"', 'requires = "completion"'))) == [
        "coder_script.b < coder_script.a (completion)"
    ]


# One runtime, one phase

OTHERS = (
    AGENT
    + agent("other")
    + script("start")
    + script("stop", on="stop")
    + script("both", on="start stop")
    + script("cron", on="cron")
    + script("never", on="")
    + script("foreign", agent_id="coder_agent.other.id")
    + script("lost", agent_id="data.coder_parameter.p.value")
    + 'data "coder_parameter" "p" {\n}\n'
)

APART: list[tuple[str, str, str]] = [
    ("start", "stop", "runs in the phase start and coder_script.stop in the phase stop"),
    ("start", "foreign", "runs on coder_agent.main and coder_script.foreign on coder_agent.other"),
    ("start", "cron", "on a schedule only"),
    ("start", "never", "never"),
    ("start", "lost", "which agent runs coder_script.lost"),
]


@pytest.mark.parametrize(("on", "target", "words"), APART)
def test_plain_depends_on_without_a_shared_runtime_and_phase_orders_creation_only(
    on: str, target: str, words: str
) -> None:
    analysis = at_marks("uc212", OTHERS + script("x", f"depends_on = [«coder_script.{target}»]", on=on))
    assert words in ordering(analysis)[0].detail
    assert "Orders creation only" in ordering(analysis)[0].summary


@pytest.mark.parametrize(("on", "target", "words"), APART)
@pytest.mark.parametrize("name", ["depends_on_success", "depends_on_completion", "depends_on_start", "before"])
def test_a_directive_without_a_shared_runtime_and_phase_is_an_error(
    name: str, on: str, target: str, words: str
) -> None:
    analysis = at_marks("UC214", OTHERS + script("x", f"# unitc: {name} = [«coder_script.{target}»]", on=on))
    assert words in ordering(analysis)[0].detail


def test_saying_that_only_creation_is_meant_silences_the_warning() -> None:
    lines = (
        "depends_on = [coder_script.foreign, coder_script.start]",
        "# unitc: depends_on_none = [coder_script.foreign]",
    )
    assert edges_of(OTHERS + script("x", *lines)) == ["coder_script.x < coder_script.start"]


@pytest.mark.parametrize(
    ("on", "target", "expected"),
    [
        ("start stop", "both", ["coder_script.x < coder_script.both", "coder_script.x < coder_script.both on stop"]),
        ("start", "both", ["coder_script.x < coder_script.both"]),
        ("stop", "both", ["coder_script.x < coder_script.both on stop"]),
        ("start stop", "stop", ["coder_script.x < coder_script.stop on stop"]),
        ("start cron", "start", ["coder_script.x < coder_script.start"]),
    ],
)
def test_edges_stay_in_each_phase_and_keep_their_direction(on: str, target: str, expected: list[str]) -> None:
    assert edges_of(OTHERS + script("x", f"depends_on = [coder_script.{target}]", on=on)) == expected


def test_references_to_modules_are_filtered_to_what_is_shared() -> None:
    mixed = (
        VARIABLE
        + script("a", agent_id="var.agent_id")
        + script("z", on="stop", agent_id="var.agent_id")
        + script("c", on="cron", agent_id="var.agent_id")
    )
    main = (
        AGENT
        + call("m")
        + script("x", "depends_on = [module.m]")
        + script("y", "# unitc: before = [module.m]", on="stop")
    )
    assert edges_of({"main.tf": main, "m/main.tf": mixed}) == [
        "coder_script.x < module.m.coder_script.a",
        "module.m.coder_script.z < coder_script.y on stop",
    ]


# Instances that may not be there

GROUPS = 'variable "n" {\ndefault = 2\n}\n'


@pytest.mark.parametrize(
    ("line", "expected_codes", "expected"),
    [
        ("depends_on = [coder_script.g]", [], ["coder_script.x < coder_script.g"]),
        ("depends_on = [coder_script.g[0]]", [], ["coder_script.x < coder_script.g"]),
        ("depends_on = [coder_script.g[3]]", ["uc206"], ["coder_script.x < coder_script.g"]),
        ('depends_on = [coder_script.g["a"]]', ["UC206"], []),
        ("# unitc: depends_on_start = [coder_script.g[3]]", ["uc206"], ["coder_script.x < coder_script.g (start)"]),
        (
            "depends_on = [module.m[0]]",
            [],
            ["coder_script.x < module.m.coder_script.a", "coder_script.x < module.m.coder_script.b"],
        ),
        (
            "depends_on = [module.m[1]]",
            ["uc206"],
            ["coder_script.x < module.m.coder_script.a", "coder_script.x < module.m.coder_script.b"],
        ),
        ('depends_on = [module.m["a"]]', ["UC206"], []),
    ],
)
def test_an_index_of_a_group_is_wrong_only_where_it_is_wrong_for_every_count(
    line: str, expected_codes: list[str], expected: list[str]
) -> None:
    main = AGENT + GROUPS + script("g", "count = var.n") + call("m", "count = var.n") + script("x", line)
    analysis = analysis_of({"main.tf": main, **FILES})
    assert (codes(analysis), edges(analysis)) == (expected_codes, expected)


def test_an_index_inside_a_module_group_is_fixed() -> None:
    inner = (
        child("a")
        + script("n", "count = 2", agent_id="var.agent_id")
        + script("x", "depends_on = [coder_script.n[1]]", agent_id="var.agent_id")
    )
    assert edges_of({"main.tf": AGENT + GROUPS + call("m", "count = var.n"), "m/main.tf": inner}) == [
        "module.m.coder_script.x < module.m.coder_script.n[1]"
    ]


def test_a_group_in_a_fixed_module_instance_is_no_doubt_about_the_instance() -> None:
    inner = VARIABLE + 'variable "n" {}\n' + script("a", "count = var.n", agent_id="var.agent_id")
    main = AGENT + GROUPS + call("m", "count = 2", "n = var.n") + script("x", "depends_on = [module.m[1]]")
    assert edges_of({"main.tf": main, "m/main.tf": inner}) == ["coder_script.x < module.m[1].coder_script.a"]


# Bounds


def test_more_pairs_than_the_bound_are_an_error_before_they_are_made() -> None:
    main = AGENT + script("a", "count = 1000") + script("b", "count = 1000", "depends_on = [«coder_script.a»]")
    analysis = at_marks("UC215", main)
    assert "100,000" in ordering(analysis)[0].detail


# Cycles across forms
