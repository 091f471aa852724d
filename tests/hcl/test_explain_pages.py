"""The pages that explain the codes of this stage: the wrong example is wrong in that way, the right one is right."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from compiler.hcl import decode, read
from compiler.source.span import Source

_CODES = ("UC002", "UC003", "UC004", "UC005")


def _example(code: str, which: str) -> str:
    page = files("compiler").joinpath("source", "explain", f"{code}.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```hcl {which}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return str(found)


def _codes(text: str) -> list[str]:
    source, problems = decode("main.tf", text.encode())
    if source is not None:
        _, problems = read(Source("main.tf", text))
    return [problem.code for problem in problems]


@pytest.mark.parametrize("code", _CODES)
def test_the_wrong_example_gives_the_code_and_the_right_one_nothing(code: str) -> None:
    assert _codes(_example(code, "wrong")) == [code]
    assert _codes(_example(code, "right")) == []
