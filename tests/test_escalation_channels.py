"""By which channel a level goes out, and that repeats do not pile up behind quiet hours."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flows.notices import send_all_due
from models.exchange import Notice
from models.vocabulary import NoticeState, Target
from notifications.channels import load_channels
from tasks.workplace import use_workplace
from tests.harness.desk_on_paper import START
from tests.harness.ladders import alerts_of, climb, repeats, rung
from tests.harness.lone_desk import LoneDesk
from tests.harness.times import moment
from tests.small_desk import small_desk

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LoneDesk]:
    """A fresh desk, Monday 09:00."""
    desk = LoneDesk(small_desk(tmp_path / "desk"))
    use_workplace(desk.place)
    yield desk
    desk.place.database.close()


def with_own_channel(desk: LoneDesk, tmp_path: Path) -> None:
    """EDU gets a channel with quiet hours from 21:00 to 07:00, as shipped."""
    address = f"jsonl://localhost{tmp_path}/edu.jsonl"
    channels = load_channels(None, {"WHISTLE_CHANNEL_EDU": address}, tmp_path)
    desk.place = replace(desk.place, channels=channels)
    use_workplace(desk.place)


def test_repeats_do_not_pile_up_behind_quiet_hours(desk: LoneDesk, tmp_path: Path) -> None:
    """Told at 22:00 and every hour: at 06:59 one alert waits; at 07:00 it goes, and the repeats begin."""
    climb(desk, rung(1, "11 h before due", repeat={"every": "1 h", "at_most": 3}))
    with_own_channel(desk, tmp_path)
    label = desk.take_in(kind="S09")
    desk.advance(moment("Tue 2026-03-03 06:59"))
    assert alerts_of(desk, label, Target.ACCEPTANCE) == {"EDU": 1}
    told = [each for each in desk.rows(Notice, label) if each.ask == "supervise"]
    assert [each.state for each in told] == [NoticeState.WAITING]
    assert repeats(desk, label, Target.ACCEPTANCE) == []
    morning = moment("Tue 2026-03-03 07:00")
    send_at_seven(desk, morning)
    desk.advance(moment("Tue 2026-03-03 12:00"))
    assert repeats(desk, label, Target.ACCEPTANCE) == [morning + hours * HOUR for hours in (1, 2, 3)]


def send_at_seven(desk: LoneDesk, at: datetime) -> None:
    """What the desk's own flow for waiting notices does; a resting case is not woken for it."""
    desk.jump(at)
    send_all_due.fn(at)


def test_a_rung_with_a_channel_takes_it_also_at_night(desk: LoneDesk, tmp_path: Path) -> None:
    """Through on_duty, which knows neither quiet hours nor digests, though EDU's own channel does."""
    climb(desk, rung(1, "11 h before due", channel="on_duty"), rung(2, "10 h before due"))
    with_own_channel(desk, tmp_path)
    label = desk.take_in(kind="S09")
    desk.advance(moment("Mon 2026-03-02 23:30"))
    sent = {each.by_channel: each for each in desk.rows(Notice, label) if each.ask == "supervise"}
    assert sent["on_duty"].channel == "on_duty"
    assert sent["on_duty"].sent_at == moment("Mon 2026-03-02 22:00")
    assert sent[None].state is NoticeState.WAITING


def test_a_channel_that_is_gone_from_the_file_loses_no_alert(desk: LoneDesk) -> None:
    """It takes the recipient's own, and the outbox says why."""
    climb(desk, rung(1, "warning", channel="carrier_pigeon"))
    label = desk.take_in(kind="S09")
    desk.advance(START + 20 * HOUR)
    (sent,) = [each for each in desk.rows(Notice, label) if each.by_channel]
    assert (sent.state, sent.channel) == (NoticeState.SENT, "desk_file")
    assert sent.error_code == "CHANNEL_NOT_CONFIGURED"
