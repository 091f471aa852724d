"""Syntax errors: in HashiCorp's words, with the place where the open bracket, string or block starts."""

from __future__ import annotations

import pytest

from compiler.hcl import read, read_attribute, read_expression, read_template
from compiler.source.diagnostics import Diagnostic
from compiler.source.span import Source
from tests.hcl.oracle import findings


def _problems(text: str) -> tuple[Diagnostic, ...]:
    return read(Source("main.tf", text))[1]


# The file; code, summary, line and column; and what the second label says to start where, where there is one.
_WORDS = (
    ("a = <<EOT\nx\n  EOTT\n", "UC003", "Unterminated template string", 3, 7, "heredoc: 1"),
    ("a = 1\nb = [\n  1,\n  2\n", "UC002", "Unterminated tuple constructor expression", 4, 4, "tuple: 2"),
    ("a = {\n  b = 1", "UC002", "Unterminated object constructor expression", 2, 8, "object: 1"),
    ("a = f(\n  1\n", "UC002", "Unterminated function call", 2, 4, "function call: 1"),
    ("a = (1 +\n 2\n", "UC002", "Unbalanced parentheses", 2, 3, "parenthesis: 1"),
    ('a = "x\nb = 1\n', "UC003", "Invalid multi-line string", 1, 7, "string: 1"),
    ('a = "x', "UC003", "Unterminated template string", 1, 7, "string: 1"),
    ('a = "${x', "UC003", "Unclosed template interpolation sequence", 1, 9, "interpolation: 1"),
    ('a = "%{ if x', "UC003", "Unclosed template directive", 1, 13, "directive: 1"),
    ('a = "%{ if x }y"', "UC003", "Unexpected end of template", 1, 16, "if directive: 1"),
    ('a = "%{ if x }%{ endfor }"', "UC002", "Unexpected endfor directive", 1, 15, "if directive: 1"),
    ('a = "%{ endif }"', "UC002", "Unexpected endif directive", 1, 6, None),
    ('a = "%{ fi }"', "UC002", "Invalid template control keyword", 1, 9, "directive: 1"),
    ('a = "${HOME:-x}"', "UC002", "Extra characters after interpolation expression", 1, 12, "interpolation: 1"),
    ("a = [1 2]", "UC002", "Missing item separator", 1, 8, "tuple: 1"),
    ("a = f(1 2)", "UC002", "Missing argument separator", 1, 9, "function call: 1"),
    ("a = {b = 1 c = 2}", "UC002", "Missing attribute separator", 1, 12, "object: 1"),
    ("a = {b}", "UC002", "Missing key/value separator", 1, 7, "object: 1"),
    ("a = {b, c}", "UC002", "Missing attribute value", 1, 7, "object: 1"),
    ("a = b[0", "UC002", "Missing close bracket on index", 1, 8, "index: 1"),
    ("a = b ? c", "UC002", "Missing false expression in conditional", 1, 10, "conditional: 1"),
    ("a = [for x : x]", "UC002", "Invalid 'for' expression", 1, 12, "'for' expression: 1"),
    ("a = 1 b = 2", "UC002", "Missing newline after argument", 1, 7, None),
    ("a = 1, b = 2", "UC002", "Unexpected comma after argument", 1, 6, None),
    ("a = ", "UC002", "Missing expression", 1, 4, None),
    ("a = * 2", "UC002", "Invalid expression", 1, 5, None),
    ("a = b.", "UC002", "Invalid attribute name", 1, 7, None),
    ("a = b.0.1", "UC002", "Invalid legacy index syntax", 1, 7, None),
    ("a = 1.2.3", "UC002", "Invalid number literal", 1, 5, None),
    ("a = core::f", "UC002", "Missing open parenthesis", 1, 12, None),
    ("a = 'x'", "UC002", "Invalid character", 1, 5, None),
    ("a = b & c", "UC002", "Unsupported operator", 1, 7, None),
    ("a = “x”", "UC002", "Invalid character", 1, 5, None),
    ('a = "\\q"', "UC002", "Invalid escape sequence", 1, 6, None),
    ("a", "UC002", "Argument or block definition required", 1, 1, None),
    ('"a" = 1', "UC002", "Invalid argument name", 1, 1, None),
    ("a\n{\n}", "UC002", "Invalid block definition", 1, 2, None),
    ('a "b" = 1', "UC002", "Invalid block definition", 1, 7, None),
    ("a b [x] {}", "UC002", "Invalid block definition", 1, 5, None),
    ('a "${b}" {}', "UC002", "Invalid string literal", 1, 4, "label: 1"),
    ("a {} b {}", "UC002", "Missing newline after block definition", 1, 6, "block has just ended"),
    ("a { b = 1, c = 2 }", "UC002", "Invalid single-argument block definition", 1, 10, None),
    ("a { b = 1\n}", "UC002", "Invalid single-argument block definition", 1, 10, None),
    ("a { b {} }", "UC002", "Argument definition required", 1, 5, None),
    ("a {\n  b = 1\n", "UC002", "Unclosed configuration block", 2, 8, "block: 1"),
    ("a = 1\nb = 2\na = 3", "UC005", "Attribute redefined", 3, 1, "first set here, on line 1"),
    ("/* x\n", "UC003", "Unterminated comment", 1, 1, None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "summary", "line", "column", "second"), _WORDS, ids=[repr(case[0]) for case in _WORDS]
)
def test_an_error_has_its_words_its_place_and_where_it_started(
    text: str, code: str, summary: str, line: int, column: int, second: str | None
) -> None:
    (problem,) = _problems(text)
    assert (problem.code, problem.summary) == (code, summary)
    assert problem.primary.span.start_pos == (line, column)
    assert [_start(label.text) for label in problem.labels[1:]] == ([] if second is None else [second])


