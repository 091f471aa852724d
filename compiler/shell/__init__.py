"""What a script's text says. The one reader of shell text, and the only importer of tree-sitter.

A text becomes commands, pipelines, lists, redirections, heredocs, assignments, functions and loops, each with its
offsets. Import this where a body is read, never for anything else: the grammar takes a while to load.
"""

from __future__ import annotations

from compiler.shell.calls import Invocation, calls, program, unwrapped
from compiler.shell.interpreter import Interpreter, interpreter_of
from compiler.shell.reader import ShellScript, read
from compiler.shell.walk import Visit, nodes, visits

__all__ = [
    "Interpreter",
    "Invocation",
    "ShellScript",
    "Visit",
    "calls",
    "interpreter_of",
    "nodes",
    "program",
    "read",
    "unwrapped",
    "visits",
]
