"""unitc: order the scripts of a Coder workspace template at compile time."""

__all__ = ["__version__"]

__version__ = "0.1.0"
