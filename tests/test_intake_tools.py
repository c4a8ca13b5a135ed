"""What helps the operator while the caller speaks: the short form, drafts, hints of the same matter, the knowledge base."""

import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from desk.pages.intake_words import SAY, STALE_MARK
from desk.pages.translation import say
from models.accounts import StaffTie
from models.case import Case
from models.drafts import IntakeDraft
from models.house import AccessLog
from models.record import Event
from models.vault import MasterKeyError
from models.vocabulary import CallType, Nature, Role
from notifications.messages import Language
from tasks.links.backlog import index_cases
from tasks.news.inbox import Speaker
from tasks.receiving.drafts import KEPT_FOR, MOST_KEPT, drafts_of, forget_old_drafts, keep_draft, open_draft
from tasks.receiving.knowledge import Uses, knowledge_of, uses_of_knowledge
from tasks.receiving.repeated_calls import RepeatedCalls, repeated_calls
from tests.api_desk import NOW, ApiDesk, Wall, api_desk

CANARY = "CANARY麒麟13900000000"
SHARP = '<script>alert("x")</script>'
FIRST = {"text": "第三小学四年级的学生被同学打，住在朝阳小区3号楼。", "kind": "S01", "child": {"name": "王小明"},
         "reporter": {"name": "报案的邻居", "contact": "000-55512345"}}  # fmt: skip
TYPED = {"danger_now": "false", "text": "王小明今天又被打了", "child.name": "王小明", "reporter.contact": "000 5551 2345"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def send(desk: ApiDesk, act: str, who: str = "operator", lang: str = "zh", once: str = "a" * 20, **fields: str) -> httpx.Response:
    data = {"act": act, "once": once, **fields}
    return desk.client.post(f"/intake?lang={lang}", data=data, auth=("x", desk.keys[who]), follow_redirects=False)


def see(desk: ApiDesk, path: str, who: str = "operator") -> httpx.Response:
    answer: httpx.Response = desk.client.get(path, auth=("x", desk.keys[who]))
    return answer


def cases(desk: ApiDesk) -> list[Case]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(Case)))


def drafts(desk: ApiDesk) -> list[IntakeDraft]:
    with desk.place.database.reading() as session:
        return list(session.exec(select(IntakeDraft)))


# --- the short form -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "line"), [("zh", "无声电话。"), ("en", "Silent call.")])
def test_a_silent_call_is_two_steps_and_one_case(desk: ApiDesk, lang: str, line: str) -> None:
    answers = [send(desk, "short", lang=lang, call_type="silent", **{"reporter.contact": CANARY}) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    [case] = cases(desk)
    assert (case.call_type, case.given_kind, case.nature, case.language) == (CallType.SILENT, "X05", Nature.OTHER, lang)
    assert desk.place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct or b"") == line
    assert b"CANARY" not in (desk.place.settings.home / "cases.db").read_bytes()


def test_a_short_call_without_its_type_is_told_and_keeps_the_note(desk: ApiDesk) -> None:
    answer = send(desk, "short", text=f"有哭声 {SHARP}", danger_now="true")
    assert answer.status_code == 422 and 'aria-describedby="short-call_type-problem"' in answer.text
    assert "有哭声 &lt;script&gt;" in answer.text and SHARP not in answer.text
    assert "<details open>" in answer.text and cases(desk) == []
    assert send(desk, "short", call_type="child_about_self").status_code == 422


def test_the_long_form_says_who_calls(desk: ApiDesk) -> None:
    send(desk, "save", danger_now="false", text="我是学生", call_type="child_about_self")
    assert cases(desk)[0].call_type is CallType.CHILD_ABOUT_SELF


# --- the emergency hand-over --------------------------------------------------------------------------------------


