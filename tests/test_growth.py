"""How the work grows with the template: no function is called more often than in proportion to its scripts.

Calls are counted, and not seconds, which are those of the machine. A quadratic step shows in the one function that it
calls long before it shows in the time of a whole run.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from types import FrameType

import pytest

from compiler.output.target import Target
from compiler.pipeline import Options, analyze, compile_analysis
from compiler.terraform.configuration.files import MemoryFiles
from tests.ordering.harness import AGENT, module, script

FEW, TIMES = 30, 4
# In proportion would be TIMES; sorting and what is done once leave some room.
MOST_TIMES = 1.5 * TIMES
CHILD = 'variable "agent_id" {}\n' + script("inner", agent_id="var.agent_id")


def _scripts(number: int, waits_for: Callable[[int], range]) -> str:
    return "".join(
        script(f"s{n}", f"depends_on = [{', '.join(f'coder_script.s{before}' for before in waits_for(n))}]")
        for n in range(number)
    )


def _chain(number: int) -> str:
    return _scripts(number, lambda n: range(max(n - 1, 0), n))


SHAPES: Mapping[str, Callable[[int], str]] = {
    "a chain": _chain,
    "five prerequisites each": lambda number: _scripts(number, lambda n: range(max(n - 5, 0), n)),
    "a script before all": lambda number: script("first", "# unitc: before = all") + _chain(number),
    "a script after all": lambda number: _chain(number) + script("last", "# unitc: depends_on_completion = all"),
    "instances": lambda number: (
        script("each", f"count = {number}") + script("last", "depends_on = [coder_script.each]")
    ),
    "module calls": lambda number: "".join(
        module(f"m{n}", "./m", "agent_id = coder_agent.main.id") for n in range(number)
    ),
    "references to nothing": lambda number: _scripts(number, lambda n: range(number + n, number + n + 1)),
    "unknown arguments": lambda number: "".join(script(f"s{n}", f"q{n} = 1") for n in range(number)),
}


def _calls(text: str, target: Target) -> Counter[str]:
    """Return how often each function is called while a template is analyzed and compiled, however it ends."""
    counted: Counter[str] = Counter()

    def count(frame: FrameType, event: str, function: object) -> None:
        if event == "call":
            counted[f"{frame.f_code.co_filename}:{frame.f_code.co_firstlineno} {frame.f_code.co_name}"] += 1
        elif event == "c_call":
            name = getattr(function, "__qualname__", function)
            counted[f"{frame.f_code.co_filename}:{frame.f_code.co_firstlineno} calls {name}"] += 1

    files = MemoryFiles({"main.tf": AGENT + text, "m/main.tf": CHILD})
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        analysis = analyze(files, Options(target=target))
        if not analysis.broken:
            compile_analysis(analysis, wire=True)
    finally:
        sys.setprofile(before)
    return counted


# What has errors is compiled to nothing, whatever the target.
NATIVE = [shape for shape in SHAPES if shape not in ("references to nothing", "unknown arguments")]


@pytest.mark.parametrize(
    ("shape", "target"),
    [*((shape, Target.LAUNCHER) for shape in SHAPES), *((shape, Target.NATIVE) for shape in NATIVE)],
)
def test_no_function_is_called_more_often_than_in_proportion(
    shape: str, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mistake is compared with so many names and no more; the number only has to be below that of the scripts here.
    monkeypatch.setattr("compiler.source.suggest._MOST_NAMES", FEW // 4)
    # What is imported and kept by the first run isn't counted; a text that was read already would be, so it is another.
    _calls(SHAPES[shape](FEW // 2), target)
    few, many = (_calls(SHAPES[shape](number), target) for number in (FEW, FEW * TIMES))
    grown = {name: (few[name], calls) for name, calls in many.items() if calls > MOST_TIMES * max(few[name], FEW)}
    assert grown == {}
