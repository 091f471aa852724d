"""The folder for state belongs to the caller alone, whatever somebody else has put in its place; under every shell."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compiler.order.outcome import Outcome
from tests.shells.agent import Agent, ended
from tests.shells.harness import Place, Spec, wrapped

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for two users")

NOBODY, OTHER = 65534, 12345
A = "coder_script.a"
UNIT = wrapped(A, Spec("#!/bin/sh\necho ran >>ran"))


@pytest.fixture
def open_place(shell: str) -> Iterator[Place]:
    """A place below a folder that everybody can write to, as /tmp is; pytest's own folders are closed to others."""
    root = Path(tempfile.mkdtemp(prefix="state-"))
    try:
        with Place(root / "p", shell) as place:
            root.chmod(0o755)
            place.root.chmod(0o1777)
            place.work.chmod(0o777)
            yield place
    finally:
        shutil.rmtree(root)


def agent_of(place: Place, user: int = NOBODY, **changes: str | None) -> Agent:
    """Return an agent whose scripts find their folder by themselves."""
    return Agent(place, user=user, **{"UNITC_STATE_DIR": None, "TMPDIR": str(place.root), **changes})


def directory(path: Path, mode: int, owner: int) -> None:
    path.mkdir()
    path.chmod(mode)
    os.chown(path, owner, owner)


def link_to_a_good_one(path: Path) -> None:
    good = path.with_name("good")
    directory(good, 0o700, NOBODY)
    path.symlink_to(good)


PLANTED: dict[str, tuple[Callable[[Path], None], str]] = {
    "another's": (lambda path: directory(path, 0o700, OTHER), f"drwx------, owner {OTHER}"),
    "another's, open to all": (lambda path: directory(path, 0o777, OTHER), f"drwxrwxrwx, owner {OTHER}"),
    "open to all": (lambda path: directory(path, 0o777, NOBODY), f"drwxrwxrwx, owner {NOBODY}"),
    "readable by the group": (lambda path: directory(path, 0o750, NOBODY), f"drwxr-x---, owner {NOBODY}"),
    "not writable": (lambda path: directory(path, 0o500, NOBODY), f"dr-x------, owner {NOBODY}"),
    "a link to a good one": (link_to_a_good_one, "lrwxrwxrwx, owner 0"),
    "a link to nothing": (lambda path: path.symlink_to("nothing"), "lrwxrwxrwx, owner 0"),
    "a file": (lambda path: path.touch(0o600), "-rw-------, owner 0"),
    "a FIFO": (lambda path: os.mkfifo(path, 0o600), "prw-------, owner 0"),
}


def refusal(reasons: str) -> str:
    return (
        f"unitc: no folder for state is mode 0700, yours and writable: {reasons}, set UNITC_STATE_DIR to one that is.\n"
    )


@pytest.mark.parametrize("name", PLANTED)
def test_what_somebody_planted_is_refused_and_the_way_that_is_named_works(open_place: Place, name: str) -> None:
    plant, reason = PLANTED[name]
    folder = open_place.root / f"unitc-{NOBODY}"
    plant(folder)
    before = sorted(open_place.root.rglob("*"))
    with agent_of(open_place) as agent:
        assert agent.run(UNIT) == (125, "", refusal(f"{folder} ({reason})"))
        assert sorted(open_place.root.rglob("*")) == before
        assert agent.run(UNIT, UNITC_STATE_DIR=str(open_place.state)) == (0, "", "")
    assert open_place.read("ran") == "ran\n"
    assert ended(open_place) == [{A: Outcome.SUCCEEDED}]


def test_root_uses_no_folder_of_somebody_else_either(open_place: Place) -> None:
    folder = open_place.root / "unitc-0"
    directory(folder, 0o700, OTHER)
    with agent_of(open_place, 0) as agent:
        assert agent.run(UNIT) == (125, "", refusal(f"{folder} (drwx------, owner {OTHER})"))
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", PLANTED)
def test_what_somebody_planted_beside_the_binaries_is_passed_over(open_place: Place, name: str) -> None:
    plant, reason = PLANTED[name]
    beside = open_place.root / "scripts" / "unitc"
    directory(beside.parent, 0o700, NOBODY)
    plant(beside)
    folder = open_place.root / f"unitc-{NOBODY}"
    with agent_of(open_place, CODER_SCRIPT_BIN_DIR=str(beside.parent / "bin")) as agent:
        assert agent.run(UNIT) == (0, "", "")
        assert len(list(folder.rglob("events.tsv"))) == len(ended(open_place)) == 1
        shutil.rmtree(folder)
        folder.touch(0o600)
        assert agent.run(UNIT) == (125, "", refusal(f"{beside} ({reason}), {folder} (-rw-------, owner 0)"))
    assert open_place.read("ran") == "ran\n"


