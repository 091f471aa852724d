"""What the shell and ShellCheck say, and where it is shown. Both are part of what the tests need."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from compiler.disk import Disk, Unreadable
from compiler.pipeline import Options
from compiler.records import replace
from compiler.shell.tools import AskedOnce, ShellText, Tools
from tests.checks.harness import AGENT, diagnose, heredoc, script

ASKED = Options(tools=Tools.found(Disk()), pedantic=True)
UNCLOSED = "if true; then\n  make"


def found(files: str | Mapping[str, str], options: Options = ASKED) -> list[tuple[str, str, str]]:
    return [
        (item.code, item.primary.span.source.name, item.primary.span.text)
        for item in diagnose(files, options)
        if item.code in ("UC338", "UC339", "UC340")
    ]


@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_what_the_shell_cannot_read_is_told_at_its_line(shell: str) -> None:
    told = found(script("x", script=heredoc(f"  #!/bin/{shell}\n  make\n  fi\n  make")))
    assert told[0] == ("UC338", "main.tf", "fi")


def test_a_syntax_error_in_a_file_is_told_in_that_file() -> None:
    files = {"main.tf": AGENT + script("x", script='file("run.sh")'), "run.sh": "#!/bin/bash\nmake\n  done\n"}
    assert found(files)[0] == ("UC338", "run.sh", "done")


def test_a_text_that_is_known_in_part_is_not_given_to_the_shell() -> None:
    text = script("x", script=heredoc("${data.coder_parameter.p.value}\nfi"))
    told = found(text + 'data "coder_parameter" "p" {\nname = "p"\n}\n')
    assert [item for item in told if item[0] == "UC338"] == []


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ("make\nfoo=bar\n[ $foo == ] x ]", "UC339", "[ $foo == ] x ]"),
        ("cd /x\nrm -rf y", "UC340", "cd /x"),
        ("#!/bin/bash\nmake\n  cd /x\nrm y", "UC340", "cd /x"),
    ],
)
def test_what_shellcheck_says_is_told_at_its_place(body: str, code: str, place: str) -> None:
    assert found(script("x", script=heredoc(body))) == [(code, "main.tf", place)]


def test_warnings_of_shellcheck_are_for_pedants() -> None:
    text = script("x", script=heredoc("cd /x\nrm -rf y"))
    assert found(text, replace(ASKED, pedantic=False)) == []


def test_carriage_returns_are_told_once_a_script() -> None:
    text = script("x", script=heredoc("#!/bin/sh\nmake\nmake all")).replace("\n", "\r\n")
    assert found(text) == [("UC339", "main.tf", "#!/bin/sh")]


def test_codes_that_rendering_causes_are_left_out() -> None:
    body = '\n  #!/bin/bash\nif [ "${"a"}" = "b" ]; then make; fi'
    assert found(script("x", script=heredoc(body))) == []


@pytest.mark.parametrize(
    "line",
    ['[ "VALUE" ] && make', 'case "VALUE" in b) make ;; esac', "for x in VALUE; do make; done", "[ VALUE ] && make"],
)
def test_a_value_of_the_template_is_no_constant_of_the_script(line: str) -> None:
    text = 'variable "x" {\ndefault = "a"\n}\n'
    value = line.replace("VALUE", "${var.x}")
    assert found(text + script("x", script=heredoc(f"#!/bin/bash\n{value}"))) == []
    if "case" not in line:
        written = line.replace("VALUE", "a")
        assert len(found(text + script("x", script=heredoc(f"#!/bin/bash\n{written}")))) == 1


@pytest.mark.parametrize(
    "line", ["[[ $a = b ]]", "source x", "function f { make; }", "a=(1 2)", "make &>x", "cat <<<x", "diff <(a) <(b)"]
)
def test_what_sh_does_not_know_is_told_once(line: str) -> None:
    told = diagnose(script("x", script=heredoc(f"#!/bin/sh\n{line}")), ASKED)
    assert [item.code for item in told if item.code in ("UC330", "UC339", "UC340")] == ["UC330"]


@pytest.mark.parametrize("line", ["#!/bin/zsh", "#!/usr/bin/env python3"])
def test_a_language_that_shellcheck_does_not_know_is_left_alone(line: str) -> None:
    assert found(script("x", script=heredoc(f"{line}\nprint hi"))) == []


def test_powershell_on_windows_is_not_read_as_shell() -> None:
    agent = AGENT.replace("linux", "windows")
    assert found({"main.tf": agent + script("x", script=heredoc("(Get-Item x).Name | foo ("))}) == []


def test_a_shell_in_a_folder_that_the_search_path_names_from_here_reads_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = shutil.which("bash")
    assert shell is not None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bash").symlink_to(shell)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "bin")
    texts = [ShellText(text, "bash", True) for text in ("make", "fi", "cat <<EOF\nEOF\n")]
    with Tools.found(Disk()).reading(texts) as remarks:
        assert [item.index for item in remarks if not item.code] == [1]


def test_shellcheck_that_is_not_there_says_nothing() -> None:
    for shellcheck in (None, "/nowhere/shellcheck"):
        with Tools(shellcheck, Disk()).reading([ShellText("cd x", "bash", True)]) as remarks:
            assert list(remarks) == []


def test_more_texts_than_are_read_at_the_same_time_are_told_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compiler.shell.tools._AT_ONCE", 3)
    broken = [index for index in range(11) if index % 4 != 1]
    texts = [ShellText("fi\n" if index in broken else "make\n", "sh", True) for index in range(11)]
    with Tools(None, Disk()).reading(texts) as remarks:
        assert [(item.index, item.line) for item in remarks] == [(index, 1) for index in broken]


@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "zsh", "mksh", "busybox"])
@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("{", "}"),
        ("(", ")"),
        ("if true; then", "fi"),
        ("for x in y; do", "done"),
        ("f() {", "}"),
        ('echo "', '"'),
        ("echo don't", "echo don't"),
        ("echo ${x", "}"),
        ("echo $(date", ")"),
        ("case x in", "x) ;; esac"),
    ],
)
def test_a_text_does_not_end_what_another_one_has_begun(shell: str, opens: str, closes: str) -> None:
    texts = [ShellText(f"make\n{text}\nmake\n", shell, True) for text in (opens, "make", closes)]
    with Tools(None, Disk()).reading(texts) as remarks:
        assert {item.index for item in remarks} == {0, 2}


@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "zsh", "mksh", "busybox"])
@pytest.mark.parametrize(("closes", "opens"), [("}", "{"), (")", "("), ("esac", "case x in x)"), ("})", "({")])
def test_a_text_does_not_close_what_it_opens_only_afterwards(shell: str, closes: str, opens: str) -> None:
    texts = [ShellText(text, shell, True) for text in (f"{closes}\nmake\n{opens}\nmake\n", "make\n")]
    with Tools(None, Disk()).reading(texts) as remarks:
        assert [item.index for item in remarks] == [0]


def test_a_heredoc_without_an_end_does_not_go_on_in_the_next_text() -> None:
    texts = [ShellText(f"cat <<EOF\n{text}", "mksh", True) for text in ("x", "x\nEOF\n", "x\nEOF\nfi\n")]
    with Tools(None, Disk()).reading(texts) as remarks:
        assert {item.index for item in remarks} == {0, 2}


@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "zsh", "mksh", "busybox"])
def test_texts_that_each_can_be_read_are_read_at_once_and_nothing_is_told(shell: str) -> None:
    texts = ["#!/bin/sh\nmake", "# only a comment", "cat <<EOF\n}\nEOF", "exit 1", "echo a\\\n"]
    with Tools(None, Disk()).reading([ShellText(text, shell, True) for text in texts]) as remarks:
        assert list(remarks) == []


def test_what_reads_is_gone_with_its_folder_where_the_rest_of_an_analysis_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    reader = tmp_path / "shellcheck"
    reader.write_text("#!/bin/sh\nexec sleep 60\n")
    reader.chmod(0o755)
    with pytest.raises(ZeroDivisionError), Tools(str(reader), Disk()).reading([ShellText("cd x", "bash", True)]):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == [reader]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_check_that_waits_for_others_and_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    programs, left = tmp_path / "programs", tmp_path / "left"
    for folder in (programs, left):
        folder.mkdir()
    reader = programs / "shellcheck"
    reader.write_text(f"#!/bin/sh\nkill -{int(number)} $PPID\nexec sleep 1000\n")
    reader.chmod(0o755)
    (tmp_path / "main.tf").write_text(AGENT + script("x", script=heredoc("make")))
    ended = subprocess.run(
        [sys.executable, "-m", "compiler", "check", "--no-cache", tmp_path],
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(left)},
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + number, b"", b"")
    assert list(left.iterdir()) == []


def test_nothing_is_asked_unless_it_is_wanted() -> None:
    assert found(script("x", script=heredoc(UNCLOSED)), Options()) == []


def shell(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``sh`` be a script of that text."""
    path = folder / "sh"
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def test_scripts_with_the_same_text_are_read_once_and_told_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    shell(tmp_path, f'echo read >>{log}\nexec /bin/sh "$@"\n', monkeypatch)
    body = heredoc("  #!/bin/sh\n  make\n  fi\n  make")
    told = found(script("x", script=body) + script("y", script=body))
    assert [code for code, _, _ in told] == ["UC338", "UC338"]
    assert log.read_text() == "read\n"


