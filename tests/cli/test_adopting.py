"""``unitc check`` in a repository that has findings already, and in pipelines: baselines, reports, many templates."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from compiler.report.schema import SCHEMA
from tests.cli.harness import run
from tests.golden import check_golden

GOLDENS = Path(__file__).parent / "goldens"


def test_a_baseline_hides_what_it_knows_and_nothing_else(templates: Path) -> None:
    wrote = run("check", ".", "--write-baseline", "known.json", cwd=templates)
    assert (wrote.code, wrote.stderr) == (0, "wrote known.json (3 findings)\n")
    assert run("check", ".", "--baseline", "known.json", "-q", cwd=templates).code == 0
    main = templates / "faulty-cycle" / "main.tf"
    main.write_text("\n\n" + main.read_text())
    moved = run("check", "faulty-cycle", "--baseline", "../known.json", "-q", cwd=templates / "chain")
    assert moved.code == 3
    assert run("check", "../faulty-cycle", "--baseline", "../known.json", cwd=templates / "chain").code == 0
    main.write_text(main.read_text() + 'resource "coder_script" "new" {\n  depends_on = [coder_script.gone]\n}\n')
    again = run("check", ".", "--baseline", "known.json", cwd=templates)
    assert again.code == 1
    assert "UC203" not in again.stderr
    assert "coder_script.gone" in again.stderr


def test_what_is_gone_from_a_baseline_is_said(templates: Path) -> None:
    run("check", ".", "--write-baseline", "known.json", cwd=templates)
    ran = run("check", "chain", "faulty-cycle", "--baseline", "known.json", cwd=templates)
    assert ran.stderr.startswith("2 of the findings in known.json are gone; write it again with --write-baseline\n")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": "1", "known": [1]}', '{"format_version": "1"}'])
def test_a_file_that_is_no_baseline_is_refused(templates: Path, text: str) -> None:
    (templates / "known.json").write_text(text)
    ran = run("check", "chain", "--baseline", "known.json", cwd=templates)
    assert (ran.code, "known.json is not a baseline" in ran.stderr) == (2, True)


def test_errors_need_not_fail_the_run(templates: Path) -> None:
    ran = run("check", "faulty-cycle", "--exit-zero", cwd=templates)
    assert (ran.code, "error[UC203]" in ran.stderr) == (0, True)
    assert run("check", "nowhere", "--exit-zero", cwd=templates).code == 3


def test_warnings_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "registry.example.com/a/b/c"\n}\n')
    ran = run("check", "--min-severity", "error", cwd=tmp_path)
    assert (ran.code, ran.stderr) == (0, "1 template checked, no errors.\n")


FORMS = ("concise", "json", "github", "sarif", "gitlab", "junit", "markdown")


def test_reports_go_into_files_beside_what_is_printed(templates: Path) -> None:
    (templates / "warned").mkdir()
    (templates / "warned" / "main.tf").write_text('module "<m>" {\n  source = "registry.example.com/a/b/c"\n}\n')
    asked = [word for form in (*FORMS, "text") for word in ("--report", f"{form}={form}.out")]
    ran = run("check", "faulty-cycle", "chain", "warned", *asked, cwd=templates)
    assert ran.code == 1
    assert (templates / "text.out").read_text() == ran.stderr
    for form in FORMS:
        printed = run("check", "faulty-cycle", "chain", "warned", "--format", form, cwd=templates).stdout
        written = (templates / f"{form}.out").read_text()
        assert written == printed
        check_golden(
            GOLDENS / f"report.{form}", re.sub(r'"semanticVersion": "[^"]*"', '"semanticVersion": "X"', written)
        )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sarif", "write it as FORMAT=FILE"),
        ("sarif=", "write it as FORMAT=FILE"),
        ("sarf=x", "there is no format sarf; did you mean sarif?"),
    ],
)
def test_a_report_that_can_not_be_read_is_refused(templates: Path, text: str, words: str) -> None:
    ran = run("check", "chain", "--report", text, cwd=templates)
    assert (ran.code, words in ran.stderr) == (2, True)


def test_a_report_goes_where_a_link_or_a_device_leads(templates: Path) -> None:
    (templates / "link.json").symlink_to("there.json")
    ran = run("check", "chain", "--report", "json=link.json", "--report", "json=/dev/null", cwd=templates)
    assert ran.code == 0
    assert (templates / "link.json").is_symlink()
    assert json.loads((templates / "there.json").read_text())["valid"] is True
    assert Path("/dev/null").is_char_device()


def test_a_report_that_can_not_be_written_is_told(templates: Path) -> None:
    ran = run("check", "chain", "--report", "json=no/such/folder.json", cwd=templates)
    assert (ran.code, "no/such/folder.json: No such file or directory" in ran.stderr) == (3, True)


def test_json_holds_its_schema(templates: Path) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    report = json.loads(run("check", ".", "--format", "json", cwd=templates).stdout)
    validator.validate(report)
    assert len(report["diagnostics"]) == 3
    del report["diagnostics"][0]["labels"][0]["line"]
    assert not validator.is_valid(report)


def test_sarif_holds_the_official_schema(templates: Path) -> None:
    # The models are generated from the schema of OASIS and refuse what it doesn't name.
    text = run("check", ".", "--format", "sarif", cwd=templates).stdout
    (run_,) = Sarif.model_validate_json(text).runs
    assert run_.results is not None
    assert len(run_.results) == 3
    for rule in json.loads(text)["runs"][0]["tool"]["driver"]["rules"]:
        assert rule["helpUri"].startswith("https://")
        assert "```hcl\n" in rule["help"]["markdown"]


def test_fingerprints_survive_moved_lines_and_tell_equal_lines_apart(templates: Path) -> None:
    def fingerprints() -> list[str]:
        (log,) = json.loads(run("check", ".", "--format", "sarif", cwd=templates).stdout)["runs"]
        return [item["partialFingerprints"]["primaryLocationLineHash"] for item in log["results"]]

    before = fingerprints()
    assert len(set(before)) == 3
    main = templates / "faulty-itself" / "main.tf"
    main.write_text("# moved\n\n" + main.read_text())
    assert fingerprints() == before


def test_junit_counts_what_it_holds(templates: Path) -> None:
    root = ElementTree.fromstring(run("check", ".", "--format", "junit", cwd=templates).stdout.encode())
    assert int(root.attrib["tests"]) == len(root.findall(".//testcase"))
    assert int(root.attrib["failures"]) == len(root.findall(".//failure")) == 3


def test_gitlab_takes_each_fingerprint_once(templates: Path) -> None:
    issues = json.loads(run("check", ".", "--format", "gitlab", cwd=templates).stdout)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 3
    assert {issue["severity"] for issue in issues} <= {"info", "minor", "major", "critical", "blocker"}


def test_several_processes_say_the_same_as_one(templates: Path) -> None:
    one = run("check", ".", "--format", "json", "--jobs", "1", cwd=templates)
    assert run("check", ".", "--format", "json", "--jobs", "2", cwd=templates) == one
    assert one.code == 1
    for number in range(4):
        (templates / f"more-{number}").mkdir()
        (templates / f"more-{number}" / "main.tf").write_bytes((templates / "chain" / "main.tf").read_bytes())
    many = run("check", ".", "--jobs", "2", cwd=templates)
    assert many == run("check", ".", "--jobs", "1", cwd=templates)
    assert many.stderr.endswith("3 errors.\nunitc explain CODE says more: UC201, UC203.\n")
