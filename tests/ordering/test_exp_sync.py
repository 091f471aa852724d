"""``coder exp sync`` in script bodies: which calls are read, what they stand for, and that none is a conflict."""

from __future__ import annotations

import base64

import pytest

from compiler.order.bodies import ShellBody, shell_body
from compiler.order.forms.exp_sync import SyncCommand, sync_commands
from compiler.pipeline import Options
from compiler.source.rendered import Frame, RenderedText, TextPart
from compiler.source.span import Source
from tests.ordering.harness import analysis_of, at_marks, codes, edges, marked, ordering
from tests.ordering.templates import AGENT, agent, module, order, rule, script

# A line of a script, and the calls in it as verb and names; "?" stands for names that can't be known,
# and a slash between those that a name is one after the other.
LINES: list[tuple[str, list[str]]] = [
    ("bash <<'EOF'\nset -e\ncoder exp sync start a\nEOF", ["start a"]),
    ("sudo -u coder bash -s <<EOF\ncoder exp sync complete a\nEOF", ["complete a"]),
    ("su - coder <<EOF\ncoder exp sync complete a\nEOF", ["complete a"]),
    ("bash run.sh <<EOF\ncoder exp sync complete a\nEOF", []),
    ("cat <<EOF\ncoder exp sync complete a\nEOF", []),
    ("coder --verbose --url https://x exp sync start a", ["start a"]),
    ("coder --url=https://x exp sync start a", ["start a"]),
    ("coder exp sync want a b", ["want a b"]),
    ("coder exp sync want a b c", ["want a b c"]),
    ("coder exp sync start a", ["start a"]),
    ("coder exp sync complete a", ["complete a"]),
    ("  coder  exp\tsync   start a  ", ["start a"]),
    ("/usr/bin/coder exp sync start a", ["start a"]),
    ('coder exp sync start "a b"', ["start a b"]),
    ("coder exp sync want 'a' \"b\"", ["want a b"]),
    ("coder exp sync start a-b_c.d/e:f", ["start a-b_c.d/e:f"]),
    ("coder exp sync start pre'fix'\"ed\"", ["start prefixed"]),
    ("coder exp sync want a \\\n  b \\\r\n  c", ["want a b c"]),
    ("coder exp sync start --timeout 30m a", ["start a"]),
    ("coder exp sync start --timeout=30m a", ["start a"]),
    ("coder exp sync start a --quiet", ["start a"]),
    ("coder exp sync start a > /dev/null 2>&1 || true", ["start a"]),
    ("coder exp sync start a>/dev/null", ["start a"]),
    ("coder exp sync start a && echo x; coder exp sync complete a", ["start a", "complete a"]),
    ("(coder exp sync start a)", ["start a"]),
    ("x=$(coder exp sync start a)", ["start a"]),
    ("coder exp sync start a # coder said so", ["start a"]),
    ("trap 'coder exp sync complete a' EXIT", ["complete a"]),
    ("trap \"coder exp sync complete a\" EXIT 'x'", ["complete a"]),
    ("trap 'coder exp sync complete \"a\" || true' EXIT", ["complete a"]),
    ("trap 'coder exp sync complete a' EXIT; coder exp sync start a", ["complete a", "start a"]),
    ("if ! coder exp sync start a; then exit 1; fi", ["start a"]),
    ('coder exp sync want a "$b" c', ["want a ? c"]),
    ("coder exp sync want a $b", ["want a ?"]),
    ("coder exp sync want a ${b}", ["want a ?"]),
    ("coder exp sync want a b*", ["want a ?"]),
    ('coder exp sync want a "b\\"c"', ['want a b"c']),
    ("coder exp sync start $(hostname)", ["start ?"]),
    ('UNIT_NAME="install-deps"\ncoder exp sync start "$UNIT_NAME"', ["start install-deps"]),
    ("export U=a\ncoder exp sync start ${U}-b", ["start a-b"]),
    ("U=a; coder exp sync start $U; U=b; coder exp sync start $U", ["start a", "start b"]),
    ("U=a; [ -n x ] && U=b; coder exp sync start $U", ["start ?"]),
    ("U=$(hostname); coder exp sync start $U", ["start ?"]),
    ("read -r U; coder exp sync start $U", ["start ?"]),
    ('U="${U:-a}"; coder exp sync start $U', ["start ?"]),
    ("DEPS='a b'; coder exp sync want x $DEPS", ["want x a/b"]),
    ("for d in a b; do coder exp sync want x $d; done", ["want x a/b"]),
    ('f() { coder exp sync start "$1"; }; f a; f b', ["start a/b"]),
    ('f() { coder exp sync start "$1"; }; f a; f $(hostname)', ["start ?"]),
    ("U=a; trap 'coder exp sync complete $U' EXIT", ["complete a"]),
    ('U=a; trap "coder exp sync complete $U" EXIT', ["complete a"]),
    ("sudo -u coder coder exp sync start a", ["start a"]),
    ("timeout 60 coder exp sync start a", ["start a"]),
    ("bash -c 'coder exp sync start a'", ["start a"]),
    ('"$CODER" exp sync start a', ["start a"]),
    # Arrays, and what makes several words of one.
    ('D=(a b)\nfor d in "${D[@]}"; do coder exp sync want x "$d"; done', ["want x a/b"]),
    ('D=(a "b c")\ncoder exp sync want x "${D[@]}"', ["want x a/b c"]),
    ("declare -a D=(a b)\ncoder exp sync want x ${D[@]}", ["want x a/b"]),
    ('N=a\nD=("$N-1" b)\ncoder exp sync want x "${D[@]}"', ["want x a-1/b"]),
    ('D=(a)\nD+=(b)\ncoder exp sync want x "${D[@]}"', ["want x a/b"]),
    ('D=(a)\nD=(b)\ncoder exp sync want x "${D[@]}"', ["want x b"]),
    ('D=()\ncoder exp sync want x "${D[@]}"', ["want x "]),
    ('D=(x a b)\ncoder exp sync want "${D[@]}"', ["want x a b"]),
    ("D='x a b'\ncoder exp sync want $D", ["want x a b"]),
    ('D=(a)\n[ -n x ] && D+=(b)\ncoder exp sync want x "${D[@]}"', ["want x ?"]),
    ('D=(a)\nD[1]=b\ncoder exp sync want x "${D[@]}"', ["want x ?"]),
    ('D=($(ls))\ncoder exp sync want x "${D[@]}"', ["want x ?"]),
    ('mapfile -t D < f\ncoder exp sync want x "${D[@]}"', ["want x ?"]),
    ('coder exp sync want x "${D[@]}"', ["want x ?"]),
    # Calls through a function or another command.
    ('s() { coder exp sync "$@"; }; s want x a; s start x', ["want x a", "start x"]),
    ('s() { coder exp sync want x "$@"; }; s a b', ["want x a b"]),
    ('s() { coder exp sync "$@"; }', []),
    ('coder exp sync "$VERB" x a', [" ?"]),
    ('retry() { "$@" || "$@"; }; retry coder exp sync start a', ["start a"]),
    ("xargs -n 1 coder exp sync want x < units", ["want x ?"]),
    ("ssh host coder exp sync start a", []),
    # What is no call.
    ("echo coder exp sync start a", []),
    ("cat <<X\ncoder exp sync start a\nX", []),
    ("# coder exp sync start a", []),
    ("   # coder exp sync start a", []),
    ("coder exp sync status a", []),
    ("coder exp sync starting a", []),
    ("coder exp syncs start a", []),
    ("my-coder exp sync start a", []),
    ("coder sync start a", []),
]


