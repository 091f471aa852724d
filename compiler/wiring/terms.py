"""Terraform's language as the wiring writes it: strings, lists, copies of what the user wrote, arguments.

Everything keeps to what ``terraform fmt`` would write: a copy starts on the line of its argument, and all brackets that
are opened before it are closed on the line on which it ends, because fmt indents a line by the brackets that the lines
above leave open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from compiler.terraform.configuration.address import quote
from compiler.wiring.model import Copied, RepetitionKind

__all__ = [
    "INDEX",
    "PATH",
    "Interpolated",
    "Part",
    "aligned",
    "arguments",
    "concat",
    "copy",
    "joined",
    "lines",
    "list_of",
    "string",
]


@dataclass(frozen=True, slots=True)
class Interpolated:
    """An expression inside a template string."""

    text: str


Part: TypeAlias = "str | Interpolated"

_COUNT_INDEX = ("[", Interpolated("count.index"), "]")
_EACH_KEY = ('["', Interpolated("base64encode(each.key)"), '"]')
# In the wrapper of a script, and where its copied expressions stand in a loop over its instances.
INDEX: dict[RepetitionKind | None, tuple[Part, ...]] = {
    None: (),
    RepetitionKind.COUNT: _COUNT_INDEX,
    RepetitionKind.FOR_EACH: _EACH_KEY,
}
PATH = Interpolated("local.unitc_path")


def string(*parts: Part) -> str:
    """Return a quoted template string; literal parts mean themselves."""
    inner = "".join(f"${{{part.text}}}" if isinstance(part, Interpolated) else quote(part)[1:-1] for part in parts)
    return f'"{inner}"'


def list_of(items: Iterable[str]) -> str:
    """Return a list on one line."""
    return f"[{', '.join(items)}]"


def copy(copied: Copied) -> str:
    """Return an expression for use within brackets; the marker that ends a heredoc needs a line of its own."""
    return f"{copied.text}\n  " if copied.heredoc else copied.text


def lines(name: str, items: Iterable[str], opening: str, closing: str) -> str:
    """Return an argument whose value spreads over lines, one item on each."""
    return f"  {name} = {opening}\n" + "".join(f"    {item},\n" for item in items) + f"  {closing}\n"


def aligned(items: Iterable[tuple[str, str]]) -> list[str]:
    """Return arguments or object items that stand on lines one below the other, as fmt aligns them."""
    items = tuple(items)
    width = max(len(name) for name, _ in items)
    return [f"{name:{width}} = {value}" for name, value in items]


def concat(lists: Iterable[str]) -> str:
    """Return lists as one."""
    lists = tuple(lists)
    if not lists:
        return "[]"
    return lists[0] if len(lists) == 1 else f"concat({', '.join(lists)})"


def joined(separator: str, lists: list[str]) -> Part:
    """Return lists of strings joined to one string."""
    return Interpolated(f'join("{separator}", {concat(lists)})') if lists else ""


def arguments(items: Iterable[tuple[str, str]]) -> str:
    """Return the arguments of a block: those of one line aligned, others with an empty line before and after."""
    groups: list[list[tuple[str, str]]] = []
    for name, value in items:
        if "\n" in value or not groups or "\n" in groups[-1][-1][1]:
            groups.append([])
        groups[-1].append((name, value))
    return "\n".join("".join(f"  {line}\n" for line in aligned(group)) for group in groups)
