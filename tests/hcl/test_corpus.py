"""Real templates, where the environment names folders of them: the same verdicts, and nothing read differently."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler.hcl import decode, read
from tests.hcl.oracle import accepts, our_picture, picture


def _files() -> Iterator[Path]:
    for folder in os.environ.get("UNITC_CORPUS", "").split(os.pathsep):
        yield from sorted(Path(folder).rglob("*.tf")) if folder else ()


@pytest.mark.corpus
def test_real_templates_are_read_as_hashicorps_parser_reads_them() -> None:
    if not os.environ.get("UNITC_CORPUS"):
        pytest.skip("UNITC_CORPUS is not set")
    differences = []
    count = 0
    for path in _files():
        count += 1
        data = path.read_bytes()
        source, problems = decode(path.name, data)
        if source is not None:
            _, problems = read(source)
        text = data.decode(errors="replace")
        if accepts(text) != (problems == ()):
            differences.append(f"{path}: {[problem.summary for problem in problems] or 'accepted'}")
        elif source is not None and problems == () and our_picture(text) != picture(text):
            differences.append(f"{path}: read differently")
    assert differences == []
    assert count > 0, "the folders that UNITC_CORPUS names hold no *.tf file"
