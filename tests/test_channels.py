"""Who is told by which channel, and what a bad file is answered with."""

from pathlib import Path

import pytest

from models.rule_files import RuleFileError
from models.vocabulary import Recipient
from notifications.channels import BackOff, Channels, Trouble, load_channels

DEPARTMENTS = [
    "POLICE", "CIVIL", "EDU", "HEALTH", "CYBER", "PROC", "COURT", "WOMEN",
    "YOUTH", "MARKET", "CULTURE", "LABOUR", "JUSTICE", "DISABLED", "STREET", "TOBACCO",
    "PRESS", "COMMERCE", "SPORT", "TRANSPORT", "FIRE", "URBAN",
]
EVERYBODY = [*DEPARTMENTS, *(f"CHIEF:{code}" for code in DEPARTMENTS), *Recipient]


def shipped(home: Path, **environment: str) -> Channels:
    return load_channels(None, environment, home)


def names(channels: Channels, recipient: str) -> list[str]:
    return [channel.name for channel in channels.way_to(recipient).channels]


def address(channels: Channels, recipient: str) -> str:
    return channels.way_to(recipient).channels[0].url.get_secret_value()


def test_the_shipped_file_knows_everybody(tmp_path: Path) -> None:
    assert sorted(shipped(tmp_path).recipients) == sorted(EVERYBODY)


@pytest.mark.parametrize("recipient", EVERYBODY)
def test_on_a_bare_machine_everybody_is_told_by_the_file_at_once(tmp_path: Path, recipient: str) -> None:
    way = shipped(tmp_path).way_to(recipient)
    assert [channel.name for channel in way.channels] == ["desk_file"]
    assert way.trouble is None
    assert way.channels[0].url.get_secret_value() == f"jsonl://localhost{tmp_path}/alerts.jsonl"
    assert (way.channels[0].rule.quiet_hours, way.channels[0].rule.digest_minutes) == (None, 0)


def test_one_variable_is_enough_for_a_department_and_the_file_stays_behind_it(tmp_path: Path) -> None:
    channels = shipped(tmp_path, WHISTLE_CHANNEL_EDU="mailto://a:b@mail.example.org")
    assert address(channels, "EDU") == "mailto://a:b@mail.example.org"
    assert names(channels, "EDU") == ["department", "desk_file"]
    assert names(channels, "CHIEF:EDU") == ["desk_file"]
    assert names(channels, "CIVIL") == ["desk_file"]
    assert channels.way_to("EDU").channels[0].rule.digest_minutes == 15


@pytest.mark.parametrize(
    ("recipient", "variable"),
    [
        ("CHIEF:EDU", "WHISTLE_CHANNEL_CHIEF_EDU"),
        ("DUTY_SUPERVISOR", "WHISTLE_CHANNEL_DUTY_SUPERVISOR"),
        ("FIRE", "WHISTLE_CHANNEL_FIRE"),
    ],
)
def test_every_recipient_has_a_variable_of_its_own(tmp_path: Path, recipient: str, variable: str) -> None:
    channels = load_channels(None, {variable: "json://there"}, tmp_path)
    assert address(channels, recipient) == "json://there"
    assert recipient not in channels.unset_variables()
    assert len(channels.unset_variables()) == len(EVERYBODY) - 1
    assert shipped(tmp_path).unset_variables()[recipient] == (variable,)


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert names(shipped(tmp_path, WHISTLE_CHANNEL_EDU=""), "EDU") == ["desk_file"]


@pytest.mark.parametrize("recipient", ["NOBODY", "CHIEF:NOBODY", "CHIEF:*", "", "CHIEF:", "edu"])
def test_an_unknown_recipient_is_told_by_the_default_channel_with_a_code(
    tmp_path: Path, recipient: str
) -> None:
    way = shipped(tmp_path).way_to(recipient)
    assert [channel.name for channel in way.channels] == ["desk_file"]
    assert way.trouble is Trouble.RECIPIENT_UNKNOWN


def test_a_folder_with_spaces_and_chinese_letters_becomes_part_of_an_address(tmp_path: Path) -> None:
    assert address(shipped(tmp_path / "a b" / "报"), "EDU").endswith("/a%20b/%E6%8A%A5/alerts.jsonl")


