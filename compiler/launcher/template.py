"""How the launcher's template becomes data: jinja2 reads it, and what it says is written down.

``python -m compiler.launcher.template`` writes ``launcher.json`` anew, and with it ``tight.json``, the other thing that
is shipped as made (:mod:`compiler.launcher.tight`); a test tells when that is due. No command imports this module or
jinja2, which takes longer than all that a compile itself does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from jinja2 import Environment, nodes

from compiler.launcher.filling import FILE, Part
from compiler.launcher.runtime import TIGHT_FILE, tight_texts

SOURCE = FILE.with_name("launcher.sh.j2")


def read(template: str) -> list[Part]:
    """Return the parts of a template. Raises ValueError where it holds more than texts, values and loops."""
    return _parts(Environment(keep_trailing_newline=True).parse(template).body)


def text(made: object) -> str:
    """Return what was made as its file holds it."""
    return json.dumps(made, indent=1) + "\n"


def _parts(found: Sequence[nodes.Node]) -> list[Part]:
    return [part for node in found for part in _of(node)]


def _of(node: nodes.Node) -> list[Part]:
    if isinstance(node, nodes.Output):
        return [each.data if isinstance(each, nodes.TemplateData) else {"value": _names(each)} for each in node.nodes]
    if isinstance(node, nodes.For) and node.test is None and not node.recursive and isinstance(node.target, nodes.Name):
        inner = {"parts": _parts(node.body), "others": _parts(node.else_)}
        return [{"each": node.target.name, "of": _names(node.iter), **inner}]
    raise _too_much(node)


def _names(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_names(node.node)}.{node.attr}"
    raise _too_much(node)


def _too_much(node: nodes.Node) -> ValueError:
    return ValueError(f"line {node.lineno}: only texts, values and loops can stand in the launcher's template")


if __name__ == "__main__":
    for file, made in ((FILE, read(SOURCE.read_text("utf-8"))), (TIGHT_FILE, tight_texts())):
        file.write_text(text(made), encoding="utf-8", newline="\n")
