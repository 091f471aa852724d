"""Runs the real terraform binary on a copy of a template, with the stand-in for the coder provider, off the network.

One provider process serves a whole test session; it is started by the first run and ends with the session.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = [
    "ENVIRONMENT",
    "SOCKET",
    "Finding",
    "Resource",
    "Script",
    "State",
    "TemplateCopy",
    "TerraformFailed",
    "provided",
]

SOCKET: Final = "provider.sock"
ENVIRONMENT: Final = "environment.json"

_CHECKOUT: Final = Path(__file__).parents[2]
# The coder provider, with a required_providers block and without one, and the providers of what stands beside scripts.
_SERVED: Final = ("coder/coder", "hashicorp/coder", "kreuzwerker/docker", "hashicorp/docker", "hashicorp/null")
_BOUND: Final = 600.0  # Seconds. A run takes a fraction of one, and some where all is slow: more can only be a hang.


class TerraformFailed(AssertionError):
    """A run of terraform that was to succeed didn't. Its text is what terraform printed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic of ``terraform validate``."""

    severity: str
    summary: str
    detail: str


@dataclass(frozen=True, slots=True)
class Script:
    """One script as a workspace agent gets it. ``agent`` is the address of its runtime, None where it has none.

    ``timeout`` is in seconds, 0 for none.
    """

    address: str
    agent: str | None
    display_name: str
    text: str
    run_on_start: bool
    run_on_stop: bool
    cron: str = ""
    timeout: int = 0
    start_blocks_login: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource or data source of a state, under the address that Terraform prints."""

    address: str
    type: str
    values: Mapping[str, Any] = field(repr=False)


# What Coder makes a script of, besides coder_script: argument of coder_agent, display name, whether it runs on start.
_AGENT_SCRIPTS: Final = (("startup_script", "Startup Script", True), ("shutdown_script", "Shutdown Script", False))


@dataclass(frozen=True, slots=True)
class State:
    """What ``terraform apply`` left, sorted by address."""

    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any]

    def of_type(self, type_: str) -> Iterator[Resource]:
        """Yield the resources and data sources of one type."""
        return (resource for resource in self.resources if resource.type == type_)

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The scripts of all agents by address; the agents' own two scripts come after those of coder_script."""
        runtimes = {agent.values["id"]: agent.address for agent in self.of_type("coder_agent")}
        runtimes |= {sub.values["subagent_id"]: sub.address for sub in self.of_type("coder_devcontainer")}
        declared = [
            Script(
                address=script.address,
                agent=runtimes.get(script.values["agent_id"]),
                display_name=script.values["display_name"],
                text=script.values["script"],
                run_on_start=script.values["run_on_start"],
                run_on_stop=script.values["run_on_stop"],
                cron=script.values["cron"] or "",
                timeout=script.values["timeout"],
                start_blocks_login=script.values["start_blocks_login"],
            )
            for script in self.of_type("coder_script")
        ]
        own = [
            Script(f"{agent.address}.{name}", agent.address, display_name, agent.values[name], on_start, not on_start)
            for agent in self.of_type("coder_agent")
            for name, display_name, on_start in _AGENT_SCRIPTS
            if agent.values[name]
        ]
        return (*declared, *own)


@cache
def _provider() -> tuple[Path, str]:
    """Start the provider; return its folder and what ``TF_REATTACH_PROVIDERS`` has to hold."""
    folder = Path(tempfile.mkdtemp(prefix="provider-"))
    (folder / ENVIRONMENT).write_text("{}")
    (folder / "terraform.rc").write_text(
        "disable_checkpoint = true\n"
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder}/none"\n  }}\n}}\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.coder.provider", str(folder)],
        cwd=_CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def stop() -> None:
        stdin.close()
        process.wait()
        stdout.close()

    atexit.register(stop)
    assert stdout.readline() == b"ready\n", "the stand-in for the coder provider didn't start"
    served = {
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": process.pid,
        "Test": True,
        "Addr": {"Network": "unix", "String": str(folder / SOCKET)},
    }
    return folder, json.dumps({f"registry.terraform.io/{name}": served for name in _SERVED})


def provided(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which terraform finds the stand-in, which runs then and reads ``environment``."""
    provider, reattach = _provider()
    (provider / ENVIRONMENT).write_text(json.dumps(dict(environment)), "utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "CODER_"))}
    return {
        **inherited,
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_ARGS": "-no-color",
        "TF_CLI_CONFIG_FILE": str(provider / "terraform.rc"),
        "TF_IN_AUTOMATION": "1",
        "TF_REATTACH_PROVIDERS": reattach,
    }


class TemplateCopy:
    """A template in a folder of its own, in which terraform runs.

    ``variables`` are input variables, ``environment`` what the coder provider reads from its environment, such as
    ``CODER_WORKSPACE_TRANSITION``. Both hold for one call.
    """

    def __init__(self, template: Path, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(template, folder, symlinks=True)

    def run(
        self,
        *arguments: str,
        variables: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        standard_input: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run terraform and return what came of it; stderr is part of stdout, without colour."""
        given = []
        if variables is not None:
            file = _provider()[0] / "given.tfvars.json"
            file.write_text(json.dumps(dict(variables)), "utf-8")
            given = [f"-var-file={file}"]
        return subprocess.run(
            ["terraform", *arguments, *given],
            cwd=self.folder,
            env=provided(environment or {}),
            input=standard_input,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=_BOUND,
            check=False,
        )

    def _must(
        self,
        *arguments: str,
        variables: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        ran = self.run(*arguments, variables=variables, environment=environment)
        if ran.returncode != 0:
            raise TerraformFailed(f"terraform {arguments[0]} ended with {ran.returncode}:\n{ran.stdout}")
        return ran.stdout

    def init(self) -> None:
        """Run ``terraform init``. Raises TerraformFailed."""
        self._must("init", "-input=false", "-backend=false", "-get=true")

    def validate(self) -> tuple[Finding, ...]:
        """Run ``terraform validate`` and return its diagnostics, errors and warnings."""
        ran = self.run("validate", "-json")
        return tuple(
            Finding(each["severity"], each["summary"], each.get("detail", ""))
            for each in json.loads(ran.stdout)["diagnostics"]
        )

    def apply(
        self, *, variables: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
    ) -> State:
        """Run ``terraform apply`` and return the state that it left. Raises TerraformFailed."""
        options = ("-auto-approve", "-input=false", "-compact-warnings", "-lock=false")
        self._must("apply", *options, variables=variables, environment=environment or {})
        return self.state()

    def state(self) -> State:
        """Return the state of the last apply."""
        shown = json.loads(self._must("show", "-json"))
        values = shown.get("values", {})
        resources = sorted(_resources(values.get("root_module", {})), key=lambda resource: resource.address)
        return State(tuple(resources), {name: out["value"] for name, out in values.get("outputs", {}).items()})


def _resources(module: Mapping[str, Any]) -> Iterator[Resource]:
    for resource in module.get("resources", ()):
        yield Resource(resource["address"], resource["type"], resource["values"])
    for child in module.get("child_modules", ()):
        yield from _resources(child)
