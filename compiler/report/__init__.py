"""Reporters: diagnostics as a machine form, and as what people and other tools read. All are drawn from the form.

To add a reporter: write a function ``to_NAME`` from :class:`form.Findings` to text beside its like, and put the name
and its module into ``formats``. ``--format`` and ``--report`` take it from there. Its quoting is its own, in one
function; its whole output for a template with several findings is a golden in ``tests/cli``.
"""
