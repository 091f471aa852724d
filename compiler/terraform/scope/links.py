"""Files that a template reads through symbolic links, which Coder's upload leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.hcl import mentions
from compiler.hcl.syntax import FunctionCall
from compiler.patterns import regex
from compiler.source.diagnostics import Diagnostic, warning
from compiler.source.span import Span
from compiler.terraform.configuration.files import Files, join, normalize
from compiler.terraform.configuration.module import Config, Module, walk
from compiler.terraform.evaluation.expressions import evaluate
from compiler.terraform.functions import READING
from compiler.terraform.scope.named_places import expressions_of
from compiler.terraform.scope.scope import ModuleScope

# Without one of these, a text has none of the calls.
_MAY_READ = regex(r"file[a-z0-9]*\s*[(/#]")


def link_mistakes(config: Config, scopes: Iterable[ModuleScope], files: Files) -> Iterator[Diagnostic]:
    """Yield a warning for each configuration file that is a symbolic link, and each call that reads through one.

    ``scopes`` are those of all module instances.
    """
    for module in {item.module: None for item in walk(config)}:
        for file in module.files:
            name = file.source.name
            if _through_link(files, name):
                yield _left_out(Span(file.source, 0, 0), name)
    calls: dict[Module, tuple[FunctionCall, ...]] = {}
    for scope in scopes:
        module = scope.config.module
        if module not in calls:
            calls[module] = tuple(_reading_calls(scope.config))
        for call in calls[module]:
            yield from _read_through(call, scope, files)


def _reading_calls(config: Config) -> Iterator[FunctionCall]:
    """Yield the calls in a module's own blocks of functions that look at files."""
    if not any(_MAY_READ.search(file.source.text) for file in config.module.files):
        return
    for expression in expressions_of(config):
        for mention in mentions(expression):
            call = mention.what
            if isinstance(call, FunctionCall) and call.arguments and call.name.removeprefix("core::") in READING:
                yield call


def _read_through(call: FunctionCall, scope: ModuleScope, files: Files) -> Iterator[Diagnostic]:
    # What is wrong with the path is told where the call is evaluated.
    path, _ = evaluate(call.arguments[0], scope.scope)
    if not isinstance(path.data, str):
        return
    at = normalize(path.data)
    if _through_link(files, at):
        yield _left_out(call.arguments[0].span, at)
    elif call.name.removeprefix("core::") == "fileset":
        found, _ = evaluate(call, scope.scope)
        names = sorted(item.text for item in found.items if item.is_known) if isinstance(found.data, tuple) else ()
        linked = next((one for each in names if _through_link(files, one := normalize(join(at, each)))), None)
        if linked is not None:
            yield _left_out(call.span, linked)


def _through_link(files: Files, path: str) -> bool:
    # What stands outside, and what Terraform installs, isn't uploaded in any case.
    return not path.startswith(("/", "~", "../", ".terraform/")) and "\0" not in path and files.is_link(path)


def _left_out(span: Span, path: str) -> Diagnostic:
    return warning(
        "UC415",
        span,
        "Symbolic link is left out of the upload",
        f"{path} is a symbolic link, or lies in a folder that is one. Coder's upload leaves links out, so the file "
        "isn't there when Coder applies the template.",
        help="put the file itself in its place",
    )
