"""SHA-256, of little data from the interpreter's own module where it has one, as :mod:`random` takes it.

:mod:`hashlib` loads OpenSSL first, which takes a fiftieth of a whole compile; for megabytes that needs a third of the
time.
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

# So many bytes take as long as loading OpenSSL.
_MUCH: Final = 500_000


def sha256(data: bytes) -> _Hash:
    """Return what :func:`hashlib.sha256` does."""
    if len(data) < _MUCH:
        return _own(data)
    from hashlib import sha256 as fast

    return fast(data)
