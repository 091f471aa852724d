"""What units say of themselves, held against what others require of them, and the commands that they give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.checks.reading.places import editable_block
from compiler.checks.reading.readings import Reading, texts
from compiler.checks.subject import Subject, mistake
from compiler.order.inventory import AGENT_SCRIPTS, SaidCommand, Script
from compiler.order.model import Edge, Notify
from compiler.order.outcome import Requires
from compiler.source.diagnostics import Diagnostic, also, warning
from compiler.source.span import Span
from compiler.terraform.scope.expansion import repetition_of
from compiler.terraform.scope.names import ModuleNames, Names
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value

_READY = "UNITC_READY"


def _by_place(edges: Iterable[Edge]) -> Iterator[tuple[Edge, int]]:
    """Yield one edge for each place that declares some, and how many more there are."""
    found: dict[Span, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.origins[0].item, []).append(edge)
    for alike in found.values():
        yield alike[0], len({edge.prerequisite for edge in alike}) - 1


def _directive(script: Script, block: str, word: str) -> str:
    """Return how a setting of a script is written in the block that can be edited."""
    named = script.argument in AGENT_SCRIPTS and block == script.resource.address
    return f"# unitc: {f'{script.argument}.' if named else ''}{word}"


def check_ready(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each order that waits for a unit to be ready which never says so."""
    scripts = {script.address: script for script in subject.inventory.scripts}
    silent = (
        edge
        for graph in subject.graphs
        for edge in graph.edges
        if edge.requires is Requires.READY and scripts[edge.prerequisite].conduct.ready is None
    )
    for edge, more in _by_place(silent):
        script = scripts[edge.prerequisite]
        span, block = editable_block(subject, script)
        others = f" The same goes for {more} more." if more else ""
        # A command that is null says that there is none; where only a default makes it so, another input may give one.
        because: list[Value] = [said.value for said in script.said if said.word == "ready"]
        yield mistake(
            "UC220",
            edge.origins[0].item,
            "Never says that it is ready",
            f"{edge.dependent} waits for {edge.prerequisite} to be ready, and {edge.prerequisite} doesn't say how that "
            f"can be told.{others}",
            because,
            related=[also(span, "doesn't say when it is ready")],
            help=(
                f"write in {block} a command that succeeds once it is ready: "
                f'{_directive(script, block, "ready")} = "curl -fsS localhost:8080"',
                f'or let its body run "${_READY}", and write: {_directive(script, block, "ready")} = notify',
            ),
        )


def check_failures(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning where a failure that is waited for doesn't count, and where several would be needed at once."""
    for graph in subject.graphs:
        optional = {unit.address: unit for unit in graph.units if unit.conduct.optional}
        failures = [edge for edge in graph.edges if edge.requires is Requires.FAILURE]
        for edge, more in _by_place(edge for edge in failures if edge.prerequisite in optional):
            others = f" The same goes for {more} more." if more else ""
            yield warning(
                "UC221",
                edge.origins[0].item,
                "Failure of an optional script",
                f"{edge.dependent} runs where {edge.prerequisite} fails, and {edge.prerequisite} is optional: its "
                f"failure isn't shown in Coder, and doesn't count for the whole run.{others}",
                related=[also(optional[edge.prerequisite].span, "is optional")],
                help=(
                    "remove optional, so that a failure is shown too",
                    "or keep both, where this is what takes the place of the optional script, and say so: "
                    "# unitc: ignore[UC221] reason",
                ),
            )
        dependents: dict[str, list[Edge]] = {}
        for edge in failures:
            dependents.setdefault(edge.dependent, []).append(edge)
        for dependent, edges in dependents.items():
            if len(edges) > 1:
                yield _all_of_them(dependent, edges)


def _all_of_them(dependent: str, edges: list[Edge]) -> Diagnostic:
    first, *others = edges
    names = ", ".join(edge.prerequisite for edge in edges[:3]) + ", …" * (len(edges) > 3)
    return warning(
        "UC222",
        first.origins[0].item,
        "Runs only if all of them fail",
        f"{dependent} waits for the failure of {len(edges)} scripts: {names}. It runs only if every one of them "
        "fails, and is skipped as soon as one succeeds.",
        related=[also(edge.origins[0].item, "must fail too") for edge in others[:3] if edge.origins != first.origins],
        help=(
            "for a report on any failure, write a script for each, or wait with depends_on_completion and look at what "
            "they left behind",
            "if all of them is what is meant, say so: # unitc: ignore[UC222] reason",
        ),
    )


def check_notified(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each script that is to say itself when it is ready, and whose text never does."""
    whole: dict[str, list[Reading]] = {}
    for reading in texts(subject, carried=True):
        if reading.script.conduct.ready is Notify.NOTIFY and reading.body.script.body:
            whole.setdefault(reading.script.address, []).append(reading)
    for address in sorted(whole):
        known = all(reading.body.known for reading in whole[address])
        said = any(_READY in reading.body.text.text for reading in whole[address])
        if said or not known:
            continue
        first = next(reading for reading in whole[address] if reading.body.layer == 0)
        text = first.body.script.text
        yield first.finding(
            "UC347",
            (0, len(text.split("\n")[0].rstrip()) or 1),
            "Never says that it is ready",
            f"{address} has to say when it is ready (ready = notify), and its text never names {_READY}.",
            help=(
                f'run this where it is ready: "${_READY}"',
                'or give a command that finds out: # unitc: ready = "curl -fsS localhost:8080"',
            ),
        )


def check_commands_said(subject: Subject) -> Iterator[Diagnostic]:
    """Yield an error for each command of ``ready`` or ``unless`` whose value can't be one, or that names nothing."""
    for script in subject.inventory.scripts:
        for said in script.said:
            yield from _names(subject, script, said).mistakes(said.expression)
            why = _no_command(said)
            if why is not None:
                yield mistake(
                    "UC213",
                    said.expression.span,
                    f"Value of {said.word}",
                    f"The directive {said.word} takes a command, as a string; this is {why} for {script.address}.",
                    [said.value],
                    help="give the text of a command, or null for none",
                )


def _names(subject: Subject, script: Script, said: SaidCommand) -> Names:
    """Return what a command may name where it stands."""
    config = subject.root
    for step in script.place.path[: said.depth]:
        config = config.children[step.name]
    further = script.place.path[said.depth :]
    block = config.module.calls[further[0].name].block if further else script.resource.block
    return Names(ModuleNames.of(config), repetition_of(block))


def _no_command(said: SaidCommand) -> str | None:
    """Return what a value is in place of a command, None where it may be one."""
    value = said.value
    if value.is_poisoned or value.is_null or not value.is_known:
        return None
    if value.type != STRING:
        return "another kind of value"
    if not value.text.strip():
        return "an empty text"
    if "\0" in value.text:
        return "a text with a NUL character"
    return "the word notify in quotes" if said.word == "ready" and value.text == Notify.NOTIFY.value else None
