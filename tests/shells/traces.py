"""What the processes of the runtime do, as traces of real runs show it, held against the programs of the model.

Lines are put into the functions of the runtime that make, find and remove files, write events, send and read words, and
begin a role. Each process has a trace of its own, which has to be a path through the program of its role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from tests.shells.protocol import Machine, Program

__all__ = ["strays", "traced"]

_TRACE: Final = """u_trace() {
	{ read -r u_traced u_rest_of_it </proc/self/stat; } 2>/dev/null
	echo "$u_traced $*" >>"$PLACE/trace"
}
"""

_OWN: Final = r'^\s*\[ -z "\$u_claimed" \] ?\|\| ?u_note\n'
_CLAIMED: Final = '[ -z "$u_claimed" ] || '
# Patterns of the runtime's text, which may have blanks and indents or not, and what stands there in a text with traces.
_WORDS: Final = (
    (r"^u_make ?\(\) ?\{\n", _TRACE + r"\g<0>"),
    (r"^\s*u_made=\$\?\n", r'\g<0>u_trace make "$u_made" "$1"' + "\n"),
    (r"echo wake >&5", r'u_trace word "$1"; \g<0>'),
    (r"^u_event ?\(\) ?\{\n", r'\g<0>u_trace event "$1" "$2"' + "\n"),
    (r'^\s*rm -f "\$1\.\$u_t\.owner\.\$u_mine"\n', r'\g<0>u_trace drop "$1.$u_t.owner.$u_mine"' + "\n"),
    (r"^u_slay ?\(\) ?\{\n", r'\g<0>u_trace slay "$1"' + "\n"),
    (r"^u_next_word ?\(\) ?\{\n.*\n", r'\g<0>u_trace "$u_news"' + "\n"),
    (r"^\s*echo over >&4", r"u_trace over" + "\n" + r"\g<0>"),
    (r"^u_sentinel ?\(\) ?\{\n", r'\g<0>u_trace role sentinel "$u_n"' + "\n"),
    (r"^u_probe ?\(\) ?\{\n", r'\g<0>u_trace role watch "$u_n"' + "\n"),
    (_OWN, f'{_CLAIMED}u_trace role body "$u_n"\n\\g<0>{_CLAIMED}u_trace become\n'),
    (r'^\s*u_body=\$!\n(?=\s*if \[ "\$u_begins)', r"\g<0>" + f"{_CLAIMED}u_trace start body\n"),
    (r'^\s*u_plant "\$u_n\.owner\.\$u_mine"', 'u_trace role shell "$u_n"\n' + r"\g<0>"),
    (r"^\s*u_open_run\n", r"\g<0>u_trace role supervisor" + "\n"),
    (r"^u_run_sentinel ?\(\) ?\{\n", r"\g<0>u_trace role guard" + "\n"),
    (r'^\s*u_job_body "\$1" &\n', r'u_trace role job "$u_n"' + "\n" + r"\g<0>u_trace start body" + "\n"),
    (r'^\s*echo "(run|end) \$1.*\n', r"\g<0>u_trace tell \1" + "\n"),
    (r"^\s*u_note\n(?=\s*u_become\n)", r'u_trace role body "$u_n"' + "\n" + r"\g<0>u_trace become" + "\n"),
    (r'^\s*u_make "\$u_n\.owner\.\$u_mine"', r'u_trace role shell "$u_n"' + "\n" + r"\g<0>"),
    (r"^u_report ?\(\) ?\{\n", r'\g<0>u_trace tell "$1"' + "\n"),
)

_SHOWN: Final = re.compile(r"(make|find|word|event|read|drop|slay|note|become|over|tell|tick|start body)\b")
"""What a trace shows of the words of the model."""


def traced(text: str) -> str:
    """Return a script or a launcher that traces what its processes do into a file of its place."""
    for pattern, words in _WORDS:
        text = re.sub(pattern, words, text, flags=re.MULTILINE)
    return text


def strays(trace: str, machine: Machine, units: Mapping[str, str]) -> Iterator[str]:
    """Yield what of a trace is no path through the programs of a machine.

    ``units`` has the units of the machine by what stands for them in the files of the runtime: addresses or numbers.
    """
    rows = [line.split(" ") for line in trace.splitlines()]
    roles: dict[str, str] = {}
    words: dict[str, list[str]] = {}
    for pid, *row in rows:
        if row[0] == "role":
            unit = _unit(row[1:], units)
            roles[pid] = f"{row[1]} {unit}".strip()
            words.setdefault(pid, [])
    for pid, *row in rows:
        if pid in roles and row[0] != "role" and (word := _word(row, roles, units)):
            words[pid].append(word)
    for pid, mine in words.items():
        yield from _stray(roles[pid], mine, machine)


def _unit(row: list[str], units: Mapping[str, str]) -> str:
    return units[row[1].rpartition("/")[2]] if len(row) > 1 else ""


def _word(row: list[str], roles: Mapping[str, str], units: Mapping[str, str]) -> str:
    """Return a row of a trace as a word of the model, nothing where that has none for it."""
    match row:
        case ["make", made, path]:
            name = _name(path, roles, units)
            if ".helper." in name:
                return ""
            if ".body." in name:
                return f"note {name.partition('.body.')[0]}"
            return f"{'make' if made == '0' else 'find'} {name}" if name else ""
        case ["drop" | "slay" as verb, path]:
            return f"{verb} {_name(path, roles, units)}"
        case ["event", address, word] if word != "retrying":
            return f"event {units[address]} {word}"
        case ["word", pid]:
            return f"word {roles.get(pid, '').partition(' ')[2]}"
        case ["wake"]:
            return "read"
        case ["tick" | "become" | "over" | "start" | "tell" as verb, *rest] if rest != ["attended"]:
            return " ".join([verb, *rest])
    return ""


def _name(path: str, roles: Mapping[str, str], units: Mapping[str, str]) -> str:
    """Return a file of the runtime as the model calls it, nothing where it isn't of the protocol."""
    folder, _, name = path.rpartition("/")
    if folder.endswith("/mutexes"):
        found = re.fullmatch(r"\+.*?\.((?:\d+(?:\.(?:free|by|(?:owner|body|helper)\..*))?)|waiter\..*)", name)
        of, end = "m", found[1] if found else ""
    elif folder.endswith("/outcomes"):
        of = next((unit for unit in sorted(units, key=len, reverse=True) if f"{name}.".startswith(f"{unit}.")), "")
        of, end = units[of], name.removeprefix(of).removeprefix(".")
    else:
        return ""
    if found := re.fullmatch(r"(.*(?:owner|body|waiter))\.(\d+)(?:\..*)?", end):
        who = roles.get(found[2], "")
        end = f"{found[1]}.{who.partition(' ')[2] if found[1].endswith('waiter') else who}"
    return f"{of}.{end}".removesuffix(".")


def _stray(process: str, words: list[str], machine: Machine) -> Iterator[str]:
    """Yield where the trace of one process leaves its program."""
    program = machine.programs[process]
    moves = [move for each in machine.programs.values() for moves in each.values() for move in moves]
    begins = {move.starts[1] for move in moves if move.starts and move.starts[0] == process}
    labels = _reached(program, begins | {machine.begins[process]} if process in machine.begins else begins)
    for number, word in enumerate(words):
        follow = {
            move.then
            for label in labels
            for move in program[label]
            if move.word == word or move.word.startswith(f"{word} ")
        }
        # A tick that finds nothing is no step of the model.
        labels = _reached(program, follow | labels if word == "tick" else follow)
        if not labels and follow != {""}:
            yield f"{process} left its program with the last of {words[: number + 1]}"
            return


def _reached(program: Program, labels: set[str]) -> set[str]:
    """Return the labels that a process may be at by now, with moves that no trace shows."""
    reached, todo = set(), labels - {""}
    while todo:
        label = todo.pop()
        reached.add(label)
        hidden = {move.then for move in program[label] if not _SHOWN.match(move.word)}
        todo |= hidden - reached - {""}
    return reached
