"""Which module calls can be wired where they stand, and which only in a compiled copy of the template.

An override can't change the source of a call that has a ``version``, and a module that isn't part of the template's
own folder must not be written into.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from compiler.order.claims import Claim
from compiler.order.inventory import Script
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, also, error
from compiler.source.prose import counted
from compiler.terraform.configuration.files import Files
from compiler.terraform.configuration.module import Config, ModuleCall, walk
from compiler.terraform.configuration.sources import is_local


@dataclass(frozen=True, slots=True)
class FarCall:
    """A call whose module a copy of the template has to hold, and that doesn't come along with the caller's folder.

    ``path`` are the names of the calls down to and with this one. ``why`` says why the module can't be wired where it
    is; it is empty where it can, and where no order reaches it.
    """

    path: tuple[str, ...]
    call: ModuleCall
    why: str


_ELSEWHERE = "is not in the template's folder"


def _why_not_in_place(call: ModuleCall, folder: str, files: Files) -> str:
    if call.block.body.attribute("version") is not None:
        return "has a version, which no override can remove"
    if not is_local(call.source or ""):
        return _ELSEWHERE
    if folder.split("/")[0] == "..":
        return "lies outside of the template's folder"
    return "is behind a symbolic link" if files.is_link(folder) else ""


def may_be_far(root: Config, files: Files) -> bool:
    """Return whether there is a call that can't be wired where it stands, whether or not an order reaches it."""
    return any(
        bool(_why_not_in_place(config.module.calls[name], child.module.dir, files))
        for config in walk(root)
        for name, child in config.children.items()
    )


def _steps_below(folder: str, base: str) -> list[str]:
    """Return the steps from one folder to another below it; they begin with ``..`` where it isn't."""
    if base == ".":
        return folder.split("/")
    return folder.removeprefix(f"{base}/").split("/") if folder.startswith(f"{base}/") else [".."]


def _comes_along(call: ModuleCall, folder: str, base: str, files: Files) -> bool:
    """Return whether a copy of ``base``, without hidden names and links, holds the module where its caller finds it."""
    if call.block.body.attribute("version") is not None or not is_local(call.source or ""):
        return False
    if any(step.startswith(".") for step in _steps_below(folder, base)):
        return False
    # A base that is a link itself is followed; then all that is below it counts as linked, and is taken as it is.
    return not files.is_link(folder) or files.is_link(base)


def wrapped_calls(claims: Iterable[Claim], scripts: Iterable[Script] = ()) -> Container[tuple[str, ...]]:
    """Return the names of the calls that lead to wrapped scripts, and on the way to them.

    A script is wrapped that waits or is waited for, and one of ``scripts`` that says of itself what its wrapper has
    to do.
    """
    places = {script.place for claim in claims for script in (claim.dependent, claim.prerequisite)}
    places |= {script.place for script in scripts if script.says and script.runtime is not None}
    return on_the_way(tuple(step.name for step in place.path) for place in places)


def on_the_way(paths: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """Return the names of calls that lead to modules, with all that are on the way to them."""
    return frozenset(names[:depth] for names in paths for depth in range(1, len(names) + 1))


def far_calls(root: Config, files: Files, ordered: Container[tuple[str, ...]]) -> tuple[FarCall, ...]:
    """Return the calls, by path, whose modules lie elsewhere and that a copy of the template can't do without.

    These are the calls of local modules, and those of ``ordered``, by their names from the root: what is generated has
    to be written into their modules. Other modules are installed for the copy as they are for the template.
    """
    found = _far(root, root.module.dir, files, ordered, in_place=True)
    return tuple(sorted(found, key=lambda item: item.path))


def _far(
    config: Config, base: str, files: Files, ordered: Container[tuple[str, ...]], *, in_place: bool
) -> Iterator[FarCall]:
    for name, child in config.children.items():
        call, folder = config.module.calls[name], child.module.dir
        is_ordered = child.path in ordered
        if not is_ordered and not is_local(call.source or ""):
            continue
        why = _why_not_in_place(call, folder, files) or ("" if in_place else _ELSEWHERE)
        if _comes_along(call, folder, base, files):
            yield from _far(child, base, files, ordered, in_place=not why)
        else:
            yield FarCall(child.path, call, why if is_ordered else "")
            yield from _far(child, folder, files, ordered, in_place=not why)


def cannot_wire_in_place(calls: tuple[FarCall, ...], template: str) -> Diagnostic:
    """Return the error that lists the calls and says how to get a compiled copy; ``template`` is its path as given."""
    import shlex

    first, *others = calls
    command = f"unitc compile {shlex.quote(template)} --out-dir DIR"
    return error(
        "UC414",
        first.call.block.header_span,
        "Modules can't be wired in place",
        f"An order reaches scripts in {counted(len(calls), 'module')} that can't be wired in place: "
        + "; ".join(f"module.{'.module.'.join(item.path)} {item.why}" for item in calls[:10])
        + ("; and more." if len(calls) > 10 else "."),
        label=first.why,
        related=[also(item.call.block.header_span, item.why) for item in others[:9]],
        help=f"write a compiled copy of the template, and push that: {command}",
    )
