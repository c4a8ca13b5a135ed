"""Sealing on a clock: what is due goes for good, a hold keeps it, harm is kept long whatever a file says, a proof stays."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from analysis.proactive.rules import load_proactive
from flows.retention import retain
from models import journal
from models.accounts import WebSession
from models.case import Case, Person
from models.common_issues import CommonIssue, IssueCase
from models.exchange import Assignment, Evidence, Inbox
from models.house import AccessLog, WrittenOnce
from models.proactive import OrderAct, ProactiveOrder, ProactiveText
from models.proactive_moves import OrderState
from models.rule_files import RuleFileError
from models.sealing import LegalHold, SealProof
from models.vault import SealedForeverError
from models.vocabulary import Grade, HoldReason, NewsKind, Purpose, Role, Status
from sla_rules.retention_rules import SHIPPED, load_retention
from tasks.casebook import editing
from tasks.news.forms import SafetyRecorded
from tasks.news.inbox import NewsNotAllowedError, Speaker, post_news
from tasks.proactive.book import move, write
from tasks.proactive.opening import order_for, trouble_of_issue
from tasks.proactive.sealing import orders_due_for_sealing, seal_order
from tasks.proactive.standing import told_of
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm, PersonForm
from tasks.words.keeping_evidence import keep_evidence
from tasks.words.reading import read_words
from tasks.words.retention import due_for_sealing, hold, lift_hold, rules_of, seal_case
from tasks.workplace import Workplace
from tests.harness.desk_on_paper import START
from tests.harness.living_desk import LivingDesk
from tests.small_desk import small_desk

SUPERVISOR = Speaker("su", Role.SUPERVISOR)
YEAR = timedelta(days=365)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    fresh = small_desk(tmp_path)
    yield fresh
    fresh.database.close()


def closed(place: Workplace, text: str = "CANARY", **fields: object) -> Case:
    form = IntakeForm(
        text=text, answer="CANARY", summary="写给单位", reporter=PersonForm(name="李四", contact="000-1")
    )
    taken = take_in(place, form, START, actor="client:test")
    post_news(
        place,
        taken.label,
        NewsKind.SAFETY_RECORDED,
        SafetyRecorded(safety="safe", source="school", text="CANARY"),
        SUPERVISOR,
        "k",
        START,
    )
    with editing(place, taken.case_id) as (_, case):
        case.status, case.closed_at, case.grade = Status.CLOSED, START, Grade.U3
        for name, value in fields.items():
            setattr(case, name, value)
    return case


def due(place: Workplace, after: timedelta) -> set[str]:
    with place.database.reading() as session:
        ids = due_for_sealing(session, rules_of(place), START + after)
        return {each.label for each in session.exec(select(Case)) if each.id in ids}


def test_each_class_has_its_time(place: Workplace) -> None:
    ordinary, harm = closed(place), closed(place, harm=True)
    grave, asked = closed(place, grade=Grade.U1), closed(place, grade=Grade.UC)
    assert due(place, YEAR - timedelta(seconds=1)) == set()
    assert due(place, YEAR) == {asked.label}
    assert due(place, 3 * YEAR) == {asked.label, ordinary.label}
    assert due(place, 5 * YEAR) == {asked.label, ordinary.label, grave.label}
    assert due(place, 15 * YEAR - timedelta(seconds=1)) == {asked.label, ordinary.label, grave.label}
    assert due(place, 15 * YEAR) == {asked.label, ordinary.label, grave.label, harm.label}


def test_sealing_destroys_every_word_and_leaves_a_proof(place: Workplace) -> None:
    case = closed(place, status=Status.ACCEPTED)
    with place.database.writing() as session:
        session.add(Assignment(case_id=case.id, department="EDU", leads=True, assigned_at=START))
    keep_evidence(
        place, case.label, Speaker("link:1", Role.DEPARTMENT, "EDU"), "a.pdf", b"%PDF-CANARY", "k" * 20, START
    )
    with editing(place, case.id) as (_, again):
        again.status = Status.CLOSED
    now = START + 3 * YEAR
    assert seal_case(place, rules_of(place), case.id, now)
    with place.database.reading() as session:
        sealed = session.get(Case, case.number)
        assert sealed is not None
        assert (sealed.status, sealed.wrapped_key, sealed.text_ct, sealed.answer_ct, sealed.summary_ct) == (
            Status.SEALED,
            None,
            None,
            None,
            None,
        )
        for each in session.exec(select(Person)):
            assert not any(value for name, value in each.model_dump().items() if name.endswith("_ct"))
        assert all(each.text_ct is None for each in session.exec(select(Inbox)))
        [file] = session.exec(select(Evidence)).all()
        assert (file.content_ct, file.name_ct, len(file.sha256)) == (b"", None, 64), "its hash stays"
        [proof] = session.exec(select(SealProof)).all()
        assert (proof.retention_class, proof.texts, proof.people, proof.files, proof.bytes) == (
            "ordinary",
            4,
            1,
            1,
            11,
        )
        assert list(journal.broken_chains(session)) == [], "the journal still holds together"
        assert (sealed.kind, sealed.grade, sealed.closed_at) == (case.kind, Grade.U3, START), (
            "what reports count stays"
        )
    with pytest.raises(SealedForeverError):
        read_words(place, case.label, SUPERVISOR, Purpose.COMPLAINT, now)
    assert not seal_case(place, rules_of(place), case.id, now), "once"


def test_a_hold_keeps_the_words_until_it_is_lifted(place: Workplace) -> None:
    case, now = closed(place), START + 3 * YEAR
    hold(place, case.label, HoldReason.COURT, SUPERVISOR, now)
    hold(place, case.label, HoldReason.COURT, SUPERVISOR, now)
    assert due(place, 3 * YEAR) == set()
    assert not seal_case(place, rules_of(place), case.id, now)
    assert lift_hold(place, case.label, SUPERVISOR, now) and not lift_hold(place, case.label, SUPERVISOR, now)
    assert seal_case(place, rules_of(place), case.id, now)
    with place.database.reading() as session:
        assert len(session.exec(select(LegalHold)).all()) == 1
    with pytest.raises(NewsNotAllowedError):
        hold(place, case.label, HoldReason.COURT, SUPERVISOR, now)
    with pytest.raises(NewsNotAllowedError):
        hold(place, closed(place).label, HoldReason.COURT, Speaker("op", Role.OPERATOR), now)


def test_one_matter_is_sealed_together_or_not_at_all(place: Workplace) -> None:
    main = closed(place, harm=True)
    report = closed(place, linked_to=main.id)
    assert due(place, 3 * YEAR) == set(), "its main case is kept for fifteen years"
    assert due(place, 15 * YEAR) == {main.label, report.label}
    hold(place, report.label, HoldReason.POLICE, SUPERVISOR, START)
    assert due(place, 15 * YEAR) == set()


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.CLOSED])
def test_nothing_but_a_closed_case_is_sealed(place: Workplace, status: Status) -> None:
    case = closed(place, status=status)
    assert due(place, 20 * YEAR) == set()
    assert not seal_case(place, rules_of(place), case.id, START + 20 * YEAR)


WRONG = [
    ("seal_after: 1095 d", "seal_after: 30 d", "at least 90 d"),
    ("seal_after: 5475 d", "seal_after: 400 d", "at least 1825 d"),
    ("    harm: true\n", "    harm: false\n", "suspected harm"),
    ("seal_after: 365 d", "seal_after: 24 h", "in days"),
    ("    grades: [UC]\n", "    grades: [UX]\n", "grades"),
    ("  - code: ordinary\n", "  - code: harm\n", "same code"),
    ("classes:", "klasses:", "klasses"),
    ("orders:\n  seal_after: 1095 d", "orders:\n  seal_after: 30 d", "at least 90 d"),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG, ids=[each[1].strip() for each in WRONG])
def test_a_file_that_forgets_too_soon_is_refused_with_its_place(
    place: Workplace, old: str, new: str, told: str
) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    (place.settings.home / "retention.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RuleFileError) as refused:
        rules_of(place)
    assert told in str(refused.value) and "retention.yaml:" in str(refused.value)


def test_the_delivered_file_is_sound_and_a_desk_may_have_its_own(place: Workplace) -> None:
    assert load_retention().class_of(Grade.U3, harm=True).code == "harm"
    own = SHIPPED.read_text(encoding="utf-8").replace("seal_after: 365 d", "seal_after: 200 d")
    (place.settings.home / "retention.yaml").write_text(own, encoding="utf-8")
    assert str(rules_of(place).class_of(Grade.UC, harm=False).seal_after) == "200 d"


def ordered(place: Workplace) -> ProactiveOrder:
    """An order about an issue, with a word said, withdrawn at START."""
    with place.database.writing() as session:
        order = order_for(
            place, session, trouble_of_issue("I2026W09-03", "S09", "D1"), [], START, "client:su"
        )
        assert order.id is not None
        write(place, session, order, OrderAct.PROGRESS, START, "client:su", text="CANARY")
        move(
            place,
            load_proactive(),
            session,
            order,
            OrderState.WITHDRAWN,
            OrderAct.WITHDRAWN,
            START,
            "client:su",
            reason="opened_in_error",
        )
        order.closed_at = START
        return order


def test_the_words_of_an_order_that_is_over_go_when_their_time_is_over_and_its_journal_stays(
    place: Workplace,
) -> None:
    order = ordered(place)
    rules, kept = rules_of(place), timedelta(days=1095)
    assert order.id is not None
    with place.database.reading() as session:
        assert orders_due_for_sealing(session, rules, START + kept - timedelta(seconds=1)) == []
        assert orders_due_for_sealing(session, rules, START + kept) == [order.id]
        assert (
            orders_due_for_sealing(session, rules.model_copy(update={"orders": None}), START + 9 * kept) == []
        )
    assert not seal_order(place, rules, order.id, START + kept - timedelta(seconds=1))
    assert seal_order(place, rules, order.id, START + kept)
    assert not seal_order(place, rules, order.id, START + kept), "once"
    with place.database.reading() as session:
        found = session.get_one(ProactiveOrder, order.id)
        assert found.wrapped_key is None and session.exec(select(ProactiveText)).all() == []
        told = told_of(place, session, found)
    assert [each.entry.act for each in told][-1] is OrderAct.SEALED
    assert not [each.text for each in told if each.text]


def test_an_order_is_not_sealed_while_a_case_behind_it_is_held(place: Workplace) -> None:
    order, case = ordered(place), closed(place)
    assert order.id is not None
    with place.database.writing() as session:
        session.add(
            CommonIssue(number=order.about, first_on=START.date(), found_on=START.date(), matters=5, heat=0.5)
        )
        session.flush()
        session.add(IssueCase(case_id=case.id, number=order.about))
    hold(place, case.label, next(iter(HoldReason)), SUPERVISOR, START)
    assert not seal_order(place, rules_of(place), order.id, START + 9 * YEAR)
    lift_hold(place, case.label, SUPERVISOR, START)
    assert seal_order(place, rules_of(place), order.id, START + 9 * YEAR)


def test_the_nightly_flow_counts_and_destroys_only_when_told(desk: LivingDesk) -> None:
    """On a real Prefect server: as delivered it seals nothing; told to, it does so once."""
    case = closed(desk.place)
    desk.now = START + 3 * YEAR
    assert retain() == "1 due, 0 sealed; orders: 0 due, 0 sealed, dry run"
    assert desk.case(case.label).status is Status.CLOSED
    assert retain(dry_run=False) == "1 due, 1 sealed; orders: 0 due, 0 sealed"
    assert desk.case(case.label).wrapped_key is None
    assert retain(dry_run=False) == "0 due, 0 sealed; orders: 0 due, 0 sealed"


def test_a_night_seals_all_that_is_due_however_many(desk: LivingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """More cases than one group has; a case that one matter keeps back holds up nobody behind it."""
    monkeypatch.setattr(due_for_sealing, "__defaults__", (2,))
    kept = closed(desk.place, harm=True)
    closed(desk.place, linked_to=kept.id)
    cases = [closed(desk.place) for _ in range(5)]
    desk.now = START + 3 * YEAR
    assert retain(dry_run=False) == "5 due, 5 sealed; orders: 0 due, 0 sealed"
    assert {desk.case(each.label).status for each in cases} == {Status.SEALED}


def test_what_the_desk_noted_of_senders_browsers_and_readers_is_forgotten_in_time(desk: LivingDesk) -> None:
    """Answers and sessions in any night; the log of reads only with the words, and never before them."""
    place = desk.place
    sealed, kept = closed(place), closed(place, harm=True)
    with place.database.writing() as session:
        session.add_all(WrittenOnce(client="c", key=f"k{days}", request_digest="d", answer={}, at=START + timedelta(days=days)) for days in (0, 1))
        session.add_all(WebSession(id=f"s{days}", holder="h", made_at=START, seen_at=START + timedelta(days=days)) for days in (0, 1))
        session.add_all(
            AccessLog(at=START, client="c", case_id=case_id, what="text", purpose="handling", allowed=True) for case_id in (sealed.id, kept.id, None)
        )
        session.add(AccessLog(at=START + timedelta(days=1), client="c", case_id=None, what="text", purpose="handling", allowed=True))

    def left() -> tuple[list[str], list[str], int]:
        with place.database.reading() as session:
            return (
                [each.key for each in session.exec(select(WrittenOnce))], [each.id for each in session.exec(select(WebSession))],
                len(session.exec(select(AccessLog)).all()),
            )  # fmt: skip

    desk.now = START + timedelta(days=30)
    retain()
    assert left() == (["k1"], ["s1"], 4)
    desk.now = START + 3 * YEAR
    retain()
    assert left() == ([], [], 4), "nothing is sealed in a dry run, nor is its log forgotten"
    retain(dry_run=False)
    with place.database.reading() as session:
        assert {each.case_id for each in session.exec(select(AccessLog))} == {kept.id, None}
    assert left()[2] == 2
