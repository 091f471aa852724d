"""RSA private keys as people store them, and what they decrypt.

Three forms are read: PKCS #1 (https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2), PKCS #8
(https://www.rfc-editor.org/rfc/rfc5208#section-5) and that of OpenSSH
(https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key). A key that is itself encrypted isn't read.

Nothing here hides how long it takes: a template is compiled where its secrets are, for who has them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["KeyTextError", "PrivateKey", "decrypt", "read_private_key"]


class KeyTextError(Exception):
    """A text isn't a key that can be used; the message is a clause."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """What decrypting takes."""

    modulus: int
    exponent: int


def read_private_key(text: str) -> PrivateKey:
    """Return the first key in the text, or raise :class:`KeyTextError`."""
    block = _BLOCK.search(text)
    if block is None:
        raise KeyTextError("no key found")
    if "ENCRYPTED" in block["body"]:
        raise KeyTextError("this private key is passphrase protected")
    read = _FORMS.get(block["form"])
    if read is None:
        raise KeyTextError(f'unsupported key type "{block["form"]}"')
    try:
        return read(base64.b64decode("".join(block["body"].split()), validate=True))
    except (binascii.Error, ValueError, IndexError, StopIteration) as exc:
        raise KeyTextError("the data in the given private key is damaged") from exc


_BLOCK = re.compile(
    r"^-----BEGIN (?P<form>[A-Z ]+)-----$(?P<body>.*?)^-----END (?P=form)-----", re.DOTALL | re.MULTILINE
)


def decrypt(key: PrivateKey, data: bytes) -> bytes | None:
    """Return what was encrypted with the key's other half, padded after PKCS #1 v1.5; None where it wasn't."""
    size = (key.modulus.bit_length() + 7) // 8
    number = int.from_bytes(data)
    if number >= key.modulus:
        return None
    padded = pow(number, key.exponent, key.modulus).to_bytes(size)
    end = padded.find(0, 2)
    # At least eight bytes of padding stand before the zero that ends it.
    return padded[end + 1 :] if padded[:2] == b"\0\2" and end >= 10 else None


def _checked(modulus: int, public: int, exponent: int, first: int, second: int) -> PrivateKey:
    product = public * exponent
    if first * second != modulus or any(product % (prime - 1) != 1 for prime in (first, second)):
        raise ValueError("the numbers of the key don't belong together")
    return PrivateKey(modulus, exponent)


# DER, of which keys need a little (https://www.itu.int/rec/T-REC-X.690)

_INTEGER, _OCTETS, _OBJECT_ID, _SEQUENCE = 0x02, 0x04, 0x06, 0x30
_RSA_ENCRYPTION = bytes.fromhex("2a864886f70d010101")


def _der_items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and the content of each item in turn."""
    place = 0
    while place < len(data):
        tag, length, place = data[place], data[place + 1], place + 2
        if length & 0x80:
            count = length & 0x7F
            length, place = int.from_bytes(data[place : place + count]), place + count
        if place + length > len(data):
            raise ValueError("an item is longer than what holds it")
        yield tag, data[place : place + length]
        place += length


def _only(data: bytes, tag: int) -> bytes:
    """Return the content of the one item, which has the tag."""
    ((found, content),) = _der_items(data)
    if found != tag:
        raise ValueError("an item of another kind was expected")
    return content


def _pkcs1(data: bytes) -> PrivateKey:
    items = list(_der_items(_only(data, _SEQUENCE)))
    if any(tag != _INTEGER for tag, _ in items[:9]) or len(items) < 9:
        raise ValueError("not a key of RSA")
    if len(items) > 9:
        raise KeyTextError("a private key of more than two primes isn't supported")
    _, modulus, public, exponent, first, second, *_ = (int.from_bytes(content, signed=True) for _, content in items)
    return _checked(modulus, public, exponent, first, second)


def _pkcs8(data: bytes) -> PrivateKey:
    _, (_, algorithm), (tag, key), *_ = _der_items(_only(data, _SEQUENCE))
    if tag != _OCTETS or next(_der_items(algorithm)) != (_OBJECT_ID, _RSA_ENCRYPTION):
        raise KeyTextError("the private key isn't one of RSA")
    return _pkcs1(key)


# OpenSSH's own form

_MAGIC = b"openssh-key-v1\0"


def _openssh(data: bytes) -> PrivateKey:
    if not data.startswith(_MAGIC):
        raise ValueError("not a key of OpenSSH")
    cipher, _, _, rest = _strings(data[len(_MAGIC) :], 3)
    if cipher != b"none":
        raise KeyTextError("this private key is passphrase protected")
    # A count of keys, which is one, and two equal check numbers are four bytes each.
    _, private, _ = _strings(rest[4:], 2)
    kind, rest = _strings(private[8:], 1)
    if kind != b"ssh-rsa":
        raise KeyTextError("the private key isn't one of RSA")
    *numbers, _ = _strings(rest, 6)
    modulus, public, exponent, _, first, second = (int.from_bytes(number, signed=True) for number in numbers)
    return _checked(modulus, public, exponent, first, second)


def _strings(data: bytes, count: int) -> list[bytes]:
    """Return so many strings that follow each other, and what comes after them."""
    found = []
    for _ in range(count):
        length = int.from_bytes(data[:4])
        if 4 + length > len(data):
            raise ValueError("a string is longer than what holds it")
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    return [*found, data]


_FORMS: dict[str, Callable[[bytes], PrivateKey]] = {
    "OPENSSH PRIVATE KEY": _openssh,
    "PRIVATE KEY": _pkcs8,
    "RSA PRIVATE KEY": _pkcs1,
}
