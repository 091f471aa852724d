"""What can still be told of a file with errors in it, and how many of them one run reports."""

from __future__ import annotations

from compiler.hcl import read
from compiler.hcl.syntax import File, Unread
from compiler.source.span import Source


def _read(text: str) -> tuple[File, list[tuple[str, int]]]:
    """Return the file, and summary and line of each error."""
    file, problems = read(Source("main.tf", text))
    return file, [(problem.summary, problem.primary.span.start_pos.line) for problem in problems]


def _blocks(file: File) -> list[tuple[str, ...]]:
    """Return each top-level block: its type, labels, and the names whose values could be read."""
    return [
        (
            block.type,
            *(label.value for label in block.labels),
            *(item.name for item in block.body.attributes if not isinstance(item.expression, Unread)),
        )
        for block in file.body.blocks
    ]


def test_errors_in_several_arguments_are_all_reported_and_the_others_are_read() -> None:
    file, errors = _read("""\
locals {
  a = 1 2
  b = 3
  c = [4 5]
  d = foo(
    6 7
  )
  e
  f = 8
}
g = 9
""")
    assert errors == [
        ("Missing newline after argument", 2),
        ("Missing item separator", 4),
        ("Missing argument separator", 6),
        ("Argument or block definition required", 8),
    ]
    assert _blocks(file) == [("locals", "b", "f")]
    assert [attribute.name for attribute in file.body.attributes] == ["g"]


def test_an_argument_that_can_not_be_read_is_there_without_a_value() -> None:
    file, _ = _read("locals {\n  a = 1 2\n  b = (\n  c = 3\n}\n")
    [block] = file.body.blocks
    assert {item.name: type(item.expression) for item in block.body.attributes} == {"a": Unread, "b": Unread}
    assert [span.text for span in file.unread] == ["a = 1 2", "b = (\n  c = 3\n}\n"]


def test_an_open_bracket_ends_where_the_next_top_level_block_starts() -> None:
    file, errors = _read("""\
resource "coder_script" "a" {
  x = [1, 2
  y = 3
}

resource "coder_script" "b" {
  x = 1
}

data "coder_workspace" "me" {
  z = ,
}
""")
    assert errors == [("Missing item separator", 3), ("Invalid expression", 11)]
    assert _blocks(file) == [
        ("resource", "coder_script", "a"),
        ("resource", "coder_script", "b", "x"),
        ("data", "coder_workspace", "me"),
    ]


def test_an_unclosed_heredoc_ends_where_the_next_top_level_block_starts() -> None:
    file, errors = _read("""\
resource "coder_script" "a" {
  script = <<EOT
echo hello
  EOT!
}

resource "coder_script" "b" {
  run_on_start = = true
  cron         = 1
}
""")
    assert errors == [("Invalid expression", 8), ("Unterminated template string", 10)]
    assert _blocks(file) == [("resource", "coder_script", "a"), ("resource", "coder_script", "b", "cron")]


def test_an_unclosed_string_ends_where_the_next_top_level_block_starts() -> None:
    file, errors = _read('variable "a" {\n  default = "x\n}\n\nvariable "b" {\n  default = "y"\n}\n')
    assert errors == [("Invalid multi-line string", 2)]
    assert _blocks(file) == [("variable", "a"), ("variable", "b", "default")]


def test_an_unclosed_block_ends_where_the_next_top_level_block_starts() -> None:
    file, errors = _read("""\
resource "coder_script" "a" {
  script = "a"

resource "coder_script" "b" {
  script = "b"
  script = "c"
}
""")
    assert errors == [("Attribute redefined", 6), ("Unclosed configuration block", 7)]
    assert _blocks(file) == [("resource", "coder_script", "a", "script"), ("resource", "coder_script", "b", "script")]


def test_terraform_code_in_a_heredoc_is_not_taken_for_a_block() -> None:
    file, errors = _read('locals {\n  a = f(1 2, <<E\nresource "x" "y" {\nE\n  )\n  b = 1\n}\n')
    assert errors == [("Missing argument separator", 2)]
    assert _blocks(file) == [("locals", "b")]


def test_a_block_whose_brace_is_on_the_next_line_is_read() -> None:
    file, errors = _read('resource "a" "b"\n\n{\n  c = 1\n}\nd = 2\n')
    assert errors == [("Invalid block definition", 1)]
    assert _blocks(file) == [("resource", "a", "b", "c")]
    assert [attribute.name for attribute in file.body.attributes] == ["d"]


def test_a_one_line_block_that_goes_on_is_read() -> None:
    file, errors = _read('resource "a" "b" { c = 1\n  d = 2\n}\n')
    assert errors == [("Invalid single-argument block definition", 1)]
    assert _blocks(file) == [("resource", "a", "b", "c", "d")]


def test_a_stray_brace_is_one_error() -> None:
    file, errors = _read("a {\n}}\nb {\n}\n}\nc = 1\n")
    assert errors == [("Missing newline after block definition", 2), ("Argument or block definition required", 5)]
    assert _blocks(file) == [("a",), ("b",)]
    assert [attribute.name for attribute in file.body.attributes] == ["c"]


def test_a_header_that_is_wrong_takes_its_block_with_it() -> None:
    file, errors = _read('resource "a" = "b" {\n  c = 1\n}\nd = 2\n')
    assert errors == [("Invalid block definition", 1)]
    assert [attribute.name for attribute in file.body.attributes] == ["d"]


def test_errors_are_reported_once_and_in_the_order_of_the_file() -> None:
    text = "".join(f'resource "a" "b{number}" {{\n  c = [\n  d = 1 2\n}}\n' for number in range(5))
    _, problems = read(Source("main.tf", text))
    assert len(problems) == len(set(problems)) == 5
    assert [problem.primary.span.start for problem in problems] == sorted(p.primary.span.start for p in problems)


def test_the_number_of_errors_is_bounded() -> None:
    _, problems = read(Source("main.tf", "a = = 1\n" * 5000))
    assert len(problems) == 100


def test_comments_are_there_where_a_file_has_errors() -> None:
    file, errors = _read('# one\nvariable "a" {\n  x = [ # two\n}\n# three\nvariable "b" {} # four\n')
    assert errors == [("Invalid expression", 4)]
    assert [comment.text for comment in file.comments] == ["# one", "# two", "# three", "# four"]
