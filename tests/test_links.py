"""Several reports of one matter: found, proposed, decided by a person; facts go up, reporters never meet."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import select

from flows.without_prefect import STEPS
from models.case import Case, CaseLink
from models.matching import LinkProposal, MatchField, MatchToken, ProposalState
from models.vocabulary import Ask, EventKind, Grade, NewsKind, Outcome, Purpose, Role, Status, Step
from tasks.dispatch.conflict import is_kept_from
from tasks.links import linking
from tasks.links.backlog import index_cases
from tasks.links.decisions import LinkChoice, LinkRefusedError, decide_link
from tasks.links.joining import conflict_between, join, main_of
from tasks.links.linking import propose_links
from tasks.links.proposals import LinkNotFoundError, LinksWanted, ProposalShown, proposal, proposals
from tasks.news.inbox import Speaker
from tasks.steps import Steps
from tasks.story.telling import story_of
from tasks.words.reading import read_words
from tasks.workplace import use_workplace
from tests.harness.desk_on_paper import SEATS, START
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import install
from tests.small_desk import small_desk

SUPERVISOR, OPERATOR = SEATS["supervisor"], SEATS["operator"]
CHILD = {"name": "金丝雀麒麟"}
FIRST = {
    "kind": "S09", "text": "第三小学三年级作业太多，孩子写到半夜。", "district": "BJ-CY",
    "child": {"name": "王小明", "note": "第一位的备注"}, "child_age": 9,
    "reporter": {"name": "第一位报告人", "contact": "13900001111", "address": "第一位的住址"},
}  # fmt: skip
SECOND = {
    "kind": "S09", "text": "三小有个孩子天天被留堂抄书。", "district": "BJ-CY",
    "child": {"name": "王小明"}, "child_age": 9,
    "reporter": {"name": "第二位报告人", "contact": "13900002222", "address": "第二位的住址"},
}  # fmt: skip
HARM = {**SECOND, "kind": "F01", "text": "第三小学的王小明身上都是伤，说是爸爸打的。"}
UNSURE = {**SECOND, "kind": "X99", "text": "第三小学，说不清楚。"}


@pytest.fixture
def desk(tmp_path: Path) -> LoneDesk:
    """A desk whose tasks work there."""
    place = small_desk(tmp_path / "desk")
    install(place)
    use_workplace(place)
    return LoneDesk(place)


def take_in(desk: LoneDesk, form: dict[str, Any], **more: Any) -> str:
    """One request, looked at until it rests."""
    label = desk.take_in(**{**form, **more})
    desk.run_due()
    desk.jump(desk.now + timedelta(minutes=10))
    return label


def proposed(desk: LoneDesk, speaker: Speaker = SUPERVISOR) -> list[ProposalShown]:
    with desk.place.database.reading() as session:
        return list(proposals(session, speaker, LinksWanted(state=None)).proposals)


def accept(desk: LoneDesk, proposal_id: int = 1, reason: str = "same_child") -> ProposalShown:
    choice = LinkChoice.model_validate({"reason": reason})
    done = decide_link(desk.place, proposal_id, ProposalState.LINKED, choice, SUPERVISOR, desk.now)
    desk.run_due()
    return done


def main_label(desk: LoneDesk, label: str) -> str:
    with desk.place.database.reading() as session:
        return main_of(session, desk.case(label)).label


def test_a_second_report_of_one_child_is_proposed_with_its_reasons(desk: LoneDesk) -> None:
    """Another reporter, another wording, the school by its short name."""
    one, other = take_in(desk, FIRST), take_in(desk, SECOND)
    (shown,) = proposed(desk)
    assert (shown.case.number, shown.other.number, shown.strong, shown.state) == (
        other,
        one,
        True,
        "proposed",
    )
    agreeing = {each["field"] for each in shown.reasons if each["agrees"]}
    assert {MatchField.CHILD_NAME, MatchField.VENUE, MatchField.KIND} <= agreeing
    assert shown.score == sum(each["weight"] for each in shown.reasons)


def test_nothing_is_linked_by_itself_and_no_dispatch_waits(desk: LoneDesk) -> None:
    """However strong the proposal."""
    one, other = take_in(desk, FIRST), take_in(desk, SECOND)
    assert desk.case(one).status is desk.case(other).status is Status.DISPATCHED
    assert desk.case(other).linked_to is None
    assert desk.departments(other)
    assert desk.rows(CaseLink, other) == []


def test_the_duty_supervisor_is_told_of_a_strong_proposal_once(desk: LoneDesk) -> None:
    """Whatever runs again; a weaker one waits in the list."""
    take_in(desk, FIRST)
    other = take_in(desk, SECOND)
    case = desk.case(other)
    propose_links.fn(case.id, desk.now)
    desk.run_due()
    assert desk.told(other)["DUTY_SUPERVISOR", Ask.CHECK_LINK] == 1
    weak = take_in(desk, {"kind": "S09", "text": "第三小学放学时校门口很挤。", "district": "BJ-CY"})
    assert {each.strong for each in proposed(desk) if each.case.number == weak} == {False}
    assert not desk.told(weak)["DUTY_SUPERVISOR", Ask.CHECK_LINK]


def test_looking_again_changes_nothing(desk: LoneDesk) -> None:
    """A step that was cut short is run again from its first line."""
    take_in(desk, FIRST)
    other = desk.case(take_in(desk, SECOND))
    before = desk.rows(LinkProposal, other.label), tokens_of(desk, other)
    with desk.place.database.writing() as session:
        session.get_one(Case, other.number).matched_at = None
    propose_links.fn(other.id, desk.now)
    assert (desk.rows(LinkProposal, other.label), tokens_of(desk, other)) == before


def tokens_of(desk: LoneDesk, case: Case) -> set[int]:
    with desk.place.database.reading() as session:
        return set(session.exec(select(MatchToken.token).where(MatchToken.case_number == case.number)))


def test_suspected_harm_is_dispatched_before_anybody_looks_for_other_reports(desk: LoneDesk) -> None:
    """And an ordinary request after."""
    order = {}
    for name, form in (("harm", HARM), ("ordinary", FIRST)):
        case = desk.case(desk.take_in(**form))
        order[name] = []
        for step in Steps(case.id, desk.now):
            order[name].append(step)
            STEPS[step].fn(case.id, desk.now)
    harm, ordinary = order["harm"], order["ordinary"]
    assert harm.index(Step.PROPOSE_LINKS) > max(harm.index(each) for each in (Step.ASSIGN, Step.NOTIFY))
    assert ordinary.index(Step.CLASSIFY) < ordinary.index(Step.PROPOSE_LINKS) < ordinary.index(Step.ROUTE)


def test_harm_is_dispatched_and_told_even_if_looking_for_other_reports_fails(
    desk: LoneDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect there must not cost a child an hour."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(linking, "look_for_links", broken)
    harm = desk.take_in(**HARM)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        desk.run_due()
    assert desk.case(harm).status is Status.DISPATCHED
    assert desk.told(harm)["POLICE", Ask.ACCEPT_ORDER] == 1


def test_an_accepted_report_that_a_department_has_stays_there(desk: LoneDesk) -> None:
    """The two are marked as one matter; neither is closed, and the main case gets facts and grade."""
    one, other = take_in(desk, FIRST), take_in(desk, HARM)
    held = desk.departments(other)
    assert accept(desk).state is ProposalState.LINKED
    assert desk.case(other).status is Status.DISPATCHED
    assert desk.departments(other) == held
    assert main_label(desk, other) == one
    assert desk.decisions(other)[f"link:{one}"] == "SAME_MATTER"
    main = desk.case(one)
    assert (main.status, main.grade, main.harm) == (Status.DISPATCHED, desk.case(other).grade, True)
    assert EventKind.FACTS_JOINED in desk.events(one)
    assert desk.broken_chains() == []


def test_facts_and_grade_only_go_up(desk: LoneDesk) -> None:
    """An earlier report of harm makes the later one no graver, and the later one lowers nothing."""
    one, other = take_in(desk, HARM), take_in(desk, FIRST)
    before = desk.case(one).grade
    accept(desk)
    assert (desk.case(one).grade, desk.case(one).harm) == (before, True)
    assert (desk.case(other).grade, desk.case(other).harm) == (Grade.U3, False)


def test_an_accepted_report_that_nobody_has_yet_is_linked_and_ends_with_its_main_case(desk: LoneDesk) -> None:
    """It waited for a person to say what it is about; its clocks are the main case's from now on."""
    one, other = take_in(desk, FIRST), take_in(desk, UNSURE)
    assert desk.case(other).status is Status.NEEDS_REVIEW
    accept(desk)
    case = desk.case(other)
    assert (case.status, case.outcome, case.closed_at) == (Status.LINKED, Outcome.LINKED, None)
    assert desk.decisions(other)[f"link:{one}"] == Outcome.LINKED
    with desk.place.database.writing() as session:
        main = session.get_one(Case, desk.case(one).number)
        main.status, main.closed_at = Status.CLOSED, desk.now
        session.get_one(Case, case.number).wake_at = desk.now
    desk.run_due()
    assert desk.case(other).status is Status.CLOSED


