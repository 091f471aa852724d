"""The server itself: the protocol's messages in, the session's answers out. What it answers to has a row in a table."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from compiler import __version__
from compiler.commands.shared.console import Usage
from compiler.commands.shared.templates_on_disk import find_templates
from compiler.disk import Disk, Unreadable
from compiler.lsp.completion import TRIGGERS, complete
from compiler.lsp.documents import Documents, path_of
from compiler.lsp.fixes import FIX_ALL, code_actions
from compiler.lsp.hover import hover
from compiler.lsp.navigation import definition, references, symbols
from compiler.lsp.session import DocumentPlace, Session
from compiler.pipeline import Options
from compiler.shell.tools import Remark, ShellText, Tools

# Changes that come within so many seconds are told of together; long enough to take in what waits in the pipe.
_GATHERING = 0.005
# What takes time is done once nothing has been typed for so many seconds: other programs are asked about scripts, and
# garbage is looked for, after so many answers at the latest.
_IDLE = 0.3
_MOST_ANSWERS = 50


class _Server(LanguageServer):
    """The language server of one editor."""

    def __init__(self, options: Options) -> None:
        # A keystroke in a template costs far more to analyze than its text to send, and whole texts can't drift apart.
        super().__init__("unitc", __version__, types.TextDocumentSyncKind.Full)
        self.session = Session(
            options, Documents(lambda: self.workspace), self.text_document_publish_diagnostics, self.failed
        )
        self._refreshing: asyncio.TimerHandle | None = None
        self._surveying: asyncio.Task[None] | None = None
        self._reported: set[str] = set()
        self._answers = 0
        self._idling: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None

    def failed(self, exc: Exception) -> None:
        """Tell what kept the server from an answer: in the editor's log, a bug of unitc's in plain sight, too."""
        known = isinstance(exc, (Unreadable, Usage))
        trace = f"unitc: {exc}" if known else "".join(traceback.format_exception(exc))
        # Each keystroke would say it again.
        if trace in self._reported:
            return
        self._reported.add(trace)
        if known:
            self.window_log_message(types.LogMessageParams(types.MessageType.Warning, trace))
            return
        said = f"This is a bug in unitc {__version__}, not in your template. Please report it with these lines:"
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, f"{said}\n{trace}"))
        brief = f"unitc {__version__} has a bug that your template shows; the server's log says more: {exc!r}"
        self.window_show_message(types.ShowMessageParams(types.MessageType.Error, brief))

    def changed(self, uri: str) -> None:
        """Note that a file changed, in the editor or on disk."""
        path = path_of(uri)
        if path is not None:
            self.session.changed(path)
            self.refresh_soon()

    def refresh_soon(self) -> None:
        """Publish diagnostics once the changes that are on their way have been taken in."""
        if self._refreshing is None:
            self._refreshing = asyncio.get_running_loop().call_later(_GATHERING, self._refresh)

    def _refresh(self) -> None:
        self._refreshing = None
        try:
            self.session.refresh()
        except Exception as exc:
            self.failed(exc)
        self._answers += 1
        if self._idling is not None:
            self._idling.cancel()
        if self._answers >= _MOST_ANSWERS:
            self._clean()
        self._idling = asyncio.get_running_loop().call_later(_IDLE, self._idle)

    def _idle(self) -> None:
        self._idling = None
        self._clean()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    def _clean(self) -> None:
        self._answers = 0
        gc.collect()

    async def _ask(self) -> None:
        """Ask other programs about the scripts that have changed, and tell what they say."""
        while (root := self.session.unasked()) is not None:
            texts = root.remarks.wanted
            try:
                said = await asyncio.to_thread(_asked, texts)
            except Exception as exc:
                self.failed(exc)
                said = []
            root.remarks.take(texts, said)
            root.changed()
            self.refresh_soon()

    def survey_soon(self) -> None:
        """Look for the templates of the workspace in the background, and tell what that changes."""
        if self._surveying is None or self._surveying.done():
            self._surveying = asyncio.get_running_loop().create_task(self._survey())

    async def _survey(self) -> None:
        folders = [path for uri in self.workspace.folders if (path := path_of(uri)) is not None]
        for folder in folders:
            for template in await asyncio.to_thread(_templates, folder):
                self.session.root(template).survey()
                # Keystrokes that came meanwhile go first.
                await asyncio.sleep(0)
        self.refresh_soon()


def _asked(texts: Sequence[ShellText]) -> list[Remark]:
    with Tools.found(Disk()).reading(texts) as remarks:
        return list(remarks)


def _templates(folder: str) -> list[str]:
    try:
        return [os.path.abspath(template.folder) for template in find_templates(Disk(), [folder])]
    except Unreadable:
        return []


# pygls gives the server to what names its first parameter so, and has taken a document's new text in by then.
def _changed(
    ls: _Server,
    params: types.DidOpenTextDocumentParams
    | types.DidChangeTextDocumentParams
    | types.DidCloseTextDocumentParams
    | types.DidSaveTextDocumentParams,
) -> None:
    ls.changed(params.text_document.uri)


def _watched(ls: _Server, params: types.DidChangeWatchedFilesParams) -> None:
    for change in params.changes:
        ls.changed(change.uri)
    if any(change.uri.endswith(".tf") for change in params.changes):
        ls.survey_soon()


def _initialized(ls: _Server, _params: types.InitializedParams) -> None:
    ls.survey_soon()
    watching = ls.client_capabilities.workspace and ls.client_capabilities.workspace.did_change_watched_files
    if watching and watching.dynamic_registration:
        # Whatever a template reads can lie anywhere; what nothing reads changes nothing.
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        ls.client_register_capability(types.RegistrationParams([types.Registration("unitc-files", method, options)]))


def _folders_changed(ls: _Server, _params: types.DidChangeWorkspaceFoldersParams) -> None:
    ls.survey_soon()


_EVENTS: dict[str, Callable[[_Server, Any], None]] = {
    types.INITIALIZED: _initialized,
    types.TEXT_DOCUMENT_DID_OPEN: _changed,
    types.TEXT_DOCUMENT_DID_CHANGE: _changed,
    types.TEXT_DOCUMENT_DID_CLOSE: _changed,
    types.TEXT_DOCUMENT_DID_SAVE: _changed,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: _watched,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: _folders_changed,
}


_Answering: TypeAlias = Callable[[DocumentPlace, Any], object]
_ACTIONS = types.CodeActionOptions([types.CodeActionKind.QuickFix, FIX_ALL])
# What answers a request, and what the editor is told about it at the start.
_ANSWERS: dict[str, tuple[_Answering, object]] = {
    types.TEXT_DOCUMENT_HOVER: (hover, None),
    types.TEXT_DOCUMENT_DEFINITION: (definition, None),
    types.TEXT_DOCUMENT_REFERENCES: (references, None),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (symbols, None),
    types.TEXT_DOCUMENT_COMPLETION: (complete, types.CompletionOptions(list(TRIGGERS))),
    types.TEXT_DOCUMENT_CODE_ACTION: (code_actions, _ACTIONS),
}


def _answered(server: _Server, answer: _Answering, params: Any) -> object:
    """Return an answer about a place in a document, nothing where that isn't known or the answer fails."""
    try:
        position = getattr(params, "position", types.Position(0, 0))
        place = server.session.place(params.text_document.uri, position)
        return None if place is None else answer(place, params)
    except Exception as exc:
        server.failed(exc)
        return None


def serve(options: Options) -> None:
    """Answer the editor at standard input and output until it ends the session or closes them."""
    # Its lines are for those who write servers; what goes wrong is told to the editor.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    # What was loaded stays; the server looks for garbage while it is idle.
    gc.freeze()
    server = _Server(options)
    for method, event in _EVENTS.items():
        server.feature(method)(event)
    for method, (answer, told) in _ANSWERS.items():
        server.feature(method, told)(partial(_answered, server, answer))
    server.start_io()
