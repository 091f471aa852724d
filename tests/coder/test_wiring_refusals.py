"""What can't be wired is said before anything is written, and before an apply would fail or scripts would hang."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.coder.wired import wire

AGENT = 'resource "coder_agent" "main" {\n  os = "linux"\n  arch = "amd64"\n%s}\n'
SCRIPT = """
resource "coder_script" "%s" {
  agent_id     = %s
  display_name = "x"
  script       = "true"
  run_on_start = %s
  %s
}
"""
ORDERED = (
    AGENT % ""
    + SCRIPT % ("a", "coder_agent.main.id", "true", "")
    + SCRIPT % ("b", "coder_agent.main.id", "true", "depends_on = [coder_script.a]")
)
MODULE = 'module "%s" {\n  source = "./m"\n  %s\n}\n'

REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "an agent that waits for a module which takes its id and whose instances are unknown": (
        {
            "main.tf": 'variable "keys" {\n  type = set(string)\n}\n'
            + AGENT % '  startup_script = "true"\n  # unitc: depends_on_success = [module.m]\n'
            + MODULE % ("m", "for_each = var.keys\n  agent = coder_agent.main.id\n  on = length(var.keys) > 1"),
            "m/main.tf": 'variable "agent" {}\nvariable "on" {}\n' + SCRIPT % ("x", "var.agent", "var.on", ""),
        },
        "UC413",
        "coder_agent.main -> module.m.var.agent",
    ),
    "a module whose scripts run on one agent in one call and on two in the other": (
        {
            "main.tf": AGENT % ""
            + (AGENT % "").replace('"main"', '"other"')
            + MODULE % ("one", "a = coder_agent.main.id\n  b = coder_agent.main.id")
            + MODULE % ("two", "a = coder_agent.main.id\n  b = coder_agent.other.id"),
            "m/main.tf": 'variable "a" {}\nvariable "b" {}\n'
            + SCRIPT % ("x", "var.a", "true", "")
            + SCRIPT % ("y", "var.b", "true", "depends_on = [coder_script.x]"),
        },
        "UC410",
        "not in all of them does coder_script.y wait for coder_script.x",
    ),
    "agents whose number is unknown": (
        {
            "main.tf": 'variable "n" {}\n'
            + AGENT % "  count = var.n\n"
            + SCRIPT % ("a", "coder_agent.main[0].id", "true", "")
            + SCRIPT % ("b", "coder_agent.main[1].id", "true", "depends_on = [coder_script.a]"),
        },
        "UC410",
        "run on coder_agent.main, whose number of instances is known only at apply",
    ),
    "a script that is split and has a provisioner": (
        {
            "main.tf": ORDERED.replace(
                "depends_on =",
                'run_on_stop = true\n  provisioner "local-exec" {\n    command = "true"\n  }\n  depends_on =',
            )
        },
        "UC417",
        "its provisioner block would act once for each of them",
    ),
    "a script that is split and whose trigger differs by index": (
        {"main.tf": ORDERED.replace("depends_on =", "run_on_stop = count.index == 0\n  count = 2\n  depends_on =")},
        "UC417",
        "its run_on_stop differs from instance to instance",
    ),
    "a script that is split and whose trigger depends on a resource": (
        {"main.tf": ORDERED.replace("depends_on =", 'run_on_stop = coder_agent.main.id != ""\n  depends_on =')},
        "UC417",
        "its run_on_stop depends on coder_agent.main",
    ),
    "a local value with a name of the wiring": (
        {"main.tf": ORDERED + "locals {\n  unitc_gate = 1\n}\n"},
        "UC411",
        "local value unitc_gate",
    ),
    "a variable with the name of the wiring's": (
        {
            "main.tf": AGENT % "" + MODULE % ("m", "agent = coder_agent.main.id"),
            "m/main.tf": 'variable "agent" {}\nvariable "unitc" {\n  default = 1\n}\n'
            + ORDERED.replace(AGENT % "", "").replace("coder_agent.main.id", "var.agent"),
        },
        "UC411",
        "variable unitc",
    ),
    "an override file that comes after the wiring's": (
        {"main.tf": ORDERED, "zzz_override.tf": 'resource "coder_script" "a" {\n  script = "later"\n}\n'},
        "UC412",
        "script in zzz_override.tf would replace what zz_unitc_override.tf says",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_wired_is_refused_in_one_error(case: str, tmp_path: Path) -> None:
    files, code, words = REFUSED[case]
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    (found,) = wire(tmp_path)
    assert found.code == code
    assert words in found.detail
    assert not list(tmp_path.glob("**/zz_unitc*"))
