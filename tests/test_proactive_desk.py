"""Proactive orders from end to end: the real Prefect server, a real HTTP receiver, the real pages; and who may see what."""

import logging
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import get_client
from sqlmodel import select

from desk.people.keys import make_key
from flows.clock import set_clock
from flows.early_warning import warn_early
from flows.proactive import OrdersNotTendedError, tend_orders
from models.early_warnings import EarlyWarning
from models.exchange import Notice
from models.house import AccessLog
from models.proactive import OrderAct, ProactiveOrder, entries_of
from models.proactive_moves import OrderState
from models.vocabulary import Role
from notifications.sending import send_due
from tasks.proactive import ticking
from tasks.warnings import storing
from tests.harness.open_desk import OpenDesk, open_desk
from tests.harness.prefect_server import PrefectServer
from tests.harness.times import moment
from tests.test_privacy_canary import FLUSHED_SECONDS

SCHOOL, PLAN, RESULT, BRIEF = "雪鸮第三小学", "方案金丝雀雪雁", "结果金丝雀雪兔", "说明金丝雀雪莲"
get, post = partial(httpx.get, timeout=60), partial(httpx.post, timeout=60)
"""A busy machine may take its time."""
CANARIES = (SCHOOL, PLAN, RESULT, BRIEF, "雪鸮", "1391234567")


@pytest.fixture
def desk(tmp_path: Path, prefect_server: PrefectServer) -> Iterator[OpenDesk]:
    """Three people have reported one school the day before; flows read the desk's clock."""
    with open_desk(tmp_path / "desk") as desk:
        desk.now = moment("Mon 2026-03-02 10:00")
        for number in range(3):
            desk.take_in(
                text=f"{SCHOOL}的老师体罚学生，第{number}次", kind="S01", district="D1", complained_of="SCHOOL",
                reporter={"contact": f"1391234567{number}"},
            )  # fmt: skip
            desk.run_due()
        send_due(desk.place.database, desk.place.channels, desk.now)
        desk.hook.told.clear()
        desk.now = moment("Tue 2026-03-03 04:31")
        set_clock(lambda: desk.now)
        with desk.place.database.writing() as session:
            for role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR):
                desk.__dict__.setdefault("keys", {})[role] = make_key(session, role, role, None, desk.now)
        try:
            yield desk
        finally:
            set_clock()


def rows(desk: OpenDesk, table: type[Any]) -> list[Any]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(table)))


def links(desk: OpenDesk) -> list[str]:
    words = [part for _, told in desk.hook.told for part in str(told["message"]).split()]
    return [word[word.index("http") :] for word in words if "/p/" in word]


def deliver(desk: OpenDesk) -> None:
    """In the working day, when no quiet hours hold anything back."""
    send_due(desk.place.database, desk.place.channels, desk.now)


