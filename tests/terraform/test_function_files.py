"""Functions that read files and render templates, held against what Terraform makes of the same files."""

from __future__ import annotations

import pytest

from compiler.terraform.configuration.files import FileAccess, MemoryFiles
from compiler.terraform.values.marks import SENSITIVE, Reason
from compiler.terraform.values.types import DYNAMIC, STRING
from compiler.terraform.values.values import object_of, string, unknown
from tests.terraform.held import hold
from tests.terraform.oracle import ask
from tests.terraform.scopes import NamedScope, value_of

FILES = {
    "a.txt": b"hello\n",
    "empty": b"",
    "crlf.txt": b"a\r\nb\r\n",
    "snow.txt": "☃ é e\u0301\n".encode(),
    "binary": b"\xff\xfe\x00\x80",
    "bom.txt": b"\xef\xbb\xbfx",
    ".hidden": b"h",
    "sub/b.sh": b"#!/bin/sh\n",
    "sub/c.tf.txt": b"c",
    "sub/.dot/d": b"d",
    "sub/deep/er/e.sh": b"e",
    "sub/[x]/f.sh": b"f",
    "mod1/g.sh": b"g",
    "mod2/g.sh": b"gg",
    "mod2/{h}.sh": b"h",
    "t/plain.tpl": b"plain",
    "t/one.tpl": b"Hello, ${name}!",
    "t/number.tpl": b"${n}",
    "t/list.tpl": b"${items}",
    "t/null.tpl": b"${x}",
    "t/escape.tpl": b"$${name} %%{if} $name $$x",
    "t/if.tpl": b"%{ if on ~}\nyes\n%{ else ~}\nno\n%{ endif ~}\n",
    "t/for.tpl": b"%{ for i, x in items ~}\n${i}: ${x}\n%{ endfor ~}\n",
    "t/call.tpl": b'${upper(name)} ${join(",", [for x in items : x + 1])} ${jsonencode({a = items})}',
    "t/nested.tpl": b'${templatefile("t/plain.tpl", {})}',
    "t/nested_string.tpl": b"${templatestring(name, {})}",
    "t/reads.tpl": b'${file("a.txt")}',
    "t/missing.tpl": b"${nope}",
    "t/syntax.tpl": b"${",
    "t/type.tpl": b"${name + 1}",
    "t/attr.tpl": b'${user.name} ${user["age"]}',
    "t/crlf.tpl": b"a\r\n${name}\r\n",
    "t/self.tpl": b"${path.module}",
    "t/trim.tpl": b"a\n  ${~ name ~}  \nb",
    "t/binary.tpl": b"\xff",
    "t/decomposed.tpl": "e\u0301${name}".encode(),
}

PATHS = (
    *('"a.txt"', '"./a.txt"', '"sub/../a.txt"', '"${path.module}/a.txt"', '"sub//b.sh"', '".hidden"', '"sub/[x]/f.sh"'),
    *('"empty"', '"crlf.txt"', '"snow.txt"', '"binary"', '"bom.txt"', '"sub"', '"nope"', '""', '"a.txt/x"', "5", "[]"),
)
READERS = (
    *("file", "filebase64", "filebase64sha256", "filebase64sha512", "filemd5", "filesha1", "filesha256", "filesha512"),
)

