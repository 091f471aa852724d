"""The compiled copy: a template with the modules vendored into it that its folder doesn't hold.

The copy is a template like any other, whose modules lie in ``unitc/modules``; what compiles it in place then is the
same that compiles any template. Nothing is changed but the ``source`` and ``version`` of the calls that now lead there,
and typed siblings of ``depends_on`` that Terraform would refuse, which become directives. Modules that Terraform
installs and that no order reaches are left to Terraform.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping

from compiler.hcl.syntax import Attribute, TupleExpr
from compiler.order.directives.vocabulary import DIRECTIVES
from compiler.output.fix import edited
from compiler.output.header import is_ours
from compiler.output.marker import MARKER
from compiler.records import dataclass, field, replace
from compiler.source.diagnostics import Diagnostic, Edit, warning
from compiler.source.prose import listed
from compiler.source.span import Source, Span
from compiler.terraform.configuration.address import quote
from compiler.terraform.configuration.files import ChosenFiles, Files, MemoryFiles, join
from compiler.terraform.configuration.json_files import InstalledModule, installed_modules
from compiler.terraform.configuration.module import Config, Module
from compiler.terraform.configuration.sources import is_local
from compiler.wiring.in_place import FarCall

# Coder refuses an upload of more than 1 MiB; well before that it is told.
MAX_UPLOAD = 1024 * 1024
_NEAR_UPLOAD = MAX_UPLOAD * 9 // 10

_MODULES = "unitc/modules"
_VALUES = ".tfvars"


@dataclass(slots=True)
class _EditedText:
    """A file whose text changes in the copy."""

    source: Source
    edits: list[Edit] = field(default_factory=list)

    def text(self) -> str:
        return edited(self.source.text, self.edits)

    def original(self, span: Span) -> Span:
        """Return where a piece of the edited text stands in the original."""
        return Span(self.source, self._original(span.start, is_end=False), self._original(span.end, is_end=True))

    def _original(self, place: int, *, is_end: bool) -> int:
        for edit in sorted(self.edits, key=lambda edit: edit.span.start):
            if place <= edit.span.start:
                break
            if place < edit.span.start + len(edit.text):
                return edit.span.end if is_end else edit.span.start
            place += edit.span.end - edit.span.start - len(edit.text)
        return place


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A file of the copy: its path there and in the template, its bytes, and whether it can be run."""

    path: str
    original: str
    data: bytes
    executable: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of a template before it is compiled. ``links`` are symbolic links that were left out.

    ``origins`` are the sources, with versions, of what is vendored, by its folder in the copy; ``vendored`` is how many
    folders are.
    """

    files: tuple[CopiedFile, ...]
    links: tuple[str, ...]
    edited: Mapping[str, _EditedText]
    origins: Mapping[str, str]
    vendored: int

    def in_template(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return diagnostics of the copy with the places that they have in the template."""
        names = {item.path: item.original for item in self.files}

        def original(span: Span) -> Span:
            path = span.source.name
            if path in self.edited:
                return self.edited[path].original(span)
            return Span(Source(names[path], span.source.text), span.start, span.end) if path in names else span

        return tuple(
            replace(item, labels=tuple(replace(label, span=original(label.span)) for label in item.labels))
            for item in diagnostics
        )


class CopyFiles(ChosenFiles):
    """The files of a copy, and those of the template that it is used with but doesn't hold.

    These are the installed modules and the files of values, of which some are named by where they are on the disk.
    """

    def __init__(self, copy: MemoryFiles, original: Files) -> None:
        self._copy = copy
        self._original = original

    def place(self, path: str) -> Files:
        """Return where ``path`` is: beside the original, or in the copy."""
        is_original = path.split("/")[0] in ("", ".terraform") or path.endswith(_VALUES)
        return self._original if is_original else self._copy

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, in code-point order. Raises OSError where it can't be listed."""
        names = self.place(folder).names(folder)
        if folder != ".":
            return names
        return tuple(sorted({*names, *(name for name in self._original.names(folder) if name.endswith(_VALUES))}))


def is_private(name: str) -> bool:
    """Return whether a name is one of those that Terraform and people keep for themselves beside a template."""
    return name.startswith(".") or name.endswith(_VALUES) or ".tfstate" in name


