"""unitc: order the scripts of a Coder workspace template at compile time."""

__version__ = "0.1.0"

HOME = "https://pypi.org/project/unitc-coder/"
"""Where people find the tool and its README."""
