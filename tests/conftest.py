"""What every test relies on: a clean environment, and loud words about what was not run."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# No limit on time, since a busy machine is slow at times; in CI always the same examples.
settings.register_profile(
    "unitc",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unitc")

# Chains of references take many frames of the stack; whoever calls the pipeline makes room for them.
sys.setrecursionlimit(20_000)

# What runs in the background, or under nohup, starts with signals ignored, and so would all that the tests start.
for _number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

# Variables that would change what the tool or Terraform does on one machine and not on another.
_SCRUBBED = ("NO_COLOR", "FORCE_COLOR", "COLUMNS")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return two workers for each core: most of the long tests wait for other processes for most of their time."""
    return 2 * len(os.sched_getaffinity(0)) if sys.platform == "linux" else 2 * (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def _scrub_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in _SCRUBBED or name.startswith("TF_VAR_"):
            monkeypatch.delenv(name)
    # A relative folder is none: what one test starts is not answered with what another one kept.
    monkeypatch.setenv("UNITC_CACHE_DIR", "none")


_PROGRAMS = {"terraform": "terraform", "graphviz": "dot"}

# Folders and files whose tests start programs again and again, draw by the thousand, or wait: all of them are slow.
_SLOW = tuple(
    Path(__file__).parent / name
    for name in (
        "checks/test_limits.py",
        "cli/test_killed_write.py",
        "coder",
        "graph/test_order_graph_properties.py",
        "hcl/test_hostile.py",
        "hcl/test_table.py",
        "lsp",
        "memo",
        "migration/test_fixtures.py",
        "migration/test_random.py",
        "ordering/test_order_properties.py",
        "page",
        "rehearsal",
        "shells",
        "terraform/test_random_calls.py",
        "terraform/test_random_texts.py",
        "terraform/test_function_bounds.py",
        "terraform/test_unknown_outcomes.py",
        "test_growth.py",
        "test_one_cause.py",
    )
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and skip what needs a program that isn't there; in CI each must be there."""
    for item in items:
        if any(slow in (item.path, *item.path.parents) for slow in _SLOW):
            item.add_marker(pytest.mark.slow)
    if os.environ.get("CI"):
        return
    for marker, program in _PROGRAMS.items():
        if shutil.which(program) is None:
            for item in items:
                if item.get_closest_marker(marker) is not None:
                    item.add_marker(pytest.mark.skip(reason=f"{program} is not on PATH"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in plain sight what a green run has not shown."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", ()):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"NOT RUN: {count} test(s): {reason}", yellow=True, bold=True)
