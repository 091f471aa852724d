"""Hashes of strings and files."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from compiler.terraform.functions import Call, Parameter, function
from compiler.terraform.functions.filesystem import READ_PATH, read_bytes
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value, string

_Hash: TypeAlias = Callable[[bytes], str]

_HASHES: dict[str, _Hash] = {
    "base64sha256": lambda data: b64encode(hashlib.sha256(data).digest()).decode(),
    "base64sha512": lambda data: b64encode(hashlib.sha512(data).digest()).decode(),
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