def once_on(text: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', text)
    assert found, "the page has a form"
    return found[1]


def answer(link: str, act: OrderAct, **form: Any) -> httpx.Response:
    data = {"once": once_on(get(link).text), **form}
    return post(f"{link}/{act.value}?lang=en", data=data, follow_redirects=True)


def as_(desk: OpenDesk, role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {desk.__dict__['keys'][role]}"}


def decide(desk: OpenDesk, act: OrderAct, role: Role = Role.SUPERVISOR, **form: Any) -> httpx.Response:
    page = f"{desk.base}/proactive/P-000001"
    once = once_on(get(page, headers=as_(desk, Role.SUPERVISOR)).text)
    return post(f"{page}/say/{act.value}?lang=en", data={"once": once, **form}, headers=as_(desk, role), follow_redirects=True)


def killed(*_: object, **__: object) -> None:
    raise RuntimeError(f"killed over {SCHOOL}")


def test_from_the_warning_to_the_closing_with_a_kill_at_every_step_and_no_word_outside(
    desk: OpenDesk, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    link = _a_night_that_is_killed(desk, monkeypatch)
    _told_in_words_and_accepted(desk, link)
    _late_and_killed_while_it_is_told(desk, monkeypatch)
    _planned_done_and_closed(desk, link)
    with desk.place.database.reading() as session:
        acts = [each.act for each in entries_of(session, 1)]
    assert acts == [
        OrderAct.OPENED, OrderAct.BRIEFED, OrderAct.ACCEPTED, OrderAct.ESCALATED, OrderAct.PLANNED, OrderAct.RESULT_GIVEN,
        OrderAct.EVALUATION_DUE, OrderAct.CLOSED,
    ]  # fmt: skip
    deliver(desk)
    assert len(desk.hook.ids) == len(set(desk.hook.ids)), "no alert left twice"
    keys = [each.dedupe_key for each in rows(desk, Notice)]
    assert len(keys) == len(set(keys))
    printed = capfd.readouterr()
    _no_word_is_outside(desk, prefect_server, caplog.text, printed.out + printed.err)


def _a_night_that_is_killed(desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> str:
    """After it has stored and before it can say so; the link of the one alert that left."""
    with monkeypatch.context() as patched:
        patched.setattr(storing, "_note_judged", killed)
        with pytest.raises(Exception, match="RuntimeError@") as error:
            warn_early()
    assert SCHOOL not in str(error.value)
    assert warn_early() == "0 new warnings", "what is stored is not stored again"
    assert (len(rows(desk, EarlyWarning)), len(rows(desk, ProactiveOrder))) == (1, 1)
    desk.now = moment("Tue 2026-03-03 09:30")
    deliver(desk)
    deliver(desk)
    (link,) = links(desk)
    assert "P-000001" in desk.hook.told[0][1]["message"]
    return link


def _told_in_words_and_accepted(desk: OpenDesk, link: str) -> None:
    assert "Saved:" in decide(desk, OrderAct.BRIEFED, text=f"{BRIEF}：请核查体罚情况").text
    assert BRIEF not in get(link).text, "words are a button away"
    assert BRIEF in post(f"{link}/words").text
    assert "Saved:" in answer(link, OrderAct.ACCEPTED).text


def _late_and_killed_while_it_is_told(desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.now = moment("Fri 2026-03-06 10:00")
    with monkeypatch.context() as patched:
        patched.setattr(ticking, "tell_supervisor", killed)
        patched.setattr("flows.proactive.tend_one.retry_delay_seconds", 0)
        with pytest.raises(OrdersNotTendedError, match="P-000001"):
            tend_orders()
    assert tend_orders() == "0 reminded, 1 escalated, 0 to decide on"
    assert tend_orders() == "0 reminded, 0 escalated, 0 to decide on"


def _planned_done_and_closed(desk: OpenDesk, link: str) -> None:
    assert "Saved:" in answer(link, OrderAct.PLANNED, text=PLAN).text
    assert "Saved:" in answer(link, OrderAct.RESULT_GIVEN, text=RESULT, measures=["inspection", "rectification"]).text
    refused = decide(desk, OrderAct.CLOSED, reason="solved")
    assert refused.status_code == 422 and "a check is missing" in refused.text
    desk.now = moment("Fri 2026-04-03 10:00")
    assert tend_orders() == "0 reminded, 0 escalated, 1 to decide on"
    assert "Saved:" in decide(desk, OrderAct.CLOSED, reason="solved").text
    (order,) = rows(desk, ProactiveOrder)
    assert (order.state, order.close_reason) == (OrderState.CLOSED, "solved")
    assert "<form" not in get(link).text, "nothing more to do"


def _no_word_is_outside(desk: OpenDesk, prefect_server: PrefectServer, log: str, printed: str) -> None:
    """Neither in Prefect's files and artifacts, nor in any log, alert, or plain column of ours."""
    time.sleep(FLUSHED_SECONDS)
    with get_client(sync_client=True) as client:
        artifacts = client.request("POST", "/artifacts/filter", json={}).text
    assert '"early-warning"' in artifacts and '"proactive-orders"' in artifacts
    for name, text in (("artifacts", artifacts), ("log", log), ("printed", printed), ("alerts", repr(desk.hook.told))):
        assert not [each for each in CANARIES if each in text], name
    for file in (*prefect_server.files, *desk.place.settings.home.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            assert not [each for each in CANARIES if each.encode() in content], file
            assert not [each for each in CANARIES if each.encode("unicode_escape") in content], file


def test_who_sees_what_of_an_order(desk: OpenDesk) -> None:
    warn_early()
    desk.now = moment("Tue 2026-03-03 09:30")
    deliver(desk)
    (link,) = links(desk)
    answer(link, OrderAct.OBJECTED, reason="no_rise", text=PLAN)
    page = f"{desk.base}/proactive/P-000001"
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR):
        shown = get(f"{page}?lang=en", headers=as_(desk, role))
        assert shown.status_code == 200 and "Objection to decide" in shown.text
        assert not [each for each in CANARIES if each in shown.text], role
        assert ("/say/" in shown.text) == (role is Role.SUPERVISOR)
        assert ("W-000001" in shown.text) == (role is not Role.ADMINISTRATOR), "requests, for those who handle them"
        opened = post(f"{page}/words", headers=as_(desk, role))
        assert (opened.status_code, PLAN in opened.text) == ((200, True) if role is Role.SUPERVISOR else (403, False))
        said = post(f"{page}/say/withdrawn", data={"once": "x" * 20, "reason": "opened_in_error"}, headers=as_(desk, role)) if role is not Role.SUPERVISOR else None
        assert said is None or said.status_code == 403
    logged = [each for each in rows(desk, AccessLog) if each.what == "proactive_words"]
    assert [(each.subject, each.allowed) for each in logged] == [("P-000001", True)]
    assert get(page).status_code == 401


def test_the_list_shows_orders_in_both_languages_and_what_is_late(desk: OpenDesk) -> None:
    warn_early()
    desk.now = moment("Fri 2026-03-06 10:00")
    for language, words in (("en", ("To be accepted", "late", "Education")), ("zh", ("待签收", "已超期", "教育"))):
        shown = get(f"{desk.base}/proactive?lang={language}", headers=as_(desk, Role.OPERATOR)).text
        for word in ("P-000001", *words):
            assert word in shown, (language, word)
    assert "No orders." not in get(f"{desk.base}/proactive?lang=en&which=all", headers=as_(desk, Role.OPERATOR)).text


def test_a_link_works_for_its_unit_only_while_it_has_the_order_and_a_month_after_it_is_over(desk: OpenDesk) -> None:
    warn_early()
    desk.now = moment("Tue 2026-03-03 09:30")
    deliver(desk)
    (link,) = links(desk)
    decide(desk, OrderAct.OWNER_NAMED, owner="PROC")
    assert get(link).status_code == 404
    (order,) = rows(desk, ProactiveOrder)
    newer = f"{desk.base}/p/{order.token}"
    assert get(newer).status_code == 200
    decide(desk, OrderAct.WITHDRAWN, reason="opened_in_error")
    assert post(f"{newer}/accepted", data={"once": "x" * 20}).status_code == 409
    desk.now += timedelta(days=30)
    assert get(newer).status_code == 200
    desk.now += timedelta(seconds=1)
    assert get(newer).status_code == 404
    for nonsense in ("x", "%00", "a" * 500):
        assert get(f"{desk.base}/p/{nonsense}").status_code == 404


def test_a_form_that_does_not_fit_is_told_beside_it_and_what_was_typed_stays(desk: OpenDesk) -> None:
    warn_early()
    desk.now = moment("Tue 2026-03-03 09:30")
    deliver(desk)
    (link,) = links(desk)
    answered = answer(link, OrderAct.RESULT_GIVEN, text="已核查")
    assert answered.status_code == 422 and "mark what was done" in answered.text and "已核查" in answered.text
    told = decide(desk, OrderAct.BRIEFED, text="请致电13912345671")
    assert told.status_code == 422 and "tells who reported" in told.text
    assert post(f"{link}/closed", data={"once": "x" * 20, "reason": "solved"}).status_code == 409, "a supervisor's act"
    assert post(f"{link}/accepted", content=b"\xff\xfe").status_code == 422
