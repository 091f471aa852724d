"""Terraform addresses, printed exactly as Terraform prints them, and the quoting of strings in HCL."""

from __future__ import annotations

import unicodedata
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from compiler.patterns import regex


class Group(Enum):
    """Stands for the instances of something whose number can't be known before apply."""

    GROUP = "group"


GROUP: Final = Group.GROUP

# None: neither count nor for_each; an int: count; a str: for_each.
InstanceKey: TypeAlias = int | str | Group | None


class ModuleStep(NamedTuple):
    """One module call on the way to an instance."""

    name: str
    key: InstanceKey


ModulePath: TypeAlias = tuple[ModuleStep, ...]

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


# Most texts are like this, and then every character stands for itself.
_PLAIN: Final = regex(r"[ !#&-\[\]-~]*+(?:[$%](?!\{)[ !#&-\[\]-~]*+)*+")


def _printable(character: str) -> bool:
    """Return what Go's unicode.IsPrint says, which Terraform asks."""
    return character == " " or unicodedata.category(character)[0] in "LMNPS"


def quote(text: str) -> str:
    """Return a quoted HCL string that means ``text``, in the form that Terraform prints.

    Source: toHCLQuotedString in Terraform's internal/addrs/instance_key.go.
    """
    if _PLAIN.fullmatch(text):
        return f'"{text}"'
    quoted = []
    for at, character in enumerate(text):
        if character in _ESCAPES:
            quoted.append(_ESCAPES[character])
        elif character in "$%" and text[at + 1 : at + 2] == "{":
            quoted.append(character * 2)
        elif _printable(character):
            quoted.append(character)
        elif ord(character) < 0x10000:
            quoted.append(f"\\u{ord(character):04x}")
        else:
            quoted.append(f"\\U{ord(character):08x}")
    return f'"{"".join(quoted)}"'


def index(key: InstanceKey) -> str:
    """Return the index that a key adds to an address: ``[0]``, ``["a"]``, or nothing (also for a group)."""
    if key is None or key is GROUP:
        return ""
    return f"[{quote(key)}]" if isinstance(key, str) else f"[{key}]"


def module_address(path: ModulePath) -> str:
    """Return a module instance's address, such as ``module.a[0].module.b``; the root's is empty."""
    return ".".join(f"module.{step.name}{index(step.key)}" for step in path)
