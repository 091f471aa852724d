from __future__ import annotations

import pytest

from compiler.checks.cron import CronDescriptor, CronError, check_cron, is_unix_cron
from compiler.source.diagnostics import Severity
from tests.checks.harness import codes, diagnose, script

ACCEPTED = [
    "* * * * * *",
    "0 0 22 * * *",
    "0 */5 * * * *",
    "30 0 9 * * 1-5",
    "0 0 0 1 JAN sun",
    "0 0 0 1 Jan-Mar Mon-FRI",
    "0,15,30,45 0-30/5 8-18 1,15 * ?",
    "59 59 23 31 12 6",
    "5/10 * * * * *",
    "*-9 * * * * *",
    "*/59 * * * * *",
    "*/100 * * * * *",
    ", * * * * *",
    "1,,2 * * * * *",
    "+5 * * * * *",
    "007 * * * * *",
    "\t0  0\u00a00 * * *\n",
    "TZ=UTC 0 0 0 * * *",
    "CRON_TZ=Europe/Berlin   0 0 6 * * *",
]

DESCRIPTORS = [
    ("@yearly", "0 0 0 1 1 *"),
    ("@annually", "0 0 0 1 1 *"),
    ("@monthly", "0 0 0 1 * *"),
    ("@weekly", "0 0 0 * * 0"),
    ("@daily", "0 0 0 * * *"),
    ("@midnight", "0 0 0 * * *"),
    ("@hourly", "0 0 * * * *"),
    ("CRON_TZ=UTC @daily", "0 0 0 * * *"),
    ("@every 5m", "0 */5 * * * *"),
    ("@every 30s", "*/30 * * * * *"),
    ("@every 1m", "0 */1 * * * *"),
    ("@every 6h", "0 0 */6 * * *"),
    ("@every 7m", None),
    ("@every 1h30m", None),
    ("@every 1.5h", None),
    ("@every .5s", None),
    ("@every -3m", "0 */3 * * * *"),
    ("@every 0", None),
    ("@every 1h2m3s4ms5us6µs7ns", None),
    ("@every 2562047h47m16.854775807s", None),
]

