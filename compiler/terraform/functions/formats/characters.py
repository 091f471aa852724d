"""Characters as Terraform's functions take them: what counts as one, its upper and lower case, and what is blank.

One is what people count as one, a grapheme cluster
(https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries). Computed is what takes none of Unicode's rules:
texts of characters that each stand alone. Others, such as letters with marks that follow them and pictographs that are
joined, are left to Terraform. Go maps each letter to one letter (the simple mappings of Unicode's data,
https://pkg.go.dev/unicode#ToUpper); Python's ``str.upper`` makes ``SS`` of ``ß``. Such letters are left, too.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.patterns import regex
from compiler.terraform.values.budget import LaterError

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


SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""The characters that Unicode calls white space; Python's ``str.strip`` takes some control characters too."""


def in_case(change: Callable[[str], str], text: str) -> str:
    """Return the text in the case that ``str.upper`` or ``str.lower`` gives a letter."""
    if text.isascii():
        return change(text)
    # Each character alone, since Python looks at a sigma's neighbours.
    changed = list(map(change, text))
    if any(len(char) != 1 for char in changed):
        raise LaterError("letters whose case takes several letters")
    return "".join(changed)
