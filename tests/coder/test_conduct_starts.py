"""What units say of themselves, compiled, applied by Terraform, and started by an agent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.coder.agent import Agent
from tests.coder.terraform import State, TemplateCopy
from tests.coder.wired import unwrap, wire

pytestmark = pytest.mark.terraform

GENERATED: Final = ("zz_unitc.tf", "zz_unitc_override.tf")
HEAD: Final = 'terraform {\n  required_providers {\n    coder = { source = "coder/coder" }\n  }\n}\n'
SCRIPT: Final = """
resource "coder_script" "NAME" {
  agent_id     = AGENT
  display_name = "NAME"
  run_on_start = true
  script       = <<-EOT
    BODY
  EOT
  MORE
}
"""


def script(name: str, body: str, *more: str, agent: str = "coder_agent.main.id") -> str:
    """Return the block of a script with further lines."""
    text = SCRIPT.replace("BODY", body.replace("\n", "\n    ")).replace("MORE", "\n  ".join(more))
    return text.replace("NAME", name).replace("AGENT", agent)


FAILS_TWICE: Final = 'echo >>tries.NAME; [ "$(wc -l <tries.NAME)" -gt 2 ] || exit 3; echo "ran NAME" >>events'
MAIN: Final = (
    HEAD
    + """
variable "port" {
  default = "a b"
}

resource "coder_agent" "main" {
  arch           = "amd64"
  os             = "linux"
  startup_script = "echo 'startup' >>events; \\"$UNITC_READY\\"; until [ -e stop ]; do sleep 0.05; done"
  # unitc: startup_script.ready = notify
}
"""
    + script(
        "server",
        'sleep 0.${count.index + 2}; echo "up ${count.index}" >>events; : >"up ${count.index} a b"\n'
        "until [ -e stop ]; do sleep 0.05; done",
        "count = 2",
        "# unitc: ready = \"test -e 'up ${count.index} ${var.port}'\"",
        "# unitc: ready_interval = 1",
    )
    + script(
        "client",
        'echo "client ${each.key}" >>events',
        'for_each = toset(["a\'b", "none"])',
        '# unitc: unless = each.key == "none" ? "echo asked" : null',
        "# unitc: depends_on_ready = [coder_script.server, coder_agent.main.startup_script]",
    )
    + script("extra", "exit 7", "# unitc: optional = true")
    + script("report", 'echo "report" >>events', "# unitc: depends_on_failure = [coder_script.extra]")
    + script("idle", 'echo "idle" >>events', "# unitc: depends_on_failure = [coder_script.report]")
    + script(
        "closing",
        'echo "closing" >>events; : >stop',
        "depends_on = [coder_script.client, module.m]",
        "# unitc: depends_on_completion = [coder_script.report, coder_script.idle]",
    )
    + """
module "m" {
  source   = "./m"
  count    = 2
  agent_id = coder_agent.main.id
  # unitc: retries = 3
  # unitc: retry_delay = 0
}
"""
)
INNER: Final = (
    HEAD
    + 'variable "agent_id" {}\n\nmodule "n" {\n  source   = "./n"\n  agent_id = var.agent_id\n}\n'
    + script("again", FAILS_TWICE, agent="var.agent_id")
)
NESTED: Final = HEAD + 'variable "agent_id" {}\n' + script("nested", FAILS_TWICE, agent="var.agent_id")
VENDORED: Final = """
module "tools" {
  source   = "registry.example.com/coder/tools/coder"
  version  = "1.2.3"
  agent_id = coder_agent.main.id
  # unitc: unless = "true"
}
"""
TOOL: Final = HEAD + 'variable "agent_id" {}\n' + script("tool", "echo tool >>events", agent="var.agent_id")


def template(folder: Path, main: str) -> Path:
    """Write the template and return its folder."""
    files = {"main.tf": main, "m/main.tf": INNER, "m/n/main.tf": NESTED}
    if main != MAIN:
        modules = [
            {"Key": "", "Source": "", "Dir": "."},
            {"Key": "m", "Source": "./m", "Dir": "m"},
            {"Key": "m.n", "Source": "./n", "Dir": "m/n"},
            {
                "Key": "tools",
                "Source": "registry.example.com/coder/tools/coder",
                "Version": "1.2.3",
                "Dir": ".terraform/modules/tools",
            },
        ]
        files |= {
            ".terraform/modules/tools/main.tf": TOOL,
            ".terraform/modules/modules.json": json.dumps({"Modules": modules}),
        }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def applied(folder: Path, template: Path) -> State:
    """Apply a copy of a template."""
    copy = TemplateCopy(template, folder)
    copy.init()
    return copy.apply()


@pytest.mark.parametrize("way", ["in place", "copy"])
def test_an_agent_starts_what_units_say_of_themselves(tmp_path: Path, way: str) -> None:
    source = template(tmp_path / "source", MAIN if way == "in place" else MAIN + VENDORED)
    plain = applied(tmp_path / "plain", source)
    if way == "in place":
        assert wire(source) == ()
        assert TemplateCopy(source, tmp_path / "formatted").run("fmt", "-check", *GENERATED).stdout == ""
        compiled = applied(tmp_path / "compiled", source)
    else:
        assert wire(source, "--out-dir", str(tmp_path / "copy")) == ()
        compiled = applied(tmp_path / "compiled", tmp_path / "copy")
    bodies = {each.address: each.text for each in plain.scripts}
    wrapped = {each.address: unwrap(each.text) for each in compiled.scripts}
    texts = {each.address: each.text.split("\n") for each in compiled.scripts}
    probe = r"UNITC_PROBE='test -e '\''up 1 a b'\'''"
    assert {probe, "UNITC_PROBE_INTERVAL='1'"} <= set(texts["coder_script.server[1]"])
    assert {"UNITC_RETRIES='3'", "UNITC_RETRY_DELAY='0'"} <= set(texts["module.m[1].coder_script.again"])
    assert {address: each.body if each else None for address, each in wrapped.items()} == bodies
    with Agent(tmp_path / "agent") as agent:
        reports = agent.start(compiled.scripts)
        assert agent.left() == []
    assert {address: report.exit_code for address, report in reports.items() if report.exit_code} == {}
    events = (tmp_path / "agent" / "home" / "events").read_text().splitlines()
    assert events.count("client a'b") == events.count("report") == events.count("closing") == 1
    assert events.index("client a'b") > max(events.index(each) for each in ("startup", "up 0", "up 1"))
    assert not {"client none", "idle", "tool"} & set(events)
    assert [each for each in events if each.startswith("ran ")].count("ran nested") == 2
    none = reports['coder_script.client["none"]']
    assert none.stdout == b"asked\n"
    assert b"succeeded without running" in none.stderr
    assert b"nothing to do" in reports["coder_script.idle"].stderr
