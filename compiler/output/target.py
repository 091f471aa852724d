"""What a template compiles to, so that its order holds in a workspace."""

from __future__ import annotations

from enum import StrEnum


class Target(StrEnum):
    """What hands the order over: wrapped scripts that wait by themselves, or rules that Coder reads.

    ``auto`` is whichever can say all of it, rules before wrapped scripts.
    """

    LAUNCHER = "launcher"
    NATIVE = "native"
    AUTO = "auto"