CASES = (
    """
fileexists("a.txt")
fileexists("./sub/../a.txt")
fileexists("${path.module}/a.txt")
fileexists("nope")
fileexists("sub/nope")
fileexists("nope/a.txt")
fileexists("sub")
fileexists("")
fileexists(".")
fileexists("empty")
fileexists(".hidden")
fileexists("snow.txt")
fileexists("sub/b.sh")
fileexists("a.txt/x")
fileexists()
fileexists(5)
fileexists([])
fileset("mod2", "*")
fileset(".", "*.txt")
fileset("", "*.txt")
fileset(path.module, "*.txt")
fileset("./sub/", "b*")
fileset("sub", "*")
fileset("sub", "**")
fileset("sub", "**/*")
fileset("sub", "**/*.sh")
fileset("sub/", "*.sh")
fileset("sub", "*/*")
fileset("sub", "deep/**")
fileset("sub", "deep/*")
fileset("sub", "**/er/*")
fileset("sub", "**/deep/**/e.sh")
fileset("sub", "b.sh")
fileset("sub", "./b.sh")
fileset("sub", "../a.txt")
fileset("sub", "../*.txt")
fileset("sub", "deep")
fileset("sub", "nope")
fileset("nope", "*")
fileset("a.txt", "*")
fileset("sub", "")
fileset("sub", "?.sh")
fileset("sub", "[bc]*")
fileset("sub", "[^b]*")
fileset("sub", "[a-c].*")
fileset("sub", "[")
fileset("sub", "[]")
fileset("sub", "[a-]*")
fileset("sub", "{b,c}*")
fileset("sub", "{b.sh,c.tf.txt,nope}")
fileset("sub", "*.{sh,txt}")
fileset("sub", "{")
fileset("sub", "*.{sh")
fileset("sub", "b{sh")
fileset("sub", "*[")
fileset("sub", "?[")
fileset("sub", "b[.\\\\")
fileset("sub", "{b,deep/er/e}.sh")
fileset("sub", "\\\\[x\\\\]/*")
fileset("sub/\\\\[x\\\\]", "*")
fileset("sub", "\\\\b.sh")
fileset("sub", "b.sh\\\\")
fileset("sub", "/b.sh")
fileset(".", "mod?/g.sh")
fileset(".", "mod[12]/*")
fileset("mod*", "g.sh")
fileset(".", "**/g.sh")
fileset(".", "mod2/\\\\{h\\\\}.sh")
fileset(".", ".h*")
fileset(".", "**/.dot/*")
fileset(".", "*/*/*/*")
fileset(".", "**.txt")
fileset(".", "s*b/b.sh")
fileset(".", "sub/**/**/e.sh")
fileset("mod2", "***")
fileset(5, 6)
fileset([], "*")
fileset(".")
templatefile("t/plain.tpl", {})
templatefile("t/plain.tpl", { unused = 1 })
templatefile("t/one.tpl", { name = "Ann" })
templatefile("./t/one.tpl", { name = "Ann" })
templatefile("t/one.tpl", tomap({ name = "Ann" }))
templatefile("t/one.tpl", { name = 5 })
templatefile("t/one.tpl", { name = null })
templatefile("t/one.tpl", { name = [] })
templatefile("t/one.tpl", {})
templatefile("t/one.tpl", { Name = "Ann" })
templatefile("t/one.tpl", { name = "Ann", "not valid" = 1 })
templatefile("t/one.tpl", { name = "Ann", "a-b" = 1, "é" = 2, "_" = 3 })
templatefile("t/one.tpl", { name = "Ann", "-a" = 1 })
templatefile("t/one.tpl", { name = "Ann", "1a" = 1 })
templatefile("t/one.tpl", { name = "Ann", "" = 1 })
templatefile("t/one.tpl", ["Ann"])
templatefile("t/one.tpl", "Ann")
templatefile("t/one.tpl", [])
templatefile("t/number.tpl", { n = 5 })
templatefile("t/number.tpl", { n = true })
templatefile("t/list.tpl", { items = [1, "a"] })
templatefile("t/null.tpl", { x = tostring(null) })
templatefile("t/escape.tpl", {})
templatefile("t/if.tpl", { on = true })
templatefile("t/if.tpl", { on = false })
templatefile("t/if.tpl", { on = "true" })
templatefile("t/if.tpl", { on = "x" })
templatefile("t/for.tpl", { items = ["a", "b"] })
templatefile("t/for.tpl", { items = {} })
templatefile("t/for.tpl", { items = { k = "v" } })
templatefile("t/for.tpl", { items = "x" })
templatefile("t/call.tpl", { name = "Ann", items = [1, 2] })
templatefile("t/nested.tpl", {})
templatefile("t/nested_string.tpl", { name = "x" })
templatefile("t/reads.tpl", {})
templatefile("t/missing.tpl", {})
templatefile("t/syntax.tpl", {})
templatefile("t/type.tpl", { name = "5" })
templatefile("t/type.tpl", { name = "x" })
templatefile("t/attr.tpl", { user = { name = "Ann", age = 5 } })
templatefile("t/attr.tpl", { user = {} })
templatefile("t/crlf.tpl", { name = "x" })
templatefile("t/self.tpl", {})
templatefile("t/trim.tpl", { name = "x" })
templatefile("t/binary.tpl", {})
templatefile("t/decomposed.tpl", { name = "\\u0301" })
templatefile("t/nope.tpl", {})
templatefile("t", {})
templatefile("t/plain.tpl")
templatefile([], {})
templatefile("binary", {})
""".strip().split("\n")
    + [f"{name}({path})" for name in READERS for path in PATHS]
)