def test_an_open_report_does_not_end_because_the_earlier_one_has(desk: LoneDesk) -> None:
    """It keeps its way, and is only marked."""
    one, other = take_in(desk, FIRST), take_in(desk, UNSURE)
    with desk.place.database.writing() as session:
        main = session.get_one(Case, desk.case(one).number)
        main.status, main.closed_at = Status.CLOSED, desk.now
    accept(desk)
    assert desk.case(other).status is Status.NEEDS_REVIEW
    assert main_label(desk, other) == one


def test_accepting_twice_is_accepting_once_and_the_opposite_is_refused(desk: LoneDesk) -> None:
    """Two people at two screens."""
    take_in(desk, FIRST)
    other = take_in(desk, SECOND)
    first = accept(desk)
    assert accept(desk, reason="same_event") == first
    assert len(desk.rows(CaseLink, other)) == 1
    with pytest.raises(LinkRefusedError, match="linked already") as refused:
        decide_link(
            desk.place, 1, ProposalState.DECLINED, LinkChoice(reason="other_child"), SUPERVISOR, desk.now
        )
    assert refused.value.code == "decided_otherwise"


def test_a_declined_pair_is_never_proposed_again(desk: LoneDesk) -> None:
    """And nothing of either case changes."""
    take_in(desk, FIRST)
    case = desk.case(take_in(desk, SECOND))
    version = case.version
    decide_link(desk.place, 1, ProposalState.DECLINED, LinkChoice(reason="other_child"), OPERATOR, desk.now)
    assert desk.case(case.label).version == version
    with desk.place.database.writing() as session:
        session.get_one(Case, case.number).matched_at = None
    propose_links.fn(case.id, desk.now)
    assert [each.state for each in proposed(desk)] == [ProposalState.DECLINED]


