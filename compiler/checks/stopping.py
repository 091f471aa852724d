"""Stop scripts that are ended before they are done, or that need what is gone by then."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from compiler.checks.readings import Reading, finding, readings
from compiler.checks.subject import Subject
from compiler.order.model import Phase
from compiler.shell import unwrapped
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.terraform.configuration.module import Mode, Resource, walk

__all__ = ["check_grace_period", "check_stop_access"]

# The containers that are removed at once unless one of their arguments says otherwise. A pod has 30 s by default.
# Source: kreuzwerker/docker, resource_docker_container_funcs.go: it is stopped only with destroy_grace_seconds, and
# removed by force in any case.
_GRACE = {"docker_container": ("destroy_grace_seconds", "stop_timeout")}
_REMOTE_GIT = frozenset({"push", "pull", "fetch", "clone"})
_REMOTE_CODER = frozenset({"external-auth", "gitssh", "gitaskpass", "login", "ssh", "list", "stop", "start"})


def check_grace_period(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each container that is removed without giving the stop scripts beside it any time."""
    stopping = [script for script in subject.inventory.scripts if script.triggers.stop]
    if not stopping:
        return
    seen: set[Resource] = set()
    for config in walk(subject.root):
        for resource in config.module.resources.values():
            arguments = _GRACE.get(resource.type) if resource.mode is Mode.MANAGED else None
            body = resource.block.body
            if arguments is None or resource in seen or any(body.attribute(name) is not None for name in arguments):
                continue
            seen.add(resource)
            yield warning(
                "UC332",
                resource.block.header_span,
                "Container that leaves stop scripts no time",
                f"{resource.address} has no grace period: when the workspace stops, the container is removed at once, "
                f"and {stopping[0].address} is killed before it ends.",
                related=[also(stopping[0].span, "runs when the workspace stops")],
                help=f"give it time, in seconds: {arguments[0]} = 60",
            )


def check_stop_access(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each command in a stop script that asks Coder's server for something."""
    for reading in readings(subject, carried=True):
        triggers = reading.script.triggers
        if not triggers.stop or triggers.start is not False or Phase.STOP not in triggers.phases:
            continue
        for call in reading.calls:
            what = _remote([word.literal for word in unwrapped(call.command.words)])
            if what is not None:
                yield _refused(subject, reading, (call.start, call.end), what)


def _remote(words: list[str | None]) -> str | None:
    name = posixpath.basename(words[0] or "") if words else ""
    rest = [word for word in words[1:] if word is not None and not word.startswith("-")]
    if name == "git" and _REMOTE_GIT & set(rest[:2]):
        return "git asks Coder's server for the token or the key"
    if name == "coder" and rest[:1] and rest[0] in _REMOTE_CODER:
        return "it asks Coder's server"
    return None


def _refused(subject: Subject, reading: Reading, place: tuple[int, int], what: str) -> Diagnostic:
    return finding(
        "UC333",
        subject,
        reading,
        place,
        "Stop script that needs Coder's server",
        f"{reading.script.address} runs when the workspace stops. By then the agent's token is no longer accepted, and "
        f"{what}.",
        help="do it while the workspace runs, as from cron",
    )
