"""Runs the command line in this process with a scrubbed environment, and keeps everything that it says."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from compiler.cli import main

__all__ = ["Ran", "compile_copy", "files_of", "run", "told"]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended and what it printed."""

    code: int
    stdout: str
    stderr: str


class _Bytes(io.TextIOWrapper):
    """A text stream over bytes, as the streams of a process are."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="surrogateescape", newline="")

    def text(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode("utf-8", "surrogateescape")


def run(*arguments: str | Path, cwd: Path, stdin: str = "", environment: Mapping[str, str] | None = None) -> Ran:
    """Run ``unitc`` with these arguments in a folder."""
    stdout, stderr = _Bytes(), _Bytes()
    scrubbed = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    code = 0
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, {**scrubbed, **(environment or {})}, clear=True),
        mock.patch("sys.stdin", io.StringIO(stdin)),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            main([os.fspath(argument) for argument in arguments])
        except SystemExit as exc:
            code = exc.code if isinstance(exc.code, int) else 0 if exc.code is None else 1
    return Ran(int(code), stdout.text(), stderr.text())


def told(ran: Ran) -> dict[str, tuple[str, str]]:
    """Return what a run tells in text form: each summary with its code and its last help."""
    return {
        found[2]: (found[1], found[3])
        for found in re.finditer(r"^\w+\[(UC\d+)\]: (.*)\n(?:[^\n]+\n)*  help: (.*)$", ran.stderr, re.MULTILINE)
    }


def lines(sequence: Sequence[str]) -> str:
    """Return lines as a text with a final newline."""
    return "".join(f"{line}\n" for line in sequence)


def files_of(folder: Path) -> Mapping[str, bytes]:
    """Return the files below a folder, by their paths in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def compile_copy(template: Path, *options: str) -> Ran:
    """Make, or with options compare, the copy ``out`` beside a template."""
    return run("compile", "template", "--out-dir", "out", *options, cwd=template.parent)
