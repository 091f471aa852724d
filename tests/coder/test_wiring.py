"""The wiring, applied by the real terraform binary: the gates, bodies and timeouts that scripts hand to their agents.

A case is a folder of ``templates/``; ``applies.json`` holds the values of its variables in consecutive applies, which
one compile must serve.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.coder.terraform import State, TemplateCopy
from tests.coder.wired import Gates, expected_gates, unwrap, wire

pytestmark = pytest.mark.terraform

TEMPLATES: Final = Path(__file__).parent / "templates"
CASES: Final = sorted(folder.name for folder in TEMPLATES.iterdir())


def applies(case: str) -> list[dict[str, Any]]:
    path = TEMPLATES / case / "applies.json"
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else [{}]
    return found


@pytest.mark.parametrize("case", CASES)
def test_gates_are_those_of_the_graph_and_bodies_those_of_the_plain_template(case: str, tmp_path: Path) -> None:
    plain = TemplateCopy(TEMPLATES / case, tmp_path / "plain")
    compiled = TemplateCopy(TEMPLATES / case, tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    for copy in (plain, compiled):
        copy.init()
    assert [finding.detail for finding in compiled.validate() if finding.severity == "error"] == []
    for variables in applies(case):
        expected = expected_gates(plain.folder, variables)
        compare(plain.apply(variables=variables), compiled.apply(variables=variables), expected)


def compare(plain: State, compiled: State, expected: Mapping[str, Gates]) -> None:
    """Hold the scripts of a compiled template against those of the plain one and against the graph."""
    originals = {script.address: script for script in plain.scripts}
    assert [script.address for script in compiled.scripts] == list(originals)
    gates = {}
    for script in compiled.scripts:
        original = originals[script.address]
        wrapped = unwrap(script.text)
        if wrapped is None:
            assert script == original
            continue
        # What is said for a phase in which the script doesn't run in this apply is of no consequence.
        gates[script.address] = frozenset(gate for gate in wrapped.gates if gate[0] in wrapped.phases)
        assert wrapped.unit == script.address
        assert wrapped.body == original.text
        assert int(wrapped.timeout or 0) == original.timeout
        phases = {"start": original.run_on_start, "stop": original.run_on_stop}
        assert wrapped.phases == {phase for phase, runs in phases.items() if runs}
        assert replace(script, text=original.text, timeout=original.timeout) == original
    assert {address: gates[address] for address in expected if address in gates} == expected
    # A script that is ordered for other values of the variables is wrapped too, but then waits for nothing.
    assert not any(said for address, said in gates.items() if address not in expected)
    assert not list(compiled.of_type("coder_script_order"))


@pytest.mark.parametrize("case", CASES)
def test_a_second_apply_changes_nothing_and_a_stop_build_applies(case: str, tmp_path: Path) -> None:
    compiled = TemplateCopy(TEMPLATES / case, tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    compiled.init()
    variables = applies(case)[-1]
    first, second = (compiled.apply(variables=variables) for _ in range(2))
    assert first == second
    compiled.apply(variables=variables, environment={"CODER_WORKSPACE_TRANSITION": "stop"})


@pytest.mark.parametrize("case", CASES)
def test_generated_files_are_formatted(case: str, tmp_path: Path) -> None:
    compiled = TemplateCopy(TEMPLATES / case, tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    assert compiled.run("fmt", "-check", "-diff", "-recursive").stdout == ""


def test_a_module_of_a_compiled_template_applies_by_itself(tmp_path: Path) -> None:
    assert wire(Path(shutil.copytree(TEMPLATES / "modules", tmp_path / "compiled"))) == ()
    alone = TemplateCopy(tmp_path / "compiled" / "m", tmp_path / "alone")
    alone.init()
    state = alone.apply(variables={"agent": "x", "keys": ["k"], "on": True})
    assert {script.text for script in state.scripts} == {"echo .", "echo inner", "echo 0", "echo 1"}


def test_a_reference_to_one_instance_of_many_is_a_gate_on_that_one_where_it_exists(tmp_path: Path) -> None:
    compiled = TemplateCopy(TEMPLATES / "single-instances", tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    compiled.init()

    def gates(**variables: Any) -> dict[str, list[str]]:
        found = {script.address: unwrap(script.text) for script in compiled.apply(variables=variables).scripts}
        return {address: sorted(gate[2] for gate in each.gates) for address, each in found.items() if each is not None}

    # With these values given unitc would refuse the references, and Terraform takes them.
    waits = gates(n=1, keys=["b"])
    assert waits["coder_script.last"] == []
    assert waits['coder_script.k["b"]'] == []
    waits = gates(n=0, keys=["a&b"])
    assert waits["coder_script.last"] == []
    assert waits['coder_script.k["a&b"]'] == ["coder_script.first"]
