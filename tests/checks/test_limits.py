"""What is said of a wrapped script's length, against what the real Terraform makes of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.source.limits import MAX_GATE_BYTES, MAX_SCRIPT_BYTES
from tests.checks.harness import AGENT, diagnose, script
from tests.coder.terraform import TemplateCopy
from tests.coder.wired import wire

KEYS = "".join(f'"{key}", ' for key in ("a&b", "with blanks and more", "ü", "x" * 200))


def template(size: int) -> dict[str, str]:
    """Return a template whose script has a text of ``size`` bytes and gates of many kinds."""
    first = script("first", for_each=f"toset([{KEYS}])")
    last = script("last", "depends_on = [coder_script.first]", script='file("x.sh")', timeout="2147483647")
    return {"main.tf": AGENT + first + last, "x.sh": "#" * size}


def room() -> int:
    """Return how many bytes a text may have there, as the message says."""
    (item,) = diagnose(template(120_000))
    assert item.code == "UC301"
    return int(item.detail.split(" leaves ")[1].split(" ")[0].replace(",", ""))


@pytest.mark.terraform
@pytest.mark.parametrize("quoted", [False, True], ids=["plain", "quotes"])
def test_the_longest_text_that_is_taken_fits_into_one_argument_with_its_gates(tmp_path: Path, quoted: bool) -> None:
    size = room()
    # A quote takes four bytes of the room.
    text = "#" * 40_000 + "'" * ((size - 40_000) // 4) if quoted else "#" * size
    files = {**template(0), "x.sh": text}
    assert diagnose(files) == ()
    source = tmp_path / "source"
    source.mkdir()
    for name, content in files.items():
        (source / name).write_text(content, "utf-8")
    copy = TemplateCopy(source, tmp_path / "copy")
    assert wire(copy.folder) == ()
    # As long as a gate runtime may be.
    (copy.folder / "unitc" / "gate.sh").write_text("x" * MAX_GATE_BYTES, "utf-8")
    copy.init()
    (wrapped,) = [item.text for item in copy.apply().scripts if item.address == "coder_script.last"]
    # Nobody is refused for the sake of a rough estimate.
    assert MAX_SCRIPT_BYTES - 500 < len(wrapped.encode()) <= MAX_SCRIPT_BYTES
