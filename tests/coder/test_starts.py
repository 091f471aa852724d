"""A compiled template, started by an agent: order, outcomes, environment and what is left, whatever starts first.

The plain template is started beside it, to show that these tests can fail.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from compiler.order.outcome import Outcome
from tests.coder.agent import Agent
from tests.coder.starting import Applied, Phase, Started
from tests.coder.terraform import State
from tests.coder.test_wiring import compare
from tests.every import some

pytestmark = pytest.mark.terraform

MAIN: Final = "coder_agent.main"
OWN: Final = {"fails": Outcome.FAILED}
VARIABLES: Final = {"keys": ["a&b", 'q" $(touch hurt)']}
# Variables that differ from script to script or from start to start; the shell itself sets the last four.
CHANGING: Final = {"CODER_SCRIPT_DATA_DIR", "CODER_AGENT_TOKEN", "HOME", "TMPDIR", "PATH", "CODER_SCRIPT_BIN_DIR"}
SHELL: Final = {"_", "PWD", "OLDPWD", "SHLVL"}


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Applied:
    return Started("in-place", tmp_path_factory.mktemp("started"), own=OWN).apply(VARIABLES)


@pytest.mark.parametrize("seed", some(8, range(20)))
def test_order_and_outcomes_hold_in_whatever_order_an_agent_starts_the_scripts(
    seed: int, applied: Applied, tmp_path: Path
) -> None:
    scripts = applied.scripts_of(MAIN)
    start, stop = (applied.phase(MAIN, name) for name in ("start", "stop"))
    with Agent(tmp_path) as agent:
        start.check(agent.start(scripts, seed=seed, workspace="prebuild"), tmp_path / "home")
        assert agent.left() == []
        # A claim: the same agent process starts all scripts again for another workspace.
        start.check(agent.start(scripts, seed=seed + 100, workspace="claimed"), tmp_path / "home")
        stop.check(agent.stop(scripts, seed=seed, workspace="claimed"), tmp_path / "home")
        assert agent.left() == []
    assert not list(tmp_path.rglob("hurt"))


@pytest.mark.parametrize("runtime", ["coder_agent.other", "coder_devcontainer.project"])
def test_scripts_of_another_agent_are_ordered_among_themselves(runtime: str, applied: Applied, tmp_path: Path) -> None:
    start = applied.phase(runtime, "start")
    assert start.gates.keys() & start.scripts.keys()
    with Agent(tmp_path) as agent:
        for seed in range(5):
            # Each start is that of another workspace, so that none is taken for a later run of the first one.
            reports = agent.start(applied.scripts_of(runtime), name="other", workspace=f"w{seed}", seed=seed)
            start.check(reports, tmp_path / "home")
        assert agent.left() == []


def breaks(state: State, start: Phase, folder: Path) -> bool:
    """Return whether one of 20 starts of the scripts of a state breaks the order."""
    events = folder / "home" / "events"
    with Agent(folder) as agent:
        for seed in range(20):
            agent.start([script for script in state.scripts if script.address in start.scripts], seed=seed)
            if start.broken(events.read_text().splitlines()):
                return True
            events.unlink()
    return False


@pytest.mark.parametrize("runtime", [MAIN, "coder_agent.other", "coder_devcontainer.project"])
def test_the_plain_template_breaks_the_order(runtime: str, applied: Applied, tmp_path: Path) -> None:
    start = applied.phase(runtime, "start")
    assert breaks(applied.plain, start, tmp_path), "no start broke the order, so the tests above show nothing"


def test_a_body_finds_the_environment_that_it_finds_without_gates(applied: Applied, tmp_path: Path) -> None:
    found: list[dict[str, dict[str, str]]] = []
    for name, state in (("plain", applied.plain), ("compiled", applied.compiled)):
        with Agent(tmp_path / name) as agent:
            agent.start([script for script in state.scripts if script.agent == MAIN])
        files = (tmp_path / name / "home").glob("env.*")
        found.append({path.name: dict(line.split("=", 1) for line in path.read_text().splitlines()) for path in files})
    plain, compiled = found
    assert set(compiled) == set(plain) - {"env.skipped"}
    for name, environment in compiled.items():
        assert environment.keys() - SHELL == plain[name].keys() - SHELL
        for key in environment.keys() - SHELL - CHANGING:
            assert environment[key] == plain[name][key]


@pytest.fixture(scope="module")
def vendored(tmp_path_factory: pytest.TempPathFactory) -> Started:
    installed = {"clone": "tools", "tools": "tools"}
    return Started("vendored", tmp_path_factory.mktemp("vendored"), installed=installed)


def test_a_copy_with_a_registry_module_needs_no_registry_and_no_second_compile(
    vendored: Started, tmp_path: Path
) -> None:
    assert not (vendored.folder / "copy" / ".terraform").exists()
    assert [finding for finding in vendored.compiled.validate() if finding.severity == "error"] == []
    for instances, starts in ((1, 3), (3, 8)):
        applied = vendored.apply({"instances": instances})
        compare(applied.plain, applied.compiled, applied.gates)
        start, stop = (applied.phase(MAIN, name) for name in ("start", "stop"))
        scripts, home = applied.scripts_of(MAIN), tmp_path / str(instances) / "home"
        with Agent(tmp_path / str(instances)) as agent:
            for seed in range(starts):
                start.check(agent.start(scripts, seed=seed, workspace=f"w{seed}"), home)
            stop.check(agent.stop(scripts), home)
            assert agent.left() == []
    assert breaks(applied.plain, start, tmp_path / "plain")
    stopped = vendored.apply({"instances": 3}, {"CODER_WORKSPACE_TRANSITION": "stop"})
    assert [script.address for script in stopped.compiled.scripts] == [
        script.address for script in stopped.plain.scripts
    ]


LIMITED: Final = {"slow": Outcome.TIMED_OUT, "impatient": Outcome.TIMED_OUT}


def test_bounds_on_time_and_mutexes_hold_under_the_agent(tmp_path: Path) -> None:
    applied = Started("limits", tmp_path / "template", own=LIMITED).apply({"patience": 3})
    compare(applied.plain, applied.compiled, applied.gates)
    start = applied.phase(MAIN, "start")
    with Agent(tmp_path) as agent:
        reports = agent.start(applied.scripts_of(MAIN))
        assert agent.left() == []
    events = (tmp_path / "home" / "events").read_text().splitlines()
    codes = {start.scripts[address].display_name: report.exit_code for address, report in reports.items()}
    assert codes == {"slow": 124, "after_slow": 0, "blocker": 0, "impatient": 124, "relay": 0} | {
        f"apt-{number}": 0 for number in range(4)
    }
    # Whoever is skipped or has given up waiting never ran, and no two scripts of a mutex ran at the same time.
    assert sorted(events) == ["begin blocker", "begin relay", "begin slow", "end blocker"]
    said = reports["coder_script.after_slow"].stderr + reports["coder_script.after_slow"].stdout
    assert b"after_slow skipped: slow timed out, so this one can't run." in said


def test_scripts_of_a_mutex_overlap_in_the_plain_template(tmp_path: Path) -> None:
    applied = Started("limits", tmp_path / "template").apply({})
    apt = [script for script in applied.plain.scripts if script.display_name.startswith("apt")]
    with Agent(tmp_path) as agent:
        for seed in range(20):
            agent.start(apt, seed=seed)
            if (tmp_path / "home" / "events").exists():
                return
    pytest.fail("no start made them overlap, so the test above shows nothing")
