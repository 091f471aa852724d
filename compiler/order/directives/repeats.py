"""What is named twice in one list: it counts once, so the second is an oversight, or another name was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.source.diagnostics import Diagnostic, Edit, also, warning
from compiler.source.span import Span


def named_twice(argument: str, items: Sequence[tuple[str, Span]]) -> Iterator[Diagnostic]:
    """Yield a warning for each item of a list, given as its name and its place, that another one before it names."""
    seen: dict[str, Span] = {}
    for at, (name, span) in enumerate(items):
        first = seen.setdefault(name, span)
        if first is span:
            continue
        gap = span.source.span(items[at - 1][1].end, span.start)
        # A comment in between may be about the one or the other.
        alone = gap.text.strip() == ","
        yield warning(
            "UC223",
            span,
            "Named twice",
            f"{argument} names {name} twice; the second time adds nothing.",
            related=[also(first, "the first time")],
            help="remove it, or write the name that is meant",
            edits=[Edit(span.source.span(gap.start, span.end), "")] if alone else (),
        )
