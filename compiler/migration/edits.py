"""What changes in the texts: items are taken out of lists, whole declarations are removed, and new ones written.

Everything is an :class:`Edit` at exact places; what isn't named in one stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compiler.hcl.syntax import Attribute, Block, TupleExpr
from compiler.output.fix import edited
from compiler.records import dataclass
from compiler.source.diagnostics import Edit
from compiler.source.span import Source, Span

# What begins a comment, between the items of a list.
_COMMENTS = ("#", "//", "/*")


@dataclass(frozen=True, slots=True)
class Written:
    """A list of references as it stands in a file.

    ``whole`` is the argument, or the comment that is a directive.
    """

    whole: Span
    list: TupleExpr

    @property
    def items(self) -> tuple[Span, ...]:
        """The places of the items, quotes included."""
        return tuple(item.span for item in self.list.items)


def why_kept(written: Written, indexes: Iterable[int]) -> str:
    """Return what keeps some items of a list from being taken out of it, empty where nothing does."""
    source = written.whole.source
    places = [written.list.span.start + 1, *(place for item in written.items for place in (item.start, item.end))]
    places.append(written.list.span.end - 1)
    gaps = [source.text[start:end] for start, end in zip(places[::2], places[1::2], strict=True)]
    if any(mark in gap for gap in gaps for mark in _COMMENTS):
        return "a comment stands in the list"
    if set(indexes) != set(range(len(written.items))):
        return ""
    behind = source.text[written.list.span.end : _line_end(source, written.list.span.end)]
    return "a note stands behind the list" if behind.strip() else ""


def removed_items(written: Written, indexes: Iterable[int]) -> Iterator[Edit]:
    """Yield the edits that take some, but not all, items out of a list."""
    gone, items, source = set(indexes), written.items, written.whole.source
    last = max(set(range(len(items))) - gone)
    for index in sorted(gone):
        if index < last:
            yield Edit(source.span(items[index].start, items[index + 1].start), "")
        else:
            yield Edit(source.span(items[index - 1].end, items[index].end), "")


def removed_wholes(spans: Iterable[Span]) -> Iterable[Edit]:
    """Return the edits that remove declarations with their lines, those in a row together.

    Of a declaration with other text before it on its line, the line stays.
    """
    rows: list[Span] = []
    for span in sorted(spans, key=lambda item: item.key):
        if rows and rows[-1].source is span.source and not span.source.text[rows[-1].end : span.start].strip():
            rows[-1] = rows[-1].to(span)
        else:
            rows.append(span)
    return map(_removed, rows)


def _removed(span: Span) -> Edit:
    """Return the edit that removes whole lines, and an empty line that would be one too many."""
    source, text = span.source, span.source.text
    if text[text.rfind("\n", 0, span.start) + 1 : span.start].strip():
        return Edit(source.span(len(text[: span.start].rstrip(" \t")), span.end), "")
    start = text.rfind("\n", 0, span.start) + 1
    end = min(_line_end(source, span.end) + 1, len(text))
    before = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start]
    after = text[end : _line_end(source, end)]
    opens = start == 0 or before.rstrip().endswith("{")
    if start and not before.strip() and (not after.strip() or after.strip() == "}"):
        start -= len(before)
    elif opens and not after.strip() and end < len(text):
        end = min(_line_end(source, end) + 1, len(text))
    return Edit(source.span(start, end), "")


def _line_end(source: Source, at: int) -> int:
    found = source.text.find("\n", at)
    return len(source.text) if found < 0 else found


def _newline(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"


def added(block: Block, lines: Iterable[str]) -> Edit:
    """Return the edit that writes directives into a block, above its first argument, or above the block itself."""
    source = block.header_span.source
    starts = [item.span.start for item in block.body.attributes if item.span.source is source]
    starts = [start for start in starts if block.span.start <= start < block.span.end]
    at = min(starts, default=block.span.start)
    line = source.text.rfind("\n", 0, at) + 1
    if source.text[line:at].strip():
        # A block on one line.
        line = source.text.rfind("\n", 0, block.span.start) + 1
        at = block.span.start
    indent, newline = source.text[line:at], _newline(source)
    return Edit(source.span(line, line), "".join(f"{indent}# unitc: {text}{newline}" for text in lines))


def add_to_list(block: Block, references: tuple[str, ...]) -> Edit | None:
    """Return the edit that writes references into the ``depends_on`` of a block; None where it can't take them.

    What the list names already isn't written again.
    """
    source, newline = block.header_span.source, _newline(block.header_span.source)
    attribute = block.body.attribute("depends_on")
    if attribute is not None:
        return _longer(attribute, references, newline)
    end = block.span.end - 1
    line = source.text.rfind("\n", 0, end) + 1
    outer = source.text[line:end]
    if outer.strip():
        # A block on one line.
        return None
    written = f"{outer}  depends_on = [{', '.join(references)}]{newline}"
    return Edit(source.span(line, line), newline + written if block.body.attributes else written)


def _longer(attribute: Attribute, references: tuple[str, ...], newline: str) -> Edit | None:
    value = attribute.expression
    if not isinstance(value, TupleExpr):
        return None
    source = value.span.source
    known = {item.span.text.strip('"') for item in value.items}
    references = tuple(reference for reference in references if reference not in known)
    if not value.items:
        return Edit(source.span(value.span.start + 1, value.span.start + 1), ", ".join(references))
    last = value.items[-1].span
    line = source.text.rfind("\n", 0, last.start) + 1
    indent = source.text[line : last.start]
    between = f",{newline}{indent}" if line > value.span.start and not indent.strip() else ", "
    return Edit(source.span(last.end, last.end), "".join(between + reference for reference in references))


def append_block(source: Source, text: str) -> Edit:
    """Return the edit that writes a block at the end of a file."""
    newline = _newline(source)
    end = len(source.text)
    gap = newline * (1 if not source.text or source.text.endswith("\n") else 2)
    return Edit(source.span(end, end), gap + text.replace("\n", newline))


def applied(edits: Iterable[Edit]) -> Mapping[Source, str]:
    """Return the texts of the files that some edits change. No two edits may overlap."""
    by_source: dict[Source, list[Edit]] = {}
    for edit in edits:
        by_source.setdefault(edit.span.source, []).append(edit)
    return {source: edited(source.text, found) for source, found in by_source.items()}
