"""How long large templates take from text to graph: ``python -m tests.bench.ordering_scale``.

Each row is one template; the seconds are those of a whole analysis, files read from memory.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from compiler.pipeline import Options, analyze
from compiler.terraform.configuration.files import MemoryFiles
from tests.ordering.harness import AGENT, module, order, rule, script

VARIABLES = 'variable "agent_id" {}\n\nvariable "step" {}\n'
CHILD = (
    VARIABLES
    + script("a", agent_id="var.agent_id")
    + script("b", "depends_on = [coder_script.a]", agent_id="var.agent_id").replace('"echo b"', '"echo ${var.step}"')
    + order(rule('"coder_script.b"', '"coder_script.a"'))
)
GIVEN = "agent_id = coder_agent.main.id"


def _chain(length: int) -> str:
    calls = (
        module(f"m{n}", "./m", GIVEN, f"step = {n}", *((f"depends_on = [module.m{n - 1}]",) if n else ()))
        for n in range(length)
    )
    return AGENT + "".join(calls)


TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "2,000 instances from count": {
        "main.tf": AGENT + script("a") + script("b", "count = 2000", "depends_on = [coder_script.a]")
    },
    "2,000 instances that differ": {
        "main.tf": AGENT + script("a", "count = 2000").replace('"echo a"', '"echo ${count.index}"')
    },
    "300 module instances": {
        "main.tf": AGENT + module("m", "./m", "count = 300", GIVEN, "step = count.index"),
        "m/main.tf": CHILD,
    },
    "300 module calls in a chain": {"main.tf": _chain(300), "m/main.tf": CHILD},
    "before all, over 2,000": {"main.tf": AGENT + script("a", "# unitc: before = all") + script("b", "count = 2000")},
    "90,000 pairs": {
        "main.tf": AGENT + script("a", "count = 300") + script("b", "count = 300", "depends_on = [coder_script.a]")
    },
    "a chain of 2,000 scripts": {
        "main.tf": AGENT
        + "".join(script(f"s{n}", *((f"depends_on = [coder_script.s{n - 1}]",) if n else ())) for n in range(2000))
    },
    "2,000 rules": {
        "main.tf": AGENT
        + script("s", "count = 2001")
        + order(*(rule(f'"coder_script.s[{n + 1}]"', f'"coder_script.s[{n}]"') for n in range(2000)))
    },
    "100,000 instances": {"main.tf": AGENT + script("a", "count = 100000")},
}


def main() -> None:
    """Print a row for each template."""
    analyze(MemoryFiles({"main.tf": AGENT}), Options())
    for name, files in TEMPLATES.items():
        start = time.perf_counter()
        analysis = analyze(MemoryFiles(files), Options())
        seconds = time.perf_counter() - start
        edges = sum(len(graph.edges) for graph in analysis.graphs)
        sys.stdout.write(f"{seconds:8.2f} s  {len(analysis.inventory.scripts):7,} scripts  {edges:7,} edges  {name}\n")


if __name__ == "__main__":
    main()
