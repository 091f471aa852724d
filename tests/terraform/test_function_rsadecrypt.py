from __future__ import annotations

import base64
import json
import textwrap

import pytest

from tests.terraform.oracle import ask
from tests.terraform.scopes import answer, value_of

# A key for these tests alone. It is made of its numbers here, since texts that look like keys alarm people.
FIRST = int(
    "C19D6DF8EEB10A56D0F37E01BD699E0039D3742AC22F052432F512F8687E1F8393F9D2FA081CD1A3"
    "F138667A878D125C9997EA3C7BEBDF2FB5EAE560E79FC9DC39",
    16,
)
SECOND = int(
    "E58225251BC3AE471CD6DC1569048FF8A384D3A93D2BC7D284A8F05985451606DD249FBFC96ED51B"
    "054F9F48F20DB320F1A6ABC1392C3CC6ADC4F80DD049EF4899",
    16,
)
MODULUS = FIRST * SECOND
PUBLIC = 65537
PRIVATE = pow(PUBLIC, -1, (FIRST - 1) * (SECOND - 1))
SIZE = (MODULUS.bit_length() + 7) // 8


def _item(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    count = max((size.bit_length() + 7) // 8, 1)
    return bytes([tag, *([0x80 + count] if size > 127 else []), *size.to_bytes(count)]) + content


def _integer(value: int) -> bytes:
    return _item(2, value.to_bytes(value.bit_length() // 8 + 1))


def _pkcs1(first: int = FIRST, more: bytes = b"") -> bytes:
    numbers = (0, MODULUS, PUBLIC, PRIVATE, first, SECOND, PRIVATE % (FIRST - 1), PRIVATE % (SECOND - 1))
    return _item(0x30, *map(_integer, numbers), _integer(pow(SECOND, -1, FIRST)), more)


def _pkcs8(algorithm: str = "2a864886f70d010101") -> bytes:
    kind = _item(0x30, _item(6, bytes.fromhex(algorithm)), _item(5))
    return _item(0x30, _integer(0), kind, _item(4, _pkcs1()))


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def _openssh(cipher: bytes = b"none") -> bytes:
    numbers = (MODULUS, PUBLIC, PRIVATE, pow(SECOND, -1, FIRST), FIRST, SECOND)
    packed = [_string(value.to_bytes(value.bit_length() // 8 + 1)) for value in numbers]
    private = b"same" * 2 + _string(b"ssh-rsa") + b"".join(packed) + _string(b"comment")
    padding = bytes(range(1, 9 - len(private) % 8)) if len(private) % 8 else b""
    public = _string(b"ssh-rsa") + packed[1] + packed[0]
    head = b"openssh-key-v1\0" + _string(cipher) + _string(b"none") + _string(b"") + (1).to_bytes(4)
    return head + _string(public) + _string(private + padding)


def _text(form: str, data: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(data).decode(), 64)
    return "\n".join([f"-----BEGIN {form}-----", *lines, f"-----END {form}-----", ""])


def _sealed(plain: bytes, padding: int | None = None) -> str:
    filler = SIZE - 3 - len(plain) if padding is None else padding
    block = b"\0\2" + b"\x55" * filler + b"\0" + plain
    return base64.b64encode(pow(int.from_bytes(block.ljust(SIZE, b"\x66")), PUBLIC, MODULUS).to_bytes(SIZE)).decode()


PLAIN = _sealed("hällo\n".encode())
RSA, PKCS8, OPENSSH = "RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY"

CASES: dict[str, tuple[str, str, str | None]] = {
    "pkcs1": (PLAIN, _text(RSA, _pkcs1()), r'"hällo\n"'),
    "pkcs8": (PLAIN, _text(PKCS8, _pkcs8()), r'"hällo\n"'),
    "openssh": (PLAIN, _text(OPENSSH, _openssh()), r'"hällo\n"'),
    "words around the key": (PLAIN, f"my key\n{_text(RSA, _pkcs1())}is this\n", r'"hällo\n"'),
    "nothing sealed": (_sealed(b""), _text(RSA, _pkcs1()), '""'),
    "line breaks in the cipher text": (f"{PLAIN[:20]}\n{PLAIN[20:]}\n", _text(RSA, _pkcs1()), r'"hällo\n"'),
    "the shortest padding": (_sealed(b"x" * (SIZE - 11)), _text(RSA, _pkcs1()), f'"{"x" * (SIZE - 11)}"'),
    "too short a padding": (_sealed(b"x", padding=7), _text(RSA, _pkcs1()), None),
    "cipher text of another key": (base64.b64encode(b"\1" * SIZE).decode(), _text(RSA, _pkcs1()), None),
    "cipher text above the modulus": (base64.b64encode(b"\xff" * SIZE).decode(), _text(RSA, _pkcs1()), None),
    "cipher text that isn't base 64": ("*", _text(RSA, _pkcs1()), None),
    "no key": (PLAIN, "key", None),
    "an empty key": (PLAIN, "", None),
    "a damaged key": (PLAIN, _text(RSA, _pkcs1()[:-40]), None),
    "base 64 that isn't": (PLAIN, _text(RSA, _pkcs1()).replace("A", "*"), None),
    "numbers that don't match": (PLAIN, _text(RSA, _pkcs1(first=FIRST + 2)), None),
    "a key of another kind": (PLAIN, _text("EC PRIVATE KEY", _pkcs1()), None),
    "another algorithm": (PLAIN, _text(PKCS8, _pkcs8("2a8648ce3d0201")), None),
    "a key with a passphrase": (PLAIN, _text(OPENSSH, _openssh(b"aes256-ctr")), None),
    "a public key": (PLAIN, _text("PUBLIC KEY", _pkcs1()), None),
}


def _expression(cipher: str, key: str) -> str:
    return f"rsadecrypt({json.dumps(cipher)}, {json.dumps(key)})"


@pytest.mark.parametrize("name", CASES)
def test_a_key_opens_what_was_sealed_for_it(name: str) -> None:
    cipher, key, plain = CASES[name]
    assert answer(_expression(cipher, key)) == plain


@pytest.mark.terraform
def test_terraform_opens_the_same() -> None:
    answers = ask([_expression(cipher, key) for cipher, key, _ in CASES.values()])
    assert dict(zip(CASES, answers, strict=True)) == {name: plain for name, (_, _, plain) in CASES.items()}


@pytest.mark.parametrize("name", [name for name, (_, _, plain) in CASES.items() if plain is None])
def test_a_message_shows_neither_key_nor_cipher_text(name: str) -> None:
    cipher, key, _ = CASES[name]
    _, problems = value_of(_expression(cipher, key))
    secrets = {line for text in (cipher, key) for line in text.split("\n") if len(line) > 40}
    assert problems
    assert not [secret for secret in secrets for problem in problems if secret[:40] in problem.detail]
