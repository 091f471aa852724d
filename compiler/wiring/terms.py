"""Terraform's language as the wiring writes it: strings, lists, copies of what the user wrote, arguments.

Everything keeps to what ``terraform fmt`` would write: a copy starts on the line of its argument, and all brackets that
are opened before it are closed on the line on which it ends, because fmt indents a line by the brackets that the lines
above leave open.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from functools import lru_cache
from itertools import count, groupby
from typing import Final, NewType

from compiler.terraform.configuration.address import quote
from compiler.terraform.scope.expansion import Repetition
from compiler.wiring.model import Copied

# A line that is no user's text is at most as long as the project's own.
MAX_COLUMNS: Final = 120


Inside = NewType("Inside", str)
"""What stands between the quotes of a template string: quoted text, and expressions in ``${}``."""


# Each address is told to all that wait for it.
@lru_cache(maxsize=1 << 16)
def literal(text: str) -> Inside:
    """Return a text that means itself."""
    return Inside(quote(text)[1:-1])


def computed(expression: str) -> Inside:
    """Return the value of an expression."""
    return Inside(f"${{{expression}}}")


def inside(*parts: Inside) -> Inside:
    """Return parts as one."""
    return Inside("".join(parts))


def string(*parts: Inside) -> str:
    """Return a quoted template string."""
    return f'"{"".join(parts)}"'


def key_of(kind: Repetition, key: str) -> str:
    """Return the expression of a key as addresses of the wiring hold it, from that of the key itself."""
    return f"base64encode({key})" if kind is Repetition.FOR_EACH else key


def index_of(kind: Repetition, key: str) -> Inside:
    """Return the index that a key adds to an address of the wiring, from the expression of the key itself."""
    quotes = literal('"' * (kind is Repetition.FOR_EACH))
    return inside(literal("["), quotes, computed(key_of(kind, key)), quotes, literal("]"))


# In the wrapper of a script, and where its copied expressions stand in a loop over its instances.
KEY: Final = {Repetition.COUNT: "count.index", Repetition.FOR_EACH: "each.key"}
INDEX: Final = {Repetition.NONE: literal(""), **{kind: index_of(kind, key) for kind, key in KEY.items()}}
PATH: Final = computed("local.unitc_path")


def list_of(items: Iterable[str]) -> str:
    """Return a list on one line."""
    return f"[{', '.join(items)}]"


def copy(copied: Copied) -> str:
    """Return an expression for use within brackets; the marker that ends a heredoc needs a line of its own."""
    return f"{copied.text}\n  " if copied.heredoc else copied.text


def opened(copied: Copied) -> str:
    """Return the expression of an argument for use within brackets that stay open on the lines after it.

    A bracket that was opened before it indents the line on which its own brackets end.
    """
    if copied.heredoc:
        return f"{copied.text}\n    "
    before, line_end, last = copied.text.rpartition("\n")
    return f"{before}{line_end}{'  ' * bool(line_end)}{last}"


def spread(opening: str, items: Iterable[str], closing: str, depth: int, *, end: str = ",") -> str:
    """Return an expression that spreads over lines, one item on each; its first line stands at ``depth`` indents."""
    outside = "  " * depth
    return f"{opening}\n" + "".join([f"{outside}  {item}{end}\n" for item in items]) + f"{outside}{closing}"


def loop(head: str, result: str, condition: str, depth: int, taken: int = 1) -> str:
    """Return a ``for`` expression at ``depth`` indents: on one line if it fits beside ``taken`` columns.

    One with a copy of several lines is never spread, so that all brackets around the copy end on its last line.
    """
    condition = condition and f"if {condition}"
    whole = f"[for {head} : {' '.join(filter(None, (result, condition)))}]"
    if "\n" in whole or 2 * depth + taken + len(whole) <= MAX_COLUMNS:
        return whole
    return spread("[", filter(None, (f"for {head} :", result, condition)), "]", depth, end="")


def aligned(items: Iterable[tuple[str, str]]) -> list[str]:
    """Return arguments or object items that stand one below the other, as fmt aligns them: those of one line."""
    items = tuple(items)
    single = {name for name, value in items if "\n" not in value}
    width = max(map(len, single), default=0)
    return [f"{name.ljust(width) if name in single else name} = {value}" for name, value in items]


def concat(lists: Iterable[str], depth: int | None = None) -> str:
    """Return lists as one; with ``depth`` several stand on lines of their own, one indent deeper."""
    lists = tuple(lists)
    if len(lists) < 2:
        return lists[0] if lists else "[]"
    return f"concat({', '.join(lists)})" if depth is None else spread("concat(", lists, ")", depth)


def arguments(items: Iterable[tuple[str, str]]) -> str:
    """Return the arguments of a block: those of one line aligned, others with an empty line before and after."""
    parts = []
    for is_long, group in groupby(items, key=lambda item: "\n" in item[1]):
        if is_long:
            parts += [f"  {name} = {value}\n" for name, value in group]
        else:
            parts.append("".join([f"  {line}\n" for line in aligned(group)]))
    return "\n".join(parts)


def free_name(wanted: str, taken: Container[str]) -> str:
    """Return a name that isn't taken: ``wanted`` where it is free, else that with the first number from 2 that is."""
    if wanted not in taken:
        return wanted
    return next(name for number in count(2) if (name := f"{wanted}_{number}") not in taken)
