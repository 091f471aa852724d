"""``unitc migrate``: the same order in another form, in the user's own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.disk import Disk
from tests.cli.harness import run
from tests.terraform.binary import terraform

AGENT = 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n'
RULES = """
data "coder_script_order" "startup" {
  rule {
    run   = ["coder_script.app"]
    after = ["coder_script.install"]
  }
}
"""


def script(name: str, *lines: str, body: str = "make") -> str:
    return "".join(
        (
            f'\nresource "coder_script" "{name}" {{\n',
            "  agent_id     = coder_agent.main.id\n",
            f'  display_name = "{name}"\n',
            "  run_on_start = true\n",
            *(f"  {line}\n" for line in lines if line[0] != "#"),
            "  script       = <<-EOT\n",
            *(f"    {line}\n" for line in body.split("\n")),
            "  EOT\n",
            *(f"\n  {line}\n" for line in lines if line[0] == "#"),
            "}\n",
        )
    )


MIXED = (
    AGENT
    + script("clone")
    + script("install", "depends_on   = [coder_script.clone, docker_volume.home]")
    + script("app", "# unitc: depends_on_completion = [coder_script.clone]")
    + RULES
    + '\nresource "docker_volume" "home" {\n  name = "home"\n}\n'
)
IN_DIRECTIVES = MIXED.replace(RULES, "").replace("[coder_script.clone, docker_volume.home]", "[docker_volume.home]")
for _waiting, _awaited in (("install", "clone"), ("app", "install")):
    _header = f'"coder_script" "{_waiting}" {{\n'
    IN_DIRECTIVES = IN_DIRECTIVES.replace(
        _header, f"{_header}  # unitc: depends_on_success = [coder_script.{_awaited}]\n"
    )


def written(folder: Path, text: str, *arguments: str) -> str:
    """Return what is in main.tf after a run that writes, and after another that must change nothing."""
    path = folder / "main.tf"
    path.write_bytes(text.encode())
    assert run("migrate", *arguments, "--write", cwd=folder).code == 0
    after = path.read_bytes()
    assert "changed" not in run("migrate", *arguments, "--write", cwd=folder).stderr
    assert (path.read_bytes(), [item.name for item in folder.iterdir()]) == (after, ["main.tf"])
    return after.decode()


def is_formatted(text: str) -> bool:
    return terraform(Path.cwd(), "fmt", "-check", "-", text=text).returncode == 0


def test_a_diff_is_shown_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MIXED)
    ran = run("migrate", "--to", "directives", cwd=tmp_path)
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("--- main.tf\n+++ main.tf\n@@")
    lines = [line for line in ran.stdout.splitlines() if line[0] in "+-"][2:]
    assert [line for line in lines if line.strip("+- ")] == [
        "+  # unitc: depends_on_success = [coder_script.clone]",
        "-  depends_on   = [coder_script.clone, docker_volume.home]",
        "+  depends_on   = [docker_volume.home]",
        "+  # unitc: depends_on_success = [coder_script.install]",
        *(f"-{line}" for line in RULES.splitlines() if line),
    ]
    assert (tmp_path / "main.tf").read_text() == MIXED


@pytest.mark.terraform
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_depends_on_and_rules_become_directives(tmp_path: Path, newline: str) -> None:
    after = written(tmp_path, MIXED.replace("\n", newline), "--to", "directives")
    assert after == IN_DIRECTIVES.replace("\n", newline)
    assert is_formatted(MIXED)
    assert is_formatted(IN_DIRECTIVES)


@pytest.mark.terraform
def test_directives_become_rules_and_what_rules_cannot_say_is_told(tmp_path: Path) -> None:
    before = MIXED.replace(
        '"app" {\n', '"app" {\n  # unitc: depends_on_start = [coder_script.other]\n  # unitc: mutex = "apt"\n'
    ) + script("other")
    after = written(tmp_path, before, "--to", "rules")
    rules = (
        '\ndata "coder_script_order" "order" {\n'
        '  # "app" waits for "clone" to end.\n  rule {\n    run      = ["coder_script.app"]\n'
        '    after    = ["coder_script.clone"]\n    requires = "completion"\n    phase    = "start"\n  }\n\n'
        '  # "install" waits for "clone" to succeed.\n  rule {\n    run      = ["coder_script.install"]\n'
        '    after    = ["coder_script.clone"]\n    requires = "success"\n    phase    = "start"\n  }\n}\n'
    )
    wanted = before.replace("[coder_script.clone, docker", "[docker").replace(
        "\n  # unitc: depends_on_completion = [coder_script.clone]\n", ""
    )
    assert after == wanted + rules
    assert is_formatted(after)
    ran = run("migrate", "--to", "rules", cwd=tmp_path)
    line = before[: before.index("depends_on_start")].count("\n") + 1
    assert (ran.code, ran.stdout) == (0, "")
    assert ran.stderr == f"main.tf:{line}:32: coder_script.other in depends_on_start stays: a rule can't say start\n"


@pytest.mark.terraform
def test_rules_and_directives_become_depends_on(tmp_path: Path) -> None:
    before = AGENT + script("clone") + script("install", "# unitc: before = [coder_script.app]")
    before += script("app") + RULES.replace("install", "clone")
    after = written(tmp_path, before, "--to", "depends_on")
    assert after == AGENT + script("clone") + script("install") + script("app").replace(
        "  EOT\n}", "  EOT\n\n  depends_on = [coder_script.install, coder_script.clone]\n}"
    )
    assert is_formatted(after)


def test_a_template_that_says_all_in_the_form_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(IN_DIRECTIVES)
    ran = run("migrate", "--to", "directives", cwd=tmp_path)
    assert (ran.code, ran.stdout, ran.stderr) == (0, "", "the whole order is in the form of directives already\n")


def test_a_template_with_errors_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MIXED.replace("[coder_script.clone,", "[coder_script.nothing,"))
    ran = run("migrate", "--to", "directives", "--write", cwd=tmp_path)
    assert (ran.code, ran.stdout, "UC204" in ran.stderr) == (1, "", True)


def test_an_unknown_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MIXED)
    assert run("migrate", "--to", "rule", cwd=tmp_path).code == 2
    assert run("migrate", cwd=tmp_path).code == 2


def test_a_hand_made_wait_is_declared_and_removed_only_on_request(tmp_path: Path) -> None:
    loop = "until [ -e /tmp/x ]; do\n  sleep 1\ndone\n"
    before = AGENT + script("makes", body="make\ntouch /tmp/x") + script("waits", body=f"{loop}make all")
    after = written(tmp_path, before, "--to", "directives")
    assert after == before.replace(
        '"waits" {\n', '"waits" {\n  # unitc: depends_on_success = [coder_script.makes]\n', 1
    )
    assert written(tmp_path, after, "--to", "directives", "--remove-waits") == after.replace(
        "    until [ -e /tmp/x ]; do\n      sleep 1\n    done\n", ""
    )


SYNC = (
    AGENT
    + script("clone", body="coder exp sync start clone\ngit clone x\ncoder exp sync complete clone")
    + script("app", body="coder exp sync want app clone\ncoder exp sync start app\nmake\ncoder exp sync complete app")
)


@pytest.mark.parametrize("form", ["directives", "rules"])
def test_exp_sync_calls_are_declared_and_removed_only_on_request(tmp_path: Path, form: str) -> None:
    declared = written(tmp_path, SYNC, "--to", form)
    assert declared.count("coder exp sync") == 5
    if form == "directives":
        assert declared == SYNC.replace(
            '"app" {\n', '"app" {\n  # unitc: depends_on_completion = [coder_script.clone]\n', 1
        )
    removed = written(tmp_path, SYNC, "--to", form, "--remove-waits")
    lines = [line for line in declared.splitlines(keepends=True) if "coder exp sync" not in line]
    assert removed == "".join(lines)


def test_exp_sync_calls_that_are_part_of_something_else_stay(tmp_path: Path) -> None:
    before = SYNC.replace("coder exp sync start app", "coder exp sync start app || exit 1")
    after = written(tmp_path, before, "--to", "directives", "--remove-waits")
    assert after.count("coder exp sync") == 5
    ran = run("migrate", "--to", "directives", "--remove-waits", cwd=tmp_path)
    assert "an exp sync call, and so all others, stays: it isn't on lines of its own\n" in ran.stderr


def test_exp_sync_calls_whose_names_can_not_be_read_stay(tmp_path: Path) -> None:
    before = SYNC.replace(
        "coder exp sync start app", 'coder exp sync want app "$(cat ~/units)"\ncoder exp sync start app'
    )
    (tmp_path / "main.tf").write_text(before)
    ran = run("migrate", "--to", "directives", "--remove-waits", cwd=tmp_path)
    assert (tmp_path / "main.tf").read_text().count("coder exp sync") == 6
    assert "an exp sync call, and so all others, stays: its names can't be read\n" in ran.stderr


def test_depends_on_can_not_say_what_exp_sync_does(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(SYNC)
    ran = run("migrate", "--to", "depends_on", cwd=tmp_path)
    assert (ran.code, ran.stdout) == (0, "")
    assert "the exp sync call by which coder_script.app waits for coder_script.clone stays" in ran.stderr


def test_a_file_that_can_not_be_written_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.tf": AGENT + RULES, "b.tf": script("install") + script("app")}
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    def replace(disk: Disk, path: Path, text: str) -> None:
        if path.name == "b.tf":
            raise OSError(28, "No space left on device")
        path.write_text(text)

    monkeypatch.setattr("compiler.output.fix.replace_file", replace)
    ran = run("migrate", "--to", "directives", "--write", cwd=tmp_path)
    assert (ran.code, ran.stderr) == (3, "unitc: b.tf: No space left on device; nothing was changed\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


def test_what_orders_more_than_scripts_stays(tmp_path: Path) -> None:
    """A module of which more than scripts is created is named for that, too."""
    (tmp_path / "m").mkdir()
    inner = 'variable "agent" {}\n' + script("inner").replace("coder_agent.main.id", "var.agent")
    (tmp_path / "m" / "main.tf").write_text(inner + '\nresource "docker_image" "i" {\n  name = "i"\n}\n')
    call = '\nmodule "m" {\n  source = "./m"\n  agent  = coder_agent.main.id\n}\n'
    (tmp_path / "main.tf").write_text(AGENT + call + script("app", "depends_on   = [module.m]"))
    ran = run("migrate", "--to", "directives", cwd=tmp_path)
    why = "it also lets Terraform create docker_image.i of module.m first"
    assert (ran.stdout, ran.stderr) == ("", f"main.tf:15:19: module.m in depends_on stays: {why}\n")


def test_an_order_that_terraform_could_not_create_stays(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    inner = 'variable "agent" {}\nvariable "after" {}\n' + script("inner").replace("coder_agent.main.id", "var.agent")
    (tmp_path / "m" / "main.tf").write_text(inner.replace('= "inner"', "= var.after"))
    call = '\nmodule "m" {\n  source = "./m"\n  agent  = coder_agent.main.id\n'
    call += "  after  = coder_script.app.display_name\n}\n"
    (tmp_path / "main.tf").write_text(AGENT + call + script("app", "# unitc: depends_on_success = [module.m]"))
    ran = run("migrate", "--to", "depends_on", cwd=tmp_path)
    assert ran.stdout == ""
    assert ran.stderr.endswith(
        "module.m in depends_on_success stays: Terraform's resources would depend on each other in a cycle\n"
    )


def test_a_wait_whose_warning_is_silenced_stays_and_so_does_a_body_that_only_waits(tmp_path: Path) -> None:
    loop = "until [ -e /tmp/x ]; do\n  sleep 1\ndone"
    makes = script("makes", body="make\ntouch /tmp/x")
    before = AGENT + makes + script("waits", "# unitc: ignore[UC310] the file comes much later", body=loop)
    assert written(tmp_path, before, "--to", "directives", "--remove-waits") == before
    before = AGENT + makes + script("waits", body=loop)
    assert written(tmp_path, before, "--to", "directives", "--remove-waits") == before.replace(
        '"waits" {\n', '"waits" {\n  # unitc: depends_on_success = [coder_script.makes]\n', 1
    )


def test_what_stays_is_told_where_it_stands_in_the_file_that_is_there(tmp_path: Path) -> None:
    line = "# unitc: depends_on_start = [coder_script.clone]"
    before = AGENT + script("clone") + script("install", "depends_on   = [coder_script.clone]") + script("app", line)
    (tmp_path / "main.tf").write_text(before)
    at = before[: before.index(line)].count("\n") + 1
    told = run("migrate", "--to", "rules", cwd=tmp_path).stderr
    assert told == f"main.tf:{at}:32: coder_script.clone in depends_on_start stays: a rule can't say start\n"
    told = run("migrate", "--to", "rules", "--write", cwd=tmp_path).stderr
    assert f"main.tf:{at - 1}:32: coder_script.clone in depends_on_start stays" in told
