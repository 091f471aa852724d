"""The server driven as an editor drives it: what is asked at a place in a template."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from tests.lsp.editor import Editor, drive
from tests.lsp.templates import AGENT, script

MARK = "‸"


def marked(text: str) -> tuple[str, types.Position]:
    """Return a text without its mark, and where the mark stood."""
    before, after = text.split(MARK)
    line = before.count("\n")
    return before + after, types.Position(line, len(before.rsplit("\n", 1)[-1]))


def shown(text: str, found: types.Range) -> str:
    """Return the piece of a text that a range covers; all of it must stand on one line."""
    assert found.start.line == found.end.line
    return text.split("\n")[found.start.line][found.start.character : found.end.character]


RULE = '  rule {\n    run   = ["coder_script.app"]\n    after = ["coder_script.build"]\n  }\n'
ORDER = f'data "coder_script_order" "o" {{\n{RULE}}}\n'
CHAIN = (
    AGENT
    + script("clone", "timeout = 60", '# unitc: mutex = "git"')
    + script("build", "depends_on = [coder_script.clone]")
    + script("app")
    + ORDER
)


def test_hover_tells_of_a_script_its_gates_its_dependents_and_where_they_are_declared(tmp_path: Path) -> None:
    text, position = marked(CHAIN.replace('"coder_script" "build"', f'"coder_script" "bu{MARK}ild"'))

    async def session(editor: Editor) -> None:
        await editor.open(tmp_path / "main.tf", text)
        found = await editor.hover(tmp_path / "main.tf", position)
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        uri = editor.uri(tmp_path / "main.tf")
        assert found.contents.value == (
            "**`coder_script.build`** build: phase start, run by `coder_agent.main`\n\n"
            f"declared at [main.tf:13](<{uri}#L13>)\n\n"
            f"waits for:\n\n- `coder_script.clone` (success): [main.tf:18](<{uri}#L18>)\n\n"
            f"is waited for by:\n\n- `coder_script.app` (success): [main.tf:27](<{uri}#L27>)"
        )
        assert found.range is not None
        assert shown(text, found.range) == 'resource "coder_script" "build"'

    drive(tmp_path, session)


def test_hover_tells_of_the_script_that_a_list_names(tmp_path: Path) -> None:
    expected = {
        f"[coder_script.cl{MARK}one]": "coder_script.clone",
        f'["coder_{MARK}script.app"]': "coder_script.app",
        f'["coder_script.build{MARK}"]': "coder_script.build",
    }

    async def session(editor: Editor) -> None:
        path = tmp_path / "main.tf"
        await editor.open(path, CHAIN)
        for written, said in expected.items():
            text, position = marked(CHAIN.replace(written.replace(MARK, ""), written, 1))
            found = await editor.hover(path, position)
            assert found is not None
            assert isinstance(found.contents, types.MarkupContent)
            assert found.contents.value.startswith(f"**`{said}`**")
            assert found.range is not None
            assert shown(text, found.range) == said
        assert await editor.hover(path, types.Position(1, 4)) is None

    drive(tmp_path, session)


def test_definition_leads_to_what_is_named_and_from_a_script_to_its_prerequisites(tmp_path: Path) -> None:
    expected = {
        f"[coder_script.cl{MARK}one]": ['resource "coder_script" "clone" {'],
        f'["coder_{MARK}script.app"]': ['resource "coder_script" "app" {'],
        f'"coder_script" "ap{MARK}p"': ['resource "coder_script" "build" {'],
        f'"coder_script" "cl{MARK}one"': [],
    }

    async def session(editor: Editor) -> None:
        await editor.open(tmp_path / "main.tf", CHAIN)
        led: dict[str, list[str]] = {}
        for written in expected:
            text, position = marked(CHAIN.replace(written.replace(MARK, ""), written, 1))
            found = await editor.definition(tmp_path / "main.tf", position)
            led[written] = [text.split("\n")[item.range.start.line] for item in found]
        assert led == expected

    drive(tmp_path, session)


def test_references_are_the_declarations_that_make_others_wait(tmp_path: Path) -> None:
    expected = {
        f'"coder_script" "cl{MARK}one"': ["coder_script.clone"],
        f"[coder_script.cl{MARK}one]": ["coder_script.clone"],
        f'"coder_script" "bu{MARK}ild"': ['"coder_script.build"'],
        f'"coder_script" "ap{MARK}p"': [],
    }

    async def session(editor: Editor) -> None:
        await editor.open(tmp_path / "main.tf", CHAIN)
        told: dict[str, list[str]] = {}
        for written in expected:
            text, position = marked(CHAIN.replace(written.replace(MARK, ""), written, 1))
            found = await editor.references(tmp_path / "main.tf", position)
            told[written] = [shown(text, item.range) for item in found]
        assert told == expected

    drive(tmp_path, session)


NAMES = ["coder_script.clone", "coder_script.app", "module.tools", "coder_agent.main.startup_script"]
# What stands in the script that is being written, and what is offered at the mark.
COMPLETIONS = {
    "depends_on = [‸": NAMES[:3],
    "depends_on = [coder_script.‸": NAMES[:3],
    "depends_on = [coder_script.clone, ‸]": NAMES[1:3],
    "depends_on = [\n    coder_script.app,\n    mod‸\n  ]": ["coder_script.clone", "module.tools"],
    "# unitc: depends_on_completion = [‸": NAMES,
    "# unitc: before = [coder_script.app, coder_‸]": [NAMES[0], *NAMES[2:]],
    "# unitc: before = ‸": ["all"],
    "# unitc: mutex = ‸": ['"git"'],
    '# unitc: mutex = "‸"': ["git"],
    "# unitc: ready = ‸": ["notify"],
    "# unitc: optional = ‸": ["true"],
    "# a comment = [‸": [],
    "display_name = [‸": [],
}


def test_completion_offers_what_can_stand_there_and_no_more(tmp_path: Path) -> None:
    agent = AGENT.replace("\n}", '\n  startup_script = "true"\n}')
    around = (
        agent
        + script("clone", '# unitc: mutex = "git"')
        + script("app")
        + 'module "tools" {\n  source = "./tools"\n}\n'
    )
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "main.tf").write_text("")

    async def session(editor: Editor) -> None:
        path = tmp_path / "main.tf"
        await editor.open(path, around)
        offered: dict[str, list[str]] = {}
        for written in COMPLETIONS:
            text, position = marked(around + script("build", written))
            editor.type(path, text)
            offered[written] = [item.label for item in await editor.complete(path, position)]
        assert offered == COMPLETIONS

    drive(tmp_path, session)


RULES = {
    'run = ["‸"]': ["coder_script.clone", "coder_script.app"],
    "run = [‸": ['"coder_script.clone"', '"coder_script.app"'],
    'after = ["coder_script.app", "coder_script.‸"]': ["coder_script.clone"],
    'requires = "‸"': ["success", "completion"],
    'phase = "‸': ["start", "stop"],
}


def test_completion_offers_selectors_and_words_in_rules(tmp_path: Path) -> None:
    around = AGENT + script("clone") + script("app")

    async def session(editor: Editor) -> None:
        path = tmp_path / "main.tf"
        await editor.open(path, around)
        offered: dict[str, list[str]] = {}
        for written in RULES:
            rule = f'data "coder_script_order" "o" {{\n  rule {{\n    {written}\n  }}\n}}\n'
            text, position = marked(around + rule)
            editor.type(path, text)
            offered[written] = [item.label for item in await editor.complete(path, position)]
        assert offered == RULES

    drive(tmp_path, session)


def test_completion_offers_directives_with_what_they_say_and_replaces_what_is_typed(tmp_path: Path) -> None:
    text, position = marked(AGENT + script("build", f"# unitc: depends_{MARK}"))

    async def session(editor: Editor) -> None:
        await editor.open(tmp_path / "main.tf", text)
        found = {item.label: item for item in await editor.complete(tmp_path / "main.tf", position)}
        assert found["depends_on_completion"].detail == "this waits until those ended, however they did"
        assert found["before_ready"].detail == "those wait until this is ready"
        assert {"mutex", "retries", "ignore", "depends_on_none"} <= set(found)
        edit = found["depends_on"].text_edit
        assert isinstance(edit, types.TextEdit)
        assert shown(text, edit.range) == "depends_"

    drive(tmp_path, session)


def test_completion_in_an_agent_tells_its_scripts_apart(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        path = tmp_path / "main.tf"
        await editor.open(path, AGENT)
        offered = {}
        for written in ("# unitc: ", "# unitc: startup_script."):
            text, position = marked(AGENT.replace("\n}", f"\n  {written}{MARK}\n}}"))
            editor.type(path, text)
            offered[written] = {item.label for item in await editor.complete(path, position)}
        whole, script_only = offered.values()
        assert {"startup_script", "shutdown_script", "before", "ready"} <= whole
        assert {"ready", "unless", "retries"} <= script_only
        assert script_only.isdisjoint({"startup_script", "before", "depends_on", "ignore"})

    drive(tmp_path, session)


def test_code_actions_mend_what_fix_mends(tmp_path: Path) -> None:
    lines = ("depends_on_completion = [coder_script.clone]",)
    text = AGENT + script("clone") + script("build", *lines) + script("app", *lines)
    mended = text.replace("  depends_on_completion", "  # unitc: depends_on_completion")

    async def session(editor: Editor) -> None:
        path = tmp_path / "main.tf"
        found = await editor.open(path, text)
        assert [item.code for item in found] == ["UC218", "UC218"]
        actions = await editor.actions(path, found[0].range, found[:1])
        assert [(item.title, item.kind) for item in actions] == [
            ("write it as a comment: # unitc: depends_on_completion = [coder_script.clone]", "quickfix"),
            ("fix everything that unitc can fix for certain", "source.fixAll.unitc"),
        ]
        one, every = (editor.applied(path, text, item) for item in actions)
        assert one == text.replace("  depends_on_completion", "  # unitc: depends_on_completion", 1)
        assert every == mended
        assert await editor.edit(path, mended) == []
        assert await editor.actions(path, found[0].range, []) == []

    drive(tmp_path, session)


def test_names_are_fixed_before_what_follows_from_them(tmp_path: Path) -> None:
    app = script("app", "depends_on = [coder_script.clon]").replace('"true"', '"until [ -e /tmp/x ]; do sleep 1; done"')
    text = AGENT + script("clone").replace('"true"', '"touch /tmp/x"') + app

    async def session(editor: Editor) -> None:
        path = tmp_path / "main.tf"
        found = await editor.open(path, text)
        assert {item.code for item in found} == {"UC204", "UC310"}
        actions = await editor.actions(path, found[0].range, [])
        assert editor.applied(path, text, actions[-1]) == text.replace("script.clon]", "script.clone]")

    drive(tmp_path, session)


def test_symbols_are_the_scripts_of_a_file_and_the_modules_that_bring_some(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "main.tf").write_text(
        'variable "agent_id" {}\n' + script("one").replace("coder_agent.main.id", "var.agent_id")
    )
    call = 'module "tools" {\n  source   = "./tools"\n  agent_id = coder_agent.main.id\n}\n'
    agent = AGENT.replace("\n}", '\n  shutdown_script = "true"\n}')
    text = agent + script("many", "count = 2") + call + ORDER.replace("app", "many").replace("build", "many")

    async def session(editor: Editor) -> None:
        await editor.open(tmp_path / "main.tf", text)
        found = await editor.symbols(tmp_path / "main.tf")
        assert [(item.name, item.detail) for item in found] == [
            ("coder_agent.main", "stop"),
            ("coder_script.many", "start, 2 scripts"),
            ("module.tools", "start"),
        ]
        assert [shown(text, item.selection_range) for item in found] == [
            'resource "coder_agent" "main"',
            'resource "coder_script" "many"',
            'module "tools"',
        ]

    drive(tmp_path, session)
