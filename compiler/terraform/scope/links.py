"""Files that a template reads through symbolic links, which Coder's upload leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.hcl import mentions
from compiler.hcl.syntax import Call
from compiler.source.diagnostics import Diagnostic, warning
from compiler.source.span import Span
from compiler.terraform.configuration.files import Files, normalize
from compiler.terraform.configuration.module import Config, walk
from compiler.terraform.evaluation.expressions import evaluate
from compiler.terraform.scope.named_places import expressions_of
from compiler.terraform.scope.scope import ModuleScope

__all__ = ["link_mistakes"]

_READING = frozenset(
    {
        *("file", "filebase64", "filebase64sha256", "filebase64sha512", "fileexists", "filemd5", "filesha1"),
        *("filesha256", "filesha512", "templatefile"),
    }
)


def link_mistakes(config: Config, scope: ModuleScope, files: Files) -> Iterator[Diagnostic]:
    """Yield a warning for each configuration file that is a symbolic link, and each call that reads through one.

    ``scope`` is that of the root module. In modules that are called, only configuration files are looked at.
    """
    for module in {item.module: None for item in walk(config)}:
        for file in module.files:
            name = file.source.name
            if _through_link(files, name):
                yield _left_out(Span(file.source, 0, 0), name)
    for expression in expressions_of(config):
        for mention in mentions(expression):
            call = mention.what
            if isinstance(call, Call) and call.name.removeprefix("core::") in _READING and call.arguments:
                # What is wrong with the path is told where the call is evaluated.
                path, _ = evaluate(call.arguments[0], scope.scope)
                if isinstance(path.data, str) and _through_link(files, normalize(path.data)):
                    yield _left_out(call.arguments[0].span, normalize(path.data))


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
