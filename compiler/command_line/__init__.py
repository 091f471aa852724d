"""The command line: how commands are declared, and how their arguments are read.

To add a command: write it into :mod:`compiler.commands` beside its like, and put its first word into the table in
:mod:`compiler.command_line.typed`, which then writes ``plain.json`` anew.
"""
