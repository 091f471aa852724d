"""From files to the tree of modules: ``load(files) -> (Config, diagnostics)``.

Reads folders as Terraform does: every ``*.tf``, override files last and merged, hidden and backup files passed over.
Our own output is passed over too, so that a compiled template compiles to the same again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from compiler.hcl import decode, read, too_large
from compiler.hcl.syntax import Attribute, Block, File, Template, Unread
from compiler.records import dataclass, field
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.span import Source, Span
from compiler.terraform.configuration.files import Files, FileTooLarge, join
from compiler.terraform.configuration.json_files import InstalledModule, check_json, installed_modules
from compiler.terraform.configuration.module import (
    Changed,
    Config,
    Mode,
    Module,
    ModuleCall,
    Named,
    Resource,
    hides,
    is_override,
    merge,
)
from compiler.terraform.configuration.sources import is_local, is_registry, normal_source
from compiler.terraform.configuration.versions import VersionError, check_constraint, may_meet

# Terraform itself has no limit and runs until memory ends where a module calls itself.
MAX_MODULE_DEPTH = 64
MAX_MODULES = 10_000

_OWN_PREFIX = "zz_unitc"


def config_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the configuration files among ``names``, override files last, each group sorted."""
    # Terraform passes over hidden files and editors' backups; those that end in "~" or "#" are none of these anyway.
    ours = (".", _OWN_PREFIX)
    found = sorted(name for name in names if name.endswith((".tf", ".tf.json")) and not name.startswith(ours))
    return tuple(sorted(found, key=is_override))


def is_template(files: Files, folder: str = ".") -> bool:
    """Return whether a folder holds a Terraform configuration. Raises OSError where it can't be listed."""
    return any(files.is_file(join(folder, name)) for name in config_names(files.names(folder)))


@dataclass(slots=True)
class _ModuleReader:
    """Reads the files of all modules, each once, and collects what is to be said of them."""

    files: Files
    diagnostics: list[Diagnostic] = field(default_factory=list)
    modules: dict[str, Module] = field(default_factory=dict)
    installed: Mapping[str, InstalledModule] = field(default_factory=dict)
    count: int = 0
    reported: set[Span] = field(default_factory=set)

    def module(self, folder: str) -> Module:
        if folder not in self.modules:
            self.modules[folder] = self._read_module(folder)
        return self.modules[folder]

    def _read_module(self, folder: str) -> Module:
        primary: list[File] = []
        overrides: list[File] = []
        in_json: frozenset[str] = frozenset()
        unreadable = False
        for name in config_names(self.files.names(folder)):
            path = join(folder, name)
            if not self.files.is_file(path):
                continue
            source, diagnostics = read_source(self.files, path)
            self.diagnostics.extend(diagnostics)
            if source is None:
                unreadable = True
                continue
            if name.endswith(".json"):
                names, diagnostics = check_json(source)
                self.diagnostics.extend(diagnostics)
                in_json |= names
                unreadable = unreadable or bool(diagnostics)
                continue
            file, diagnostics = read(source)
            self.diagnostics.extend(diagnostics)
            (overrides if is_override(name) else primary).append(file)
        builder = _ModuleBuilder(folder, self.diagnostics, primary, unreadable)
        for file in primary:
            builder.declare(file)
        for file in overrides:
            builder.override(file)
        return builder.build((*primary, *overrides), in_json)

    def config(self, path: tuple[str, ...], folder: str, ancestors: tuple[str, ...]) -> Config:
        module = self.module(folder)
        children: dict[str, Config] = {}
        changed: dict[str, Changed] = {}
        for call in module.calls.values():
            found = self._child(path, folder, (*ancestors, folder), call)
            if isinstance(found, Changed):
                changed[call.name] = found
            elif found is not None:
                children[call.name] = found
        return Config(path, module, MappingProxyType(children), MappingProxyType(changed))

    def _child(
        self, path: tuple[str, ...], folder: str, ancestors: tuple[str, ...], call: ModuleCall
    ) -> Config | Changed | None:
        source = call.block.body.attribute("source")
        span = source.expression.span if source is not None else call.block.header_span
        address = ".".join(("module." + name) for name in (*path, call.name))
        if source is not None and isinstance(source.expression, Unread):
            return None
        if call.source is None:
            self._report(
                span,
                "Module without a source",
                f"{address} has no source argument."
                if source is None
                else f"The source of {address} is not a plain string, so it can't be told which module is meant.",
                'write source = "./FOLDER", or the address of a module',
            )
            return None
        constraint = self._constraint(call, address)
        local = is_local(call.source)
        if local:
            target = join(folder, call.source.replace("\\", "/"))
        else:
            installed = self.installed.get(".".join((*path, call.name)))
            if installed is None:
                # Whether it matters is for those to say who need the module.
                return None
            changed = _changed(address, call.source, constraint, installed)
            if changed is not None:
                return changed
            target = installed.folder
        if not self.files.is_dir(target) or not is_template(self.files, target):
            if local:
                self._report(
                    span,
                    "Module not found",
                    f"{address} has the source {call.source}, but {target} is not a folder with .tf files.",
                    "correct the path; it is relative to the folder of the file that holds the call",
                )
            return None
        self.count += 1
        if target in ancestors or len(path) >= MAX_MODULE_DEPTH or self.count > MAX_MODULES:
            reason = (
                f"{address} calls the module in {target}, which it stands in itself: the calls would never end."
                if target in ancestors
                else f"{address} is the call where unitc stops reading: module calls may be nested {MAX_MODULE_DEPTH} "
                f"deep, and there may be {MAX_MODULES:,} of them."
            )
            self._report(span, "Module calls never end", reason, "remove the inner call")
            return None
        return self.config((*path, call.name), target, ancestors)

    def _constraint(self, call: ModuleCall, address: str) -> str | None:
        """Return what a call asks of its module's version, None where that is nothing or can't be read."""
        version = call.block.body.attribute("version")
        if version is None or call.source is None or isinstance(version.expression, Unread):
            return None
        span, constraint = version.expression.span, _literal(call.block, "version")
        if not is_registry(call.source):
            self._report(
                version.span,
                "Version of a module that has none",
                f"{address} has a version, but its source {call.source} is not an address in a registry; Terraform "
                "takes versions for those only.",
                "remove version" if is_local(call.source) else "remove version, and put ?ref=TAG behind the source",
            )
            return None
        try:
            if constraint is not None:
                check_constraint(constraint)
                return constraint
        except VersionError:
            pass
        self._report(
            span,
            "Invalid version constraint",
            f"The version of {address} is not a constraint that Terraform can read.",
            'write a version such as "1.2.3", or a constraint such as "~> 1.2"',
        )
        return None

    def _report(self, span: Span, summary: str, detail: str, help_: str) -> None:
        """Note what is wrong with a call, once: a folder that is called several times holds one call."""
        if span not in self.reported:
            self.reported.add(span)
            self.diagnostics.append(error("UC012", span, summary, detail, help=help_))


