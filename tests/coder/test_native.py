"""The order as rules of Coder's own: read back by the rules' reader and by Terraform, they are the graph's edges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from compiler.order.model import OriginKind
from compiler.output.target import Target
from compiler.pipeline import Analysis, Options, analyze, compile_analysis
from compiler.source.diagnostics import Severity
from compiler.terraform.configuration.files import MemoryFiles
from tests.cli.harness import run
from tests.coder.native_templates import native_template
from tests.coder.terraform import State, TemplateCopy
from tests.every import some

Edges: TypeAlias = frozenset[tuple[str, str, str, str]]
"""Phase, dependent, prerequisite and requirement of each."""


def gates(analysis: Analysis, file: str = "") -> Edges:
    """Return the edges of a template, or those that a file of this name in any folder declares."""
    return frozenset(
        (graph.phase, edge.dependent, edge.prerequisite, edge.requires)
        for graph in analysis.graphs
        for edge in graph.edges
        if edge.is_gate and (not file or any(_declared_in(origin.span.source.name, file) for origin in edge.origins))
    )


def _declared_in(name: str, file: str) -> bool:
    return name.rpartition("/")[2] == file


def compiled(files: Mapping[str, str]) -> tuple[Analysis, dict[str, str]]:
    """Return what a template says and the rules that it compiles to: paths and texts."""
    analysis = analyze(MemoryFiles(files), Options(target=Target.NATIVE))
    valid = analysis.valid
    assert valid, [item.detail for item in analysis.diagnostics]
    made = compile_analysis(analysis, wire=True, launcher=False)
    assert made.diagnostics == ()
    return analysis, {item.path: item.text for item in made.files}


def read_back(files: Mapping[str, str], rules: Mapping[str, str]) -> Analysis:
    """Return what a template says with the rules as if its author had written them."""
    # A file of unitc's own is passed over, by its name and by its header.
    own = {path.replace("zz_unitc", "written"): text.split("\n", 2)[2] for path, text in rules.items()}
    return analyze(MemoryFiles({**files, **own}), Options())


@pytest.mark.parametrize("seed", some(40, range(100)))
def test_rules_of_a_random_template_are_read_back_as_its_edges(seed: int) -> None:
    files = native_template(seed)
    analysis, rules = compiled(files)
    again = read_back(files, rules)
    valid = again.valid
    assert valid, [item.detail for item in again.diagnostics]
    assert gates(again, "written.tf") == gates(analysis)
    # The author's own rules are off.
    assert not any(
        origin.kind is OriginKind.ORDER and not _declared_in(origin.span.source.name, "written.tf")
        for graph in again.graphs
        for edge in graph.edges
        for origin in edge.origins
    )


FIXTURES = Path(__file__).parents[2] / "fixtures"
TEMPLATES = sorted(
    path.parent
    for folder in (FIXTURES, Path(__file__).parent / "templates")
    for path in folder.glob("*/main.tf")
    if not path.parent.name.startswith("faulty-")
)
REFUSED = frozenset(f"UC43{number}" for number in range(6))


def codes_of(template: Path) -> set[str]:
    """Return the codes of what rules can't say of a template; what they say is read back as its edges."""
    files = {
        path.relative_to(template).as_posix(): path.read_text("utf-8")
        for path in template.rglob("*")
        if path.is_file() and not path.is_symlink() and "expected" not in path.parts
    }
    analysis = analyze(MemoryFiles(files), Options(target=Target.NATIVE))
    made = compile_analysis(analysis, wire=True, launcher=False)
    codes = {item.code for item in made.diagnostics if item.severity is Severity.ERROR}
    if not codes:
        again = read_back(files, {item.path: item.text for item in made.files})
        assert gates(again, "written.tf") == gates(analysis)
    return codes


def test_rules_of_all_templates_are_their_edges_or_they_are_refused() -> None:
    refusals = {template: codes_of(template) for template in TEMPLATES}
    assert {code for codes in refusals.values() for code in codes} == REFUSED
    assert sum(not codes for codes in refusals.values()) > 10


