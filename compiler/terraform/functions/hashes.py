"""Hashes of strings, and UUIDs that are hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial
from typing import TypeAlias
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, NAMESPACE_X500, UUID

from compiler.terraform import base64_text
from compiler.terraform.functions import Call, CallError, Parameter, function
from compiler.terraform.types import STRING
from compiler.terraform.values import Value, string

Hash: TypeAlias = Callable[[bytes], str]

HASHES: dict[str, Hash] = {
    "base64sha256": lambda data: base64_text.encode(hashlib.sha256(data).digest()),
    "base64sha512": lambda data: base64_text.encode(hashlib.sha512(data).digest()),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest(),
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "sha512": lambda data: hashlib.sha512(data).hexdigest(),
}
"""What functions make of bytes, by their names; with ``file`` before it the name is that for a file's bytes."""


def _hashed(digest: Hash, call: Call) -> Value:
    return string(digest(call.text(0).encode()))


for _name, _digest in HASHES.items():
    function(_name, Parameter("str", STRING), returns=STRING)(partial(_hashed, _digest))


_NAMESPACES = {"dns": NAMESPACE_DNS, "url": NAMESPACE_URL, "oid": NAMESPACE_OID, "x500": NAMESPACE_X500}
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_BARE_UUID = re.compile(r"[0-9a-fA-F]{32}")
_URN = "urn:uuid:"


@function("uuidv5", Parameter("namespace", STRING), Parameter("name", STRING), returns=STRING)
def _uuidv5(call: Call) -> Value:
    namespace = _NAMESPACES.get(call.text(0)) or _uuid(call.text(0))
    if namespace is None:
        raise CallError(f"uuidv5() doesn't support namespace {call.text(0)} (invalid UUID)")
    # ``uuid.uuid5`` is this, but its way to take bytes as the name is newer than Python 3.11.
    digest = hashlib.sha1(namespace.bytes + call.text(1).encode(), usedforsecurity=False).digest()
    return string(str(UUID(bytes=digest[:16], version=5)))


def _uuid(text: str) -> UUID | None:
    """Return the UUID that a text writes in one of the four ways of https://pkg.go.dev/github.com/google/uuid#Parse."""
    if len(text) == 36 + len(_URN) and text[: len(_URN)].lower() == _URN:
        text = text[len(_URN) :]
    elif len(text) == 38:
        # Whatever the brackets are.
        text = text[1:-1]
    return UUID(text) if _UUID.fullmatch(text) or _BARE_UUID.fullmatch(text) else None
