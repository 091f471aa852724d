"""The wiring, applied by the real terraform binary: the gates, bodies and timeouts that scripts hand to their agents.

A case is a folder of ``templates/``; ``applies.json`` holds the values of its variables in consecutive applies, which
one compile must serve.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from tests.coder.terraform import Script, State, TemplateCopy
from tests.coder.wired import Gates, expected_gates, unwrap, wire

pytestmark = pytest.mark.terraform

TEMPLATES: Final = Path(__file__).parent / "templates"
CASES: Final = sorted(folder.name for folder in TEMPLATES.iterdir())


def applies(case: str) -> list[dict[str, Any]]:
    path = TEMPLATES / case / "applies.json"
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else [{}]
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_compiled_template_applies_with_its_graph_s_gates_and_its_own_bodies(case: str, tmp_path: Path) -> None:
    plain = TemplateCopy(TEMPLATES / case, tmp_path / "plain")
    compiled = TemplateCopy(TEMPLATES / case, tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    for copy in (plain, compiled):
        copy.init()
    assert [finding.detail for finding in compiled.validate() if finding.severity == "error"] == []
    assert compiled.run("fmt", "-check", "-diff", "-recursive").stdout == ""
    assert long_lines(compiled.folder) == []
    for variables in applies(case):
        expected = expected_gates(plain.folder, variables)
        first = compiled.apply(variables=variables)
        compare(plain.apply(variables=variables), first, expected)
    # A second apply changes nothing, and a stop build applies.
    assert compiled.apply(variables=variables) == first
    compiled.apply(variables=variables, environment={"CODER_WORKSPACE_TRANSITION": "stop"})


def long_lines(folder: Path) -> list[str]:
    """Return the generated lines that don't fit, though the text of the template does."""
    generated = [line for file in folder.rglob("zz_unitc*.tf") for line in file.read_text().splitlines()]
    # A condition that holds a copy of a whole body is as long as that is.
    return [line for line in generated if len(line) > 120 and "for unitc_body in [" not in line]


Occasions: TypeAlias = tuple[bool, bool, str]


def occasions_of(script: Script) -> Occasions:
    """Return whether a script runs on start and on stop, and its schedule."""
    return script.run_on_start, script.run_on_stop, script.cron


def split_of(occasions: Occasions) -> list[Occasions]:
    """Return occasions one by one."""
    start, stop, cron = occasions
    singles = ((start, (True, False, "")), (stop, (False, True, "")), (bool(cron), (False, False, cron)))
    return [single for there, single in singles if there]


def base_of(address: str, originals: Container[str]) -> str:
    """Return the address of the script that a script of a compiled template is, or is split off from."""
    if address in originals:
        return address
    found = re.fullmatch(r"(.*coder_script\.)unitc_(\w+?)_(?:stop|cron)(?:_\d+)?(\[.*\])?", address, re.DOTALL)
    assert found is not None, address
    single, several = found[1] + found[2], found[1] + found[2] + (found[3] or "")
    # One that exists on a condition has an index of its own.
    return several if several in originals else single


def compare(plain: State, compiled: State, expected: Mapping[str, Gates]) -> None:
    """Hold the scripts of a compiled template against those of the plain one and against the graph."""
    originals = {script.address: script for script in plain.scripts}
    gates: dict[str, Gates] = {}
    occasions: dict[str, list[Occasions]] = {}
    for script in compiled.scripts:
        wrapped = unwrap(script.text)
        address = base_of(script.address, originals)
        original = originals[address]
        occasions.setdefault(address, []).append(occasions_of(script))
        if wrapped is None:
            assert script.text == original.text
            timeout = script.timeout
        else:
            # What is said for another phase is of no consequence.
            said = frozenset(gate for gate in wrapped.gates if gate[0] in wrapped.phases)
            gates[address] = gates.get(address, frozenset()) | said
            assert wrapped.unit == address
            assert wrapped.body == original.text
            # The scripts of an agent have no name in the template.
            assert wrapped.name == (original.display_name if "coder_script." in address else "")
            timeout = int(wrapped.timeout or 0)
            # A text knows its phase, whatever starts it.
            assert occasions_of(script) == ("start" in wrapped.phases, "stop" in wrapped.phases, "")
            assert script.timeout == 0
        assert timeout == original.timeout
        assert (script.agent, script.display_name) == (original.agent, original.display_name)
        assert script.start_blocks_login is (original.start_blocks_login and script.run_on_start)
    # No occasion is lost, and none comes twice.
    assert occasions.keys() == originals.keys()
    for address, found in occasions.items():
        whole = occasions_of(originals[address])
        assert sorted(found) == sorted(split_of(whole) if len(found) > 1 else [whole])
    assert {address: gates[address] for address in expected if address in gates} == expected
    # A script that is ordered for other values of the variables is wrapped too, but then waits for nothing.
    assert not any(said for address, said in gates.items() if address not in expected)
    assert not list(compiled.of_type("coder_script_order"))


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


QUOTED: Final = """echo "it'\\''s cloned\""""
CHANGED: Final = {
    "a line with a quote": ("s cloned", "s Cloned", QUOTED, QUOTED.replace("cloned", "Cloned")),
    "a line with a value": ("clone ${var", "cloNe ${var", "git clone https://x/y.git", "git cloNe https://x/y.git"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_changed_character_of_a_body_is_a_changed_line_of_the_plan(case: str, tmp_path: Path) -> None:
    old, new, before, after = CHANGED[case]
    template = tmp_path / "template"
    template.mkdir()
    (template / "main.tf").write_text(PLANNED, "utf-8")
    compiled = TemplateCopy(template, tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    compiled.init()
    compiled.apply()
    text = (compiled.folder / "main.tf").read_text("utf-8")
    assert old in text
    (compiled.folder / "main.tf").write_text(text.replace(old, new), "utf-8")
    assert wire(compiled.folder) == ()
    plan = compiled.run("plan", "-input=false", "-lock=false", "-refresh=false").stdout
    lines = [line.strip() for line in plan.splitlines()]
    # What isn't the value of an argument is a line of a text.
    changed = [line for line in lines if re.match(r"[-+] (?!\w+ +=)", line)]
    assert changed == [f"- {before}", f"+ {after}"], plan


PLANNED: Final = """\
terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "repository" {
  type    = string
  default = "https://x/y.git"
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "clone" {
  agent_id     = coder_agent.main.id
  display_name = "Clone"
  run_on_start = true
  script       = <<-EOT
    #!/bin/sh
    set -e
    git clone ${var.repository}
    echo "it's cloned"
    echo done
  EOT
}

resource "coder_script" "build" {
  agent_id     = coder_agent.main.id
  display_name = "Build"
  run_on_start = true
  depends_on   = [coder_script.clone]
  script       = "make"
}
"""
