"""The runtime, put together from its parts.

It is plain POSIX sh in ``templates/runtime``, a part for each subject; ``protocol.sh`` says how it is written, what it
is told in variables, and how its processes speak through files. A new part is a file there and a name in one of the
two rows here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from compiler.disk import digest_of
from compiler.launcher.quoting import Sh, quote
from compiler.launcher.tight import PART_HEAD, tightly

_HEAD: Final = "head.sh"

GATE_PARTS: Final = (
    "protocol.sh",
    "platform.sh",
    "keys.sh",
    "spelling.sh",
    "state.sh",
    "outcomes.sh",
    "processes.sh",
    "body.sh",
    "ending.sh",
    "waiting.sh",
    "gate.sh",
)
"""The parts of which wrapped scripts and launchers are made."""

FURTHER_PARTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "interpreter": ("interpreter.sh",),
        "limits": ("limits.sh",),
        "mutex": ("mutex.sh",),
        "conduct": ("recall.sh", "conduct.sh"),
    }
)
"""The parts of launchers that those wrapped scripts hold whose units need them, by the names of their files."""

ROOM_PARTS: Final = ("recall.sh", "room.sh")
"""The parts of launchers that those wrapped scripts hold that have room for them."""

SUPERVISOR_PARTS: Final = (
    "table.sh",
    "output.sh",
    "spawner.sh",
    "following.sh",
    "attending.sh",
    "supervisor.sh",
    "leaving.sh",
    "layout.sh",
    "status.sh",
    "commands.sh",
)
"""The parts of launchers alone."""

STATUS_PARTS: Final = ("layout.sh", "status.sh")
"""The parts of the command ``unitc-status``, less those that stand in each wrapped script anyway."""

_OFFER_PARTS: Final = (*ROOM_PARTS, "offer.sh")
_GATE_IS: Final = """\
# The gate runtime. zz_unitc.tf names the version of unitc whose source it is; "unitc compile --check" of that version
# compares them, and "sed 1,2d unitc/gate.sh | sha256sum" prints the hash above. Scripts hold it without its comments.
"""

_FURTHER_IS: Final = """\
# What some scripts hold besides the gate runtime, see unitc/gate.sh.
"""


def template_folder() -> Path:
    """Return the folder of the templates: beside the package's modules in a wheel, beside the package in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


TIGHT_FILE: Final = template_folder() / "tight.json"

DATA: Final = (template_folder(),)
"""The files of the package that are read here."""


@cache
def _part(name: str) -> str:
    return (template_folder() / "runtime" / name).read_text("utf-8")


def _put_together(names: tuple[str, ...]) -> str:
    """Return the parts of these names as one text for a launcher, whose head tells shellcheck what the parts' do."""
    return "\n\n".join(PART_HEAD.sub(r"\1", _part(name)).rstrip("\n") for name in names)


def _put_together_tightly(names: tuple[str, ...]) -> str:
    """Return the parts of these names as one text that costs little room, see :mod:`compiler.launcher.tight`.

    It is shipped as it was made of the same parts; where they were changed since, it is made anew.
    """
    parts = [_part(name) for name in names]
    lines = _shipped().get(_digest(parts))
    return tightly(parts) if lines is None else "\n".join(lines)


@cache
def _shipped() -> dict[str, list[str]]:
    shipped: dict[str, list[str]] = json.loads(TIGHT_FILE.read_bytes())
    return shipped


def _digest(parts: Sequence[str]) -> str:
    return digest_of("\0".join(parts).encode()).hex()


def tight_texts() -> dict[str, list[str]]:
    """Return what :data:`TIGHT_FILE` has to hold: by the digest of its parts each tight text, in lines."""
    texts = ((_HEAD, *GATE_PARTS), *FURTHER_PARTS.values(), _OFFER_PARTS, STATUS_PARTS)
    rows = [[_part(name) for name in names] for names in texts]
    return {_digest(parts): tightly(parts).split("\n") for parts in rows}


@cache
def gate_runtime() -> str:
    """Return the text of ``unitc/gate.sh``, without a header: the gate runtime without what only a reader needs.

    Every wrapped script holds it, and the size of a script is limited, so what it saves is left for the body. Other
    parts may stand between it and the call that starts it.
    """
    return f"{_GATE_IS}{_put_together_tightly((_HEAD, *GATE_PARTS))}"


@cache
def further_runtime(name: str) -> str:
    """Return the text of one of :data:`FURTHER_PARTS` as it stands in ``unitc``, without a header."""
    return f"{_FURTHER_IS}{_put_together_tightly(FURTHER_PARTS[name])}"


@cache
def status_runtime() -> str:
    """Return the command ``unitc-status`` less its first lines.

    The script that leaves it in the workspace puts them before it, since they stand in each wrapped script anyway.
    """
    return f'{_put_together_tightly(STATUS_PARTS)}u_stand_alone "$@"\n'


@cache
def room_runtime() -> str:
    """Return the first parts of ``unitc/status.sh``: messages that say more."""
    return _put_together_tightly(ROOM_PARTS)


@cache
def offer_runtime() -> str:
    """Return the text of ``unitc/status.sh``, without a header: how a script leaves the command to people."""
    offer = f"u_offer(){{\nu_leave_status {quote(status_runtime())}\n}}\n"
    return f"{_FURTHER_IS}{_put_together_tightly(_OFFER_PARTS)}{offer}"


def launcher_head() -> Sh:
    """Return what stands before all else in a launcher."""
    return Sh(_put_together((_HEAD,)))


def launcher_runtime() -> Sh:
    """Return the end of every launcher: the parts of the runtime, and the call that starts it."""
    further = dict.fromkeys(name for names in (*FURTHER_PARTS.values(), ROOM_PARTS) for name in names)
    parts = _put_together((*GATE_PARTS, *further, *SUPERVISOR_PARTS))
    # What the environment has of our names is forgotten, and some of these texts may be among that.
    end = (
        "UNITC_LAYOUT=$u_layout UNITC_PROGRAM=$u_program\n"
        "case ${1-} in exec) u_start 125 ;; *) u_start 1 ;; esac\n"
        "u_layout=$UNITC_LAYOUT u_program=$UNITC_PROGRAM\n"
        "unset -v UNITC_LAYOUT UNITC_PROGRAM\n"
        f"u_perl={quote(_part('spawner.pl'))}\n"
        'u_main "$@"\n'
    )
    return Sh(f"\n{parts}\n\n{end}")
