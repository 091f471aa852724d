"""The Python API: from a template's files to diagnostics, graphs and what is written. Pure but for reading files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING

from compiler import __version__
from compiler.checks.subject import Subject
from compiler.order.directives.statements import Statements, read_statements
from compiler.order.extract import Scripts, find_scripts
from compiler.order.inventory import Inventory
from compiler.order.model import UnitGraph
from compiler.output.header import stamp
from compiler.output.marker import MARKER, marker_text
from compiler.output.target import Target
from compiler.records import dataclass, field, replace
from compiler.source.codes import OF_VALUES, PEDANTIC
from compiler.source.diagnostics import Diagnostic, Severity, causes, has_errors, sort_diagnostics
from compiler.source.limits import MAX_FURTHER_BYTES
from compiler.terraform.configuration.files import FileAccess, FileError, Files, MemoryFiles
from compiler.terraform.configuration.load import load
from compiler.terraform.configuration.module import Config, Module, walk
from compiler.terraform.configuration.schema import AGENT_ID
from compiler.terraform.scope.inputs import Inputs, collect_variables
from compiler.terraform.scope.links import link_mistakes
from compiler.terraform.scope.named_places import name_mistakes
from compiler.terraform.scope.resolving import root_scope
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.values import Value

if TYPE_CHECKING:
    from compiler.order.order import Order
    from compiler.order.plan import LaunchPlan
    from compiler.shell.tools import Remarks
    from compiler.wiring.in_place import FarCall
    from compiler.wiring.rules.native import Native


@dataclass(frozen=True, slots=True)
class Options:
    """What the user gives beside the template.

    ``arguments`` are ``("var", "NAME=VALUE")`` and ``("var-file", PATH)`` in their order, ``environment`` is where
    ``TF_VAR_*`` is looked up, ``attributes`` the values of ``--set``. ``pedantic`` tells what is right less often, too.
    ``severities`` are levels of warnings by code, None for those that are off; a pedantic code that has one is told.
    ``target`` is what is compiled to, wrapped scripts where it is None. What is None among the switches wasn't said.
    ``tools`` are the programs that are asked about scripts besides, None for none.
    """

    arguments: tuple[tuple[str, str], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Value] = field(default_factory=dict)
    assume_defaults: bool | None = None
    allow_missing_modules: bool = False
    allow_outside: bool = False
    pedantic: bool | None = None
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    tools: Remarks | None = None
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that compiling makes: its path in the template's folder, its text, whether it can be run."""

    path: str
    text: str
    executable: bool = False


LAUNCHER = "launcher.sh"
GATE = "unitc/gate.sh"
STATUS = "unitc/status.sh"
# What wrapped scripts hold, as far as they need it.
FURTHER = MappingProxyType({name: f"unitc/{name}.sh" for name in MAX_FURTHER_BYTES})
RUNTIME = (GATE, *FURTHER.values(), STATUS)


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
    options: Options

    @property
    def scope(self) -> ModuleScope:
        """The scope of the root module."""
        return self.order.scope

    @property
    def inventory(self) -> Inventory:
        """The scripts of the template."""
        return self.order.inventory

    def plan(self) -> LaunchPlan:
        """Return the plan. Raises :class:`compiler.order.graph.CycleClosed` where the analysis is ``broken``."""
        from compiler.order.plan import make_plan

        return make_plan(self.graphs)

    @property
    def valid(self) -> bool:
        """Whether there is no error."""
        return not has_errors(self.diagnostics)


