"""Applies a module by itself with made-up values, and compares its scripts with what unitc evaluates."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from compiler.order.inventory import Script
from compiler.order.model import KnownBody
from compiler.order.order import Order
from compiler.pipeline import Analysis, Options, analyze
from compiler.terraform.configuration.address import InstanceKey, index
from compiler.terraform.configuration.files import DiskFiles
from compiler.terraform.configuration.module import Config, Mode, Resource, missing_calls, walk
from compiler.terraform.configuration.schema import RESOURCES
from compiler.terraform.functions.formats.json_text import decode, encode
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.budget import Budget
from compiler.terraform.values.convert import convert
from tests.coder.kinds import DATA_SOURCES, Argument, parameter_variable
from tests.coder.kinds import RESOURCES as SERVED
from tests.coder.made_up import AWKWARD, ORDINARY, REQUIRED, Taste, Unsatisfiable, make_up
from tests.coder.terraform import Script as AppliedScript
from tests.coder.terraform import State, TemplateCopy, TerraformFailed
from tests.coder.wired import arguments

__all__ = ["Applied", "Module", "NotComparable", "Tally", "compare", "install_modules", "module_folders", "open_module"]

# Terraform serves these itself.
_BUILT_IN: Final = frozenset({"terraform_data", "data.terraform_remote_state"})
_ARGUMENTS: Final = RESOURCES["coder_script"].arguments


class NotComparable(Exception):
    """A module can't be applied here; the message says why."""


@dataclass(slots=True)
class Tally:
    """What came of comparing. ``unknown`` and ``differences`` are lines that name the script and the argument."""

    scripts: int = 0
    bodies: int = 0
    arguments: int = 0
    unknown: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.scripts} scripts, {self.bodies} bodies and {self.arguments} arguments equal"]
        lines += [f"unknown: {line}" for line in self.unknown]
        return "; ".join(lines)

    def hold(self, what: str, ours: Any, theirs: Any) -> bool:
        """Note whether two values are equal."""
        if ours != theirs:
            self.differences.append(f"{what}: unitc {ours!r}, Terraform {theirs!r}")
        return bool(ours == theirs)


@dataclass(frozen=True, slots=True)
class Applied:
    """One apply of a module: the values of its variables and the state that it left."""

    variables: Mapping[str, Any]
    state: State


@dataclass(frozen=True, slots=True)
class Module:
    """A copy of a module's folder in which terraform was initialized, and what unitc says of it without any input."""

    copy: TemplateCopy
    alone: Analysis

    def apply(self, taste: Taste) -> Applied:
        """Apply the module with values of a taste. Raises NotComparable where there are none that can be applied."""
        try:
            variables = make_up(self.alone, taste)
            state = self.copy.apply(variables=variables, environment=_environment(self.alone.config, taste))
        except Unsatisfiable as reason:
            raise NotComparable(str(reason)) from None
        except TerraformFailed as reason:
            raise NotComparable(_first_error(str(reason))) from None
        return Applied(variables, state)

    def analyze(self, applied: Applied) -> Analysis:
        """Return what unitc says of the module where it is given what an apply was given and what it read."""
        attributes = {
            f"{resource.address}.{name}": decode(json.dumps(value), Budget())
            for resource in applied.state.resources
            if resource.type in DATA_SOURCES
            for name, value in resource.values.items()
        }
        options = Options(arguments=arguments(applied.variables), attributes=attributes)
        return analyze(DiskFiles(self.copy.folder), options)


def module_folders(root: Path) -> Iterator[Path]:
    """Yield the folders at and below ``root`` that declare a ``coder_script``, sorted."""
    for folder in sorted({path.parent for path in root.rglob("*.tf") if "/." not in path.as_posix()}):
        texts = (path.read_text("utf-8", "replace") for path in folder.glob("*.tf"))
        if any(re.search(r'^\s*resource\s+"coder_script"', text, re.MULTILINE) for text in texts):
            yield folder


def open_module(folder: Path, corpus: Path, to: Path) -> Module:
    """Copy a module's folder and the modules that it calls, and initialize it. Raises NotComparable."""
    copy = TemplateCopy(folder, to)
    install_modules(copy.folder, corpus)
    alone = analyze(DiskFiles(copy.folder), Options())
    if missing := missing_calls(alone.config):
        raise NotComparable(f"the corpus lacks the modules of {', '.join(missing)}")
    resources = [resource for config in walk(alone.config) for resource in config.module.resources.values()]
    types = {resource.address.rpartition(".")[0] for resource in resources}
    served = _BUILT_IN | SERVED.keys() | {f"data.{name}" for name in DATA_SOURCES}
    if others := sorted(types - served):
        raise NotComparable(f"nothing stands in for {', '.join(others)}")
    # An apply would run the commands of strangers on this machine.
    if commanding := [resource.address for resource in resources if any(resource.block.body.blocks_of("provisioner"))]:
        raise NotComparable(f"an apply would run the provisioners of {', '.join(sorted(commanding))}")
    try:
        copy.init()
    except TerraformFailed as reason:
        raise NotComparable(_first_error(str(reason))) from None
    return Module(copy, alone)


# NAMESPACE/NAME/coder, with or without a host, is what the folder modules/NAME of a namespace is published as.
_PUBLISHED: Final = re.compile(r"(?:[\w.-]+/)?([\w-]+)/([\w-]+)/coder")


