"""Scripts of real modules: what unitc evaluates against what Terraform puts into state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler.pipeline import fixed_order
from tests.coder.made_up import AWKWARD, ORDINARY, REQUIRED
from tests.coder.registry import NotComparable, compare, module_folders, open_module

pytestmark = [pytest.mark.terraform, pytest.mark.corpus]


def _corpora() -> Iterator[Path]:
    for folder in os.environ.get("UNITC_CORPUS", "").split(os.pathsep):
        if folder:
            yield Path(folder)


def test_what_is_known_of_a_real_modules_scripts_is_what_terraform_applies(tmp_path: Path) -> None:
    if not os.environ.get("UNITC_CORPUS"):
        pytest.skip("UNITC_CORPUS is not set")
    differences: list[str] = []
    passed_over: list[str] = []
    bodies = 0
    folders = [(corpus, folder) for corpus in _corpora() for folder in module_folders(corpus)]
    for number, (corpus, folder) in enumerate(folders):
        name = folder.relative_to(corpus).as_posix()
        try:
            module = open_module(folder, corpus, tmp_path / str(number))
        except NotComparable as reason:
            passed_over.append(f"{name}: {reason}")
            continue
        fixed = fixed_order(module.alone)
        for taste in (REQUIRED, ORDINARY, AWKWARD):
            try:
                applied = module.apply(taste)
            except NotComparable as reason:
                passed_over.append(f"{name}: {reason}")
                continue
            # Given the same inputs, everything that is known must be equal; given none, what is fixed must be.
            for order in (module.analyze(applied).order, fixed):
                tally = compare(order, applied.state)
                differences += [f"{name}: {line}" for line in tally.differences]
                bodies += tally.bodies
    assert differences == []
    assert bodies > 0, f"of {len(folders)} modules none could be compared: {passed_over}"
