"""Timelines as SVG: a row a unit, waiting and running told apart, the critical path marked, one log under the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.drawing.svg import STYLE, framed, quote
from compiler.drawing.timeline import Bar, Doing, Timeline, duration, explained

BARS = """\
.wait { fill: none; stroke: var(--line); stroke-dasharray: 1 4 } .run { fill: var(--line) } .chain { fill: #0969da }
.bad { fill: var(--red) } .probing { opacity: 0.4 } .retrying { opacity: 0.65 } .lane { fill: var(--paper) }
"""
_ROW = 26.0
_WIDTH = 560.0
_MARGIN = 24.0
_SAID = 200.0
"""Room behind the bars for words."""
_BAD = frozenset({"failed", "timed_out", "canceled"})
_KEY = 200.0


def to_svg(timelines: Sequence[Timeline], *, standalone: bool = True) -> str:
    """Return one drawing of all timelines, on one scale of time so that two can be compared.

    ``standalone``: with its own style and name space.
    """
    scale = _WIDTH / (max((each.makespan for each in timelines), default=0.0) or 1.0)
    names = max((len(bar.address) for each in timelines for bar in each.bars), default=0) * 7.6 + 16
    width = names + _WIDTH + _SAID + 2 * _MARGIN
    parts: list[str] = []
    y = _MARGIN
    for each in timelines:
        chain = {address for address, _ in each.chain}
        title = f"{each.title}: {duration(each.makespan)}"
        parts.append(f'<text class="head" x="{_MARGIN:g}" y="{y + 14:g}">{quote(title)}</text>')
        y += 34
        for bar in each.bars:
            unit = quote(bar.address)
            parts.append(f'<g class="node" data-unit="{unit}" transform="translate({_MARGIN:g} {y:g})">')
            parts.append(
                f'<title>{unit}</title><rect class="lane" y="-4" width="{width - 2 * _MARGIN:g}" height="26"/>'
            )
            parts += [*_row(bar, names, scale, each.makespan, in_chain=bar.address in chain), "</g>"]
            y += _ROW
        keys = [("chain", "critical path")] if chain else []
        keys += [(f"run {doing}", words) for doing, words in explained(each).items()]
        for number, (kind, words) in enumerate(keys):
            x = _MARGIN + names + number * _KEY
            parts.append(f'<rect class="{kind}" x="{x:g}" y="{y + 4:g}" width="24" height="12" rx="3"/>')
            parts.append(f'<text class="more" x="{x + 32:g}" y="{y + 14:g}">{quote(words)}</text>')
        y += _MARGIN
    return framed(parts, width, y, STYLE + BARS if standalone else "")


def _row(bar: Bar, names: float, scale: float, makespan: float, *, in_chain: bool) -> Iterator[str]:
    yield f'<text class="more" y="13">{quote(bar.address)}</text>'
    said = str(bar.outcome).replace("_", " ")
    kind = "bad" if bar.outcome in _BAD else "chain" if in_chain else "run"
    end = names
    for stretch in bar.stretches(makespan):
        start = names + stretch.start * scale
        end = names + stretch.end * scale
        if stretch.doing is Doing.WAITING:
            yield f'<path class="wait" d="M{start:.1f} 9H{end:.1f}"/>'
            continue
        end = max(end, start + 2)
        yield f'<rect class="{kind} {stretch.doing}" x="{start:.1f}" width="{end - start:.1f}" height="18" rx="3"/>'
    if bar.start is not None and bar.end is not None:
        said = f"{duration(bar.end - bar.start)}{'' if bar.outcome == 'succeeded' else f', {said}'}"
    yield f'<text class="more" x="{end + 8:.1f}" y="13">{quote(said)}</text>'
