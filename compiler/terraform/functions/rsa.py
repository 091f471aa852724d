"""The function that decrypts."""

from __future__ import annotations

from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.formats import base64_text
from compiler.terraform.functions.formats.rsa_keys import KeyTextError, decrypt, read_private_key
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value, string


@function("rsadecrypt", Parameter("ciphertext", STRING), Parameter("privatekey", STRING), returns=STRING)
def _rsadecrypt(call: Call) -> Value:
    # Messages show neither of the arguments: a key is a secret, and what it opens often is one too.
    try:
        data = base64_text.decode(call.text(0))
    except base64_text.Base64Error as exc:
        raise ArgumentError(0, "cipher text must be base64-encoded") from exc
    try:
        key = read_private_key(call.text(1))
    except KeyTextError as exc:
        raise ArgumentError(1, f"invalid private key: {exc}") from exc
    plain = decrypt(key, data)
    if plain is None:
        raise CallError("failed to decrypt: the cipher text wasn't made for this key")
    try:
        return string(plain.decode())
    except UnicodeDecodeError as exc:
        raise CallError("the decrypted text is not valid UTF-8") from exc
