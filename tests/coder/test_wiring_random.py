"""Templates that nobody thought of are wired as their graphs say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.coder.random_templates import APPLIES, random_template
from tests.coder.terraform import TemplateCopy
from tests.coder.test_wiring import compare
from tests.coder.wired import expected_gates, wire
from tests.every import some

pytestmark = pytest.mark.terraform


@pytest.mark.parametrize("seed", some(2, range(8)))
def test_gates_of_a_random_template_are_those_of_its_graph(seed: int, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name, text in random_template(seed).items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    plain, compiled = TemplateCopy(source, tmp_path / "plain"), TemplateCopy(source, tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    for copy in (plain, compiled):
        copy.init()
    for variables in APPLIES:
        expected = expected_gates(source, variables)
        compare(plain.apply(variables=variables), compiled.apply(variables=variables), expected)
