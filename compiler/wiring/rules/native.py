"""The order as rules that Coder reads: ``plan_native(...) -> Native``, the files that say it and what they can't say.

Each module folder with rules gets them in its ``zz_unitc.tf``. What the template's own ``coder_script_order`` blocks
say is among them, so those are switched off; a module that can't be written to, and whose order only its own blocks
declare, is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compiler.order.directives.statements import Statements
from compiler.order.inventory import Inventory
from compiler.order.model import OriginKind, UnitGraph
from compiler.order.order import Order
from compiler.order.rule_writing import WrittenRules, write_rules
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, has_errors, sort_diagnostics
from compiler.terraform.configuration.files import Files, join
from compiler.terraform.configuration.module import Config, Module, walk
from compiler.wiring.checks import later_overrides
from compiler.wiring.in_place import FarCall, far_calls, on_the_way
from compiler.wiring.model import NATIVE_REMARK, OVERRIDE_FILE, PLAIN_FILE, SwitchedOff, WiredFolder
from compiler.wiring.override_text import off_text
from compiler.wiring.plan import switched_off
from compiler.wiring.remarks import remark
from compiler.wiring.rules.provider import check_provider, provider_text
from compiler.wiring.rules.refusals import refused_settings, start_only, unfixed_rules, unsaid_edges
from compiler.wiring.rules.text import order_text

_OFF = f"Off: {PLAIN_FILE} says what these rules say."


@dataclass(frozen=True, slots=True)
class Native:
    """What a template compiles to as rules: paths in its folder and texts without header, by path; none with errors.

    ``far`` are the calls of modules that a copy of the template has to hold, see
    :func:`~compiler.wiring.in_place.far_calls`.
    """

    files: tuple[tuple[str, str], ...]
    far: tuple[FarCall, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def objection(self) -> str:
        """The first thing that speaks against these rules, errors before warnings; empty where nothing does."""
        if not self.diagnostics:
            return ""
        first = min(self.diagnostics, key=lambda item: item.severity)
        at = first.primary.span
        more = len(self.diagnostics) - 1
        said = f"{first.summary[0].lower()}{first.summary[1:]} ({at.source.name}:{at.start_pos.line})"
        return f"{said} and {more} more" if more else said


def plan_native(
    root: Config,
    files: Files,
    order: Order,
    graphs: Iterable[UnitGraph],
    statements: Mapping[Module, Statements],
) -> Native:
    """Return the rules for a template, whose order and graphs come from fixed values only."""
    inventory = order.inventory
    written = write_rules(inventory, graphs)
    plan = _Plan(root, files, inventory, written)
    found = [*unsaid_edges(written.unsaid), *refused_settings(inventory, statements)]
    found += (*unfixed_rules(order.located), *start_only(written.rules, plan.modules))
    folders = plan.folders()
    for folder in folders:
        module, off = plan.modules[folder], plan.off[folder]
        found += later_overrides(module, WiredFolder(folder, folder == root.module.dir, (), (), (), off))
    if written.rules:
        found += check_provider(root, next(script.span for script in inventory.scripts))
    made = () if has_errors(found) else tuple(sorted(plan.texts(folders)))
    return Native(made, plan.far(folders), sort_diagnostics(found))


class _Plan:
    def __init__(self, root: Config, files: Files, inventory: Inventory, written: WrittenRules) -> None:
        self.root = root
        self.files = files
        self.inventory = inventory
        self.written = written
        self.modules: Mapping[str, Module] = {
            place.config.module.dir: place.config.module for place in inventory.places
        }
        self.off: Mapping[str, tuple[SwitchedOff, ...]] = {
            folder: switched_off(module) for folder, module in self.modules.items()
        }

    def folders(self) -> tuple[str, ...]:
        """Return the folders into which something is written, sorted."""
        wanted = {folder for folder in self.modules if folder in self.written.rules or self.off[folder]}
        out_of_reach = [item.path for item in self.far(wanted) if item.why]
        for config in walk(self.root):
            if any(config.path[: len(path)] == path for path in out_of_reach) and self.says_itself(config.module.dir):
                wanted.discard(config.module.dir)
        return tuple(sorted(wanted))

    def says_itself(self, folder: str) -> bool:
        """Return whether a module's own rules say all that is to be said in its folder."""
        return all(
            any(origin.kind is OriginKind.ORDER for origin in edge.origins)
            for edge in self.written.edges.get(folder, ())
        )

    def far(self, folders: Iterable[str]) -> tuple[FarCall, ...]:
        """Return what a copy has to hold where something is written into some folders."""
        wanted = set(folders)
        paths = (config.path for config in walk(self.root) if config.module.dir in wanted)
        return far_calls(self.root, self.files, on_the_way(paths))

    def texts(self, folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Yield the files: the root's says in any case that the template was compiled, and where its rules are."""
        top = self.root.module.dir
        for folder in dict.fromkeys((top, *folders)) if folders else ():
            module = self.modules[folder]
            others = [join(each, PLAIN_FILE) for each in folders if each in self.written.rules and each != top]
            parts = [remark(NATIVE_REMARK, *_also_in(others))] if folder == top else []
            if folder in self.written.rules:
                parts.append(order_text("unitc", module, self.written.rules[folder], self.inventory))
                override = [provider_text(module)]
            else:
                override = []
            override += [off_text(each, _OFF) for each in self.off[folder]]
            for name, texts in ((PLAIN_FILE, parts), (OVERRIDE_FILE, override)):
                text = "\n".join(filter(None, texts))
                if text:
                    yield join(folder, name), text


def _also_in(paths: list[str]) -> list[str]:
    return ["Modules have theirs in a file of their own:", *(f"  {path}" for path in paths)] if paths else []
