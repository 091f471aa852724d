"""What a script's text says. The one reader of shell text, and the only importer of tree-sitter.

A text becomes commands, pipelines, lists, redirections, heredocs, assignments, functions and loops, each with its
offsets: :mod:`~compiler.shell.reader` reads it, :mod:`~compiler.shell.walk` and :mod:`~compiler.shell.calls` go through
its commands, :mod:`~compiler.shell.tools` asks other programs about it.
"""
