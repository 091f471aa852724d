"""What is given beside the template, and how a run is interrupted before it does anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
