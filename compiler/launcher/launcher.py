"""The launcher, the gate runtime, and the text of a wrapped script.

The runtime is plain POSIX sh in ``templates/runtime``, the same bytes in every launcher; only the table of units and
the bodies are made here. Nothing reaches the shell that isn't of type :class:`Sh`, and :func:`quote` is the only way
from a user's text to it: the template engine refuses every other value.

**Wrapped scripts.** A script that the agent starts and that has to wait is the gate runtime behind a few assignments::

    #!/bin/sh
    UNITC_UNIT='module.m["YSBi"].coder_script.x[0]'
    UNITC_PHASES='start stop'
    UNITC_GATES='start success coder_script.clone
    stop completion coder_script.backup["YSBi"]'
    UNITC_TIMEOUT='60'
    UNITC_BODY='echo hi'
    UNITC_BODY_BASE64=''
    (the text of unitc/gate.sh)

* Addresses are those of Terraform, but every string key in them is the base64 of its bytes; numbers stay. So no value
  can hold a quote, and Terraform computes each with ``base64encode`` and ``join``. Both sides of a gate are spelled so.
* ``UNITC_GATES`` has a line ``PHASE REQUIRES ADDRESS`` for each gate; without the phase it counts in every phase.
* ``UNITC_PHASES`` is the phase in which the agent runs the script. The wiring splits a script of several occasions, so
  that each text knows its own. A second start in one session is one more that no unit waits for: it runs at once and
  publishes nothing.
* ``UNITC_TIMEOUT`` and ``UNITC_GATE_TIMEOUT`` are whole seconds; empty or absent: none. ``UNITC_MUTEXES`` are names in
  base64, separated by blanks, in an order that is the same in all scripts.
* ``UNITC_BODY`` is the script's text; ``UNITC_BODY_BASE64`` in its place is the same as base64. A null or empty text
  is no script and must not be wrapped.
* Every wrapped script sets each of these, to nothing where it has none: what it doesn't set would come from the
  environment.

The whole must fit into one argument of a command: :data:`MAX_ARGUMENT` bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote as percent_encode

from compiler.order.model import KnownBody, Phase, Unit, UnknownBody
from compiler.order.outcome import Requires
from compiler.order.plan import Gate, LaunchPlan, PhasePlan, PlannedUnit
from compiler.output.header import stamp

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["MAX_ARGUMENT", "Sh", "coded_address", "emit_launcher", "gate_runtime", "quote", "runtime_text", "wrap_text"]

MAX_ARGUMENT: Final = 131_071
"""Bytes of the longest argument of a command on Linux: 32 pages, less the final NUL (MAX_ARG_STRLEN, execve(2))."""

_PARTS: Final = ("gate.sh", "table.sh", "output.sh", "spawner.sh", "supervisor.sh", "commands.sh")
_KEY: Final = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')
_ESCAPE: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))|\$\$(?=\{)|%%(?=\{)')
# How a dependent stands in the row of its prerequisite: most wait for success, so that has no letter.
_FOLLOWS: Final = {Requires.SUCCESS: "", Requires.COMPLETION: "c", Requires.START: "s"}
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class Sh(str):
    """A piece of a shell script, safe where a word or a comment stands. Made by the functions of this module only."""

    __slots__ = ()


def quote(text: str) -> Sh:
    """Return ``text`` as one word of the shell: nothing in it is expanded, and every byte arrives as it is.

    A quoted string, rather than a here-document: it needs no temporary file and no process, and it keeps the end of
    a text without a final newline. Raises ValueError for a text with a NUL, which no shell can hold.
    """
    if "\0" in text:
        raise ValueError("a shell script can't hold a NUL character")
    return Sh("'" + text.replace("'", "'\\''") + "'")


def _comment(text: str) -> Sh:
    """Return ``text`` for a comment or a terminal: what isn't printable is written as an escape."""
    return Sh("".join(c if c.isprintable() else c.encode("unicode_escape", "surrogateescape").decode() for c in text))


