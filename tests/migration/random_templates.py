"""Random templates whose order is said in every form, also twice, for single instances, in modules, in both phases."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

__all__ = ["random_template"]

_REQUIRES = ("success", "success", "completion", "completion", "start", "failure")
_NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
_INSTANCES = {"  count = 2\n": ("[0]", "[1]"), '  for_each = toset(["a", "b c"])\n': ('["a"]', '["b c"]')}
_NO_INSTANCES = "  count = 0\n"
_VOLUME = '\nresource "docker_volume" "v" {\n  name = "v"\n}\n'


@dataclass
class _Block:
    """A script or a module call: its first line and arguments, and what it says of order."""

    address: str
    text: str
    keys: tuple[str, ...] = ()
    plain: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class _Maker:
    """Writes one template. Later blocks wait for earlier ones, so that nothing waits in a circle."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.files: dict[str, str] = {}
        self.seed = seed

    def folder(self, path: str, agent: str, depth: int) -> None:
        """Write one module: blocks in a row, each ordered behind some of those before it."""
        text = 'variable "agent" {\n  type = string\n}\n' if depth else self.agent()
        blocks: list[_Block] = []
        rules: list[str] = []
        for name in _NAMES[: self.chance.randint(3, 6)]:
            block = self.block(path, name, agent, depth)
            for other in blocks:
                if self.chance.random() < 0.5:
                    self.order(block, other, rules)
            blocks.append(block)
        if not depth and self.chance.random() < 0.2:
            blocks[0].lines.append(self.chance.choice(("# unitc: before = all", "# unitc: before_completion = all")))
        for block in blocks:
            if block.plain:
                between = self.chance.choice((", ", ",\n    "))
                block.lines.append(f"depends_on = [{between.join(dict.fromkeys(block.plain))}]")
            self.chance.shuffle(block.lines)
            text += f"\n{block.text}{''.join(f'  {line}{chr(10)}' for line in block.lines)}}}\n"
        if rules:
            text += '\ndata "coder_script_order" "order" {\n' + "".join(rules) + "}\n"
        self.files[f"{path}main.tf"] = text + (_VOLUME if self.chance.random() < 0.2 else "")

    def block(self, path: str, name: str, agent: str, depth: int) -> _Block:
        if depth < 2 and self.chance.random() < 0.25:
            self.folder(f"{path}{name}/", "var.agent", depth + 1)
            return _Block(f"module.{name}", f'module "{name}" {{\n  source = "./{name}"\n  agent = {agent}\n')
        phase = "stop" if self.seed % 4 == 0 and self.chance.random() < 0.4 else "start"
        repeated = self.chance.choice(("",) * 6 + (_NO_INSTANCES, *_INSTANCES))
        text = f'resource "coder_script" "{name}" {{\n  agent_id = {agent}\n  display_name = "{name}"\n'
        text += f'  script = "make {name}"\n  run_on_{phase} = true\n{repeated}'
        return _Block(f"coder_script.{name}", text, _INSTANCES.get(repeated, ()))

    def agent(self) -> str:
        startup = self.chance.choice(("", '  startup_script = "echo hello"\n'))
        return f'resource "coder_agent" "main" {{\n  os = "linux"\n  arch = "amd64"\n{startup}}}\n'

    def order(self, block: _Block, other: _Block, rules: list[str]) -> None:
        """Say in one or two of the forms that one block waits for another."""
        key = self.chance.choice(("", "", *other.keys))
        own_key = self.chance.choice(("", "", *block.keys))
        requires = self.chance.choice(_REQUIRES)
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            match self.chance.choice(("plain", "directive", "before", "rule", "none")):
                case "plain" if requires == "success":
                    block.plain.append(f"{other.address}{key}")
                case "none" if requires == "success" and not key:
                    block.plain.append(other.address)
                    block.lines.append(f"# unitc: depends_on_none = [{other.address}]")
                    return
                case "before":
                    other.lines.append(f"# unitc: before_{requires} = [{block.address}{own_key}]")
                case "rule" if requires in ("success", "completion"):
                    run, after = (
                        f"{one}{at}".replace('"', '\\"') for one, at in ((block.address, own_key), (other.address, key))
                    )
                    said = f'    run   = ["{run}"]\n    after = ["{after}"]\n    requires = "{requires}"\n'
                    rules.append(f"  rule {{\n{said}  }}\n")
                case _:
                    note = self.chance.choice(("", "", "", " # why"))
                    block.lines.append(f"# unitc: depends_on_{requires} = [{other.address}{key}]{note}")


def random_template(seed: int) -> dict[str, str]:
    """Return the files of the template that belongs to a seed. It may have mistakes, such as phases that don't fit."""
    maker = _Maker(seed)
    maker.folder("", "coder_agent.main.id", 0)
    return maker.files