def _start(label: str) -> str:
    """Return ``heredoc: 12`` for the label that says that a heredoc starts on line 12."""
    return label.removeprefix("this ").replace(" starts here, on line ", ": ")


def test_the_words_are_hashicorps_own() -> None:
    ours = {case[2] for case in _WORDS}
    theirs = {finding.summary for case in _WORDS for finding in findings(case[0])}
    # What HashiCorp's parser has no words of its own for.
    assert ours - theirs == {"Unterminated comment", "Unclosed template directive"}


def test_the_heredocs_error_says_how_it_ends() -> None:
    (problem,) = _problems("a = <<-EOT\n  x\n")
    assert problem.help == ("end the heredoc with a line that holds EOT and nothing else",)
    assert problem.labels[1].span.text == "<<-EOT"


def test_shell_in_an_interpolation_is_told_how_to_be_escaped() -> None:
    (problem,) = _problems('a = "${HOME:-x}"')
    assert problem.help == ("write $${HOME:-x} if the script is to see ${HOME:-x}",)


def test_a_misspelt_directive_is_told_its_neighbour() -> None:
    (problem,) = _problems('a = "%{ enidf }"')
    assert problem.detail == '"enidf" is not a valid template control keyword. Did you mean "endif"?'


def test_an_argument_set_twice_keeps_its_first_value() -> None:
    file, problems = read(Source("main.tf", "a {\n  b = 1\n  b = 2\n}\n"))
    assert [problem.detail for problem in problems] == [
        'The argument "b" was already set at main.tf:2. Each argument may be set only once.'
    ]
    (block,) = file.body.blocks
    assert [attribute.expression.span.text for attribute in block.body.attributes] == ["1"]


def test_an_expression_that_stands_alone_may_not_be_followed() -> None:
    for text in ("1 2", "a, b", "a = 1", "a]", "a }"):
        expression, (problem,) = read_expression(Source("x", text))
        assert expression is None
        assert problem.summary == "Extra characters after expression"


def test_an_expression_that_stands_alone_may_hold_newlines() -> None:
    expression, problems = read_expression(Source("x", "\n a\n + b\n"))
    assert problems == ()
    assert expression is not None
    assert expression.span.text == "a\n + b"


def test_an_expression_may_be_missing() -> None:
    for text in ("", " \n", "# x"):
        expression, (problem,) = read_expression(Source("x", text))
        assert expression is None
        assert problem.summary == "Missing expression"


def test_a_template_file_with_an_error_is_none() -> None:
    template, (problem,) = read_template(Source("run.sh", "echo ${HOME:-x}\n"))
    assert template is None
    assert problem.summary == "Extra characters after interpolation expression"
    assert problem.primary.span.start_pos == (1, 12)


def test_an_argument_in_a_slice_keeps_the_offsets_of_its_source() -> None:
    source = Source("main.tf", "# unitc: depends_on_start = [coder_script.x] \nb = 1")
    attribute, problems = read_attribute(source, 8, 45)
    assert problems == ()
    assert attribute is not None
    assert (attribute.name, attribute.name_span.start_pos) == ("depends_on_start", (1, 10))
    assert attribute.expression.span.text == "[coder_script.x]"
    assert attribute.span.text == "depends_on_start = [coder_script.x]"


@pytest.mark.parametrize(
    "text", ["", " ", "a", "a = ", "a = 1\nb = 2", "a {}", "a = 1\na {}", "a = [", "a = all extra", "1", "a = 1, b = 2"]
)
def test_a_slice_that_is_not_one_argument_is_refused(text: str) -> None:
    source = Source("main.tf", f"# x: {text}")
    attribute, problems = read_attribute(source, 5, len(source.text))
    assert attribute is None
    assert len(problems) == 1
    assert problems[0].primary.span.start >= 5
