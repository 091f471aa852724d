"""How long units take: durations as people write them, and files of them."""

from __future__ import annotations

import json

from compiler.patterns import regex
from compiler.status.events import BadLog, durations_of, is_log, read_events, spans_of

_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = regex(r"(\d+(?:\.\d+)?)(ms|s|m|h|)")


class BadDuration(ValueError):
    """A text is no duration, or a file holds none; the message says why."""


def parse_duration(text: str) -> float:
    """Return seconds from ``20``, ``20s``, ``1.5m``, ``500ms``, ``1h``. Raises :class:`BadDuration`."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise BadDuration(f"{text!r} is not a duration; write 20s, 1.5m, 500ms or 1h")
    return round(float(found[1]) * _UNITS[found[2]], 6)


def merge_durations(texts: list[tuple[str, str]]) -> dict[str, float]:
    """Return seconds by address from files, each a name and a text.

    A file is an event log of the launcher (of several logs the median counts), or a JSON object with a duration for
    each address, as seconds or as text; the latter go before logs, and a later file before an earlier one. Raises
    :class:`BadDuration`.
    """
    logs = []
    given: dict[str, float] = {}
    for name, text in texts:
        if is_log(text):
            try:
                logs.append(spans_of(read_events(text)))
            except BadLog as exc:
                raise BadDuration(f"{name}: {exc}") from None
        else:
            given.update(_read_object(name, text))
    return {**durations_of(logs), **given}


def _read_object(name: str, text: str) -> dict[str, float]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BadDuration(f'{name} is neither an event log nor a JSON object such as {{"coder_script.x": "20s"}}')
    found = {}
    for address, duration in value.items():
        if isinstance(duration, bool) or not isinstance(duration, int | float | str):
            raise BadDuration(f"{name}: the duration of {address} is neither a number of seconds nor a text")
        try:
            found[address] = parse_duration(duration if isinstance(duration, str) else f"{duration:f}")
        except BadDuration as exc:
            raise BadDuration(f"{name}: {exc}") from None
    return found
