"""A compiled copy on the disk: where it may be made, what is told of it, and what is kept when it is made again."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.cli.harness import compile_copy, files_of, run, told


def test_a_folder_with_somebody_elses_files_is_not_replaced(template: Path, tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    (target / "notes.txt").write_text("mine\n")
    ran = run("compile", "template", "--out-dir", "kept", cwd=tmp_path)
    assert ran.code == 2
    assert "kept holds something that unitc did not put there" in ran.stderr
    assert files_of(target) == {"notes.txt": b"mine\n"}
    assert run("compile", "template", "--out-dir", ".", cwd=tmp_path).code == 2


@pytest.fixture
def copy(template: Path) -> Path:
    """The compiled copy of the template, in which Terraform has worked and somebody keeps something."""
    (template / "link.md").unlink()
    (template / "docs").mkdir()
    (template / "docs" / "notes.md").write_text("notes")
    assert compile_copy(template).code == 0
    folder = template.parent / "out"
    for name in PRIVATE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# {name}\n")
    return folder


PRIVATE = (
    ".terraform/providers/lock",
    "terraform.tfstate",
    "terraform.tfstate.d/work/terraform.tfstate",
    "secret.auto.tfvars",
    ".git/HEAD",
    "unitc/modules/clone/.terraform.lock.hcl",
)


def private(copy: Path) -> dict[str, bytes]:
    return {name: data for name, data in files_of(copy).items() if name in PRIVATE}


def test_a_copy_that_was_worked_with_is_up_to_date(template: Path, copy: Path) -> None:
    before = files_of(copy)
    checked = compile_copy(template, "--check")
    assert (checked.code, checked.stdout, "out/" in checked.stderr) == (0, "", False)
    assert "everything is up to date\n" in compile_copy(template).stderr
    assert files_of(copy) == before


def test_a_stale_copy_is_made_again_around_what_was_put_there(template: Path, copy: Path) -> None:
    kept = private(copy)
    assert set(kept) == set(PRIVATE)
    (template / "docs" / "notes.md").unlink()
    (template / "new.md").write_text("new")
    (template / ".terraform.lock.hcl").write_text("# locked anew\n")
    (template / "main.tf").write_text((template / "main.tf").read_text().replace("echo install", "echo changed"))
    checked = compile_copy(template, "--check")
    command = "run: unitc compile template --out-dir out"
    assert told(checked).items() >= {
        ("out/.terraform.lock.hcl is stale", ("UC418", command)),
        ("out/main.tf is stale", ("UC418", command)),
        ("out/new.md is missing", ("UC418", command)),
        ("out/docs/notes.md is left over", ("UC418", command)),
    }
    assert checked.code == 1
    assert "edited" not in checked.stderr
    shown = compile_copy(template, "--diff")
    assert "--- a/docs/notes.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-notes\n\\ No newline at end of file\n" in shown.stdout
    assert "echo changed" in shown.stdout
    ran = compile_copy(template)
    assert ran.code == 0
    assert not (copy / "docs").exists()
    assert (copy / "new.md").read_text() == "new"
    assert (copy / ".terraform.lock.hcl").read_text() == "# locked anew\n"
    assert private(copy) == kept
    assert compile_copy(template, "--check").code == 0


@pytest.mark.parametrize(
    ("name", "text", "said", "then"),
    [
        ("main.tf", "# mine\n", "edited by hand", "--force replaces it"),
        ("unitc/gate.sh", "# mine\n", "edited by hand", "--force replaces it"),
        (".terraform.lock.hcl", "# mine\n", "edited by hand", "--force replaces it"),
        ("unitc/modules/clone/mine.tf", "# mine\n", "not made by unitc", "--force removes it"),
        ("docs/notes.md", "more", "edited by hand", "--force removes it"),
    ],
)
def test_what_was_edited_in_a_copy_or_added_to_it_is_lost_by_force_only(
    template: Path, copy: Path, name: str, text: str, said: str, then: str
) -> None:
    with (copy / name).open("a") as stream:
        stream.write(text)
    (template / "docs" / "notes.md").unlink()
    before = files_of(copy)
    ran = compile_copy(template)
    assert ran.code == 1
    assert ran.stderr.endswith("\nunitc: nothing was written\n")
    expected = (f"out/{name} was {said}", ("UC419", f"{then}: unitc compile --force template --out-dir out"))
    assert expected in told(ran).items()
    assert files_of(copy) == before
    assert expected in told(compile_copy(template, "--check")).items()
    assert compile_copy(template, "--force").code == 0
    assert compile_copy(template, "--check").code == 0
    assert private(copy) == {name: data for name, data in before.items() if name in PRIVATE}


def test_a_lock_file_that_terraform_made_in_a_copy_stays(template: Path, tmp_path: Path) -> None:
    (template / ".terraform.lock.hcl").unlink()
    (template / "link.md").unlink()
    assert compile_copy(template).code == 0
    lock = tmp_path / "out" / ".terraform.lock.hcl"
    lock.write_text("# by terraform init\n")
    assert compile_copy(template, "--check").code == 0
    (template / "main.tf").write_text((template / "main.tf").read_text() + "# more\n")
    assert compile_copy(template).code == 0
    assert lock.read_text() == "# by terraform init\n"


def test_a_lock_file_of_the_template_goes_with_it(template: Path, copy: Path) -> None:
    (template / ".terraform.lock.hcl").unlink()
    checked = compile_copy(template, "--check")
    assert "out/.terraform.lock.hcl is left over" in told(checked)
    assert compile_copy(template).code == 0
    assert not (copy / ".terraform.lock.hcl").exists()


def test_a_copy_that_is_compiled_again_in_its_place_stays_as_it_is(template: Path, copy: Path) -> None:
    before = files_of(copy)
    assert run("compile", copy, cwd=template.parent).code == 0
    assert files_of(copy) == before
    assert compile_copy(template, "--check").code == 0


@pytest.mark.parametrize("by_option", [True, False])
def test_a_copy_has_a_launcher_where_that_is_asked_for(template: Path, copy: Path, by_option: bool) -> None:
    assert not (copy / "launcher.sh").exists()
    if not by_option:
        (template / "unitc.toml").write_text("launcher = true\n")
    assert compile_copy(template, *["--launcher"] * by_option).code == 0
    assert os.access(copy / "launcher.sh", os.X_OK)
    assert run("compile", copy, cwd=template.parent).code == 0
    assert compile_copy(template, "--check", *["--launcher"] * by_option).code == 0
    assert compile_copy(template, "--no-launcher").code == 0
    assert not (copy / "launcher.sh").exists()


@pytest.mark.parametrize("marker", ["", "{}", "[" * 100_000, '{"files": {"main.tf": "0"}}'])
def test_files_beside_a_marker_that_says_nothing_are_not_ours(template: Path, copy: Path, marker: str) -> None:
    (copy / ".unitc-copy").write_text(marker)
    (copy / "main.tf").write_text("mine\n")
    ran = compile_copy(template)
    assert ran.code == 1
    assert told(ran)["out/main.tf was not made by unitc"][1].startswith("--force replaces it: ")
    assert (copy / "main.tf").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("file", 2, "out is not a folder"),
        ("link", 2, "out is not a folder"),
        ("loop", 2, "out is not a folder"),
        ("marker that is a link", 2, "out holds something that unitc did not put there"),
        ("marker that is a pipe", 3, "out/.unitc-copy is not a regular file"),
        ("below a file", 3, "template/main.tf/out"),
        ("below a loop", 3, "loop/out"),
    ],
)
def test_a_copy_goes_nowhere_but_to_a_folder(template: Path, kind: str, code: int, said: str) -> None:
    out, target = template.parent / "out", "out"
    if kind == "file":
        out.write_text("mine\n")
    elif kind == "link":
        out.symlink_to("elsewhere")
        (template.parent / "elsewhere").mkdir()
    elif kind == "loop":
        out.symlink_to("out")
    elif kind == "marker that is a link":
        out.mkdir()
        (out / ".unitc-copy").symlink_to("../template/main.tf")
    elif kind == "marker that is a pipe":
        out.mkdir()
        os.mkfifo(out / ".unitc-copy")
    elif kind == "below a file":
        target = "template/main.tf/out"
    else:
        (template.parent / "loop").symlink_to("loop")
        target = "loop/out"
    before = files_of(template.parent)
    ran = run("compile", "template", "--out-dir", target, "--force", cwd=template.parent)
    assert ran.code == code
    assert said in ran.stderr.splitlines()[-1]
    assert files_of(template.parent) == before


def test_links_and_pipes_in_a_copy_are_in_the_way(template: Path, copy: Path) -> None:
    (copy / "main.tf").unlink()
    (copy / "main.tf").symlink_to("../template/main.tf")
    ran = compile_copy(template)
    assert (ran.code, told(ran)["out/main.tf was not made by unitc"][0]) == (1, "UC419")
    (copy / "main.tf").unlink()
    assert compile_copy(template).code == 0
    (copy / "folder").symlink_to("../template")
    ran = compile_copy(template, "--force")
    assert (ran.code, ran.stderr.splitlines(True)[-1]) == (3, "unitc: out/folder is not a regular file\n")
    (copy / "folder").unlink()
    os.mkfifo(copy / "docs" / "pipe")
    ran = compile_copy(template, "--force")
    assert (ran.code, ran.stderr.splitlines(True)[-1]) == (3, "unitc: out/docs/pipe is not a regular file\n")


def test_a_copy_that_can_not_be_written_is_as_it_was(
    template: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (template / "main.tf").write_text((template / "main.tf").read_text().replace("echo install", "echo changed"))
    (template / "docs" / "notes.md").unlink()
    before = files_of(copy)
    real = os.unlink

    def unlink(path: Path, *, dir_fd: int | None = None) -> None:
        if os.fspath(path).endswith("notes.md"):
            raise PermissionError(13, "Permission denied")
        real(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", unlink)
    ran = compile_copy(template)
    assert (ran.code, ran.stderr.splitlines(True)[-1]) == (
        3,
        "unitc: out/docs/notes.md: Permission denied; nothing was changed\n",
    )
    assert files_of(copy) == before


def test_a_copy_in_the_template_is_no_part_of_it_nor_of_another_copy(template: Path, tmp_path: Path) -> None:
    assert run("compile", "template", "--out-dir", "template/first", cwd=tmp_path).code == 0
    assert run("compile", "template", "--out-dir", "second", cwd=tmp_path).code == 0
    assert files_of(tmp_path / "second") == files_of(template / "first")
    ran = run("compile", "second", "--out-dir", "second", cwd=tmp_path)
    assert (ran.code, "second holds the template itself" in ran.stderr) == (2, True)


def test_a_copy_of_a_copy_has_the_same_files(template: Path, copy: Path) -> None:
    assert run("compile", "out", "--out-dir", "again", cwd=template.parent).code == 0
    first, second = (
        {name: data for name, data in files_of(folder).items() if name not in PRIVATE}
        for folder in (copy, template.parent / "again")
    )
    assert second.keys() == first.keys()
    # The manifest that says where the modules came from isn't in the copy; the lines of their calls say it still.
    assert {name for name in first if first[name] != second[name]} == {".unitc-copy"}


def test_clean_removes_all_of_a_copy_but_what_was_put_there(template: Path, copy: Path) -> None:
    put = private(copy)
    (copy / "notes.txt").write_text("mine\n")
    ran = run("clean", "out", cwd=template.parent)
    assert ran.code == 0, ran.stderr
    assert "removed the copy in out (" in ran.stderr
    assert files_of(copy) == {**put, "notes.txt": b"mine\n"}


def test_clean_takes_an_edited_file_of_a_copy_by_force_only(template: Path, copy: Path) -> None:
    (copy / "main.tf").write_text((copy / "main.tf").read_text() + "# mine\n")
    before = files_of(copy)
    assert run("clean", "out", cwd=template.parent).code == 1
    assert files_of(copy) == before
    assert run("clean", "out", "--force", cwd=template.parent).code == 0
    assert not (copy / "main.tf").exists()


def test_a_marker_can_name_nothing_outside_of_its_folder(template: Path, copy: Path) -> None:
    outside = copy.parent / "outside.txt"
    outside.write_text("")
    marker = copy / ".unitc-copy"
    said = json.loads(marker.read_text())
    said["files"]["../outside.txt"] = hashlib.sha256(b"").hexdigest()
    marker.write_text(json.dumps(said))
    assert run("clean", "out", cwd=template.parent).code == 0
    assert outside.exists()
