"""``unitc graph``, ``why``, ``show``: asking a template."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.harness import run


def test_a_faulty_graph_is_drawn_as_far_as_it_goes_and_fails(templates: Path) -> None:
    ran = run("graph", "faulty-cycle", "--format", "json", cwd=templates)
    assert ran.code == 1
    assert len(json.loads(ran.stdout)["graphs"][0]["edges"]) == 4
    assert ran.stderr.startswith("error[UC203]")


def test_why_shows_the_path_and_its_declarations(templates: Path) -> None:
    ran = run("why", "coder_script.agent", "coder_script.clone", "-C", "order-rules", cwd=templates)
    assert (ran.code, ran.stderr) == (0, "")
    assert (
        ran.stdout
        == """\
coder_script.agent "Coding agent" waits for coder_script.clone "Git Clone" in the phase start:
  coder_script.agent waits for coder_script.deps (completion): main.tf:74:3 (coder_script_order)
  coder_script.deps waits for coder_script.clone (success): main.tf:69:3 (coder_script_order)
"""
    )


def test_why_without_prerequisite_shows_everything_that_is_waited_for(templates: Path) -> None:
    ran = run("why", "coder_script.app", "-C", "chain", cwd=templates)
    assert (
        ran.stdout
        == """\
coder_script.app "Start the app" waits in the phase start for:
  coder_script.install "Install dependencies" (success): main.tf:48:3 (depends_on)
and through them for:
  coder_script.clone "Clone the repository" (success, by coder_script.install): main.tf:35:3 (depends_on)
"""
    )


def test_why_says_where_there_is_no_why(templates: Path) -> None:
    ran = run("why", "coder_script.clone", "coder_script.app", "-C", "chain", cwd=templates)
    assert (ran.code, ran.stdout) == (
        0,
        'coder_script.clone "Clone the repository" does not wait for coder_script.app "Start the app".\n',
    )


def test_show_tells_everything_of_a_unit(templates: Path) -> None:
    ran = run("show", "coder_script.install", "-C", "chain", cwd=templates)
    assert (ran.code, ran.stderr) == (0, "")
    assert (
        ran.stdout
        == """\
coder_script.install "Install dependencies", phase start, run by coder_agent.main
  declared at main.tf:31:1
  waits for:
    coder_script.clone "Clone the repository" (success): main.tf:35:3 (depends_on)
  is waited for by:
    coder_script.app "Start the app" (success): main.tf:48:3 (depends_on)
  body:
    | #!/bin/sh -e
    | test -d project
    | echo "dependencies" > project/lock
    | echo installed
"""
    )


def test_show_quotes_a_mutex_that_would_move_the_cursor(templates: Path) -> None:
    main = templates / "mutex" / "main.tf"
    main.write_text(main.read_text().replace('"npm cache"', r'"\u001b[2J\n"'))
    shown = run("show", "coder_script.node", "-C", "mutex", cwd=templates).stdout
    assert r"units that hold '\x1b[2J\n', 'apt'" in shown
    assert "\x1b" not in shown


def test_show_body_prints_the_body_and_nothing_else(templates: Path) -> None:
    ran = run("show", "coder_script.escapes", "--body", "-C", "bodies", cwd=templates)
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout == 'printf %s\\n "line\\tone" && echo é\n'


def test_show_body_says_what_a_body_hangs_on(templates: Path) -> None:
    ran = run("show", "coder_script.clone", "--body", "-C", "unknown-body", cwd=templates)
    assert (ran.code, ran.stdout) == (1, "")
    assert "known only at apply: data.coder_parameter.repo.value, main.tf:" in ran.stderr


def test_a_value_that_was_set_makes_a_body_known(templates: Path) -> None:
    given = ("--set", "data.coder_parameter.repo.value=https://example.com/a.git")
    ran = run("show", "coder_script.clone", "--body", "-C", "unknown-body", *given, cwd=templates)
    assert (ran.code, ran.stdout) == (0, '#!/bin/sh\ngit clone "https://example.com/a.git" project\n')