def written(text: str) -> ShellBody:
    span = Source("main.tf", text).span(0, len(text))
    return shell_body(RenderedText((TextPart(text, (Frame(span, span, exact=True),)),)))


def shown(command: SyncCommand) -> str:
    names = ["?" if name is None else "/".join(name) for name in command.names]
    return " ".join((command.verb, *names))


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_call_is_read_as_the_shell_would_run_it(line: str, expected: list[str]) -> None:
    for text in (line, f"#!/bin/sh\necho before\n{line}\necho after\n"):
        assert [shown(command) for command in sync_commands(written(text))] == expected


@pytest.mark.parametrize(
    "lines",
    [
        ("for u in $(cat ~/units); do", '  coder exp sync want b "$u"', "done"),
        ("mapfile -t units < ~/units", 'coder exp sync want b "$${units[@]}"'),
        ("xargs coder exp sync want b < ~/units",),
        ('coder exp sync "$VERB" b a-unit',),
        ("coder exp sync want b ${data.coder_parameter.p.value}",),
    ],
)
def test_a_wait_for_names_that_the_text_does_not_tell_is_told_once_with_its_place(lines: tuple[str, ...]) -> None:
    text = AGENT + PARAMETER + unit("a") + body("b", *lines, *lines, "coder exp sync start b")
    [diagnostic] = [item for item in analysis_of(text).diagnostics if item.code == "UC224"]
    assert "coder exp sync" in diagnostic.primary.span.text


