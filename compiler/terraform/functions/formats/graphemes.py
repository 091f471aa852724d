"""Characters as people count them: grapheme clusters, which Terraform's string functions take as one character.

The rules are Unicode's (https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries) of version 15.0, which
Terraform 1.11 goes by; later ones keep Indic conjuncts together. Where Terraform's own reading of the rules differs, in
sequences that nobody writes, it is Terraform's that counts: a joiner glues a pictograph to any cluster of Hangul or
flags, and the replacement character stands alone.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from compiler.patterns import regex

__all__ = ["clusters", "count"]


def clusters(text: str) -> list[str]:
    """Return the text's grapheme clusters in order; joined they are the text."""
    if text.isascii() and "\r" not in text:
        return list(text)
    kinds = "".join(map(_kind, text))
    return [text[match.start() : match.end()] for match in _CLUSTER.finditer(kinds)]


def count(text: str) -> int:
    """Return how many grapheme clusters the text has."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return len(clusters(text))


# A text is searched for clusters as a text of kinds, one letter a character: c and n are carriage return and newline,
# K controls, P prepended marks, X pictographs, R regional indicators, Z the joiner, E extending marks, S spacing marks,
# L V T Hangul's letters, H and J its syllables without and with a final consonant, and O everything else.
_EXTENSION = "(?:E|S|Z(?:XE*)?)*"
_BASE = "|".join(
    (
        f"(?:L+(?:(?:H?V+|J)T*|H)?|HV*T*|V+T*|JT*|T+){_EXTENSION}",
        f"XE*{_EXTENSION}",
        "Z[ZES]*",
        f"RR?{_EXTENSION}",
        "[OES][ZES]*",
    )
)
_CLUSTER = regex(f"cn|[cnK]|P+(?:{_BASE})?|{_BASE}")


def _ranges(text: str) -> tuple[tuple[int, int], ...]:
    pairs = (item.partition("-") for item in text.split())
    return tuple((int(first, 16), int(last or first, 16)) for first, _, last in pairs)


# What the general category doesn't tell, by kind; looked up before the category. The last marks of E, S and K are those
# of Unicode 15.0 that Python 3.11 doesn't know.
_EXCEPTIONS = (
    ("c", _ranges("D")),
    ("n", _ranges("A")),
    ("Z", _ranges("200D")),
    ("R", _ranges("1F1E6-1F1FF")),
    ("L", _ranges("1100-115F A960-A97C")),
    ("V", _ranges("1160-11A7 D7B0-D7C6")),
    ("T", _ranges("11A8-11FF D7CB-D7FB")),
    ("P", _ranges("600-605 6DD 70F 890-891 8E2 D4E 110BD 110CD 111C2-111C3 1193F 11941 11A3A 11A84-11A89 11D46 11F02")),
    (
        "E",
        _ranges(
            "9BE 9D7 B3E B57 BBE BD7 CC2 CD5-CD6 D3E D57 DCF DDF 1B35 200C 302E-302F FF9E-FF9F 1133E 11357 114B0 114BD "
            "115AF 11930 1D165 1D16E-1D172 1F3FB-1F3FF E0020-E007F "
            "ECE 10EFD-10EFF 11241 11F00-11F01 11F36-11F3A 11F40 11F42 13440 13447-13455 1E08F 1E4EC-1E4EF"
        ),
    ),
    ("S", _ranges("E33 EB3 CF3 11F03 11F34-11F35 11F3E-11F3F 11F41")),
    ("K", _ranges("2065 FFF0-FFF8 FFFD E0000 E0002-E001F E0080-E00FF E01F0-E0FFF 13439-1343F")),
    (
        "O",
        _ranges(
            "102B-102C 1038 1062-1064 1067-106D 1083 1087-108C 108F 109A-109C 1A61 1A63-1A64 AA7B AA7D 11720-11721"
        ),
    ),
    (
        "X",
        _ranges(
            "A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 2388 23CF 23E9-23F3 23F8-23FA 24C2 25AA-25AB "
            "25B6 25C0 25FB-25FE 2600-2605 2607-2612 2614-2685 2690-2705 2708-2712 2714 2716 271D 2721 2728 2733-2734 "
            "2744 2747 274C 274E 2753-2755 2757 2763-2767 2795-2797 27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C 2B50 "
            "2B55 3030 303D 3297 3299 1F000-1F0FF 1F10D-1F10F 1F12F 1F16C-1F171 1F17E-1F17F 1F18E 1F191-1F19A "
            "1F1AD-1F1E5 1F201-1F20F 1F21A 1F22F 1F232-1F23A 1F23C-1F23F 1F249-1F3FA 1F400-1F53D 1F546-1F64F "
            "1F680-1F6FF 1F774-1F77F 1F7D5-1F7FF 1F80C-1F80F 1F848-1F84F 1F85A-1F85F 1F888-1F88F 1F8AE-1F8FF "
            "1F90C-1F93A 1F93C-1F945 1F947-1FAFF 1FC00-1FFFD"
        ),
    ),
)

_CATEGORIES = {"Mn": "E", "Me": "E", "Mc": "S", "Cc": "K", "Cf": "K", "Zl": "K", "Zp": "K"}

_FIRST_SYLLABLE, _LAST_SYLLABLE, _FINALS = 0xAC00, 0xD7A3, 28


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """Return the kind of a character, as :data:`_CLUSTER` knows it."""
    code = ord(char)
    if _FIRST_SYLLABLE <= code <= _LAST_SYLLABLE:
        return "J" if (code - _FIRST_SYLLABLE) % _FINALS else "H"
    for kind, ranges in _EXCEPTIONS:
        if any(first <= code <= last for first, last in ranges):
            return kind
    return _CATEGORIES.get(unicodedata.category(char), "O")
