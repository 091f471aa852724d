"""The file that marks a folder as a compiled copy, and says what was written into it.

Copied files aren't generated and have no header, so the marker keeps their hashes: a copy that was edited can
be told from one that is only stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from compiler.digests import sha256
from compiler.source.conflicts import sides

# Coder's upload passes over names with a dot.
MARKER = ".unitc-copy"

_SAYS = "This folder is a compiled copy of a template. It was made by unitc, which may replace it."


def text_digest(text: str) -> str:
    """Return the SHA-256 of a file's bytes; a lone surrogate in the text stands for a byte that was no UTF-8."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def marker_text(files: Iterable[tuple[str, str]], origins: Mapping[str, str]) -> str:
    """Return the marker of a copy with these files, given as paths in it and texts.

    ``origins`` says of vendored folders where they came from.
    """
    digests = {path: text_digest(text) for path, text in sorted(files)}
    return json.dumps({"about": _SAYS, "modules": dict(sorted(origins.items())), "files": digests}, indent=2) + "\n"


def read_marker(text: str) -> Mapping[str, str]:
    """Return the digests of a copy's files by path; none where the text is no marker of ours.

    Of one that holds the marks of a merge both sides count.
    """
    ours, theirs = sides(text)
    return _read(ours) if ours == theirs else {**_read(ours), **_read(theirs)}


def _read(text: str) -> Mapping[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    files = found.get("files") if isinstance(found, dict) and found.get("about") == _SAYS else None
    return {path: str(digest) for path, digest in files.items()} if isinstance(files, dict) else {}
