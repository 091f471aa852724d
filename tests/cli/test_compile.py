"""``unitc compile`` and ``unitc clean``: what is written, what is refused, what is left."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.harness import files_of, run, told

WRITTEN = {"launcher.sh", "unitc/gate.sh", "unitc/limits.sh", "unitc/status.sh", "zz_unitc.tf", "zz_unitc_override.tf"}


def test_compile_writes_launcher_and_wiring_and_says_so(templates: Path) -> None:
    ran = run("compile", "chain", cwd=templates)
    assert (ran.code, ran.stdout) == (0, "")
    *wrote, summary = ran.stderr.splitlines()
    assert sorted(wrote) == sorted(f"wrote {name}" for name in WRITTEN)
    assert summary == "chain: 3 scripts, 3 ordered"
    assert set(files_of(templates / "chain")) == {"main.tf", *WRITTEN}
    assert stat.S_IMODE((templates / "chain" / "launcher.sh").stat().st_mode) & 0o755 == 0o755


def test_compiling_twice_changes_nothing(templates: Path) -> None:
    run("compile", "chain", cwd=templates)
    before = files_of(templates / "chain")
    ran = run("compile", "chain", cwd=templates)
    assert (ran.code, ran.stderr) == (0, "everything is up to date\nchain: 3 scripts, 3 ordered\n")
    assert files_of(templates / "chain") == before


def test_clean_takes_away_what_compile_wrote_and_nothing_else(templates: Path) -> None:
    before = files_of(templates / "chain")
    run("compile", "chain", cwd=templates)
    assert run("clean", "chain", cwd=templates).code == 0
    assert files_of(templates / "chain") == before
    assert not (templates / "chain" / "unitc").exists()
    assert run("clean", "chain", cwd=templates).stderr == "there is nothing to remove\n"


def test_the_launcher_can_go_elsewhere_alone(templates: Path) -> None:
    ran = run("compile", "chain", "--no-wire", "-o", "here.sh", cwd=templates)
    assert (ran.code, ran.stderr) == (0, "wrote here.sh\nchain: 3 scripts, 3 ordered\n")
    assert set(files_of(templates / "chain")) == {"main.tf"}
    printed = run("compile", "chain", "-o", "-", cwd=templates)
    assert (printed.code, printed.stderr) == (0, "")
    assert printed.stdout.encode() == (templates / "here.sh").read_bytes()
    assert set(files_of(templates / "chain")) == {"main.tf"}


def test_nothing_is_written_where_there_is_an_error(templates: Path) -> None:
    before = files_of(templates / "faulty-cycle")
    ran = run("compile", "faulty-cycle", cwd=templates)
    assert ran.code == 1
    assert ran.stderr.startswith("error[UC203]")
    assert files_of(templates / "faulty-cycle") == before
    assert run("compile", "faulty-cycle", "-o", "-", cwd=templates).stdout == ""


def test_check_tells_missing_stale_and_edited_apart(templates: Path) -> None:
    folder = templates / "chain"
    ran = run("compile", "chain", "--check", cwd=templates)
    assert ran.code == 1
    assert told(ran)["launcher.sh is missing"] == ("UC418", "run: unitc compile chain")
    run("compile", "chain", cwd=templates)
    current = run("compile", "chain", "--check", cwd=templates)
    assert (current.code, current.stdout, current.stderr) == (0, "", "")
    text = (folder / "main.tf").read_text()
    (folder / "main.tf").write_text(text.replace("echo installed", "echo changed"))
    stale = run("compile", "chain", "--check", cwd=templates)
    assert (stale.code, told(stale)["launcher.sh is stale"]) == (1, ("UC418", "run: unitc compile chain"))
    assert "  The template has changed since it was written.\n" in stale.stderr
    (folder / "main.tf").write_text(text)
    with (folder / "launcher.sh").open("a") as stream:
        stream.write("echo mine\n")
    edited = run("compile", "chain", "--check", cwd=templates)
    assert edited.code == 1
    by_force = "--force replaces it: unitc compile --force chain"
    assert told(edited) == {"launcher.sh was edited by hand": ("UC419", by_force)}


def test_diff_shows_how_and_writes_nothing(templates: Path) -> None:
    run("compile", "chain", cwd=templates)
    folder = templates / "chain"
    text = (folder / "main.tf").read_text()
    (folder / "main.tf").write_text(text.replace("echo installed", "echo changed"))
    before = files_of(folder)
    ran = run("compile", "chain", "--diff", cwd=templates)
    assert ran.code == 1
    assert "--- a/zz_unitc_override.tf\n+++ b/zz_unitc_override.tf\n" in ran.stdout
    assert "-    echo installed\n+    echo changed\n" in ran.stdout
    assert files_of(folder) == before


@pytest.mark.parametrize("text", ["#!/bin/sh\necho mine\n", None])
def test_what_is_not_ours_or_was_edited_is_not_overwritten(templates: Path, text: str | None) -> None:
    launcher = templates / "chain" / "launcher.sh"
    if text is None:
        run("compile", "chain", cwd=templates)
        text = launcher.read_text() + "echo edited\n"
    launcher.write_text(text)
    before = files_of(templates / "chain")
    ran = run("compile", "chain", cwd=templates)
    assert ran.code == 1
    assert "  help: --force replaces it: unitc compile --force chain\n" in ran.stderr
    assert ran.stderr.endswith("\nunitc: nothing was written\n")
    assert files_of(templates / "chain") == before
    assert run("compile", "chain", "--force", cwd=templates).code == 0
    assert launcher.read_text() != text


def test_leftovers_go_when_nothing_is_ordered_any_more(templates: Path) -> None:
    run("compile", "chain", cwd=templates)
    main = templates / "chain" / "main.tf"
    main.write_text("".join(line for line in main.read_text().splitlines(True) if "depends_on" not in line))
    ran = run("compile", "chain", cwd=templates)
    assert ran.code == 0
    assert set(files_of(templates / "chain")) == {"main.tf", "launcher.sh"}
    assert "removed zz_unitc_override.tf\n" in ran.stderr


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_whatever_the_hash_seed_and_the_order_of_files(tmp_path: Path) -> None:
    outputs = []
    blocks = {
        f"{name}.tf": f'resource "coder_script" "{name}" {{\n  agent_id     = coder_agent.main.id\n'
        f'  display_name = "{name}"\n  run_on_start = true\n  script       = "echo {name}"\n'
        + (f"  depends_on   = [coder_script.{before}]\n" if before else "")
        + "}\n"
        for name, before in [("a", ""), ("b", "a"), ("c", "a"), ("d", "b")]
    }
    blocks["main.tf"] = 'resource "coder_agent" "main" {\n  arch = "amd64"\n  os   = "linux"\n}\n'
    for seed, names in (("0", sorted(blocks)), ("random", sorted(blocks, reverse=True)), ("1", ["c.tf", *blocks])):
        folder = tmp_path / f"seed{seed}"
        folder.mkdir()
        for name in names:
            (folder / name).write_text(blocks[name])
        said = [
            subprocess.run(
                [sys.executable, "-m", "compiler", *command],
                cwd=folder,
                env={**os.environ, "PYTHONHASHSEED": seed},
                stdout=subprocess.PIPE,
                check=True,
                timeout=600,
            ).stdout
            for command in (["compile", "-q"], ["simulate", "--fail-each"], ["graph", "--format", "svg"])
        ]
        outputs.append((files_of(folder), said))
    assert outputs[0] == outputs[1] == outputs[2]
    assert set(outputs[0][0]) == {*blocks, *WRITTEN} - {"unitc/limits.sh"}
    assert all(outputs[0][1][1:])


def test_a_file_of_values_counts_wherever_it_lies_and_where_it_lies_does_not(templates: Path) -> None:
    texts = {}
    for place, value in (("here", "a"), ("there/below", "a"), ("other", "b")):
        folder = templates / place
        folder.mkdir(parents=True)
        (folder / "given.tfvars").write_text(f'x = "{value}"\n')
        (templates / "chain" / "more.tf").write_text('variable "x" {}\n\noutput "x" {\n  value = var.x\n}\n')
        for file in (f"{place}/given.tfvars", folder / "given.tfvars"):
            ran = run("eval", "var.x", "chain", "--var-file", file, cwd=templates)
            assert (ran.code, ran.stdout) == (0, f'"{value}"\n')
        texts[place] = run("compile", "chain", "-o", "-", "--var-file", file, cwd=templates).stdout
    assert texts["here"] == texts["there/below"]


@pytest.mark.parametrize(
    "options",
    [
        ("-o", "-", "--check"),
        ("-o", "-", "--diff"),
        ("-o", "-", "--format", "json"),
        ("-o", "-", "--format", "sarif"),
        ("--diff", "--format", "github"),
        ("--out-dir", "out", "--diff", "--format", "json"),
        ("--out-dir", "out", "-o", "here.sh"),
        ("--out-dir", "out", "--no-wire"),
    ],
)
def test_options_that_want_one_stream_for_two_things_or_nothing_at_all_are_refused(
    templates: Path, options: tuple[str, ...]
) -> None:
    before = files_of(templates)
    ran = run("compile", "chain", *options, cwd=templates)
    assert (ran.code, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert files_of(templates) == before


def test_what_is_to_be_run_is_the_command_line_without_comparing(templates: Path) -> None:
    (templates / "chain" / "more.tf").write_text('variable "x" {}\n')
    given = ("--no-wire", "-o", "to here.sh", "--var", "x=a b", "chain")
    ran = run("compile", "--check", *given, cwd=templates)
    command = "unitc compile --no-wire -o 'to here.sh' --var 'x=a b' chain"
    assert told(ran) == {"to here.sh is missing": ("UC418", f"run: {command}")}
    assert run("compile", *given, cwd=templates).code == 0
    assert run("compile", "--check", *given, cwd=templates).code == 0
    # In the template's own folder there is no path to name.
    ran = run("compile", "--check", cwd=templates / "chain")
    assert told(ran)["launcher.sh is missing"] == ("UC418", "run: unitc compile")


def test_check_names_the_force_that_it_takes(templates: Path) -> None:
    run("compile", "chain", cwd=templates)
    main, wiring = templates / "chain" / "main.tf", templates / "chain" / "zz_unitc.tf"
    main.write_text("".join(line for line in main.read_text().splitlines(True) if "depends_on" not in line))
    wiring.write_text(wiring.read_text() + "# edited\n")
    ran = run("compile", "chain", "--check", cwd=templates)
    assert told(ran)["launcher.sh is stale"] == ("UC418", "run: unitc compile chain")
    command = "unitc compile --force chain"
    edited = ("zz_unitc.tf was edited by hand", ("UC419", f"--force removes it: {command}"))
    assert edited in told(ran).items()
    refused = run("compile", "chain", cwd=templates)
    assert list(told(refused).items()) == [edited]
    assert refused.stderr.endswith("\nunitc: nothing was written\n")
    assert run(*command.split()[1:], cwd=templates).code == 0
    assert not wiring.exists()


def test_a_difference_that_no_diff_shows_is_said(templates: Path) -> None:
    run("compile", "chain", cwd=templates)
    (templates / "chain" / "launcher.sh").chmod(0o644)
    ran = run("compile", "chain", "--diff", cwd=templates)
    assert (ran.code, ran.stdout) == (1, "")
    assert told(ran) == {"launcher.sh is stale": ("UC418", "run: unitc compile chain")}
    assert "  It isn't executable.\n" in ran.stderr


def test_a_launcher_that_goes_elsewhere_leaves_the_one_in_the_template(templates: Path) -> None:
    run("compile", "chain", cwd=templates)
    main = templates / "chain" / "main.tf"
    main.write_text("".join(line for line in main.read_text().splitlines(True) if "depends_on" not in line))
    assert run("compile", "chain", "-o", "here.sh", cwd=templates).code == 0
    assert set(files_of(templates / "chain")) == {"main.tf", "launcher.sh"}


def test_a_launcher_does_not_take_the_place_of_the_wiring(templates: Path) -> None:
    (templates / "link").symlink_to("chain")
    ran = run("compile", "chain", "-o", "link/zz_unitc.tf", cwd=templates)
    assert (ran.code, ran.stderr) == (2, "unitc: -o link/zz_unitc.tf names a file of the wiring\n")
    assert set(files_of(templates / "chain")) == {"main.tf"}


@pytest.mark.parametrize("place", ["pipe", "loop", "chain", "chain/main.tf/launcher.sh"])
def test_a_launcher_goes_nowhere_but_to_a_file(templates: Path, place: str) -> None:
    os.mkfifo(templates / "pipe")
    (templates / "loop").symlink_to("loop")
    ran = run("compile", "chain", "-o", place, "--force", cwd=templates)
    assert ran.code == 3
    assert ran.stderr.startswith(f"unitc: {place}")
    assert set(files_of(templates / "chain")) == {"main.tf"}


def test_a_folder_for_the_wiring_that_is_a_link_is_refused_and_nothing_behind_it_is_removed(templates: Path) -> None:
    run("compile", "bodies", cwd=templates)
    (templates / "chain" / "unitc").symlink_to("../bodies/unitc")
    before = files_of(templates)
    ran = run("compile", "chain", "--force", cwd=templates)
    assert (ran.code, ran.stderr.count("\n")) == (3, 1)
    assert "unitc is a symbolic link, which Coder's upload leaves out; nothing was changed" in ran.stderr
    assert run("clean", "chain", cwd=templates).stderr == "there is nothing to remove\n"
    assert files_of(templates) == before


@pytest.fixture
def nested(templates: Path) -> Path:
    """A compiled template with a module, and below it what isn't part of it though it looks alike."""
    folder = templates / "nested"
    module = folder / "modules" / "tools"
    module.mkdir(parents=True)
    text = (templates / "chain" / "main.tf").read_text()
    agent = text[: text.index('resource "coder_script"')]
    scripts = text[text.index('resource "coder_script"') :].replace("coder_agent.main.id", "var.agent_id")
    (module / "main.tf").write_text(f'variable "agent_id" {{}}\n{scripts}')
    call = 'module "tools" {\n  source   = "./modules/tools"\n  agent_id = coder_agent.main.id\n}\n'
    (folder / "main.tf").write_text(agent + call)
    assert run("compile", "nested", cwd=templates).code == 0
    generated = (module / "zz_unitc.tf").read_text()
    for name in ("examples/chain", ".hidden", "node_modules/pack", "copy"):
        (folder / name).mkdir(parents=True)
        (folder / name / "main.tf").write_text(text)
        (folder / name / "zz_unitc.tf").write_text(generated)
    assert run("compile", "nested/examples/chain", cwd=templates).code == 0
    (folder / "copy" / ".unitc-copy").touch()
    (templates / "elsewhere").mkdir()
    (templates / "elsewhere" / "zz_unitc.tf").write_text(generated)
    (folder / "linked").symlink_to("../elsewhere")
    return folder


