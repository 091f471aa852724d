"""``unitc config``: what a configuration and a report may hold."""

from __future__ import annotations

import json
from enum import StrEnum

from compiler.commands.shared.console import Console, ExitCode


class Described(StrEnum):
    """What there is a schema of."""

    CONFIG = "config"
    REPORT = "report"


def print_schema(console: Console, described: Described) -> ExitCode:
    """Print the JSON schema of the configuration, or of the diagnostics as JSON."""
    if described is Described.CONFIG:
        from compiler.settings.schema import SCHEMA
    else:
        from compiler.report.schema import SCHEMA
    console.out(json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n")
    return ExitCode.OK
