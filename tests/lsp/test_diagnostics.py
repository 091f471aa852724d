"""The server driven as an editor drives it: what is wrong is told while files are being written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from tests.cli.harness import run
from tests.lsp.editor import Editor, drive
from tests.lsp.templates import AGENT, script


def test_a_mistake_is_told_and_taken_back_while_nothing_is_saved(tmp_path: Path) -> None:
    main = tmp_path / "main.tf"
    good = AGENT + script("clone") + script("build", "depends_on = [coder_script.clone]")
    main.write_text(good)

    async def session(editor: Editor) -> None:
        assert await editor.open(main) == []
        found = await editor.edit(main, good.replace("[coder_script.clone]", "[coder_script.clon]"))
        assert [item.code for item in found] == ["UC204"]
        assert found[0].source == "unitc"
        assert await editor.edit(main, good) == []

    assert drive(tmp_path, session) == 0
    assert main.read_text() == good


UTF_8, UTF_16, UTF_32 = (
    types.PositionEncodingKind.Utf8,
    types.PositionEncodingKind.Utf16,
    types.PositionEncodingKind.Utf32,
)


@pytest.mark.parametrize(
    ("offered", "agreed", "column"),
    [
        # In front of the name stand 25 ASCII characters, an emoji of one code point, an e with a combining accent.
        ((), UTF_16, 25 + 2 + 2),
        ((UTF_32, UTF_16), UTF_32, 25 + 1 + 2),
        ((UTF_8,), UTF_8, 25 + 4 + 3),
    ],
)
def test_columns_are_counted_in_what_was_agreed_on(
    tmp_path: Path, offered: tuple[types.PositionEncodingKind, ...], agreed: types.PositionEncodingKind, column: int
) -> None:
    text = AGENT + script("clone") + script("build", "depends_on = [ /* say: \U0001f642e\u0301 */ coder_script.clon ]")
    line = text.count("\n", 0, text.index("coder_script.clon ]"))

    async def session(editor: Editor) -> None:
        found = await editor.open(tmp_path / "main.tf", text)
        assert editor.capabilities.position_encoding == agreed
        start = types.Position(line, column + len(" */ "))
        # The mistake is the name alone; the piece before it is counted from the line's start.
        assert found[0].range.start.line == start.line
        assert found[0].range.start.character == start.character
        assert found[0].range.end == types.Position(line, start.character + len("coder_script.clon"))
        hovered = await editor.hover(tmp_path / "main.tf", types.Position(line, start.character + 3))
        assert hovered is None
        await editor.edit(tmp_path / "main.tf", text.replace("clon ]", "clone ]"))
        for at, said in ((start.character - 2, False), (start.character, True), (start.character + 18, True)):
            hovered = await editor.hover(tmp_path / "main.tf", types.Position(line, at))
            assert (hovered is not None) is said

    drive(tmp_path, session, encodings=offered)


def test_lines_end_where_the_protocol_has_it_and_a_mark_on_disk_takes_no_column(tmp_path: Path) -> None:
    (tmp_path / "other.tf").write_bytes(b"\xef\xbb\xbf" + script("other", "depends_on = [coder_script.b]").encode())
    text = (AGENT + "# a line separator \u2028 ends no line\n" + script("clone", "timeout = 0")).replace("\n", "\r\n")

    async def session(editor: Editor) -> None:
        found = await editor.open(tmp_path / "main.tf", text)
        assert [(item.code, item.range.start) for item in found] == [("UC111", types.Position(10, 12))]
        other = await editor.told_of(tmp_path / "other.tf")
        assert [(item.code, item.range.start) for item in other] == [("UC204", types.Position(5, 16))]

    drive(tmp_path, session)


def test_a_byte_order_mark_takes_no_column_in_a_file_that_is_not_open(tmp_path: Path) -> None:
    (tmp_path / "other.tf").write_text(script("other").replace('"coder_script" "other"', '"coder_script"'), "utf-8-sig")

    async def session(editor: Editor) -> None:
        assert await editor.open(tmp_path / "main.tf", AGENT) == []
        other = await editor.told_of(tmp_path / "other.tf")
        assert [(item.code, item.range.start) for item in other] == [("UC016", types.Position(0, 0))]

    drive(tmp_path, session)


def test_a_script_that_is_open_counts_as_it_is_in_the_editor_until_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("#!/bin/bash\nsleep 1\n")
    text = AGENT + script("run").replace('"true"', 'file("${path.module}/run.sh")')

    async def session(editor: Editor) -> None:
        assert await editor.open(tmp_path / "main.tf", text) == []
        found = await editor.open(tmp_path / "run.sh", "#!/bin/bash\nserver &\n")
        assert [(item.code, item.range.start.line) for item in found] == [("UC320", 1)]
        editor.close(tmp_path / "run.sh")
        await editor.until(lambda: not editor.diagnostics[editor.uri(tmp_path / "run.sh")])

    drive(tmp_path, session)


def test_what_other_programs_say_of_scripts_comes_when_nothing_is_typed(tmp_path: Path) -> None:
    text = AGENT + script("one") + script("two").replace('"true"', '"if true; then"')

    async def session(editor: Editor) -> None:
        path = tmp_path / "main.tf"
        assert await editor.open(path, text) == []
        assert [(item.code, item.range.start.line) for item in await editor.told_of(path)] == [("UC338", 14)]
        # What is known of a script that isn't touched stays.
        found = await editor.edit(path, text.replace('"true"', '"false"'))
        assert [item.code for item in found] == ["UC338"]
        assert await editor.edit(path, text.replace("then", "then true; fi")) == []

    drive(tmp_path, session)


def test_a_template_is_told_of_before_its_folder_is_there(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        found = await editor.open(tmp_path / "new" / "main.tf", AGENT + script("clone", "timeout = 0"))
        assert [item.code for item in found] == ["UC111"]
        assert editor.log == []

    drive(tmp_path, session)


def test_the_server_ends_with_its_editor(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "compiler", "lsp"],
        cwd=tmp_path,
        input=b"",
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")


def test_a_module_is_told_of_as_its_callers_use_it_and_alone_where_it_has_none(tmp_path: Path) -> None:
    module = 'variable "wait" {\n  default = 5\n}\n' + script("one", "timeout = var.wait").replace(
        "coder_agent.main.id", "var.agent_id"
    )
    module += 'variable "agent_id" {}\n'
    for name, wait in (("good", 7), ("bad", 0)):
        (tmp_path / name).mkdir()
        call = f'module "m" {{\n  source   = "../m"\n  agent_id = coder_agent.main.id\n  wait     = {wait}\n}}\n'
        (tmp_path / name / "main.tf").write_text(AGENT + call)
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(module)

    async def session(editor: Editor) -> None:
        await editor.open(tmp_path / "m" / "main.tf")
        uri = editor.uri(tmp_path / "m" / "main.tf")
        # The callers are found in the background.
        await editor.until(lambda: [item.code for item in editor.diagnostics[uri]] == ["UC111"])
        shutil.rmtree(tmp_path / "bad")
        watched = types.DidChangeWatchedFilesParams(
            [types.FileEvent(editor.uri(tmp_path / "bad" / "main.tf"), types.FileChangeType.Deleted)]
        )
        editor.client.workspace_did_change_watched_files(watched)
        await editor.until(lambda: editor.diagnostics[uri] == [])

    drive(tmp_path, session)


def test_the_configuration_of_a_template_holds(tmp_path: Path) -> None:
    text = AGENT + script("clone").replace('"true"', '"server &"')

    async def session(editor: Editor) -> None:
        found = await editor.open(tmp_path / "main.tf", text)
        assert [(item.code, item.severity) for item in found] == [("UC320", types.DiagnosticSeverity.Warning)]
        (tmp_path / "unitc.toml").write_text('[severity]\nUC320 = "error"\n')
        found = await editor.edit(tmp_path / "main.tf", text + "\n")
        assert [(item.code, item.severity) for item in found] == [("UC320", types.DiagnosticSeverity.Error)]
        (tmp_path / "unitc.toml").write_text("severities = 1\n")
        assert await editor.edit(tmp_path / "main.tf", text) == []
        assert [item.code for item in await editor.told_of(tmp_path / "unitc.toml")] == ["UC805"]

    drive(tmp_path, session)


_BUG = """\
import sys
from compiler.checks import suppress as silencing
from compiler.cli import main
real = silencing.suppress
def suppress(config, found):
    if "boom" in config.module.files[0].source.text:
        raise ValueError("boom")
    return real(config, found)
silencing.suppress = suppress
main(["lsp", "--stdio"])
"""


def test_a_bug_ends_neither_the_server_nor_what_it_knows(tmp_path: Path) -> None:
    text = AGENT + script("clone")

    async def session(editor: Editor) -> None:
        path = tmp_path / "main.tf"
        assert await editor.open(path, text) == []
        for _ in range(2):
            assert await editor.edit(path, "# boom\n" + text) == []
            symbols = await editor.symbols(path)
            assert [item.name for item in symbols] == ["coder_script.clone"]
            found = await editor.edit(path, text.replace("}\n", "\n", 1))
            assert found != []
        log = "\n".join(editor.log)
        assert log.count("This is a bug in unitc") == 1
        assert "ValueError: boom" in log

    assert drive(tmp_path, session, command=(sys.executable, "-c", _BUG)) == 0


def test_what_isnt_installed_is_said_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compiler.commands.lsp.find_spec", lambda _: None)
    ran = run("lsp", cwd=tmp_path)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == "unitc: the language server needs one more library: pip install 'unitc-coder[lsp]'\n"
