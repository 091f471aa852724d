"""Texts in other encodings, by the names that IANA has registered.

Which names there are, and what they stand for, is that of https://pkg.go.dev/golang.org/x/text/encoding/ianaindex.
Python's codecs are mended where they differ in a few bytes. Those of East Asia, but for Korea's, differ in hundreds of
characters; what lies beyond ASCII isn't known here then.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from compiler.records import dataclass, field
from compiler.terraform.functions.formats.letters import SPACES, lower

__all__ = ["Encoding", "NotRepresentableError", "find"]


class NotRepresentableError(ValueError):
    """A text has characters that the encoding lacks, or bytes mean nothing in it."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding: its name, Python's codec, and how to mend that.

    ``mended`` has the characters of single bytes that the codec lacks or has elsewhere, ``lacking`` those that only the
    codec has. Where ``ascii_only`` is true, the codec can be trusted with nothing but ASCII.
    """

    name: str
    codec: str
    mended: Mapping[int, str] = field(default_factory=dict)
    lacking: frozenset[str] = frozenset()
    ascii_only: bool = False

    def encode(self, text: str) -> bytes | None:
        """Return the text's bytes, None where they aren't known, or raise :class:`NotRepresentableError`."""
        if self.ascii_only:
            return text.encode() if text.isascii() and _is_plain(text.encode()) else None
        if not self.lacking.isdisjoint(text):
            raise NotRepresentableError(self.name)
        mended = {char: bytes((byte,)) for byte, char in self.mended.items()}
        try:
            if mended:
                return b"".join(mended.get(char) or char.encode(self.codec) for char in text)
            # Python writes a byte order mark of the machine's own order.
            mark = b"\xfe\xff" if self.codec == _UTF16 else b""
            return mark + text.encode("utf-16-be" if mark else self.codec)
        except UnicodeEncodeError:
            raise NotRepresentableError(self.name) from None

    def decode(self, data: bytes) -> str | None:
        """Return the text that bytes stand for, None where it isn't known, or raise :class:`NotRepresentableError`."""
        if self.ascii_only:
            return data.decode() if data.isascii() and _is_plain(data) else None
        try:
            if self.mended:
                text = "".join(self.mended.get(byte) or bytes((byte,)).decode(self.codec) for byte in data)
            else:
                # Without a byte order mark the higher byte comes first.
                marked = self.codec != _UTF16 or data[:2] in (b"\xfe\xff", b"\xff\xfe")
                text = data.decode(self.codec if marked else "utf-16-be")
        except UnicodeDecodeError:
            raise NotRepresentableError(self.name) from None
        if "\ufffd" in text or not self.lacking.isdisjoint(text):
            raise NotRepresentableError(self.name)
        return text


def _is_plain(data: bytes) -> bool:
    """Return whether ASCII bytes mean themselves in every encoding: no escapes, and none of those that some replace."""
    return not any(byte in data for byte in b"\x0e\x0f\x1b\\~")


def find(name: str) -> Encoding | None:
    """Return the encoding of that name, in any case, or None."""
    return _by_name().get(lower(name.strip(SPACES)))


_UTF16 = "utf-16"

