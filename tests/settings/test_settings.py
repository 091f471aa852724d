"""Configurations: which file counts, what it may say, and what is told of mistakes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from compiler.output.target import Target
from compiler.settings.schema import SCHEMA, problems
from compiler.settings.settings import Settings, read_settings
from compiler.source.diagnostics import Diagnostic, Severity
from compiler.terraform.configuration.files import MemoryFiles


def read(tmp_path: Path, **files: str) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """Return the configuration of the folder ``a/b`` where these files stand, ``__`` for a slash, ``_`` for a dot."""
    memory = {f"{tmp_path}/{name.replace('__', '/').replace('_', '.')}": text for name, text in files.items()}
    return read_settings(MemoryFiles(memory), f"{tmp_path}/a/b")


def test_the_nearest_file_upward_says_everything(tmp_path: Path) -> None:
    settings, found = read(tmp_path, unitc_toml="pedantic = true", a__unitc_toml="assume-defaults = true")
    assert (settings.assume_defaults, settings.pedantic, found) == (True, None, ())


def test_a_pyproject_counts_where_it_has_the_table(tmp_path: Path) -> None:
    settings, _ = read(tmp_path, pyproject_toml="[tool.unitc]\npedantic = true", a__pyproject_toml="[tool.unitct]")
    assert settings.pedantic is True


def test_unitc_toml_goes_before_pyproject_beside_it(tmp_path: Path) -> None:
    settings, _ = read(tmp_path, unitc_toml="", pyproject_toml="[tool.unitc]\npedantic = true")
    assert settings.pedantic is None


def test_a_broken_pyproject_that_is_about_something_else_is_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, pyproject_toml="[tool.") == (Settings(), ())


def test_everything_that_can_be_said_is_understood(tmp_path: Path) -> None:
    text = """
pedantic = ["UC323"]
exclude = ["old"]
var-file = ["../dev.tfvars"]
assume-defaults = false
target = "auto"
launcher = false

[severity]
UC310 = "error"
UC311 = "off"

[set]
"data.coder_parameter.repo.value" = "main"
"data.coder_parameter.tags.value" = ["a", 1, { b = true }]
"""
    settings, found = read(tmp_path, unitc_toml=text)
    assert found == ()
    assert settings == Settings(
        str(tmp_path),
        {"UC323": Severity.WARNING, "UC310": Severity.ERROR, "UC311": None},
        None,
        ("old",),
        {
            "data.coder_parameter.repo.value": '"main"',
            "data.coder_parameter.tags.value": '["a", 1, {"b": true}]',
        },
        (str(tmp_path.parent / "dev.tfvars"),),
        False,
        Target.AUTO,
        False,
    )


@pytest.mark.parametrize(
    ("text", "code", "at", "detail", "help"),
    [
        (
            "assume_defaults = true",
            "UC805",
            "assume_defaults",
            "no key assume_defaults",
            "did you mean assume-defaults?",
        ),
        ("xyzzy = 1", "UC805", "xyzzy", "no key xyzzy", "unitc config schema lists all"),
        ('[severity]\nUC31O = "off"', "UC805", "UC31O", "no diagnostic UC31O", "did you mean"),
        ('[severity]\nUC310 = "of"', "UC806", "UC310", 'takes "error", "warning" or "off"', 'did you mean "off"?'),
        ('severity = { UC310 = "no" }', "UC806", "severity", "severity.UC310 takes", ""),
        ('exclude = "old"', "UC806", "exclude", "exclude takes a list of texts", ""),
        ("exclude = [1]", "UC806", "exclude", "exclude takes a text", ""),
        ('pedantic = "yes"', "UC806", "pedantic", "pedantic takes true or false or a list of pedantic codes", ""),
        ('pedantic = ["UC310"]', "UC806", "pedantic", 'pedantic takes "UC323"', ""),
        (
            'target = "nativ"',
            "UC806",
            "target",
            'target takes "launcher", "native" or "auto"',
            'did you mean "native"?',
        ),
        ('[set]\n"a.b" = 2026-01-01', "UC806", '"a.b"', "set.a.b takes a text, a number", ""),
        ('launcher = "no"', "UC806", "launcher", "launcher takes true or false", ""),
        ("wire = false", "UC805", "wire", "no key wire", "unitc config schema lists all"),
        ("assume-defaults = 1", "UC806", "assume-defaults", "assume-defaults takes true or false", ""),
        ("pedantic = yes", "UC804", "y", "Invalid value", "toml.io"),
        ("pedantic = [", "UC804", "[", "Invalid", "toml.io"),
        ("", "", "", "", ""),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, text: str, code: str, at: str, detail: str, help: str) -> None:
    _, found = read(tmp_path, unitc_toml=text)
    assert [item.code for item in found] == ([code] if code else [])
    for item in found:
        assert (item.primary.span.source.name, item.primary.span.text) == ("../../unitc.toml", at)
        assert detail in item.detail
        assert help in " ".join(item.help)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    files = MemoryFiles({f"{tmp_path}/unitc.toml": b"a = '\xff'"})
    _, (found,) = read_settings(files, str(tmp_path))
    assert (found.code, found.detail) == ("UC804", "It isn't valid UTF-8 text.")


@pytest.mark.parametrize(
    ("pattern", "folder", "excluded"),
    [
        ("old", "old", True),
        ("old", "a/old", True),
        ("old", "a/old/below", True),
        ("old", "older", False),
        ("old/", "a/old", True),
        ("/old", "a/old", False),
        ("a/old", "a/old/below", True),
        ("a/old", "b/a/old", False),
        ("a/*/x", "a/b/x", True),
        ("a/*/x", "a/b/c/x", False),
        ("a/**/x", "a/b/c/x", True),
        ("a/**/x", "a/x", True),
        ("te?t*", "test-1", True),
        ("te?t*", "tet", False),
    ],
)
def test_patterns_of_exclude_name_folders(pattern: str, folder: str, excluded: bool) -> None:
    assert Settings("/repo", exclude=(pattern,)).excludes(f"/repo/{folder}") is excluded


def test_the_schema_that_is_printed_is_a_schema_and_says_the_same() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    texts = {
        "pedantic = true": True,
        'pedantic = ["UC323"]': True,
        'pedantic = ["UC310"]': False,
        "pedantic = 1": False,
        'severity = { UC310 = "off" }': True,
        'severity = { UC310 = "on" }': False,
        'severity = { UC999 = "off" }': False,
        'exclude = ["a"]': True,
        "exclude = [1]": False,
        'set = { "a.b" = [1, "x", { y = true }] }': True,
        'target = "auto"': True,
        'target = "both"': False,
        "launcher = false": True,
        "unknown = 1": False,
    }
    for text, right in texts.items():
        document = tomllib.loads(text)
        assert validator.is_valid(document) is right, text
        assert (not list(problems(document))) is right, text
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