@pytest.mark.parametrize(
    "lines",
    [
        ('coder exp sync want "$(basename "$0")" a-unit',),
        ('want() { coder exp sync want b "$1"; }', "coder exp sync want b a-unit"),
        ("coder exp sync want b a-unit",),
    ],
)
def test_a_wait_whose_names_are_all_told_is_not_doubted(lines: tuple[str, ...]) -> None:
    analysis = analysis_of(AGENT + unit("a") + body("b", *lines))
    assert edges(analysis) == ["coder_script.b < coder_script.a (completion)"]
    assert "uc224" not in codes(analysis)


def test_a_start_of_a_name_that_the_text_does_not_tell_is_told_where_the_name_is_wanted() -> None:
    starting = body("a", 'coder exp sync start "$(basename "$0")"')
    analysis = analysis_of(AGENT + starting + body("b", "coder exp sync want b a"))
    [diagnostic] = [item for item in analysis.diagnostics if item.code == "UC217"]
    assert "coder_script.a may, since the name that it gives can't be known (main.tf:" in diagnostic.detail


def carried(text: str, form: str = "echo -n '{}' | base64 -d > run.sh") -> str:
    return form.format(base64.b64encode(text.encode()).decode())


@pytest.mark.parametrize(
    "form",
    [
        "echo -n '{}' | base64 -d > run.sh",
        'echo -n "{}" | base64 --decode | sh',
        "echo {} | base64 -d >run.sh",
        "printf %s '{}' | base64 -d > run.sh",
        "printf '%s' '{}' | base64 -D > run.sh",
    ],
)
def test_a_script_that_a_body_carries_in_base64_is_read_too(form: str) -> None:
    [command] = sync_commands(written(carried("coder exp sync start a\n", form)))
    assert (shown(command), command.body.layer) == ("start a", 1)
    assert command.span.text.strip("'\"") == base64.b64encode(b"coder exp sync start a\n").decode()


@pytest.mark.parametrize(
    "text", ["echo 'bm90IHV0Zi04/w==' | base64 -d", "echo 'abcdefghi' | base64 -d", "echo x | base64 -d"]
)
def test_what_is_no_carried_script_is_left_alone(text: str) -> None:
    assert sync_commands(written(text)) == ()


def body(name: str, *lines: str, on: str = "start", agent_id: str = "coder_agent.main.id") -> str:
    heredoc = "\n".join(("script = <<-EOT", "#!/bin/sh", *lines, "EOT"))
    return script(name, on=on, agent_id=agent_id).replace(f'script = "echo {name}"', heredoc)


def unit(name: str, *wants: str, on: str = "start", agent_id: str = "coder_agent.main.id") -> str:
    return body(
        name,
        f"trap 'coder exp sync complete {name}-unit' EXIT",
        *(f"coder exp sync want {name}-unit {want}-unit" for want in wants),
        f"coder exp sync start {name}-unit",
        on=on,
        agent_id=agent_id,
    )


def test_a_script_that_wants_a_unit_waits_for_the_script_that_completes_it() -> None:
    text = marked(
        AGENT
        + unit("a")
        + unit("b", "a").replace("coder exp sync want b-unit a-unit", "«coder exp sync want b-unit a-unit»")
    )
    analysis = analysis_of(text.text)
    assert codes(analysis) == []
    assert edges(analysis) == ["coder_script.b < coder_script.a (completion)"]
    [origin] = analysis.graphs[0].edges[0].origins
    assert origin.kind == "exp-sync"
    assert f"main.tf:{origin.item.start_pos.line}:{origin.item.start_pos.column}" == text.places[0][0]
    assert origin.item.text == text.places[0][1]