def analyze(files: Files, options: Options) -> Analysis:
    """Return what the template in ``files`` says.

    References between values nest, a local in a module input in an output, and each takes some frames of Python's
    stack: for real chains the caller raises the recursion limit, as the command line does. Raises OSError where a file
    that is there can't be read, :class:`~compiler.terraform.scope.inputs.UnknownVariable` where one of
    ``options.arguments`` names none.
    """
    diagnostics: list[Diagnostic] = []
    config, found = load(files)
    diagnostics.extend(found)
    variables, found = collect_variables(files, config.module, options.environment, options.arguments)
    diagnostics.extend(found)
    folders = frozenset(item.module.dir for item in walk(config))
    inputs = Inputs(variables, options.attributes, bool(options.assume_defaults))
    access = FileAccess(files, folders, options.allow_outside)

    statements: dict[Module, Statements] = {}
    for item in walk(config):
        if item.module not in statements:
            statements[item.module] = read_statements(item.module)
            diagnostics.extend(statements[item.module].diagnostics)
    scripts = find_scripts(root_scope(access, inputs, config), statements)
    with _reading_tools(config, scripts, options.tools) as said:
        # Imported while the tools read.
        from compiler.checks.registry import check
        from compiler.checks.suppress import suppress
        from compiler.order.missing import check_missing
        from compiler.order.order import find_order
        from compiler.order.resolve import resolve_claims

        order = find_order(scripts, statements)
        diagnostics.extend(order.diagnostics)
        resolved = resolve_claims(order.inventory, (*order.explicit, *order.everyone), order.observed)
        diagnostics.extend(resolved.diagnostics)
        diagnostics.extend(check_missing(config, order.involved, statements, allowed=options.allow_missing_modules))
        wrapped = options.target in (None, Target.LAUNCHER)
        subject = Subject(config, order.located, order.inventory, order.bodies, resolved.graphs, wrapped)
        diagnostics.extend(check(subject))
        diagnostics.extend(said)
    # Checks look at values that the order has no use for.
    diagnostics.extend(order.scope.world.diagnostics)
    if not any(resource.type in AGENT_ID for item in walk(config) for resource in item.module.resources.values()):
        fixed = _fixed_order(config, access, statements)
        diagnostics = list(_without_assumptions(diagnostics, fixed.diagnostics))
    diagnostics.extend(link_mistakes(config, (item.scope for item in order.located), files))
    diagnostics.extend(name_mistakes(config, diagnostics))
    silenced = suppress(config, sort_diagnostics(causes(diagnostics)))
    told = tuple(_told(silenced, options))
    return Analysis(config, access, statements, order, resolved.graphs, resolved.broken, told, options)


def _reading_tools(
    config: Config, scripts: Scripts, tools: Remarks | None
) -> AbstractContextManager[Iterable[Diagnostic]]:
    if tools is None:
        return nullcontext(())
    from compiler.checks.scripts.tools import reading_tools

    # What runs when is of no interest to those who read single texts.
    return reading_tools(Subject(config, scripts.located, scripts.inventory, scripts.bodies, ()), tools)


def _told(diagnostics: Iterable[Diagnostic], options: Options) -> Iterator[Diagnostic]:
    """Yield what the options let through, as grave as they have it. Errors leave no correct output, so they stay."""
    for diagnostic in diagnostics:
        code = diagnostic.code
        level = options.severities.get(code, Severity.WARNING)
        if diagnostic.severity is Severity.ERROR:
            lowered = (f"{code} is an error here, which the configuration can't lower: there is no correct output",)
            yield (
                diagnostic
                if level is Severity.ERROR or code not in options.severities
                else replace(diagnostic, help=(*diagnostic.help, *lowered))
            )
        elif level is not None and (options.pedantic or code not in PEDANTIC or code in options.severities):
            yield replace(diagnostic, severity=level)