def test_a_hand_over_is_asked_for_beside_the_danger_and_is_never_needed(desk: ApiDesk) -> None:
    page = see(desk, "/intake?lang=en").text
    assert page.index('name="danger_now" value="true" required') < page.index('name="handed_over.to"') < page.index("2. What is told")
    assert "can be added later on the page of the case" in page
    given = {"handed_over.to": "110", "handed_over.at": "2026-11-23T11:58", "handed_over.receipt": "JJ-7", "handed_over.by": "0412"}
    assert send(desk, "save", danger_now="true", text="孩子被打", **given).status_code == 303
    with desk.place.database.reading() as session:
        [told] = session.exec(select(Event).where(Event.kind == "emergency_handed_over")).all()
    assert told.facts == {"told": "110", "said_at": "2026-11-23T11:58:00+08:00", "said_receipt": "JJ-7", "said_by": "0412"}


@pytest.mark.parametrize(
    ("given", "marked"),
    [
        ({"handed_over.receipt": "JJ-7"}, "handed_over-to"),
        ({"handed_over.to": "911"}, "handed_over-to"),
        ({"handed_over.to": "110", "handed_over.receipt": "<b>"}, "handed_over-receipt"),
        ({"handed_over.to": "110", "handed_over.at": "2026-11-23T12:06"}, "handed_over-at"),
        ({"handed_over.to": "110", "handed_over.at": "yesterday"}, "handed_over-at"),
        ({"handed_over.to": "120", "handed_over.by": "王警官"}, "handed_over-by"),
    ],
)
def test_a_wrong_hand_over_is_marked_and_nothing_is_lost(desk: ApiDesk, given: dict[str, str], marked: str) -> None:
    answer = send(desk, "save", danger_now="true", text="孩子被打", **given)
    assert answer.status_code == 422 and f'id="in-{marked}-problem"' in answer.text
    assert "孩子被打" in answer.text and cases(desk) == [] and len(drafts(desk)) == 1


# --- drafts -------------------------------------------------------------------------------------------------------


def test_a_draft_survives_sealed_and_becomes_one_case(desk: ApiDesk) -> None:
    kept = send(desk, "draft", text=CANARY, **{"child.name": f"甲{SHARP}"})
    assert kept.status_code == 303 and kept.headers["location"] == f"/intake?draft={'a' * 20}&kept=1&lang=zh"
    assert b"CANARY" not in (desk.place.settings.home / "cases.db").read_bytes()
    shown = see(desk, kept.headers["location"]).text
    assert CANARY in shown and f'name="once" value="{"a" * 20}"' in shown and say(SAY["draft_kept"], Language.ZH) in shown
    assert SHARP not in shown and "甲&lt;script&gt;" in shown
    assert [send(desk, "save", danger_now="false", text=CANARY).status_code for _ in range(2)] == [303, 303]
    assert len(cases(desk)) == 1 and drafts(desk) == []


def test_the_list_of_drafts_tells_times_and_no_words(desk: ApiDesk) -> None:
    send(desk, "draft", text=CANARY)
    page = see(desk, "/intake?lang=en").text
    assert "2026-11-23 12:00" in page and f"draft={'a' * 20}" in page and "CANARY" not in page


@pytest.mark.parametrize("who", ["supervisor", "administrator", "EDU"])
def test_nobody_else_sees_opens_changes_or_drops_a_draft(desk: ApiDesk, who: str) -> None:
    send(desk, "draft", text=CANARY)
    theirs = see(desk, f"/intake?draft={'a' * 20}", who)
    none = see(desk, f"/intake?draft={'b' * 20}", who)
    assert theirs.status_code == none.status_code == (404 if who == "supervisor" else 403)
    assert "CANARY" not in theirs.text and "a" * 20 not in see(desk, "/intake", who).text
    send(desk, "draft", who, text="其他的字")
    send(desk, f"drop:{'a' * 20}", who)
    assert CANARY in see(desk, f"/intake?draft={'a' * 20}").text


def test_a_draft_is_dropped_by_its_button(desk: ApiDesk) -> None:
    send(desk, "draft", text="x")
    assert send(desk, f"drop:{'a' * 20}").headers["location"] == "/intake?lang=zh"
    assert drafts(desk) == []


@pytest.mark.parametrize("act", ["save", "matter", "knowledge", "use:home-alone"])
def test_whatever_reached_the_desk_is_kept_as_a_draft(desk: ApiDesk, act: str) -> None:
    send(desk, act, text="孩子一个人在家", **{"child.name": CANARY})
    assert CANARY in see(desk, f"/intake?draft={'a' * 20}").text


