"""``unitc check --fix``: what is certain is changed at its place, everything else stays byte for byte."""

from __future__ import annotations

import subprocess
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.cli.harness import run

AGENT = 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n'


def script(name: str, *body: str, extra: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body)
    return (
        f'\nresource "coder_script" "{name}" {{ # {name}\n  agent_id     = coder_agent.main.id\n'
        f'  display_name = "{name}"\n  run_on_start = true\n{extra}  script       = <<-EOT\n{lines}  EOT\n}}\n'
    )


def fixed(folder: Path, text: str, *arguments: str) -> str:
    """Return what is in main.tf after a run, and after another that must change nothing."""
    path = folder / "main.tf"
    path.write_bytes(text.encode())
    first = run("check", ".", "--fix", *arguments, cwd=folder)
    after = path.read_bytes()
    assert "fixed main.tf" in first.stderr
    again = run("check", ".", "--fix", *arguments, cwd=folder)
    assert (path.read_bytes(), "fixed" in again.stderr) == (after, False)
    return after.decode()


def test_package_managers_get_a_mutex_on_both_sides(tmp_path: Path) -> None:
    one, two = script("one", "apt-get update"), script("two", "apt-get install -y jq")
    before = AGENT + one + two
    line = '  # unitc: mutex = "apt"\n'
    wanted = before.replace("  agent_id ", f"{line}  agent_id ")
    assert fixed(tmp_path, before) == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["main.tf"]


def test_line_endings_stay_as_they_are(tmp_path: Path) -> None:
    before = (AGENT + script("one", "apt-get update") + script("two", "apt-get update")).replace("\n", "\r\n")
    wanted = before.replace("  agent_id ", '  # unitc: mutex = "apt"\r\n  agent_id ')
    assert fixed(tmp_path, before) == wanted


def test_a_hand_made_wait_becomes_an_order(tmp_path: Path) -> None:
    loop = ("until [ -e /tmp/x ]; do", "  sleep 1", "done")
    before = AGENT + script("makes", "make", "touch /tmp/x") + script("waits", "echo hi", *loop, "make all")
    after = fixed(tmp_path, before)
    wanted = script("waits", "echo hi", "make all").replace(
        "  agent_id", "  # unitc: depends_on_success = [coder_script.makes]\n  agent_id"
    )
    assert after == AGENT + script("makes", "make", "touch /tmp/x") + wanted


def test_a_wait_that_an_order_makes_needless_is_removed(tmp_path: Path) -> None:
    loop = ("until [ -e /tmp/x ]; do", "  sleep 1", "done")
    order = "  depends_on   = [coder_script.makes]\n"
    makes = script("makes", "make", "touch /tmp/x")
    after = fixed(tmp_path, AGENT + makes + script("waits", *loop, "make all", extra=order))
    assert after == AGENT + makes + script("waits", "make all", extra=order)


def test_a_loop_that_does_more_than_wait_stays(tmp_path: Path) -> None:
    loop = "until [ -e /tmp/x ]; do make; sleep 1; done"
    text = AGENT + script("makes", "touch /tmp/x") + script("waits", loop)
    (tmp_path / "main.tf").write_text(text)
    assert "fixed" not in run("check", ".", "--fix", cwd=tmp_path).stderr
    assert (tmp_path / "main.tf").read_text() == text


def test_typed_attributes_become_directives(tmp_path: Path) -> None:
    before = AGENT + script("a", "make") + script("b", "make", extra="  depends_on_start = [coder_script.a]\n")
    after = fixed(tmp_path, before)
    assert after == before.replace("  depends_on_start = ", "  # unitc: depends_on_start = ")


def test_a_diff_shows_what_would_change_and_writes_nothing(tmp_path: Path) -> None:
    before = AGENT + script("a", "make") + script("b", "make", extra="  depends_on_start = [coder_script.a]\n")
    (tmp_path / "main.tf").write_text(before)
    ran = run("check", ".", "--fix", "--diff", cwd=tmp_path)
    assert "-  depends_on_start = [coder_script.a]\n+  # unitc: depends_on_start = [coder_script.a]\n" in ran.stdout
    assert (tmp_path / "main.tf").read_text() == before


@pytest.mark.parametrize("options", [("--diff",), ("--fix", "--diff")])
def test_beside_a_diff_stands_what_is_wrong_now(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "main.tf").write_text(AGENT + script("b", "make", extra="  depends_on_start = [coder_script.a]\n"))
    plain, ran = (run("check", ".", *given, cwd=tmp_path) for given in ((), options))
    assert (ran.code, ran.stderr) == (1, plain.stderr)
    assert "coder_script.a" in plain.stderr


