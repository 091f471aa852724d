"""Where the text of a script was written, through each way that it can come, and what isn't known of it."""

from __future__ import annotations

import pytest

from compiler.pipeline import Options, analyze
from compiler.terraform.configuration.files import MemoryFiles
from compiler.terraform.scope.rendering import STAND_IN
from tests.checks.harness import AGENT, block

PARAMETER = block('data "coder_parameter" "p"', 'name = "p"')


def places(expression: str, more: str = "", **files: str) -> list[tuple[str, str, str]]:
    """Return the commands of a script: as they are read, their file with line and column, and what stands there."""
    script = block(
        'resource "coder_script" "x"',
        'display_name = "X"',
        "agent_id = coder_agent.main.id",
        "run_on_start = true",
        f"script = {expression}",
    )
    named = {name.replace("_sh", ".sh"): text for name, text in files.items()}
    analysis = analyze(MemoryFiles({"main.tf": script + more + PARAMETER, "a.tf": AGENT, **named}), Options())
    [script_] = analysis.inventory.scripts
    body = analysis.order.bodies.of(script_)
    assert body is not None
    from compiler.shell.calls import calls

    found = []
    for part in body.bodies:
        for call in calls(part.script):
            span = part.span(call.start, call.end)
            text = part.script.text[call.command.start : call.command.end] if call.start < call.end else ""
            where = "{}:{}:{}".format(span.source.name, *span.start_pos)
            found.append((text.replace(STAND_IN, "?"), where, span.text))
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"a b"', [("a b", "main.tf:5:11", "a b")]),
        (r'"a \"b\" && c"', [('a "b"', "main.tf:5:11", r"a \"b\""), ("c", "main.tf:5:22", "c")]),
        (r'"a\nb"', [("a", "main.tf:5:11", "a"), ("b", "main.tf:5:14", "b")]),
        ("<<EOT\n  a b\n  c\nEOT", [("a b", "main.tf:6:3", "a b"), ("c", "main.tf:7:3", "c")]),
        ("<<-EOT\n    a b\n      c\n  EOT", [("a b", "main.tf:6:5", "a b"), ("c", "main.tf:7:7", "c")]),
        ("<<-EOT\n  a $${B}\n  c\nEOT", [("a ${B}", "main.tf:6:3", "a $${B}"), ("c", "main.tf:7:3", "c")]),
        (
            '<<-EOT\n  %{ if true ~}\n    a ${"b"} c\n  %{ endif ~}\n  d\n  EOT',
            [("a b c", "main.tf:7:5", 'a ${"b"} c'), ("d", "main.tf:9:3", "d")],
        ),
        (
            '<<-EOT\n  %{ for x in ["1", "2"] ~}\n  a ${x}\n  %{ endfor ~}\n  EOT',
            [("a 1", "main.tf:7:3", "a ${x}"), ("a 2", "main.tf:7:3", "a ${x}")],
        ),
        (
            '<<-EOT\n  é "ü"; a ${data.coder_parameter.p.value}-b\n  c\n  EOT',
            [
                ('é "ü"', "main.tf:6:3", 'é "ü"'),
                ("a ?-b", "main.tf:6:10", "a ${data.coder_parameter.p.value}-b"),
                ("c", "main.tf:7:3", "c"),
            ],
        ),
        ('true ? "a" : "b"', [("a", "main.tf:5:18", "a")]),
        ('trimspace("  a b ")', [("a b", "main.tf:5:23", "a b")]),
    ],
)
def test_a_command_stands_where_it_is_written(expression: str, expected: list[tuple[str, str, str]]) -> None:
    assert places(expression) == expected


def test_what_is_computed_stands_at_its_expression() -> None:
    computed = 'join("\\n", ["a", "b"])'
    assert places(computed) == [("a", "main.tf:5:10", computed), ("b", "main.tf:5:10", computed)]


def test_a_file_s_commands_stand_in_that_file() -> None:
    assert places('file("run.sh")', run_sh="#!/bin/sh\n\n  a b\n") == [("a b", "run.sh:3:3", "a b")]


def test_a_template_file_s_commands_stand_in_that_file() -> None:
    text = "a ${name}\n%{ if on ~}\nb\n%{ endif ~}\nc $${D}\n"
    assert places('templatefile("run.sh", { name = "x", on = true })', run_sh=text) == [
        ("a x", "run.sh:1:1", "a ${name}"),
        ("b", "run.sh:3:1", "b"),
        ("c ${D}", "run.sh:5:1", "c $${D}"),
    ]


def test_what_a_template_file_is_given_stands_where_it_is_written() -> None:
    more = "locals {\ninner = <<-EOT\n    x\n    y\n  EOT\n}\n"
    assert places('templatefile("run.sh", { inner = local.inner })', more, run_sh="a\n${inner}\nb ${inner}") == [
        ("a", "run.sh:1:1", "a"),
        ("x", "main.tf:9:5", "x"),
        ("y", "main.tf:10:5", "y"),
        ("b x", "run.sh:3:1", "b ${inner}"),
        ("y", "main.tf:10:5", "y"),
    ]


def test_a_local_value_s_commands_stand_in_the_local_value() -> None:
    assert places("local.a", 'locals {\na = "b c"\n}\n') == [("b c", "main.tf:8:6", "b c")]


def test_what_a_sensitive_value_holds_is_unknown() -> None:
    more = block('variable "secret"', 'default = "hunter2"', "sensitive = true")
    found = places('"a ${var.secret}; b"', more)
    assert found == [("a ?", "main.tf:5:11", "a ${var.secret}"), ("b", "main.tf:5:28", "b")]


def test_a_string_that_a_shell_reads_later_has_its_own_places() -> None:
    found = places("<<-EOT\n  trap 'a; b' EXIT\n  sh -c \"c\"\n  EOT")
    assert [item[1:] for item in found] == [
        ("main.tf:6:3", "trap 'a; b' EXIT"),
        ("main.tf:6:9", "a"),
        ("main.tf:6:12", "b"),
        ("main.tf:7:3", 'sh -c "c"'),
        ("main.tf:7:10", "c"),
    ]


def test_a_carried_script_s_commands_stand_where_it_is_written() -> None:
    more = 'locals {\ninner = "#!/bin/sh\\nx ${data.coder_parameter.p.value}\\n"\n}\n'
    found = places("\"echo '${base64encode(local.inner)}' | base64 -d | sh\"", more)
    assert found[-1] == ("x ?", "main.tf:8:21", "x ${data.coder_parameter.p.value}")


SECRET = block('variable "secret"', 'default = "hunter2"', "sensitive = true")


def test_a_template_file_with_a_sensitive_value_in_it_is_read_around_it() -> None:
    found = places(
        'templatefile("run.sh", { secret = local.secret })',
        SECRET + 'locals {\nsecret = "x ${var.secret}"\n}\n',
        run_sh="a ${secret}\nb\n",
    )
    assert found == [("a x ?", "run.sh:1:1", "a ${secret}"), ("b", "run.sh:2:1", "b")]


@pytest.mark.parametrize(
    "expression", ["var.secret", 'sensitive("a b")', "base64encode(var.secret)", '"${sensitive("a b")}"']
)
def test_what_is_sensitive_as_a_whole_is_never_read(expression: str) -> None:
    assert places(f'"echo ${{{expression}}}"', SECRET)[0][0] == "echo ?"
