"""Functions that read and render the template's files, hashes, and functions of paths.

Paths are those of a Unix system, which is where workspaces are provisioned.
"""

from __future__ import annotations

import hashlib
import posixpath
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from compiler.terraform.configuration.files import FileError
from compiler.terraform.functions import ArgumentError, Call, Parameter, function, texts
from compiler.terraform.functions.formats import globs
from compiler.terraform.values.go_text import go_quote
from compiler.terraform.values.sets import set_of
from compiler.terraform.values.types import BOOL, DYNAMIC, STRING, SetType
from compiler.terraform.values.values import Value, boolean, string

_PATH = Parameter("path", STRING)

READ_PATH = Parameter("path", STRING, marked=True)
"""The path of a file that is read. Messages name it, so whether it is sensitive must be seen."""


# Files


def read_bytes(call: Call) -> bytes:
    """Return the content of the file at the path that is the first argument, or raise :class:`FileError`."""
    path = call.args[0]
    try:
        data = call.files.read(path.text)
    except FileError as exc:
        if path.is_sensitive:
            raise FileError("the file at this path, which is sensitive, can't be read", outside=exc.outside) from None
        raise
    call.budget.spend(len(data))
    return data


def _read_text(call: Call) -> str:
    """Return the file's content as text, or raise :class:`FileError`."""
    data = read_bytes(call)
    try:
        return data.decode()
    except UnicodeDecodeError:
        path = call.args[0]
        shown = "(sensitive value)" if path.is_sensitive else go_quote(path.text)
        raise FileError(
            f"contents of {shown} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded "
            "contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead"
        ) from None


@function("file", READ_PATH, returns=STRING)
def _file(call: Call) -> Value:
    return string(_read_text(call)).with_marks(call.args[0].marks)


@function("filebase64", READ_PATH, returns=STRING)
def _filebase64(call: Call) -> Value:
    return string(b64encode(read_bytes(call)).decode()).with_marks(call.args[0].marks)


@function("templatefile", READ_PATH, Parameter("vars"), returns=DYNAMIC, not_null=False)
def _templatefile(call: Call) -> Value:
    path, variables = call.args
    text = string(_read_text(call)).text
    if not variables.is_mapping:
        raise ArgumentError(1, "invalid vars value: must be a map")
    for name in variables.mapping:
        if name.startswith("-") or not name.replace("-", "_").isidentifier():
            raise ArgumentError(
                1,
                f"invalid template variable name {go_quote(name)}: must start with a letter, followed by zero or more "
                "letters, digits, and underscores",
            )
    return call.render(path.text, text, variables).with_marks(path.marks)


@function("fileexists", READ_PATH, returns=BOOL)
def _fileexists(call: Call) -> Value:
    path = call.args[0]
    try:
        found = call.files.exists(path.text)
        if not found and _is_below_file(call, clean(path.text)):
            raise FileError(f"failed to stat {go_quote(path.text)}")
    except FileError as exc:
        if path.is_sensitive:
            raise FileError("there is no regular file at this path, which is sensitive", outside=exc.outside) from None
        raise
    return boolean(found).with_marks(path.marks)


def _is_below_file(call: Call, path: str) -> bool:
    """Return whether a step on the way to the path is a file, so that nothing can be looked up there."""
    steps = path.split("/")
    return any(_is_file(call, "/".join(steps[:end])) for end in range(len(steps) - 1, 0, -1) if steps[end - 1])


@function("fileset", *texts("path pattern"), returns=SetType(STRING))
def _fileset(call: Call) -> Value:
    root = clean(call.text(0))
    # A path that holds marks of a pattern is part of the pattern, as in Terraform.
    folder, steps = globs.split_static(clean(posixpath.join(root, call.text(1).lstrip("/"))))
    if not steps:
        return set_of(STRING, [string(_relative(folder, root))] if _is_file(call, folder) else [])
    found = []
    for path in call.files.list(folder):
        call.budget.spend(len(path))
        if globs.matches(steps, path.split("/"), call.budget.spend):
            found.append(string(_relative(posixpath.join(folder, path), root)))
    return set_of(STRING, found)


def _is_file(call: Call, path: str) -> bool:
    """Return whether there is a regular file; a folder is none."""
    try:
        return call.files.exists(path)
    except FileError as exc:
        if exc.outside:
            raise
        return False


def _relative(path: str, root: str) -> str:
    return posixpath.relpath(posixpath.join("/", path), posixpath.join("/", root))


# Hashes

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


# Paths


def clean(path: str) -> str:
    """Return the path without ``.``, ``..`` and doubled slashes, as far as that can be told without looking."""
    plain = posixpath.normpath(path)
    # Two slashes at the start mean something to POSIX, but nothing to Go.
    return plain[1:] if plain.startswith("//") else plain


@function("basename", _PATH, returns=STRING)
def _basename(call: Call) -> Value:
    path = call.text(0)
    name = posixpath.basename(path.rstrip("/"))
    return string(name or ("/" if path else "."))


@function("dirname", _PATH, returns=STRING)
def _dirname(call: Call) -> Value:
    path = call.text(0)
    return string(clean(path[: path.rfind("/") + 1]))
