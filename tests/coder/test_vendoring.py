"""Compiled copies, applied by the real terraform binary without a registry: where the modules of a template may lie.

A case is the files of a template and of what lies beside it, and the modules that ``terraform get`` would have
installed; then the same scripts must come out of the copy as out of the template, with the gates of its graph.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from tests.cli.harness import run
from tests.coder.terraform import TemplateCopy
from tests.coder.test_wiring import compare
from tests.coder.wired import expected_gates, wire

CODER: Final = 'terraform {\n  required_providers {\n    coder = {\n      source = "coder/coder"\n    }\n  }\n}\n\n'
AGENT: Final = CODER + 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n'
REGISTRY: Final = "registry.example.com/coder/{}/coder"
GIT: Final = "git::https://example.com/modules.git//{}?ref=v1"


def script(name: str, more: str = "", agent: str = "coder_agent.main.id") -> str:
    return (
        f'\nresource "coder_script" "{name}" {{\n  agent_id     = {agent}\n  display_name = "{name}"\n'
        f'  run_on_start = true\n  script       = "echo {name}"\n{more}}}\n'
    )


def module(name: str, source: str, more: str = "", agent: str = "coder_agent.main.id") -> str:
    return f'\nmodule "{name}" {{\n  source   = "{source}"\n{more}  agent_id = {agent}\n}}\n'


def inner(*names: str, more: str = "") -> str:
    """Return a module with a script for each name."""
    scripts = "".join(script(name, agent="var.agent_id") for name in names)
    return f'{CODER}variable "agent_id" {{}}\n{scripts}{more}'


def called(name: str, source: str, more: str = "") -> str:
    """Return a call in a module."""
    return module(name, source, more, agent="var.agent_id")


@dataclass(frozen=True)
class Case:
    """The files of a template (in ``template``) and beside it, where links lead, and the modules that are installed.

    ``vendored`` are the folders that the copy must have in ``unitc/modules``; ``refused`` is why the template can't be
    wired where it is, empty where it can.
    """

    files: Mapping[str, str]
    vendored: frozenset[str]
    refused: str
    installed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        for name, target in self.links.items():
            (folder / name).symlink_to(target)
        if self.installed:
            manifest = folder / "template" / ".terraform" / "modules" / "modules.json"
            manifest.write_text(json.dumps({"Modules": list(self._manifest())}))

    def _manifest(self) -> Iterator[dict[str, str]]:
        yield {"Key": "", "Source": "", "Dir": "."}
        for key, (source, folder) in self.installed.items():
            version = {"Version": "1.0.0"} if source.startswith("registry.") else {}
            yield {"Key": key, "Source": source, "Dir": folder} | version


INSTALLED: Final = ".terraform/modules"
VERSION: Final = '  version  = "1.0.0"\n'


def twice(*ordered: str) -> Case:
    """Return a template that calls a local module twice, with an order on some of the calls."""
    return Case(
        {
            "template/main.tf": AGENT
            + module("one", "./local")
            + module("two", "./local")
            + script("last", f"  depends_on = [{', '.join(ordered)}]\n"),
            "template/local/main.tf": inner("local", more=called("tools", REGISTRY.format("tools"), VERSION)),
            # Installed at two times, so that the text of one is not that of the other.
            f"template/{INSTALLED}/one.tools/main.tf": inner("tools", more=called("deep", REGISTRY.format("deep"))),
            f"template/{INSTALLED}/one.tools.deep/main.tf": inner("deep"),
            f"template/{INSTALLED}/two.tools/main.tf": "# newer\n"
            + inner("tools", more=called("deep", REGISTRY.format("deep"))),
            f"template/{INSTALLED}/two.tools.deep/main.tf": inner("deep"),
        },
        frozenset({"one.tools", "one.tools.deep"}),
        "; ".join(
            f"{address}.module.tools has a version, which no override can remove; "
            f"{address}.module.tools.module.deep is not in the template's folder"
            for address in ordered
        )
        + ".",
        {
            "one": ("./local", "local"),
            "two": ("./local", "local"),
            "one.tools": (REGISTRY.format("tools"), f"{INSTALLED}/one.tools"),
            "two.tools": (REGISTRY.format("tools"), f"{INSTALLED}/two.tools"),
            "one.tools.deep": (REGISTRY.format("deep"), f"{INSTALLED}/one.tools.deep"),
            "two.tools.deep": (REGISTRY.format("deep"), f"{INSTALLED}/two.tools.deep"),
        },
    )


CASES: Final[Mapping[str, Case]] = {
    "a module beside the template that two calls share and that has one of its own": Case(
        {
            "template/main.tf": AGENT
            + module("one", "../shared")
            + module("two", "../shared", "  depends_on = [module.one]\n")
            + script("last", "  depends_on   = [module.two]\n"),
            "shared/main.tf": inner("shared", more=called("own", "./own")),
            "shared/own/main.tf": inner("own"),
        },
        frozenset({"one"}),
        "module.one lies outside of the template's folder; module.two lies outside of the template's folder.",
    ),
    "a module beside the template that no order reaches": Case(
        {
            "template/main.tf": AGENT
            + module("free", "../free")
            + script("first")
            + script("last", "  depends_on   = [coder_script.first]\n"),
            "free/main.tf": inner("free"),
        },
        frozenset({"free"}),
        "",
    ),
    "modules below a folder with a dot that call each other": Case(
        {
            "template/main.tf": AGENT
            + module("one", "./.modules/one")
            + script("last", "  depends_on = [module.one]\n"),
            "template/.modules/one/main.tf": inner("one", more=called("two", "../two")),
            "template/.modules/two/main.tf": inner("two"),
        },
        frozenset({"one", "one.two"}),
        "",
    ),
    "a module of a repository that calls one beside it, which calls one of a registry": Case(
        {
            "template/main.tf": AGENT
            + module("tools", GIT.format("tools"))
            + script("last", "  depends_on = [module.tools]\n"),
            # A module without a script of its own is on the way to one.
            f"template/{INSTALLED}/tools/tools/main.tf": inner(more=called("lib", "../lib")),
            f"template/{INSTALLED}/tools/lib/main.tf": inner(
                "lib", more=called("deep", REGISTRY.format("deep"), VERSION)
            ),
            f"template/{INSTALLED}/tools.lib.deep/main.tf": inner("deep", more=called("own", "./own")),
            f"template/{INSTALLED}/tools.lib.deep/own/main.tf": inner("own"),
        },
        frozenset({"tools", "tools.lib", "tools.lib.deep"}),
        "module.tools is not in the template's folder; module.tools.module.lib is not in the template's folder; "
        "module.tools.module.lib.module.deep has a version, which no override can remove.",
        {
            "tools": (GIT.format("tools"), f"{INSTALLED}/tools/tools"),
            "tools.lib": ("../lib", f"{INSTALLED}/tools/lib"),
            "tools.lib.deep": (REGISTRY.format("deep"), f"{INSTALLED}/tools.lib.deep"),
            "tools.lib.deep.own": ("./own", f"{INSTALLED}/tools.lib.deep/own"),
        },
    ),
    "one call of a registry's module in a local module that is called twice": twice("module.one", "module.two"),
    "one call in a local module that is called twice, where an order reaches only one": twice("module.one"),
    "a module behind a symbolic link": Case(
        {
            "template/main.tf": AGENT
            + module("linked", "./linked")
            + script("last", "  depends_on = [module.linked]\n"),
            "elsewhere/main.tf": inner("linked", more=called("own", "./own")),
            "elsewhere/own/main.tf": inner("own"),
        },
        frozenset({"linked"}),
        "module.linked is behind a symbolic link.",
        links={"template/linked": "../elsewhere"},
    ),
}


@pytest.mark.terraform
@pytest.mark.parametrize("name", CASES)
def test_a_copy_holds_the_modules_of_its_template_wherever_they_lie(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    case.write(tmp_path / "source")
    template = tmp_path / "source" / "template"
    assert wire(template, "--out-dir", os.fspath(tmp_path / "copy")) == ()
    assert {path.name for path in (tmp_path / "copy" / "unitc" / "modules").iterdir()} == case.vendored
    plain = TemplateCopy(tmp_path / "source", tmp_path / "plain")
    plain.folder /= "template"
    compiled = TemplateCopy(tmp_path / "copy", tmp_path / "compiled")
    for copy in (plain, compiled):
        copy.init()
    assert [finding.detail for finding in compiled.validate() if finding.severity == "error"] == []
    compare(plain.apply(), compiled.apply(), expected_gates(template, {}))
    # Terraform has put its own files into the copy, which is still as it was made.
    assert (compiled.folder / "terraform.tfstate").is_file()
    assert wire(template, "--out-dir", os.fspath(compiled.folder), "--check") == ()


@pytest.mark.parametrize("name", CASES)
def test_a_template_is_wired_where_it_is_unless_an_order_reaches_what_must_not_be_changed(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]
    case.write(tmp_path)
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "template")}
    errors = wire(tmp_path / "template")
    assert [error.code for error in errors] == ["UC414"] * bool(case.refused)
    assert all(error.detail.endswith(f" that can't be wired in place: {case.refused}") for error in errors)
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "template")} == before
    assert (tmp_path / "template" / "launcher.sh").exists() is (not case.refused)


def test_where_modules_lie_does_not_hang_on_the_folder_that_unitc_is_run_in(tmp_path: Path) -> None:
    CASES["a module beside the template that no order reaches"].write(tmp_path)
    ran = run("compile", tmp_path / "template", "--out-dir", tmp_path / "copy", cwd=Path("/"))
    assert ran.code == 0, ran.stderr
    assert (tmp_path / "copy" / "unitc" / "modules" / "free" / "main.tf").is_file()