def test_secrets_do_not_show_in_any_text_about_channels(tmp_path: Path) -> None:
    channels = shipped(tmp_path, WHISTLE_CHANNEL_EDU="mailto://me:hunter2@mail.example.org")
    assert "hunter2" not in repr(channels.way_to("EDU")) + repr(channels) + str(channels.file)


def test_waits_grow_by_the_factor_up_to_the_cap() -> None:
    waits = BackOff(base_seconds=10, factor=3, cap_seconds=100)
    assert [waits.after(n).total_seconds() for n in (1, 2, 3, 4, 5000)] == [10, 30, 90, 100, 100]


def test_attempts_walk_through_the_fallbacks(tmp_path: Path) -> None:
    way = shipped(tmp_path, WHISTLE_CHANNEL_EDU="json://there").way_to("EDU")
    walk = [(way.at(n)[0].name, way.at(n)[1]) for n in range(5)]
    assert walk == [
        ("department", 0),
        ("department", 1),
        ("department", 2),
        ("desk_file", 0),
        ("desk_file", 1),
    ]
    assert way.attempts_in_all == 3 + 20


GOOD = """\
default: file
channels:
  file:
    url: jsonl://localhost${WHISTLE_HOME}/alerts.jsonl
  mail:
    url: ${MAIL}
    fallback: file
recipients:
  EDU: mail
"""


def load(tmp_path: Path, text: str) -> Channels:
    path = tmp_path / "channels.yaml"
    path.write_text(text, encoding="utf-8")
    return load_channels(path, {}, tmp_path)


def test_the_small_file_of_these_tests_is_good(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).recipients == ["EDU"]


def test_a_channel_without_configuration_or_fallback_leaves_the_default(tmp_path: Path) -> None:
    way = load(tmp_path, GOOD.replace("    fallback: file\n", "")).way_to("EDU")
    assert [channel.name for channel in way.channels] == ["file"]
    assert way.trouble is Trouble.CHANNEL_NOT_CONFIGURED


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("default: file", "default: flie", "1:1: default: there is no channel named flie"),
        ("default: file", "default: mail", "1:1: default: the default channel must work: set MAIL"),
        ("EDU: mail", "EDU: mial", "9:3: recipients.EDU: there is no channel named mial"),
        ("fallback: file", "fallback: fax", "7:5: channels.mail.fallback: there is no channel named fax"),
        (
            "fallback: file",
            "fallback: mail",
            "7:5: channels.mail.fallback: the fallbacks lead back here",
        ),
        (
            "fallback: file",
            "falback: file",
            "7:5: channels.mail.falback: unknown key; remove it or correct its spelling",
        ),
        (
            "${WHISTLE_HOME}",
            "/${WHISTLE_CHANNEL_<CODE>}",
            "4:5: channels.file.url: the default channel serves everybody; remove <CODE>",
        ),
        (
            "${MAIL}",
            "${mail}",
            "6:5: channels.mail.url: a variable is written ${LIKE_THIS}: capitals, digits and underscores",
        ),
        (
            "fallback: file",
            "max_attempts: 0",
            "7:5: channels.mail.max_attempts: Input should be greater than or equal to 1",
        ),
        (
            "fallback: file",
            'quiet_hours: {from: "21:00", to: "07:00", zone: Asia/Shanghia}',
            "7:47: channels.mail.quiet_hours.zone: invalid timezone: Asia/Shanghia",
        ),
        (
            "fallback: file",
            'quiet_hours: {from: "21:00", to: "21:00", zone: Asia/Shanghai}',
            "7:5: channels.mail.quiet_hours: from and to are the same; leave quiet_hours out for none",
        ),
        (
            "fallback: file",
            "back_off: {base_seconds: 10, cap_seconds: 5}",
            "7:5: channels.mail.back_off: cap_seconds is below base_seconds",
        ),
        (
            "fallback: file",
            "language: fr",
            "7:5: channels.mail.language: Input should be 'zh', 'en' or 'both'",
        ),
    ],
)
def test_a_bad_file_is_answered_with_file_line_column_and_field(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(RuleFileError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert caught.value.problems == (f"{tmp_path / 'channels.yaml'}:{problem}",)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("EDU: mail", "EDU: mial").replace("fallback: file", "fallback: fax")
    with pytest.raises(RuleFileError) as caught:
        load(tmp_path, text)
    assert len(caught.value.problems) == 2
