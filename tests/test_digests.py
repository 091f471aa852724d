"""Digests are the same ones, whoever makes them."""

from __future__ import annotations

import hashlib

import pytest

from compiler.digests import sha256


@pytest.mark.parametrize("size", [0, 1, 3 << 20])
def test_a_digest_is_that_of_the_standard_library_whatever_the_size(size: int) -> None:
    assert sha256(b"a" * size).hexdigest() == hashlib.sha256(b"a" * size).hexdigest()
