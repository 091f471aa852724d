"""Units by short names and display names, and what a shell completes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.harness import run

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


def shown(fixture: str, name: str) -> str:
    ran = run("show", name, "-C", fixture, cwd=FIXTURES)
    return ran.stdout.partition(" ")[0].rstrip(",") if ran.code == 0 else ran.stderr


@pytest.mark.parametrize(
    ("fixture", "name", "address"),
    [
        ("chain", "coder_script.clone", "coder_script.clone"),
        ("chain", "clone", "coder_script.clone"),
        ("chain", "Clone the repository", "coder_script.clone"),
        ("chain", "clone the repository", "coder_script.clone"),
        ("count", "warm[2]", "coder_script.warm[2]"),
        ("for-each", 'service["api"]', 'coder_script.service["api"]'),
        ("directives", "dotfiles.link", "module.dotfiles.coder_script.link"),
        ("directives", "module.telemetry", "module.telemetry.coder_script.link"),
        ("directives", "telemetry", "module.telemetry.coder_script.link"),
        ("agent-scripts", "startup_script", "coder_agent.main.startup_script"),
        ("agent-scripts", "main.startup_script", "coder_agent.main.startup_script"),
    ],
)
def test_a_unit_is_found_by_whatever_means_it_alone(fixture: str, name: str, address: str) -> None:
    assert shown(fixture, name) == address


@pytest.mark.parametrize(
    ("fixture", "name", "message"),
    [
        (
            "count",
            "warm",
            "warm may be any of 3 units: coder_script.warm[0], coder_script.warm[1], coder_script.warm[2]",
        ),
        (
            "directives",
            "Link",
            "Link may be any of 2 units: module.dotfiles.coder_script.link, module.telemetry.coder_script.link",
        ),
        ("chain", "clon", "there is no unit clon; did you mean clone?"),
        ("chain", "Start the ap", "there is no unit Start the ap; did you mean Start the app?"),
        ("chain", "coder_script", "there is no unit coder_script; did you mean coder_script.app?"),
    ],
)
def test_what_means_several_units_or_none_is_told_with_the_names_to_use(fixture: str, name: str, message: str) -> None:
    assert shown(fixture, name) == f"unitc: {message}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("why", "{0}", "{1}", "-C", "chain"),
        ("graph", "chain", "--focus", "{1}"),
        ("simulate", "chain", "--fail", "{0}", "--timeout", "{1}"),
        ("simulate", "chain", "--duration", "{1}=7s"),
    ],
)
def test_every_command_that_takes_a_unit_takes_its_short_names(words: tuple[str, ...]) -> None:
    plain = run(*(word.format("coder_script.install", "coder_script.clone") for word in words), cwd=FIXTURES)
    assert plain.code == 0
    assert run(*(word.format("install", "Clone the repository") for word in words), cwd=FIXTURES) == plain


def test_an_agent_has_a_short_name_too() -> None:
    assert run("graph", "chain", "--agent", "main", cwd=FIXTURES) == run("graph", "chain", cwd=FIXTURES)


def completed(*words: str, cwd: Path = FIXTURES / "chain") -> list[str]:
    """Return what bash gets for the last word."""
    asked = {
        "_UNITC_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("unitc", *words)),
        "COMP_CWORD": str(len(words)),
    }
    ran = run(cwd=cwd, environment=asked)
    assert (ran.code, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("show", ""), ["app", "clone", "install"]),
        (("show", "cl"), ["clone"]),
        (("show", "coder_script.i"), ["coder_script.install"]),
        (("why", "app", "c"), ["clone"]),
        (("simulate", "--fail", "a"), ["app"]),
        (("show", "-C", "../directives", "module.t"), ["module.telemetry.coder_script.link"]),
        (("graph", "../count", "--focus", "w"), ["warm[0]", "warm[1]", "warm[2]"]),
        (("graph", "--agent", ""), ["coder_agent.main"]),
        (("graph", "--format", "m"), ["mermaid"]),
        (("check", "--format", "s"), ["sarif"]),
        (("check", "--report", "s"), ["sarif="]),
        (("explain", "UC20"), [f"UC20{digit}" for digit in range(1, 10)]),
        (("simulate", "--duration", "cl"), ["clone="]),
    ],
)
def test_a_shell_completes_units_agents_forms_and_codes(words: tuple[str, ...], offered: list[str]) -> None:
    assert completed(*words) == offered


def test_where_there_is_no_template_a_shell_is_offered_nothing(tmp_path: Path) -> None:
    assert [line for line in completed("show", "", cwd=tmp_path) if line] == []


def test_other_shells_see_what_a_unit_is_called() -> None:
    asked = {"_UNITC_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": "unitc show cl"}
    asked["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"
    ran = run(cwd=FIXTURES / "chain", environment=asked)
    assert ran.stdout == "clone\tClone the repository\n"
