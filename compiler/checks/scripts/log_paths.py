"""``log_path`` in a folder that nothing makes: the agent makes no folder, and the script fails to start."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from compiler.checks.subject import Subject
from compiler.source.diagnostics import Diagnostic, warning

# Folders that every Linux has, and the home folder.
_THERE = ("/tmp", "/var/tmp", "/var/log", "/dev/shm", "/home/coder", "/root", "~", "$HOME", "")


def check_log_paths(subject: Subject) -> Iterator[Diagnostic]:
    """Yield a warning for each log in a folder of its own, which has to be there when the script starts."""
    for item in subject.declared:
        value = item.value("log_path") if item.resource.type == "coder_script" and item.exists else None
        if value is None or not isinstance(value.data, str) or value.is_sensitive:
            continue
        folder = posixpath.dirname(value.text)
        if folder in _THERE:
            continue
        yield warning(
            "UC345",
            item.span("log_path"),
            "Log in a folder that may not be there",
            f"{item.address} writes its log to {value.text}. The agent makes no folder for it: where {folder} isn't "
            "there when the script starts, the script fails.",
            help="write it to /tmp, or let the image make the folder",
        )
