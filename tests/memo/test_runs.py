"""Whole runs: an answer is given again while nothing changes, and never once anything that it depends on has."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from compiler import disk as disk_module
from tests.every import some
from tests.memo.runs import Ran, run, run_twice

_MAIN = """\
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}

variable "word" {
  type    = string
  default = "none"
}

variable "other" {
  type    = string
  default = "none"
}

resource "coder_agent" "main" {
  arch = "amd64"
  os   = "linux"
}

module "shared" {
  source   = "./modules/shared"
  agent_id = coder_agent.main.id
}

module "far" {
  source   = "registry.example.com/coder/far/coder"
  version  = "1.0.0"
  agent_id = coder_agent.main.id
}

resource "coder_script" "first" {
  agent_id     = coder_agent.main.id
  display_name = "First ${var.word} ${var.other}"
  run_on_start = true
  script       = fileexists("${path.module}/extra.sh") ? "echo extra" : file("${path.module}/first.sh")
}

resource "coder_script" "second" {
  agent_id     = coder_agent.main.id
  display_name = join(" ", fileset(path.module, "parts/*"))
  run_on_start = true
  script       = "echo second"
  depends_on   = [coder_script.first, module.shared]
}
"""
_SCRIPT = """\
variable "agent_id" {}

resource "coder_script" "it" {
  agent_id     = var.agent_id
  display_name = "It"
  run_on_start = true
  script       = "echo it"
}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template that looks at a file of every kind."""
    folder = tmp_path / "template"
    far = folder / ".terraform" / "modules" / "far"
    for each in (folder / "modules" / "shared", far, folder / "parts"):
        each.mkdir(parents=True)
    (folder / "main.tf").write_text(_MAIN)
    (folder / "first.sh").write_text("#!/bin/sh\necho first\n")
    (folder / "first.sh").chmod(0o755)
    (folder / "parts" / "a").write_text("a")
    (folder / "terraform.tfvars").write_text('word = "one"\n')
    (folder / "given.tfvars").write_text('other = "given"\n')
    (folder / "modules" / "shared" / "main.tf").write_text(_SCRIPT)
    (far / "main.tf").write_text(_SCRIPT)
    row = {"Key": "far", "Source": "registry.example.com/coder/far/coder", "Version": "1.0.0"}
    rows = [{"Key": "", "Source": "", "Dir": "."}, {**row, "Dir": ".terraform/modules/far"}]
    (far.parent / "modules.json").write_text(json.dumps({"Modules": rows}))
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "UNITC_CACHE_DIR": str(tmp_path / "cache")}


def anew(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Ran:
    return run([*arguments, "--no-cache"], cwd, environment)


def append(name: str, text: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        with (folder / name).open("a") as stream:
            stream.write(text)

    return change


def write(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text)


def same_size_and_times(folder: Path) -> None:
    at = folder / "first.sh"
    before = at.stat()
    at.write_text("#!/bin/sh\necho f1rst\n")
    os.utime(at, ns=(before.st_atime_ns, before.st_mtime_ns))


def renamed_over(folder: Path) -> None:
    before = (folder / "first.sh").stat()
    (folder / "beside").write_text("#!/bin/sh\necho f2rst\n")
    (folder / "beside").chmod(0o755)
    os.utime(folder / "beside", ns=(before.st_atime_ns, before.st_mtime_ns))
    (folder / "beside").replace(folder / "first.sh")


def linked(folder: Path) -> None:
    shutil.move(folder / "modules" / "shared", folder / "elsewhere")
    (folder / "modules" / "shared").symlink_to(folder / "elsewhere")


def installed_elsewhere(folder: Path) -> None:
    modules = folder / ".terraform" / "modules"
    shutil.copytree(modules / "far", modules / "farther")
    append("main.tf", "\n# moved\n")(modules / "farther")
    text = (modules / "modules.json").read_text()
    (modules / "modules.json").write_text(text.replace("modules/far", "modules/farther"))


COPY = ("compile", "--out-dir", "../copy", "--allow-outside", "--var-file", "given.tfvars")
CHECK = ("check", "--var-file", "given.tfvars")
KNOWING = (*CHECK, "--baseline", "../known.json")

# What changes, and the command that must notice it.
CHANGES: Mapping[str, tuple[Callable[[Path], object], Sequence[str]]] = {
    "a configuration file": (append("main.tf", "\nnonsense\n"), CHECK),
    "one more configuration file": (write("more.tf", "nonsense\n"), CHECK),
    "an override file": (write("more_override.tf", "nonsense\n"), CHECK),
    "a configuration file less": (lambda folder: (folder / "main.tf").rename(folder / "main.txt"), CHECK),
    "a script's file": (append("first.sh", "echo more\n"), COPY),
    "a script's file in size and times the same": (same_size_and_times, COPY),
    "a script's file put in its place with its times": (renamed_over, COPY),
    "a script's file that is gone": (lambda folder: (folder / "first.sh").unlink(), CHECK),
    "a file that wasn't there": (write("extra.sh", ""), COPY),
    "a name in a folder that was listed": (write("parts/b", ""), COPY),
    "a configuration of unitc": (write("unitc.toml", "pedantic = 1\n"), CHECK),
    "a configuration of unitc farther up": (write("../unitc.toml", "pedantic = 1\n"), CHECK),
    "a baseline": (write("../known.json", "nonsense"), KNOWING),
    "a tfvars file": (write("terraform.tfvars", "nonsense ="), CHECK),
    "one more tfvars file": (write("z.auto.tfvars", "nonsense ="), CHECK),
    "the file of --var-file": (write("given.tfvars", "nonsense ="), CHECK),
    "a local module": (append("modules/shared/main.tf", "\nnonsense\n"), CHECK),
    "a file more in a local module": (write("modules/shared/more.tf", "nonsense\n"), CHECK),
    "an installed module": (append(".terraform/modules/far/main.tf", "\nnonsense\n"), CHECK),
    "an installed module that is gone": (lambda folder: shutil.rmtree(folder / ".terraform/modules/far"), CHECK),
    "the list of installed modules": (installed_elsewhere, COPY),
    "a file that can be run no more": (lambda folder: (folder / "first.sh").chmod(0o644), COPY),
    "a module that is a link now": (linked, COPY),
    "an output that was edited": (append("../copy/launcher.sh", "edited\n"), COPY),
    "an output that is gone": (lambda folder: (folder.parent / "copy" / "unitc" / "gate.sh").unlink(), COPY),
    "an output that can be run no more": (lambda f: (f.parent / "copy" / "first.sh").chmod(0o644), COPY),
    "a file more in the copy": (write("../copy/more.txt", ""), COPY),
    "a write that was cut off": (write("../copy/.unitc-journal", ""), COPY),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_answer_is_gone_with_anything_on_the_disk_that_it_depends_on(
    template: Path, environment: dict[str, str], change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Let files be so old that their times vouch for them.
    monkeypatch.setattr(disk_module, "_SETTLING", -(10**18))
    make, command = CHANGES[change]
    if command is COPY:
        assert run(COPY, template, environment).code == 0
        command = (*COPY, "--check")
    if command is KNOWING:
        assert run((*CHECK, "--write-baseline", "../known.json"), template, environment).code == 0
    run_twice(command, template, environment)
    wait_for_a_tick(template.parent)
    make(template)
    after = run(command, template, environment)
    assert after.worked
    assert after.said == anew(command, template, environment).said


def wait_for_a_tick(folder: Path) -> None:
    """Return once the file system's clock has moved on: times can't tell changes within one tick apart."""
    probe = folder / "probe"
    probe.touch()
    first = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == first:
        probe.chmod(0o644)


VARIABLES = {
    "TF_VAR_other": "set",
    "TF_VAR_unknown": "set",
    "NO_COLOR": "1",
    "FORCE_COLOR": "1",
    "COLUMNS": "40",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PATH": "/nowhere",
    "HOME": "/nowhere",
    "SHELLCHECK_OPTS": "-e SC2086",
    "BASH_ENV": "/nowhere",
    "ENV": "/nowhere",
    "PYTHONUTF8": "1",
    "TMPDIR": "/var/tmp",
    "UNITC_ANYTHING": "1",
}


def test_an_answer_belongs_to_the_environment_that_is_looked_at(template: Path, environment: dict[str, str]) -> None:
    run_twice(CHECK, template, environment)
    for name, value in VARIABLES.items():
        other = {**environment, name: value}
        after = run(CHECK, template, other)
        assert after.worked, name
        assert after.said == anew(CHECK, template, other).said, name
    assert not run(CHECK, template, {**environment, "SHLVL": "7", "OLDPWD": "/", "EDITOR": "ed"}).worked


def test_an_answer_belongs_to_its_command_line_and_to_its_folder(template: Path, environment: dict[str, str]) -> None:
    run_twice(CHECK, template, environment)
    for arguments in (
        ("check",),
        ("check", "--strict", "--var-file", "given.tfvars"),
        ("check", "--var-file", "given.tfvars", "."),
        ("check", "--var-file=given.tfvars"),
        ("check", "--var-file", "given.tfvars", "--var", "word=x"),
        ("check", "--var-file", "given.tfvars", "--format", "json"),
        ("graph", "--var-file", "given.tfvars"),
    ):
        assert run(arguments, template, environment).worked, arguments
    twin = template.with_name("twin")
    shutil.copytree(template, twin, symlinks=True)
    assert run(CHECK, twin, environment).worked


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("check", "--help"),
        ("explain", "UC203"),
        ("check",),
        ("check", "--format", "sarif"),
        ("compile", "--check"),
        ("compile", "--diff"),
        ("compile", "-o", "-"),
        ("graph",),
        ("why", "coder_script.second"),
        ("show", "coder_script.first"),
        ("eval", "var.word"),
    ],
    ids=" ".join,
)
def test_every_command_that_only_answers_is_answered_again(
    template: Path, environment: dict[str, str], arguments: Sequence[str]
) -> None:
    again = run_twice(arguments, template, environment)
    if "--help" not in arguments and arguments[0] not in ("--version", "explain"):
        assert again.said == anew(arguments, template, environment).said


def test_what_is_written_is_written_once_and_verified_from_then_on(template: Path, environment: dict[str, str]) -> None:
    in_place = ("compile", "--no-wire")
    first = run(in_place, template, environment)
    assert b"wrote launcher.sh" in first.stderr
    second = run(in_place, template, environment)
    third = run(in_place, template, environment)
    assert second.worked
    assert not third.worked
    assert second.said == third.said == (0, b"", b"everything is up to date\n.: 4 scripts, 3 ordered\n")
    (template / "launcher.sh").unlink()
    assert b"wrote launcher.sh" in run(in_place, template, environment).stderr


def test_what_acts_or_reads_standard_input_or_could_not_read_a_file_is_done_each_time(
    template: Path, environment: dict[str, str]
) -> None:
    for arguments in (
        ("clean",),
        ("eval", "-"),
        ("check", "nowhere"),
        ("check", "--nonsense"),
        ("check", "--no-cache"),
    ):
        for _ in range(2):
            assert run(arguments, template, environment).worked, arguments


def test_mending_is_never_answered_from_before(tmp_path: Path, environment: dict[str, str]) -> None:
    agent = 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n'
    text = agent + "".join(
        f'\nresource "coder_script" "{name}" {{\n  agent_id     = coder_agent.main.id\n  display_name = "{name}"\n'
        '  run_on_start = true\n  script       = "apt-get update"\n}\n'
        for name in ("one", "two")
    )
    for _ in range(2):
        (tmp_path / "main.tf").write_text(text)
        ran = run(("check", "--fix"), tmp_path, environment)
        assert b"fixed main.tf" in ran.stderr
        assert ran.worked


def test_what_writes_reports_or_works_in_several_processes_is_done_each_time(
    template: Path, environment: dict[str, str]
) -> None:
    several = [f"../t{number}" for number in range(8)]
    for name in several:
        shutil.copytree(template, template / name, symlinks=True)
    for arguments in (
        ("check", "--report", "json=../report.json"),
        ("check", "--write-baseline", "../known.json"),
        ("check", "--jobs", "2", *several),
    ):
        for _ in range(2):
            assert run(arguments, template, environment).worked, arguments


def test_nothing_works_otherwise_without_a_cache(template: Path, environment: dict[str, str]) -> None:
    nowhere = {**environment, "UNITC_CACHE_DIR": "/proc/nowhere"}
    assert run(CHECK, template, nowhere).said == run(CHECK, template, environment).said
    assert run(CHECK, template, nowhere).worked
    assert run([*CHECK, "--no-cache"], template, environment).worked
    broken = {**environment, "UNITC_CACHE_DIR": str(template / "first.sh")}
    assert run(CHECK, template, broken).said == run(CHECK, template, environment).said


def test_runs_at_once_share_a_cache(template: Path, environment: dict[str, str]) -> None:
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            code = 9
            try:
                for _ in range(5):
                    run(CHECK, template, environment)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    run_twice(CHECK, template, environment)


def _edits(folder: Path) -> Sequence[tuple[str, Callable[[], object]]]:
    """Return edits of a template, some of which change nothing, and most of which another one takes back."""
    out = folder.parent / "copy"

    def put(path: Path, text: str) -> Callable[[], object]:
        return lambda: path.parent.is_dir() and path.write_text(text)

    def toggle(path: Path, text: str) -> Callable[[], object]:
        return lambda: path.unlink() if path.exists() else put(path, text)()

    def mode() -> None:
        script = folder / "first.sh"
        if script.exists():
            script.chmod(script.stat().st_mode ^ 0o111)

    def link() -> None:
        shared = folder / "modules" / "shared"
        if shared.is_symlink():
            shared.unlink()
            shutil.move(folder / "elsewhere", shared)
        else:
            shutil.move(shared, folder / "elsewhere")
            shared.symlink_to("../elsewhere")

    return (
        ("nothing", lambda: None),
        ("touch", lambda: os.utime(folder / "main.tf")),
        ("main", put(folder / "main.tf", _MAIN)),
        ("main with a comment", put(folder / "main.tf", _MAIN + "\n# a comment\n")),
        ("main without an edge", put(folder / "main.tf", _MAIN.replace("coder_script.first, ", ""))),
        ("main with an error", put(folder / "main.tf", _MAIN + "\nnonsense\n")),
        ("more", toggle(folder / "more.tf", "locals {}\n")),
        ("tfvars", put(folder / "terraform.tfvars", 'word = "two"\n')),
        ("tfvars again", put(folder / "terraform.tfvars", 'word = "one"\n')),
        ("more tfvars", toggle(folder / "z.auto.tfvars", 'other = "auto"\n')),
        ("extra", toggle(folder / "extra.sh", "")),
        ("script", put(folder / "first.sh", "#!/bin/sh\necho other\n")),
        ("part", toggle(folder / "parts" / "b", "")),
        ("mode", mode),
        ("link", link),
        ("edit a copy", lambda: (out / "launcher.sh").exists() and append("launcher.sh", "edited\n")(out)),
        ("remove from a copy", lambda: (out / "unitc" / "gate.sh").unlink(missing_ok=True)),
        ("more in a copy", toggle(out / "more.txt", "")),
    )


COMMANDS: Sequence[Sequence[str]] = (
    ("check",),
    ("compile", "-o", "-"),
    ("compile", "--out-dir", "../copy", "--check"),
    ("compile", "--out-dir", "../copy", "--diff"),
    ("compile", "--out-dir", "../copy"),
    ("compile", "--out-dir", "../copy", "--force"),
    ("graph", "--format", "json"),
    ("eval", 'fileset(path.module, "**")'),
)


def _state(folder: Path) -> Mapping[str, tuple[int, bytes]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[path.relative_to(folder).as_posix()] = (path.stat().st_mode, path.read_bytes())
    return found


@pytest.mark.parametrize("seed", some(2, range(3)))
def test_every_answer_in_a_walk_of_edits_is_what_a_run_without_a_cache_says(
    template: Path, environment: dict[str, str], seed: int
) -> None:
    chosen = random.Random(seed)
    out, saved = template.with_name("copy"), template.with_name("saved")
    given_again = 0
    for step in range(20):
        name, edit = chosen.choice(_edits(template))
        edit()
        command = chosen.choice(COMMANDS)
        shutil.rmtree(saved, ignore_errors=True)
        if out.exists():
            shutil.copytree(out, saved, symlinks=True)
        expected = anew(command, template, environment)
        written = _state(out)
        shutil.rmtree(out, ignore_errors=True)
        if saved.exists():
            shutil.copytree(saved, out, symlinks=True)
        # The second one is often given again what the first one kept.
        for _ in range(1 if "--check" not in command and "--diff" not in command and "--out-dir" in command else 2):
            ran = run(command, template, environment)
            assert ran.said == expected.said, (step, name, command)
            assert _state(out) == written, (step, name, command)
            given_again += not ran.worked
    assert given_again >= 5
