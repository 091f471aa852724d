"""The table of checks, and how their findings come together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from compiler.checks.arguments import (
    check_call_values,
    check_calls,
    check_names,
    check_repetition,
    check_required,
    check_values,
)
from compiler.checks.bodies import check_bodies
from compiler.checks.conduct import check_commands_said, check_failures, check_notified, check_ready
from compiler.checks.configuration import check_lifecycle, check_lifecycle_names, check_providers
from compiler.checks.login import check_login, check_unending
from compiler.checks.script_arguments import (
    check_display_names,
    check_log_paths,
    check_schedules,
    check_timeouts,
    check_triggers,
)
from compiler.checks.scripts.bashisms import check_bashisms
from compiler.checks.scripts.installing import check_commands, check_locks, check_packages
from compiler.checks.scripts.output_kept_open import check_output_kept_open
from compiler.checks.scripts.outputs import check_outputs
from compiler.checks.scripts.polling import check_polling
from compiler.checks.scripts.restarts import check_restarts
from compiler.checks.scripts.stopping import check_grace_period, check_stop_access
from compiler.checks.scripts.success import check_success
from compiler.checks.scripts.sync_units import check_sync_units
from compiler.checks.scripts.waiting import check_needless_waits, check_waits
from compiler.checks.scripts.words import check_ignores, check_merges, check_nounset, check_parameters
from compiler.checks.scripts.written_files import check_written_files
from compiler.checks.subject import Subject
from compiler.records import replace
from compiler.source.diagnostics import Diagnostic, Label, Severity

Check: TypeAlias = Callable[[Subject], Iterable[Diagnostic]]
"""A pure function of what a template says; it finds the same in the same order every time."""

CHECKS: tuple[Check, ...] = (
    check_names,
    check_required,
    check_values,
    check_repetition,
    check_calls,
    check_call_values,
    check_lifecycle_names,
    check_commands_said,
    check_ready,
    check_failures,
    check_notified,
    check_triggers,
    check_schedules,
    check_timeouts,
    check_bodies,
    check_lifecycle,
    check_polling,
    check_outputs,
    check_login,
    check_output_kept_open,
    check_success,
    check_packages,
    check_needless_waits,
    check_waits,
    check_sync_units,
    check_bashisms,
    check_grace_period,
    check_stop_access,
    check_restarts,
    check_unending,
    check_written_files,
    check_ignores,
    check_locks,
    check_commands,
    check_merges,
    check_nounset,
    check_parameters,
    check_display_names,
    check_log_paths,
    check_providers,
)


def check(subject: Subject) -> tuple[Diagnostic, ...]:
    """Return what all checks find, one finding for each code and place.

    A block has many instances, and a module many calls: what is wrong with several of them is said of the first, and
    as an error if it is one for any, with the number of the others.
    """
    found: dict[tuple[str, Label], list[Diagnostic]] = {}
    for run in CHECKS:
        for diagnostic in run(subject):
            found.setdefault((diagnostic.code, diagnostic.primary), []).append(diagnostic)
    return tuple(_first(alike) for alike in found.values())


def _first(alike: Sequence[Diagnostic]) -> Diagnostic:
    first = next((item for item in alike if item.severity is Severity.ERROR), alike[0])
    more = len({item.detail for item in alike}) - 1
    if not more:
        return first
    return replace(
        first, detail=f"{first.detail} There {'is' if more == 1 else 'are'} {more} more like it at this place."
    )
