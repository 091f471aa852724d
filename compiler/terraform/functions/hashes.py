"""Hashes of strings and files, and UUIDs that are hashes of names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import TypeAlias
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, NAMESPACE_X500, UUID, uuid5

from compiler.patterns import regex
from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.functions.filesystem import READ_PATH, read_bytes
from compiler.terraform.functions.formats import base64_text
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value, string

_Hash: TypeAlias = Callable[[bytes], str]

_HASHES: dict[str, _Hash] = {
    "base64sha256": lambda data: base64_text.encode(hashlib.sha256(data).digest()),
    "base64sha512": lambda data: base64_text.encode(hashlib.sha512(data).digest()),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest(),
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "sha512": lambda data: hashlib.sha512(data).hexdigest(),
}


def _of_text(digest: _Hash, call: Call) -> Value:
    return string(digest(call.text(0).encode()))


def _of_file(digest: _Hash, call: Call) -> Value:
    return string(digest(read_bytes(call))).with_marks(call.args[0].marks)


for _name, _digest in _HASHES.items():
    function(_name, Parameter("str", STRING), returns=STRING)(partial(_of_text, _digest))
    function(f"file{_name}", READ_PATH, returns=STRING)(partial(_of_file, _digest))


_NAMESPACES = {"dns": NAMESPACE_DNS, "url": NAMESPACE_URL, "oid": NAMESPACE_OID, "x500": NAMESPACE_X500}
_UUID = regex(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
_URN = "urn:uuid:"
_LENGTH = 36


@function("uuidv5", Parameter("namespace", STRING), Parameter("name", STRING), returns=STRING)
def _uuidv5(call: Call) -> Value:
    namespace = _NAMESPACES.get(call.text(0)) or _uuid(call.text(0))
    if namespace is None:
        raise CallError(f"uuidv5() doesn't support namespace {call.text(0)} (invalid UUID)")
    return string(str(uuid5(namespace, call.text(1))))


def _uuid(text: str) -> UUID | None:
    """Return the UUID that a text writes in one of the four ways of https://pkg.go.dev/github.com/google/uuid#Parse."""
    if len(text) == len(_URN) + _LENGTH and text[: len(_URN)].lower() == _URN:
        text = text[len(_URN) :]
    elif len(text) == _LENGTH + 2:
        # Whatever the brackets are.
        text = text[1:-1]
    return UUID(text) if _UUID.fullmatch(text) else None