# Python's codec (? where it can't be trusted), the name that messages show, and other names.
_ENCODINGS = (
    "ascii US-ASCII iso-ir-6 ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us us ibm367 cp367 csascii",
    "latin-1 ISO_8859-1:1987 iso-ir-100 iso_8859-1 iso-8859-1 latin1 l1 ibm819 cp819 csisolatin1",
    "iso8859-2 ISO_8859-2:1987 iso-ir-101 iso_8859-2 iso-8859-2 latin2 l2 csisolatin2",
    "iso8859-3 ISO_8859-3:1988 iso-ir-109 iso_8859-3 iso-8859-3 latin3 l3 csisolatin3",
    "iso8859-4 ISO_8859-4:1988 iso-ir-110 iso_8859-4 iso-8859-4 latin4 l4 csisolatin4",
    "iso8859-5 ISO_8859-5:1988 iso-ir-144 iso_8859-5 iso-8859-5 cyrillic csisolatincyrillic",
    "iso8859-6 ISO_8859-6:1987 iso-ir-127 iso_8859-6 iso-8859-6 ecma-114 asmo-708 arabic csisolatinarabic",
    "iso8859-7 ISO_8859-7:1987 iso-ir-126 iso_8859-7 iso-8859-7 elot_928 ecma-118 greek greek8 csisolatingreek",
    "iso8859-8 ISO_8859-8:1988 iso-ir-138 iso_8859-8 iso-8859-8 hebrew csisolatinhebrew",
    "iso8859-9 ISO_8859-9:1989 iso-ir-148 iso_8859-9 iso-8859-9 latin5 l5 csisolatin5",
    "iso8859-10 ISO-8859-10 iso-ir-157 l6 iso_8859-10:1992 csisolatin6 latin6",
    "? Shift_JIS ms_kanji csshiftjis",
    "? Extended_UNIX_Code_Packed_Format_for_Japanese cseucpkdfmtjapanese euc-jp",
    "cp949 EUC-KR cseuckr",
    "? ISO-2022-JP csiso2022jp",
    "iso8859-6 ISO_8859-6-E csiso88596e iso-8859-6-e",
    "iso8859-6 ISO_8859-6-I csiso88596i iso-8859-6-i",
    "iso8859-8 ISO_8859-8-E csiso88598e iso-8859-8-e",
    "iso8859-8 ISO_8859-8-I csiso88598i iso-8859-8-i",
    "utf-8 UTF-8 csutf8",
    "iso8859-13 ISO-8859-13 csiso885913",
    "iso8859-14 ISO-8859-14 iso-ir-199 iso_8859-14:1998 iso_8859-14 latin8 iso-celtic l8 csiso885914",
    "iso8859-15 ISO-8859-15 iso_8859-15 latin-9 csiso885915",
    "iso8859-16 ISO-8859-16 iso-ir-226 iso_8859-16:2001 iso_8859-16 latin10 l10 csiso885916",
    "? GBK cp936 ms936 windows-936 csgbk",
    "? GB18030 csgb18030",
    "utf-16-be UTF-16BE csutf16be",
    "utf-16-le UTF-16LE csutf16le",
    "utf-16 UTF-16 csutf16",
    "cp850 IBM850 cp850 850 cspc850multilingual",
    "cp862 IBM862 cp862 862 cspc862latinhebrew",
    "? Big5 csbig5",
    "mac-roman macintosh mac csmacintosh",
    "cp037 IBM037 cp037 ebcdic-cp-us ebcdic-cp-ca ebcdic-cp-wt ebcdic-cp-nl csibm037",
    "cp437 IBM437 cp437 437 cspc8codepage437",
    "cp852 IBM852 cp852 852 cspcp852",
    "cp855 IBM855 cp855 855 csibm855",
    "cp860 IBM860 cp860 860 csibm860",
    "cp863 IBM863 cp863 863 csibm863",
    "cp865 IBM865 cp865 865 csibm865",
    "koi8-r KOI8-R cskoi8r",
    "? HZ-GB-2312",
    "cp866 IBM866 cp866 866 csibm866",
    "koi8-u KOI8-U cskoi8u",
    "cp858 IBM00858 ccsid00858 cp00858 pc-multilingual-850+euro csibm00858",
    "cp1140 IBM01140 ccsid01140 cp01140 ebcdic-us-37+euro csibm01140",
    "cp037 IBM1047 ibm-1047 csibm1047",
    "cp874 windows-874 cswindows874",
    "cp1250 windows-1250 cswindows1250",
    "cp1251 windows-1251 cswindows1251",
    "cp1252 windows-1252 cswindows1252",
    "cp1253 windows-1253 cswindows1253",
    "cp1254 windows-1254 cswindows1254",
    "cp1255 windows-1255 cswindows1255",
    "cp1256 windows-1256 cswindows1256",
    "cp1257 windows-1257 cswindows1257",
    "cp1258 windows-1258 cswindows1258",
)

# What to mend, by the name that messages show.
_MENDED = {
    "IBM1047": {0x5F: "^", 0xAD: "[", 0xB0: "\xac", 0xBA: "\xdd", 0xBB: "\xa8", 0xBD: "]"},
    "KOI8-U": {0xAE: "\u045e", 0xBE: "\u040e"},
    "windows-1255": {0xCA: "\u05ba"},
}
_LACKING = {"KOI8-U": "\u255d\u256c"}

# Of ISO 8859, only these parts have control characters above ASCII.
_WITH_CONTROLS = ("latin-1", "iso8859-9")
_CONTROLS = "".join(map(chr, range(0x80, 0xA0)))


@cache
def _by_name() -> Mapping[str, Encoding]:
    found = {}
    for row in _ENCODINGS:
        codec, name, *others = row.split()
        lacking = _LACKING.get(name, "")
        if codec.startswith("iso8859") and codec not in _WITH_CONTROLS:
            lacking += _CONTROLS
        encoding = Encoding(name, codec, _MENDED.get(name, {}), frozenset(lacking), ascii_only=codec == "?")
        found.update(dict.fromkeys((name.lower(), *others), encoding))
    return found
