"""What ``unitc migrate`` prints for some fixtures, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.migration.form import Form
from tests.cli.harness import run
from tests.golden import check_golden, check_orphans

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
GOLDENS = Path(__file__).parent / "goldens"
CASES = ("directives", "mixed-forms", "modules", "order-rules", "smells", "start-and-stop", "typed-attributes")


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("case", CASES)
def test_the_output_is_what_was_approved(case: str, form: Form) -> None:
    ran = run("migrate", "--to", form, "--remove-waits", cwd=FIXTURES / case)
    assert ran.code == 0
    check_golden(GOLDENS / f"{case}.{form}.txt", f"{ran.stdout}{ran.stderr}")


def test_every_golden_has_a_case() -> None:
    check_orphans({path.name for path in GOLDENS.iterdir()}, {f"{case}.{form}.txt" for case in CASES for form in Form})
