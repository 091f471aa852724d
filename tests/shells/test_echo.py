"""What the runtime writes, it writes once, also where a signal comes in the middle of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.shells.harness import reset_environment, shell_command

PLATFORM = Path(__file__).parents[2] / "templates" / "runtime" / "platform.sh"
LINES = 160_000

# Signals rain while lines go to one file and each trap writes to another, until there were enough of both.
RAIN = f"""
trap 'u_signals=x$u_signals; echo signal >>signals' HUP
(
	while kill -HUP $$ 2>/dev/null; do sleep 0.003; done
) &
u_i=0 u_signals=''
while [ "$u_i" -lt {LINES} ] || [ ${{#u_signals}} -le 20 ]; do
	u_i=$((u_i + 1))
	echo "$u_i" >>lines
done
trap '' HUP
kill $!
echo "$u_i"
"""


def test_a_signal_in_the_middle_of_a_line_makes_nothing_be_written_twice_or_elsewhere(
    tmp_path: Path, shell: str
) -> None:
    ran = subprocess.run(
        shell_command(shell, "-c", PLATFORM.read_text() + RAIN),
        cwd=tmp_path,
        env=reset_environment(),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert int(ran.stdout) >= LINES, ran.stderr
    assert (tmp_path / "lines").read_text().split() == [str(number) for number in range(1, int(ran.stdout) + 1)]
    assert set((tmp_path / "signals").read_text().splitlines()) == {"signal"}
