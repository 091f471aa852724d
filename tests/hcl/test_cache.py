"""The parser's table: kept between runs where only we can write, and never missed where it can't be kept."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler.hcl import cache
from compiler.hcl import table as table_module
from compiler.hcl.table import Rule, Table, table

# Stands for the table that takes a second to compile.
_SMALL = Table([{"NAME": 1}, {"$END": ~0}], [Rule("start", 1, "start")], 0, 1)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let every test start without a table in memory, and leave none of its own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    table.cache_clear()
    yield
    table.cache_clear()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that grows with every compilation."""
    grammars: list[Path] = []

    def compile_small(grammar: Path) -> Table:
        grammars.append(grammar)
        return _SMALL

    monkeypatch.setattr(table_module, "_compile", compile_small)
    return grammars


def _again() -> Table:
    table.cache_clear()
    return table()


def test_the_table_is_compiled_once_and_kept(
    compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "own" / "cache"
    monkeypatch.setenv("UNITC_CACHE_DIR", str(folder))
    assert table() == _SMALL
    assert _again() == _SMALL
    assert [grammar.name for grammar in compiled] == ["hcl2.lark"]
    (file,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_folder_that_the_environment_names_comes_first(
    compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table()
    assert list((tmp_path / "home" / ".cache" / "unitc").iterdir())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    _again()
    assert not (tmp_path / "xdg").exists(), "what is in the home folder does as well"
    monkeypatch.setenv("UNITC_CACHE_DIR", str(tmp_path / "own"))
    _again()
    assert list((tmp_path / "own").iterdir())
    assert len(compiled) == 2


def test_a_relative_folder_is_passed_over(
    compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNITC_CACHE_DIR", "cache")
    table()
    assert compiled
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o755, 0o777])
def test_a_folder_that_others_can_enter_is_neither_read_nor_written(
    mode: int, compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("UNITC_CACHE_DIR", str(folder))
    table()
    (file,) = folder.iterdir()
    written = file.stat().st_mtime_ns
    folder.chmod(mode)
    assert _again() == _SMALL
    assert len(compiled) == 2
    assert [path.stat().st_mtime_ns for path in folder.iterdir()] == [written]


def test_a_folder_behind_a_symlink_is_not_used(
    compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setenv("UNITC_CACHE_DIR", str(tmp_path / "cache"))
    assert table() == _SMALL
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_behind_a_symlink_is_not_read(
    compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("UNITC_CACHE_DIR", str(folder))
    table()
    (file,) = folder.iterdir()
    file.rename(tmp_path / "moved")
    file.symlink_to(tmp_path / "moved")
    _again()
    assert len(compiled) == 2
    assert not file.is_symlink(), "the symlink gives way to a file of our own"


@pytest.mark.parametrize("data", [b"", b"[", b"null", b"{}", b"\x80\x04.", b"[1, 2]", b'[[], "x", 0]'])
def test_a_damaged_file_is_replaced(
    data: bytes, compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("UNITC_CACHE_DIR", str(folder))
    table()
    (file,) = folder.iterdir()
    file.write_bytes(data)
    assert _again() == _SMALL
    assert _again() == _SMALL
    assert len(compiled) == 2


def test_nothing_is_said_where_nothing_can_be_kept(
    compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("UNITC_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert table() == _SMALL
    assert _again() == _SMALL
    assert capfd.readouterr() == ("", "")


def test_the_temporary_folder_is_the_last_resort(
    compiled: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("no folder")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    table()
    (folder,) = (tmp_path / "tmp").iterdir()
    assert folder.name == f"unitc-{os.getuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    _again()
    assert len(compiled) == 1


def test_no_half_written_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNITC_CACHE_DIR", str(tmp_path / "cache"))

    def fail(_source: object, _target: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    assert not cache.store("name", b"data")
    assert list((tmp_path / "cache").iterdir()) == []


def test_another_users_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNITC_CACHE_DIR", str(tmp_path / "cache"))
    assert cache.store("name", b"data")
    assert cache.load("name") == b"data"
    somebody_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody_else)
    assert cache.load("name") is None
    assert not cache.store("other", b"data")


_READS = """
import sys
from compiler.hcl import read
from compiler.source.span import Source
file, problems = read(Source("main.tf", 'a = [1, "x${y}"]\\n'))
assert problems == () and file.body.attributes
print(*sorted(name for name in ("hcl2", "lark", "pickle") if name in sys.modules))
"""


def test_with_a_warm_cache_neither_library_is_imported(tmp_path: Path) -> None:
    environment = {**os.environ, "UNITC_CACHE_DIR": str(tmp_path / "cache")}
    printed = [
        subprocess.run(
            [sys.executable, "-c", _READS], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert "lark" in printed[0].split()
    assert printed[1].split() == []
