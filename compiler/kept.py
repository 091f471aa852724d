"""A run that is kept: its output goes where it always goes, and beside that into :mod:`compiler.memo`."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from compiler import cli
from compiler.disk import Disk
from compiler.memo import Answer, Memo

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# The exit codes of answers: no error, and errors in the template. Everything else may go better next time.
_ANSWERS = (0, 1)


class _Copied(io.RawIOBase):
    """A descriptor, and a list that gets a copy of what is written there."""

    def __init__(self, descriptor: int, pieces: list[tuple[int, bytes]]) -> None:
        self._descriptor = descriptor
        self._pieces = pieces

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: WriteableBuffer, /) -> int:
        written = os.write(self._descriptor, data)
        self._pieces.append((self._descriptor, bytes(data)[:written]))
        return written


def _copied(stream: io.TextIOWrapper, pieces: list[tuple[int, bytes]]) -> io.TextIOWrapper:
    raw = io.BufferedWriter(_Copied(stream.fileno(), pieces))
    return io.TextIOWrapper(
        raw, stream.encoding, stream.errors, line_buffering=stream.line_buffering, write_through=stream.write_through
    )


def run_and_keep(memo: Memo, arguments: Sequence[str]) -> NoReturn:
    """Run the command line and leave with its exit code; what it said is kept where the same run would say it again."""
    disk = Disk()
    pieces: list[tuple[int, bytes]] = []
    code: object = None
    assert isinstance(sys.stdout, io.TextIOWrapper)
    assert isinstance(sys.stderr, io.TextIOWrapper)
    sys.stdout, sys.stderr = _copied(sys.stdout, pieces), _copied(sys.stderr, pieces)
    try:
        cli.main(arguments, disk)
    except SystemExit as exc:
        code = exc.code
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as exc:
        cli.stream_failed(exc)
    if code in _ANSWERS and disk.repeatable:
        _look_at_the_program(disk, memo.began)
        memo.keep(disk.facts, Answer(tuple(pieces), int(bool(code))))
    raise SystemExit(code)


def _look_at_the_program(disk: Disk, since: int) -> None:
    """Add the program itself to what was looked at: a changed one may answer otherwise, whatever its version says.

    A module that reads files of the package names them, or their folder, in ``DATA``. Of a library its first file is
    enough, or what was loaded without it: installing another version writes all of them anew. A library that is
    installed later shows in the folder that it comes to.
    """
    package = os.path.dirname(os.path.abspath(__file__))
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None)
        top = name.partition(".")[0]
        if not path or top in sys.stdlib_module_names or not os.path.isabs(path):
            continue
        own = path.startswith(package)
        if own or name == top or top not in sys.modules:
            disk.rely_on(path, since)
        for data in getattr(module, "DATA", ()) if own else ():
            _rely_on_all(disk, os.fspath(data), since)
    for folder in dict.fromkeys(sys.path):
        if disk.is_dir(folder):
            disk.names(folder)


def _rely_on_all(disk: Disk, path: str, since: int) -> None:
    """Let a run depend on a file, or on all files in a folder."""
    if not disk.is_dir(path):
        disk.rely_on(path, since)
        return
    for name in disk.names(path):
        _rely_on_all(disk, os.path.join(path, name), since)
