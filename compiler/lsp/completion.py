"""What can be written at a place: addresses in lists, directives in comments, selectors and words in rules.

While something is being written it is no correct Terraform yet, so what is asked for is told from the text before the
place; what can stand there comes from the analysis.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from lsprotocol.types import CompletionItem, CompletionItemKind, CompletionParams, Range, TextEdit

from compiler.lsp.names import file_of
from compiler.lsp.session import DocumentPlace
from compiler.order.directives.vocabulary import DIRECTIVES, SETTINGS, Verb
from compiler.order.inventory import AGENT_SCRIPTS
from compiler.order.model import Phase
from compiler.order.outcome import Requires
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.codes import CODES
from compiler.terraform.configuration.module import Mode

TRIGGERS = (".", "[", '"', ":", ",", " ", "=")

# The longest list that is looked through for its start, in characters.
_FAR = 8_192
_HEADER = regex(r'^(\w+)[ \t]+"?([\w-]+)"?(?:[ \t]+"?([\w-]+)"?)?[^\n]*\{', re.MULTILINE)
_COMMENT = r"(?:#|//) unitc:[ \t]*"
_ENDS: dict[Requires, str] = {
    Requires.START: "started",
    Requires.READY: "are ready",
    Requires.COMPLETION: "ended, however they did",
    Requires.SUCCESS: "succeeded",
    Requires.FAILURE: "failed",
}
_SETTINGS: dict[str, str] = {
    "gate_timeout": "waits at most this many seconds",
    "mutex": "never runs at the same time as units that name the same mutex",
    "optional": "a failure of this doesn't fail the whole run",
    "ready": "this is ready once the command succeeds, or once its body says so (notify)",
    "ready_interval": "seconds between two tries of the ready command",
    "retries": "is run again up to this many times if it fails",
    "retry_delay": "seconds before the first retry, doubled each time",
    "unless": "isn't run if the command succeeds, and counts as succeeded",
}


@dataclass(frozen=True, slots=True)
class _Proposal:
    """What may be written. ``typed`` is what of it the editor matches with the text that is there."""

    text: str
    detail: str
    kind: CompletionItemKind


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stands before a place: the match that says what is asked for, and the header of the block around it."""

    place: DocumentPlace
    found: re.Match[str]
    block: tuple[str, ...]

    @property
    def own(self) -> str:
        """The address of the block around the place, within its module."""
        kind, *labels = self.block or ("",)
        return ".".join(labels) if kind == "resource" else ".".join(self.block)


def complete(place: DocumentPlace, params: CompletionParams) -> list[CompletionItem]:
    """Return what can be written at a place."""
    before = place.text[max(0, place.offset - _FAR) : place.offset]
    for pattern, proposals in _PLACES:
        found = pattern.search(before)
        if found is not None:
            asked = _Asked(place, found, _block(before))
            start = place.offset - len(found["typed"])
            here = Range(place.lines.position(start), params.position)
            return [
                CompletionItem(
                    item.text, detail=item.detail, kind=item.kind, text_edit=TextEdit(here, item.text), sort_text=order
                )
                for order, item in _numbered(proposals(asked))
            ]
    return []


def _numbered(proposals: Iterable[_Proposal]) -> Iterator[tuple[str, _Proposal]]:
    """Yield proposals with what keeps them in this order."""
    return ((f"{number:05}", item) for number, item in enumerate(proposals))


def _block(before: str) -> tuple[str, ...]:
    """Return the type and the labels of the last block that starts at the start of a line, and isn't closed again."""
    headers = list(_HEADER.finditer(before))
    if not headers or re.search(r"^\}", before[headers[-1].end() :], re.MULTILINE):
        return ()
    return tuple(part for part in headers[-1].groups() if part)


def _addresses(asked: _Asked, *, agents: bool) -> Iterator[_Proposal]:
    """Yield the scripts and calls of the module that the place is in, without those that the list has already."""
    known = file_of(asked.place)
    if known is None:
        return
    module = known[0]
    there = {asked.own, *re.findall(r"[\w.-]+", asked.found["list"])}
    names = {unit.address: unit.display_name for graph in asked.place.analysis.graphs for unit in graph.units}
    for resource in module.resources_of(Mode.MANAGED, "coder_script"):
        if resource.address not in there:
            yield _Proposal(resource.address, names.get(resource.address) or "script", CompletionItemKind.Reference)
    for call in module.calls.values():
        if f"module.{call.name}" not in there:
            yield _Proposal(f"module.{call.name}", "all scripts of the module", CompletionItemKind.Module)
    for resource in module.resources_of(Mode.MANAGED, "coder_agent") if agents else ():
        for argument in AGENT_SCRIPTS:
            address = f"{resource.address}.{argument}"
            if resource.block.body.attribute(argument) is not None and address not in there:
                yield _Proposal(address, "script of the agent", CompletionItemKind.Reference)


