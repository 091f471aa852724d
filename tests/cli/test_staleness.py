"""What is stale is a finding like any other, in every form; what a merge has left in a generated file is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.harness import Ran, compile_copy, files_of, run, told

GENERATED = ("launcher.sh", "unitc/gate.sh", "unitc/status.sh", "zz_unitc.tf", "zz_unitc_override.tf")


@pytest.fixture
def stale(templates: Path) -> Path:
    """Compile a template, and change it afterwards."""
    assert run("compile", "chain", cwd=templates).code == 0
    main = templates / "chain" / "main.tf"
    main.write_text(main.read_text().replace("echo installed", "echo changed"))
    return templates


def test_json_of_a_check_is_not_valid_where_something_is_stale(stale: Path) -> None:
    ran = run("compile", "chain", "--check", "--format", "json", cwd=stale)
    report = json.loads(ran.stdout)
    assert (ran.code, report["valid"], report["error_count"]) == (1, False, 2)
    [first, second] = report["diagnostics"]
    assert (first["code"], first["summary"], first["labels"][0]["file"]) == (
        "UC418",
        "launcher.sh is stale",
        "launcher.sh",
    )
    assert second["labels"][0]["file"] == "zz_unitc_override.tf"
    line = first["labels"][0]["line"]
    assert "echo installed" in (stale / "chain" / "launcher.sh").read_text().splitlines()[line - 1]


@pytest.mark.parametrize("form", ["github", "sarif", "gitlab", "junit", "concise", "markdown"])
def test_every_form_tells_what_is_stale_and_nothing_where_all_is_current(stale: Path, form: str) -> None:
    ran = run("compile", "chain", "--check", "--format", form, cwd=stale)
    assert (ran.code, ran.stderr) == (1, "")
    assert "UC418" in ran.stdout
    assert "chain/launcher.sh" in ran.stdout
    assert run("compile", "chain", cwd=stale).code == 0
    again = run("compile", "chain", "--check", "--format", form, cwd=stale)
    assert (again.code, "chain/launcher.sh" in again.stdout) == (0, False)


@pytest.mark.parametrize("told", [("--format", "json"), ("--format=json",), ("--jobs", "1", "--report", "json=r.json")])
def test_the_way_out_is_the_command_without_how_it_is_told(stale: Path, told: tuple[str, ...]) -> None:
    run("compile", "chain", "--check", "--report", "json=report.json", *told, cwd=stale)
    diagnostics = json.loads((stale / "report.json").read_text())["diagnostics"]
    assert {line for item in diagnostics for line in item["help"]} == {"run: unitc compile chain"}


def test_a_report_file_holds_what_is_stale(stale: Path) -> None:
    assert run("compile", "chain", "--check", "--report", "json=report.json", cwd=stale).code == 1
    assert json.loads((stale / "report.json").read_text())["valid"] is False


def test_what_would_be_overwritten_is_told_in_every_form_too(stale: Path) -> None:
    with (stale / "chain" / "launcher.sh").open("a") as stream:
        stream.write("# mine\n")
    ran = run("compile", "chain", "--format", "json", cwd=stale)
    report = json.loads(ran.stdout)
    assert (ran.code, report["valid"]) == (1, False)
    assert [item["code"] for item in report["diagnostics"]] == ["UC419"]


def test_a_file_of_another_version_is_told_as_such(templates: Path) -> None:
    assert run("compile", "chain", cwd=templates).code == 0
    plain = templates / "chain" / "zz_unitc.tf"
    made, _, rest = plain.read_text().partition(" DO NOT EDIT")
    plain.write_text(f"{made[: made.rindex(' ')]} 0.0.1. DO NOT EDIT{rest}")
    ran = run("compile", "chain", "--check", cwd=templates)
    assert ran.code == 1
    assert "  unitc 0.0.1 wrote it, and what unitc " in ran.stderr


def test_what_a_copy_lacks_is_told_with_its_place_beside_the_template(templates: Path) -> None:
    ran = run("compile", "chain", "--out-dir", "out/copy", "--check", "--format", "github", cwd=templates)
    assert ran.code == 1
    assert "file=out/copy/main.tf," in ran.stdout


def torn(text: str) -> str:
    """Return a generated file as git leaves it where both sides have compiled something else."""
    lines = text.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("# content:"))
    other = "# content: sha256:" + "0" * 64 + "\n"
    lines[at] = f"<<<<<<< HEAD\n{lines[at]}=======\n{other}>>>>>>> other\n"
    return "".join(lines)


def codes(ran: Ran) -> set[str]:
    return {code for code, _ in told(ran).values()}


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_file_with_the_marks_of_a_merge_is_named_with_the_way_out(templates: Path, name: str) -> None:
    assert run("compile", "chain", cwd=templates).code == 0
    made = files_of(templates / "chain")
    path = templates / "chain" / name
    path.write_text(torn(path.read_text()))
    said = {f"{name} holds the marks of a merge": ("UC420", "run: unitc compile --force chain")}
    for command in (("compile", "chain"), ("compile", "chain", "--check")):
        ran = run(*command, cwd=templates)
        assert (ran.code, told(ran)) == (1, said)
    ran = run("check", "chain", cwd=templates)
    assert (ran.code, told(ran)) == (1, said)
    cleaned = run("clean", "chain", cwd=templates)
    assert (cleaned.code, cleaned.stderr) == (
        1,
        f"unitc: {name} holds the marks of a merge; --force removes it\nunitc: nothing was removed\n",
    )
    assert run("compile", "--force", "chain", cwd=templates).code == 0
    assert files_of(templates / "chain") == made
    path.write_text(torn(path.read_text()))
    assert run("clean", "--force", "chain", cwd=templates).code == 0
    assert set(files_of(templates / "chain")) == {"main.tf"}


def test_marks_around_the_whole_header_are_seen_too(templates: Path) -> None:
    assert run("compile", "chain", cwd=templates).code == 0
    path = templates / "chain" / "zz_unitc.tf"
    text = path.read_text()
    path.write_text(f"<<<<<<< HEAD\n{text}||||||| base\n=======\n{text}>>>>>>> other\n")
    assert codes(run("compile", "chain", "--check", cwd=templates)) == {"UC420"}
    assert codes(run("check", "chain", cwd=templates)) == {"UC420"}


def test_marks_in_a_script_that_was_compiled_are_no_conflict(templates: Path) -> None:
    main = templates / "chain" / "main.tf"
    marks = "<<<<<<< HEAD\n    =======\n    >>>>>>> other"
    main.write_text(main.read_text().replace("echo installed", f"cat <<'END'\n    {marks}\n    END"))
    assert run("compile", "chain", cwd=templates).code == 0
    assert run("compile", "chain", "--check", cwd=templates).code == 0
    assert run("check", "chain", cwd=templates).code == 0


def test_marks_in_a_copy_are_named_in_its_files_and_in_its_list(templates: Path) -> None:
    (templates / "chain").rename(templates / "template")
    template, copy = templates / "template", templates / "out"
    assert compile_copy(template).code == 0
    made = files_of(copy)
    main = copy / "main.tf"
    main.write_text(f"<<<<<<< HEAD\n# a\n=======\n# b\n>>>>>>> other\n{main.read_text()}")
    marker = copy / ".unitc-copy"
    line = next(line for line in marker.read_text().splitlines(True) if '"main.tf"' in line)
    both = f"<<<<<<< HEAD\n{line}||||||| base\n=======\n{line}>>>>>>> other\n"
    marker.write_text(marker.read_text().replace(line, both))
    ran = compile_copy(template, "--check")
    assert (ran.code, set(told(ran)), codes(ran)) == (
        1,
        {"out/.unitc-copy holds the marks of a merge", "out/main.tf holds the marks of a merge"},
        {"UC420"},
    )
    assert compile_copy(template, "--force").code == 0
    assert files_of(copy) == made
