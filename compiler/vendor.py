"""The compiled copy: a template with the modules that have to be wired vendored into it.

The copy is a template like any other, whose modules lie in ``unitc/modules``; what compiles it in place then is the
same that compiles any template. Nothing is changed but the ``source`` and ``version`` of the calls that now lead there,
and typed siblings of ``depends_on`` that Terraform would refuse, which become directives.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from compiler.diagnostics import Diagnostic, warning
from compiler.emit.header import read_header
from compiler.emit.marker import MARKER
from compiler.hcl.syntax import Attribute, TupleExpr
from compiler.ordering.statements import DIRECTIVES
from compiler.span import Source, Span
from compiler.terraform.address import quote
from compiler.terraform.files import Files, MemoryFiles, join
from compiler.terraform.module import Config, Module, walk
from compiler.wiring.in_place import FarCall

__all__ = [
    "MAX_UPLOAD",
    "CopiedFile",
    "Copy",
    "OverlaidFiles",
    "copy_template",
    "is_private",
    "link_warning",
    "size_warning",
]

# Coder refuses an upload of more than 1 MiB; well before that somebody should know.
MAX_UPLOAD = 1024 * 1024
_NEAR_UPLOAD = MAX_UPLOAD * 9 // 10

_MODULES = "unitc/modules"


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A file of the copy: its path, its bytes, and whether it can be run."""

    path: str
    data: bytes
    executable: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of a template before it is compiled. ``links`` are symbolic links that were left out."""

    files: tuple[CopiedFile, ...]
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OverlaidFiles:
    """The files of a copy, and below ``.terraform`` those of the template that it was made from."""

    copy: MemoryFiles
    original: Files

    def _of(self, path: str) -> Files:
        return self.original if path.split("/")[0] == ".terraform" else self.copy

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises OSError where it can't be read."""
        return self._of(path).read(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, in code-point order. Raises OSError where it can't be listed."""
        return self._of(folder).names(folder)

    def is_file(self, path: str) -> bool:
        """Return whether there is a regular file at ``path``."""
        return self._of(path).is_file(path)

    def is_dir(self, path: str) -> bool:
        """Return whether there is a folder at ``path``."""
        return self._of(path).is_dir(path)

    def is_link(self, path: str) -> bool:
        """Return whether ``path`` itself, or a folder on the way to it inside the template, is a symbolic link."""
        return self._of(path).is_link(path)

    def is_executable(self, path: str) -> bool:
        """Return whether the file at ``path`` can be run."""
        return self._of(path).is_executable(path)


def is_private(name: str) -> bool:
    """Return whether a name is one of those that Terraform and people keep for themselves beside a template."""
    return name.startswith(".") or name.endswith(".tfvars") or ".tfstate" in name


def _left_out(name: str) -> bool:
    """Return whether Coder's upload leaves a name out."""
    return is_private(name) and name != ".terraform.lock.hcl"


@dataclass(slots=True)
class _Copier:
    files: Files
    skipped: frozenset[str]
    edits: Mapping[str, list[tuple[int, int, str]]]
    texts: Mapping[str, Source]
    copied: dict[str, CopiedFile] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)

    def folder(self, folder: str, target: str) -> None:
        """Copy what stands below a folder to ``target``, a folder of the copy."""
        for name in self.files.names(folder):
            at, to = join(folder, name), join(target, name)
            if _left_out(name) or at in self.skipped:
                continue
            if self.files.is_link(at) and not self.files.is_link(folder):
                self.links.append(at)
            elif self.files.is_dir(at):
                # Another compiled copy is no part of the template.
                if not self.files.is_file(join(at, MARKER)):
                    self.folder(at, to)
            elif self.files.is_file(at):
                self.file(at, to)

    def file(self, at: str, to: str) -> None:
        data = self.files.read(at)
        if _is_ours(data):
            return
        if at in self.edits:
            data = _edited(self.texts[at].text, self.edits[at]).encode("utf-8", "surrogateescape")
        self.copied[to] = CopiedFile(to, data, self.files.is_executable(at))


def _is_ours(data: bytes) -> bool:
    return read_header(data.decode("utf-8", "surrogateescape")) is not None


