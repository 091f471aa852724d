"""A write that is killed anywhere: what the next run finds, and what it makes of it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compiler.disk import Disk, Unreadable
from compiler.output.changes import FileChange, Output, changes
from compiler.output.journal import JOURNAL, cut_off, recover
from compiler.output.writer import write
from tests.cli.harness import run, told
from tests.test_writer import CHANGING, planned_changes, tree


def _write_until(planned: tuple[FileChange, ...], folder: Path, at: int, number: signal.Signals) -> tuple[int, int]:
    """Write in a child that sends itself a signal before its change of the disk number ``at``.

    Returns how many changes it made up to its end, 0 where it was killed, and the signal that ended it, 0 for none.
    """
    child = os.fork()
    if child == 0:
        seen = 0

        def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def changed(*arguments: Any, **options: Any) -> Any:
                nonlocal seen
                if name != "open" or arguments[1] & os.O_CREAT:
                    seen += 1
                    if seen == at:
                        os.kill(os.getpid(), number)
                return real(*arguments, **options)

            return changed

        for name in CHANGING:
            setattr(os, name, counted(name, getattr(os, name)))
        if number is not signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        write(Disk(), planned, root=folder)
        os._exit(min(seen, 255))
    _, status = os.waitpid(child, 0)
    return (0, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), 0)


def _all_points(tmp_path: Path, number: signal.Signals) -> int:
    folder = tmp_path / "count"
    seen, ended = _write_until(planned_changes(folder), folder, 0, number)
    assert ended == 0
    assert seen > 20
    return seen


def test_a_write_that_is_killed_anywhere_is_undone_or_finished_by_the_next_run(tmp_path: Path) -> None:
    points = _all_points(tmp_path, signal.SIGKILL)
    after = {name for name in tree(tmp_path / "count") if name != "unitc"}
    undone = finished = 0
    for at in range(1, points + 1):
        folder = tmp_path / f"kill{at}"
        planned, before = planned_changes(folder), tree(folder)
        assert _write_until(planned, folder, at, signal.SIGKILL) == (0, signal.SIGKILL)
        noticed = cut_off(Disk(), folder)
        assert noticed or tree(folder) == before or {name for name in tree(folder) if name != "unitc"} == after, at
        assert recover(Disk(), folder) is noticed
        found = tree(folder)
        if found == before:
            undone += 1
        else:
            assert {name for name in found if name != "unitc"} == after, at
            finished += 1
        assert not recover(Disk(), folder)
    assert undone > 10
    assert finished > 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_while_files_are_written_takes_everything_back_and_ends_the_run(
    tmp_path: Path, number: signal.Signals
) -> None:
    points = _all_points(tmp_path, number)
    after = {name for name in tree(tmp_path / "count") if name != "unitc"}
    taken_back = 0
    for at in range(1, points + 1):
        folder = tmp_path / f"signal{at}"
        planned, before = planned_changes(folder), tree(folder)
        assert _write_until(planned, folder, at, number)[1] == number, at
        found = tree(folder)
        assert found == before or {name for name in found if name != "unitc"} == after, at
        taken_back += found == before
        assert not cut_off(Disk(), folder)
    assert taken_back > 10


def test_a_file_that_only_was_to_become_executable_is_there_after_a_kill_too(tmp_path: Path) -> None:
    at = 0
    while True:
        at += 1
        folder = tmp_path / f"kill{at}"
        folder.mkdir()
        (folder / "run.sh").write_text("#!/bin/sh\n")
        planned = changes(Disk(), [Output(folder / "run.sh", "#!/bin/sh\n", executable=True)])
        _, ended = _write_until(planned, folder, at, signal.SIGKILL)
        recover(Disk(), folder)
        assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("run.sh", "#!/bin/sh\n")]
        if not ended:
            break
    assert at > 8


def test_what_was_put_there_after_the_kill_stays(tmp_path: Path) -> None:
    points = _all_points(tmp_path, signal.SIGKILL)
    for at in range(1, points + 1):
        folder = tmp_path / f"kill{at}"
        planned = planned_changes(folder)
        _write_until(planned, folder, at, signal.SIGKILL)
        mine = folder / "new.sh"
        mine.unlink(missing_ok=True)
        mine.write_text("mine since\n")
        recover(Disk(), folder)
        assert mine.read_text() == "mine since\n"


def test_a_write_that_is_still_going_on_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "busy"
    planned, before = planned_changes(folder), tree(folder)
    with open(folder / JOURNAL, "w", encoding="utf-8") as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)
        for attempt in (
            lambda: recover(Disk(), folder),
            lambda: cut_off(Disk(), folder),
            lambda: write(Disk(), planned, root=folder),
        ):
            with pytest.raises(Unreadable, match="another unitc is writing"):
                attempt()
    (folder / JOURNAL).unlink()
    assert tree(folder) == before


def test_a_journal_from_elsewhere_leads_nowhere(tmp_path: Path) -> None:
    folder, victim = tmp_path / "template", tmp_path / "victim"
    folder.mkdir()
    victim.write_text("kept\n")
    (tmp_path / ".victim.ab.old").write_text("evil\n")
    (folder / JOURNAL).write_text(
        json.dumps({"token": "ab", "entries": [{"path": "../victim", "digest": None}], "made": ["../empty"]}) + "\n"
    )
    (tmp_path / "empty").mkdir()
    assert recover(Disk(), folder)
    assert victim.read_text() == "kept\n"
    assert (tmp_path / ".victim.ab.old").exists()
    assert (tmp_path / "empty").exists()


def test_commands_notice_a_write_that_was_cut_off(templates: Path) -> None:
    folder = templates / "chain"
    assert run("compile", "chain", cwd=templates).code == 0
    made = tree(folder)
    text = json.dumps({"token": "ab", "entries": [{"path": "launcher.sh", "digest": "0" * 64}], "made": []}) + "\n"
    (folder / ".launcher.sh.ab.new").write_text("half")
    (folder / JOURNAL).write_text(text)
    ran = run("compile", "chain", "--check", cwd=templates)
    assert (ran.code, ran.stdout) == (1, "")
    assert told(ran) == {"a write into chain was cut off": ("UC421", "run: unitc compile chain")}
    report = json.loads(run("compile", "chain", "--check", "--format", "json", cwd=templates).stdout)
    assert (report["valid"], [item["code"] for item in report["diagnostics"]]) == (False, ["UC421"])
    ran = run("compile", "chain", cwd=templates)
    assert ran.code == 0
    assert ran.stderr.startswith("an earlier write was cut off; its changes were undone first\n")
    assert tree(folder) == made
    (folder / JOURNAL).write_text(text)
    assert run("clean", "chain", cwd=templates).code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["main.tf"]