def _changed(address: str, source: str, constraint: str | None, installed: InstalledModule) -> Changed | None:
    """Return why an installed module isn't the one that a call names, None where it is."""
    normal = normal_source(source)
    if normal is not None and normal != installed.source:
        return Changed(
            "Module source has changed",
            f"{address} names {normal}, but the module that is installed for it came from {installed.source}.",
        )
    if constraint is None:
        return None
    if installed.version is not None and may_meet(installed.version, constraint):
        return None
    having = f"version {installed.version}" if installed.version is not None else "a module without a version"
    return Changed(
        "Module version requirements have changed",
        f"{address} asks for the version {constraint}, but {having} is installed for it.",
    )


@dataclass(slots=True)
class _ModuleBuilder:
    """Sorts the blocks of one folder into tables, as Terraform does."""

    folder: str
    diagnostics: list[Diagnostic]
    primary: list[File]
    unreadable: bool
    named: dict[str, dict[str, list[Block]]] = field(
        default_factory=lambda: {kind: {} for kind in ("resource", "data", "variable", "output", "module")}
    )
    locals: dict[str, Attribute] = field(default_factory=dict)

    def _labelled(self, file: File) -> Iterator[tuple[Block, str]]:
        """Yield each block that has a name, with its key in its table; report those whose labels are wrong."""
        for block in file.body.blocks:
            if block.type not in self.named:
                continue
            wanted = _LABELS[block.type]
            if len(block.labels) != len(wanted):
                self.diagnostics.append(_label_error(block, wanted))
                self.unreadable = True
            else:
                yield block, ".".join(label.value for label in block.labels)

    def declare(self, file: File) -> None:
        for block, key in self._labelled(file):
            first = self.named[block.type].setdefault(key, [block])[0]
            if first is not block:
                self.diagnostics.append(_duplicate(block.type, key, block.header_span, first.header_span))
        for attribute in _locals(file):
            known = self.locals.setdefault(attribute.name, attribute)
            if known is not attribute:
                self.diagnostics.append(_duplicate("local value", attribute.name, attribute.name_span, known.name_span))

    def override(self, file: File) -> None:
        for block, key in self._labelled(file):
            table = self.named[block.type]
            depends_on = block.body.attribute("depends_on")
            if key not in table:
                self._missing_base(block.type, key, block.labels[-1].value, block.header_span)
            elif depends_on is not None and block.type in ("resource", "data", "module"):
                self.diagnostics.append(
                    error(
                        "UC014",
                        depends_on.span,
                        "depends_on in an override",
                        f"Terraform refuses depends_on in an override file; it stands in the override of {key}.",
                        help="put depends_on into the block that is overridden",
                    )
                )
            else:
                table[key].append(block)
        for attribute in _locals(file):
            if attribute.name in self.locals:
                self.locals[attribute.name] = attribute
            else:
                self._missing_base("local value", attribute.name, attribute.name, attribute.name_span)

    def _missing_base(self, kind: str, key: str, name: str, span: Span) -> None:
        """Note that nothing declares what an override changes, unless a part that couldn't be read may hold it."""
        if self.unreadable or hides([unread for file in self.primary for unread in file.unread], name):
            return
        self.diagnostics.append(
            error(
                "UC014",
                span,
                f"Missing base {kind}{'' if kind == 'local value' else ' block'}",
                f"There is no {kind} {key} in another file for this override to change.",
                help=f"rename the file, or declare the {kind} in a file that isn't an override file",
            )
        )

    def build(self, files: tuple[File, ...], in_json: frozenset[str]) -> Module:
        resources = [
            Resource(key.split(".", 1)[1], _merged(blocks), tuple(blocks), mode, key.split(".", 1)[0])
            for mode in (Mode.MANAGED, Mode.DATA)
            for key, blocks in self.named[mode.value].items()
        ]
        calls = {
            name: ModuleCall(name, _merged(blocks), tuple(blocks), _literal(_merged(blocks), "source"))
            for name, blocks in self.named["module"].items()
        }
        return Module(
            self.folder,
            files,
            MappingProxyType({resource.address: resource for resource in resources}),
            self._table("variable"),
            MappingProxyType(self.locals),
            self._table("output"),
            MappingProxyType(calls),
            in_json,
            self.unreadable,
        )

    def _table(self, kind: str) -> Mapping[str, Named]:
        table = self.named[kind]
        return MappingProxyType({name: Named(name, _merged(blocks), tuple(blocks)) for name, blocks in table.items()})


