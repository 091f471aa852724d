"""Timelines as SVG: a row a unit, waiting and running told apart, the critical path marked, one log under the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.drawing.svg import STYLE, quote
from compiler.drawing.timeline import Bar, Timeline, duration

__all__ = ["to_svg"]

_BARS = """\
.wait { fill: none; stroke: var(--line); stroke-dasharray: 1 4 } .run { fill: var(--line) } .chain { fill: #0969da }
.bad { fill: var(--red) } .mark { stroke: var(--ink); stroke-width: 2 }
"""
_ROW = 26.0
_WIDTH = 560.0
_MARGIN = 24.0
_BAD = frozenset({"failed", "timed_out", "canceled"})


def to_svg(timelines: Sequence[Timeline]) -> str:
    """Return one drawing of all timelines, on one scale of time so that two can be compared."""
    scale = _WIDTH / (max((each.makespan for each in timelines), default=0.0) or 1.0)
    names = max((len(bar.address) for each in timelines for bar in each.bars), default=0) * 7.6 + 16
    parts: list[str] = []
    y = _MARGIN
    for each in timelines:
        chain = {address for address, _ in each.chain}
        title = f"{each.title}: {duration(each.makespan)}"
        parts.append(f'<text class="head" x="{_MARGIN:g}" y="{y + 14:g}">{quote(title)}</text>')
        y += 34
        for bar in each.bars:
            parts.append(f'<g transform="translate({_MARGIN:g} {y:g})"><title>{quote(bar.address)}</title>')
            parts += [*_row(bar, names, scale, in_chain=bar.address in chain), "</g>"]
            y += _ROW
        y += _MARGIN
    width = names + _WIDTH + 200 + 2 * _MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{y:g}" '
            f'viewBox="0 0 {width:g} {y:g}" role="img">',
            f"<style>{STYLE}{_BARS}</style>",
            '<rect class="paper" width="100%" height="100%"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _row(bar: Bar, names: float, scale: float, *, in_chain: bool) -> Iterator[str]:
    yield f'<text class="more" y="13">{quote(bar.address)}</text>'
    said = str(bar.outcome).replace("_", " ")
    waited = names + (bar.end or 0.0 if bar.start is None else bar.start) * scale
    if waited > names:
        yield f'<path class="wait" d="M{names:.1f} 9H{waited:.1f}"/>'
    end = waited
    if bar.start is not None:
        length = max(((bar.end if bar.end is not None else bar.start) - bar.start) * scale, 2.0)
        kind = "bad" if bar.outcome in _BAD else "chain" if in_chain else "run"
        yield f'<rect class="{kind}" x="{waited:.1f}" width="{length:.1f}" height="18" rx="3"/>'
        end = waited + length
        if bar.end is not None:
            said = f"{duration(bar.end - bar.start)}{'' if bar.outcome == 'succeeded' else f', {said}'}"
    for time, word in bar.marks:
        at = names + time * scale
        yield f'<path class="mark" d="M{at:.1f} 0V18"><title>{quote(word)}</title></path>'
    yield f'<text class="more" x="{end + 8:.1f}" y="13">{quote(said)}</text>'