def scope() -> NamedScope:
    names = {
        "path": object_of({"module": string(".")}),
    }
    return NamedScope(names, FileAccess(MemoryFiles(FILES), frozenset({"."})))


@pytest.mark.terraform
def test_files_and_templates_give_what_terraform_makes_of_them() -> None:
    assert hold(CASES, ask(CASES, files=FILES), scope()) == ("", 11)


def test_each_function_of_files_has_many_cases() -> None:
    for name in (*READERS, "fileexists", "fileset", "templatefile"):
        assert sum(case.startswith(f"{name}(") for case in CASES) >= 15, name


@pytest.mark.parametrize("name", ["file", "filebase64", "filesha256", "fileexists", "templatefile"])
def test_a_sensitive_path_is_not_shown(name: str) -> None:
    names = {"secret": string("hidden/place").with_marks(frozenset({SENSITIVE})), "empty": object_of({})}
    text = f"{name}(secret, empty)" if name == "templatefile" else f"{name}(secret)"
    files = FileAccess(MemoryFiles({"hidden/place/x": b""}), frozenset({"."}))
    _, problems = value_of(text, NamedScope(names, files))
    assert problems
    assert not any("hidden" in problem.detail for problem in problems)


def test_a_sensitive_path_makes_the_content_sensitive() -> None:
    names = {"secret": string("a.txt").with_marks(frozenset({SENSITIVE}))}
    for text in ("file(secret)", "filemd5(secret)", "fileexists(secret)", 'fileset(".", secret)'):
        value, problems = value_of(text, NamedScope(names, scope().files))
        assert not problems
        assert value is not None
        assert value.is_sensitive, text


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "~/x", "sub/../../x"])
@pytest.mark.parametrize("name", ["file", "filebase64", "filemd5", "fileexists", "templatefile", "fileset"])
def test_what_lies_outside_of_the_template_is_refused(name: str, path: str) -> None:
    second = {"templatefile": ", {}", "fileset": ', "*"'}.get(name, "")
    _, problems = value_of(f'{name}("{path}"{second})', scope())
    assert [problem.code for problem in problems] == ["UC160"]


def test_a_template_with_an_unknown_variable_says_what_it_hangs_on() -> None:
    waits = unknown(STRING, (Reason("data.coder_parameter.name.value"),))
    names = {"name": waits, "vars": unknown(DYNAMIC, (Reason("data.x.y.vars"),))}
    files = scope().files
    for text, address in (
        ('templatefile("t/one.tpl", { name = name })', "data.coder_parameter.name.value"),
        ('templatefile("t/one.tpl", vars)', "data.x.y.vars"),
        ('templatefile("t/${name}.tpl", {})', "data.coder_parameter.name.value"),
        ("file(name)", "data.coder_parameter.name.value"),
        ('fileset(".", name)', "data.coder_parameter.name.value"),
    ):
        value, problems = value_of(text, NamedScope(names, files))
        assert not problems
        assert value is not None
        assert not value.is_known, text
        assert [reason.address for reason in value.reasons] == [address], text


def test_a_variable_that_a_template_does_not_use_may_be_unknown() -> None:
    names = {"name": unknown(STRING, (Reason("data.x.y.name"),))}
    value, _ = value_of('templatefile("t/plain.tpl", { unused = name })', NamedScope(names, scope().files))
    assert value is not None
    assert value.text == "plain"
