"""Applies a template of ``started/`` as it is and compiled, and says what must happen when an agent starts it.

What must happen comes from the graph and from the outcome table, never from a clock; bodies write down in a file when
they begin and end.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from compiler.order.outcome import GateState, Outcome, Requires, gate_state
from tests.coder.agent import Report, Status
from tests.coder.terraform import Script, State, TemplateCopy
from tests.coder.test_wiring import base_of
from tests.coder.wired import Gates, expected_gates, wire

__all__ = ["Applied", "Phase", "Started"]

_STARTED: Final = Path(__file__).parent / "started"
_SOURCE: Final = "registry.example.com/coder/{}/coder"
_EXITS: Final = {Outcome.SUCCEEDED: 0, Outcome.SKIPPED: 0, Outcome.FAILED: 7, Outcome.TIMED_OUT: 124}


@dataclass(frozen=True)
class Phase:
    """The scripts of one agent in one phase, and what must become of them.

    ``own`` is what becomes of scripts by themselves, by display name; all others succeed.
    """

    name: str
    scripts: Mapping[str, Script]
    gates: Mapping[str, Gates]
    own: Mapping[str, Outcome]

    def _waits(self, address: str) -> Iterator[tuple[Requires, str]]:
        for phase, requires, prerequisite in self.gates.get(address, ()):
            if phase == self.name:
                yield Requires(requires), prerequisite

    def outcome(self, address: str) -> Outcome:
        """Return what becomes of a script, by the outcome table."""
        for requires, prerequisite in self._waits(address):
            met = self.outcome(prerequisite)
            if gate_state(requires, met, has_run=met is not Outcome.SKIPPED) is GateState.IMPOSSIBLE:
                return Outcome.SKIPPED
        return self.own.get(self.scripts[address].display_name, Outcome.SUCCEEDED)

    def _token(self, address: str) -> str:
        own = {"startup_script": "startup", "shutdown_script": "shutdown"}
        return own.get(address.rpartition(".")[2], self.scripts[address].display_name)

    def broken(self, events: list[str]) -> list[tuple[str, str]]:
        """Return the pairs of dependent and prerequisite that ran in the wrong order."""
        places = {event: place for place, event in enumerate(events)}
        broken = []
        for address in self.scripts:
            begun = places.get(f"begin {self._token(address)}")
            for requires, prerequisite in self._waits(address):
                # A script that waits for the start of another one may write before it does.
                ended = places.get(f"end {self._token(prerequisite)}")
                if requires is not Requires.START and ended is not None and begun is not None and ended > begun:
                    broken.append((address, prerequisite))
        return broken

    def check(self, reports: Mapping[str, Report], home: Path) -> None:
        """Hold the phase, which has run, against what must have happened."""
        events = (home / "events").read_text().splitlines()
        (home / "events").unlink()
        # A script that runs on several occasions has a block for each of them.
        reports = {base_of(address, self.scripts): report for address, report in reports.items()}
        assert reports.keys() == self.scripts.keys()
        for address in self.scripts:
            report, outcome = reports[address], self.outcome(address)
            code = _EXITS[outcome]
            assert report.status is (Status.EXIT_FAILURE if code else Status.OK), (address, report)
            assert report.exit_code == code, (address, report)
            assert (f"begin {self._token(address)}" in events) is (outcome is not Outcome.SKIPPED), address
        assert self.broken(events) == []


@dataclass(frozen=True)
class Applied:
    """A template as it is and compiled, both applied, and the gates of its graph by address."""

    plain: State
    compiled: State
    gates: Mapping[str, Gates]
    own: Mapping[str, Outcome]

    def phase(self, agent: str, name: str) -> Phase:
        """Return the scripts of one agent in one phase."""
        scripts = {
            script.address: script
            for script in self.plain.scripts
            if script.agent == agent and (script.run_on_start if name == "start" else script.run_on_stop)
        }
        return Phase(name, scripts, self.gates, self.own)

    def scripts_of(self, agent: str) -> list[Script]:
        """Return the compiled scripts of one agent."""
        return [script for script in self.compiled.scripts if script.agent == agent]


@dataclass
class Started:
    """A template of ``started/`` in two folders, compiled in one of them and initialized in both.

    What stands in its folder ``registry`` are modules as ``terraform get`` would have installed them from a registry,
    ``installed`` says under which calls; then the compiled one is a compiled copy.
    """

    name: str
    folder: Path
    installed: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Outcome] = field(default_factory=dict)
    plain: TemplateCopy = field(init=False)
    compiled: TemplateCopy = field(init=False)

    def __post_init__(self) -> None:
        source = self.folder / "source"
        shutil.copytree(_STARTED / self.name, source)
        if self.installed:
            modules = source / ".terraform" / "modules"
            shutil.move(source / "registry", modules)
            (modules / "modules.json").write_text(json.dumps({"Modules": list(self._manifest(modules))}))
            assert wire(source, "--out-dir", str(self.folder / "copy")) == ()
        else:
            shutil.copytree(source, self.folder / "copy")
            assert wire(self.folder / "copy") == ()
        self.plain = TemplateCopy(source, self.folder / "plain")
        self.compiled = TemplateCopy(self.folder / "copy", self.folder / "compiled")
        for copy in self._copies:
            copy.init()

    @property
    def _copies(self) -> tuple[TemplateCopy, TemplateCopy]:
        return self.plain, self.compiled

    def _manifest(self, modules: Path) -> Iterator[dict[str, str]]:
        yield {"Key": "", "Source": "", "Dir": "."}
        for call, module in self.installed.items():
            folder = f".terraform/modules/{module}"
            yield {"Key": call, "Source": _SOURCE.format(module), "Version": "1.2.3", "Dir": folder}
            for inner in sorted(path.name for path in (modules / module).iterdir() if path.is_dir()):
                yield {"Key": f"{call}.{inner}", "Source": f"./{inner}", "Dir": f"{folder}/{inner}"}

    def apply(self, variables: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Applied:
        """Apply both."""
        gates = expected_gates(self.plain.folder, variables)
        plain, compiled = (copy.apply(variables=variables, environment=environment) for copy in self._copies)
        return Applied(plain, compiled, gates, self.own)