def test_a_third_report_is_proposed_to_the_main_case_once(desk: LoneDesk) -> None:
    """Not to each report of the same matter."""
    one = take_in(desk, FIRST)
    take_in(desk, SECOND)
    accept(desk)
    third = take_in(desk, SECOND, reporter={"contact": "13900003333"})
    assert [each.other.number for each in proposed(desk) if each.case.number == third] == [one]


def test_a_report_that_named_its_earlier_one_itself_is_not_proposed_to_it(desk: LoneDesk) -> None:
    """The operator has linked it at intake."""
    one = take_in(desk, FIRST)
    other = take_in(desk, SECOND, same_matter_as=one)
    assert desk.case(other).status is Status.LINKED
    assert proposed(desk) == []


@pytest.mark.parametrize(
    "change",
    [
        {"child": {"name": "李小红"}, "text": "第八中学的课间太短。", "child_age": 14},
        {"kind": "X03", "text": "表扬第三小学的王小明同学"},
        {"received_at": START - timedelta(days=70)},
    ],
    ids=["another child", "praise", "too long ago"],
)
def test_what_is_another_matter_is_not_proposed(desk: LoneDesk, change: dict[str, Any]) -> None:
    """Another child, a kind that is no matter of anybody's, out of the window."""
    take_in(desk, FIRST)
    take_in(desk, {**SECOND, **change})
    assert proposed(desk) == []


def test_a_unit_complained_of_hides_the_proposal_and_stops_the_link(desk: LoneDesk) -> None:
    """EDU handles the first report; the second is about EDU, which must not learn of it."""
    one = take_in(desk, FIRST)
    other = take_in(desk, SECOND, complained_of="EDU")
    assert "EDU" in desk.departments(one)
    assert proposed(desk, OPERATOR) == []
    with pytest.raises(LinkNotFoundError), desk.place.database.reading() as session:
        proposal(session, 1, OPERATOR)
    assert [each.conflict for each in proposed(desk)] == [True]
    with pytest.raises(LinkRefusedError) as refused:
        accept(desk)
    assert refused.value.code == "conflict_of_interest"
    assert desk.case(other).linked_to is None


