"""Time the language server from a keystroke to its answer, as an editor sees it, and print the milliseconds.

Run it as ``python -m tests.bench.keystrokes``. The template has a thousand lines in one file, with fifty scripts in a
chain. Each keystroke changes it, and the answer is what is wrong with the text that came of it. Beside the time stands
how much memory the server takes after many keystrokes: it must not grow with their number.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from tests.lsp.editor import Editor, drive

KEYSTROKES = 300
_LINES = 1_000
_HEAD = 'resource "coder_agent" "main" {\n  os   = "linux"\n  arch = "amd64"\n}\n\ndata "coder_workspace" "me" {}\n'
_SCRIPT = """\

resource "coder_script" "unit_{number}" {{
  agent_id     = coder_agent.main.id
  display_name = "Unit {number}"
  icon         = "/icon/folder.svg"
  run_on_start = true
  timeout      = 300
  depends_on   = [{before}]
  # unitc: mutex = "m{mutex}"
  script       = <<-EOT
    #!/usr/bin/env bash
    set -euo pipefail
    cd "$HOME/project-{number}"
    if [ ! -d node_modules ]; then
      npm ci --no-audit > /tmp/npm-{number}.log 2>&1
    fi
    echo "unit {number} of ${{data.coder_workspace.me.name}}"
  EOT
}}
"""


def template(lines: int) -> str:
    """Return a template of about so many lines, whose scripts wait for one another."""
    parts = [_HEAD]
    for number in range((lines - _HEAD.count("\n")) // _SCRIPT.count("\n")):
        before = f"coder_script.unit_{number - 1}" if number else ""
        parts.append(_SCRIPT.format(number=number, before=before, mutex=number % 3))
    return "".join(parts)


def memory(process: int) -> float:
    """Return the memory that a process takes, in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor(process: int) -> float:
    """Return the time that a process has computed for, in milliseconds."""
    times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Type, and print how long the answers took."""
    text = template(_LINES)

    async def session(editor: Editor) -> None:
        path = folder / "main.tf"
        await editor.open(path, text)
        times: list[float] = []
        for number in range(KEYSTROKES):
            if number == KEYSTROKES // 10:
                early, began = memory(editor.process), processor(editor.process)
            typed = text.replace('"Unit 25"', f'"Unit 25 {number}"', 1)
            started = time.perf_counter()
            assert await editor.edit(path, typed) == []
            times.append((time.perf_counter() - started) * 1000)
        computed = (processor(editor.process) - began) / (KEYSTROKES - KEYSTROKES // 10)
        p95 = statistics.quantiles(times, n=20)[-1]
        print(  # noqa: T201  # its output
            f"{text.count(chr(10))} lines: median {statistics.median(times):.0f} ms, 95 of 100 within {p95:.0f} ms, "
            f"of which {computed:.0f} ms are the server's own; "
            f"{early:.0f} MiB after {KEYSTROKES // 10} keystrokes, {memory(editor.process):.0f} after {KEYSTROKES}"
        )

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf").write_text(text)
        drive(folder, session)


if __name__ == "__main__":
    main()
