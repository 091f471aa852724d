"""Classes of values: spelled as :mod:`dataclasses` spells them, made by msgspec.

A class takes 0.01 ms to make instead of 0.4, of which a run needs more than two hundred, and an object a fifth of the
time. What differs: an argument may be given to a field that says ``init=False``, and ``__repr__`` shows every field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace

    def settle(value: object, name: str, content: object) -> None:
        """Give a field of a frozen value its content, in ``__post_init__``."""
else:
    import sys

    # Where typing_extensions can't be had, msgspec takes from typing what both have since Python 3.11. It takes as long
    # to import as half of this package.
    _absent = "typing_extensions" not in sys.modules
    if _absent:
        sys.modules["typing_extensions"] = None
    try:
        from msgspec import NODEFAULT, Struct, StructMeta
        from msgspec import field as _field
        from msgspec.structs import force_setattr as settle
        from msgspec.structs import replace
    finally:
        if _absent:
            del sys.modules["typing_extensions"]

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True, order=False):
        """Return the class, or what makes it, with its annotated names as fields."""

        def make(cls):
            if isinstance(cls, StructMeta):
                # Derived from such a class, it is one already, of the same kind.
                return cls
            bases = (Struct, *(base for base in cls.__bases__ if base is not object))
            namespace = {name: value for name, value in vars(cls).items() if name not in _OF_THE_FIRST_CLASS}
            return StructMeta(cls.__name__, bases, namespace, frozen=frozen, eq=eq, order=order, dict=not slots)

        return make if cls is None else make(cls)

    _OF_THE_FIRST_CLASS = ("__dict__", "__weakref__")

    def field(*, init=True, default=NODEFAULT, default_factory=NODEFAULT):
        """Return what says of a field how it gets its value; ``init=False``: ``__post_init__`` gives it one."""
        if not init and default is NODEFAULT and default_factory is NODEFAULT:
            default = None
        return _field(default=default, default_factory=default_factory)


__all__ = ["dataclass", "field", "replace", "settle"]