def test_a_report_against_the_unit_that_has_the_named_case_is_not_linked_at_intake_either(
    desk: LoneDesk,
) -> None:
    """It goes to the unit's alternative instead."""
    one = take_in(desk, FIRST)
    other = take_in(desk, SECOND, complained_of="EDU", same_matter_as=one)
    assert desk.case(other).status is Status.DISPATCHED
    assert "EDU" not in desk.departments(other)


def test_only_a_unit_that_handles_one_and_is_kept_from_the_other_is_a_conflict(desk: LoneDesk) -> None:
    """A report against a third unit may be joined: that unit then stays out of both."""
    held, against_it, against_another = (
        desk.case(take_in(desk, FIRST, complained_of=each)) for each in (None, "EDU", "POLICE")
    )
    with desk.place.database.reading() as session:
        assert conflict_between(session, held, against_it)
        assert not conflict_between(session, held, against_another)


def test_the_main_case_is_kept_from_the_unit_the_other_report_complains_of(desk: LoneDesk) -> None:
    """From then on; it has not had the case so far."""
    one = take_in(desk, FIRST)
    take_in(desk, SECOND, complained_of="URBAN")
    accept(desk)
    assert is_kept_from(desk.case(one), "URBAN")


@pytest.mark.parametrize("later", [HARM, UNSURE], ids=["dispatched", "linked"])
def test_no_word_of_one_reporter_reaches_the_other_side(desk: LoneDesk, later: dict[str, Any]) -> None:
    """Not the main case's page, its words, its department, its alerts, nor the proposal."""
    one, other = take_in(desk, FIRST), take_in(desk, later)
    accept(desk)
    sides = {one: ("第一位", "13900001111", "半夜"), other: ("第二位", "13900002222", later["text"][-6:])}
    for label, theirs in ((one, sides[other]), (other, sides[one])):
        heard = everything_about(desk, label)
        assert not [each for each in theirs if each in heard], label
    shown = str([each.to_dict() for each in proposed(desk)])
    assert not [each for side in sides.values() for each in side if each in shown]


def everything_about(desk: LoneDesk, label: str) -> str:
    """What anybody can be shown about one case: its words, its story for each, alerts."""
    words = str(read_words(desk.place, label, SUPERVISOR, Purpose.HANDLING, desk.now, in_full=True))
    with desk.place.database.reading() as session:
        case = desk.case(label)
        readers = [None, *desk.departments(label)]
        stories = [
            story_of(session, case, desk.place.catalogue, desk.now, part_of=each).to_dict()
            for each in readers
        ]
    alerts = [each for each in desk.alerts() if label in str(each)]
    return f"{words}{stories}{alerts}"


def test_a_department_does_not_learn_that_there_is_another_report(desk: LoneDesk) -> None:
    """Not even its number; the grade that it must work by has changed, and that it is told."""
    one, other = take_in(desk, FIRST), take_in(desk, HARM)
    accept(desk)
    for label, foreign in ((one, other), (other, one)):
        with desk.place.database.reading() as session:
            for department in desk.departments(label):
                told = story_of(session, desk.case(label), desk.place.catalogue, desk.now, part_of=department)
                assert foreign not in str(told)
    assert desk.told(one)["EDU", Ask.GRADE_CHANGED] == 1


def test_no_department_and_no_administrator_decides_about_links(desk: LoneDesk) -> None:
    """They are the seat's."""
    take_in(desk, FIRST)
    take_in(desk, SECOND)
    for speaker in (Speaker("x", Role.DEPARTMENT, "EDU"), Speaker("x", Role.ADMINISTRATOR)):
        with pytest.raises(LinkNotFoundError):
            proposed(desk, speaker)
        with pytest.raises(LinkNotFoundError):
            decide_link(
                desk.place, 1, ProposalState.LINKED, LinkChoice(reason="same_child"), speaker, desk.now
            )