def _edited(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _whole_line(span: Span) -> tuple[int, int]:
    """Return the offsets of the lines of a span, where nothing else stands on them; else those of the span."""
    text = span.source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    end = len(text) if end == -1 else end + 1
    alone = not text[start : span.start].strip() and not text[span.end : end].strip()
    return (start, end) if alone else (span.start, span.end)


def _directive(attribute: Attribute) -> str:
    value = attribute.expression
    if isinstance(value, TupleExpr):
        text = f"[{', '.join(item.span.text for item in value.items)}]"
    else:
        text = " ".join(value.span.text.split())
    return f"# unitc: {attribute.name} = {text}"


def _typed_attributes(module: Module) -> Iterator[Attribute]:
    """Yield the typed siblings that stand in a module's blocks as real attributes."""
    for named in (*module.resources.values(), *module.calls.values()):
        for block in named.blocks:
            for attribute in block.body.attributes:
                if attribute.name in DIRECTIVES and attribute.name.startswith("depends_on_"):
                    yield attribute


def copy_template(root: Config, files: Files, calls: Iterable[FarCall], skip: Iterable[str]) -> Copy:
    """Return the template with the modules of these calls vendored. ``skip`` are paths that are no part of it.

    Raises OSError where a file can't be read.
    """
    edits: dict[str, list[tuple[int, int, str]]] = {}
    texts: dict[str, Source] = {}

    def edit(span: Span, place: tuple[int, int], replacement: str) -> None:
        texts[span.source.name] = span.source
        rows = edits.setdefault(span.source.name, [])
        if (*place, replacement) not in rows:
            rows.append((*place, replacement))

    # A folder that several calls share is copied once, and the copy of a call's text can lead to one place only.
    targets: dict[str, str] = {}
    where: dict[tuple[str, int], str] = {}
    for item in calls:
        source = item.call.block.body.attribute("source")
        assert source is not None
        span = source.expression.span
        folder = where.setdefault((span.source.name, span.start), item.child.module.dir)
        target = targets.setdefault(folder, f"{_MODULES}/{'.'.join(item.path)}")
        parent = _copied_dir(item.parent.module.dir, targets)
        relative = posixpath.relpath(target, parent)
        leads = relative if relative.startswith("../") else f"./{relative}"
        edit(span, (span.start, span.end), quote(leads))
        version = item.call.block.body.attribute("version")
        if version is not None:
            edit(version.span, _whole_line(version.span), "")
    for config in walk(root):
        for attribute in _typed_attributes(config.module):
            edit(attribute.span, (attribute.span.start, attribute.span.end), _directive(attribute))

    copier = _Copier(files, frozenset(skip), edits, texts)
    copier.folder(".", ".")
    for folder, target in targets.items():
        copier.folder(folder, target)
    return Copy(tuple(copier.copied[path] for path in sorted(copier.copied)), tuple(sorted(set(copier.links))))


def _copied_dir(folder: str, targets: Mapping[str, str]) -> str:
    """Return where a module's folder lies in the copy."""
    for vendored in sorted(targets, key=len, reverse=True):
        if folder == vendored or folder.startswith(f"{vendored}/"):
            return join(targets[vendored], posixpath.relpath(folder, vendored))
    return folder


def size_warning(root: Config, size: int) -> tuple[Diagnostic, ...]:
    """Return a warning where a copy of ``size`` bytes comes near to what Coder takes."""
    if size < _NEAR_UPLOAD:
        return ()
    span = root.module.files[0].body.span
    return (
        warning(
            "UC416",
            Span(span.source, 0, 0),
            "Copy is large",
            f"The compiled copy has {size:,} bytes; Coder takes an upload of at most {MAX_UPLOAD:,}.",
            help="take away what the template doesn't need",
        ),
    )


def link_warning(root: Config, links: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Return a warning that names the symbolic links that a copy leaves out."""
    if not links:
        return ()
    span = root.module.files[0].body.span
    shown = ", ".join(links[:5]) + (" and more" if len(links) > 5 else "")
    return (
        warning(
            "UC415",
            Span(span.source, 0, 0),
            "Symbolic links are left out",
            f"Coder's upload passes over symbolic links, and so does the copy: {shown}.",
            help="put the files themselves in their place",
        ),
    )
