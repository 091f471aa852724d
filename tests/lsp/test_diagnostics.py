"""The server driven as an editor drives it: what is wrong is told while files are being written."""

from __future__ import annotations

from pathlib import Path

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
