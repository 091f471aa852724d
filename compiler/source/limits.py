"""The bounds that more than one module holds: what the way to a script's process can carry, and what takes too long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

# Coder's own bound for the pairs of all rules of a template; beyond it a mistake is likelier than a plan. The other
# forms of order are held to the same number each.
MAX_PAIRS = 100_000

# Coder's own bound for the scripts that all selectors of a template may select, each selector counted by itself.
MAX_ADDRESSES = 100_000

# The agent passes a whole script as one argument of a shell. Linux takes 32 pages of 4 KiB for one, with the NUL that
# ends it (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h).
MAX_SCRIPT_BYTES = 32 * 4096 - 1

# The agent gets its manifest, with all its scripts, as one message of at most 4 MiB. A quarter is left to the rest of
# the manifest: environment, apps, metadata.
MAX_AGENT_BYTES = 3 * 1024 * 1024

# The greatest number of Go's int64, in which Terraform, the provider and the agent count seconds, indexes and versions.
MAX_INT64 = 2**63 - 1

# A fix may uncover the next mistake; fixes that take more rounds than this go in a circle.
MAX_ROUNDS = 10

# What each ordered script holds at most of the gate runtime, and of the further parts of which it holds those that its
# unit needs, each with the end of its line. Their files have comments besides.
MAX_GATE_BYTES: Final = 19_930
MAX_FURTHER_BYTES: Final[Mapping[str, int]] = MappingProxyType(
    {"interpreter": 620, "limits": 610, "mutex": 810, "conduct": 2_860}
)

# What a wrapped script has besides where its quoted body has fewer bytes than this: the command for people, and
# messages that say more.
MAX_STATUS_BYTES = 12_650
STATUS_BELOW = 75_000

# The ``#!`` line of a wrapped script, its assignments and its last line, without the unit's address, its gates and its
# text.
_ASSIGNMENTS_BYTES = 190

# A single quote of a body stands in the wrapped script as ``'\''``: so many bytes more than by itself.
_QUOTE_BYTES = 3


def further_parts(*, interpreter: bool, limits: bool, mutex: bool, conduct: bool) -> tuple[str, ...]:
    """Return which further parts of the runtime a unit's script holds.

    ``interpreter``: the ``#!`` line of its body may have quotes or backslashes; ``limits``: it has a timeout of any
    kind; ``mutex``: it has a mutex; ``conduct``: it says something else of itself, which needs the limits as well.
    """
    needed = {"interpreter": interpreter, "limits": limits or conduct, "mutex": mutex, "conduct": conduct}
    return tuple([name for name in MAX_FURTHER_BYTES if needed[name]])


def wrapped_size(body: int, quotes: int, gates: int, further: Iterable[str]) -> int:
    """Return how many bytes the wiring makes of a body at most.

    ``body`` is its size in bytes, ``quotes`` how many of them are single quotes, ``gates`` how many bytes the unit's
    address and name, its gates and what it says of itself have, ``further`` are the parts of :func:`further_parts`.
    """
    quoted = body + _QUOTE_BYTES * quotes
    runtime = MAX_GATE_BYTES + sum(MAX_FURTHER_BYTES[name] for name in further)
    return runtime + MAX_STATUS_BYTES * (quoted < STATUS_BELOW) + _ASSIGNMENTS_BYTES + gates + quoted


def most_wrapped(quotes: int, gates: int, further: Iterable[str]) -> int:
    """Return how many bytes a body may have that is wrapped so; 0 where there is no room."""
    return max(0, MAX_SCRIPT_BYTES - wrapped_size(STATUS_BELOW, quotes, gates, further) + STATUS_BELOW)
