"""Templates for the command line's tests."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A folder with copies of some fixtures, without their goldens."""
    for name in ("chain", "order-rules", "faulty-cycle", "faulty-itself", "unknown-body", "bodies", "mutex"):
        shutil.copytree(FIXTURES / name, tmp_path / name, ignore=shutil.ignore_patterns("expected"))
    return tmp_path


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template whose order reaches into a module from a registry, as ``terraform get`` leaves it."""
    folder = tmp_path / "template"
    module = folder / ".terraform" / "modules" / "clone"
    module.mkdir(parents=True)
    (folder / "main.tf").write_text(
        'resource "coder_agent" "main" {\n  arch = "amd64"\n  os   = "linux"\n}\n\n'
        'module "clone" {\n  source   = "registry.example.com/coder/git-clone/coder" # kept\n  version  = "1.0.0"\n'
        "  agent_id = coder_agent.main.id\n}\n\n"
        'resource "coder_script" "install" {\n  agent_id     = coder_agent.main.id\n  display_name = "Install"\n'
        '  run_on_start = true\n  script       = "echo install"\n\n'
        "  depends_on_completion = [\n    module.clone,\n  ]\n}\n"
    )
    (module / "main.tf").write_text(
        'variable "agent_id" {}\n\nresource "coder_script" "clone" {\n  agent_id     = var.agent_id\n'
        '  display_name = "Clone"\n  run_on_start = true\n  script       = file("${path.module}/run.sh")\n}\n'
    )
    (module / "run.sh").write_text("#!/bin/sh\necho clone\n")
    (module / "run.sh").chmod(0o755)
    manifest = {"Key": "clone", "Source": "registry.example.com/coder/git-clone/coder", "Version": "1.0.0"}
    rows = [{"Key": "", "Source": "", "Dir": "."}, {**manifest, "Dir": ".terraform/modules/clone"}]
    (module.parent / "modules.json").write_text(json.dumps({"Modules": rows}))
    (folder / ".terraform.lock.hcl").write_text("# locked\n")
    (folder / "terraform.tfvars").write_text("")
    (folder / "terraform.tfstate.backup").write_text("{}")
    (folder / ".env").write_text("SECRET=1\n")
    (folder / "link.md").symlink_to("main.tf")
    return folder
