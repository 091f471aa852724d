"""What is found in script bodies, whole, in each form in which it is reported: the wrong example of every page."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from compiler.commands.shared.console import Color, Console, Format
from compiler.pipeline import Options, analyze
from compiler.source.codes import CODES
from compiler.terraform.configuration.files import MemoryFiles
from tests.golden import check_golden
from tests.test_explain import TEXT, examples

GOLDENS = Path(__file__).parent / "goldens"
ABOUT_BODIES = [code for code in sorted(CODES) if code.startswith("UC3") and code >= "UC320" and code not in TEXT]


@pytest.mark.parametrize("form", [Format.TEXT, Format.JSON, Format.GITHUB, Format.SARIF])
def test_each_form_tells_all_of_a_finding(form: Format) -> None:
    results = [
        (code, analyze(MemoryFiles({"main.tf": examples(code)["hcl wrong"]}), Options(pedantic=True)).diagnostics)
        for code in ABOUT_BODIES
    ]
    stdout, stderr = io.StringIO(), io.StringIO()
    Console(stdout, stderr, {}, Color.NEVER).report(results, form)
    check_golden(GOLDENS / f"script-bodies.{form}", stderr.getvalue() if form is Format.TEXT else stdout.getvalue())
