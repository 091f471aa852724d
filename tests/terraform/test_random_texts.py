"""Functions of texts with arguments drawn at random, held against the real Terraform."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from functools import partial

import pytest

from compiler.terraform.functions.formats.characters import clusters, in_case
from compiler.terraform.values.budget import LaterError
from tests.terraform.held import hold
from tests.terraform.oracle import ask
from tests.terraform.random_texts import DrawText, literal, mutated_yaml
from tests.terraform.scopes import answer


@pytest.mark.terraform
@pytest.mark.parametrize(("seed", "unknown"), [(0, 216), (1, 248), (2, 225), (3, 215)])
def test_random_calls_answer_as_in_terraform(seed: int, unknown: int) -> None:
    draw = DrawText(seed)
    calls = [call for _ in range(40) for call in draw.calls()]
    assert hold(calls, ask(calls)) == ("", unknown)


@pytest.mark.terraform
@pytest.mark.parametrize(("seed", "unknown"), [(0, 127), (1, 152)])
def test_damaged_yaml_is_read_or_refused_as_in_terraform(seed: int, unknown: int) -> None:
    calls = mutated_yaml(seed, 600)
    assert hold(calls, ask(calls)) == ("", unknown)


def assigned_characters() -> list[str]:
    """Return all characters that keep their form; in blocks of marks alone Terraform inserts joiners."""
    return [
        char
        for code in range(1, 0x20000)
        if unicodedata.category(char := chr(code)) not in ("Cn", "Co", "Cs")
        and unicodedata.normalize("NFC", char) == char
    ]


def _is_left(mapping: Callable[[str], str], char: str) -> bool:
    try:
        mapping(char)
    except LaterError:
        return True
    return False


@pytest.mark.terraform
@pytest.mark.parametrize("name", ["upper", "lower"])
def test_every_letter_changes_its_case_as_in_terraform(name: str) -> None:
    mapping = partial(in_case, {"upper": str.upper, "lower": str.lower}[name])
    characters = [char for char in assigned_characters() if not _is_left(mapping, char)]
    assert len(characters) > 50_000
    texts = [" ".join(characters[start : start + 400]) for start in range(0, len(characters), 400)]
    wanted = ask([f"sha256({name}({literal(text)}))" for text in texts])
    for text, digest in zip(texts, wanted, strict=True):
        assert answer(f"sha256({literal(unicodedata.normalize('NFC', mapping(text)))})") == digest, text


def test_characters_that_stand_alone_are_cut_apart_as_in_terraform() -> None:
    source = random.Random(5)
    texts = ["".join(source.choices("ab éßЖλ→…█あ漢🎉", k=source.randint(1, 12))) for _ in range(300)]
    calls = [f"substr({literal(unicodedata.normalize('NFC', text))}, 2, 3)" for text in texts]
    assert hold(calls, ask(calls)) == ("", 0)


@pytest.mark.parametrize("text", ["e\u0303", "👨\u200d👩", "🇩🇪", "각\u11a8", "\r\n", "👍🏽", "\u0600a", "กำ"])
def test_characters_that_belong_together_are_left_to_terraform(text: str) -> None:
    with pytest.raises(LaterError):
        clusters(text)
