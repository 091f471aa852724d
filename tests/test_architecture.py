"""The rooms of the code and their doors: who may import whom, and who may touch the world."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import networkx

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "compiler"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}

# From the command line down to where something stands: a module imports from its own row and from rows below.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("compiler.__main__",),
    ("compiler.start",),
    ("compiler.kept",),
    ("compiler.cli",),
    ("compiler.commands",),
    ("compiler.lsp",),
    ("compiler.command_line",),
    ("compiler.commands.shared",),
    ("compiler.settings",),
    ("compiler.migration",),
    ("compiler.pipeline",),
    ("compiler.launcher",),
    ("compiler.output.vendor", "compiler.drawing"),
    ("compiler.wiring", "compiler.checks"),
    ("compiler.order.order", "compiler.order.missing"),
    ("compiler.order.forms",),
    ("compiler.order",),
    ("compiler.status",),
    ("compiler.order.graph",),
    ("compiler.terraform.scope",),
    ("compiler.terraform.evaluation",),
    ("compiler.terraform.functions", "compiler.terraform.configuration"),
    ("compiler.terraform.functions.formats",),
    ("compiler.terraform.values",),
    ("compiler.terraform",),
    ("compiler.hcl", "compiler.report", "compiler.output", "compiler.shell"),
    ("compiler.order.model",),
    ("compiler.order.outcome",),
    ("compiler.source", "compiler.memo"),
    ("compiler.digests", "compiler.disk", "compiler.patterns", "compiler.records", "compiler.signals"),
    ("compiler",),
)

# Each third-party library has one importer (typer two), which translates its types and errors.
IMPORTERS: Mapping[str, str | tuple[str, ...]] = {
    "hcl2": "compiler.hcl.grammar",
    "lark": "compiler.hcl.grammar",
    "msgspec": "compiler.records",
    "networkx": "compiler.order.graph",
    "jinja2": "compiler.launcher.template",
    "tree_sitter": "compiler.shell",
    "tree_sitter_bash": "compiler.shell",
    "lsprotocol": "compiler.lsp",
    "pygls": "compiler.lsp",
    "typer": ("compiler.command_line.parameters", "compiler.command_line.typed"),
    "rich": "compiler.commands.live",
    "re2": "compiler.terraform.functions.formats.regexp",
    "yaml": "compiler.terraform.functions.formats.yaml",
}


MOST_FILES = 20


def layer_of(module: str) -> int:
    """Return the row whose name fits best: a module's own before its folder's."""
    fitting = [
        (len(name), number)
        for number, row in enumerate(LAYERS)
        for name in row
        if module == name or (name != "compiler" and module.startswith(f"{name}."))
    ]
    assert fitting, f"{module} has no place in the layers"
    return max(fitting)[1]


@cache
def tree_of(module: str) -> ast.Module:
    """Return a module as the parser reads it."""
    return ast.parse(MODULES[module].read_text())


@cache
def imports_of(module: str) -> tuple[str, ...]:
    """Return what a module imports when it runs; imports for type checkers only don't count."""
    return tuple(_imported(_executed(tree_of(module))))


def _imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _executed(child)


def test_imports_go_one_way() -> None:
    upward = [
        f"{module} imports {name}"
        for module in MODULES
        for name in imports_of(module)
        if name.split(".")[0] == "compiler" and layer_of(name) < layer_of(module)
    ]
    assert upward == []


def test_no_folder_holds_more_files_than_a_glance_takes_in() -> None:
    sizes = Counter(path.parent for path in MODULES.values())
    assert [folder.name for folder, size in sizes.items() if size > MOST_FILES] == []


def test_nothing_imports_itself_by_way_of_others() -> None:
    """What is imported for types alone counts here, too."""
    arrows = [
        (module, name)
        for module in MODULES
        for name in _imported(ast.walk(tree_of(module)))
        if name in MODULES and name != module
    ]
    graph: networkx.DiGraph[str] = networkx.DiGraph(arrows)
    assert [sorted(knot) for knot in networkx.strongly_connected_components(graph) if len(knot) > 1] == []


def test_a_library_is_imported_where_it_is_translated_and_nowhere_else() -> None:
    elsewhere = [
        f"{module} imports {name}"
        for module in MODULES
        for name in imports_of(module)
        if (library := name.split(".")[0]) not in {"compiler", *sys.stdlib_module_names}
        and not (library in IMPORTERS and module.startswith(IMPORTERS[library]))
    ]
    assert elsewhere == []


def test_nothing_below_the_command_line_prints_exits_or_touches_streams() -> None:
    below = [name for name in MODULES if layer_of(name) >= layer_of("compiler.pipeline")]
    assert [f"{module}, line {line}" for module in below for line in _touches(tree_of(module))] == []


def _touches(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("print" | "exit" | "quit" | "input")):
                yield node.lineno
            case ast.Attribute(ast.Name("sys"), "stdout" | "stderr" | "stdin" | "exit" | "argv"):
                yield node.lineno


def test_classes_of_values_are_records() -> None:
    assert [name for name in MODULES if name != "compiler.records" and "dataclasses" in imports_of(name)] == []


def test_a_name_without_an_underscore_is_public_and_a_list_says_so_only_of_names_from_elsewhere() -> None:
    """A module offers what it defines under plain names; ``__all__`` is for what it passes on."""
    passing_on = {name: _listed(tree_of(name)) - _defined(tree_of(name)) for name in MODULES}
    assert [name for name, others in passing_on.items() if not others and _listed(tree_of(name))] == []
    private = [
        f"{name} imports {alias.name}"
        for name in MODULES
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("compiler")
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.endswith("__")
    ]
    assert private == []


def _listed(tree: ast.Module) -> set[str]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name("__all__")], value=value):
                return set(ast.literal_eval(value))
    return set()


def _defined(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(name)):
                found.add(name)
    return found


def test_a_kind_of_thing_has_a_name_that_nothing_else_in_the_package_has() -> None:
    """Who reads the name of a class or of a type knows which one is meant, wherever that stands."""
    kinds = [name for module in MODULES for name in _kinds(tree_of(module))]
    assert [name for name, count in Counter(kinds).items() if count > 1] == []


def _kinds(tree: ast.Module) -> set[str]:
    """Return the names of a module's classes and types; a type's name is neither a constant's nor a function's."""
    plain = {name: name.lstrip("_") for name in _defined(tree)}
    return {name for name, bare in plain.items() if bare[:1].isupper() and not bare.isupper()}


def test_no_regular_expression_is_compiled_by_an_import() -> None:
    compiled = [f"{module}, line {line}" for module in MODULES for line in _compiles(tree_of(module))]
    assert [place for place in compiled if not place.startswith("compiler.patterns,")] == []


def _compiles(node: ast.AST) -> Iterator[int]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef():
                continue
            case ast.Attribute(ast.Name("re"), "compile"):
                yield child.lineno
        yield from _compiles(child)


def test_nothing_is_collected_in_a_list_that_a_function_was_given() -> None:
    """What is found is returned or yielded: who calls a function needn't look into its own arguments for it."""
    given = [
        f"{module}: {node.name}({argument.arg})"
        for module in MODULES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef)
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.annotation is not None and ast.unparse(argument.annotation).startswith("list[Diagnostic")
    ]
    assert given == []


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "compiler/__init__.py"
