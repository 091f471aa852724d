"""The forms into which order can be turned."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """A form of order, under the name that the command line has for it."""

    DIRECTIVES = "directives"
    RULES = "rules"
    DEPENDS_ON = "depends_on"