@pytest.mark.parametrize("draft", ["", "%00", "x", "../..", "a" * 500, "%3Cscript%3E"])
def test_no_id_that_was_never_given_out_opens_anything(desk: ApiDesk, draft: str) -> None:
    assert see(desk, f"/intake?draft={draft}").status_code == (404 if draft else 200)


@pytest.mark.parametrize("once", ["", "short", "x" * 41, "ä" * 20])
def test_an_empty_or_nameless_form_is_no_draft(desk: ApiDesk, once: str) -> None:
    assert send(desk, "draft", once=once, text="x").status_code == 303
    assert send(desk, "draft").status_code == 303
    assert drafts(desk) == []


def test_a_draft_is_gone_after_a_day_and_swept_by_the_next_one(clocked_desk: ApiDesk, wall: type[Wall], request: pytest.FixtureRequest) -> None:
    request.addfinalizer(lambda: setattr(Wall, "at", NOW))
    wall.at = NOW
    send(clocked_desk, "draft", text="x")
    wall.at = NOW + KEPT_FOR - timedelta(seconds=1)
    assert see(clocked_desk, f"/intake?draft={'a' * 20}").status_code == 200
    wall.at = NOW + KEPT_FOR
    assert see(clocked_desk, f"/intake?draft={'a' * 20}").status_code == 404
    assert "a" * 20 not in see(clocked_desk, "/intake").text
    send(clocked_desk, "draft", "supervisor", once="b" * 20, text="y")
    assert [each.id for each in drafts(clocked_desk)] == ["b" * 20]
    with clocked_desk.place.database.writing() as session:
        assert forget_old_drafts(session, wall.at + KEPT_FOR) == 1


def test_a_sealed_form_opens_in_no_other_row_and_the_oldest_make_room(desk: ApiDesk) -> None:
    me = Speaker("me", Role.OPERATOR)
    for number in range(MOST_KEPT + 3):
        keep_draft(desk.place, f"draft-number-{number:06d}", {"text": str(number)}, me, NOW + timedelta(seconds=number))
    mine = drafts_of(desk.place, me, NOW + timedelta(minutes=2))
    assert len(mine) == MOST_KEPT and mine[0].id == f"draft-number-{MOST_KEPT + 2:06d}"
    with desk.place.database.writing() as session:
        rows = session.exec(select(IntakeDraft)).all()
        rows[0].typed_ct = rows[1].typed_ct
    with pytest.raises(MasterKeyError):
        open_draft(desk.place, rows[0].id, me, NOW)


