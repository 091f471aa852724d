"""The Python API: from a template's files to diagnostics, graphs and what is written. Pure but for reading files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from compiler import __version__
from compiler.diagnostics import Diagnostic, Severity, has_errors, sort_diagnostics
from compiler.emit.header import stamp
from compiler.model import UnitGraph
from compiler.ordering.inventory import Inventory
from compiler.ordering.missing import check_missing
from compiler.ordering.order import Order, find_order
from compiler.ordering.resolve import resolve_claims
from compiler.ordering.statements import Statements, read_statements
from compiler.terraform.file_access import FileAccess
from compiler.terraform.files import Files
from compiler.terraform.functions import FileError
from compiler.terraform.inputs import Inputs
from compiler.terraform.load import load
from compiler.terraform.module import Config, Module, walk
from compiler.terraform.scope import ModuleScope, World
from compiler.terraform.values import Value
from compiler.terraform.variables import collect_variables

if TYPE_CHECKING:
    from compiler.plan import LaunchPlan

__all__ = [
    "GATE",
    "LAUNCHER",
    "OWN_FILES",
    "Analysis",
    "Compiled",
    "Options",
    "OutputFile",
    "analyze",
    "compile_analysis",
    "fixed_order",
]

# References between values nest: a local in a module input in an output. Python's own limit is too low for real chains.
_RECURSION_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Options:
    """What the user gives beside the template.

    ``arguments`` are ``("var", "NAME=VALUE")`` and ``("var-file", PATH)`` in their order, ``environment`` is where
    ``TF_VAR_*`` is looked up, ``attributes`` the values of ``--set``.
    """

    arguments: tuple[tuple[str, str], ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    attributes: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    assume_defaults: bool = False
    allow_missing_modules: bool = False
    allow_outside: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that was given and can change what is compiled, as texts in a fixed order."""
        given = [f"{kind} {text}" for kind, text in self.arguments if kind == "var"]
        given += [f"{name}={value}" for name, value in sorted(self.environment.items())]
        given += [f"{address}={value.data!r}" for address, value in sorted(self.attributes.items())]
        return (*given, repr((self.assume_defaults, self.allow_missing_modules, self.allow_outside)))


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that compiling makes: its path in the template's folder, its text, whether it can be run."""

    path: str
    text: str
    executable: bool = False


# Where an earlier compile may have left files of ours, as patterns below the template's folder.
LAUNCHER = "launcher.sh"
GATE = "unitc/gate.sh"
OWN_FILES = (LAUNCHER, "**/zz_unitc*.tf", "unitc/**/*")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a template says; with errors, what could be told of it. ``broken``: a graph has a cycle and no plan."""

    config: Config
    files: FileAccess
    statements: Mapping[Module, Statements]
    order: Order
    graphs: tuple[UnitGraph, ...]
    broken: bool
    diagnostics: tuple[Diagnostic, ...]

    @property
    def scope(self) -> ModuleScope:
        """The scope of the root module."""
        return self.order.scope

    @property
    def inventory(self) -> Inventory:
        """The scripts of the template."""
        return self.order.inventory

    def plan(self) -> LaunchPlan:
        """Return the plan. Raises :class:`compiler.graph.CycleClosed` where the analysis is ``broken``."""
        # Imported late: the graph library costs more than reading a template does.
        from compiler.plan import make_plan

        return make_plan(self.graphs)

    @property
    def valid(self) -> bool:
        """Whether there is no error."""
        return not has_errors(self.diagnostics)


def analyze(files: Files, options: Options) -> Analysis:
    """Return what the template in ``files`` says.

    Raises OSError where a file that is there can't be read, :class:`~compiler.terraform.variables.UnknownVariable`
    where one of ``options.arguments`` names none.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION_LIMIT))
    diagnostics: list[Diagnostic] = []
    config, found = load(files)
    diagnostics.extend(found)
    variables, found = collect_variables(files, config.module.variables, options.environment, options.arguments)
    diagnostics.extend(found)
    folders = frozenset(item.module.dir for item in walk(config))
    inputs = Inputs(variables, options.attributes, options.assume_defaults)
    access = FileAccess(files, folders, options.allow_outside)

    statements: dict[Module, Statements] = {}
    for item in walk(config):
        if item.module not in statements:
            statements[item.module] = read_statements(item.module)
            diagnostics.extend(statements[item.module].diagnostics)
    order = find_order(ModuleScope(World(access, inputs), config, ()), statements)
    diagnostics.extend(order.diagnostics)
    resolved = resolve_claims(order.inventory, (*order.explicit, *order.everyone), ())
    diagnostics.extend(resolved.diagnostics)
    diagnostics.extend(check_missing(config, order.involved, statements, allowed=options.allow_missing_modules))
    return Analysis(config, access, statements, order, resolved.graphs, resolved.broken, sort_diagnostics(diagnostics))


def fixed_order(analysis: Analysis) -> Order:
    """Return the order as far as no input can change it: what hangs on one is not known."""
    world = World(analysis.files, Inputs(fixed_only=True))
    return find_order(ModuleScope(world, analysis.config, ()), analysis.statements)


@dataclass(frozen=True, slots=True)
class Compiled:
    """The files that a template compiles to; with errors among the diagnostics they must not be written."""

    files: tuple[OutputFile, ...]
    diagnostics: tuple[Diagnostic, ...]


def compile_analysis(analysis: Analysis, input_hash: str, *, wire: bool) -> Compiled:
    """Return what a valid analysis compiles to: the launcher, and with ``wire`` what makes Terraform use it.

    ``input_hash`` is the hash of everything that was read and given. What stands in the way of the wiring is among the
    diagnostics.
    """
    # Imported late: jinja2 is needed by nobody else.
    from compiler.emit.shell import emit_launcher

    launcher = emit_launcher(analysis.plan(), version=__version__, input_hash=input_hash)
    made = [OutputFile(LAUNCHER, launcher, executable=True)]
    if not wire:
        return Compiled(tuple(made), ())
    wired, diagnostics = _wiring(analysis, input_hash)
    return Compiled((*made, *wired), diagnostics)


def _wiring(analysis: Analysis, input_hash: str) -> tuple[tuple[OutputFile, ...], tuple[Diagnostic, ...]]:
    """Return the files of the wiring, none where nothing is ordered, and what stands in its way."""
    from compiler.emit.shell import gate_runtime
    from compiler.emit.wiring import emit_wiring
    from compiler.wiring.sites import Sites
    from compiler.wiring.waits import waits_of

    def read(path: str) -> str | None:
        try:
            return analysis.files.read(path).decode("utf-8", "replace")
        except FileError:
            return None

    order = fixed_order(analysis)
    waits = waits_of(order.explicit, order.everyone)
    made = emit_wiring(Sites(analysis.config, order.inventory), waits, read)
    # What is wrong only where no input is given can't be baked in: the wiring must be right for every input.
    known = set(analysis.diagnostics)
    found = [item for item in order.diagnostics if item not in known and item.severity is Severity.ERROR]
    files = [OutputFile(path, stamp(text, version=__version__, input_hash=input_hash)) for path, text in made.files]
    if files:
        # Scripts hold this file's text, so it names neither version nor input: a change would replace every agent.
        files.append(OutputFile(GATE, stamp(gate_runtime())))
    return tuple(files), sort_diagnostics((*found, *made.diagnostics))
