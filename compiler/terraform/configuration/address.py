"""Terraform addresses, printed exactly as Terraform prints them, and the quoting of strings in HCL."""

from __future__ import annotations

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
_MARK: Final = regex(r"[$%](?=\{)")


def quote(text: str) -> str:
    """Return a quoted HCL string that means ``text``, in the form that Terraform prints.

    Source: toHCLQuotedString in Terraform's internal/addrs/instance_key.go.
    """
    if _PLAIN.fullmatch(text):
        return f'"{text}"'
    escaped = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _code(char)) for char in text)
    return '"' + _MARK.sub(r"\g<0>\g<0>", escaped) + '"'


def _code(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def index(key: InstanceKey) -> str:
    """Return the index that a key adds to an address: ``[0]``, ``["a"]``, or nothing (also for a group)."""
    if key is None or key is GROUP:
        return ""
    return f"[{quote(key)}]" if isinstance(key, str) else f"[{key}]"


def module_address(path: ModulePath) -> str:
    """Return a module instance's address, such as ``module.a[0].module.b``; the root's is empty."""
    return ".".join(f"module.{step.name}{index(step.key)}" for step in path)