def test_no_typed_word_reaches_a_log_an_address_or_a_row(desk: ApiDesk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    typed = {"text": CANARY, "child.name": CANARY, "ask": CANARY, "answer": CANARY, "reporter.contact": CANARY}
    for act in ("draft", "matter", "knowledge", "use:home-alone", "save", "short"):
        answer = send(desk, act, **typed)
        assert "CANARY" not in str(answer.headers)
    assert "CANARY" not in caplog.text
    desk.client.post("/knowledge", data={"ask": CANARY}, auth=("x", desk.keys["operator"]))
    assert "CANARY" not in caplog.text
    assert b"CANARY" not in (desk.place.settings.home / "cases.db").read_bytes()


# --- the same matter ----------------------------------------------------------------------------------------------


def known_case(desk: ApiDesk, **more: object) -> str:
    number = desk.take_in(**{**FIRST, **more})
    index_cases(desk.place, NOW, again=True)
    return number


@pytest.mark.parametrize(("lang", "name", "caller"), [("zh", "儿童姓名", "来电号码"), ("en", "child&#39;s name", "number of the caller")])
def test_an_earlier_report_is_shown_in_codes_with_everything_typed_kept(desk: ApiDesk, lang: str, name: str, caller: str) -> None:
    number = known_case(desk)
    answer = send(desk, "matter", lang=lang, **TYPED, **{"suspect.note": f"x{SHARP}"})
    assert answer.status_code == 200
    assert number in answer.text and name in answer.text and caller in answer.text
    assert "王小明今天又被打了" in answer.text and "x&lt;script&gt;" in answer.text and SHARP not in answer.text
    for word in ("报案的邻居", "朝阳小区", "第三小学"):
        assert word not in answer.text, "nothing of the other case's words"
    assert "aria-invalid" not in answer.text and cases(desk)[0].journal_length == 1
    with desk.place.database.reading() as session:
        [noted] = session.exec(select(AccessLog).where(AccessLog.what == "same_matter")).all()
    assert (noted.subject, noted.case_id, noted.purpose) == (number, None, "handling")


def test_the_chosen_one_is_linked_and_saving_needs_no_choice(desk: ApiDesk) -> None:
    number = known_case(desk)
    assert send(desk, "save", once="b" * 20, **TYPED, same_matter_as=number).status_code == 303
    assert send(desk, "save", once="c" * 20, **TYPED, same_matter_as="").status_code == 303
    first, linked, free = cases(desk)
    assert linked.linked_to == first.id and free.linked_to is None


def test_a_choice_stays_through_other_buttons(desk: ApiDesk) -> None:
    number = known_case(desk)
    for act in ("knowledge", "matter"):
        page = send(desk, act, **TYPED, same_matter_as=number).text
        assert re.search(rf'name="same_matter_as" value="{number}" checked', page)


def test_what_the_operator_may_not_see_is_neither_shown_nor_linked(desk: ApiDesk) -> None:
    tied, sealed, held = known_case(desk), known_case(desk), known_case(desk)
    desk.client.post(f"/cases/{tied}/not-mine", headers=desk.headers("operator"))
    desk.change(sealed, wrapped_key=None)
    desk.assign(held, "CIVIL")
    page = send(desk, "matter", **TYPED, complained_of="CIVIL").text
    assert not {tied, sealed, held} & set(re.findall(r"W-\d{6}", page)) and say(SAY["matter_none"], Language.ZH) in page
    page = send(desk, "matter", **TYPED).text
    assert held in page and tied not in page and sealed not in page
    with desk.place.database.reading() as session:
        assert len(session.exec(select(StaffTie)).all()) == 1
    for number in (tied, "W-099999", "W-000000", "W-x", "'--"):
        answer = send(desk, "save", **TYPED, same_matter_as=number)
        assert answer.status_code == 422
        assert len(cases(desk)) == 3, "and it is kept as a draft"


def test_at_most_five_are_shown_the_likeliest_first(desk: ApiDesk) -> None:
    for _ in range(7):
        desk.take_in(**FIRST)
    index_cases(desk.place, NOW, again=True)
    page = send(desk, "matter", **TYPED).text
    assert len(re.findall(r'name="same_matter_as" value="W-', page)) == 5


def test_nothing_typed_matches_nothing(desk: ApiDesk) -> None:
    known_case(desk)
    assert say(SAY["matter_none"], Language.EN) in send(desk, "matter", lang="en").text
    assert send(desk, "matter", child_age="²").status_code == 200


def test_postgresql_keeps_finds_and_counts_the_same(tmp_path: Path, postgres_url: str) -> None:
    with api_desk(tmp_path, postgres_url) as desk:
        assert see(desk, "/intake?draft=%00").status_code == 404
        number = known_case(desk)
        with ThreadPoolExecutor(4) as clicks:
            kept = list(clicks.map(lambda _: send(desk, "draft", **TYPED).status_code, range(8)))
        assert kept == [303] * 8 and len(drafts(desk)) == 1
        assert number in send(desk, "matter", **TYPED).text
        for count in range(3):
            send(desk, "short", once=f"{count}" * 20, call_type="silent", **{"reporter.contact": "000-55512345"})
        index_cases(desk.place, NOW, again=True)
        with desk.place.database.reading() as session:
            last = session.exec(select(Case).where(Case.call_type == CallType.SILENT)).all()[-1]
            assert repeated_calls(desk.place, session, last) == RepeatedCalls(3, 7)
        send(desk, "save", **TYPED, answer="已答复", knowledge_entry="legal-aid")
        assert drafts(desk) == []
        with desk.place.database.reading() as session:
            assert uses_of_knowledge(session) == {"legal-aid": Uses(1, 0)}


# --- the knowledge base -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "ask", "words"), [("zh", "孩子几岁可以直播", "不满16周岁"), ("en", "livestream", "under 16")])
def test_an_entry_is_found_used_and_kept_with_its_version(desk: ApiDesk, lang: str, ask: str, words: str) -> None:
    found = send(desk, "knowledge", lang=lang, text="x", ask=ask).text
    assert 'value="use:streaming-age"' in found and words in found and ("《未成年人保护法》第76条" if lang == "zh" else "Law on the protection of minors, art. 76") in found
    used = send(desk, "use:streaming-age", lang=lang, danger_now="false", text=ask, answer="先说的话").text
    [answer] = re.findall(r'<textarea id="in-answer"[^>]*>(.*?)</textarea>', used, re.DOTALL)
    assert answer.startswith("先说的话") and words in answer
    assert 'name="knowledge_entry" value="streaming-age"' in used and '<option value="CONSULT" selected>' in used
    send(desk, "save", danger_now="false", text=ask, nature="CONSULT", answer=answer, knowledge_entry="streaming-age")
    [case] = cases(desk)
    entry = knowledge_of(desk.place).entries["streaming-age"]
    assert (case.knowledge_entry, case.knowledge_version) == ("streaming-age", entry.version)
    with desk.place.database.reading() as session:
        [received] = session.exec(select(Event).where(Event.kind == "received")).all()
    assert received.facts["knowledge_version"] == entry.version and received.facts["stale"] is False


def test_an_answer_that_was_taken_out_again_is_of_no_entry(desk: ApiDesk) -> None:
    send(desk, "save", danger_now="false", text="x", knowledge_entry="streaming-age")
    assert cases(desk)[0].knowledge_entry is None


@pytest.mark.parametrize("entry", ["nothing-like-it", "<script>", "x" * 500, "../home"])
def test_an_entry_that_is_not_there_is_refused_without_a_fault(desk: ApiDesk, entry: str) -> None:
    assert send(desk, f"use:{entry}", text="x").status_code == 200
    assert send(desk, "save", danger_now="false", text="x", answer="y", knowledge_entry=entry).status_code == 422
    assert cases(desk) == []


def test_a_stale_entry_is_used_with_its_mark_only(clocked_desk: ApiDesk, wall: type[Wall], request: pytest.FixtureRequest) -> None:
    request.addfinalizer(lambda: setattr(Wall, "at", NOW))
    wall.at = NOW.replace(year=2027, month=6)
    for place in (0, 1):
        lang = ("zh", "en")[place]
        assert say(SAY["stale"], (Language.ZH, Language.EN)[place]) in send(clocked_desk, "knowledge", lang=lang, ask="直播").text
        assert say(STALE_MARK, (Language.ZH, Language.EN)[place]) in send(clocked_desk, "use:streaming-age", lang=lang, text="x").text
        assert say(SAY["stale"], (Language.ZH, Language.EN)[place]) in see(clocked_desk, f"/knowledge?lang={lang}").text
    send(clocked_desk, "save", danger_now="false", text="x", answer="无标注的答复", knowledge_entry="streaming-age")
    with clocked_desk.place.database.reading() as session:
        [received] = session.exec(select(Event).where(Event.kind == "received")).all()
    assert received.facts["stale"] is True, "taking the mark out of the words does not take it off the record"


def test_a_broken_knowledge_base_never_holds_a_call_up(desk: ApiDesk) -> None:
    folder = desk.place.settings.home / "knowledge"
    folder.mkdir()
    (folder / "own.yaml").write_text("entries: [")
    assert say(SAY["knowledge_broken"], Language.ZH) in send(desk, "knowledge", text="x").text
    assert see(desk, "/knowledge").status_code == 503
    assert send(desk, "use:home-alone", text="x").status_code == 200
    assert send(desk, "save", danger_now="false", text="孩子一个人在家", answer="已答复").status_code == 303
    refused = send(desk, "save", once="b" * 20, danger_now="false", text="x", answer="y", knowledge_entry="home-alone")
    assert refused.status_code == 422 and say(SAY["knowledge_broken"], Language.ZH) in refused.text
