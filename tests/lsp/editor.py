"""An editor for tests: pygls' own client, which drives the real server over standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.uris import from_fs_path

__all__ = ["Editor", "drive"]

# Far more than the server ever takes, on a slow machine too: a test that waits so long has failed.
_PATIENCE = 300


class Editor:
    """A client with one server; documents are named by their paths."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        self.log: list[str] = []
        self.capabilities = types.ServerCapabilities()
        self._versions: dict[str, int] = {}
        self._first: dict[tuple[str, int | None], list[types.Diagnostic]] = {}
        self._news = asyncio.Condition()

    @staticmethod
    def uri(path: Path) -> str:
        """Return a path's URI."""
        return from_fs_path(os.fspath(path)) or ""

    @property
    def process(self) -> int:
        """The server's process id."""
        server = self.client._server
        assert server is not None
        return server.pid

    async def take(self, params: types.PublishDiagnosticsParams) -> None:
        """Keep what the server says of a file."""
        async with self._news:
            self.diagnostics[params.uri] = list(params.diagnostics)
            self._first.setdefault((params.uri, params.version), list(params.diagnostics))
            self._news.notify_all()

    async def open(self, path: Path, text: str | None = None) -> list[types.Diagnostic]:
        """Open a file, with a text that needn't be saved, and return what is wrong with it."""
        uri = self.uri(path)
        self._versions[uri] = self._versions.get(uri, 0) + 1
        content = path.read_text() if text is None else text
        item = types.TextDocumentItem(uri, "terraform", self._versions[uri], content)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.told(path)

    async def edit(self, path: Path, text: str) -> list[types.Diagnostic]:
        """Put a text into an open document, and return what is wrong with it."""
        self.type(path, text)
        return await self.told(path)

    def type(self, path: Path, text: str) -> None:
        """Put a text into an open document, and don't wait."""
        uri = self.uri(path)
        self._versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(self._versions[uri], uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    def close(self, path: Path) -> None:
        """Close a document."""
        identifier = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    async def hover(self, path: Path, position: types.Position) -> types.Hover | None:
        """Rest the pointer at a place."""
        asked = types.HoverParams(types.TextDocumentIdentifier(self.uri(path)), position)
        return await self.client.text_document_hover_async(asked)

    async def definition(self, path: Path, position: types.Position) -> list[types.Location]:
        """Go to the definition of what stands at a place."""
        asked = types.DefinitionParams(types.TextDocumentIdentifier(self.uri(path)), position)
        found = await self.client.text_document_definition_async(asked)
        return [item for item in found if isinstance(item, types.Location)] if isinstance(found, (list, tuple)) else []

    async def references(self, path: Path, position: types.Position) -> list[types.Location]:
        """Find the references to what stands at a place."""
        document = types.TextDocumentIdentifier(self.uri(path))
        asked = types.ReferenceParams(types.ReferenceContext(False), document, position)
        return list(await self.client.text_document_references_async(asked) or ())

    async def complete(self, path: Path, position: types.Position) -> list[types.CompletionItem]:
        """Ask what can be written at a place."""
        asked = types.CompletionParams(types.TextDocumentIdentifier(self.uri(path)), position)
        found = await self.client.text_document_completion_async(asked)
        assert not isinstance(found, types.CompletionList)
        return sorted(found or (), key=lambda item: item.sort_text or "")

    async def actions(
        self, path: Path, where: types.Range, found: Sequence[types.Diagnostic]
    ) -> list[types.CodeAction]:
        """Ask what can be done about diagnostics."""
        document = types.TextDocumentIdentifier(self.uri(path))
        asked = types.CodeActionParams(document, where, types.CodeActionContext(list(found)))
        answer = await self.client.text_document_code_action_async(asked)
        return [item for item in answer or () if isinstance(item, types.CodeAction)]

    def applied(self, path: Path, text: str, action: types.CodeAction) -> str:
        """Return a text as an action makes it; columns are those of plain text."""
        assert action.edit is not None
        assert action.edit.changes is not None
        lines = text.splitlines(keepends=True)
        edits = action.edit.changes[self.uri(path)]
        for edit in sorted(edits, key=lambda item: (item.range.start.line, item.range.start.character), reverse=True):
            start, end = edit.range.start, edit.range.end
            assert start.line == end.line
            line = lines[start.line]
            lines[start.line] = line[: start.character] + edit.new_text + line[end.character :]
        return "".join(lines)

    async def symbols(self, path: Path) -> list[types.DocumentSymbol]:
        """Ask what a document holds."""
        asked = types.DocumentSymbolParams(types.TextDocumentIdentifier(self.uri(path)))
        found = await self.client.text_document_document_symbol_async(asked)
        return [item for item in found or () if isinstance(item, types.DocumentSymbol)]

    async def told(self, path: Path) -> list[types.Diagnostic]:
        """Wait for what the server says at first of the newest text of an open document, and return it.

        What it says of the same text later, once other programs have answered, may have come already.
        """
        text = (self.uri(path), self._versions[self.uri(path)])
        await self.until(lambda: text in self._first)
        return self._first[text]

    async def told_of(self, path: Path) -> list[types.Diagnostic]:
        """Wait for what the server says of a file that isn't open, and return it."""
        uri = self.uri(path)
        await self.until(lambda: bool(self.diagnostics.get(uri)))
        return self.diagnostics[uri]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what the server has said."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(holds), _PATIENCE)


def drive(
    folder: Path,
    session: Callable[[Editor], Awaitable[None]],
    *,
    encodings: Sequence[types.PositionEncodingKind] = (),
    arguments: Sequence[str] = (),
    command: Sequence[str] = (sys.executable, "-m", "compiler", "lsp"),
) -> int:
    """Run a session of an editor with a workspace folder, and return the exit code of the server."""

    async def run() -> int:
        client = LanguageClient("tests", "1")
        editor = Editor(client)

        async def take(params: types.PublishDiagnosticsParams) -> None:
            await editor.take(params)

        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(take)
        client.feature(types.WINDOW_LOG_MESSAGE)(lambda params: editor.log.append(params.message))
        client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: editor.log.append(params.message))
        await client.start_io(*command, *arguments, cwd=folder)
        general = types.GeneralClientCapabilities(position_encodings=list(encodings) or None)
        workspace = types.WorkspaceFolder(Editor.uri(folder), folder.name)
        started = await client.initialize_async(
            types.InitializeParams(
                types.ClientCapabilities(general=general), os.getpid(), workspace_folders=[workspace]
            )
        )
        editor.capabilities = started.capabilities
        client.initialized(types.InitializedParams())
        try:
            await session(editor)
        finally:
            await asyncio.wait_for(client.shutdown_async(None), _PATIENCE)
            client.exit(None)
            server = client._server
            assert server is not None
            code = await asyncio.wait_for(server.wait(), _PATIENCE)
            await client.stop()  # type: ignore[no-untyped-call]  # pygls leaves its types out here.
        return code

    return asyncio.run(run())