@pytest.mark.parametrize("command", ["compile", "clean"])
def test_leftovers_are_looked_for_where_modules_may_be_and_not_in_templates_of_their_own(
    nested: Path, command: str
) -> None:
    before = files_of(nested.parent)
    assert run("compile", "nested", "--check", cwd=nested.parent).code == 0
    main = nested / "main.tf"
    main.write_text(main.read_text().partition('module "tools"')[0])
    assert run(command, "nested", cwd=nested.parent).code == 0
    wiring = {
        f"{folder}{name}" for folder in ("", "modules/tools/") for name in ("zz_unitc.tf", "zz_unitc_override.tf")
    }
    wiring |= {"unitc/gate.sh", "unitc/limits.sh", "unitc/status.sh"} | (
        {"launcher.sh"} if command == "clean" else set()
    )
    assert before.keys() - files_of(nested.parent).keys() == {f"nested/{name}" for name in wiring}


def test_a_change_that_changes_nothing_that_is_written_makes_nothing_stale(templates: Path) -> None:
    main = templates / "chain" / "main.tf"
    main.write_text(main.read_text() + '\nvariable "unread" {\n  default = 1\n}\n')
    assert run("compile", "chain", cwd=templates).code == 0
    before = files_of(templates / "chain")
    text = main.read_text().replace("default = 1", 'description = "now described"\n  default     = 1')
    main.write_text(f"# A comment\n{text}# and another one\n")
    assert run("compile", "chain", "--check", cwd=templates).code == 0
    assert run("compile", "chain", cwd=templates).code == 0
    assert {**files_of(templates / "chain"), "main.tf": b""} == {**before, "main.tf": b""}


def test_compile_says_when_nothing_is_ordered(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "coder_agent" "a" {\n  os = "linux"\n  arch = "amd64"\n  startup_script = "echo hi"\n}\n'
    )
    said = run("compile", cwd=tmp_path).stderr.splitlines()[-1]
    assert said == ".: 1 script, none ordered, so there is nothing to wire"
