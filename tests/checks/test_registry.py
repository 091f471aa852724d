from __future__ import annotations

import os
from pathlib import Path

import pytest

from compiler.checks.registry import CHECKS
from compiler.pipeline import Options, analyze
from compiler.terraform.configuration.files import DiskFiles
from tests.checks.harness import AGENT, block, codes, script

CORPUS = os.environ.get("UNITC_CORPUS")


def test_every_check_stands_in_the_table_once() -> None:
    assert len(set(CHECKS)) == len(CHECKS)
    assert all(item.__doc__ and item.__doc__.startswith("Yield ") for item in CHECKS)


def test_an_error_of_one_instance_outweighs_the_warning_of_another() -> None:
    module = (
        block('variable "agent_id"')
        + block('variable "timeout"')
        + script("x", agent_id="var.agent_id", timeout="var.timeout")
    )
    calls = [
        block('module "a"', 'source = "./m"', "agent_id = coder_agent.main.id", "timeout = var.unlucky"),
        block('module "b"', 'source = "./m"', "agent_id = coder_agent.main.id", "timeout = 0"),
    ]
    unlucky = block('variable "unlucky"', "default = -1")
    assert codes({"main.tf": AGENT + calls[0] + unlucky, "m/main.tf": module}) == ["uc111"]
    assert codes({"main.tf": AGENT + "".join(calls) + unlucky, "m/main.tf": module}) == ["UC111"]


def test_findings_come_in_the_order_of_the_file() -> None:
    text = "".join(script(f"s{number}", "bogus = 1", timeout="0", cron='"*"') for number in range(5))
    assert codes(text) == ["UC111", "UC109", "UC103"] * 5


@pytest.mark.corpus
@pytest.mark.skipif(CORPUS is None, reason="UNITC_CORPUS names no folder of templates")
def test_nothing_is_found_in_templates_that_people_use() -> None:
    assert CORPUS is not None
    roots = [Path(root) for root in CORPUS.split(os.pathsep) if root]
    paths = [path for root in roots for path in root.rglob("*.tf") if "/." not in path.as_posix()]
    folders = sorted({path.parent for path in paths})
    assert folders
    found = []
    for folder in folders:
        diagnostics = analyze(DiskFiles(folder), Options()).diagnostics
        found += [
            f"{folder}: {item.code} {item.detail}"
            for item in diagnostics
            if item.code.startswith(("UC10", "UC11", "UC3", "UC8")) and item.code not in ("UC101", "UC102")
        ]
    assert found == []
