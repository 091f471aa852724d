"""Characters as people count them: grapheme clusters, which Terraform's string functions take as one character.

The rules are Unicode's (https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries). Computed is what takes no
rules: texts of characters that each stand alone. Others, such as letters with marks that follow them and pictographs
that are joined, are left to Terraform.
"""

from __future__ import annotations

from compiler.patterns import regex
from compiler.terraform.values.later import LaterError

# Latin, Greek, Cyrillic, punctuation, arrows and symbols, box drawing, kana, CJK and pictographs, without all that
# extends, joins or precedes another character.
_ALONE = regex(
    "[\t\n -~\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0559\u2010-\u2027\u2030-\u205e\u20a0-\u20c0\u2100-\u2bff"
    "\u3001-\u3029\u3041-\u3096\u309b-\u30ff\u4e00-\u9fff\U0001f300-\U0001f3fa\U0001f400-\U0001faff]*"
)


def clusters(text: str) -> str:
    """Return the text, whose characters are its grapheme clusters. Raises :class:`LaterError` where they aren't."""
    if _ALONE.fullmatch(text) is None:
        raise LaterError("which characters belong together")
    return text
