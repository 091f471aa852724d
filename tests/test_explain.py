"""Every page that explains a diagnostic: its wrong example gives that diagnostic, its right one gives none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from compiler.output.target import Target
from compiler.pipeline import Options, analyze, compile_analysis
from compiler.source.codes import CODES
from compiler.terraform.configuration.files import MemoryFiles

PAGES = Path(__file__).parent.parent / "compiler" / "source" / "explain"
NAMES = sorted(path.stem for path in PAGES.glob("*.md"))

# Codes that no main.tf alone can show, and why. Their pages hold text in place of examples.
TEXT: Mapping[str, str] = {
    "UC001": "a page is UTF-8 text, so it can hold no other",
    "UC011": "a call that is right takes an installed module",
    "UC014": "it takes an override file",
    "UC015": "it takes a JSON file",
    "UC018": "it is about .terraform/modules/modules.json",
    "UC019": "it is about .terraform/modules/modules.json",
    "UC163": "it takes a file that is rendered",
    "UC211": "it takes a module with scripts of both phases",
    "UC311": "it takes a module with an output",
    "UC338": "examples are checked without other programs",
    "UC339": "examples are checked without other programs",
    "UC340": "examples are checked without other programs",
    "UC410": "it is about what compiling writes",
    "UC411": "it is about what compiling writes",
    "UC412": "it is about what compiling writes",
    "UC413": "it is about what compiling writes",
    "UC414": "it is about what compiling writes",
    "UC415": "it is about what compiling writes",
    "UC416": "it is about what compiling writes",
    "UC417": "it is about what compiling writes",
    "UC418": "it is about what was compiled",
    "UC419": "it is about what was compiled",
    "UC420": "it is about what was compiled",
    "UC421": "it is about what was compiled",
    "UC435": "it takes a module with several instances",
    "UC437": "it is about what is emitted",
    "UC804": "it is about the configuration",
    "UC805": "it is about the configuration",
    "UC806": "it is about the configuration",
}


def page_of(code: str) -> str:
    return (PAGES / f"{code}.md").read_text("utf-8")


def examples(code: str) -> dict[str, str]:
    """Return the fenced blocks of a page by their info string."""
    return {
        match[1]: match[2]
        for match in re.finditer(r"^```([a-z ]+)\n(.*?)^```$", page_of(code), re.MULTILINE | re.DOTALL)
    }


def found(text: str, *, native: bool) -> set[str]:
    target = Target.NATIVE if native else None
    analysis = analyze(MemoryFiles({"main.tf": text}), Options(pedantic=True, target=target))
    rules = compile_analysis(analysis, wire=True).diagnostics if native else ()
    return {item.code for item in (*analysis.diagnostics, *rules)}


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert sorted(CODES) == NAMES


@pytest.mark.parametrize("code", NAMES)
def test_a_page_has_a_title_a_text_and_both_examples_unless_none_can_be_shown(code: str) -> None:
    title, empty, first, *_ = page_of(code).splitlines()
    assert (title, empty) == (f"# {code}: {CODES[code]}", "")
    assert first
    assert list(examples(code)) == (["text"] if code in TEXT else ["hcl wrong", "hcl right"])


# What takes too much to evaluate takes its time.
SLOW = {"UC162": [pytest.mark.slow]}


@pytest.mark.parametrize("code", [pytest.param(name, marks=SLOW.get(name, ())) for name in NAMES if name not in TEXT])
def test_the_wrong_example_gives_the_diagnostic_and_the_right_one_gives_none(code: str) -> None:
    shown = examples(code)
    # What is about native rules is told by compiling to them.
    native = code.startswith("UC43")
    assert code in found(shown["hcl wrong"], native=native)
    assert found(shown["hcl right"], native=native) == set()
