"""Addresses and versions of modules: what a call asks for, held against what Terraform accepts as installed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from compiler.terraform.configuration.sources import is_registry, normal_source
from compiler.terraform.configuration.versions import VersionError, check_constraint, may_meet, read_version
from tests.every import some
from tests.terraform.binary import terraform

NORMAL = {
    "coder/x/coder": "registry.terraform.io/coder/x/coder",
    "Registry.Coder.com/coder/x/coder": "registry.coder.com/coder/x/coder",
    "example.com:443/a/b/c": "example.com/a/b/c",
    "example.com:8443/a/b/c//d/../e": "example.com:8443/a/b/c//e",
    "github.com/a/b": "git::https://github.com/a/b.git",
    "github.com/a/b.git//sub?ref=v1": "git::https://github.com/a/b.git//sub?ref=v1",
    "github.com/a/b/c//d?ref=v1": "git::https://github.com/a/b.git//c/d?ref=v1",
    "git@github.com:a/b.git?ref=v1&depth=1": "git::ssh://git@github.com/a/b.git?depth=1&ref=v1",
    "git::https://example.com/x.git?ref=a//b": "git::https://example.com/x.git?ref=a//b",
    "https://example.com/m.zip//sub": "https://example.com/m.zip//sub",
}
REFUSED = [
    "x/y",
    "example.com/x",
    "gitlab.com/a/b",
    "GitHub.com/a/b",
    " coder/x/coder",
    "a/b/C",
    "a/b/c//../d",
    "/abs/path",
    "bitbucket.org/a/b",
]
OTHER = ["?ref=v2", "//other", "x"]


@pytest.mark.parametrize(("source", "normal"), NORMAL.items())
def test_a_source_is_normalized_and_what_is_normal_stays(source: str, normal: str) -> None:
    assert normal_source(source) == normal
    assert normal_source(normal) == normal


@pytest.mark.parametrize("source", REFUSED)
def test_a_source_that_terraform_can_not_read_or_reads_its_own_way_has_no_normal_form(source: str) -> None:
    assert normal_source(source) is None


def test_only_addresses_in_a_registry_may_have_a_version() -> None:
    assert [source for source in NORMAL if is_registry(source)] == list(NORMAL)[:4]
    assert not is_registry("./a/b/c")


def changed_for_terraform(folder: Path, rows: Sequence[tuple[str, str | None, str, str | None]]) -> set[int]:
    """Return which calls Terraform finds changed; a row is a call's source and version, and the installed ones."""
    (folder / "m").mkdir()
    (folder / "m" / "main.tf").write_text("locals {}\n")
    modules = folder / ".terraform" / "modules"
    modules.mkdir(parents=True)
    listed = [{"Key": "", "Source": "", "Dir": "."}]
    calls = []
    for number, (source, version, installed, installed_version) in enumerate(rows):
        row = {"Key": f"a{number}", "Source": installed, "Dir": "m"}
        listed.append(row | ({"Version": installed_version} if installed_version else {}))
        asked = f"version = {json.dumps(version)}" if version is not None else ""
        # Each call takes four lines, so that a line tells which it is.
        calls.append(f'module "a{number}" {{\nsource = {json.dumps(source)}\n{asked}\n}}\n')
    (modules / "modules.json").write_text(json.dumps({"Modules": listed}))
    (folder / "main.tf").write_text("".join(calls))
    found = json.loads(terraform(folder, "validate", "-json").stdout)["diagnostics"]
    assert {item["summary"].split(" have ")[0].split(" has ")[0] for item in found} <= {
        "Module source",
        "Module version requirements",
    }
    return {(item["range"]["start"]["line"] - 1) // 4 for item in found}


def test_terraform_takes_the_same_sources_for_changed(tmp_path: Path) -> None:
    rows = [
        (source, None, installed, None)
        for source, normal in NORMAL.items()
        for installed in (source, normal, *(normal + more for more in OTHER), *list(NORMAL.values())[:6])
    ]
    ours = {at for at, (source, _, other, _) in enumerate(rows) if normal_source(source) != normal_source(other)}
    assert 0 < len(ours) < len(rows)
    assert changed_for_terraform(tmp_path, rows) == ours


def _version(numbers: random.Random) -> str:
    written = ".".join(str(numbers.choice([0, 0, 1, 1, 2, 3, 10])) for _ in range(numbers.choice([1, 2, 3, 3, 3, 4])))
    more = numbers.choice(["", "", "", "-rc1", "-rc.1", "-rc.2", "-alpha", "-1", "-beta.11", "-beta.2", "+b1", "rc1"])
    return numbers.choice(["", "", "v"]) + written + more


# Terraform's time grows with the square of the number of calls, so a few folders are faster than one.
@pytest.mark.slow
@pytest.mark.parametrize("seed", some(1, range(20, 25)))
def test_terraform_takes_the_same_versions_for_changed(tmp_path: Path, seed: int) -> None:
    numbers = random.Random(seed)
    operators = ["", "= ", "!=", "> ", ">=", "<", "<= ", "~> ", "~>", " >= "]
    rows = []
    for _ in range(300):
        parts = [numbers.choice(operators) + _version(numbers) for _ in range(numbers.choice([1, 1, 2]))]
        rows.append(("a/b/c", ", ".join(parts), "registry.terraform.io/a/b/c", _version(numbers)))
    ours = {at for at, (_, asked, _, has) in enumerate(rows) if not may_meet(read_version(has), asked)}
    plain = {at for at, (_, asked, _, _) in enumerate(rows) if not re.search("[a-uw-z]|-", asked)}
    assert 0 < len(ours & plain) < len(plain)
    theirs = changed_for_terraform(tmp_path, rows)
    assert ours <= theirs
    assert ours & plain == theirs & plain


@pytest.mark.parametrize("text", ["", "x", ">=", "1.", "1.0 2.0", ">= 1,", ",1", "=> 1", "^1.0", "1.x", "9" * 20])
def test_a_text_that_is_no_constraint_is_refused(text: str) -> None:
    with pytest.raises(VersionError):
        check_constraint(text)
