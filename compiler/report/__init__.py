"""Reporters: diagnostics as a machine form, and as what people and other tools read. All are drawn from the form.

To add a reporter: write a file ``NAME.py`` with a function ``render`` from :class:`form.Findings` to text, and put the
name into ``formats.Format``. ``--format`` and ``--report`` take it from there. Its quoting is its own, in one function;
its whole output for a template with several findings is a golden in ``tests/cli``.
"""