def install_modules(folder: Path, corpus: Path) -> None:
    """Put the modules that a folder calls below it, as ``terraform get`` does, where the corpus has them."""
    listed = [{"Key": "", "Source": "", "Dir": "."}]

    def install(within: Path, key: str) -> None:
        config = analyze(DiskFiles(within), Options()).config
        for name, call in sorted(config.module.calls.items()):
            published = _PUBLISHED.fullmatch(call.source or "")
            if published is None:
                continue
            source = next(corpus.glob(f"**/{published[1]}/modules/{published[2]}"), None)
            if source is None:
                continue
            inner = f"{key}.{name}" if key else name
            target = folder / ".terraform" / "modules" / inner
            shutil.copytree(source, target)
            version = call.block.body.attribute("version")
            number = re.search(r"\d+(\.\d+)*", version.expression.span.text) if version is not None else None
            listed.append(
                {
                    "Key": inner,
                    "Source": call.source or "",
                    "Version": number[0] if number is not None else "1.0.0",
                    "Dir": target.relative_to(folder).as_posix(),
                }
            )
            install(target, inner)

    install(folder, "")
    if len(listed) > 1:
        (folder / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": listed}), "utf-8")


def _first_error(text: str) -> str:
    """Return the first error of what terraform printed, on one line."""
    lines = [line.strip("│╷╵ ") for line in text.partition("Error: ")[2].splitlines()]
    return " ".join(" ".join(lines).split())[:200]


def _environment(config: Config, taste: Taste) -> dict[str, str]:
    """Return what the coder provider is told of a build: other names for other tastes, and values of parameters."""
    name = {id(REQUIRED): "first", id(ORDINARY): "second", id(AWKWARD): "third-3"}[id(taste)]
    environment = {"CODER_WORKSPACE_NAME": f"{name}-workspace", "CODER_WORKSPACE_OWNER": f"{name}-owner"}
    if not taste.optional:
        return environment
    values = {"number": "7", "bool": "true", "list(string)": '["given"]'}
    for item in walk(config):
        for resource in item.module.resources_of(Mode.DATA, "coder_parameter"):
            said = {key: _literal(resource, key) for key in ("name", "type")}
            if not any(True for _ in resource.block.body.blocks_of("option")):
                environment[parameter_variable(said["name"])] = values.get(said["type"], taste.texts[0])
    return environment


def _literal(resource: Resource, name: str) -> str:
    attribute = resource.block.body.attribute(name)
    return "" if attribute is None else attribute.expression.span.text.strip('"')


def compare(order: Order, state: State) -> Tally:
    """Hold what unitc says of a module's scripts against the state that an apply of the module left.

    What is said of a group of instances is held against each of them.
    """
    tally = Tally()
    applied = {script.address: script for script in state.scripts}
    tally.scripts = len(applied)
    groups = {_without_indexes(script.address) for script in order.inventory.scripts if script.group}
    tally.unknown += [f"number of {address}" for address in sorted(groups)]
    single = sorted(script.address for script in order.inventory.scripts if not script.group)
    tally.hold("addresses", single, sorted(each for each in applied if _without_indexes(each) not in groups))
    for script in order.inventory.scripts:
        for address in _instances(script.address, script.group, applied):
            _compare_script(tally, script, applied[address])
    values = {resource.address: resource.values for resource in state.of_type("coder_script")}
    for located in order.located:
        for resource in located.place.config.module.resources_of(Mode.MANAGED, "coder_script"):
            for key in located.scope.expansion(resource).keys:
                named = located.scope.absolute(resource.address + index(key))
                for address in _instances(named, _without_indexes(named) in groups, values):
                    _compare_arguments(tally, located.scope, resource, key, address, values[address])
    return tally


def _without_indexes(address: str) -> str:
    return re.sub(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]', "", address)


def _instances(address: str, group: bool, applied: Iterable[str]) -> list[str]:
    """Return the applied addresses that an address of unitc stands for."""
    if not group:
        return [each for each in applied if each == address]
    return [each for each in applied if _without_indexes(each) == _without_indexes(address)]


def _compare_script(tally: Tally, ours: Script, theirs: AppliedScript) -> None:
    """Hold what the inventory says of a script."""
    address = theirs.address
    if isinstance(ours.body, KnownBody):
        tally.bodies += tally.hold(f"body of {address}", ours.body.text, theirs.text)
    elif ours.body.reason != "a sensitive value":
        tally.unknown.append(f"body of {address}: {ours.body.reason}")
    for what, known, applied in (
        ("display_name", ours.display_name, theirs.display_name),
        ("run_on_start", ours.triggers.start, theirs.run_on_start),
        ("run_on_stop", ours.triggers.stop, theirs.run_on_stop),
        ("cron", ours.triggers.cron, theirs.cron != ""),
        ("timeout", ours.timeout, theirs.timeout or None),
    ):
        if known is not None:
            tally.hold(f"{what} of {address}", known, applied)


def _compare_arguments(
    tally: Tally, scope: ModuleScope, resource: Resource, key: InstanceKey, address: str, applied: Mapping[str, Any]
) -> None:
    """Hold every argument of a script, sensitive ones too, against the state."""
    for name, type_ in _ARGUMENTS.items():
        attribute = resource.block.body.attribute(name)
        if attribute is None:
            continue
        value = convert(scope.instance(resource, key).evaluate(attribute.expression), type_).unmarked_deep()
        if not value.is_wholly_known:
            tally.unknown += [f"{name} of {address}: {reason.address} ({reason.kind})" for reason in value.reasons]
            continue
        argument = SERVED["coder_script"].content[name]
        assert isinstance(argument, Argument)
        known = argument.default if value.is_null else json.loads(encode(value, Budget()))
        tally.arguments += tally.hold(f"{name} of {address}", known, applied[name])
