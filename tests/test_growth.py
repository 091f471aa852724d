"""How the work grows with the template: no function is called more often than in proportion to its scripts.

Calls are counted, and not seconds, which are those of the machine. A quadratic step shows in the one function that it
calls long before it shows in the time of a whole run.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from types import FrameType

import pytest

from compiler.output.target import Target
from compiler.pipeline import Options, analyze, compile_analysis
from compiler.terraform.configuration.files import MemoryFiles
from tests.ordering.templates import AGENT, agent, module, order, rule, script

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


def _with_bodies(number: int, body: Callable[[int], str], *, ordered: bool = True) -> str:
    return "".join(
        script(f"s{n}", f"depends_on = [coder_script.s{n - 1}]" if ordered and n else "").replace(
            f'"echo s{n}"', f"<<-EOT\n{body(n)}\nEOT"
        )
        for n in range(number)
    )


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
    "module calls one after the other": lambda number: "".join(
        module(f"m{n}", "./m", "agent_id = coder_agent.main.id", f"depends_on = [{f'module.m{n - 1}' if n else ''}]")
        for n in range(number)
    ),
    "instances that others name one by one": lambda number: (
        script("each", f"count = {number}")
        + "".join(script(f"s{n}", f"depends_on = [coder_script.each[{n}]]") for n in range(number))
    ),
    "instances that aren't there": lambda number: (
        script("each", f"count = {number}")
        + "".join(script(f"s{n}", f"depends_on = [coder_script.each[{number + n}]]") for n in range(number))
    ),
    "agents": lambda number: "".join(
        agent(f"a{n}", 'startup_script = "echo"')
        + script(
            f"s{n}", f"# unitc: depends_on_success = [coder_agent.a{n}.startup_script]", agent_id=f"coder_agent.a{n}.id"
        )
        for n in range(number)
    ),
    "mutexes": lambda number: "".join(script(f"s{n}", '# unitc: mutex = "m"') for n in range(number)),
    "scripts on two occasions": lambda number: "".join(
        script(f"s{n}", f"depends_on = [{f'coder_script.s{n - 1}' if n else ''}]", on="start stop")
        for n in range(number)
    ),
    "rules": lambda number: (
        "".join(script(f"s{n}") for n in range(number))
        + order(*(rule(f'"coder_script.s{n}"', f'"coder_script.s{n - 1}"') for n in range(1, number)))
    ),
    "package managers at the same time": lambda number: _with_bodies(
        number, lambda n: f"apt-get install -y x{n}", ordered=False
    ),
    "package managers one after the other": lambda number: _with_bodies(number, lambda n: f"apt-get install -y x{n}"),
    "one file that all write in turn": lambda number: _with_bodies(number, lambda n: "echo > /var/tmp/same"),
    "waits for files": lambda number: _with_bodies(
        number, lambda n: f"touch /var/tmp/f{n}\nuntil [ -e /var/tmp/f{n - 1} ]; do sleep 1; done"
    ),
    "waits for commands": lambda number: _with_bodies(
        number, lambda n: f"apt-get install -y x{n}\nuntil command -v x{n - 1}; do sleep 1; done", ordered=False
    ),
    "waits by coder exp sync": lambda number: _with_bodies(
        number,
        lambda n: f"coder exp sync want u{n} u{n - 1}\ncoder exp sync start u{n}\ncoder exp sync complete u{n}",
        ordered=False,
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
    # A generator that was left where it was is called once more when it is collected, whosever it is.
    gc.collect()
    gc.disable()
    sys.setprofile(count)
    try:
        analysis = analyze(files, Options(target=target))
        if not analysis.broken:
            compile_analysis(analysis, wire=True)
    finally:
        sys.setprofile(before)
        gc.enable()
    return counted


# What has errors is compiled to nothing, whatever the target.
NATIVE = [
    shape
    for shape in SHAPES
    if shape not in ("instances that aren't there", "references to nothing", "unknown arguments")
]


@pytest.mark.parametrize(
    ("shape", "target"),
    [*((shape, Target.LAUNCHER) for shape in SHAPES), *((shape, Target.NATIVE) for shape in NATIVE)],
)
def test_no_function_is_called_more_often_than_in_proportion(
    shape: str, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mistake is compared with so many names and no more; the number only has to be below that of the scripts here.
    monkeypatch.setattr("compiler.source.suggest._MOST_NAMES", FEW // 4)
    monkeypatch.setattr("compiler.checks.scripts.installing._COMPARED", FEW // 4)
    # That an agent takes no more of them is told once.
    monkeypatch.setattr("compiler.checks.bodies.MAX_AGENT_BYTES", 1 << 30)
    # What is imported and kept by the first run isn't counted; a text that was read already would be, so it is another.
    _calls(SHAPES[shape](FEW // 2), target)
    few, many = (_calls(SHAPES[shape](number), target) for number in (FEW, FEW * TIMES))
    grown = {name: (few[name], calls) for name, calls in many.items() if calls > MOST_TIMES * max(few[name], FEW)}
    assert grown == {}


# What was counted on Python 3.11, which counts comprehensions too, and a tenth.
MOST_CALLS = {"a chain": 1_550, "five prerequisites each": 1_710}


@pytest.mark.parametrize(("shape", "most"), MOST_CALLS.items())
def test_a_further_script_takes_so_many_calls_of_functions(shape: str, most: int) -> None:
    _calls(SHAPES[shape](FEW // 2), Target.LAUNCHER)
    few, many = (_calls(SHAPES[shape](number), Target.LAUNCHER).total() for number in (FEW, FEW * TIMES))
    assert (many - few) / (FEW * TIMES - FEW) <= most
