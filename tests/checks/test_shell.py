from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.checks.shell import is_shell, read_commands

# Every word is known to be itself, whatever runs it.
WORDS = [
    "plain",
    "'single quotes'",
    '"double quotes"',
    "mi'xed 'wo\"rd \"s",
    r"back\ slash",
    r'"in \"quotes\" \\ and \x"',
    "$HOME/x",
    "${HOME}/x",
    '"$HOME"/x',
    "~/x",
    "~",
    "'~'/x",
    "a~/x",
    "con\\\ntinued",
    '"con\\\ntinued"',
    "a#b",
    "'#'",
    "1+1=2",
    "--option=~/x",
    "-e",
    "''",
    "a''b",
    "']'",
    "é",
]
UNKNOWN = ["$(echo x)", "`echo x`", "$1", "$@", "${A:-b}", "*.txt", "a?", "x[0]", "'$HOME'", r"\$HOME", "$((1 + 1))"]


def words(text: str) -> list[tuple[str | None, ...]]:
    return [command.words for command in read_commands(text)]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_what_the_shell_makes_of_it(word: str) -> None:
    assert shutil.which("dash"), "dash is part of what the tests need"
    ran = subprocess.run(
        ["dash", "-c", f"printf %s {word}"],
        capture_output=True,
        env={"HOME": "/h", "PATH": os.environ["PATH"]},
        check=True,
    )
    ((_, _, read),) = words(f"printf %s {word}")
    assert read is not None
    assert re.sub(r"\$\{HOME\}", "/h", read) == ran.stdout.decode()


@pytest.mark.parametrize("word", UNKNOWN)
def test_a_word_that_hangs_on_the_run_is_not_known(word: str) -> None:
    assert words(f"echo {word} x") == [("echo", None, "x")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a; b & c && d || e | f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("# a comment; rm x\necho hi # more", [("echo", "hi")]),
        ("echo '# no comment'", [("echo", "# no comment")]),
        ("until [ -e x ]; do sleep 1; done", [("until",), ("[", "-e", "x", "]"), ("do",), ("sleep", "1"), ("done",)]),
        ("while ! test -e x\ndo :\ndone", [("while",), ("!",), ("test", "-e", "x"), ("do",), (":",), ("done",)]),
        ("'until' x", [("until", "x")]),
        ("echo until do", [("echo", "until", "do")]),
        ("f() { touch x; }", [("f",), ("{",), ("touch", "x"), ("}",)]),
        ("(cd /x; touch y)", [("cd", "/x"), ("touch", "y")]),
        ("cat <<EOF\nuntil [ -e x ]; do\nEOF\necho y", [("cat",), ("echo", "y")]),
        ("cat <<-'EOF' | sh\n\tx\n\tEOF\necho y", [("cat",), ("sh",), ("echo", "y")]),
        ("cat <<A <<B\na\nA\nb\nB\necho y", [("cat",), ("echo", "y")]),
        ("cat <<EOF\nnever ends", [("cat",)]),
        ("cat <<< word", [("cat",)]),
        ('x="$(echo "a)b" | sed \'s/)//\')" y', [(None, "y")]),
        ('echo "${A:-it\'s}" y', [("echo", None, "y")]),
        ("echo 'never ends\necho y", [("echo", "never ends\necho y")]),
        ("diff <(a) >(b) c", [("diff", None, None, "c")]),
        ("a\r\nb", [("a\r",), ("b",)]),
        ("X=~/a", [("X=${HOME}/a",)]),
        ("case $x in\na) touch y ;;\nesac", [("case", "${x}", "in"), ("a",), ("touch", "y"), ("esac",)]),
        ("", []),
        ("\n\n#!/x", []),
        ("echo \\", [("echo", "")]),
    ],
)
def test_a_script_is_read_as_its_commands(text: str, expected: list[tuple[str | None, ...]]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("echo x > /a", ["/a"]),
        ("echo x >/a 2>&1", ["/a"]),
        ("echo x >> /a 2> /b", ["/a", "/b"]),
        ("echo x &> /a", ["/a"]),
        ("echo x >| /a", ["/a"]),
        ("exec 3<> /a", ["/a"]),
        ("echo x >& /a", ["/a"]),
        ("> /a", ["/a"]),
        ("{ echo x; } > /a", ["/a"]),
        ("cat < /a", []),
        ("echo x >&2 2>&-", []),
        ("echo '> /a'", []),
        ("echo x > $(mktemp)", [None]),
    ],
)
def test_redirections_name_the_files_that_they_make(text: str, files: list[str | None]) -> None:
    assert [path for command in read_commands(text) for path in command.writes] == files


def test_a_command_knows_what_stands_before_it_and_where_it_is() -> None:
    text = "[ -e x ] &&\n  break || exit 1"
    assert [(text[item.start : item.end], item.operator) for item in read_commands(text)] == [
        ("[ -e x ]", ""),
        ("break", "&&"),
        ("exit 1", "||"),
    ]


@pytest.mark.parametrize(
    ("line", "shell"),
    [
        ("", True),
        ("#!/bin/sh", True),
        ("#!/usr/bin/env bash", True),
        ("#! /bin/bash -e", True),
        ("#!/usr/bin/env -S bash", False),
        ("#!/usr/bin/python3", False),
        ("#!/usr/bin/env node", False),
        ("#!", False),
    ],
)
def test_a_shell_is_told_by_its_first_line(line: str, shell: bool) -> None:
    assert is_shell(f"{line}\necho x") is shell


def test_a_script_that_is_nested_beyond_reason_has_no_commands() -> None:
    assert read_commands('"$(' * 50_000) == ()


@given(st.text(alphabet="ab \t\n'\"\\$`(){}[]<>|&;#~*=-/1!\r", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    commands = read_commands(text)
    spans = [(command.start, command.end) for command in commands]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
