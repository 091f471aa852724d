"""How addresses spell texts: as Terraform prints them."""

from __future__ import annotations

import pytest

from compiler.terraform.configuration.address import quote


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ("a b-c_d.e/f!~", '"a b-c_d.e/f!~"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("$", '"$"'),
        ("100% $HOME", '"100% $HOME"'),
        ("${x}", '"$${x}"'),
        ("$${x}", '"$$${x}"'),
        ("%{if}", '"%%{if}"'),
        ("tab\tline\nreturn\r", '"tab\\tline\\nreturn\\r"'),
        ("\x7f", '"\\u007f"'),
        ("\x00", '"\\u0000"'),
        ("straße", '"straße"'),
        ("\u00a0", '"\\u00a0"'),
        ("\U000e0001", '"\\U000e0001"'),
    ],
)
def test_a_key_is_quoted_as_terraform_prints_it(text: str, quoted: str) -> None:
    assert quote(text) == quoted