def test_the_wait_makes_no_gate() -> None:
    plan = analysis_of(AGENT + unit("a") + unit("b", "a")).plan()
    assert [gate for phase in plan.phases for planned in phase.units for gate in planned.gates] == []


def test_names_may_be_computed() -> None:
    main = (
        AGENT
        + 'locals {\nprefix = "team"\nnames = { for step in ["a", "b"] : step => "${local.prefix}-${step}" }\n}\n'
        + body("one", "coder exp sync start ${local.names.a}", "coder exp sync complete ${local.names.a}")
        + body("two", "coder exp sync want ${local.names.b} ${local.names.a}", "coder exp sync start ${local.names.b}")
    )
    analysis = analysis_of(main)
    assert (codes(analysis), edges(analysis)) == ([], ["coder_script.two < coder_script.one (completion)"])
    assert analysis.graphs[0].edges[0].origins[0].item.text.startswith("coder exp sync want ${local.names.b}")


def test_a_body_that_is_computed_elsewhere_is_shown_there() -> None:
    main = AGENT + unit("a") + 'locals {\ntext = "coder exp sync want b a-unit\\ncoder exp sync start b"\n}\n'
    analysis = analysis_of(main + script("b").replace('"echo b"', "local.text"))
    assert [origin.item.text for origin in analysis.graphs[0].edges[0].origins] == ["coder exp sync want b a-unit"]


def test_a_call_in_a_template_file_is_shown_in_that_file() -> None:
    main = AGENT + unit("a") + script("b").replace('"echo b"', 'templatefile("b.sh", { unit = "a-unit" })')
    analysis = analysis_of({"main.tf": main, "b.sh": "coder exp sync want b ${unit}\ncoder exp sync start b\n"})
    assert edges(analysis) == ["coder_script.b < coder_script.a (completion)"]
    span = analysis.graphs[0].edges[0].origins[0].item
    assert (span.source.name, span.text) == ("b.sh", "coder exp sync want b ${unit}")


def test_whoever_starts_a_unit_waits_wherever_its_want_is_said() -> None:
    main = AGENT + unit("a") + unit("b") + body("planner", "coder exp sync want b-unit a-unit")
    assert edges(analysis_of(main)) == ["coder_script.b < coder_script.a (completion)"]


def test_an_agent_s_own_script_takes_part() -> None:
    started = agent("main", 'startup_script = "coder exp sync start boot && coder exp sync complete boot"')
    analysis = analysis_of(started + body("b", "coder exp sync want b boot", "coder exp sync start b"))
    assert edges(analysis) == ["coder_script.b < coder_agent.main.startup_script (completion)"]


def test_one_script_may_play_several_units() -> None:
    main = AGENT + body(
        "a", *(f"coder exp sync {verb} {name}" for name in ("x", "y") for verb in ("start", "complete"))
    )
    waiting = body("b", "coder exp sync want b x y", "coder exp sync want y2 b", "coder exp sync start b")
    assert edges(analysis_of(main + waiting)) == ["coder_script.b < coder_script.a (completion)"]


def test_names_belong_to_one_agent() -> None:
    main = AGENT + agent("other") + unit("a", agent_id="coder_agent.other.id") + unit("b", "a")
    analysis = analysis_of(main)
    assert (codes(analysis), edges(analysis)) == (["uc217"], [])


def test_waits_stay_in_the_phase_that_both_run_in() -> None:
    assert edges(analysis_of(AGENT + unit("a", on="stop") + unit("b", "a", on="stop"))) == [
        "coder_script.b < coder_script.a (completion) on stop"
    ]


@pytest.mark.parametrize("requires", ["success", "completion"])
def test_a_declaration_beside_a_wait_is_one_edge_and_no_conflict(requires: str) -> None:
    declared = order(rule('"coder_script.b"', '"coder_script.a"', f'requires = "{requires}"'))
    analysis = analysis_of(AGENT + unit("a") + unit("b", "a") + declared)
    assert codes(analysis) == []
    [edge] = analysis.graphs[0].edges
    assert edge.requires == requires
    assert {origin.kind for origin in edge.origins} == {"exp-sync", "coder_script_order"}
    plan = analysis.plan()
    assert len([gate for phase in plan.phases for planned in phase.units for gate in planned.gates]) == 1


