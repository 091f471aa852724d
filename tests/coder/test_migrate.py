"""The real terraform takes what ``unitc migrate`` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.migration.form import Form
from tests.coder.terraform import TemplateCopy
from tests.every import some
from tests.migration.harness import migrated
from tests.migration.random_templates import random_template

# Of these templates none has an error.
SEEDS = (1, 2, 3, 5)


@pytest.mark.terraform
@pytest.mark.parametrize("seed", some(2, SEEDS))
def test_terraform_applies_a_random_template_in_every_form(seed: int, tmp_path: Path) -> None:
    files = random_template(seed)
    for form in Form:
        files, _ = migrated(files, form)
        source = tmp_path / form / "source"
        for name, text in files.items():
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        copy = TemplateCopy(source, tmp_path / form / "copy")
        copy.init()
        assert [finding.detail for finding in copy.validate() if finding.severity == "error"] == []
        assert copy.apply().scripts
