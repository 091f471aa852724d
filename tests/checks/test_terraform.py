"""What is said of declarations, against the real Terraform with the stand-in for the coder provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.harness import AGENT, block, codes, script
from tests.coder.terraform import TemplateCopy, TerraformFailed

# Templates with one mistake each, or none.
CASES = {
    "right": script("x", timeout="60", cron='"0 0 3 * * *"', start_blocks_login="true"),
    "converted": script("x", timeout='"60"', run_on_start='"true"', display_name="5"),
    "nulls": script("x", timeout="null", cron="null", run_on_stop="null", icon="null"),
    "an unknown argument": script("x", "run_on_strat = true"),
    "an unknown block": script("x", "environment {\n}"),
    "an argument as a block": script("x", "timeout {\n}"),
    "no display name": script("x", display_name=None),
    "no agent": script("x", agent_id=None),
    "no script": script("x", script=None),
    "null for a required argument": script("x", display_name="null"),
    "a word for a bool": script("x", run_on_start='"yes"'),
    "True for a bool": script("x", run_on_start='"True"'),
    "a word for a number": script("x", timeout='"5m"'),
    "a bool for a number": script("x", timeout="true"),
    "a list for a string": script("x", display_name='["a"]'),
    "no trigger": script("x", run_on_start=None),
    "triggers that are off": script("x", run_on_start="false", cron="null"),
    "no trigger and no instance": script("x", run_on_start=None, count="0"),
    "a login that waits for nothing": script("x", run_on_start=None, run_on_stop="true", start_blocks_login="true"),
    "a timeout of zero": script("x", timeout="0"),
    "a timeout of zero and no instance": script("x", timeout="0", count="0"),
    "a negative timeout": script("x", timeout="-1"),
    "four fields of cron": script("x", cron='"* * * *"'),
    "an hour that no day has": script("x", cron='"0 0 24 * * *"'),
    "an unknown argument of an agent": block(
        'resource "coder_agent" "other"', 'os = "linux"', 'arch = "amd64"', 'startup_scirpt = "true"'
    ),
}


@pytest.mark.terraform
@pytest.mark.parametrize("name", CASES)
def test_terraform_refuses_what_is_refused_and_takes_the_rest(name: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    text = AGENT + CASES[name]
    (source / "main.tf").write_text(text, "utf-8")
    copy = TemplateCopy(source, tmp_path / "copy")
    copy.init()
    try:
        copy.apply()
        refused = False
    except TerraformFailed:
        refused = True
    assert refused is bool([code for code in codes({"main.tf": text}) if code.isupper()])


@pytest.mark.terraform
def test_terraform_no_longer_tells_an_unknown_argument_once_the_block_is_overridden(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    files = {
        "main.tf": AGENT + script("x", "run_on_strat = true"),
        "a_override.tf": block('resource "coder_script" "x"', 'icon = "/icon/x.svg"'),
    }
    for path, text in files.items():
        (source / path).write_text(text, "utf-8")
    copy = TemplateCopy(source, tmp_path / "copy")
    copy.init()
    assert copy.validate() == ()
    assert codes(files) == ["UC103"]