def test_random_templates_have_orders_of_all_kinds() -> None:
    edges = [gates(analyze(MemoryFiles(native_template(seed)), Options())) for seed in range(20)]
    assert sum(map(len, edges)) > 200
    assert {(phase, requires) for found in edges for phase, _, _, requires in found} >= {
        ("start", "success"),
        ("start", "completion"),
        ("stop", "success"),
    }


def selected(selector: str, module: str, scripts: Iterable[str]) -> Iterator[str]:
    """Yield the scripts that a selector in a module instance means, by their addresses."""
    start = f"{module}." if module else ""
    for address in scripts:
        inside = address.removeprefix(start) if address.startswith(start) else ""
        if inside == selector or inside.startswith((f"{selector}[", f"{selector}.")):
            yield address


def edges_of(state: State) -> Edges:
    """Return what the rules of a state say, as the addresses that there are."""
    phases = {script.address: "start" if script.run_on_start else "stop" for script in state.scripts}
    found = set()
    for order in state.of_type("coder_script_order"):
        module = re.sub(r"\.?data\.coder_script_order\.[\w-]+(\[[^.]*\])?$", "", order.address)
        rules: list[dict[str, Any]] = order.values["rule"]
        for rule in rules:
            sides = [
                [one for text in rule[side] for one in selected(text, module, phases) if phases[one] == rule["phase"]]
                for side in ("run", "after")
            ]
            found |= {(rule["phase"], one, other, rule["requires"]) for one in sides[0] for other in sides[1]}
    return frozenset(found)


def write(files: Mapping[str, str], folder: Path) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.mark.terraform
@pytest.mark.parametrize("seed", range(6))
def test_terraform_applies_the_rules_of_a_random_template(seed: int, tmp_path: Path) -> None:
    files = native_template(seed)
    write(files, tmp_path / "source")
    copy = TemplateCopy(tmp_path / "source", tmp_path / "compiled")
    ran = run("compile", "--target", "native", "--no-launcher", cwd=copy.folder)
    assert ran.code == 0, ran.stderr
    copy.init()
    assert [finding.detail for finding in copy.validate() if finding.severity == "error"] == []
    assert edges_of(copy.apply()) == gates(analyze(MemoryFiles(files), Options()))
    assert (
        copy.run(
            "fmt", "-check", "-diff", *(str(path.relative_to(copy.folder)) for path in copy.folder.rglob("zz_*"))
        ).returncode
        == 0
    )


@pytest.mark.terraform
def test_a_module_that_only_calls_others_gets_the_provider_of_its_rules(tmp_path: Path) -> None:
    head = 'terraform {\n  required_providers {\n    coder = {\n      source = "coder/coder"\n    }\n  }\n}\n'
    script = (
        'variable "agent" {}\nresource "coder_script" "x" {\n  agent_id = var.agent\n  display_name = "x"\n'
        '  script = "true"\n  run_on_start = true\n}\n'
    )
    files = {
        "main.tf": head + 'resource "coder_agent" "main" {\n  os = "linux"\n  arch = "amd64"\n}\n'
        'module "both" {\n  source = "./both"\n  agent = coder_agent.main.id\n}\n',
        "both/main.tf": 'variable "agent" {}\nmodule "a" {\n  source = "./x"\n  agent = var.agent\n}\n'
        'module "b" {\n  source = "./x"\n  agent = var.agent\n  depends_on = [module.a]\n}\n',
        "both/x/main.tf": head + script,
    }
    write(files, tmp_path / "source")
    copy = TemplateCopy(tmp_path / "source", tmp_path / "compiled")
    assert run("compile", "--target", "native", cwd=copy.folder).code == 0
    copy.init()
    assert edges_of(copy.apply()) == {
        ("start", "module.both.module.b.coder_script.x", "module.both.module.a.coder_script.x", "success")
    }
    assert "hashicorp/coder" not in copy.run("providers").stdout