def _unescape(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        return chr(int(code, 16))
    return _LETTERS[found[3]] if found[3] else found[0][0]


def coded_address(address: str) -> str:
    """Return an address as it stands in wrapped scripts: every string key as the base64 of its UTF-8 bytes."""

    def coded(found: re.Match[str]) -> str:
        key = _ESCAPE.sub(_unescape, found[1])
        return f'["{base64.b64encode(key.encode("utf-8", "surrogateescape")).decode()}"]'

    return _KEY.sub(coded, address)


# --- the templates


def _template_folder() -> Path:
    """Return the folder of the templates: beside the package's modules in a wheel, beside the package in a checkout."""
    installed = Path(str(files("compiler"))) / "templates"
    return installed if installed.is_dir() else installed.parent.parent / "templates"


def _finalize(value: Any) -> Sh:
    if not isinstance(value, Sh):
        raise TypeError(f"a value of type {type(value).__name__} must be quoted before it can stand in a shell script")
    return value


@cache
def _environment() -> Environment:
    # Imported late: a check that compiles nothing doesn't need it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_template_folder()),
        undefined=StrictUndefined,
        finalize=_finalize,
        keep_trailing_newline=True,
        autoescape=False,
    )


@cache
def _part(name: str) -> str:
    return (_template_folder() / "runtime" / name).read_text("utf-8")


def _without_directives(text: str) -> Sh:
    """Return a part of the runtime for the launcher, whose own head tells shellcheck what the parts' heads do."""
    return Sh(re.sub(r"\A(?:#[^\n]*\n)*?#\n# shellcheck [^\n]*\n(?:#[^\n]*\n)*", _keep_prose, text).rstrip("\n"))


def _keep_prose(found: re.Match[str]) -> str:
    return found[0][: found[0].index("#\n# shellcheck")]


