"""What is given beside the template, and how a run is interrupted before it does anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from compiler.terraform.configuration.schema import DATA, FIXED_DATA
from compiler.terraform.scope.inputs import attribute_value
from compiler.terraform.values.convert import convert
from tests.cli.harness import run

ROOT = Path(__file__).parent.parent.parent

OWNER = 'data "coder_workspace_owner" "me" {}\n'


def test_an_address_that_nothing_has_is_an_error(templates: Path) -> None:
    for address in ("data.coder_parameter.nope.value", "nope.x.y", "module.m.data.coder_workspace_owner.me.email"):
        for command in (["check", "chain"], ["eval", "1", "chain"], ["compile", "chain"]):
            ran = run(*command, "--set", f"{address}=x", cwd=templates)
            assert (ran.code, ran.stdout) == (2, "")
            assert ran.stderr == f"unitc: --set {address}: the template has no such resource or data source\n"
    given = ("--set", "data.coder_parameter.repo.value=x")
    assert run("check", "chain", "unknown-body", *given, cwd=templates).code == 0


def test_a_data_source_that_is_given_once_counts_in_every_module(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(
        OWNER + 'output "email" {\n  value = data.coder_workspace_owner.me.email\n}\n'
    )
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./m"\n}\n')
    everywhere = ("--set", "data.coder_workspace_owner.me.email=a@b.c")
    one = ("--set", "module.m.data.coder_workspace_owner.me.email=d@e.f")
    assert run("eval", "module.m.email", cwd=tmp_path).code == 1
    assert run("eval", "module.m.email", *everywhere, cwd=tmp_path).stdout == '"a@b.c"\n'
    assert run("eval", "module.m.email", *everywhere, *one, cwd=tmp_path).stdout == '"d@e.f"\n'


def test_an_interrupt_while_the_program_is_loaded_ends_it_with_130_and_no_traceback() -> None:
    program = """\
import os, signal, sys

class Interrupted:
    def find_spec(self, name, *_):
        if name == "compiler.cli":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupted())
from compiler.start import main
main()
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")


OWNER = """\
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}
resource "coder_agent" "main" {
  arch = "amd64"
  os   = "linux"
}
resource "coder_script" "greet" {
  agent_id     = coder_agent.main.id
  display_name = "Greet"
  run_on_start = true
  script       = <<-EOT
    #!/bin/sh
    echo ${data.coder_workspace_owner.me.name} ${data.coder_workspace.me.access_port + 1}
    echo ${length(data.coder_workspace_owner.me.groups)} ${data.coder_workspace.me.is_prebuild ? 1 : 2}
  EOT
}
"""


def test_assumed_defaults_stand_in_for_the_workspace_and_its_owner(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(OWNER)
    assert run("show", "greet", "--body", cwd=tmp_path).code == 1
    ran = run("show", "greet", "--body", "--assume-defaults", cwd=tmp_path)
    assert (ran.code, ran.stdout) == (0, "#!/bin/sh\necho owner 444\necho 0 2\n")
    given = ("--set", "data.coder_workspace_owner.me.name=ada", "--assume-defaults")
    assert "echo ada 444" in run("show", "greet", "--body", *given, cwd=tmp_path).stdout


def test_every_attribute_of_the_workspace_and_its_owner_has_a_stand_in_of_its_type() -> None:
    for kind in ("coder_workspace", "coder_workspace_owner"):
        for name, (type_, text) in DATA[kind].items():
            assert (text is None) == ((kind, name) in FIXED_DATA)
            assert text is None or convert(attribute_value(text), type_).type == type_
