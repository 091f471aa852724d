"""A compiled template, started by an agent: order, outcomes, environment and what is left, whatever starts first.

What must happen comes from the graph and from the outcome table, never from a clock; bodies write down in a file when
they begin and end. The plain template is started beside it, to show that these tests can fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from compiler.outcome import GateState, Outcome, Requires, gate_state
from tests.coder.agent import Agent, Report, Status
from tests.coder.terraform import Script, State, TemplateCopy
from tests.coder.wired import Gates, expected_gates, wire

pytestmark = pytest.mark.terraform

TEMPLATE: Final = Path(__file__).parent / "started"
VARIABLES: Final = {"keys": ["a&b", 'q" $(touch hurt)']}
# What the bodies of this template do by themselves; all others succeed. None has a timeout, and none is signaled.
OWN: Final = {"fails": Outcome.FAILED}
EXITS: Final = {Outcome.SUCCEEDED: 0, Outcome.SKIPPED: 0, Outcome.FAILED: 7}
# Variables that differ from script to script or from start to start; the shell itself sets the last four.
CHANGING: Final = {"CODER_SCRIPT_DATA_DIR", "CODER_AGENT_TOKEN", "HOME", "TMPDIR", "PATH", "CODER_SCRIPT_BIN_DIR"}
SHELL: Final = {"_", "PWD", "OLDPWD", "SHLVL"}


@dataclass(frozen=True)
class Applied:
    """The template as it is and compiled, both applied, and the gates of its graph by address."""

    plain: State
    compiled: State
    gates: Mapping[str, Gates]


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Applied:
    folder = tmp_path_factory.mktemp("started")
    plain, compiled = (TemplateCopy(TEMPLATE, folder / name) for name in ("plain", "compiled"))
    gates = expected_gates(plain.folder, VARIABLES)
    assert wire(compiled.folder) == ()
    for copy in (plain, compiled):
        copy.init()
    return Applied(plain.apply(variables=VARIABLES), compiled.apply(variables=VARIABLES), gates)


@dataclass(frozen=True)
class Phase:
    """The scripts of one agent in one phase, and what must become of them."""

    name: str
    scripts: Mapping[str, Script]
    gates: Mapping[str, Gates]

    def waits(self, address: str) -> Iterator[tuple[Requires, str]]:
        for phase, requires, prerequisite in self.gates.get(address, ()):
            if phase == self.name:
                yield Requires(requires), prerequisite

    def outcome(self, address: str) -> Outcome:
        """Return what becomes of a script, by the outcome table."""
        for requires, prerequisite in self.waits(address):
            met = self.outcome(prerequisite)
            if gate_state(requires, met, has_run=met is not Outcome.SKIPPED) is GateState.IMPOSSIBLE:
                return Outcome.SKIPPED
        return OWN.get(self.scripts[address].display_name, Outcome.SUCCEEDED)

    def token(self, address: str) -> str:
        own = {"startup_script": "startup", "shutdown_script": "shutdown"}
        return own.get(address.rpartition(".")[2], self.scripts[address].display_name)

    def broken(self, events: list[str]) -> list[tuple[str, str]]:
        """Return the pairs of dependent and prerequisite that ran in the wrong order."""
        places = {event: place for place, event in enumerate(events)}
        broken = []
        for address in self.scripts:
            begun = places.get(f"begin {self.token(address)}")
            for requires, prerequisite in self.waits(address):
                # A script that waits for the start of another one may write before it does.
                ended = places.get(f"end {self.token(prerequisite)}")
                if requires is not Requires.START and ended is not None and begun is not None and ended > begun:
                    broken.append((address, prerequisite))
        return broken


def phase_of(applied: Applied, agent: str, name: str) -> Phase:
    scripts = {
        script.address: script
        for script in applied.plain.scripts
        if script.agent == agent and (script.run_on_start if name == "start" else script.run_on_stop)
    }
    return Phase(name, scripts, applied.gates)


def check(phase: Phase, reports: Mapping[str, Report], home: Path) -> None:
    """Hold a phase that has run against what must have happened."""
    events = (home / "events").read_text().splitlines()
    (home / "events").unlink()
    for address in phase.scripts:
        report, outcome = reports[address], phase.outcome(address)
        failed = outcome is Outcome.FAILED
        assert report.status is (Status.EXIT_FAILURE if failed else Status.OK), (address, report)
        assert report.exit_code == EXITS[outcome], (address, report)
        assert (f"begin {phase.token(address)}" in events) is (outcome is not Outcome.SKIPPED), address
    assert phase.broken(events) == []


@pytest.mark.parametrize("seed", range(20))
def test_order_and_outcomes_hold_in_whatever_order_an_agent_starts_the_scripts(
    seed: int, applied: Applied, tmp_path: Path
) -> None:
    scripts = [script for script in applied.compiled.scripts if script.agent == "coder_agent.main"]
    start, stop = (phase_of(applied, "coder_agent.main", name) for name in ("start", "stop"))
    with Agent(tmp_path) as agent:
        check(start, agent.start(scripts, seed=seed, workspace="prebuild"), tmp_path / "home")
        assert agent.leftovers() == ()
        # A claim: the same agent process starts all scripts again for another workspace.
        check(start, agent.start(scripts, seed=seed + 100, workspace="claimed"), tmp_path / "home")
        check(stop, agent.stop(scripts, seed=seed, workspace="claimed"), tmp_path / "home")
        assert agent.leftovers() == ()
    assert not list(tmp_path.rglob("hurt"))


def test_scripts_of_another_agent_are_ordered_among_themselves(applied: Applied, tmp_path: Path) -> None:
    scripts = [script for script in applied.compiled.scripts if script.agent == "coder_agent.other"]
    with Agent(tmp_path) as agent:
        reports = agent.start(scripts, name="other")
        check(phase_of(applied, "coder_agent.other", "start"), reports, tmp_path / "home")


def test_the_plain_template_breaks_the_order(applied: Applied, tmp_path: Path) -> None:
    start = phase_of(applied, "coder_agent.main", "start")
    events = tmp_path / "home" / "events"
    with Agent(tmp_path) as agent:
        for seed in range(20):
            agent.start(start.scripts.values(), seed=seed)
            if start.broken(events.read_text().splitlines()):
                return
            events.unlink()
    pytest.fail("no start of the plain template broke the order, so the tests above show nothing")


def test_a_body_finds_the_environment_that_it_finds_without_gates(applied: Applied, tmp_path: Path) -> None:
    found: list[dict[str, dict[str, str]]] = []
    for name, state in (("plain", applied.plain), ("compiled", applied.compiled)):
        with Agent(tmp_path / name) as agent:
            agent.start([script for script in state.scripts if script.agent == "coder_agent.main"])
        files = (tmp_path / name / "home").glob("env.*")
        found.append({path.name: dict(line.split("=", 1) for line in path.read_text().splitlines()) for path in files})
    plain, compiled = found
    assert set(compiled) == set(plain) - {"env.skipped"}
    for name, environment in compiled.items():
        assert environment.keys() - SHELL == plain[name].keys() - SHELL
        for key in environment.keys() - SHELL - CHANGING:
            assert environment[key] == plain[name][key]
