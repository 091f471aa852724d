"""Random cases under every shell in both modes, held against the model. The seeds are fixed; the soak tries others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.shells.model import problems
from tests.shells.random_cases import COMBINATIONS, make_case

CASES = 10
"""For each shell and mode."""

AT_ONCE = 3
"""Most of a case is waiting, so several run at the same time."""


@pytest.mark.parametrize("number", range(len(COMBINATIONS)), ids=[f"{s}-{m.name.lower()}" for s, m in COMBINATIONS])
def test_random_graphs_end_as_the_model_says(tmp_path: Path, number: int) -> None:
    seeds = range(number, number + CASES * len(COMBINATIONS), len(COMBINATIONS))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = list(pool.map(lambda seed: problems(make_case(seed), tmp_path / str(seed)), seeds))
    assert {seed: found for seed, found in zip(seeds, wrong, strict=True) if found} == {}