def _left_out(name: str) -> bool:
    """Return whether Coder's upload leaves a name out."""
    return is_private(name) and name != ".terraform.lock.hcl"


@dataclass(slots=True)
class _Copier:
    files: Files
    skipped: frozenset[str]
    # Folders that the copy holds at another place.
    vendored: Collection[str]
    # By the paths that files have in the copy.
    edited: Mapping[str, _EditedText]
    copied: dict[str, CopiedFile] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)

    def folder(self, folder: str, target: str) -> None:
        """Copy what stands below a folder to ``target``, a folder of the copy."""
        for name in self.files.names(folder):
            at, to = join(folder, name), join(target, name)
            if _left_out(name) or at in self.skipped:
                continue
            if self.files.is_link(at) and not self.files.is_link(folder):
                if at not in self.vendored:
                    self.links.append(at)
            elif self.files.is_dir(at):
                # Another compiled copy is no part of the template.
                if not self.files.is_file(join(at, MARKER)):
                    self.folder(at, to)
            elif self.files.is_file(at):
                self.file(at, to)

    def file(self, at: str, to: str) -> None:
        data = self.files.read(at)
        if is_ours(data.decode("utf-8", "surrogateescape")):
            return
        if to in self.edited:
            data = self.edited[to].text().encode("utf-8", "surrogateescape")
        self.copied[to] = CopiedFile(to, at, data, self.files.is_executable(at))


def _takes_comment(span: Span) -> bool:
    """Return whether nothing but a comment to the end of the line follows a span on its line."""
    rest = span.source.text[span.end :].split("\n", 1)[0].strip()
    return not rest or rest.startswith(("#", "//"))


def _line(span: Span) -> int:
    return span.start_pos[0]


def _realigned(attributes: Iterable[Attribute], removed: Attribute) -> Iterator[Edit]:
    """Yield how the blanks before ``=`` change in what stood on adjoining lines with an argument that goes.

    These are the lines that ``terraform fmt`` aligns: each holds one argument as a whole.
    """
    single = sorted(
        (item for item in attributes if "\n" not in item.span.text), key=lambda attribute: attribute.span.start
    )
    at = next((number for number, item in enumerate(single) if item.span == removed.span), None)
    if at is None:
        return
    first, last = at, at
    while first > 0 and _line(single[first - 1].span) == _line(single[first].span) - 1:
        first -= 1
    while last + 1 < len(single) and _line(single[last + 1].span) == _line(single[last].span) + 1:
        last += 1
    kept = [item for item in single[first : last + 1] if item.span != removed.span]
    width = max((len(item.name) for item in kept), default=0)
    aligned = max(width, len(removed.name))
    for item in kept:
        start = item.name_span.end
        end = item.span.source.text.index("=", start)
        # A text that wasn't aligned before stays as it is.
        if item.span.source.text[start:end] == " " * (aligned - len(item.name) + 1) and width < aligned:
            yield Edit(item.span.source.span(start, end), " " * (width - len(item.name) + 1))


def _directive(attribute: Attribute) -> str:
    value = attribute.expression
    if isinstance(value, TupleExpr):
        text = f"[{', '.join(item.span.text for item in value.items)}]"
    else:
        text = " ".join(value.span.text.split())
    # A comment runs to the end of its line, and so would take the brace of a block that stands on one line.
    end = "\n" if attribute.span.source.text[attribute.span.end :].lstrip(" \t").startswith("}") else ""
    return f"# unitc: {attribute.name} = {text}{end}"


def _typed_attributes(module: Module) -> Iterator[Attribute]:
    """Yield the typed siblings that stand in a module's blocks as real attributes."""
    for named in (*module.resources.values(), *module.calls.values()):
        for block in named.blocks:
            for attribute in block.body.attributes:
                if attribute.name in DIRECTIVES and attribute.name.startswith("depends_on_"):
                    yield attribute


