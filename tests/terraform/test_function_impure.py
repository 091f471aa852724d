"""Functions whose answer isn't known here, and the words in which that is said."""

from __future__ import annotations

import pytest

from compiler.terraform.values.marks import Reason, ReasonKind
from compiler.terraform.values.types import STRING
from compiler.terraform.values.values import Value, unknown
from tests.terraform.scopes import NamedScope, value_of


def evaluated(text: str, scope: NamedScope | None = None) -> Value:
    value, problems = value_of(text, scope)
    assert not problems
    assert value is not None
    return value


LEFT = (
    *("timestamp()", "plantimestamp()", "uuid()", 'bcrypt("x")', 'bcrypt("x", 5)', 'uuidv5("dns", "x")'),
    *('base64gzip("a")', 'rsadecrypt("a", "b")', 'textencodebase64("a", "UTF-8")', 'textdecodebase64("YQ==", "UTF-8")'),
    *('cidrhost("10.0.0.0/8", 1)', 'cidrnetmask("10.0.0.0/8")', 'cidrsubnet("10.0.0.0/8", 8, 2)', "log(8, 2)"),
    *('cidrsubnets("10.0.0.0/8", 4)', 'formatdate("YYYY", "2025-01-01T00:00:00Z")', "chunklist([1], 1)"),
    *('timeadd("2025-01-01T00:00:00Z", "1h")', 'timecmp("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z")'),
    *('matchkeys([1], ["a"], ["a"])', "transpose({})", "ephemeralasnull(1)", 'format("%x", 255)', "pow(2, 0.5)"),
    *('abspath("a")', 'pathexpand("~/x")', "sum([1])", 'parseint("ff", 16)', "signum(1)", 'title("a")', "pow(2, 2)"),
    *("coalescelist([], [1])", "issensitive(1)", 'templatestring("a", {})'),
)


@pytest.mark.parametrize("text", LEFT)
def test_what_is_left_to_terraform_is_an_unknown_that_names_the_function(text: str) -> None:
    value = evaluated(text)
    assert not value.is_known
    assert [reason.address.split(" ")[0] for reason in value.reasons] == [f"{text.partition('(')[0]}()"]
    assert {reason.kind for reason in value.reasons} == {ReasonKind.FUNCTION}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bcrypt()", "expects at least 1 argument"),
        ("timestamp(1)", "expects only 0 argument"),
        ("uuid(1)", "expects only 0 argument"),
    ],
)
def test_a_call_that_will_fail_at_apply_is_refused_now(text: str, message: str) -> None:
    _, problems = value_of(text)
    assert any(message in problem.detail for problem in problems), problems


WAITS = NamedScope({"x": unknown(STRING, (Reason("data.a.b.c"),))})


def test_an_unknown_pattern_leaves_the_type_open_and_an_unknown_text_does_not() -> None:
    assert evaluated('regex("(a)(b)", x)', WAITS).type == evaluated('regex("(a)(b)", "ab")').type
    assert not evaluated('regex(x, "ab")', WAITS).is_known
    assert evaluated('regexall("a", x)', WAITS).type == evaluated('regexall("a", "a")').type