def _references(asked: _Asked) -> Iterator[_Proposal]:
    """Yield what a ``depends_on`` can name; elsewhere than in scripts and calls it is Terraform's alone."""
    if asked.block[:2] == ("resource", "coder_script") or asked.block[:1] == ("module",):
        yield from _addresses(asked, agents=False)


def _directive_value(asked: _Asked) -> Iterator[_Proposal]:
    """Yield what can stand behind the ``=`` of a directive."""
    name = asked.found["name"]
    if name in DIRECTIVES and asked.found["bracket"]:
        yield from _addresses(asked, agents=True)
    elif name in DIRECTIVES and DIRECTIVES[name].requires is not None:
        yield _Proposal("all", "everything else of its agent and phase", CompletionItemKind.Keyword)
    elif name == "ready" and not asked.found["quote"]:
        yield _Proposal("notify", 'the body says so itself, by running "$UNITC_READY"', CompletionItemKind.Keyword)
    elif name == "optional":
        yield _Proposal("true", _SETTINGS[name], CompletionItemKind.Keyword)
    elif name == "mutex":
        quote = "" if asked.found["quote"] else '"'
        known = {mutex for graph in asked.place.analysis.graphs for unit in graph.units for mutex in unit.mutexes}
        for mutex in sorted(known):
            yield _Proposal(f"{quote}{mutex}{quote}", "mutex", CompletionItemKind.Value)


def _directives(asked: _Asked) -> Iterator[_Proposal]:
    """Yield the words that a directive can start with; of a single script of an agent only its settings are said."""
    for name in SETTINGS:
        yield _Proposal(name, _SETTINGS[name], CompletionItemKind.Keyword)
    if asked.found["script"]:
        return
    for name, verb in sorted(DIRECTIVES.items()):
        yield _Proposal(name, _says(verb), CompletionItemKind.Keyword)
    for name in AGENT_SCRIPTS if asked.block[:2] == ("resource", "coder_agent") else ():
        yield _Proposal(name, f"says something of the {name}: {name}.ready = …", CompletionItemKind.Keyword)
    yield _Proposal("ignore", "silences a warning: ignore[CODE] reason", CompletionItemKind.Keyword)


def _says(verb: Verb) -> str:
    if verb.requires is None:
        return "depends_on orders creation only for these"
    if verb.inverse:
        return f"those wait until this {_ENDS[verb.requires].replace('are', 'is').replace('they', 'it')}"
    return f"this waits until those {_ENDS[verb.requires]}"


def _codes(_asked: _Asked) -> Iterator[_Proposal]:
    for code, title in sorted(CODES.items()):
        yield _Proposal(code, title, CompletionItemKind.EnumMember)


def _selectors(asked: _Asked) -> Iterator[_Proposal]:
    """Yield the selectors of a rule, in quotes where there are none yet."""
    if asked.block[:2] != ("data", "coder_script_order"):
        return
    quote = "" if asked.found["quote"] else '"'
    for item in _addresses(asked, agents=False):
        yield _Proposal(f"{quote}{item.text}{quote}", item.detail, item.kind)


def _words(asked: _Asked) -> Iterator[_Proposal]:
    if asked.block[:2] == ("data", "coder_script_order"):
        requirements = (Requires.SUCCESS, Requires.COMPLETION)
        for word in requirements if asked.found["name"] == "requires" else Phase:
            yield _Proposal(word.value, asked.found["name"], CompletionItemKind.EnumMember)


# What the text before a place asks for; the first that fits counts. ``typed`` is what a proposal replaces.
_PLACES: tuple[tuple[re.Pattern[str], Callable[[_Asked], Iterator[_Proposal]]], ...] = (
    (regex(rf"{_COMMENT}ignore\[(?:[^\]\n]*[, ])?(?P<typed>\w*)\Z"), _codes),
    (
        regex(
            rf"{_COMMENT}(?:\w+\.)?(?P<name>\w+)[ \t]*=[ \t]*(?P<bracket>\[?)(?P<list>[^\]\n]*?)(?P<quote>\"?)"
            r"(?P<typed>[\w.-]*)\Z"
        ),
        _directive_value,
    ),
    (regex(rf"{_COMMENT}(?P<script>\w+\.)?(?P<typed>\w*)\Z"), _directives),
    (regex(r"^[ \t]*depends_on(?:_\w+)?[ \t]*=[ \t]*\[(?P<list>[^\]]*?)(?P<typed>[\w.-]*)\Z", re.M), _references),
    (
        regex(r"\b(?:run|after)[ \t]*=[ \t]*\[(?P<list>[^\]]*?)(?P<quote>\"?)(?P<typed>[\w.-]*)\Z"),
        _selectors,
    ),
    (regex(r"\b(?P<name>requires|phase)[ \t]*=[ \t]*\"(?P<typed>\w*)\Z"), _words),
)
