"""SHA-256 from the interpreter's own module where it has one, as :mod:`random` takes it.

:mod:`hashlib` loads OpenSSL first, which takes a fiftieth of a whole compile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hashlib import _Hash
    from hashlib import sha256 as _own
else:
    try:
        from _sha2 import sha256 as _own  # Python 3.12 and later
    except ImportError:
        try:
            from _sha256 import sha256 as _own
        except ImportError:
            # An interpreter that was built to leave all digests to OpenSSL.
            from hashlib import sha256 as _own

# OpenSSL takes a quarter of the time, which makes up for loading it from this many bytes on.
_WORTH_LOADING: Final = 2 << 20


def sha256(data: bytes) -> _Hash:
    """Return the digest object of some bytes."""
    if len(data) < _WORTH_LOADING:
        return _own(data)
    from hashlib import sha256 as fast

    return fast(data)
