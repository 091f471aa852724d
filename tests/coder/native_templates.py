"""Templates made by chance whose order rules can say: fixed instances, success and completion, whole modules."""

from __future__ import annotations

import random
from typing import Final

from compiler.records import dataclass, field

__all__ = ["native_template"]

_HEAD: Final = """terraform {
  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.20.0"
    }
  }
}
"""
_AGENT: Final = 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n'
_VARIABLES: Final = 'variable "agent" {\n  type = string\n}\n\nvariable "n" {\n  type = number\n}\n'
_TWO: Final = "count = 2"
_KEYED: Final = 'for_each = toset(["a&b", "x\\"y", "$${z}"])'
_REQUIRES: Final = ("success", "completion")
_DEEPEST: Final = 2


@dataclass(slots=True)
class _Block:
    """A script or a module call, with what it waits for: references by the form and the requirement."""

    address: str
    lines: list[str]
    waits: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def text(self) -> str:
        kind, name = self.address.split(".")
        header = f'module "{name}"' if kind == "module" else f'resource "{kind}" "{name}"'
        lines = list(self.lines)
        for (form, requires), references in self.waits.items():
            listed = f"[{', '.join(references)}]"
            if form == "plain":
                lines.append(f"depends_on = {listed}")
            elif form == "directive":
                lines.append(f"# unitc: depends_on_{requires} = {listed}")
        return f"{header} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"

    def rules(self) -> str:
        """Return the rules that say the rest."""
        return "".join(
            f'  rule {{\n    run = ["{self.address}"]\n    after = [{", ".join(map(_quoted, references))}]\n'
            f'    requires = "{requires}"\n    phase = "start"\n  }}\n'
            for (form, requires), references in self.waits.items()
            if form == "rule"
        )


def _quoted(reference: str) -> str:
    escaped = reference.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${")
    return f'"{escaped}"'


@dataclass(slots=True)
class _Maker:
    chance: random.Random
    files: dict[str, str] = field(default_factory=dict)

    def module(self, folder: str, depth: int) -> None:
        """Make the module of one folder, and those of the folders below it."""
        chance, agent = self.chance, "var.agent" if depth else "coder_agent.main.id"
        blocks: list[_Block] = []
        # The instances of which each is there in every call of this module.
        single: dict[str, list[str]] = {}
        for number in range(chance.randint(1, 4 - depth)):
            instances = chance.choice(("", "", _TWO, _KEYED, "count = var.n" if depth and number else ""))
            address = f"coder_script.s{number}"
            blocks.append(_Block(address, self.script(f"s{number}", "start", agent, instances)))
            single[address] = {_TWO: ["[0]", "[1]"], _KEYED: ['["a&b"]', '["$${z}"]']}.get(instances, [])
        called: list[str] = []
        for number in range(chance.randint(0, 2 - depth) if depth < _DEEPEST else 0):
            child = chance.choice(called) if called and chance.random() < 0.4 else f"m{number}"
            called.append(child)
            lines = [f'source = "./{child}"', f"agent = {agent}", f"n = {chance.randint(0, 2)}"]
            blocks.append(
                _Block(
                    f"module.m{number}",
                    [*lines, chance.choice(("", "", "", _TWO) if depth else ("", "", _TWO, _KEYED))],
                )
            )
            if f"{folder}{child}/main.tf" not in self.files:
                self.module(f"{folder}{child}/", depth + 1)
        chance.shuffle(blocks)
        for place, block in enumerate(blocks):
            for other in blocks[:place]:
                if chance.random() < 0.4:
                    indexes = single.get(other.address, [])
                    index = chance.choice(indexes) if indexes and chance.random() < 0.4 else ""
                    form = chance.choice(("plain", "directive", "rule"))
                    requires = "success" if form == "plain" else chance.choice(_REQUIRES)
                    block.waits.setdefault((form, requires), []).append(other.address + index)
        if chance.random() < 0.5:
            blocks.append(_Block("coder_script.t0", self.script("t0", "stop", agent, "")))
            later = _Block("coder_script.t1", self.script("t1", "stop", agent, ""))
            later.waits["plain", "success"] = ["coder_script.t0"]
            blocks.append(later)
        rules = "".join(block.rules() for block in blocks)
        order = f'\ndata "coder_script_order" "own" {{\n{rules}}}\n' if rules else ""
        top = f"{_HEAD}\n{_VARIABLES if depth else _AGENT}"
        self.files[f"{folder}main.tf"] = "\n".join((top, *(block.text() for block in blocks))) + order

    def script(self, name: str, phase: str, agent: str, instances: str) -> list[str]:
        return [
            f"agent_id = {agent}",
            f'display_name = "{name}"',
            'script = "true"',
            f"run_on_{phase} = true",
            instances,
        ]


def native_template(seed: int) -> dict[str, str]:
    """Return the files of the template that belongs to a seed: paths and texts."""
    maker = _Maker(random.Random(seed))
    maker.module("", 0)
    return maker.files