def test_no_name_number_or_address_stands_in_the_database(desk: LoneDesk) -> None:
    """The tokens are numbers under a key of the vault."""
    take_in(desk, FIRST, child={"name": "金丝雀麒麟", "address": "麒麟花园3号楼502"})
    desk.place.database.close()
    stored = b"".join(each.read_bytes() for each in desk.place.settings.home.glob("cases.db*"))
    for word in ("金丝雀", "麒麟花园", "13900001111", "3小学"):
        assert word.encode() not in stored


@pytest.mark.parametrize(
    "seal",
    [
        'UPDATE "case" SET wrapped_key = NULL WHERE number = 2',
        "UPDATE \"case\" SET status = 'SEALED' WHERE number = 2",
    ],
)
def test_sealing_a_case_destroys_its_fingerprints_and_open_proposals(desk: LoneDesk, seal: str) -> None:
    """Whoever seals it, in whatever way: the database sees to it."""
    one, other = (desk.case(take_in(desk, form)) for form in (FIRST, SECOND))
    with desk.place.database.engine.begin() as connection:
        connection.execute(text(seal))
    assert tokens_of(desk, other) == set()
    assert tokens_of(desk, one) != set()
    assert proposed(desk) == []


def test_a_decided_proposal_of_a_sealed_case_forgets_its_reasons_only(desk: LoneDesk) -> None:
    """That two cases were linked stays known; by what they were recognised does not."""
    take_in(desk, FIRST)
    take_in(desk, SECOND)
    accept(desk)
    with desk.place.database.engine.begin() as connection:
        connection.execute(text('UPDATE "case" SET wrapped_key = NULL WHERE number = 1'))
    assert [(each.state, each.reasons) for each in proposed(desk)] == [(ProposalState.LINKED, ())]


def test_a_link_that_came_too_late_is_refused_and_kept(desk: LoneDesk) -> None:
    """Meanwhile another report was made its main case."""
    take_in(desk, FIRST)
    other = take_in(desk, SECOND)
    stranger = desk.case(take_in(desk, {"text": "公园的滑梯坏了。", "kind": "G10"}))
    decide_link(desk.place, 1, ProposalState.LINKED, LinkChoice(reason="same_child"), SUPERVISOR, desk.now)
    with desk.place.database.writing() as session:
        session.get_one(Case, desk.case(other).number).linked_to = stranger.id
    desk.run_due()
    assert desk.refused(other) == {NewsKind.LINK_DECIDED: "already_linked"}


def test_a_reopened_report_can_be_joined_to_the_same_matter_again(desk: LoneDesk) -> None:
    """With what it has become; it does not end by being joined."""
    one, other = take_in(desk, FIRST), take_in(desk, SECOND)
    accept(desk)
    with desk.place.database.writing() as session:
        case, main = (session.get_one(Case, desk.case(each).number) for each in (other, one))
        case.reopen_count, case.linked_to, case.grade = 1, None, Grade.U2
        join(session, case, main, desk.now, "client:test")
    desk.run_due()
    assert main_label(desk, other) == one
    assert desk.case(one).grade is Grade.U2
    assert len(desk.rows(CaseLink, other)) == 1


def test_the_search_goes_by_the_index_alone(desk: LoneDesk) -> None:
    """Or its time would grow with the cases of a city."""
    take_in(desk, FIRST)
    asked: list[tuple[str, Any]] = []
    engine = desk.place.database.engine
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    take_in(desk, SECOND)
    searches = [(statement, values) for statement, values in asked if "AS block0" in statement]
    assert len(searches) == 1
    with engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {searches[0][0]}", searches[0][1]).all())
    assert "match_token_block (token=? AND at>? AND at<?)" in plan
    assert "SCAN match_token" not in plan


def test_cases_from_before_are_given_fingerprints_without_being_proposed(desk: LoneDesk) -> None:
    """`whistle links index`: once, unless asked again."""
    old = desk.case(take_in(desk, FIRST))
    with desk.place.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM match_token"))
    assert index_cases(desk.place, desk.now, again=False) == 1
    assert index_cases(desk.place, desk.now, again=False) == 0
    assert index_cases(desk.place, desk.now, again=True) == 1
    assert tokens_of(desk, old) != set()
    assert proposed(desk) == []
    take_in(desk, SECOND)
    assert len(proposed(desk)) == 1
