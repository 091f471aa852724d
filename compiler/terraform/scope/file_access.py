"""The files that functions such as ``file`` and ``templatefile`` may read: the template's own, and its modules'.

Those that are read through symbolic links Coder's upload leaves out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from compiler.hcl import mentions
from compiler.hcl.syntax import FunctionCall
from compiler.patterns import regex
from compiler.records import dataclass
from compiler.source.diagnostics import Diagnostic, warning
from compiler.source.span import Span
from compiler.terraform.configuration.files import Files, FileTooLarge, join, normalize
from compiler.terraform.configuration.module import Config, Module, walk
from compiler.terraform.evaluation.expressions import evaluate
from compiler.terraform.functions import READING, FileError
from compiler.terraform.scope.named_places import expressions_of
from compiler.terraform.scope.scope import ModuleScope
from compiler.terraform.values.go_text import go_quote


@dataclass(frozen=True, slots=True)
class FileAccess:
    """Read access by path, relative to the template's folder; ``folders`` are those of its modules.

    What lies outside of all of them is refused, since it isn't there when Coder applies the uploaded template, unless
    ``allow_outside`` is set.
    """

    files: Files
    folders: frozenset[str]
    allow_outside: bool = False

    def _checked(self, path: str) -> str:
        if "\0" in path:
            raise FileError(f"no file can exist at {go_quote(path)}: the path holds a NUL character")
        at = normalize(path)
        outside = at.startswith(("/", "~", "../")) or at == ".."
        inside_module = any(at == folder or at.startswith(f"{folder}/") for folder in self.folders if folder != ".")
        if outside and not inside_module and not self.allow_outside:
            raise FileError(
                f'"{path}" lies outside of the template and its modules, so it isn\'t there when Coder applies it '
                "(--allow-outside reads it all the same)",
                outside=True,
            )
        return at

    def read(self, path: str) -> bytes:
        """Return the file's bytes, or raise :class:`FileError`."""
        at = self._checked(path)
        try:
            return self.files.read(at)
        except FileTooLarge as exc:
            raise FileError(f'"{path}" is too large: it {exc.strerror}') from None
        except OSError:
            raise FileError(f'no file exists at "{path}"') from None

    def exists(self, path: str) -> bool:
        """Return whether there is a regular file; a folder raises :class:`FileError`."""
        at = self._checked(path)
        if self.files.is_dir(at):
            raise FileError(f'"{path}" is a directory, not a file')
        return self.files.is_file(at)

    def list(self, folder: str) -> Sequence[str]:
        """Return the paths of all regular files below the folder, relative to it, with ``/``, sorted."""
        return tuple(sorted(self._below(self._checked(folder), "")))

    def _below(self, folder: str, prefix: str) -> Iterator[str]:
        try:
            names = self.files.names(folder)
        except OSError:
            return
        for name in names:
            at = join(folder, name)
            if self.files.is_file(at):
                yield posixpath.join(prefix, name)
            elif self.files.is_dir(at) and not self.files.is_link(at):
                yield from self._below(at, posixpath.join(prefix, name))


# Symbolic links

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
