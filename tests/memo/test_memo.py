from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from compiler import disk as disk_module
from compiler.disk import Disk
from compiler.memo import Answer, Memo

ANSWER = Answer(((1, b"answer\n"), (2, b"note\n")), 0)


def said(answer: Answer | None) -> object:
    """Return an answer as something that can be compared."""
    return answer and (answer.output, answer.code)


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    return {"UNITC_CACHE_DIR": str(tmp_path / "cache")}


@pytest.fixture
def looked_at(tmp_path: Path) -> Path:
    """A folder with a file of each kind, long settled."""
    folder = tmp_path / "looked-at"
    (folder / "sub").mkdir(parents=True)
    (folder / "read").write_text("one")
    (folder / "seen").write_text("seen")
    (folder / "other").write_text("one")
    (folder / "link").symlink_to("read")
    return folder


def keep(memo: Memo, folder: Path) -> None:
    disk = Disk()
    assert disk.read(str(folder / "read")) == b"one"
    assert disk.read(str(folder / "link")) == b"one"
    assert disk.names(str(folder)) == sorted(os.listdir(folder))
    assert disk.is_file(str(folder / "seen"))
    assert not disk.is_file(str(folder / "absent"))
    assert disk.is_dir(str(folder / "sub"))
    assert disk.is_link(str(folder / "link"))
    assert disk.real(str(folder / "link")) == os.path.realpath(folder / "read")
    assert not disk.is_executable(str(folder / "seen"))
    assert disk.repeatable
    memo.keep(disk.facts, ANSWER)