_LABELS = {
    "resource": ("type", "name"),
    "data": ("type", "name"),
    "variable": ("name",),
    "output": ("name",),
    "module": ("name",),
}


def _merged(blocks: list[Block]) -> Block:
    merged = blocks[0]
    for block in blocks[1:]:
        merged = merge(merged, block)
    return merged


def _literal(block: Block, name: str) -> str | None:
    """Return the literal string of an argument, None where it has none or isn't literal."""
    attribute = block.body.attribute(name)
    if attribute is None or not isinstance(attribute.expression, Template):
        return None
    return attribute.expression.literal


def _locals(file: File) -> Iterator[Attribute]:
    return (attribute for block in file.body.blocks_of("locals") for attribute in block.body.attributes)


def _duplicate(kind: str, key: str, span: Span, first: Span) -> Diagnostic:
    return error(
        "UC013",
        span,
        f"Duplicate {kind}",
        f"A {kind} {key} stands in this module already; names must be unique in a module.",
        label="declared again here",
        related=[also(first, "first declared here")],
        help="rename one of the two, or remove it",
    )


def _label_error(block: Block, wanted: tuple[str, ...]) -> Diagnostic:
    names = " and ".join(f'"{name}"' for name in wanted)
    return error(
        "UC016",
        block.header_span,
        f"Wrong labels on a {block.type} block",
        f"A {block.type} block has {len(wanted)} label{'s' * (len(wanted) > 1)}, {names}; this one has "
        f"{len(block.labels)}.",
        help=f"write {block.type} " + " ".join(f'"{name.upper()}"' for name in wanted) + " {",
    )


def read_source(files: Files, path: str) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """Return a file as a source, or None and why it is no text that Terraform could read.

    Raises OSError where it can't be read.
    """
    try:
        return decode(path, files.read(path))
    except FileTooLarge as exc:
        return None, (too_large(path, exc.size),)


def load(files: Files) -> tuple[Config, tuple[Diagnostic, ...]]:
    """Return the template's tree of modules and what is wrong with reading it.

    Raises OSError where a file that is there can't be read.
    """
    installed, problems = installed_modules(files)
    reader = _ModuleReader(files, list(problems), installed=installed)
    config = reader.config((), ".", ())
    return config, tuple(reader.diagnostics)
