"""What commands print on terminals of several widths, whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiler.source.prose import clipped, columns, wrap
from tests.cli.harness import run
from tests.golden import check_golden, check_orphans

GOLDENS = Path(__file__).parent / "widths"
FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
WIDTHS = (40, 80, 120)
COMMANDS = {
    "check-cycle": ("check", "faulty-cycle-across-forms"),
    "check-selectors": ("check", "faulty-selectors"),
    "explain": ("explain", "UC210"),
    "explain-all": ("explain",),
    "graph": ("graph", "before-all"),
    "graph-waves": ("graph", "before-all", "--waves"),
    "show": ("show", "app", "-C", "directives"),
    "simulate": ("simulate", "failing-script", "--fail", "install", "--duration", "clone=1.5m"),
    "simulate-each": ("simulate", "failing-script", "--fail-each"),
    "why": ("why", "app", "-C", "directives"),
    "why-both": ("why", "app", "network", "-C", "directives"),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_printed_keeps_to_the_terminals_width(name: str, width: int) -> None:
    ran = run(*COMMANDS[name], cwd=FIXTURES, environment={"COLUMNS": str(width)})
    check_golden(GOLDENS / f"{name}-{width}.txt", ran.stdout + ran.stderr)


def test_every_golden_is_of_a_command() -> None:
    check_orphans(
        {path.stem for path in GOLDENS.glob("*.txt")}, {f"{name}-{width}" for name in COMMANDS for width in WIDTHS}
    )


def test_where_no_width_is_known_a_sentence_is_one_line() -> None:
    narrow = run("check", "faulty-cycle", cwd=FIXTURES, environment={"COLUMNS": "40"}).stderr
    wide = run("check", "faulty-cycle", cwd=FIXTURES).stderr
    assert "coder_script.c -> coder_script.a (each runs before the next).\n" in wide
    assert len(wide.splitlines()) < len(narrow.splitlines())


def test_an_example_marks_the_lines_that_make_the_difference() -> None:
    lines = run("explain", "uc210", cwd=FIXTURES).stdout.splitlines()
    wrong, right = lines.index("Wrong:"), lines.index("Right:")
    assert [line for line in lines[wrong:right] if line[2:3] == "-"] == [
        '  - data "coder_parameter" "machine" {',
        '  -   name = "machine"',
        "  - }",
        "  -   agent_id     = data.coder_parameter.machine.value",
    ]
    assert [line for line in lines[right:] if line[2:3] == "+"] == ["  +   agent_id     = coder_agent.main.id"]


def test_a_page_in_colour_is_the_same_text() -> None:
    plain = run("explain", "UC210", cwd=FIXTURES).stdout
    colored = run("explain", "UC210", cwd=FIXTURES, environment={"FORCE_COLOR": "1"}).stdout
    assert colored != plain
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == plain


def test_a_text_is_broken_at_spaces_and_keeps_all_of_its_words() -> None:
    text = "wide 漢字 words  and a-very-long-one-that-stays-whole here"
    lines = list(wrap(text, 20, first=4, rest=2))
    assert lines == ["wide 漢字 words", "and", "a-very-long-one-that-stays-whole", "here"]
    assert list(wrap(text, None)) == [text]


def test_a_clipped_text_has_at_most_so_many_columns() -> None:
    assert clipped("漢字漢字", 8) == "漢字漢字"
    assert clipped("漢字漢字x", 8) == "漢字漢…"
    assert columns("漢字漢…") == 7
