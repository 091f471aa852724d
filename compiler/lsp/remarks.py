"""What other programs say of a template's scripts, while it is being edited.

They take longer than a keystroke may. So an analysis gets what they have said of the same text before, and what they
weren't asked yet waits here until there is time for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from compiler.records import replace
from compiler.shell.tools import Remark, ShellText


class KeptRemarks:
    """The remarks on the scripts of one template. ``wanted`` are the texts that nothing is known of yet."""

    def __init__(self) -> None:
        self.wanted: tuple[ShellText, ...] = ()
        self._known: dict[ShellText, tuple[Remark, ...]] = {}

    def reading(self, texts: Sequence[ShellText]) -> AbstractContextManager[Iterator[Remark]]:
        """Give what is known of the texts of an analysis; what is known of others isn't needed any more."""
        self._known = {text: self._known[text] for text in texts if text in self._known}
        self.wanted = tuple(dict.fromkeys(text for text in texts if text not in self._known))
        return nullcontext(
            replace(remark, index=index) for index, text in enumerate(texts) for remark in self._known.get(text, ())
        )

    def take(self, texts: Sequence[ShellText], remarks: Iterable[Remark]) -> None:
        """Keep what was said of some texts."""
        said: dict[ShellText, list[Remark]] = {text: [] for text in texts}
        for remark in remarks:
            said[texts[remark.index]].append(remark)
        self._known.update((text, tuple(found)) for text, found in said.items())
        self.wanted = tuple(text for text in self.wanted if text not in said)
