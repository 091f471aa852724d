"""Which module calls can be wired where they stand, and which only in a compiled copy of the template.

An override can't change the source of a call that has a ``version``, and a module that isn't part of the template's
own folder must not be written into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compiler.diagnostics import Diagnostic, also, error
from compiler.terraform.files import Files
from compiler.terraform.module import Config, ModuleCall
from compiler.wiring.waits import Wait

__all__ = ["FarCall", "cannot_wire_in_place", "far_calls"]


@dataclass(frozen=True, slots=True)
class FarCall:
    """A call whose module can't be wired in place. ``path`` are the names of the calls down to and with this one."""

    path: tuple[str, ...]
    parent: Config
    call: ModuleCall
    child: Config
    why: str


def _why_far(call: ModuleCall, child: Config, files: Files) -> str | None:
    if call.block.body.attribute("version") is not None:
        return "has a version, which no override can take away"
    if not (call.source or "").startswith(("./", "../")):
        return "is not in the template's folder"
    if child.module.dir.startswith("../"):
        return "lies outside of the template's folder"
    return "is behind a symbolic link" if files.is_link(child.module.dir) else None


def far_calls(root: Config, files: Files, waits: Iterable[Wait]) -> tuple[FarCall, ...]:
    """Return the outermost calls on the way to a wrapped script that can't be wired in place, by path.

    Further ones inside their modules are among them where their modules lie elsewhere again.
    """
    found: dict[tuple[str, ...], FarCall] = {}
    for wait in waits:
        for script in (wait.dependent, wait.prerequisite):
            names = tuple(step.name for step in script.place.path)
            for call in _on_the_way(root, names, files):
                found.setdefault(call.path, call)
    return tuple(found[path] for path in sorted(found))


def _on_the_way(root: Config, names: tuple[str, ...], files: Files) -> Iterator[FarCall]:
    config = root
    # Inside a module that is copied, what lies below its folder comes along.
    carried: str | None = None
    for depth, name in enumerate(names, 1):
        call, child = config.module.calls[name], config.children[name]
        inside = carried is not None and child.module.dir.startswith(f"{carried}/")
        local = (call.source or "").startswith(("./", "../"))
        if not (inside and local):
            why = _why_far(call, child, files)
            if why is not None:
                carried = child.module.dir
                yield FarCall(names[:depth], config, call, child, why)
        config = child


def cannot_wire_in_place(calls: tuple[FarCall, ...], template: str) -> Diagnostic:
    """Return the error that lists the calls and says how to get a compiled copy; ``template`` is its path as given."""
    first, *others = calls
    return error(
        "UC414",
        first.call.block.header_span,
        "Modules can't be wired in place",
        f"An order reaches scripts in {len(calls)} module{'s' * (len(calls) > 1)} that can't be wired in place: "
        + "; ".join(f"module.{'.module.'.join(item.path)} {item.why}" for item in calls[:10])
        + ("; and more." if len(calls) > 10 else "."),
        label=f"{first.why}",
        related=[also(item.call.block.header_span, item.why) for item in others[:9]],
        help=f"write a compiled copy of the template, and push that: unitc compile {template} --out-dir DIR",
    )
