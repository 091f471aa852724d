from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.shell.interpreter import interpreter_of
from compiler.shell.reader import read
from compiler.shell.walk import visits

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
    return [visit.command.texts for visit in visits(read(text).body)]


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


@pytest.mark.parametrize("word", ["~/x", "~", "~/x/y.z", "~coder/x", "$HOME/x", '"$HOME"/x', "'~'/x", "x~", '""'])
def test_a_word_of_a_test_is_what_it_is_elsewhere(word: str) -> None:
    ((*_, elsewhere),) = words(f"test -e {word}")
    for text in (f"[ -e {word} ]", f"[[ -e {word} ]]", f"[ ! -e {word} ]"):
        ((*_, found, _),) = words(text)
        assert found == elsewhere


@pytest.mark.parametrize("word", UNKNOWN)
def test_a_word_that_hangs_on_the_run_is_not_known(word: str) -> None:
    assert words(f"echo {word} x")[0] in (("echo", None, "x"), ("echo", f"${{{word[1:]}}}", "x"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a; b & c && d || e | f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("# a comment; rm x\necho hi # more", [("echo", "hi")]),
        ("echo '# no comment'", [("echo", "# no comment")]),
        ("until [ -e x ]; do sleep 1; done", [("[", "-e", "x", "]"), ("sleep", "1")]),
        ("while ! test -e x\ndo :\ndone", [("test", "-e", "x"), (":",)]),
        ("[[ -e x && ! $y == z ]]", [("[[", "-e", "x", "&&", "!", "${y}", "==", "z", "]]")]),
        ("'until' x", [("until", "x")]),
        ("echo until do", [("echo", "until", "do")]),
        ("f() { touch x; }", [("touch", "x")]),
        ("(cd /x; touch y)", [("cd", "/x"), ("touch", "y")]),
        ("if a; then b; elif c; then d; else e; fi", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("cat <<EOF\nuntil [ -e x ]; do\nEOF\necho y", [("cat",), ("echo", "y")]),
        ("cat <<-'EOF' | sh\n\tx\n\tEOF\necho y", [("cat",), ("sh",), ("echo", "y")]),
        ("cat <<EOF > /f && a || b\nx\nEOF\necho y", [("cat",), ("a",), ("b",), ("echo", "y")]),
        ("cat <<EOF word\nx $(a)\nEOF", [("cat", "word"), ("a",)]),
        ("cat <<< word", [("cat",)]),
        ('x="$(echo "a)b" | sed \'s/)//\')" y', [("y",), ("echo", "a)b"), ("sed", "s/)//")]),
        ('echo "${A:-its}" y', [("echo", None, "y")]),
        ('echo "a $x  $(b) c" y', [("echo", None, "y"), ("b",)]),
        ('echo "a $x  ${y} c" z', [("echo", "a ${x}  ${y} c", "z")]),
        ("diff <(a) >(b) c", [("diff", None, None, "c"), ("a",), ("b",)]),
        ("case $x in\na) touch y ;;\nesac", [("touch", "y")]),
        ("export A=b C", [("export", "C")]),
        ("(( x > 1 )) && a", [("((", None), ("a",)]),
        ("", []),
        ("\n\n#!/x", []),
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
    found = [
        item.writes.text
        for visit in visits(read(text).body)
        for item in (*visit.redirections, *visit.command.redirections)
        if item.writes is not None
    ]
    assert found == files


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a", ""),
        ("a &", "background"),
        ("(a; b) &", "background subshell"),
        ("{ a; } &", "background"),
        ("a && b &", "background tested"),
        ("a | b", "piped subshell"),
        ("a |& b", "piped subshell"),
        ("a | b && c", "piped subshell tested"),
        ("! a | b", "piped subshell tested"),
        ("a || true", "tested ignored"),
        ("a || exit 1", "tested"),
        ("if a; then b; fi", "tested"),
        ("while a; do b; done", "tested loops"),
        ("if true; then a; fi", "conditional"),
        ("true && a", "conditional"),
        ("case x in x) a;; esac", "conditional"),
        ("x=$(a)", "substitution"),
        ("f() { a; }", "function"),
        ("for x in y; do a; done", "conditional loops"),
        ("if true; then a; fi > /x", "conditional redirections"),
    ],
)
def test_a_command_knows_what_it_stands_in(text: str, told: str) -> None:
    [visit] = [visit for visit in visits(read(text).body) if visit.command.name == "a"]
    flags = ("background", "piped", "subshell", "tested", "ignored", "conditional", "function", "loops", "redirections")
    found = {flag for flag in flags if getattr(visit, flag)}
    if visit.substitution:
        found = {"substitution"}
    assert found == set(told.split())


def test_a_command_knows_where_it_is_beyond_ascii() -> None:
    text = "é='ü'\n  echo \"é\" && x"
    assert [text[visit.command.start : visit.command.end] for visit in visits(read(text).body)] == [
        "é='ü'",
        'echo "é"',
        "x",
    ]


@pytest.mark.parametrize(
    ("line", "shell"),
    [
        ("", True),
        ("#!/bin/sh", True),
        ("#!/usr/bin/env bash", True),
        ("#! /bin/bash -e", True),
        ("\n  #!/bin/bash", True),
        ('Write-Host "hi"', False),
        ("$path = Get-Item x", False),
        ("x=$path", True),
        ("\n  #!/usr/bin/python3", False),
        ("#!/usr/bin/env -S bash", True),
        ("#!/usr/bin/env FOO=1 bash -e", True),
        ("#! '/opt/my shells/bash'", True),
        ("#!/usr/bin/python3", False),
        ("#!/usr/bin/env node", False),
        ("#!", True),
    ],
)
def test_a_shell_is_told_by_its_first_line(line: str, shell: bool) -> None:
    text = f"{line}\necho x"
    assert interpreter_of(text).is_shell is shell
    assert bool(read(text).body) is shell


@pytest.mark.parametrize(
    "text",
    [
        "echo " + '"$(' * 5_000 + "x" + ')"' * 5_000,
        " && ".join(["a"] * 20_000),
        "if a; then\n" * 5_000 + "b\n" + "fi\n" * 5_000,
        "[[ " + " && ".join(["-e a"] * 20_000) + " ]]",
        "echo $((" + "+".join(["1"] * 20_000) + "))",
        "echo " + "${a:-" * 5_000 + "x" + "}" * 5_000,
        "( " * 5_000 + "x" + " )" * 5_000,
    ],
    ids=["substitutions", "list", "if", "test", "arithmetic", "expansions", "subshells"],
)
def test_a_text_that_is_nested_beyond_reason_is_read_as_far_as_anybody_writes(text: str) -> None:
    assert list(visits(read(text + "\ntouch /x\n").body)) is not None


def test_what_is_wrong_in_one_place_leaves_the_rest() -> None:
    script = read("if a; then b fi\ncoder exp sync start x\n")
    assert script.broken
    assert ("coder", "exp", "sync", "start", "x") in [visit.command.texts for visit in visits(script.body)]


def test_a_stand_in_is_an_unknown_part_of_a_word_and_the_rest_is_read() -> None:
    text = "echo a-HOLE-b 'HOLE' \"x $y HOLE\" && HOLE\ntouch /x"
    holes = [(at, at + 4) for at in range(len(text)) if text.startswith("HOLE", at)]
    assert [visit.command.texts for visit in visits(read(text, holes, "HOLE").body)] == [
        ("echo", None, None, None),
        (None,),
        ("touch", "/x"),
    ]


@given(st.text(alphabet="ab \t\n'\"\\$`(){}[]<>|&;#~*=-/1!\ré", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for visit in visits(read(text).body):
        assert 0 <= visit.command.start <= visit.command.end <= len(text)
