"""SHA-256 from the interpreter's own module where it has one, as :mod:`random` takes it.

:mod:`hashlib` loads OpenSSL first, which takes a fiftieth of a whole compile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256  # Python 3.12 and later
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:
            # An interpreter that was built to leave all digests to OpenSSL.
            from hashlib import sha256

__all__ = ["sha256"]