def _without_assumptions(diagnostics: Iterable[Diagnostic], fixed: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield what is wrong with a module that stands alone: its caller may replace every default.

    A mistake in a value counts only where it is there without the defaults too. Those of rendered files are told by
    place, since a file is read anew each time.
    """
    there = {diagnostic.key for diagnostic in fixed}
    for diagnostic in diagnostics:
        if diagnostic.code not in OF_VALUES or diagnostic.key in there:
            yield diagnostic


def _fixed_order(config: Config, files: FileAccess, statements: Mapping[Module, Statements]) -> Order:
    from compiler.order.order import find_order

    return find_order(find_scripts(root_scope(files, Inputs(fixed_only=True), config), statements), statements)


def fixed_order(analysis: Analysis) -> Order:
    """Return the order as far as no input can change it: what depends on one is not known."""
    if analysis.order.fixed:
        return analysis.order
    return _fixed_order(analysis.config, analysis.files, analysis.statements)


@dataclass(frozen=True, slots=True)
class Compiled:
    """The files that a template compiles to; with errors among the diagnostics they must not be written.

    ``target`` is what was compiled to, and ``why`` says why where that was left open. ``vendored`` is the number of
    module folders that a compiled copy holds besides those of the template.
    """

    files: tuple[OutputFile, ...]
    diagnostics: tuple[Diagnostic, ...]
    target: Target = Target.LAUNCHER
    why: str = ""
    vendored: int = 0


def compile_analysis(analysis: Analysis, *, wire: bool, template: str = ".", launcher: bool = True) -> Compiled:
    """Return what a valid analysis compiles to: the launcher, and with ``wire`` what makes its order hold.

    ``template`` is the template's path for messages. Without ``launcher`` there is no ``launcher.sh``.
    What stands in the way is among the diagnostics.
    """
    # Imported late, as all that only compiling needs.
    from compiler.launcher.launcher import emit_launcher
    from compiler.wiring.in_place import cannot_wire_in_place

    order = fixed_order(analysis) if wire else None
    chosen = None if order is None else _choose(analysis, order)
    plan = analysis.plan()
    made: tuple[OutputFile, ...] = ()
    if launcher:
        made = (OutputFile(LAUNCHER, emit_launcher(plan, version=__version__), executable=True),)
    if order is None or chosen is None:
        return Compiled(made, ())
    if chosen.out_of_reach and (chosen.native is None or not has_errors(chosen.native.diagnostics)):
        return Compiled((), (cannot_wire_in_place(chosen.out_of_reach, template),), chosen.target, chosen.why)
    handed = _wiring(analysis, order, chosen)
    # What is wrong only where no input is given can't be baked in: what is written must be right for every input.
    known = set(analysis.diagnostics)
    found = (*(() if chosen.native is not None else _of_wrapping(analysis)), *order.diagnostics)
    new = [item for item in found if item not in known and item.severity is Severity.ERROR]
    told = tuple(_told(sort_diagnostics((*new, *handed.diagnostics)), analysis.options))
    return Compiled((*made, *handed.files), told, chosen.target, chosen.why)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a template is compiled to, and why where that was left open. ``native`` are the rules, if it is to these.

    ``far`` are the calls of modules that a copy of the template has to hold.
    """

    target: Target
    why: str
    native: Native | None
    far: tuple[FarCall, ...]

    @property
    def out_of_reach(self) -> tuple[FarCall, ...]:
        """Those whose modules can't be written to where they are."""
        return tuple(item for item in self.far if item.why)


def _of_wrapping(analysis: Analysis) -> tuple[Diagnostic, ...]:
    """Return what is wrong with scripts that are wrapped after all, which an analysis for ``auto`` didn't expect."""
    if analysis.options.target is not Target.AUTO:
        return ()
    from compiler.checks.bodies import check_bodies
    from compiler.checks.configuration import check_lifecycle

    order = analysis.order
    subject = Subject(analysis.config, order.located, order.inventory, order.bodies, analysis.graphs)
    return (*check_bodies(subject), *check_lifecycle(subject))


def _choose(analysis: Analysis, order: Order) -> _Chosen:
    from compiler.wiring.in_place import far_calls, wrapped_calls

    why, target = "", analysis.options.target
    if target not in (None, Target.LAUNCHER):
        from compiler.order.resolve import resolve_claims
        from compiler.wiring.rules.native import plan_native

        resolved = resolve_claims(order.inventory, (*order.explicit, *order.everyone), order.observed)
        native = plan_native(analysis.config, analysis.files.files, order, resolved.graphs, analysis.statements)
        if target is Target.NATIVE:
            return _Chosen(Target.NATIVE, "", native, native.far)
        why = native.objection
        if not why:
            return _Chosen(Target.NATIVE, "rules of Coder's own say all of it", native, native.far)
    far: tuple[FarCall, ...] = ()
    if analysis.config.children:
        ordered = wrapped_calls((*order.explicit, *order.everyone), order.inventory.scripts)
        far = far_calls(analysis.config, analysis.files.files, ordered)
    return _Chosen(Target.LAUNCHER, why, None, far)


def needs_copy(analysis: Analysis) -> tuple[FarCall, ...]:
    """Return the calls of a valid template that an order reaches and that only a compiled copy can wire."""
    from compiler.wiring.in_place import may_be_far

    # What no input changes is worked out once more, which most templates needn't wait for.
    if not may_be_far(analysis.config, analysis.files.files):
        return ()
    return _choose(analysis, fixed_order(analysis)).out_of_reach


_ONLY_IN_COPY = (
    "the template itself has no such error; its copy lacks what Coder's upload leaves out: names that start with a "
    "dot, symbolic links, *.tfvars and state files"
)


def compile_copy(analysis: Analysis, skip: Iterable[str], *, launcher: bool = False) -> Compiled:
    """Return a whole compiled copy of a template, with the modules vendored that can't be wired where they are.

    ``skip`` are paths below the template's folder that are no part of it. ``launcher.sh`` is in it if asked for: in a
    copy nothing reads it. Raises OSError where a file can't be read.
    """
    from compiler.output.vendor import CopyFiles, copy_template, copy_warnings

    files, chosen = analysis.files.files, _choose(analysis, fixed_order(analysis))
    options = replace(analysis.options, target=chosen.target)
    copy = copy_template(analysis.config, files, chosen.far, skip)
    copied = analyze(CopyFiles(MemoryFiles({item.path: item.data for item in copy.files}), files), options)
    if not copied.valid:
        errors = (item for item in copied.diagnostics if item.severity is Severity.ERROR)
        return Compiled((), tuple(replace(item, help=(*item.help, _ONLY_IN_COPY)) for item in copy.in_template(errors)))
    compiled = compile_analysis(copied, wire=True, launcher=launcher)
    made = [OutputFile(item.path, item.data.decode("utf-8", "surrogateescape"), item.executable) for item in copy.files]
    made += compiled.files
    size = sum(len(item.text.encode("utf-8", "surrogateescape")) for item in made)
    made.append(OutputFile(MARKER, marker_text(((item.path, item.text) for item in made), copy.origins)))
    found = (
        *copy.in_template(compiled.diagnostics),
        *_told(copy_warnings(analysis.config, copy.links, size), analysis.options),
    )
    written = tuple(sorted(made, key=lambda item: item.path))
    return Compiled(written, sort_diagnostics(found), chosen.target, chosen.why, copy.vendored)


def _wiring(analysis: Analysis, order: Order, chosen: _Chosen) -> Compiled:
    """Return the files that make the order hold, none where nothing is ordered, and what stands in the way."""
    further: tuple[str, ...] = ()
    if chosen.native is not None:
        made, found = chosen.native.files, chosen.native.diagnostics
    else:
        from compiler.wiring.emit import emit_wiring
        from compiler.wiring.sites import Sites

        def read(path: str) -> str | None:
            try:
                return analysis.files.read(path).decode("utf-8", "replace")
            except FileError:
                return None

        wired = emit_wiring(Sites(analysis.config, order.inventory), order.explicit, order.everyone, read)
        made, found, further = wired.files, wired.diagnostics, wired.further
    files = [OutputFile(path, stamp(f"\n{text}", version=__version__)) for path, text in made]
    if files and chosen.native is None:
        from compiler.launcher.runtime import further_runtime, gate_runtime, offer_runtime

        # Scripts hold these files' texts, so they name neither version nor input: a change would replace every agent.
        files.append(OutputFile(GATE, stamp(gate_runtime())))
        files += [OutputFile(FURTHER[name], stamp(further_runtime(name))) for name in further]
        files.append(OutputFile(STATUS, stamp(offer_runtime())))
    return Compiled(tuple(files), found)
