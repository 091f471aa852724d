from __future__ import annotations

import pytest

from compiler.checks.reading.files import FileUses
from compiler.checks.reading.files import files_of as files_of_body
from compiler.order.bodies import shell_body
from compiler.source.rendered import Frame, RenderedText, TextPart
from compiler.source.span import Source


def files_of(text: str) -> FileUses:
    span = Source("run.sh", text).span(0, len(text))
    return files_of_body(shell_body(RenderedText((TextPart(text, (Frame(span, span, exact=True),)),))))


LOOPS = [
    "until [ -e /r ]; do sleep 1; done",
    "until [ -f '/r' ]\ndo\n  sleep 1\ndone",
    "until [[ -s /r ]]; do echo waiting; sleep 1; done",
    "until test -d /r; do sleep 1; done",
    "while [ ! -f /r ]; do sleep 1; done",
    "while ! [ -f /r ]; do sleep 1; done",
    "while ! test -e /r; do sleep 1; done",
    "while [[ ! -f /r ]]; do sleep 1; done",
    "while test ! -e /r; do sleep 1; done",
    "while [ ! -f /r ] && [ $n -lt 60 ]; do n=$((n + 1)); sleep 1; done",
    "while [[ ! -f /r && $n -lt 60 ]]; do sleep 1; done",
    "until [ -f /r ] || [ $n -gt 60 ]; do sleep 1; done",
    "for i in $(seq 60); do [ -f /r ] && break; sleep 1; done",
    "for i in 1 2 3; do [ -f /r ] &&\n break; sleep 1; done",
    "while true; do if [ -f /r ]; then break; fi; sleep 1; done",
    "while :; do\n  if [ -f /r ]\n  then\n    break\n  fi\n  sleep 1\ndone",
    'F=/r; until [ -e "$F" ]; do sleep 1; done',
    'export DIR=/\nF="${DIR}r"\nuntil [ -e $F ]; do sleep 1; done',
    "until [ -e //r/ ]; do sleep 1; done",
    "until [ -e /r ]; do sudo -u coder sleep 1; done",
    "while read -r x; do until [ -e /r ]; do sleep 1; done; done",
    "f() { until [ -e /r ]; do sleep 1; done; }; f",
    "timeout 60 bash -c 'until [ -e /r ]; do sleep 1; done'",
    'sudo sh -c "while [ ! -e /r ]; do sleep 1; done"',
    "until ls /r >/dev/null 2>&1; do sleep 1; done",
    "while ! stat /r; do sleep 1; done",
]


@pytest.mark.parametrize("text", LOOPS)
def test_a_loop_that_sleeps_until_a_file_is_there_waits_for_it(text: str) -> None:
    assert [use.path for use in files_of(text).awaited] == ["/r"]


@pytest.mark.parametrize(
    "text",
    [
        "until [ -e /r ]; do :; done",
        "until [ ! -e /r ]; do sleep 1; done",
        "while [ -e /r ]; do sleep 1; done",
        "while ! [ ! -e /r ]; do sleep 1; done",
        "if [ -e /r ]; then sleep 1; fi",
        "[ -e /r ] && sleep 1",
        "until [ -S /r ]; do sleep 1; done",
        "until [ -z /r ]; do sleep 1; done",
        "until [ /r ]; do sleep 1; done",
        "until [ -e r ]; do sleep 1; done",
        "until [ -e $1 ]; do sleep 1; done",
        "until ls; do sleep 1; done",
        "while ls /r; do sleep 1; done",
        "trap 'until [ -e $1 ]; do sleep 1; done' EXIT",
        "until [ -e $(which x) ]; do sleep 1; done",
        "until [ -e /r* ]; do sleep 1; done",
        "until curl http://localhost; do sleep 1; done",
        "for f in /a /b; do until [ -e $f ]; do sleep 1; done; done",
        "read f; until [ -e $f ]; do sleep 1; done",
        "f=/r; f=/s; until [ -e $f ]; do sleep 1; done",
        "f=/r; f+=x; until [ -e $f ]; do sleep 1; done",
        "f=$f$f$f; until [ -e /$f ]; do sleep 1; done",
        "while :; do [ -f /r ] || break; sleep 1; done",
        "while :; do [ ! -f /r ] && break; sleep 1; done",
        "# until [ -e /r ]; do sleep 1; done",
        "echo 'until [ -e /r ]; do sleep 1; done'",
        "cat <<X\nuntil [ -e /r ]; do sleep 1; done\nX",
        "#!/usr/bin/python3\nuntil [ -e /r ]; do sleep 1; done",
        "until [ -e /dev/sda ]; do sleep 1; done",
        "until [ -e /proc/1 ]; do sleep 1; done",
    ],
)
def test_anything_else_waits_for_nothing_that_is_known(text: str) -> None:
    assert files_of(text).awaited == ()


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("touch /a /b", ["/a", "/b"]),
        ("touch -d now /a", ["/a"]),
        ("sudo touch /a", ["/a"]),
        ("sudo -u coder tee -a /a > /dev/null", ["/a"]),
        ("echo x | tee /a", ["/a"]),
        (": > /a", ["/a"]),
        ("echo x >> /a", ["/a"]),
        ("mkdir -p /a/b", ["/a/b"]),
        ("cp x y /a", ["/a"]),
        ("mv /b /a", ["/a"]),
        ("ln -s /b /a", ["/a"]),
        ("trap 'true' EXIT; touch /a", ["/a"]),
        ('touch "$HOME/.ready"', ["${HOME}/.ready"]),
        ("touch ~/.ready", ["${HOME}/.ready"]),
        ("D=/x; touch $D/y ${D}/z", ["/x/y", "/x/z"]),
        ("touch /a && touch /a", ["/a"]),
        ("touch a", []),
        ("touch $(mktemp)", []),
        ("touch /a/*", []),
        ("echo touch /a", []),
        ("rm /a", []),
        ("cat /a", []),
        ("", []),
    ],
)
def test_what_a_script_makes_is_read_from_its_commands(text: str, paths: list[str]) -> None:
    assert [use.path for use in files_of(text).made] == paths


def test_each_use_holds_the_command_that_says_it() -> None:
    text = "#!/bin/sh\n  until [ -e /r ]; do # wait\n    sleep 1\n  done\n\ttouch /m\n"
    files = files_of(text)
    assert [text[use.start : use.end] for use in (*files.awaited, *files.made)] == ["[ -e /r ]", "touch /m"]
