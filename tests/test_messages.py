"""The words of alerts, compared whole, and the hours they may be sent at."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.vocabulary import Ask, Grade
from notifications.messages import ASKED, Alert, Language, Message, digest_of, due_in_words, message_of
from notifications.quiet import BREAKS_THROUGH, Pace, QuietHours, earliest_send

LINK = "https://desk.example.org/o/Zk3"
BEIJING = ZoneInfo("Asia/Shanghai")


def alert(number: int = 123, grade: Grade = Grade.U3, due: datetime | None = None) -> Alert:
    return Alert(f"W-{number:06d}", grade, Ask.ACCEPT_ORDER, due, LINK)


DUE = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Beijing


def test_an_alert_in_chinese_holds_five_facts_and_nothing_else() -> None:
    assert message_of(alert(due=DUE), Language.ZH) == Message(
        "W-000123 U3 请签收承办单",
        "编号：W-000123\n等级：U3\n事项：请签收承办单\n时限：2026-11-30（周一）09:00\n"
        "链接：https://desk.example.org/o/Zk3",
    )


def test_an_alert_in_english_holds_five_facts_and_nothing_else() -> None:
    assert message_of(alert(due=DUE), Language.EN) == Message(
        "W-000123 U3 Accept the order",
        "Case: W-000123\nGrade: U3\nAsked: Accept the order\nDue: Mon 2026-11-30 09:00 (Beijing time)\n"
        "Link: https://desk.example.org/o/Zk3",
    )


def test_an_alert_in_both_languages_says_the_same_twice() -> None:
    chinese, english = (message_of(alert(due=DUE), one) for one in (Language.ZH, Language.EN))
    assert message_of(alert(due=DUE), Language.BOTH) == Message(
        "W-000123 U3 请签收承办单 / Accept the order", f"{chinese.body}\n\n{english.body}"
    )


def test_an_alert_without_a_due_time_has_no_line_for_it() -> None:
    assert message_of(alert(), Language.EN).body == (
        "Case: W-000123\nGrade: U3\nAsked: Accept the order\nLink: https://desk.example.org/o/Zk3"
    )


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (datetime(2024, 5, 10, 15, 59, tzinfo=UTC), "Fri 2024-05-10 23:59 (Beijing time)"),
        (datetime(2024, 5, 10, 16, 0, tzinfo=UTC), "Fri 2024-05-10 24:00 (Beijing time)"),
        (datetime(2024, 5, 10, 16, 1, tzinfo=UTC), "Sat 2024-05-11 00:01 (Beijing time)"),
    ],
)
def test_the_day_of_a_due_time_is_beijings(due: datetime, words: str) -> None:
    assert due_in_words(due, Language.EN) == words


def test_every_ask_has_words_and_no_ask_shares_them() -> None:
    assert set(ASKED) == set(Ask)
    for place in (0, 1):
        words = [each[place] for each in ASKED.values()]
        assert all(words)
        assert len(set(words)) == len(words)


# Hazards 1 and 8 of the domain notes: a screen may be read by the very person it is about.
TELLING = re.compile(
    r"未成年|孩|儿童|学生|性侵|虐|欺凌|家暴|失踪|自杀|报警|强制报告|公安|警|12345|举报"
    r"|child|minor|student|abuse|bully|violence|missing|suicide|police|hotline|victim|danger|emergency|mandatory report",
    re.IGNORECASE,
)


@pytest.mark.parametrize("ask", list(Ask))
@pytest.mark.parametrize("grade", list(Grade))
def test_no_alert_tells_a_bystander_what_it_is_about(ask: Ask, grade: Grade) -> None:
    message = message_of(Alert("W-000123", grade, ask, DUE, LINK), Language.BOTH)
    assert TELLING.search(message.title + message.body) is None


def test_a_digest_puts_the_gravest_first_and_counts_in_the_title() -> None:
    sooner, later = DUE, DUE + timedelta(days=1)
    alerts = [
        alert(1, Grade.UC),
        alert(2, Grade.U3, later),
        alert(3, Grade.U3, sooner),
        alert(4, Grade.U4, later),
        alert(5, Grade.U3),
    ]
    digest = digest_of(alerts, Language.EN)
    assert digest.title == "5 alerts"
    assert re.findall(r"W-\d+", digest.body) == ["W-000004", "W-000003", "W-000002", "W-000005", "W-000001"]


def test_a_digest_is_nothing_but_its_alerts() -> None:
    two = [alert(1), alert(2, due=DUE)]
    blocks = [message_of(each, Language.ZH).body for each in (two[1], two[0])]
    assert digest_of(two, Language.ZH) == Message("2 项待办通知", "\n\n".join(blocks))
    assert digest_of(two, Language.BOTH).title == "2 项待办通知 / 2 alerts"


def test_a_digest_of_one_reads_as_the_alert_alone() -> None:
    assert digest_of([alert(due=DUE)], Language.BOTH) == message_of(alert(due=DUE), Language.BOTH)


# --- when ---------------------------------------------------------------------------------------


def quiet(starts: str, ends: str, zone: str) -> QuietHours:
    return QuietHours.model_validate({"from": starts, "to": ends, "zone": zone})


NIGHT = quiet("21:00", "07:00", "Asia/Shanghai")
SLOW = Pace(quiet_hours=NIGHT, digest_minutes=15)


def beijing(clock: str) -> datetime:
    """`Fri 2024-05-10 21:00`, with the weekday checked."""
    moment = datetime.strptime(clock, "%a %Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    assert f"{moment:%a}" == clock[:3], clock
    return moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("ready", "goes_out"),
    [
        ("Fri 2024-05-10 10:00:00", "Fri 2024-05-10 10:00:00"),
        ("Fri 2024-05-10 10:00:01", "Fri 2024-05-10 10:15:00"),
        ("Fri 2024-05-10 20:45:00", "Fri 2024-05-10 20:45:00"),
        ("Fri 2024-05-10 20:45:01", "Sat 2024-05-11 07:00:00"),
        ("Fri 2024-05-10 20:59:59", "Sat 2024-05-11 07:00:00"),
        ("Fri 2024-05-10 21:00:00", "Sat 2024-05-11 07:00:00"),
        ("Fri 2024-05-10 23:59:59", "Sat 2024-05-11 07:00:00"),
        ("Sat 2024-05-11 00:00:00", "Sat 2024-05-11 07:00:00"),
        ("Sat 2024-05-11 06:59:59", "Sat 2024-05-11 07:00:00"),
        ("Sat 2024-05-11 07:00:00", "Sat 2024-05-11 07:00:00"),
        ("Sat 2024-05-11 07:00:01", "Sat 2024-05-11 07:15:00"),
    ],
)
@pytest.mark.parametrize("grade", [Grade.U3, Grade.U4, Grade.UC])
def test_a_routine_alert_waits_for_the_digest_and_for_the_morning(
    grade: Grade, ready: str, goes_out: str
) -> None:
    answer = earliest_send(grade, SLOW, beijing(ready))
    assert answer == beijing(goes_out)
    assert earliest_send(grade, SLOW, answer) == answer


@pytest.mark.parametrize("grade", [Grade.U0, Grade.U1, Grade.U2])
def test_a_grave_alert_breaks_through_in_the_middle_of_the_night(grade: Grade) -> None:
    night = beijing("Sat 2024-05-11 03:00:01")
    assert earliest_send(grade, SLOW, night) == night


def test_every_grade_is_either_routine_or_breaks_through() -> None:
    assert set(BREAKS_THROUGH) == set(Grade)


def test_a_channel_without_quiet_hours_and_digest_sends_at_once() -> None:
    night = beijing("Sat 2024-05-11 03:00:01")
    assert earliest_send(Grade.UC, Pace(), night) == night


def test_quiet_hours_within_one_day_end_the_same_day() -> None:
    siesta = Pace(quiet_hours=quiet("12:00", "14:00", "Asia/Shanghai"))
    assert earliest_send(Grade.U3, siesta, beijing("Fri 2024-05-10 12:00:00")) == beijing(
        "Fri 2024-05-10 14:00:00"
    )
    assert earliest_send(Grade.U3, siesta, beijing("Fri 2024-05-10 11:59:59")) == beijing(
        "Fri 2024-05-10 11:59:59"
    )


@pytest.mark.parametrize(
    ("ready", "goes_out"),
    [
        # Berlin, 31 March 2024: 02:00 becomes 03:00, the night is an hour shorter.
        (datetime(2024, 3, 30, 21, 0, tzinfo=UTC), datetime(2024, 3, 31, 5, 0, tzinfo=UTC)),
        # 27 October 2024: 03:00 becomes 02:00, the night is an hour longer.
        (datetime(2024, 10, 26, 20, 0, tzinfo=UTC), datetime(2024, 10, 27, 6, 0, tzinfo=UTC)),
    ],
    ids=["spring", "autumn"],
)
def test_the_morning_is_the_wall_clocks_when_clocks_change(ready: datetime, goes_out: datetime) -> None:
    berlin = Pace(quiet_hours=quiet("22:00", "07:00", "Europe/Berlin"))
    assert earliest_send(Grade.U3, berlin, ready) == goes_out


@pytest.mark.parametrize("day", ["2024-03-30", "2024-10-26"])
@pytest.mark.parametrize("ends", ["02:00", "02:30", "03:00"])
def test_no_alert_is_put_off_for_ever_by_a_clock_change(day: str, ends: str) -> None:
    pace = Pace(quiet_hours=quiet("22:00", ends, "Europe/Berlin"), digest_minutes=45)
    start = datetime.fromisoformat(f"{day}T18:00:00+00:00")
    for minutes in range(0, 16 * 60, 7):
        ready = start + timedelta(minutes=minutes)
        first = earliest_send(Grade.U3, pace, ready)
        second = earliest_send(Grade.U3, pace, first)
        assert ready <= first <= second == earliest_send(Grade.U3, pace, second)
        assert second - ready < timedelta(hours=10)
        assert not NIGHT_OF[ends].holds(second)


NIGHT_OF = {ends: quiet("22:00", ends, "Europe/Berlin") for ends in ("02:00", "02:30", "03:00")}


def test_quiet_hours_that_never_end_are_refused() -> None:
    with pytest.raises(ValueError, match="from and to are the same"):
        quiet("21:00", "21:00", "Asia/Shanghai")
