"""Configuration: ``unitc.toml``, or ``[tool.unitc]`` in ``pyproject.toml``, the nearest one upward from a template."""
