"""Templates that functions render: files, strings, their variables and their mistakes."""

from __future__ import annotations

import pytest

from compiler.terraform.values.budget import Budget
from compiler.terraform.values.marks import Mark, MarkKind, Reason
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import object_of, string, unknown
from tests.terraform.oracle import ask
from tests.terraform.scopes import NamedScope, answer, files_of, value_of

FILES = {
    "run.sh": b"#!/bin/sh\necho ${greeting} $${HOME} %%{ x }\n%{ if loud ~}\necho loud\n%{ endif ~}\n",
    "list.tftpl": b"%{ for name, port in ports ~}\n${name}=${port}\n%{ endfor ~}\n",
    "value.tftpl": b"${items}",
    "nested.tftpl": b'${templatefile("value.tftpl", {items = 1})}',
    "reads.tftpl": b'${file("plain.txt")}${upper(x)}',
    "plain.txt": "é\r\nno newline at the end".encode(),
    "empty.tftpl": b"",
    "null.tftpl": b"${null}",
    "syntax.tftpl": b"a\n${x\n",
    "wrong.tftpl": b"a\nb ${x.y} ${[1][5]}\n",
    "binary.tftpl": b"\xff\xfe${x}",
    "bom.tftpl": "\ufeff${x}".encode(),
    "sub/inner.tftpl": b"in ${x}",
    "crlf.tftpl": b"a\r\n%{ if true ~}\r\nb\r\n%{ endif ~}\r\nc",
}

CASES = (
    'templatefile("run.sh", {greeting = "hi", loud = true})',
    'templatefile("./run.sh", {greeting = "hi", loud = false})',
    'templatefile("${"."}/run.sh", {greeting = 1, loud = "true"})',
    'templatefile("run.sh", {greeting = "hi"})',
    'templatefile("run.sh", {greeting = "hi", loud = true, more = 1})',
    'templatefile("run.sh", {greeting = null, loud = true})',
    'templatefile("run.sh", {greeting = [], loud = true})',
    'templatefile("run.sh", {greeting = "hi", loud = 5})',
    'templatefile("run.sh", tomap({greeting = "hi", loud = "true"}))',
    'templatefile("run.sh", [])',
    'templatefile("run.sh", null)',
    'templatefile("run.sh", "x")',
    'templatefile("run.sh")',
    'templatefile("missing.sh", {})',
    'templatefile("list.tftpl", {ports = {b = 2, a = 1}})',
    'templatefile("list.tftpl", {ports = []})',
    'templatefile("value.tftpl", {items = [1, 2]})',
    'templatefile("value.tftpl", {items = {a = 1}})',
    'templatefile("value.tftpl", {items = "x"})',
    'templatefile("nested.tftpl", {})',
    'templatefile("reads.tftpl", {x = "y"})',
    'templatefile("empty.tftpl", {})',
    'templatefile("null.tftpl", {})',
    'templatefile("syntax.tftpl", {x = 1})',
    'templatefile("wrong.tftpl", {x = {y = 1}})',
    'templatefile("binary.tftpl", {x = 1})',
    'templatefile("bom.tftpl", {x = 1})',
    'templatefile("sub/inner.tftpl", {x = 1})',
    'templatefile("crlf.tftpl", {})',
    'templatefile("value.tftpl", {items = 1, "a b" = 2})',
    'templatefile("value.tftpl", {items = 1, "1a" = 2})',
    'templatefile("value.tftpl", {items = 1, a-b = 2})',
    'can(templatefile("wrong.tftpl", {x = 1}))',
    'try(templatefile("missing.sh", {}), "none")',
    'core::templatefile("value.tftpl", {items = 1})',
    'file("plain.txt")',
    'file("missing.txt")',
)


def _scope() -> NamedScope:
    return NamedScope(files=files_of(FILES))


@pytest.mark.terraform
def test_templates_are_rendered_as_by_terraform() -> None:
    theirs = ask(CASES, files=FILES)
    scope = _scope()
    different = [
        (text, got, expected)
        for text, expected in zip(CASES, theirs, strict=True)
        if (got := answer(text, scope)) != expected
    ]
    assert different == []


def test_a_mistake_in_a_template_file_stands_in_that_file_and_names_the_call() -> None:
    _, problems = value_of('"${templatefile("./wrong.tftpl", {x = 1})}"', _scope())
    assert [(found.code, found.primary.span.source.name, found.primary.span.text) for found in problems] == [
        ("UC163", "wrong.tftpl", "y"),
        ("UC163", "wrong.tftpl", "[5]"),
    ]
    assert [found.labels[1].span.text for found in problems] == ['templatefile("./wrong.tftpl", {x = 1})'] * 2


def test_every_variable_that_a_template_lacks_is_named_once() -> None:
    _, problems = value_of('templatefile("run.sh", {greetings = 1})', _scope())
    assert [(found.code, found.primary.span.text) for found in problems] == [("UC163", "greeting"), ("UC163", "loud")]
    assert problems[0].help[0] == 'did you mean "greetings"?'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('file("missing")', "UC161"),
        ('file("../x")', "UC160"),
        ('templatefile("../x", {})', "UC160"),
        ('file("binary.tftpl")', "UC161"),
    ],
)
def test_a_file_that_can_not_be_read_is_reported_at_its_path(text: str, code: str) -> None:
    _, problems = value_of(text, _scope())
    assert [found.code for found in problems] == [code]
    assert problems[0].primary.span.text.startswith('"')


def test_what_a_template_does_not_use_of_its_variables_can_not_make_it_unknown() -> None:
    scope = NamedScope({"local": object_of({"x": unknown(STRING, [Reason("var.x")])})}, files_of(FILES))
    unused, _ = value_of('templatefile("value.tftpl", {items = 1, more = local.x})', scope)
    used, _ = value_of('templatefile("sub/inner.tftpl", {x = local.x})', scope)
    assert unused is not None
    assert unused.is_known
    assert used is not None
    assert [reason.address for reason in used.reasons] == ["var.x"]


def test_a_default_among_the_variables_is_named_by_the_text() -> None:
    mark = frozenset((Mark(MarkKind.DEFAULT, "var.x"),))
    scope = NamedScope({"local": object_of({"x": string("a").with_marks(mark)})}, files_of(FILES))
    value, _ = value_of('templatefile("sub/inner.tftpl", {x = local.x})', scope)
    assert value is not None
    assert (value.text, value.assumes) == ("in a", ("var.x",))


def test_a_template_that_explodes_ends_in_a_diagnostic() -> None:
    loops = b"%{ for a in r }%{ for b in r }%{ for c in r }x%{ endfor }%{ endfor }%{ endfor }"
    scope = NamedScope({}, files_of({"big.tftpl": loops}))
    _, problems = value_of('templatefile("big.tftpl", {r = range(1000)})', scope, Budget(steps=200_000))
    assert [found.code for found in problems] == ["UC162"]
