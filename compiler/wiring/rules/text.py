"""The text of a ``data "coder_script_order"``: rules as Terraform writes them, each below what it says in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from compiler.order.inventory import Inventory
from compiler.order.outcome import Requires
from compiler.order.rule_writing import WrittenRule
from compiler.patterns import regex
from compiler.terraform.configuration.address import quote
from compiler.terraform.configuration.module import Module
from compiler.wiring.remarks import remark
from compiler.wiring.terms import MAX_COLUMNS, free_name, list_of, spread

# Of more names a comment only says how many there are; the lists below it hold them all.
_MAX_NAMED: Final = 3
_INDEX: Final = regex(r"\[.*\]\Z", re.DOTALL)
_UNTIL: Final[Mapping[Requires, str]] = {Requires.SUCCESS: "to succeed", Requires.COMPLETION: "to end"}


def order_text(wanted: str, module: Module, rules: Iterable[WrittenRule], inventory: Inventory) -> str:
    """Return the data source of a module that holds some rules, under the name that is wanted if it is free.

    ``terraform fmt`` would change nothing in it.
    """
    taken = {each.removeprefix("data.coder_script_order.") for each in (*module.resources, *module.in_json)}
    names = _display_names(module, inventory)
    blocks = "\n".join(_rule(rule, names) for rule in rules)
    return f'data "coder_script_order" "{free_name(wanted, taken)}" {{\n{blocks}}}\n'


def _display_names(module: Module, inventory: Inventory) -> Mapping[str, str]:
    """Return the display names of a module's scripts, by address, that are the same everywhere."""
    found: dict[str, set[str | None]] = {}
    for script in inventory.scripts:
        if script.place.config.module.dir == module.dir:
            found.setdefault(script.resource.address, set()).add(script.display_name)
    return {address: name for address, (name, *others) in found.items() if name and not others}


def _rule(rule: WrittenRule, names: Mapping[str, str]) -> str:
    lists = {"run": _selectors(rule.run), "after": _selectors(rule.after)}
    words = {"requires": quote(rule.requires), "phase": quote(rule.phase)}
    # An argument over several lines isn't aligned with those of one.
    width = max(len(key) for key, value in (lists | words).items() if "\n" not in value)
    said = [
        f"    {key if chr(10) in value else key.ljust(width)} = {value}\n" for key, value in (lists | words).items()
    ]
    verb = "waits" if len(rule.run) == 1 and not rule.run[0].startswith("module.") else "wait"
    sentence = f"{_listed(rule.run, names)} {verb} for {_listed(rule.after, names)} {_UNTIL[rule.requires]}."
    if sentence.startswith("all "):
        sentence = f"A{sentence[1:]}"
    return f"  {remark(sentence)}  rule {{\n{''.join(said)}  }}\n"


def _selectors(selectors: Iterable[str]) -> str:
    quoted = [quote(selector) for selector in selectors]
    line = list_of(quoted)
    # The name of the longest argument stands before each.
    return line if len("    requires = ") + len(line) <= MAX_COLUMNS else spread("[", quoted, "]", 2)


def _listed(selectors: tuple[str, ...], names: Mapping[str, str]) -> str:
    shown = [_called(selector, names) for selector in selectors[:_MAX_NAMED]]
    left = len(selectors) - len(shown)
    *most, last = [*shown, f"{left} more"] if left else shown
    return f"{', '.join(most)} and {last}" if most else last


def _called(selector: str, names: Mapping[str, str]) -> str:
    if selector.startswith("module."):
        return f"all scripts of {selector}"
    script = _INDEX.sub("", selector)
    name = names.get(script)
    return selector if name is None else f"{quote(name)}{selector.removeprefix(script)}"