@pytest.mark.parametrize("name", [name for name in PLANTED if name not in ("a file", "a FIFO", "not writable")])
def test_a_folder_of_binaries_that_others_could_exchange_is_passed_over(open_place: Place, name: str) -> None:
    plant, _ = PLANTED[name]
    scripts = open_place.root / "scripts"
    plant(scripts)
    with agent_of(open_place, CODER_SCRIPT_BIN_DIR=str(scripts / "bin")) as agent:
        assert agent.run(UNIT) == (0, "", "")
    assert len(list((open_place.root / f"unitc-{NOBODY}").rglob("events.tsv"))) == len(ended(open_place)) == 1
    assert not (scripts / "unitc").exists()


def test_state_is_beside_the_binaries_and_for_its_owner_only(open_place: Place) -> None:
    scripts = open_place.root / "scripts"
    directory(scripts, 0o700, NOBODY)
    with agent_of(open_place, CODER_SCRIPT_BIN_DIR=str(scripts / "bin")) as agent:
        assert agent.run(f"umask 0\n{UNIT}") == (0, "", "")
    made = [scripts / "unitc", *(scripts / "unitc").rglob("*")]
    assert len(ended(open_place)) == 1
    assert {path.stat().st_uid for path in made} == {NOBODY}
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700, 0o600}
    assert sorted(path.name for path in open_place.root.iterdir()) == ["launcher.sh", "scripts", "work"]
    assert (open_place.work / "ran").stat().st_mode & 0o777 == 0o666


def test_two_users_have_a_folder_each(open_place: Place) -> None:
    quiet = wrapped(A, Spec("#!/bin/sh\n:"))
    scripts = open_place.root / "scripts"
    directory(scripts, 0o700, 0)
    for user in (0, NOBODY):
        with agent_of(open_place, user) as agent:
            assert agent.run(quiet) == (0, "", "")
    for user in (0, NOBODY):
        (session,) = (open_place.root / f"unitc-{user}").rglob("events.tsv")
        assert session.stat().st_uid == user
    # A script that has become somebody else keeps what was said of the folder of binaries.
    with agent_of(open_place, CODER_SCRIPT_BIN_DIR=str(scripts / "bin")) as agent:
        assert agent.run(quiet) == (0, "", "")
    assert not list(scripts.iterdir())
    assert ended(open_place) == [{A: Outcome.SUCCEEDED}] * 2


@pytest.mark.parametrize("slash", ["", "/"])
def test_state_is_never_below_the_home_folder(open_place: Place, slash: str) -> None:
    home = open_place.root / "home"
    for folder in (home, home / "scripts", home / "tmp"):
        directory(folder, 0o700, NOBODY)
    with agent_of(open_place, HOME=f"{home}{slash}", CODER_SCRIPT_BIN_DIR=str(home / "scripts" / "bin")) as agent:
        assert agent.run(UNIT) == (0, "", "")
        assert len(list((open_place.root / f"unitc-{NOBODY}").rglob("events.tsv"))) == 1
        why = "relative, or below HOME"
        for folder in (home / "tmp", home, Path("tmp")):
            ran = agent.run(UNIT, TMPDIR=str(folder))
            assert ran == (125, "", refusal(f"{home}/scripts/unitc ({why}), {folder}/unitc-{NOBODY} ({why})"))
    assert [path.name for path in home.rglob("*") if path.name not in ("scripts", "tmp")] == []
    assert open_place.read("ran") == "ran\n"


def test_the_folder_that_the_caller_names_is_held_to_the_same(open_place: Place) -> None:
    link = open_place.root / "link"
    link_to_a_good_one(link)
    with agent_of(open_place) as agent:
        for name in (str(link), f"{link}/"):
            assert agent.run(UNIT, UNITC_STATE_DIR=name) == (125, "", refusal(f"{link} (lrwxrwxrwx, owner 0)"))
        for name in ("../new/er/state", f"{open_place.root}/new/other/", "-p"):
            assert agent.run(UNIT, UNITC_STATE_DIR=name) == (0, "", "")
        assert agent.run(UNIT, UNITC_STATE_DIR="/dev/null/x") == (125, "", refusal("/dev/null/x (can not be made)"))
    assert len(ended(open_place)) == 3
    assert (open_place.root / "new").stat().st_mode & 0o777 == 0o700


def test_a_run_without_a_folder_starts_nothing(shell: str, tmp_path: Path) -> None:
    with Place(tmp_path / "p", shell, {A: Spec("echo ran >>ran")}) as place:
        place.state.touch()
        ran = place.run()
        assert ran.code == 1
        assert f"{place.state} (-rw-r--r--, owner 0), set UNITC_STATE_DIR" in ran.stderr
        assert f"{A} failed" in ran.stderr
        assert place.read("ran") == ""
