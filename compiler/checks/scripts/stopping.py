"""Stop scripts that are ended before they are done, or that need what is gone by then."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from compiler.checks.reading.readings import Reading, readings
from compiler.checks.subject import Subject
from compiler.order.inventory import Script
from compiler.order.model import Phase
from compiler.patterns import regex
from compiler.shell import unwrapped
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.terraform.configuration.module import Mode, Resource, walk

_ASKING = regex("git|coder")

# The containers that are removed at once unless one of their arguments says otherwise. A pod has 30 s by default.
# Source: kreuzwerker/docker, resource_docker_container_funcs.go: it is stopped only with destroy_grace_seconds, and
# removed by force in any case.
_GRACE = {"docker_container": ("destroy_grace_seconds", "stop_timeout")}
# Where a pod's grace period stands, and what it is by default. Source: the Kubernetes API, PodSpec v1 core.
_PODS = {
    **dict.fromkeys(("kubernetes_pod", "kubernetes_pod_v1"), ("spec",)),
    **dict.fromkeys(
        ("kubernetes_deployment", "kubernetes_deployment_v1", "kubernetes_stateful_set", "kubernetes_stateful_set_v1"),
        ("spec", "template", "spec"),
    ),
}
_POD_GRACE = "termination_grace_period_seconds"
_POD_SECONDS = 30
_REMOTE_GIT = frozenset({"push", "pull", "fetch", "clone"})
_REMOTE_CODER = frozenset({"external-auth", "gitssh", "gitaskpass", "login", "ssh", "list", "stop", "start"})


def check_grace_period(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each container or pod that is gone before the stop scripts beside it have ended."""
    stopping = [script for script in subject.inventory.scripts if script.triggers.stop]
    if not stopping:
        return
    seen: set[Resource] = set()
    for config in walk(subject.root):
        for resource in config.module.resources.values():
            arguments = _GRACE.get(resource.type) if resource.mode is Mode.MANAGED else None
            body = resource.block.body
            if resource in seen:
                continue
            seen.add(resource)
            slow = max(stopping, key=lambda script: script.timeout or 0)
            if resource.type in _PODS and (slow.timeout or 0) > _POD_SECONDS and _has_usual_grace(resource):
                yield _short_grace(resource, slow)
            if arguments is None or any(body.attribute(name) is not None for name in arguments):
                continue
            yield warning(
                "UC332",
                resource.block.header_span,
                "Container that leaves stop scripts no time",
                f"{resource.address} has no grace period: when the workspace stops, the container is removed at once, "
                f"and {stopping[0].address} is killed before it ends.",
                related=[also(stopping[0].span, "runs when the workspace stops")],
                help=f"give it time, in seconds: {arguments[0]} = 60",
            )


def _has_usual_grace(resource: Resource) -> bool:
    """Return whether a pod is written out and says nothing of its grace period."""
    blocks = [resource.block]
    for name in _PODS[resource.type]:
        blocks = [inner for block in blocks for inner in block.body.blocks_of(name)]
    return bool(blocks) and all(block.body.attribute(_POD_GRACE) is None for block in blocks)


def _short_grace(resource: Resource, script: Script) -> Diagnostic:
    return warning(
        "UC332",
        resource.block.header_span,
        "Pod that leaves a stop script too little time",
        f"{resource.address} has the usual grace period of {_POD_SECONDS} s: {script.address} may take "
        f"{script.timeout} s when the workspace stops, and is killed before that.",
        related=[also(script.span, f"has a timeout of {script.timeout} s")],
        help=f"write in the pod's spec, in seconds: {_POD_GRACE} = {(script.timeout or 0) + _POD_SECONDS}",
    )


def check_stop_access(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each command in a stop script that asks Coder's server for something."""
    for reading in readings(subject, _ASKING, carried=True):
        triggers = reading.script.triggers
        if not triggers.stop or triggers.start is not False or Phase.STOP not in triggers.phases:
            continue
        for call in reading.calls:
            what = _remote([word.literal for word in unwrapped(call.command.words)])
            if what is not None:
                yield _refused(reading, call.place, what)


def _remote(words: list[str | None]) -> str | None:
    name = posixpath.basename(words[0] or "") if words else ""
    rest = [word for word in words[1:] if word is not None and not word.startswith("-")]
    if name == "git" and _REMOTE_GIT & set(rest[:2]):
        return "git asks Coder's server for the token or the key"
    if name == "coder" and rest[:1] and rest[0] in _REMOTE_CODER:
        return "it asks Coder's server"
    return None


def _refused(reading: Reading, place: tuple[int, int], what: str) -> Diagnostic:
    return reading.finding(
        "UC333",
        place,
        "Stop script that needs Coder's server",
        f"{reading.script.address} runs when the workspace stops. By then the agent's token is no longer accepted, and "
        f"{what}.",
        help="do it while the workspace runs, as from cron",
    )
