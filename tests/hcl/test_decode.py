"""From bytes to text."""

from __future__ import annotations

import pytest

from compiler.hcl import decode


@pytest.mark.parametrize("text", ["", "a = 1\r\nb = 2\n", "\ufeffa = 1\n", 'a = "é 😀 \u2028"', "\r", "a\x7f\x01"])
def test_text_is_kept_as_it_is(text: str) -> None:
    source, problems = decode("sub/main.tf", text.encode())
    assert problems == ()
    assert source is not None
    assert (source.name, source.text) == ("sub/main.tf", text)


# The bytes, and line and column of the one that is wrong.
_BROKEN = (
    (b"\xff", (1, 1)),
    (b"a = 1\nb = \"caf\xe9\"\n", (2, 9)),
    (b"\xc3\xa9 \xc3", (1, 3)),
    (b"a = \"\xed\xa0\x80\"", (1, 6)),
    (b"\xff\xfea\x00 \x00=\x00", (1, 1)),
    (b"a\n\xc0\xaf", (2, 1)),
    (b"\xef\xbb\xbfa\xff", (1, 2)),
)  # fmt: skip


@pytest.mark.parametrize(("data", "place"), _BROKEN, ids=[repr(data) for data, _ in _BROKEN])
def test_bytes_that_are_no_utf_8_are_an_error_at_their_place(data: bytes, place: tuple[int, int]) -> None:
    source, (problem,) = decode("main.tf", data)
    assert source is None
    assert (problem.code, problem.summary) == ("UC001", "Invalid character encoding")
    assert problem.primary.span.start_pos == place


def test_the_bad_byte_is_named() -> None:
    _, (problem,) = decode("main.tf", b"caf\xe9")
    assert problem.primary.text == "byte 0xe9 is no UTF-8 here"


def test_a_nul_character_is_an_error_at_its_place() -> None:
    source, (problem,) = decode("main.tf", b'a = 1\nb = "x\x00y"')
    assert source is None
    assert (problem.code, problem.primary.span.start_pos) == ("UC001", (2, 7))