def rewrite_with_the_same_times(folder: Path) -> None:
    at = folder / "read"
    before = at.stat()
    at.write_text("two")
    os.utime(at, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_a_link(folder: Path) -> None:
    (folder / "read").unlink()
    (folder / "read").symlink_to("other")


def replace_a_folder(folder: Path) -> None:
    (folder / "sub").rmdir()
    (folder / "sub").touch()


def lead_elsewhere(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").symlink_to("other")


def replace_a_link(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").write_text("one")


CHANGES: Mapping[str, Callable[[Path], object]] = {
    "a file that was read has other content": lambda folder: (folder / "read").write_text("two"),
    "content of the same size with the times set back": rewrite_with_the_same_times,
    "a file that was read is gone": lambda folder: (folder / "read").unlink(),
    "a file that was read is a link to an equal one": replace_by_a_link,
    "a file that was read is another one": lambda folder: os.replace(folder / "seen", folder / "read"),
    "a folder has one more name": lambda folder: (folder / "more").touch(),
    "a folder has a name less": lambda folder: (folder / "other").unlink(),
    "a file that wasn't there is": lambda folder: (folder / "absent").touch(),
    "a file can be run now": lambda folder: (folder / "seen").chmod(0o755),
    "a folder is a file": replace_a_folder,
    "a link leads elsewhere": lead_elsewhere,
    "a link is a file": replace_a_link,
}


def test_an_answer_is_given_again_while_nothing_changes(environment: Mapping[str, str], looked_at: Path) -> None:
    keep(Memo(["check"], environment), looked_at)
    assert said(Memo(["check"], environment).recall()) == said(ANSWER)
    assert said(Memo(["check"], environment).recall()) == said(ANSWER)


@pytest.mark.parametrize("settling", [3_000_000_000, -(10**18)], ids=["young files", "settled files"])
@pytest.mark.parametrize("change", CHANGES)
def test_an_answer_is_gone_with_anything_that_it_depends_on(
    environment: Mapping[str, str], looked_at: Path, change: str, settling: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is settled is held by its times alone, which needs files that are older than a test; so the bound moves.
    monkeypatch.setattr(disk_module, "_SETTLING", settling)
    keep(Memo(["check"], environment), looked_at)
    # Files that are made and changed within one tick of the clock have to differ in something else, or be young.
    if settling > 0:
        CHANGES[change](looked_at)
    else:
        settle(looked_at)
        keep(Memo(["check"], environment), looked_at)
        wait_for_a_tick(looked_at)
        CHANGES[change](looked_at)
    assert Memo(["check"], environment).recall() is None


def settle(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        os.utime(path, (1, 1), follow_symlinks=False)


def wait_for_a_tick(folder: Path) -> None:
    """Return once the file system's clock has moved on."""
    probe = folder.parent / "probe"
    probe.touch()
    first = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == first:
        probe.chmod(0o644)


def test_what_was_read_again_is_kept_with_its_new_times(environment: Mapping[str, str], looked_at: Path) -> None:
    keep(Memo(["check"], environment), looked_at)
    text = (looked_at / "read").read_text()
    (looked_at / "read").write_text(text)
    assert said(Memo(["check"], environment).recall()) == said(ANSWER)
    (looked_at / "read").write_text("two")
    assert Memo(["check"], environment).recall() is None


def test_an_entry_under_the_name_of_another_one_is_no_entry(environment: Mapping[str, str], looked_at: Path) -> None:
    keep(Memo(["check"], environment), looked_at)
    (entry,) = Path(environment["UNITC_CACHE_DIR"]).iterdir()
    keep(Memo(["graph"], environment), looked_at)
    (other,) = set(Path(environment["UNITC_CACHE_DIR"]).iterdir()) - {entry}
    entry.replace(other)
    assert Memo(["graph"], environment).recall() is None


def test_another_command_line_has_another_answer(environment: Mapping[str, str], looked_at: Path) -> None:
    keep(Memo(["check"], environment), looked_at)
    assert Memo(["check", "--strict"], environment).recall() is None


def test_the_folder_is_private_and_the_entry_too(environment: Mapping[str, str], looked_at: Path) -> None:
    keep(Memo(["check"], environment), looked_at)
    cache = Path(environment["UNITC_CACHE_DIR"])
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert [stat.S_IMODE(entry.stat().st_mode) for entry in cache.iterdir()] == [0o600]


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777])
def test_a_folder_that_others_can_reach_is_not_used(environment: Mapping[str, str], looked_at: Path, mode: int) -> None:
    cache = Path(environment["UNITC_CACHE_DIR"])
    keep(Memo(["check"], environment), looked_at)
    cache.chmod(mode)
    assert Memo(["check"], environment).recall() is None
    keep(Memo(["graph"], environment), looked_at)
    assert len(list(cache.iterdir())) == 1


def test_a_folder_that_is_a_link_is_not_used(tmp_path: Path, looked_at: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "cache").symlink_to("real")
    environment = {"UNITC_CACHE_DIR": str(tmp_path / "cache")}
    keep(Memo(["check"], environment), looked_at)
    assert list((tmp_path / "real").iterdir()) == []


@pytest.mark.parametrize("cut", [0, 1, 10, 25, 45, -1])
def test_a_broken_entry_is_no_entry(environment: Mapping[str, str], looked_at: Path, cut: int) -> None:
    keep(Memo(["check"], environment), looked_at)
    (entry,) = Path(environment["UNITC_CACHE_DIR"]).iterdir()
    data = entry.read_bytes()
    entry.write_bytes(data[:cut])
    assert Memo(["check"], environment).recall() is None
    flipped = bytearray(data)
    flipped[cut] ^= 1
    entry.write_bytes(flipped)
    assert Memo(["check"], environment).recall() is None


def test_a_run_that_saw_a_file_change_cannot_be_kept(looked_at: Path) -> None:
    disk = Disk()
    disk.read(str(looked_at / "read"))
    (looked_at / "read").write_text("two")
    disk.read(str(looked_at / "read"))
    assert not disk.repeatable


def test_code_that_changed_at_all_ends_an_answer(
    environment: Mapping[str, str], looked_at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_module, "_SETTLING", -(10**18))
    disk = Disk()
    disk.rely_on(str(looked_at / "seen"))
    Memo(["check"], environment).keep(disk.facts, ANSWER)
    assert said(Memo(["check"], environment).recall()) == said(ANSWER)
    wait_for_a_tick(looked_at)
    (looked_at / "seen").write_text("seen")
    assert Memo(["check"], environment).recall() is None


def test_only_so_many_entries_are_kept(environment: Mapping[str, str], looked_at: Path) -> None:
    for number in range(300):
        keep(Memo([str(number)], environment), looked_at)
    assert len(list(Path(environment["UNITC_CACHE_DIR"]).iterdir())) == 256
    assert said(Memo(["299"], environment).recall()) == said(ANSWER)


def test_an_entry_that_another_run_removes_meanwhile_is_no_obstacle(
    environment: Mapping[str, str], looked_at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(Memo(["graph"], environment), looked_at)
    scandir = os.scandir

    def late(folder: str) -> list[os.DirEntry[str]]:
        found = list(scandir(folder))
        for entry in found:
            os.unlink(entry.path)
        return found

    monkeypatch.setattr(os, "scandir", late)
    keep(Memo(["check"], environment), looked_at)
    assert said(Memo(["check"], environment).recall()) == said(ANSWER)


def test_without_a_place_nothing_is_kept_and_nothing_fails(looked_at: Path) -> None:
    for environment in ({}, {"UNITC_CACHE_DIR": "relative"}, {"HOME": "/proc/nowhere"}):
        keep(Memo(["check"], environment), looked_at)
        assert Memo(["check"], environment).recall() is None
