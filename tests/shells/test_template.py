"""The launcher's template: shipped as jinja2 reads it, and filled as jinja2 would."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from compiler.launcher import runtime
from compiler.launcher.filling import FILE, filled, parts
from compiler.launcher.quoting import quote
from compiler.launcher.runtime import STATUS_PARTS, TIGHT_FILE, template_folder, tight_texts
from compiler.launcher.template import SOURCE, read, text


def test_the_shipped_template_is_what_jinja2_reads() -> None:
    made = read(SOURCE.read_text("utf-8"))
    assert made == parts(), "run: python -m compiler.launcher.template"
    assert text(made) == FILE.read_text("utf-8")


def test_the_shipped_texts_of_wrapped_scripts_are_what_their_parts_make() -> None:
    assert text(tight_texts()) == TIGHT_FILE.read_text("utf-8"), "run: python -m compiler.launcher.template"


def test_parts_that_were_changed_since_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    part = runtime._part
    monkeypatch.setattr(runtime, "_part", lambda name: f"{part(name)}u_more() {{ :; }}\n")
    assert runtime._put_together_tightly(STATUS_PARTS).endswith("\nu_more(){ :;}\n")


def test_no_loop_that_a_signal_may_meet_is_left_by_a_word_at_which_bash_forgets_the_signal() -> None:
    leaves = re.compile(r"(?:^|[;&|{]|\) |\b(?:do|then|else) )\s*(?:break|continue)\b", re.MULTILINE)
    parts = {part.name: part.read_text("utf-8") for part in (template_folder() / "runtime").glob("*.sh")}
    # A part without traps, and programs for awk, show that they would be found.
    assert {name for name, part in parts.items() if leaves.search(part)} == {"layout.sh", "status.sh"}


_PIECES = st.sampled_from(("a\n", " ", "\t}", "{{ name }}", "{{- name -}}", "{{ row.word }}", "{# no -#}\n", "\n\n"))


def _loops(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    marks = st.sampled_from((("{%", "%}"), ("{%-", "%}"), ("{%", "-%}")))
    kinds = st.sampled_from(("row in rows", "name in row.words", "row in nothing"))

    def loop(kind: str, mark: tuple[str, str], body: str, others: str) -> str:
        begin, end = mark
        return f"{begin} for {kind} {end}{body}{begin} else {end}{others}{begin} endfor {end}"

    return st.builds(loop, kinds, marks, inner, inner)


_TEMPLATES = st.recursive(st.lists(_PIECES, max_size=4).map("".join), _loops, max_leaves=6)


@given(_TEMPLATES)
def test_filling_gives_what_jinja2_gives(template: str) -> None:
    row = {"word": quote("w"), "words": [quote("it's"), quote("")]}
    values = {"name": quote("n"), "row": row, "rows": [row, {"word": quote("x"), "words": []}], "nothing": []}
    expected = Environment(keep_trailing_newline=True, undefined=StrictUndefined).from_string(template).render(values)
    assert "".join(filled(read(template), values)) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{% if name %}a{% endif %}",
        "{{ name | upper }}",
        "{{ name[0] }}",
        "{{ 'name' }}",
        "{% for one, other in rows %}{% endfor %}",
        "{% for row in rows if row %}{% endfor %}",
        "{% for row in rows recursive %}{% endfor %}",
        "{% set name = row %}",
    ],
)
def test_what_the_data_can_not_say_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="only texts, values and loops"):
        read(template)


@pytest.mark.parametrize("value", ["plain", 1, None, b"x", ["a"]])
def test_nothing_is_taken_that_is_not_quoted(value: object) -> None:
    with pytest.raises(TypeError, match="must be quoted"):
        list(filled(read("{{ value }}"), {"value": value}))


def test_a_value_that_is_not_there_is_no_empty_text() -> None:
    with pytest.raises(KeyError):
        list(filled(read("{{ row.value }}"), {"row": {}}))
