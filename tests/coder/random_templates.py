"""Templates made by chance: scripts and modules with all kinds of instances, ordered among each other.

Every template is one that Terraform applies for all of :data:`APPLIES`, and whose order has no mistake.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["APPLIES", "random_template"]

APPLIES: Final[tuple[dict[str, Any], ...]] = (
    {"n": 1, "keys": ["a&b"], "on": True},
    {"n": 2, "keys": ["${z}", 'q"'], "on": False},
    {"n": 0, "keys": [], "on": True},
)

_HEAD = """terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "n" {
  type = number
}

variable "keys" {
  type = list(string)
}

variable "on" {
  type = bool
}
"""
_INSTANCES = (
    "",
    "",
    "  count = 2\n",
    "  count = var.n\n",
    "  count = var.on ? 1 : 0\n",
    '  for_each = toset(["a&b", "x\\"y"])\n',
    "  for_each = toset(var.keys)\n",
)
_BODIES = ('"echo x"', '"echo x"', "<<EOT\necho ${var.n}\nEOT", 'var.on ? "echo on" : "echo off"')
# An agent that has no such script has no unit of that name.
_AGENT_BODIES = (*_BODIES, 'var.on ? null : "echo up"', 'var.on ? "" : "echo up"')
_ARGUMENTS = ("n = var.n\n  keys = var.keys\n  on = var.on", 'n = 2\n  keys = ["k"]\n  on = true')
_REQUIRES = ("depends_on = [{}]", "# unitc: depends_on_success = [{}]")
_DEEPEST = 2


@dataclass(slots=True)
class _Maker:
    chance: random.Random
    files: dict[str, str] = field(default_factory=dict)

    def module(self, folder: str, depth: int) -> None:
        """Make the module of one folder, and those of the folders below it."""
        root = depth == 0
        names = [f"coder_script.s{number}" for number in range(self.chance.randint(1, 3))]
        if depth < _DEEPEST:
            names += [f"module.m{number}" for number in range(self.chance.randint(0, 2))]
        if root:
            names.append("coder_agent.main.startup_script")
        # What comes later may wait for what comes earlier, so that there is no cycle.
        self.chance.shuffle(names)
        text = _HEAD if root else _HEAD + 'variable "agent" {\n  type = string\n}\n'
        below: list[str] = []
        for place, name in enumerate(names):
            text += self.block(name, [other for other in names[:place] if self.chance.random() < 0.35], folder, below)
            for child in below[len(below) - 1 :] if name.startswith("module") else ():
                if f"{folder}{child}/main.tf" not in self.files:
                    self.module(f"{folder}{child}/", depth + 1)
        self.files[f"{folder}main.tf"] = text

    def block(self, address: str, waits_for: list[str], folder: str, below: list[str]) -> str:
        """Return one block; a module's folder is added to ``below``, or is one that stands there already."""
        kind, name = address.split(".")[:2]
        return "\n" + "".join(self.lines(kind, name, folder, below)) + self.order(kind, waits_for) + "}\n"

    def order(self, kind: str, waits_for: list[str]) -> str:
        if not waits_for:
            return ""
        # An agent's own script can be named, and can name others, in a directive only.
        in_directive = kind == "coder_agent" or any(name.startswith("coder_agent") for name in waits_for)
        form = _REQUIRES[1] if in_directive else self.chance.choice(_REQUIRES)
        return f"  {form.format(', '.join(waits_for))}\n"

    def lines(self, kind: str, name: str, folder: str, below: list[str]) -> Iterator[str]:
        agent = "var.agent" if folder else "coder_agent.main.id"
        if kind == "coder_agent":
            yield f'resource "coder_agent" "{name}" {{\n  os = "linux"\n  arch = "amd64"\n'
            yield f"  startup_script = {self.chance.choice(_AGENT_BODIES)}\n"
        elif kind == "coder_script":
            yield f'resource "coder_script" "{name}" {{\n  agent_id = {agent}\n  display_name = "{name}"\n'
            yield f"  script = {self.chance.choice(_BODIES)}\n  run_on_start = true\n"
            yield self.chance.choice(_INSTANCES)
        else:
            again = bool(below) and self.chance.random() < 0.4
            below.append(self.chance.choice(below) if again else name)
            yield f'module "{name}" {{\n  source = "./{below[-1]}"\n  agent = {agent}\n'
            yield f"  {self.chance.choice(_ARGUMENTS)}\n{self.chance.choice(_INSTANCES)}"


def random_template(seed: int) -> dict[str, str]:
    """Return the files of the template that belongs to a seed: paths and texts."""
    maker = _Maker(random.Random(seed))
    maker.module("", 0)
    return maker.files
