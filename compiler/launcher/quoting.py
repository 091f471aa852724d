"""From text to shell: the only way there is."""

from __future__ import annotations


class Sh(str):
    """A piece of a shell script, safe where a word or a comment stands. Made by the functions of this folder only."""

    __slots__ = ()


def quote(text: str) -> Sh:
    """Return ``text`` as one word of the shell: nothing in it is expanded, and every byte arrives as it is.

    A quoted string, rather than a here-document: it needs no temporary file and no process, and it keeps the end of
    a text without a final newline. Raises ValueError for a text with a NUL, which no shell can hold.
    """
    if "\0" in text:
        raise ValueError("a shell script can't hold a NUL character")
    return Sh("'" + text.replace("'", "'\\''") + "'")
