"""``unitc compile`` with several templates: each is compiled for itself, and one summary is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.harness import files_of, run, told


@pytest.fixture
def good(templates: Path) -> Path:
    """A folder whose folder ``all`` holds templates without errors."""
    for name in ("chain", "mutex", "bodies", "order-rules"):
        (templates / "all").mkdir(exist_ok=True)
        (templates / name).rename(templates / "all" / name)
    return templates


def test_a_folder_of_templates_is_compiled_as_each_would_be_alone(good: Path) -> None:
    many = run("compile", "all", cwd=good)
    assert many.code == 0, many.stderr
    assert "wrote all/chain/launcher.sh\n" in many.stderr
    assert many.stderr.endswith("4 of 4 templates compiled.\n")
    made = files_of(good / "all")
    for name in ("chain", "mutex", "bodies", "order-rules"):
        alone = run("compile", f"all/{name}", "--check", cwd=good)
        assert (alone.code, alone.stderr) == (0, ""), name
    again = run("compile", "all", cwd=good)
    *each, summary = again.stderr.splitlines()
    assert (again.code, summary) == (0, "4 of 4 templates compiled.")
    assert [line.split(":")[0] for line in each] == ["all/bodies", "all/chain", "all/mutex", "all/order-rules"]
    assert files_of(good / "all") == made


FAULTY = 'resource "coder_script" "x" {\n  bogus = 1\n}\n'


def _repository(folder: Path, **sources: str) -> None:
    """Make a folder for each name, which is faulty and calls what stands at these local sources."""
    for name, called in sources.items():
        (folder / name).mkdir(parents=True)
        calls = "".join(f'module "m{i}" {{\n  source = "{source}"\n}}\n' for i, source in enumerate(called.split()))
        (folder / name / "main.tf").write_text(FAULTY + calls)


def places(folder: Path) -> list[str]:
    ran = run("check", "--format", "concise", ".", cwd=folder)
    return sorted({line.split(":")[0] for line in ran.stdout.splitlines() if "UC103" in line})


def test_a_module_that_a_template_beside_it_calls_is_told_of_once(tmp_path: Path) -> None:
    _repository(tmp_path, docker="../modules/base ./own", aws="# ../unused", modules="")
    (tmp_path / "modules" / "main.tf").unlink()
    _repository(tmp_path / "modules", base="../deep", deep="", unused="")
    _repository(tmp_path / "docker", own="")
    (tmp_path / "aws" / "main.tf").write_text(FAULTY + '# source = "../modules/unused"\n')
    ran = run("check", "--format", "concise", ".", cwd=tmp_path)
    assert ran.stdout.count("UC103") == len(places(tmp_path)) == 6
    compiled = run("compile", ".", cwd=tmp_path)
    assert "0 of 3 templates compiled" in compiled.stderr


def test_modules_that_call_each_other_are_looked_at(tmp_path: Path) -> None:
    _repository(tmp_path, one="../two", two="../one", itself="../itself")
    assert places(tmp_path) == ["itself/main.tf", "one/main.tf", "two/main.tf"]


def test_several_processes_write_and_say_the_same(good: Path) -> None:
    for number in range(6):
        (good / "all" / f"more-{number}").mkdir()
        (good / "all" / f"more-{number}" / "main.tf").write_bytes((good / "all" / "chain" / "main.tf").read_bytes())
    two = run("compile", "all", "--jobs", "2", cwd=good)
    made = files_of(good / "all")
    run("clean", "all/chain", cwd=good)
    for name in [path.name for path in (good / "all").iterdir()]:
        run("clean", f"all/{name}", cwd=good)
    assert files_of(good / "all") != made
    assert run("compile", "all", "--jobs", "1", cwd=good) == two
    assert files_of(good / "all") == made


def test_what_is_stale_in_any_template_fails_the_check(good: Path) -> None:
    run("compile", "all", cwd=good)
    assert run("compile", "all", "--check", cwd=good).stderr == "4 of 4 templates up to date.\n"
    main = good / "all" / "chain" / "main.tf"
    main.write_text(main.read_text().replace("depends_on   = [coder_script.install]", ""))
    ran = run("compile", "all", "--check", cwd=good)
    assert ran.code == 1
    assert "all/chain/launcher.sh is stale" in ran.stderr
    assert ran.stderr.endswith("3 of 4 templates up to date.\n")
    assert "--- a/all/chain/launcher.sh\n" in run("compile", "all", "--diff", cwd=good).stdout


def test_errors_in_one_template_keep_no_other_from_being_compiled(templates: Path) -> None:
    ran = run("compile", "chain", "faulty-cycle", "--format", "json", cwd=templates)
    assert ran.code == 1
    assert [item["template"] for item in json.loads(ran.stdout)["diagnostics"]] == ["faulty-cycle"]
    assert (templates / "chain" / "launcher.sh").exists()
    assert not (templates / "faulty-cycle" / "launcher.sh").exists()


def test_each_template_gets_a_folder_of_its_own_for_its_copy(good: Path) -> None:
    ran = run("compile", "all", "--out-dir", "out", cwd=good)
    assert ran.code == 0, ran.stderr
    assert sorted(path.name for path in (good / "out").iterdir()) == ["bodies", "chain", "mutex", "order-rules"]
    alone = run("compile", "all/chain", "--out-dir", "alone", cwd=good)
    assert alone.code == 0
    assert files_of(good / "out" / "chain") == files_of(good / "alone")


def copy_chain(good: Path, folder: str) -> None:
    (good / folder).mkdir(parents=True)
    (good / folder / "main.tf").write_bytes((good / "all" / "chain" / "main.tf").read_bytes())


def test_copies_of_one_name_are_told_apart_by_their_paths(good: Path) -> None:
    copy_chain(good, "chain")
    ran = run("compile", "chain", "./all/chain", "all/mutex", "--out-dir", "out", cwd=good)
    assert ran.code == 0, ran.stderr
    assert sorted(path.name for path in (good / "out").iterdir()) == ["all-chain", "chain", "mutex"]


def test_copies_of_one_path_and_one_launcher_for_many_are_refused(good: Path) -> None:
    copy_chain(good, "a/chain")
    copy_chain(good, "a-chain")
    copy_chain(good, "chain")
    ran = run("compile", "a/chain", "a-chain", "chain", "--out-dir", "out", cwd=good)
    assert (ran.code, ran.stderr) == (
        2,
        "unitc: a/chain and a-chain would both be a-chain in --out-dir; compile one alone\n",
    )
    ran = run("compile", "all", "-o", "launcher.sh", cwd=good)
    assert (ran.code, ran.stderr) == (2, "unitc: -o names one file, and there are 4 templates\n")


def test_what_keeps_one_template_from_being_written_is_told_of_it(good: Path) -> None:
    (good / "all" / "chain" / "launcher.sh").write_text("mine\n")
    ran = run("compile", "all", cwd=good)
    assert ran.code == 1
    assert told(ran) == {
        "all/chain/launcher.sh was not made by unitc": ("UC419", "--force replaces it: unitc compile --force all")
    }
    assert "unitc: nothing was written into all/chain\n" in ran.stderr
    assert (good / "all" / "mutex" / "launcher.sh").exists()
