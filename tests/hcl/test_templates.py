"""What strings, heredocs and template files mean, to the last blank."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable

import pygohcl  # type: ignore[import-untyped]  # it ships without types
import pytest

from compiler.hcl import read, read_template
from compiler.hcl.syntax import Interpolation, Template, TemplateFor, TemplateIf, TemplateKind, Text, Variable
from compiler.source.span import Source
from tests.hcl import rendering
from tests.hcl.oracle import accepts
from tests.terraform.oracle import ask

# As written, and what it means.
_LITERALS = (
    ('""', ""),
    ('"x"', "x"),
    (r'"a\nb\rc\td\"e\\f"', 'a\nb\rc\td"e\\f'),
    (r'"\u00e9\U0001F600"', "é😀"),
    (r'"\\n"', "\\n"),
    ('"$"', "$"),
    ('"$$"', "$$"),
    ('"$${x}"', "${x}"),
    ('"$$${x}"', "$${x}"),
    ('"$$$${x}"', "$$${x}"),
    ('"%%{ if x }"', "%{ if x }"),
    ('"%% {%"', "%% {%"),
    ('"$${~x~}"', "${~x~}"),
    ('"$${FOO:-bar}"', "${FOO:-bar}"),
    ('"e\u0301"', "é"),
    ('"\u212b"', "\u00c5"),
    ("<<E\nE\n", ""),
    ("<<E\nx\nE\n", "x\n"),
    ("<<E\n  x\n y\n  E\n", "  x\n y\n"),
    ("<<E\r\nx\r\ny\r\nE\r\n", "x\r\ny\r\n"),
    ('<<E\n\\n "q" \\\nE\n', '\\n "q" \\\n'),
    ("<<E\n$${x} %%{y} $ % $$ %%\nE\n", "${x} %{y} $ % $$ %%\n"),
    ("<<E\nEE\nE x\nxE\nE  \n", "EE\nE x\nxE\n"),
    ("<<-E\n  x\n    y\n  E\n", "x\n  y\n"),
    ("<<-E\n  x\ny\n  E\n", "  x\ny\n"),
    ("<<-E\n\tx\n  y\n  E\n", "x\n y\n"),
    ("<<-E\n    x\n\n    y\n  E\n", "x\n\ny\n"),
    ("<<-E\n    x\n  \n    y\n  E\n", "x\n  \ny\n"),
    ("<<-E\n      \n    x\n  E\n", "      \nx\n"),
    ("<<-E\n    x\n        E\n", "x\n"),
    ("<<-E\n  \u00a0x\n   y\n  E\n", "x\ny\n"),
    ("<<-E\r\n  x\r\n    y\r\n  E\r\n", "x\r\n  y\r\n"),
    ("<<-E\n  $${x}\n    y\n  E\n", "${x}\n  y\n"),
    ("<<-E\n  $x\n    %y\n  E\n", "$x\n  %y\n"),
    ("<<-E\nE\n", ""),
    ("<<-E\n\n\nE\n", "\n\n"),
)


def _template(text: str) -> Template:
    file, problems = read(Source("main.tf", f"a = {text}\n"))
    assert problems == ()
    expression = file.body.attributes[0].expression
    assert isinstance(expression, Template)
    return expression


@pytest.mark.parametrize(("text", "meaning"), _LITERALS, ids=[repr(text) for text, _ in _LITERALS])
def test_a_literal_means_what_terraform_makes_of_it(text: str, meaning: str) -> None:
    assert _template(text).literal == meaning
    assert unicodedata.normalize("NFC", pygohcl.loads(f"a = {text}\n")["a"]) == meaning


# With ``x`` for X, and what ``~`` and ``<<-`` leave of the white space around it.
_TRIMMED = (
    ('" ${x} "', " X "),
    ('" ${~x~} "', "X"),
    ('"  ${~ x }  "', "X  "),
    ('"  ${ x ~}  "', "  X"),
    ('"${x ~}  ${~ x}"', "XX"),
    ('"a $ ${~ x}"', "a $X"),
    ("<<E\n  ${x ~}\n   y\nE\n", "  X   y\n"),
    ("<<E\n  ${~ x ~}\n\n y\nE\n", "X\n y\n"),
    ("<<E\na\n  ${~ x}\nE\n", "a\nX\n"),
    ("<<-E\n    ${x ~}\n  y\n  E\n", "X  y\n"),
    ("<<-E\n    ${~ x}\n    y\n  E\n", "X\n    y\n"),
    ("<<-E\n  ${x}\n    y ${x}\n  E\n", "X\n  y X\n"),
    ("<<-E\n${x}\n    y\n  E\n", "X\n    y\n"),
    ("<<E\n% \n${~ x}\nE\n", "% X\n"),
    ("<<E\n%\u3000\n${~ x}\nE\n", "%X\n"),
    ("<<E\n%\r\n${~ x}\nE\n", "%\rX\n"),
)


@pytest.mark.terraform
def test_trimming_comes_before_indentation_and_token_by_token() -> None:
    answers = ask([f'one([for x in ["X"] : {text}])' for text, _ in _TRIMMED])
    for (text, meaning), answer in zip(_TRIMMED, answers, strict=True):
        assert rendering.render(_template(text)) == meaning, repr(text)
        assert answer == json.dumps(meaning, ensure_ascii=False), repr(text)


@pytest.mark.terraform
@pytest.mark.parametrize("make", [rendering.quoted, rendering.heredoc, rendering.flush_heredoc])
def test_random_templates_mean_what_terraform_makes_of_them(make: Callable[[random.Random], str]) -> None:
    chance = random.Random(1)
    texts = [text for text in (make(chance) for _ in range(900)) if accepts(f"a = {text}\n")]
    # A marker may end early; what follows is then no part of the template.
    texts = [text for text in texts if _is_one(text)]
    answers = ask([_bound(text) for text in texts])
    assert len(texts) > 200
    for text, answer in zip(texts, answers, strict=True):
        assert answer == _json(rendering.render(_template(text))), repr(text)


def _is_one(text: str) -> bool:
    file, problems = read(Source("main.tf", f"a = {text}\n"))
    return problems == () and len(file.body.attributes) == 1 and not file.body.blocks


def _bound(text: str) -> str:
    """Return an expression in which the template's names have their values."""
    for name, value in (("l", '["1", "2"]'), ("t", "true"), ("x", '"X"'), ("i", '"I"')):
        text = f"one([for {name} in [{value}] : {text}\n])"
    return text


