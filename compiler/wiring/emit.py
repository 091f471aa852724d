"""The files that make Terraform hand ordered scripts to their agents with their gates, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from compiler.order.claims import Claim
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, error
from compiler.terraform.configuration.files import join
from compiler.wiring.bodies import ReadFile
from compiler.wiring.model import OVERRIDE_FILE, PLAIN_FILE
from compiler.wiring.override_text import override_text
from compiler.wiring.plain_text import plain_text
from compiler.wiring.plan import Wiring, plan_wiring
from compiler.wiring.sites import Sites

if TYPE_CHECKING:
    from compiler.wiring.cycles import Decided

# A cycle longer than this is cut: a hundred steps can't be followed.
_MAX_SHOWN = 12


@dataclass(frozen=True, slots=True)
class WiringFiles:
    """Paths in the template's folder and texts without header, by path. With errors they must not be written.

    ``further`` are the parts of the runtime that they need as well, see :func:`~compiler.source.limits.further_parts`.
    """

    files: tuple[tuple[str, str], ...]
    diagnostics: tuple[Diagnostic, ...]
    further: tuple[str, ...]


def emit_wiring(sites: Sites, explicit: Iterable[Claim], everyone: Iterable[Claim], read: ReadFile) -> WiringFiles:
    """Return the generated Terraform files of every module folder that takes part in the order.

    The runtime of wrapped scripts, which they read from the folder ``unitc``, is not among them.
    """
    wiring = plan_wiring(sites, explicit, everyone, read)
    texts = {folder.dir: (plain_text(folder), override_text(folder)) for folder in wiring.folders}
    files = [
        (join(folder, name), text)
        for folder, pair in texts.items()
        for name, text in zip((PLAIN_FILE, OVERRIDE_FILE), pair, strict=True)
        if text
    ]
    # Without a units list the wiring refers to nothing but what the scripts refer to anyway.
    found: tuple[tuple[Decided, ...], ...] = ()
    if any(folder.units for folder in wiring.folders):
        from compiler.wiring.cycles import terraform_cycles

        found = terraform_cycles(sites.root, texts)
    said = (*wiring.diagnostics, *_cycle_errors(found, sites, wiring))
    further = wiring.folders[0].further if wiring.folders else ()
    return WiringFiles(tuple(sorted(files)), said, further)


def _cycle_errors(found: Iterable[tuple[Decided, ...]], sites: Sites, wiring: Wiring) -> Iterator[Diagnostic]:
    for cycle in found:
        places = [(sites.folder(names), name.removeprefix("local.")) for names, name in cycle]
        spans = [wiring.declared[place] for place in places if place in wiring.declared]
        if not spans:
            # The template's own cycle, which Terraform reports better.
            continue
        steps = [".".join((*(f"module.{call}" for call in names), name)) for names, name in cycle]
        shown = steps if len(steps) <= _MAX_SHOWN else [*steps[:_MAX_SHOWN], f"… {len(steps) - _MAX_SHOWN} more"]
        yield error(
            "UC413",
            spans[0],
            "Order would make a cycle in Terraform",
            "Which instances of a prerequisite exist is known only at apply, and asking Terraform for it here would "
            f"make these things depend on each other: {' -> '.join(shown)} (each is created before the next).",
            label="ordered here",
            help="make the count, for_each or condition of the prerequisite a fixed value",
        )