def test_waits_that_close_a_cycle_are_a_deadlock() -> None:
    text = AGENT + unit("a", "b") + unit("b", "a")
    assert codes(analysis_of(text)) == ["UC203"]
    declared = AGENT + unit("a") + unit("b", "a") + order(rule('"coder_script.a"', '"coder_script.b"'))
    [diagnostic] = ordering(analysis_of(declared))
    assert {label.span.text for label in diagnostic.labels} == {'"coder_script.b"', "coder exp sync want b-unit a-unit"}


def test_a_wait_for_a_name_that_nothing_starts_is_a_warning() -> None:
    analysis = at_marks(
        "uc217", AGENT + body("b", "«coder exp sync want b-unit nobody»", "coder exp sync start b-unit")
    )
    assert '"nobody"' in ordering(analysis)[0].detail


PARAMETER = 'data "coder_parameter" "p" {\nname = "p"\n}\n'


@pytest.mark.parametrize(
    ("doubtful", "why"),
    [
        (
            script("u").replace('"echo u"', "data.coder_parameter.p.value"),
            "coder_script.u may, since its text can't be known (data.coder_parameter.p.value",
        ),
        (body("u", "${data.coder_parameter.p.value}"), "coder_script.u may, since its text can't be known"),
        (
            body("u", "coder exp sync start $(hostname)"),
            "coder_script.u may, since the name that it gives can't be known (main.tf:",
        ),
        (
            body("u", "coder exp sync start x", agent_id="data.coder_parameter.p.value"),
            "coder_script.u may, since its agent can't be found (main.tf:",
        ),
    ],
)
def test_a_wait_for_a_name_that_something_unknown_may_start_says_what_isn_t_known(doubtful: str, why: str) -> None:
    analysis = analysis_of(AGENT + PARAMETER + doubtful + body("b", "coder exp sync want b nobody"))
    [diagnostic] = [item for item in analysis.diagnostics if item.code == "UC217"]
    assert why in diagnostic.detail


def test_a_body_with_an_unknown_value_in_a_word_leaves_no_doubt() -> None:
    doubtless = body("u", "git clone ${data.coder_parameter.p.value}")
    analysis = analysis_of(AGENT + PARAMETER + doubtless + body("b", "coder exp sync want b nobody"))
    [diagnostic] = [item for item in analysis.diagnostics if item.code == "UC217"]
    assert diagnostic.detail.endswith("and no script of its agent starts or completes a unit of that name.")


def test_scripts_are_read_through_three_layers_of_base64_and_unknown_values() -> None:
    layers = r"""locals {
inner = "#!/bin/sh\necho ${data.coder_parameter.p.value}\ncoder exp sync want b a-unit\ncoder exp sync start b"
middle = "#!/bin/sh\necho '${base64encode(local.inner)}' | base64 -d | sh"
}
"""
    text = body("b", "echo -n '${base64encode(local.middle)}' | base64 -d > b.sh", "sh b.sh")
    analysis = analysis_of(AGENT + PARAMETER + layers + unit("a") + text)
    assert edges(analysis) == ["coder_script.b < coder_script.a (completion)"]
    assert [origin.item.text for origin in analysis.graphs[0].edges[0].origins] == ["coder exp sync want b a-unit"]


def test_a_name_that_a_missing_module_may_start_is_no_warning() -> None:
    missing = module("m", "example/m/coder", "agent_id = coder_agent.main.id")
    analysis = analysis_of(
        AGENT + missing + body("b", "coder exp sync want b nobody"), Options(allow_missing_modules=True)
    )
    assert codes(analysis) == ["uc011"]


def test_a_name_that_a_module_s_caller_may_start_is_no_warning() -> None:
    main = 'variable "agent_id" {\n}\n' + body("b", "coder exp sync want b elsewhere", agent_id="var.agent_id")
    assert codes(analysis_of(main)) == []
