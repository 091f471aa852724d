"""Long bodies: what the compiler lets pass can be started, with gates and mutexes, wherever the script stands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from compiler.source.limits import MAX_SCRIPT_BYTES
from tests.coder.agent import Agent, Status
from tests.coder.terraform import TemplateCopy
from tests.coder.test_vendoring import AGENT, CODER, module, script
from tests.coder.test_wiring import compare
from tests.coder.wired import expected_gates, wire

pytestmark = pytest.mark.terraform

SIZE: Final = 110_000
FIRST_LINES: Final = ("echo plain >>ran\n", "#!/bin/bash\necho bash >>ran\n")
ODD: Final = "#!/usr/bin/env -S 'bash' -e\necho odd >>ran\n"
INNER: Final = f'{CODER}variable "agent_id" {{}}\n'


def long_script(name: str, number: int, more: str, agent: str = "coder_agent.main.id") -> str:
    """Return a script that reads a long body and needs a mutex."""
    text = script(name, f'  # unitc: mutex = "the package manager"\n{more}', agent)
    return text.replace(f'"echo {name}"', f'file("${{path.module}}/body{number}.sh")')


@pytest.mark.parametrize("copied", [False, True])
def test_a_body_of_110_000_bytes_runs_with_a_gate_and_a_mutex_wherever_it_stands(tmp_path: Path, copied: bool) -> None:
    template = tmp_path / "template"
    waits = "  depends_on   = [coder_script.first]\n"
    main = (
        AGENT
        + script("first")
        + long_script("plain", 0, waits)
        + long_script("counted", 0, f"  count        = 2\n{waits}")
        + long_script("each", 1, f'  for_each     = toset(["a&b", "with blanks"])\n{waits}')
        + module("in", "./inner", "  depends_on = [coder_script.first]\n")
    )
    for folder, text in ((template, main), (template / "inner", INNER + long_script("inner", 1, "", "var.agent_id"))):
        folder.mkdir()
        (folder / "main.tf").write_text(text, "utf-8")
        for number, first in enumerate(FIRST_LINES):
            (folder / f"body{number}.sh").write_text(first + "#" * (SIZE - len(first)), "utf-8")
    plain, compiled = TemplateCopy(template, tmp_path / "plain"), TemplateCopy(template, tmp_path / "compiled")
    if copied:
        assert wire(template, "--out-dir", os.fspath(tmp_path / "copy")) == ()
        compiled = TemplateCopy(tmp_path / "copy", tmp_path / "wired")
    else:
        assert wire(compiled.folder) == ()
    for copy in (plain, compiled):
        copy.init()
    state = compiled.apply()
    compare(plain.apply(), state, expected_gates(template, {}))
    assert [len(item.text.encode()) for item in state.scripts if len(item.text.encode()) > MAX_SCRIPT_BYTES] == []
    with Agent(tmp_path / "agent") as agent:
        reports = agent.start(state.scripts)
    assert {report.status for report in reports.values()} == {Status.OK}
    assert sorted((tmp_path / "agent" / "home" / "ran").read_text().split()) == ["bash"] * 3 + ["plain"] * 3


def test_a_line_with_quotes_is_read_as_coder_reads_it(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    first = 'variable "first" {\n  default = "#!/bin/sh"\n}\n'
    known = script("known").replace('"echo known"', 'file("body.sh")')
    given = script("given", "  depends_on = [coder_script.known]\n").replace(
        '"echo given"', '"${var.first}\\necho x$${BASH_VERSION:+bash}"'
    )
    (template / "main.tf").write_text(AGENT + first + known + given, "utf-8")
    (template / "body.sh").write_text(ODD, "utf-8")
    compiled = TemplateCopy(template, tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    compiled.init()
    for line in ("#!/bin/sh", "#! /usr/bin/env -S 'bash' \"-e\"", "#!/usr/bin/en\\v bash"):
        state = compiled.apply(variables={"first": line})
        with Agent(tmp_path / str(len(line))) as agent:
            reports = agent.start(state.scripts)
        assert {report.status for report in reports.values()} == {Status.OK}, reports
        assert (tmp_path / str(len(line)) / "home" / "ran").read_text() == "odd\n"
        assert reports["coder_script.given"].stdout == (b"x\n" if line == "#!/bin/sh" else b"xbash\n")
