"""Compiled templates through a workspace's life: scripts that run on several occasions, each known to be its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.coder.agent import Agent, Life, Status
from tests.coder.terraform import TemplateCopy
from tests.coder.wired import wire

pytestmark = pytest.mark.terraform

AGENT = 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n'


def block(name: str, triggers: str, body: str, *after: str) -> str:
    waits = f"  depends_on   = [{', '.join(f'coder_script.{each}' for each in after)}]\n" if after else ""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return (
        f'resource "coder_script" "{name}" {{\n  agent_id     = coder_agent.main.id\n  display_name = "{name}"\n'
        f"{triggers}{waits}  script       = <<-EOT\n    #!/bin/sh\n{lines}  EOT\n}}\n"
    )


START, STOP, CRON = "  run_on_start = true\n", "  run_on_stop  = true\n", '  cron         = "0 0 6 * * *"\n'


def lived(folder: Path, template: str, *, closed_by: str | None = None, ticks: int = 0) -> tuple[Life, list[str]]:
    """Compile and apply a template, let an agent live with it, and return its reports and what bodies wrote down."""
    (folder / "plain").mkdir()
    (folder / "plain" / "main.tf").write_text(AGENT + template)
    copy = TemplateCopy(folder / "plain", folder / "compiled")
    assert wire(copy.folder) == ()
    copy.init()
    scripts = copy.apply().scripts
    with Agent(folder / "agent") as agent:
        home = folder / "agent" / "home"
        life = agent.live(scripts, ticks=ticks, closed_by=home / closed_by if closed_by else None)
        assert agent.left() == []
    hung = [
        report.address
        for each in (life.start, *life.ticks, life.stop)
        for report in each.values()
        if report.status is Status.HUNG
    ]
    assert hung == []
    return life, (home / "log").read_text().split()


# What runs at start dies only once the stop phase is over; what runs at stop is another run of the same text.
TWICE = """\
if mkdir once 2>/dev/null; then
  trap 'until [ -e stopped ]; do sleep 0.1; done; echo start-died >>log; exit 1' HUP
  touch started
  sleep 1000 >/dev/null 2>&1 & wait
else
  echo stop >>log
fi"""


def test_a_stop_while_the_start_dies_runs_the_stop_phase_in_order(tmp_path: Path) -> None:
    template = block("both", START + STOP, TWICE) + block("last", STOP, "echo last >>log\ntouch stopped", "both")
    life, log = lived(tmp_path, template, closed_by="started")
    assert log == ["stop", "last", "start-died"]
    assert {report.status for report in life.stop.values()} == {Status.OK}


def test_a_unit_of_both_phases_waits_in_each_for_what_it_depends_on(tmp_path: Path) -> None:
    template = block("first", START + STOP, "sleep 0.3\necho first >>log")
    template += block("both", START + STOP, "echo both >>log", "first")
    life, log = lived(tmp_path, template)
    assert log == ["first", "both", "first", "both"]
    assert {report.status for each in (life.start, life.stop) for report in each.values()} == {Status.OK}


def test_ticks_neither_wait_nor_take_the_place_of_the_run_at_stop(tmp_path: Path) -> None:
    template = block("first", STOP, "sleep 0.3\necho first >>log")
    template += block("sync", CRON + STOP, "echo sync >>log", "first")
    template += block("last", STOP, "echo last >>log", "sync")
    life, log = lived(tmp_path, template, ticks=2)
    assert log == ["sync", "sync", "first", "sync", "last"]
    assert all(len(tick) == 1 for tick in life.ticks)
    assert {report.status for each in (*life.ticks, life.stop) for report in each.values()} == {Status.OK}


def test_a_script_of_all_three_occasions_is_ordered_at_start_and_at_stop_only(tmp_path: Path) -> None:
    template = block("first", START + STOP, "sleep 0.3\necho first >>log")
    template += block("sync", START + CRON + STOP, "echo sync >>log", "first")
    _, log = lived(tmp_path, template, ticks=1)
    assert log == ["first", "sync", "sync", "first", "sync"]
