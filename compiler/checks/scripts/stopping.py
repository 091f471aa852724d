"""Stop scripts that are ended before they are done, or that need what is gone by then."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.checks.reading.readings import readings
from compiler.checks.subject import Subject
from compiler.hcl.syntax import Block
from compiler.order.inventory import Script
from compiler.order.model import Phase
from compiler.patterns import regex
from compiler.shell.calls import program
from compiler.shell.syntax import Word
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
_REMOTE_GIT = frozenset({"push", "pull", "fetch", "clone", "ls-remote"})
_REMOTE_CODER = frozenset({"external-auth", "gitssh", "gitaskpass", "login", "ssh", "list", "stop", "start"})


def check_grace_period(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each container or pod that is gone before the stop scripts beside it have ended."""
    stopping = [script for script in subject.inventory.scripts if script.triggers.stop]
    if not stopping:
        return
    slow = max(stopping, key=lambda script: script.timeout or 0)
    for resource in _workspaces(subject):
        if resource.type in _PODS:
            grace = _pod_grace(resource)
            if grace == 0:
                yield _no_grace(resource, stopping[0], f"in the pod's spec, in seconds: {_POD_GRACE} = 60")
            elif grace is not None and (slow.timeout or 0) > grace:
                yield _short_grace(resource, slow, grace)
        elif all(_is_zero(resource.block, name) for name in _GRACE[resource.type]):
            yield _no_grace(resource, stopping[0], f"in seconds: {_GRACE[resource.type][0]} = 60")


def _workspaces(subject: Subject) -> list[Resource]:
    """Return the containers and pods in which agents run: those that name one, or all of them where none does."""
    found = dict.fromkeys(
        resource
        for config in walk(subject.root)
        for resource in config.module.resources.values()
        if resource.mode is Mode.MANAGED and (resource.type in _GRACE or resource.type in _PODS)
    )
    return [item for item in found if "coder_agent." in item.block.span.text] or list(found)


def _is_zero(block: Block, name: str) -> bool:
    """Return whether a block gives no seconds by an argument."""
    attribute = block.body.attribute(name)
    return attribute is None or attribute.expression.span.text == "0"


def _no_grace(resource: Resource, script: Script, remedy: str) -> Diagnostic:
    kind = "pod" if resource.type in _PODS else "container"
    return warning(
        "UC332",
        resource.block.header_span,
        f"{kind.capitalize()} that leaves stop scripts no time",
        f"{resource.address} has no grace period: when the workspace stops, the {kind} is removed at once, "
        f"and {script.address} is killed before it ends.",
        related=[also(script.span, "runs when the workspace stops")],
        help=f"give it time, {remedy}",
    )


def _pod_grace(resource: Resource) -> int | None:
    """Return the grace period of a pod in seconds, None where it isn't written out."""
    blocks = [resource.block]
    for name in _PODS[resource.type]:
        blocks = [inner for block in blocks for inner in block.body.blocks_of(name)]
    if not blocks:
        return None
    attribute = blocks[0].body.attribute(_POD_GRACE)
    text = str(_POD_SECONDS) if attribute is None else attribute.expression.span.text
    return int(text) if text.isdigit() else None


def _short_grace(resource: Resource, script: Script, grace: int) -> Diagnostic:
    usual = "the usual grace period of" if grace == _POD_SECONDS else "a grace period of"
    return warning(
        "UC332",
        resource.block.header_span,
        "Pod that leaves a stop script too little time",
        f"{resource.address} has {usual} {grace} s: {script.address} may take "
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
            what = _remote(*program(call.command))
            if what is not None:
                yield reading.finding(
                    "UC333",
                    call.place,
                    "Stop script that needs Coder's server",
                    f"{reading.script.address} runs when the workspace stops. By then the agent's token is no longer "
                    f"accepted, and {what}.",
                    help="do it while the workspace runs, as from cron",
                )


def _remote(name: str, words: tuple[Word, ...]) -> str | None:
    rest = [word.literal for word in words if word.literal is not None and not word.literal.startswith("-")]
    verb = next((at for at, word in enumerate(rest[:2]) if word in _REMOTE_GIT), None)
    if name == "git" and verb is not None:
        # A repository on the same machine needs neither.
        here = any(word.startswith(("/", "file://")) for word in rest[verb + 1 : verb + 2])
        return None if here else "git asks Coder's server for the token or the key"
    if name == "coder" and rest[:1] and rest[0] in _REMOTE_CODER:
        return "it asks Coder's server"
    return None