def test_a_shell_that_hangs_is_gone_and_what_others_said_before_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    holders = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    hang = f'if [ "$2" = 1.sh ]; then exec sleep 1000 3>{held}; fi\n'
    shell(tmp_path, f'{hang}exec /bin/sh "$@"\n', monkeypatch)
    # The first text is read, and the second has begun to hang, long before.
    monkeypatch.setattr("compiler.shell.tools.TIMEOUT", 10)
    disk = Disk()
    tools = Tools(None, disk)
    with tools.reading([ShellText(text, "sh", True) for text in ("fi", "make", "fi")]) as remarks:
        assert [item.index for item in remarks] == [0]
    assert (disk.repeatable, tools.unheard) == (False, {"a shell"})
    # A pipe has come to its end when the last process that writes into it is gone.
    assert select.select([holders], [], [], 300)[0]
    os.close(holders)


def test_what_a_shell_says_is_told_with_the_line_and_the_words_of_the_text() -> None:
    for name in ("sh", "bash", "dash", "zsh", "mksh", "busybox"):
        with Tools(None, Disk()).reading([ShellText("make\n\nfi\n", name, True)]) as remarks:
            assert [(item.index, item.line) for item in remarks] == [(0, 3)]


def test_the_texts_are_written_where_there_is_room_and_if_nowhere_is_the_error_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    assert found(script("x", script=heredoc("fi"))) != []
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("compiler.shell.tools._TEMPORARY", (str(tmp_path / "none"),))
    with pytest.raises(Unreadable, match=re.escape(str(tmp_path / "none"))):
        found(script("x", script=heredoc("make")))


def test_a_text_of_many_templates_is_read_once_and_told_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    shell(tmp_path, f'echo read >>{log}\nexec /bin/sh "$@"\n', monkeypatch)
    once = replace(ASKED, tools=AskedOnce(Tools(None, Disk())))
    unread, other = heredoc("#!/bin/sh\nmake\nfi"), heredoc("#!/bin/sh\ndone")
    first = found(script("x", script=unread), once)
    assert first == [("UC338", "main.tf", "fi")]
    assert found(script("y", script=other) + script("x", script=unread), once) == [
        ("UC338", "main.tf", "done"),
        ("UC338", "main.tf", "fi"),
    ]
    assert found(script("z", script=unread), once) == first
    assert log.read_text() == "read\nread\n"
