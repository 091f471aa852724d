"""Templates written down in a few words."""

from __future__ import annotations

__all__ = ["AGENT", "VARIABLE", "agent", "call", "child", "module", "order", "rule", "script"]


def _block(header: str, lines: tuple[str, ...]) -> str:
    return "\n".join((f"{header} {{", *lines, "}", ""))


def agent(name: str = "main", *lines: str, os: str = '"linux"') -> str:
    """Return a ``coder_agent`` block with more lines."""
    return _block(f'resource "coder_agent" "{name}"', (f"os = {os}", 'arch = "amd64"', *lines))


AGENT = agent()


def script(name: str, *lines: str, on: str = "start", agent_id: str = "coder_agent.main.id") -> str:
    """Return a ``coder_script`` block. ``on`` holds the words ``start``, ``stop`` and ``cron``."""
    triggers = {"start": "run_on_start = true", "stop": "run_on_stop = true", "cron": 'cron = "0 0 * * * *"'}
    fixed = (f"agent_id = {agent_id}", f'display_name = "{name}"', f'script = "echo {name}"')
    return _block(f'resource "coder_script" "{name}"', (*fixed, *(triggers[word] for word in on.split()), *lines))


def module(name: str, source: str, *lines: str) -> str:
    """Return a module call."""
    return _block(f'module "{name}"', (f'source = "{source}"', *lines))


def rule(run: str, after: str, *lines: str) -> str:
    """Return a ``rule`` block; ``run`` and ``after`` hold selectors as they stand in the file, parted by commas."""
    return _block("rule", (f"run = [{run}]", f"after = [{after}]", *lines))


def order(*rules: str, name: str = "order", lines: tuple[str, ...] = ()) -> str:
    """Return a ``coder_script_order`` data source with these rules."""
    return _block(f'data "coder_script_order" "{name}"', (*lines, *rules))


VARIABLE = 'variable "agent_id" {}\n'


def child(*names: str) -> str:
    """Return a module whose scripts have these names and run on the agent that its caller gives."""
    return VARIABLE + "".join(script(name, agent_id="var.agent_id") for name in names)


def call(name: str, *lines: str, source: str = "./m") -> str:
    """Return a call of such a module."""
    return module(name, source, "agent_id = coder_agent.main.id", *lines)
