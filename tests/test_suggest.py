"""Names that are near: found among a template's, and not looked for where that would take long."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.source.suggest import did_you_mean


def test_the_nearest_name_is_found_whatever_the_case_of_its_letters() -> None:
    assert did_you_mean("Clonne", ["clone", "close", "install"]) == "clone"
    assert did_you_mean("zzz", ["clone", "close", "install"]) == ""
    assert did_you_mean("name250", (f"name{number}x" for number in range(500))) == "name250x"


def test_of_very_many_names_only_so_many_are_looked_at() -> None:
    taken = []

    def names() -> Iterator[str]:
        for number in range(100_000):
            taken.append(number)
            yield f"name{number}"

    assert did_you_mean("name1", names()) == ""
    assert len(taken) < 1_000
