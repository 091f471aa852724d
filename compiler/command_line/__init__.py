"""The command line as typer sees it: one file for each kind of command, which imports what is heavy when it is run.

To add a command: write it beside its like, and put its name into the table in
:mod:`compiler.command_line.typed`, which then writes ``plain.json`` anew.
"""
