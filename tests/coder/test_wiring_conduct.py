"""What scripts say of themselves, as Terraform hands it to their agents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.coder.terraform import TemplateCopy
from tests.coder.wired import wire

HEAD: Final = 'terraform {\n  required_providers {\n    coder = { source = "coder/coder" }\n  }\n}\n'
MAIN: Final = (
    HEAD
    + """
variable "port" {
  default = "it's $HOME"
}

resource "coder_agent" "main" {
  arch           = "amd64"
  os             = "linux"
  startup_script = "echo 'agent' $UNITC_READY"
  # unitc: startup_script.ready = notify
}

resource "coder_script" "server" {
  count        = 2
  agent_id     = coder_agent.main.id
  display_name = "Server"
  run_on_start = true
  script       = "serve"
  # unitc: ready = "probe ${var.port} '${count.index}'"
  # unitc: ready_interval = 7
}

resource "coder_script" "each" {
  for_each     = toset(["a'b", "none"])
  agent_id     = coder_agent.main.id
  display_name = "Each"
  run_on_start = true
  script       = "each"
  # unitc: unless = each.key == "none" ? null : "test ${each.key}"
  # unitc: depends_on_ready = [coder_script.server, coder_agent.main.startup_script]
}

module "m" {
  source   = "./m"
  agent_id = coder_agent.main.id
  # unitc: retries = 3
  # unitc: unless = "test -d 'x'"
}
"""
)
INNER: Final = (
    HEAD
    + """
variable "agent_id" {}

resource "coder_script" "inner" {
  agent_id     = var.agent_id
  display_name = "Inner"
  run_on_start = true
  script       = "inner"
  # unitc: optional = true
}
"""
)


def said(text: str) -> dict[str, str]:
    """Return the variables that a wrapped script sets, with what the shell makes of them."""
    found = re.findall(r"^(UNITC_\w+)='((?:[^']|'\\'')*)'$", text, re.MULTILINE)
    return {name: value.replace("'\\''", "'") for name, value in found}


def test_terraform_hands_over_what_each_script_says_of_itself(tmp_path: Path) -> None:
    template = tmp_path / "template"
    (template / "m").mkdir(parents=True)
    (template / "main.tf").write_text(MAIN, "utf-8")
    (template / "m" / "main.tf").write_text(INNER, "utf-8")
    compiled = TemplateCopy(template, tmp_path / "compiled")
    assert wire(compiled.folder) == ()
    assert compiled.run("fmt", "-check", "-diff", "zz_unitc_override.tf").stdout == ""
    compiled.init()
    texts = {values["UNITC_UNIT"]: values for script in compiled.apply().scripts if (values := said(script.text))}
    assert [texts[f"coder_script.server[{n}]"]["UNITC_PROBE"] for n in (0, 1)] == [
        "probe it's $HOME '0'",
        "probe it's $HOME '1'",
    ]
    assert texts["coder_script.server[0]"]["UNITC_PROBE_INTERVAL"] == "7"
    assert {name: values["UNITC_UNLESS"] for name, values in texts.items() if ".each" in name} == {
        'coder_script.each["YSdi"]': "test a'b",
        'coder_script.each["bm9uZQ=="]': "",
    }
    assert "start ready coder_agent.main.startup_script" in texts['coder_script.each["YSdi"]']["UNITC_GATES"]
    assert texts["coder_agent.main.startup_script"]["UNITC_NOTIFY"] == "1"
    inner = texts["module.m.coder_script.inner"]
    assert (inner["UNITC_RETRIES"], inner["UNITC_RETRY_DELAY"], inner["UNITC_OPTIONAL"]) == ("3", "5", "1")
    assert inner["UNITC_UNLESS"] == "test -d 'x'"
    assert inner["UNITC_BODY"] == "inner"