def gate_runtime() -> str:
    """Return the text of ``unitc/gate.sh``, without a header: the gate runtime without comments.

    Every wrapped script holds it, and the size of a script is limited, so what it saves is left for the body. A comment
    is a line that starts with ``#``: the runtime has no text over several lines in which that could be anything else.
    Only the programs for awk and perl in it are indented with blanks, which mean nothing there and go too.
    """
    lines = [line for name in ("head.sh", "gate.sh") for line in _part(name).splitlines(keepends=True)]
    codes = re.findall(r"SC\d+", "".join(line for line in lines if line.startswith("# shellcheck ")))
    head = f"# shellcheck shell=sh disable={','.join(dict.fromkeys(codes))}\n"
    code = "".join(line.lstrip(" ") for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return f"{head}{code}u_start exec\nu_text='' u_missing='' u_template=''\nu_gate \"$@\"\n"


def runtime_text() -> Sh:
    """Return the end of every launcher: the parts of the runtime, and the call that starts it."""
    parts = "".join(f"\n{_without_directives(_part(name))}\n" for name in _PARTS)
    end = f'u_start "${{1-run}}"\nu_perl={quote(_part("spawner.pl"))}\nu_main "$@"\n'
    return Sh(f"{parts}\n{end}")


# --- the launcher


def _number(value: int | None) -> Sh:
    return Sh("-" if value is None else str(value))


def _shown(address: str) -> str:
    return str(_comment(address))


def _seconds(what: str, value: int | None) -> str:
    return "" if value is None else f", {what} {value} s"


class _Table:
    """Numbers everything that the launcher speaks of, and writes it down for the template."""

    def __init__(self, plan: LaunchPlan) -> None:
        names = sorted({name for phase in plan.phases for unit in phase.units for name in unit.unit.mutexes})
        self._mutexes = {name: number for number, name in enumerate(names, 1)}
        self._numbers: dict[tuple[str, Phase, str], int] = {}
        for phase in plan.phases:
            for planned in phase.units:
                self._numbers[phase.runtime, phase.phase, planned.unit.address] = len(self._numbers) + 1
        self.graphs = [self._graph(number, phase) for number, phase in enumerate(plan.phases, 1)]
        self.mutexes = [
            {"number": _number(number), "coded": quote(_base64(name)), "shown": quote(_shown(name))}
            for name, number in self._mutexes.items()
        ]

    def _graph(self, number: int, phase: PhasePlan) -> dict[str, Any]:
        numbers = {
            unit.unit.address: self._numbers[phase.runtime, phase.phase, unit.unit.address] for unit in phase.units
        }
        waves = {address: wave for wave, addresses in enumerate(phase.waves, 1) for address in addresses}
        dependents: dict[str, list[Gate]] = {}
        for planned in phase.units:
            for gate in planned.gates:
                dependents.setdefault(gate.prerequisite, []).append(Gate(gate.requires, planned.unit.address))

        def edges(gates: Iterable[Gate]) -> Sh:
            return quote(" ".join(f"{gate.requires}:{numbers[gate.prerequisite]}" for gate in gates))

        def followers(gates: Iterable[Gate]) -> Sh:
            return quote(" ".join(f"{_FOLLOWS[gate.requires]}{numbers[gate.prerequisite]}" for gate in gates))

        def row(planned: PlannedUnit) -> Sh:
            unit = planned.unit
            shown, coded, percent = _shown(unit.address), coded_address(unit.address), _percent(unit.address)
            words = [
                _number(numbers[unit.address]),
                _number(waves[unit.address]),
                _number(unit.timeout),
                _number(unit.gate_timeout),
                quote(unit.address),
                edges(planned.gates),
                followers(dependents.get(unit.address, ())),
            ]
            plain = {shown, coded, percent} == {unit.address}
            if unit.mutexes or not plain:
                words.append(quote(" ".join(str(self._mutexes[name]) for name in unit.mutexes)))
            if not plain:
                words += map(quote, (shown, coded, percent))
            return Sh(" ".join(words))

        return {
            "number": _number(number),
            "title": _comment(f"{phase.runtime}, {phase.phase} phase:"),
            "runtime": quote(phase.runtime),
            "phase": Sh(phase.phase),
            "units": [
                {
                    "comment": _comment(_described(planned.unit)),
                    "gates": [_comment(f"{gate.requires} of {gate.prerequisite}") for gate in planned.gates],
                    "mutexes": [_comment(name) for name in planned.unit.mutexes],
                    "row": row(planned),
                    "body": _body(numbers[planned.unit.address], planned.unit),
                }
                for planned in phase.units
            ],
        }


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


def _percent(address: str) -> str:
    return percent_encode(address, safe="", errors="surrogateescape")


def _described(unit: Unit) -> str:
    name = "" if unit.display_name is None else f' "{unit.display_name}"'
    return f"{unit.address}{name}{_seconds('timeout', unit.timeout)}{_seconds('waits at most', unit.gate_timeout)}"


def _body(number: int, unit: Unit) -> Sh:
    match unit.body:
        case KnownBody(text):
            return Sh(f"u_text_{number}={quote(text)}")
        case UnknownBody(reason):
            return Sh(f"u_missing_{number}={quote(_shown(f'body known only at apply: {reason}'))}")


def _identity(plan: LaunchPlan) -> str:
    """Return what tells a template's runs from those of others: a digest of its units, whatever their texts are."""
    units = (
        f"{phase.runtime} {phase.phase} {planned.unit.address}" for phase in plan.phases for planned in phase.units
    )
    return hashlib.sha256("\n".join(units).encode("utf-8", "surrogateescape")).hexdigest()


def emit_launcher(plan: LaunchPlan, *, version: str) -> str:
    """Return the text of ``launcher.sh``, with its header.

    ``version`` is unitc's. Raises ValueError where a body holds a NUL.
    """
    table = _Table(plan)
    text = (
        _environment()
        .get_template("launcher.sh.j2")
        .render(
            graphs=table.graphs,
            mutexes=table.mutexes,
            head=_without_directives(_part("head.sh")),
            template=quote(_identity(plan)),
            runtime=runtime_text(),
        )
    )
    return stamp(text, version=version)


# --- wrapped scripts


def wrap_text(
    gate: str,
    *,
    address: str,
    phases: Sequence[Phase],
    gates: Iterable[tuple[Phase, Gate]] = (),
    body: str,
    timeout: int | None = None,
    gate_timeout: int | None = None,
    mutexes: Iterable[str] = (),
) -> str:
    """Return the text of a wrapped script, as the wiring makes Terraform compute it.

    ``gate`` is the text of ``unitc/gate.sh``. Addresses are as Terraform prints them, times in seconds.
    """
    lines = (f"{phase} {each.requires} {coded_address(each.prerequisite)}" for phase, each in gates)
    values = {
        "UNITC_UNIT": coded_address(address),
        "UNITC_PHASES": " ".join(phases),
        "UNITC_GATES": "\n".join(lines),
        "UNITC_TIMEOUT": "" if timeout is None else str(timeout),
        "UNITC_GATE_TIMEOUT": "" if gate_timeout is None else str(gate_timeout),
        "UNITC_MUTEXES": " ".join(_base64(name) for name in sorted(mutexes)),
        "UNITC_BODY": body,
        "UNITC_BODY_BASE64": "",
    }
    return "\n".join(("#!/bin/sh", *(f"{name}={quote(value)}" for name, value in values.items()), gate))