REFUSED = [
    ("", "it is empty"),
    ("   ", "it has 0 fields instead of 6"),
    ("*", "it has 1 field instead of 6"),
    ("* * * *", "it has 4 fields instead of 6"),
    ("* * * * * * *", "it has 7 fields instead of 6"),
    ("60 * * * * *", "60 in the field seconds is outside of 0 to 59"),
    ("* 60 * * * *", "60 in the field minutes is outside of 0 to 59"),
    ("* * 24 * * *", "24 in the field hours is outside of 0 to 23"),
    ("* * * 0 * *", "0 in the field day of the month is outside of 1 to 31"),
    ("* * * 32 * *", "32 in the field day of the month is outside of 1 to 31"),
    ("* * * * 0 *", "0 in the field month is outside of 1 to 12"),
    ("* * * * 13 *", "13 in the field month is outside of 1 to 12"),
    ("* * * * * 7", "7 in the field day of the week is outside of 0 to 6"),
    ("* * * * * 1-7", "7 in the field day of the week is outside of 0 to 6"),
    ("* * * * mon *", '"mon" in the field month is not a number'),
    ("* * * * * monday", '"monday" in the field day of the week is not a number'),
    ("jan * * * * *", '"jan" in the field seconds is not a number'),
    ("a * * * * *", '"a" in the field seconds is not a number'),
    ("-5 * * * * *", '"" in the field seconds is not a number'),
    ("1-2-3 * * * * *", '"1-2-3" in the field seconds has too many hyphens'),
    ("1/2/3 * * * * *", '"1/2/3" in the field seconds has too many slashes'),
    ("*/0 * * * * *", '"*/0" in the field seconds has a step of zero'),
    ("*/x * * * * *", '"x" in the field seconds is not a number'),
    ("* * * * */jan *", '"jan" in the field month is not a number'),
    ("*/-1 * * * * *", "-1 in the field seconds is negative"),
    ("20-10 * * * * *", '"20-10" in the field seconds ends before it starts'),
    ("1.5 * * * * *", '"1.5" in the field seconds is not a number'),
    ("1_0 * * * * *", '"1_0" in the field seconds is not a number'),
    ("٣ * * * * *", '"٣" in the field seconds is not a number'),
    ("99999999999999999999 * * * * *", '"99999999999999999999" in the field seconds is not a number'),
    ("** * * * * *", '"**" in the field seconds is not a number'),
    ("TZ=UTC", "nothing follows its time zone"),
    ("TZ=Europe/Berlni 0 0 0 * * *", '"Europe/Berlni" is not the name of a time zone, such as Europe/Berlin'),
    ("CRON_TZ=europe/berlin @daily", '"europe/berlin" is not the name of a time zone'),
    ("@every 2562047h47m16.854775808s", '"2562047h47m16.854775808s" is longer than the longest duration'),
    ("@every 300y", '"300y" is not a duration'),
    ("TZ=UTC 0 0", "it has 2 fields instead of 6"),
    (" @daily", "it has 1 field instead of 6"),
    ("@every", '"@every" is none of'),
    ("@every 5", '"5" is not a duration such as 1h30m'),
    ("@every 1d", '"1d" is not a duration such as 1h30m'),
    ("@every  1h", '" 1h" is not a duration such as 1h30m'),
    ("@Daily", '"@Daily" is none of'),
    ("@reboot", '"@reboot" is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and @every'),
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_an_expression_of_six_fields_is_taken(text: str) -> None:
    assert check_cron(text) == 6


@pytest.mark.parametrize(("text", "fields"), DESCRIPTORS)
def test_a_descriptor_is_refused_with_the_fields_that_mean_the_same(text: str, fields: str | None) -> None:
    with pytest.raises(CronDescriptor) as caught:
        check_cron(text)
    assert caught.value.fields == fields


def test_a_descriptor_is_an_error_that_says_what_the_agent_makes_of_it() -> None:
    (item,) = diagnose(script("x", cron='"CRON_TZ=Europe/Berlin @daily"'))
    assert (item.code, item.severity) == ("UC109", Severity.ERROR)
    assert item.detail == (
        "The cron of coder_script.x can't be used: the provider takes @daily, but the agent takes no descriptors: it "
        "would refuse its whole manifest, and none of its scripts would ever run."
    )
    assert item.help == ('write the six fields that mean the same: "CRON_TZ=Europe/Berlin 0 0 0 * * *"',)


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_anything_else_is_refused_with_the_field_and_the_reason(text: str, why: str) -> None:
    with pytest.raises(CronError) as caught:
        check_cron(text)
    assert str(caught.value).startswith(why)


@pytest.mark.parametrize(
    ("text", "unix"),
    [
        ("0 22 * * 0", True),
        ("*/5 * * * *", True),
        ("0 30 8 * *", False),
        ("0 0 22 * * *", False),
        ("@daily", False),
        ("60 * * * *", False),
    ],
)
def test_five_fields_are_told_from_a_crontab(text: str, unix: bool) -> None:
    assert is_unix_cron(text) is unix


def test_a_refused_expression_is_an_error_that_shows_the_form() -> None:
    (item,) = diagnose(script("x", cron='"0 0 25 * * *"'))
    assert (item.code, item.severity, item.primary.span.text) == ("UC109", Severity.ERROR, '"0 0 25 * * *"')
    assert item.detail == ("The cron of coder_script.x can't be used: 25 in the field hours is outside of 0 to 23.")
    assert item.help == (
        "write seconds, minutes, hours, day of the month, month, day of the week, such as "
        '"0 30 9 * * 1-5" for half past nine on weekdays',
    )


def test_a_crontab_expression_that_is_refused_is_told_with_its_six_fields() -> None:
    (item,) = diagnose(script("x", cron='"0 22 * * 0"'))
    assert (item.code, item.help) == ("UC109", ('seconds come first: write "0 0 22 * * 0"',))


def test_five_fields_are_a_warning_that_says_how_they_are_read() -> None:
    (item,) = diagnose(script("x", cron='"*/5 * * * *"'))
    assert (item.code, item.severity) == ("UC110", Severity.WARNING)
    assert item.detail == (
        'The cron "*/5 * * * *" of coder_script.x has five fields; Coder reads them as seconds, minutes, hours, day of '
        "the month and month, on any day of the week."
    )
    assert item.help == (
        'if the first field is meant to be minutes, write "0 */5 * * * *"',
        "write all six fields: seconds, minutes, hours, day of the month, month, day of the week",
    )


def test_five_fields_that_no_crontab_has_are_a_warning_too() -> None:
    (item,) = diagnose(script("x", cron='"0 30 8 * *"'))
    assert (item.code, len(item.help)) == ("UC110", 1)


def test_an_empty_expression_is_told_to_be_left_away() -> None:
    (item,) = diagnose(script("x", cron='""'))
    assert item.detail == "The cron of coder_script.x can't be used: it is empty."
    assert item.help == ("omit cron, or set it to null, for a script without a schedule",)


def test_a_sensitive_expression_is_not_shown() -> None:
    (item,) = diagnose(script("x", cron='sensitive("61 * * * * *")'))
    assert item.detail == "The cron of coder_script.x can't be used."


@pytest.mark.parametrize("cron", ["null", '"0 0 0 * * *"', "data.coder_parameter.p.value"])
def test_nothing_is_said_of_what_is_right_or_not_known(cron: str) -> None:
    assert codes(script("x", cron=cron) + 'data "coder_parameter" "p" {\n  name = "p"\n}\n') == []
