"""The parser's table: what the installed grammar gives, and data like any other."""

from __future__ import annotations

import subprocess
import sys

from compiler.hcl import grammar
from compiler.hcl.table import FILE, table


def test_the_shipped_table_is_what_the_installed_python_hcl2_and_lark_give() -> None:
    made = grammar.compiled()
    assert made == table(), "run: python -m compiler.hcl.grammar"
    assert grammar.text(made) == FILE.read_text(encoding="utf-8")


_READS = """
import sys
from compiler.hcl import read
from compiler.source.span import Source
file, problems = read(Source("main.tf", 'a = [1, "x${y}"]\\n'))
assert problems == () and file.body.attributes
print(*sorted(name for name in ("hcl2", "lark", "pickle") if name in sys.modules))
"""


def test_reading_a_file_imports_neither_library() -> None:
    ran = subprocess.run([sys.executable, "-c", _READS], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
