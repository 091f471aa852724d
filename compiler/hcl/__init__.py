"""The HCL frontend: from text to located blocks, attributes, expressions and comments.

Everything is read without Terraform, accepted and refused as Terraform does, and every node knows its place. Syntax
errors are diagnostics in HashiCorp's words. Nothing here raises for what a file holds.
"""

from __future__ import annotations

from compiler.hcl.bodies import read_attribute_at, read_file
from compiler.hcl.expansions import ShellExpansion, escape_of, expansion_around
from compiler.hcl.expressions import expression_at, template_of, traversal_text
from compiler.hcl.syntax import Attribute, Expression, File, Template
from compiler.hcl.traversal import (
    CATCHING,
    AttrStep,
    IndexStep,
    Mention,
    Traversal,
    mentions,
    names_nothing,
    references,
    root_of,
    traversal_of,
)
from compiler.source.diagnostics import Diagnostic, error, sort_diagnostics
from compiler.source.span import Source

__all__ = [
    "CATCHING",
    "MAX_BYTES",
    "AttrStep",
    "IndexStep",
    "Mention",
    "ShellExpansion",
    "Traversal",
    "decode",
    "escape_of",
    "expansion_around",
    "forget",
    "mentions",
    "names_nothing",
    "read",
    "read_attribute",
    "read_expression",
    "read_template",
    "read_traversal",
    "references",
    "root_of",
    "too_large",
    "traversal_of",
]

# So many files are kept in memory as they were read; templates have a few dozen.
_KEPT_FILES = 256

# Coder takes templates of 1 MiB at most; a file of twice that is none.
MAX_BYTES = 2 * 1024 * 1024


def too_large(name: str, size: int, first_line: str = "") -> Diagnostic:
    """Return what is said of a file that has more bytes than any template; ``first_line`` is shown."""
    detail = f"The file has {size} bytes; Coder takes templates of 1 MiB at most."
    return error("UC004", Source(name, first_line).span(0, 0), "File is too large", detail)


def decode(name: str, data: bytes) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """Return a file's bytes as a source, or None and the reason why they are no text that Terraform could read.

    ``name`` is the file's path relative to the template's folder, with ``/``. Line endings and a byte order mark stay
    in the text as they are.
    """
    if len(data) > MAX_BYTES:
        return None, (too_large(name, len(data), data[:80].decode("utf-8", "replace").split("\n")[0]),)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as failed:
        before = data[: failed.start].decode("utf-8")
        source = Source(name, before + data[failed.start :].decode("utf-8", "replace"))
        return None, (
            error(
                "UC001",
                source.span(len(before), len(before) + 1),
                "Invalid character encoding",
                "All input files must be UTF-8 encoded. Ensure that UTF-8 encoding is selected in your editor.",
                label=f"byte 0x{data[failed.start]:02x} is no UTF-8 here",
            ),
        )
    source = Source(name, text)
    at = text.find("\0")
    if at >= 0:
        detail = "The file holds a NUL character. No script can hold one, so this is no text file, or a damaged one."
        return None, (error("UC001", source.span(at, at + 1), "Invalid character", detail),)
    return source, ()


def read(source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
    """Return a whole ``.tf`` or ``.tfvars`` file and what is wrong with it.

    The file is what could be told, also where parts of it are wrong. One of the same name and text that was read
    before, such as a module's of many templates, is given again.
    """
    key = (source.name, source.text)
    known = _kept.pop(key, None)
    if known is None:
        file, problems = read_file(source)
        known = (file, sort_diagnostics(problems))
        if len(_kept) >= _KEPT_FILES:
            del _kept[next(iter(_kept))]
    _kept[key] = known
    return known


# By name and text, the one that was asked for last at the end.
_kept: dict[tuple[str, str], tuple[File, tuple[Diagnostic, ...]]] = {}


def forget(source: Source) -> None:
    """Let go of a file as it was read: its text has changed since, and won't come again."""
    _kept.pop((source.name, source.text), None)


def read_expression(
    source: Source, start: int = 0, end: int | None = None
) -> tuple[Expression | None, tuple[Diagnostic, ...]]:
    """Return the one expression that stands between two offsets of the source, else None and what is wrong."""
    expression, problems = expression_at(source, start, len(source.text) if end is None else end)
    return expression, sort_diagnostics(problems)


def read_attribute(source: Source, start: int, end: int) -> tuple[Attribute | None, tuple[Diagnostic, ...]]:
    """Return the one argument, ``name = expression``, that stands between two offsets, else None and what is wrong."""
    attribute, problems = read_attribute_at(source, start, end)
    return attribute, sort_diagnostics(problems)


def read_template(source: Source) -> tuple[Template | None, tuple[Diagnostic, ...]]:
    """Return a file that ``templatefile`` reads, as a template of kind ``FILE``, else None and what is wrong."""
    template, problems = template_of(source)
    return template, sort_diagnostics(problems)


def read_traversal(source: Source) -> tuple[Traversal | None, tuple[Diagnostic, ...]]:
    """Return the traversal that a text such as ``coder_script.x["key"]`` is, else None and what is wrong with it.

    Accepts what HashiCorp's ``hclsyntax.ParseTraversalAbs`` accepts.
    """
    traversal, problems = traversal_text(source)
    return traversal, sort_diagnostics(problems)
