"""Regular expressions that are compiled when they are first used, since a run needs few of all that there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["regex"]

if TYPE_CHECKING:
    regex = re.compile
else:

    class regex:  # noqa: N801  # Spelled as the function that it stands in for.
        """What :func:`re.compile` returns, as far as methods and attributes go."""

        def __init__(self, text: str | bytes, flags: int = 0) -> None:
            self._given = (text, flags)

        def __getattr__(self, name: str) -> Any:
            found = getattr(re.compile(*self._given), name)
            # From now on it is found without this method.
            setattr(self, name, found)
            return found