def _json(text: str) -> str:
    """Return what ``jsonencode`` prints for a string."""
    printed = json.dumps(text, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        printed = printed.replace(character, f"\\u{ord(character):04x}")
    return printed


@pytest.mark.terraform
def test_random_template_files_mean_what_terraform_makes_of_them() -> None:
    chance = random.Random(2)
    texts = [rendering.file(chance) for _ in range(1200)]
    files = {f"{number}.tftpl": text.encode() for number, text in enumerate(texts)}
    answers = ask([f'templatefile("{name}", {rendering.TERRAFORM_SCOPE})' for name in files], files=files)
    assert 200 < sum(answer is None for answer in answers) < 1000
    for text, answer in zip(texts, answers, strict=True):
        template, problems = read_template(Source("run.sh", text))
        assert (template is None) == (problems != ()) == (answer is None), repr(text)
        if template is not None:
            assert answer == _json(rendering.render(template)), repr(text)


def test_a_template_file_is_a_template_of_its_own_kind() -> None:
    source = Source("run.sh", '\ufeff#!/bin/sh\necho "${name}" $${HOME}\n%{ if x ~}\n  y\n%{ else }z%{ endif }')
    template, problems = read_template(source)
    assert problems == ()
    assert template is not None
    assert template.kind is TemplateKind.FILE
    first, name, middle, choice = template.parts
    assert first == Text('#!/bin/sh\necho "', source.span(1, 17))
    assert isinstance(name, Interpolation)
    assert name.expression == Variable("name", source.span(19, 23))
    assert middle == Text('" ${HOME}\n', source.span(24, 35))
    assert isinstance(choice, TemplateIf)
    assert [part.value for part in choice.then if isinstance(part, Text)] == ["  y\n"]
    assert [part.value for part in choice.otherwise if isinstance(part, Text)] == ["z"]


def test_an_empty_template_file_is_an_empty_string() -> None:
    template, problems = read_template(Source("empty.tftpl", ""))
    assert problems == ()
    assert template is not None
    assert template.literal == ""


def test_a_lone_interpolation_is_the_value_itself_unless_a_trimmed_text_stands_beside_it() -> None:
    assert len(_template('"${x}"').parts) == 1
    beside = _template('"${x ~} "').parts
    assert [type(part) for part in beside] == [Interpolation, Text]
    assert isinstance(beside[1], Text)
    assert beside[1].value == ""


def test_a_for_directive_names_its_key_only_where_there_are_two_names() -> None:
    one, two = _template('"%{ for v in l }${v}%{ endfor }%{ for k, v in l }%{ endfor }"').parts
    assert isinstance(one, TemplateFor)
    assert isinstance(two, TemplateFor)
    assert (one.key, one.value, two.key, two.value) == (None, "v", "k", "v")


def test_every_kind_of_template_is_told_apart() -> None:
    kinds = [_template(text).kind for text in ('"x"', "<<E\nE\n", "<<-E\nE\n")]
    assert kinds == [TemplateKind.QUOTED, TemplateKind.HEREDOC, TemplateKind.FLUSH_HEREDOC]