@dataclass(slots=True)
class _Layout:
    """Where the modules of a template lie in its copy, and what changes there."""

    root: Config
    files: Files
    far: Mapping[tuple[str, ...], FarCall]
    # The place of each vendored folder, which calls may share; and the folder that is vendored for a call, by the place
    # of the caller and the call's name: calls with one text can lead to one place only.
    targets: dict[str, str] = field(default_factory=dict)
    _folders: dict[tuple[str, str], str] = field(default_factory=dict)
    edited: dict[str, _EditedText] = field(default_factory=dict)
    installed: Mapping[str, InstalledModule] = field(default_factory=dict)
    # Where what is vendored came from, by its place.
    origins: dict[str, str] = field(default_factory=dict)

    def read(self) -> None:
        self.installed, _ = installed_modules(self.files)
        self._module(self.root, self.root.module.dir)

    def _module(self, config: Config, place: str) -> None:
        """Note what changes in a module that lies at ``place`` in the copy, and in those that it calls."""
        for attribute in _typed_attributes(config.module):
            self._edit(place, Edit(attribute.span, _directive(attribute)))
        for name, child in config.children.items():
            far, source = self.far.get(child.path), config.module.calls[name].source or ""
            if far is not None:
                folder = self._folders.setdefault((place, name), child.module.dir)
                self._lead(far, place, self._target(folder, far))
                if folder == child.module.dir:
                    self._module(child, self.targets[folder])
            elif is_local(source):
                self._module(child, join(place, source.replace("\\", "/")))

    def _target(self, folder: str, far: FarCall) -> str:
        if folder not in self.targets:
            target = f"{_MODULES}/{'.'.join(far.path)}"
            # The template may itself be a compiled copy.
            while self.files.is_dir(target) or target in self.targets.values():
                target += "_"
            self.targets[folder] = target
            origin = self._origin(far)
            if origin:
                self.origins[target] = origin
        return self.targets[folder]

    def _lead(self, far: FarCall, place: str, target: str) -> None:
        """Make a call lead to the place of its module in the copy."""
        source = far.call.block.body.attribute("source")
        assert source is not None
        relative = posixpath.relpath(target, place)
        leads = relative if relative.startswith("../") else f"./{relative}"
        span = source.expression.span
        origin = self._origin(far)
        said = f" # from {origin}" if origin and _takes_comment(span) else ""
        self._edit(place, Edit(span, quote(leads) + said))
        for block in far.call.blocks:
            version = block.body.attribute("version")
            if version is not None:
                self._edit(place, Edit(version.span.whole_lines() or version.span, ""))
                for edit in _realigned(block.body.attributes, version):
                    self._edit(place, edit)

    def _origin(self, far: FarCall) -> str:
        """Return where a vendored module came from, and its version where it has one; nothing for a local one."""
        installed = self.installed.get(".".join(far.path))
        if installed is None or is_local(far.call.source or ""):
            return ""
        return installed.source if installed.version is None else f"{installed.source} {installed.version}"

    def _edit(self, place: str, edit: Edit) -> None:
        source = edit.span.source
        edits = self.edited.setdefault(join(place, posixpath.basename(source.name)), _EditedText(source)).edits
        if edit not in edits:
            edits.append(edit)


def copy_template(root: Config, files: Files, calls: Iterable[FarCall], skip: Iterable[str]) -> Copy:
    """Return the template with the modules of these calls vendored. ``skip`` are paths that are no part of it.

    Raises OSError where a file can't be read.
    """
    layout = _Layout(root, files, {item.path: item for item in calls})
    layout.read()
    copier = _Copier(files, frozenset(skip), layout.targets, layout.edited)
    copier.folder(".", ".")
    for folder, target in layout.targets.items():
        copier.folder(folder, target)
    copied = tuple(copier.copied[path] for path in sorted(copier.copied))
    return Copy(copied, tuple(sorted(set(copier.links))), layout.edited, layout.origins, len(layout.targets))


def copy_warnings(root: Config, links: tuple[str, ...], size: int) -> Iterator[Diagnostic]:
    """Yield what Coder's upload makes of a copy: it leaves out symbolic links, and takes only so many bytes."""
    span = Span(root.module.files[0].source, 0, 0)
    if links:
        yield warning(
            "UC415",
            span,
            "Symbolic links are left out",
            f"Coder's upload passes over symbolic links, and so does the copy: {listed(links)}.",
            help="put the files themselves in their place",
        )
    if size >= _NEAR_UPLOAD:
        yield warning(
            "UC416",
            span,
            "Copy is large",
            f"The compiled copy has {size:,} bytes; Coder takes an upload of at most {MAX_UPLOAD:,}.",
            help="remove what the template doesn't need",
        )
