"""How time and memory grow with a template, beside python-hcl2's parse of the same files.

``python -m tests.bench.growth`` prints README's table: seconds of processor time, each in a process of its own, so that
what one keeps is no help to another. Each script waits for five of those before it; files hold 500 scripts. unitc runs
as its command does, which doesn't look for garbage, and python-hcl2 as whoever imports it finds it.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from tests.ordering.templates import AGENT

_SIZES = (1_000, 10_000)
_IN_A_FILE = 500
_SCRIPT = """\
resource "coder_script" "s{n}" {{
  agent_id     = coder_agent.main.id
  display_name = "Script {n}"
  run_on_start = true
  depends_on   = [{needs}]
  script       = <<-EOT
    #!/bin/sh
    set -eu
    echo "script {n}"
  EOT
}}

"""


def files(scripts: int) -> dict[str, str]:
    """Return a template, by file name."""
    pick = random.Random(scripts)
    blocks = []
    for n in range(scripts):
        needs = sorted({pick.randrange(max(0, n - 300), n) for _ in range(5)}) if n else []
        blocks.append(_SCRIPT.format(n=n, needs=", ".join(f"coder_script.s{each}" for each in needs)))
    parts = [blocks[first : first + _IN_A_FILE] for first in range(0, scripts, _IN_A_FILE)]
    return {"main.tf": AGENT, **{f"part{number:03}.tf": "".join(part) for number, part in enumerate(parts)}}


def _unitc(texts: Mapping[str, str]) -> dict[str, float]:
    from compiler.pipeline import Options, analyze, compile_analysis
    from compiler.terraform.configuration.files import MemoryFiles
    from compiler.terraform.configuration.load import load

    gc.disable()
    analyze(MemoryFiles({"main.tf": AGENT}), Options())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.process_time()
    load(MemoryFiles(texts))
    read = time.process_time()
    # What was read is kept, so this is all the rest.
    analysis = analyze(MemoryFiles(texts), Options())
    analyzed = time.process_time()
    compile_analysis(analysis, wire=True)
    done = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    edges = sum(len(graph.edges) for graph in analysis.graphs)
    return {
        "read": read - begin,
        "order and checks": analyzed - read,
        "launcher and wiring": done - analyzed,
        "whole compile": done - begin,
        "edges": edges,
        "KiB": memory,
    }


def _hcl2(texts: Mapping[str, str]) -> dict[str, float]:
    import hcl2

    hcl2.parses_to_tree(AGENT)
    begin = time.process_time()
    for text in texts.values():
        hcl2.parses_to_tree(text)
    return {"python-hcl2, parse alone": time.process_time() - begin}


_ONES: Mapping[str, Callable[[Mapping[str, str]], dict[str, float]]] = {
    "unitc": _unitc,
    "hcl2": _hcl2,
}


def _measured(one: str, scripts: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.growth", one, str(scripts)]
    found: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return found


def _measure(one: str, scripts: int) -> None:
    print(json.dumps(_ONES[one](files(scripts))))  # noqa: T201


def main() -> None:
    """Print the table."""
    found: dict[str, list[float]] = {}
    for scripts in _SIZES:
        for one in _ONES:
            for name, value in _measured(one, scripts).items():
                found.setdefault(name, []).append(value)
    parse, kibibytes, edges = (found.pop(name) for name in ("python-hcl2, parse alone", "KiB", "edges"))
    found["python-hcl2, parse alone"] = parse
    heads = [f"{size:,} scripts, {count:,.0f} edges | of the parse" for size, count in zip(_SIZES, edges, strict=True)]
    print(f"| seconds | {' | '.join(heads)} |\n|---|{'---:|' * 2 * len(_SIZES)}")  # noqa: T201
    for name, values in found.items():
        cells = [f"{value:.2f} | {value / least:.2f}" for value, least in zip(values, parse, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")  # noqa: T201
    shares = ", ".join(f"{each / size:.0f}" for each, size in zip(kibibytes, _SIZES, strict=True))
    print(f"\nMemory of a whole compile: {shares} KiB a script.")  # noqa: T201


if __name__ == "__main__":
    _measure(sys.argv[1], int(sys.argv[2])) if sys.argv[1:] else main()
