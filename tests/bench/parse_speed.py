"""Time the HCL frontend beside the least that could do, and print the ratio.

Run it as ``python -m tests.bench.parse_speed``. The least is HashiCorp's own parser through pygohcl, in the same
process, over the same text. Only the ratios mean anything: the seconds are those of this machine at this moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pygohcl  # type: ignore[import-untyped]  # it ships without types

from compiler.hcl import read
from compiler.source.span import Source

ROUNDS = 5
_SCRIPT = """\
resource "coder_script" "unit_{number}" {{
  count        = data.coder_workspace.me.start_count
  agent_id     = coder_agent.main.id
  display_name = "Unit ${{count.index + 1}} of {number}" # shown in the dashboard
  run_on_start = var.enabled && !local.skipped["unit_{number}"]
  timeout      = local.slow ? 60 * 5 : 60
  env          = {{ for key, value in var.env : upper(key) => value if value != null }}
  depends_on   = [coder_script.first, module.tools]
  script       = <<-EOT
    #!/usr/bin/env bash
    set -eu
    %{{ if var.verbose ~}}
    echo "running ${{var.name}} for $${{USER:-nobody}}"
    %{{ endif ~}}
    exec ${{path.module}}/run.sh {number}
  EOT
}}

"""


def template(lines: int) -> str:
    """Return a template of about so many lines, in the shape of real ones."""
    each = _SCRIPT.count("\n")
    return "".join(_SCRIPT.format(number=number) for number in range(lines // each))


def best(work: Callable[[], object]) -> float:
    """Return the seconds of the quickest round."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        rounds.append(time.perf_counter() - started)
    return min(rounds)


def main() -> None:
    """Print one line for each size."""
    read(Source("warm.tf", "a = 1"))
    for lines in (200, 2_000, 20_000):
        text = template(lines)
        assert read(Source("main.tf", text))[1] == ()
        ours = best(lambda text=text: read(Source("main.tf", text)))  # type: ignore[misc]  # mypy can't infer it
        least = best(lambda text=text: pygohcl.loads(text))  # type: ignore[misc]  # mypy can't infer it
        print(f"{lines:6} lines: {ours * 1000:7.1f} ms, {ours / least:5.1f} times HashiCorp's parser")  # noqa: T201  # its output


if __name__ == "__main__":
    main()
