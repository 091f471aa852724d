"""The launcher of every fixture: the approved text, clean by every linter, and run against the oracle."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest

from compiler.launcher.runtime import launcher_runtime
from compiler.order.model import Phase
from compiler.order.outcome import FINAL, Outcome, Requires
from compiler.order.plan import PhasePlan
from compiler.output.header import read_header
from compiler.pipeline import Options, analyze, compile_analysis
from compiler.terraform.configuration.files import DiskFiles
from tests.golden import check_golden
from tests.simulation import Moment, Scripted, simulate

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/main.tf") if not path.parent.name.startswith("faulty-"))

SHELLS: Mapping[str, tuple[str, ...]] = {
    "dash": ("dash",),
    "bash": ("bash", "--posix"),
    "busybox": ("busybox", "ash"),
    "mksh": ("mksh",),
}

FAILED = Scripted(Outcome.FAILED)
# Units whose bodies don't succeed when they are run here, by fixture.
SCRIPTED: Mapping[str, Mapping[str, Scripted]] = {
    "database": {
        "coder_script.database": Scripted(Outcome.SUCCEEDED, ready=True),
        "coder_script.theme": FAILED,
    },
    "failing-script": {"coder_script.install": FAILED},
    # These call the coder command, which isn't there, and give up.
    "script-utils": {
        "coder_script.tasks": FAILED,
        **{
            f"module.{caller}.module.utils.coder_script.{name}": FAILED
            for caller, names in (
                ("assistant[0]", ("install", "post_install[0]", "start[0]")),
                ("linter", ("install",)),
            )
            for name in names
        },
    },
    "timeouts": {"coder_script.slow": Scripted(Outcome.TIMED_OUT)},
    "unknown-body": {"coder_script.clone": Scripted(Outcome.FAILED, Moment.AT_ONCE)},
}


def launcher_of(case: str) -> str:
    options = Options()
    files = DiskFiles(FIXTURES / case)
    analysis = analyze(files, options)
    (launcher,) = compile_analysis(analysis, wire=False).files
    return launcher.text


def phases_of(case: str) -> tuple[PhasePlan, ...]:
    return analyze(DiskFiles(FIXTURES / case), Options()).plan().phases


@pytest.mark.parametrize("case", CASES)
def test_the_launcher_of_a_template_is_the_approved_one(case: str) -> None:
    """What belongs to the template is approved here; the runtime behind it is the same in all, and has its tests."""
    launcher, runtime = launcher_of(case), launcher_runtime()
    header = read_header(launcher)
    assert header is not None
    assert header.intact
    assert launcher.endswith(runtime)
    own = re.sub(r"(?m)^# content: sha256:.*$", "# content: sha256:(of the whole)", launcher.removesuffix(runtime))
    check_golden(FIXTURES / case / "expected" / "launcher-head.sh", own)


@pytest.mark.parametrize(
    "linter", [("shellcheck", "--shell=sh"), ("shfmt", "-ln", "posix", "-d"), ("dash", "-n"), ("bash", "-n")]
)
def test_linters_and_parsers_find_nothing_in_what_is_the_templates_own(linter: tuple[str, ...]) -> None:
    heads = [os.fspath(FIXTURES / case / "expected" / "launcher-head.sh") for case in CASES]
    groups = [heads] if linter[0] in ("shellcheck", "shfmt") else [[path] for path in heads]
    for group in groups:
        ran = subprocess.run([*linter, *group], capture_output=True, text=True, timeout=900, check=False)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", CASES)
def test_a_launcher_does_what_the_oracle_says(tmp_path: Path, case: str, shell: str) -> None:
    launcher = tmp_path / "launcher.sh"
    launcher.write_text(launcher_of(case))
    scripted = SCRIPTED.get(case, {})
    for number, phase in enumerate(phases_of(case)):
        state = tmp_path / f"state{number}"
        home = tmp_path / f"home{number}"
        home.mkdir()
        ran = subprocess.run(
            [*SHELLS[shell], os.fspath(launcher), "run", "--phase", phase.phase, "--agent", phase.runtime],
            cwd=home,
            env={**os.environ, "UNITC_STATE_DIR": os.fspath(state), "SHELL": "/bin/sh"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        edges = [(unit.unit.address, gate.prerequisite, gate.requires) for unit in phase.units for gate in unit.gates]
        addresses = [unit.unit.address for unit in phase.units]
        expected = simulate(
            addresses, edges, {name: scripted.get(name, Scripted(Outcome.SUCCEEDED)) for name in addresses}
        )
        events = _events(state)
        outcomes = {address: outcome for address, outcome in events if outcome in FINAL}
        assert outcomes == {name: ending.outcome for name, ending in expected.items()}, ran.stderr
        optional = {unit.unit.address for unit in phase.units if unit.unit.conduct.optional}
        bad = {outcomes[name] for name in addresses if name not in optional} & {Outcome.FAILED, Outcome.TIMED_OUT}
        assert ran.returncode == (1 if bad else 0), ran.stderr
        for dependent, prerequisite, requires in edges:
            _check_order(events, dependent, prerequisite, requires)


def _events(state: Path) -> list[tuple[str, str]]:
    (log,) = state.rglob("events.tsv")
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    return [(unquote(address), what) for _, address, what, _ in rows]


def _check_order(events: list[tuple[str, str]], dependent: str, prerequisite: str, requires: Requires) -> None:
    """Hold that a dependent began only after its prerequisite's event that opens the gate."""
    began = [at for at, event in enumerate(events) if event == (dependent, Outcome.RUNNING)]
    if not began:
        return
    opens = {str(outcome) for outcome in FINAL}
    if not requires.of_the_end:
        opens.add("running" if requires is Requires.START else "ready")
    opening = [at for at, (address, what) in enumerate(events) if address == prerequisite and what in opens]
    assert opening
    assert min(opening) < began[0]


def test_both_phases_are_among_what_is_run() -> None:
    assert {phase.phase for case in CASES for phase in phases_of(case)} == {Phase.START, Phase.STOP}
