"""Whatever a run opens is among what its answer depends on: nothing reads past the one door to the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"

# Prints what was opened or listed and is no fact. Python's own files, those of libraries, and the folders in which
# modules are looked for are held by the modules that come from them.
_PROGRAM = """\
import os, sys, sysconfig
opened = set()
def hook(event, given):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(given[0], (str, bytes)):
        opened.add(os.fsdecode(given[0]))
from compiler import kept, memo
asked = {}
memo.Memo.keep = lambda self, facts, answer: asked.update(facts)
sys.addaudithook(hook)
try:
    kept.run_and_keep(memo.Memo(sys.argv[1:], os.environ), sys.argv[1:])
except SystemExit:
    pass
assert asked
known = {os.path.realpath(path) for path in asked}
package = os.path.dirname(os.path.realpath(kept.__file__))
passed = (os.path.realpath(sysconfig.get_path("stdlib")), "/dev/", "/proc/", os.path.realpath(os.environ["TMPDIR"]))
for path in sorted(map(os.path.realpath, opened)):
    modules = path.endswith(".pyc") or "site-packages" in path or (path.startswith(package) and os.path.isdir(path))
    if path not in known and not modules and not path.startswith(passed):
        print("left out:", path, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "."),
        ("check", ".", "--format", "sarif"),
        ("compile", ".", "--check"),
        ("compile", ".", "--out-dir", "../copy", "--check"),
        ("graph", "."),
        ("simulate", "."),
        ("explain", "UC203"),
    ],
    ids=" ".join,
)
def test_whatever_a_run_opens_is_among_what_its_answer_depends_on(tmp_path: Path, arguments: Sequence[str]) -> None:
    folder = tmp_path / "template"
    shutil.copytree(FIXTURES / "file-bodies", folder, ignore=shutil.ignore_patterns("expected"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=600,
        check=True,
    )
    assert [line for line in ran.stderr.splitlines() if line.startswith("left out:")] == []