def test_a_diff_and_a_form_for_machines_cant_share_a_stream(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(AGENT)
    ran = run("check", ".", "--diff", "--format", "json", cwd=tmp_path)
    assert (ran.code, ran.stdout) == (2, "")
    assert "to the same stream" in ran.stderr


def test_a_diff_shows_all_that_is_made_however_many_rounds_it_takes(tmp_path: Path) -> None:
    loop = ("until [ -e /tmp/x ]; do", "  sleep 1", "done")
    twice = "  depends_on_start = [coder_script.a, coder_script.a]\n"
    misspelt = "  # unitc: depends_on_sucess = [coder_script.a]\n"
    before = AGENT + script("a", "touch /tmp/x") + script("b", "make", extra=twice) + script("c", *loop, extra=misspelt)
    (tmp_path / "main.tf").write_text(before)
    shown = run("check", ".", "--fix", "--diff", cwd=tmp_path).stdout
    after = fixed(tmp_path, before)
    assert [line for line in after.splitlines() if "unitc:" in line] == [
        "  # unitc: depends_on_start = [coder_script.a]",
        "  # unitc: depends_on_success = [coder_script.a]",
    ]
    assert "sleep" not in after
    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), "main.tf", "main.tf")
    assert shown == "".join(lines)


def test_files_of_several_templates_are_named_from_here_and_their_diff_can_be_applied(tmp_path: Path) -> None:
    before = AGENT + script("a", "make") + script("b", "make", extra="  depends_on_start = [coder_script.a]\n")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(before.rstrip("\n"))
    shown = run("check", ".", "--fix", "--diff", cwd=tmp_path).stdout
    assert [line for line in shown.splitlines() if line.startswith("+++")] == ["+++ one/main.tf", "+++ two/main.tf"]
    subprocess.run(["git", "apply", "-p0"], cwd=tmp_path, input=shown.encode(), check=True)
    patched = (tmp_path / "two" / "main.tf").read_text()
    (tmp_path / "two" / "main.tf").write_text(before.rstrip("\n"))
    assert "fixed two/main.tf\n" in run("check", ".", "--fix", cwd=tmp_path).stderr
    assert (tmp_path / "two" / "main.tf").read_text() == patched


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("  depends_on = [coder_script.clon]\n", "  depends_on = [coder_script.clone]\n"),
        ("  # unitc: before_start = [ coder_script.Clone ]\n", "  # unitc: before_start = [ coder_script.clone ]\n"),
        ("  # unitc: depend_on = [coder_script.clone]\n", "  # unitc: depends_on_success = [coder_script.clone]\n"),
        ("  # unitc: gate_timout = 30\n", "  # unitc: gate_timeout = 30\n"),
        ("  run_on_stopp = false\n", "  run_on_stop = false\n"),
        ("  depends_on = [coder_script.clone, coder_script.clone]\n", "  depends_on = [coder_script.clone]\n"),
        (
            "  depends_on = [ coder_script.clone,\n    coder_script.clone, ]\n",
            "  depends_on = [ coder_script.clone, ]\n",
        ),
        ("  # unitc: depends_on = [coder_script.cloen]\n", "  # unitc: depends_on = [coder_script.clone]\n"),
    ],
)
def test_a_name_that_only_one_other_can_be_meant_by_is_put_right(tmp_path: Path, wrong: str, right: str) -> None:
    clone = script("clone", "git clone x")
    after = fixed(tmp_path, AGENT + clone + script("b", "make", extra=wrong))
    assert after == AGENT + clone + script("b", "make", extra=right)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('run = ["coder_script.biuld"]\nafter = ["coder_script.clone"]', ("biuld", "build")),
        ('run = ["coder_script.\\u0062uidl"]\nafter = ["coder_script.clone"]', ("\\u0062uidl", "build")),
        ('run = ["coder_script.build"]\naftr = ["coder_script.clone"]', ("aftr", "after")),
        (
            'run = ["coder_script.build", "coder_script.build"]\nafter = ["coder_script.clone"]',
            (', "coder_script.build"', ""),
        ),
    ],
)
def test_rules_are_put_right(tmp_path: Path, wrong: str, right: tuple[str, str]) -> None:
    scripts = AGENT + script("clone", "git clone x") + script("build", "make")
    before = f'{scripts}\ndata "coder_script_order" "o" {{\nrule {{\n{wrong}\n}}\n}}\n'
    assert fixed(tmp_path, before) == before.replace(*right)


@pytest.mark.parametrize(
    "wrong",
    [
        # Two names are as near, one is the script itself, one is there already, one is too far.
        "  depends_on = [coder_script.clone1]\n",
        "  depends_on = [coder_script.bb]\n",
        "  display_nam = 1\n",
        "  depends_on = [coder_script.clear]\n",
        "  # unitc: after_failure = [coder_script.clone2]\n",
        "  # unitc: timeout = 30\n",
        "  depends_on = [coder_script.clone2, /* and */ coder_script.clone2]\n",
    ],
)
def test_a_name_that_may_mean_something_else_stays(tmp_path: Path, wrong: str) -> None:
    text = AGENT + script("clone2", "x") + script("clone3", "x") + script("b", "make", extra=wrong)
    (tmp_path / "main.tf").write_text(text)
    assert "fixed" not in run("check", ".", "--fix", cwd=tmp_path).stderr
    assert (tmp_path / "main.tf").read_text() == text


def test_an_input_of_a_module_is_put_right(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "m.tf").write_text('variable "agent_id" {}\n')
    before = AGENT + 'module "m" {\n  source = "./m"\n  agent_idd = coder_agent.main.id\n}\n'
    assert fixed(tmp_path, before) == before.replace("agent_idd", "agent_id")
