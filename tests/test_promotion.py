"""A new rule set goes live: who goes by which, what is counted again, and that nobody is overtaken."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from models.case import Case
from models.database import Database
from models.exchange import Notice
from models.house import Promotion
from models.keeping import unlock
from models.migrations.running import migrate
from models.record import Clock, Escalation
from models.vocabulary import Ask, EventKind, OpenCases, Recipient, Status, Target
from tasks.house.promoted_rules import UnknownPromotionError, live_number, number_for_new_cases, promotions
from tasks.house.promotion import OvertakenError, PromotionRefusedError, Wish, promote, report_hash
from tasks.receiving.intake import take_in_many
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace, use_workplace
from tests.harness.desk_on_paper import START
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import book_once, candidate, go_live, install, shipped, with_limits
from tests.harness.times import moment
from tests.postgres_for_tests import postgres_in
from tests.small_desk import small_desk

FREEZE, RECALCULATE = OpenCases.FREEZE, OpenCases.RECALCULATE
MENU = "学校食堂的饭菜价格能不能公示。"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoneDesk]:
    """A desk that has recorded the shipped rules as version 1."""
    monkeypatch.setattr("tasks.house.promoted_rules.rule_book_of", book_once)
    desk = LoneDesk(small_desk(tmp_path / "desk"))
    use_workplace(desk.place)
    install(desk.place)
    yield desk
    desk.place.database.close()


def order(desk: LoneDesk, kind: str = "S09") -> str:
    """A case that a department works on; its feedback clock has seven days."""
    label = desk.take_in(MENU, kind=kind)
    desk.run_due()
    assert desk.departments(label), "the case is with nobody"
    return label


def clock(desk: LoneDesk, label: str, target: Target = Target.FEEDBACK) -> Clock:
    found: list[Clock] = [each for each in desk.rows(Clock, label) if each.target is target]
    return found[-1]


def due(desk: LoneDesk, label: str, target: Target = Target.FEEDBACK) -> datetime:
    return clock(desk, label, target).due_at


def midnight_after(written: str) -> datetime:
    return moment(written) + timedelta(days=1)


def test_a_case_goes_by_the_version_that_was_live_when_it_came(desk: LoneDesk) -> None:
    """And the running desk takes a new one up by itself, without being told."""
    before = order(desk)
    go_live(desk, with_limits(u3_feedback="6 d"), FREEZE)
    after = order(desk)
    assert (desk.case(before).rules_version, desk.case(after).rules_version) == (1, 2)
    assert due(desk, before) == midnight_after("Mon 2026-03-09 00:00")
    assert due(desk, after) == midnight_after("Sun 2026-03-08 00:00")


def test_a_batch_goes_by_the_live_version_too(desk: LoneDesk) -> None:
    """The other road by which cases come."""
    go_live(desk, with_limits(u3_feedback="6 d"), FREEZE)
    taken = take_in_many(desk.place, [IntakeForm(text="x"), IntakeForm(text="y")], START, actor="t", batch_id=1)
    assert [desk.case(f"W-{n:06d}").rules_version for n in range(1, len(taken) + 1)] == [2, 2]


def test_frozen_cases_keep_their_rules_for_clocks_that_start_later(desk: LoneDesk) -> None:
    """The callback clock of an old case still follows the old set."""
    label = order(desk)
    go_live(desk, with_limits(u3_first_contact="1 h", u3_feedback="6 d"), FREEZE)
    desk.advance(START + timedelta(hours=2))
    desk.say(label, "acknowledged", "EDU")
    desk.run_due()
    assert due(desk, label) == midnight_after("Mon 2026-03-09 00:00")
    assert EventKind.RULES_CHANGED not in desk.events(label)
    assert {each.rule_hash for each in desk.rows(Clock, label)} == {shipped().digest}


def test_open_cases_are_counted_again_by_the_new_set(desk: LoneDesk) -> None:
    """From their start, with what was used; the clock remembers by which files."""
    label = order(desk)
    started = clock(desk, label).started_at
    desk.advance(START + timedelta(hours=3))
    files = with_limits(u3_feedback="6 d")
    row = go_live(desk, files, RECALCULATE)
    desk.run_due()
    moved = clock(desk, label)
    assert (moved.started_at, moved.due_at) == (started, midnight_after("Sun 2026-03-08 00:00"))
    assert (moved.rule_hash, moved.calendar_hash) == (row.digest, row.calendar_digest)
    assert desk.events(label).count(EventKind.RULES_CHANGED) == 1
    assert desk.broken_chains() == []


def test_a_calendar_that_reaches_further_makes_due_times_firm(desk: LoneDesk) -> None:
    """Though they do not move: the clock is no longer provisional, and knows the new calendar."""
    desk.jump(moment("Wed 2026-12-30 10:00"))
    label = order(desk, "C06")
    guessed = [each for each in desk.rows(Clock, label) if each.provisional]
    assert guessed, "no clock passes the end of the calendar"
    row = go_live(desk, with_another_year(), RECALCULATE)
    desk.run_due()
    firm = {each.id: each for each in desk.rows(Clock, label)}
    for each in guessed:
        now = firm[each.id]
        assert (now.due_at, now.provisional, now.calendar_hash) == (each.due_at, False, row.calendar_digest)


def with_another_year() -> dict[str, str]:
    """The shipped files with a 2027 whose one holiday is a weekend."""
    path = shipped().calendar_path
    year = (
        "  2027:\n    notices: [https://example.org/2027]\n    holidays:\n"
        "      - {zh: 元旦, en: New Year, off: [2027-01-02 to 2027-01-03]}\n...\n"
    )
    longer = shipped().files[path].replace("published_to: 2026-12-31", "published_to: 2027-12-31")
    return {**shipped().files, path: longer.removesuffix("...\n") + year}


def test_a_set_with_other_examples_only_moves_nothing(desk: LoneDesk) -> None:
    """The rules are the same, so nothing is journalled."""
    label = order(desk)
    go_live(desk, {**shipped().files, "examples.yaml": "examples: []\n"}, RECALCULATE)
    desk.run_due()
    assert desk.case(label).rules_version == 2
    assert EventKind.RULES_CHANGED not in desk.events(label)


def test_closed_cases_are_never_touched(desk: LoneDesk) -> None:
    """Neither their version nor their clocks nor their sleep."""
    label = order(desk)
    with desk.place.database.writing() as session:
        case = session.merge(desk.case(label))
        case.status, case.wake_at = Status.CLOSED, None
    before = [each.model_dump() for each in desk.rows(Clock, label)]
    go_live(desk, with_limits(u3_feedback="6 d"), RECALCULATE)
    desk.run_due()
    case = desk.case(label)
    assert (case.rules_version, case.wake_at) == (1, None)
    assert [each.model_dump() for each in desk.rows(Clock, label)] == before


def test_a_stopped_clock_does_not_move(desk: LoneDesk) -> None:
    """Acceptance was in time; a shorter limit does not make it late afterwards."""
    label = order(desk)
    desk.advance(START + timedelta(hours=2))
    desk.say(label, "acknowledged", "EDU")
    desk.run_due()
    before = clock(desk, label, Target.ACCEPTANCE).model_dump()
    assert before["stopped_at"] is not None
    go_live(desk, with_limits(u3_acceptance="1 h"), RECALCULATE)
    desk.run_due()
    assert clock(desk, label, Target.ACCEPTANCE).model_dump() == before


@pytest.mark.parametrize("limit", ["1 h", "47 h", "100 h"], ids=["earlier", "a little later", "much later"])
def test_levels_that_fired_never_fire_again(desk: LoneDesk, limit: str) -> None:
    """Whether the due time moves earlier or later, each level of the ladder is in the ledger once."""
    label = order(desk)
    desk.advance(START + timedelta(hours=24, minutes=1))
    fired = desk.levels(label, Target.ACCEPTANCE)
    assert fired, "the warning should have gone out"
    told = {key: count for key, count in desk.told(label).items()}
    go_live(desk, with_limits(u3_acceptance=limit), RECALCULATE)
    desk.run_due()
    desk.advance(START + timedelta(days=12))
    ledger = [(each.clock_id, each.level, each.cycle) for each in desk.rows(Escalation, label)]
    assert len(ledger) == len(set(ledger))
    climbed = desk.levels(label, Target.ACCEPTANCE)
    assert climbed[: len(fired)] == fired
    assert len(climbed) == len(set(climbed))
    assert all(desk.told(label)[key] >= count for key, count in told.items())


def test_a_due_time_that_moves_earlier_and_later_again_fires_nothing_twice(desk: LoneDesk) -> None:
    """Three promotions while the warning has long been sent."""
    label = order(desk)
    desk.advance(START + timedelta(hours=20))
    assert desk.levels(label, Target.ACCEPTANCE) == [1]
    for onto, limit in enumerate(["21 h", "90 h", "22 h"], start=1):
        go_live(desk, with_limits(u3_acceptance=limit), RECALCULATE, onto=onto)
        desk.run_due()
    assert desk.levels(label, Target.ACCEPTANCE) == [1]
    assert desk.events(label).count(EventKind.RULES_CHANGED) == 3


def test_a_case_in_the_middle_of_an_activation_does_not_sleep_over_a_promotion(desk: LoneDesk) -> None:
    """It looked at the old rules; its parking must not undo the waking."""
    label = order(desk)
    seen = desk.case(label).news_count
    go_live(desk, with_limits(u3_feedback="6 d"), RECALCULATE)
    assert desk.case(label).news_count == seen + 1
    assert desk.case(label).wake_at == desk.now


def test_a_reopened_case_goes_by_what_is_live_then(desk: LoneDesk) -> None:
    """And its journal says so."""
    label = desk.take_in(MENU, kind="S09", nature="CONSULT", answer="已公示。")
    desk.run_due()
    assert desk.case(label).status in {Status.CLOSED, Status.ANSWERED}
    go_live(desk, with_limits(u3_feedback="6 d"), FREEZE)
    assert desk.case(label).rules_version == 1
    desk.say(label, "reopened", "supervisor", reason="not_solved")
    desk.run_due()
    assert desk.case(label).rules_version == 2
    assert EventKind.RULES_CHANGED in desk.events(label)


def test_cases_older_than_the_first_version_are_given_it(tmp_path: Path) -> None:
    """Open and closed alike; nothing of theirs is counted by another."""
    desk = LoneDesk(small_desk(tmp_path / "old"))
    use_workplace(desk.place)
    label = order(desk)
    assert desk.case(label).rules_version is None
    assert desk.place.rules_for(desk.case(label)) is desk.place.rules
    install(desk.place)
    assert desk.case(label).rules_version == 1
    assert desk.place.rules_for(desk.case(label)).digest == shipped().digest


def test_another_process_sees_the_new_set_at_its_next_question(desk: LoneDesk) -> None:
    """The case database tells it; nobody is restarted."""
    other = small_desk(desk.place.settings.home)
    assert other.live_rules().digest == shipped().digest
    row = go_live(desk, with_limits(u3_feedback="6 d"), FREEZE)
    assert other.live_rules().digest == row.digest
    assert other.live_rules() is other.live_rules(), "read once"


def test_a_version_nobody_promoted_is_named(desk: LoneDesk) -> None:
    """Instead of judging by other rules in silence."""
    with desk.place.database.reading() as session, pytest.raises(UnknownPromotionError, match="version 7"):
        desk.place.rules_of_version(session, 7)


def test_the_one_who_was_overtaken_is_told_by_whom_and_when(desk: LoneDesk) -> None:
    """And nothing of the second edit is kept."""
    go_live(desk, with_limits(u3_feedback="6 d"), FREEZE, by="Li")
    with pytest.raises(OvertakenError, match=r"version 2 was promoted by Li at .* since your draft of version 1") as told:
        go_live(desk, with_limits(u3_feedback="5 d"), FREEZE, by="Wang")
    assert "--onto 2" in str(told.value)
    with desk.place.database.reading() as session:
        assert [each.promoted_by for each in promotions(session)] == ["installed", "Li"]


def test_the_same_files_again_are_no_promotion(desk: LoneDesk) -> None:
    """A number stands for a change."""
    with pytest.raises(PromotionRefusedError, match="nothing to promote"):
        go_live(desk, dict(shipped().files), FREEZE)


def test_everything_behind_a_promotion_is_kept_with_its_hash(desk: LoneDesk) -> None:
    """Each report can be proved to be the one that was looked at."""
    row = go_live(desk, with_limits(u3_feedback="6 d"), FREEZE)
    with desk.place.database.reading() as session:
        kept = session.get_one(Promotion, row.number)
    assert kept.files == with_limits(u3_feedback="6 d")
    for report, digest in ((kept.checked, kept.checked_hash), (kept.tested, kept.tested_hash), (kept.whatif, kept.whatif_hash)):
        assert report_hash(report) == digest
    assert report_hash({**kept.whatif, "cases": 9}) != kept.whatif_hash


def test_the_rules_supervisor_hears_of_a_promotion_once(desk: LoneDesk) -> None:
    """The first set of a new desk is no news to anybody."""
    go_live(desk, with_limits(u3_feedback="6 d"), FREEZE)
    with desk.place.database.reading() as session:
        told = session.exec(select(Notice).where(Notice.ask == Ask.RULES_PROMOTED)).all()
    assert [(each.recipient, each.case_label, each.case_id) for each in told] == [
        (Recipient.RULES_SUPERVISOR, "RULES-2", None)
    ]


def at_the_same_instant(place: Workplace, people: int) -> list[str]:
    """Everybody promotes their own edit of version 1 at once; what each of them was told."""
    start, said = threading.Barrier(people), []

    def one(days: int) -> None:
        mine = candidate(with_limits(u3_feedback=f"{days + 7} d"))
        start.wait()
        try:
            row = promote(place, mine, Wish(1, RECALCULATE, f"person {days}", "at once"), START)
            said.append(f"won {row.number}")
        except OvertakenError:
            said.append("refused")

    crowd = [threading.Thread(target=one, args=(days,)) for days in range(1, people + 1)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    return sorted(said)


def test_of_two_threads_that_promote_at_once_one_wins(desk: LoneDesk) -> None:
    """The other is refused, and only one more version is there."""
    assert at_the_same_instant(desk.place, 4) == ["refused", "refused", "refused", "won 2"]
    with desk.place.database.reading() as session:
        assert live_number(session) == 2


PROMOTING = """
import json, sys
from pathlib import Path
from models.vocabulary import OpenCases
from tasks.house.promotion import OvertakenError, Wish, promote
from tests.harness.desk_on_paper import START
from tests.harness.rule_sets import candidate, with_limits
from tests.small_desk import small_desk
place = small_desk(Path(sys.argv[1]))
mine = candidate(with_limits(u3_feedback=sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
try:
    print("won", promote(place, mine, Wish(1, OpenCases.RECALCULATE, sys.argv[2], "x"), START).number)
except OvertakenError:
    print("refused")
"""


def test_of_two_processes_that_promote_at_once_one_wins(desk: LoneDesk) -> None:
    """On the one database file that both of them write."""
    command = [sys.executable, "-c", PROMOTING, str(desk.place.settings.home)]
    root = Path(__file__).resolve().parents[1]
    both = [
        subprocess.Popen([*command, limit], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for limit in ("5 d", "6 d")
    ]
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    assert sorted(each.communicate()[0].strip() for each in both) == ["refused", "won 2"]
    with desk.place.database.reading() as session:
        assert [each.number for each in promotions(session)] == [1, 2]


def test_a_postgres_lets_one_win_too_and_no_case_slip_between(tmp_path: Path) -> None:
    """Cases are taken in all the while; after a recalculation none is left with the old version."""
    with postgres_in(tmp_path / "postgres") as url:
        migrate(database := Database(url))
        small = small_desk(tmp_path / "desk")
        place = Workplace(
            settings=small.settings, database=database, vault=unlock(database, small.settings), catalogue=small.catalogue,
            rules=small.rules, channels=small.channels, code_version="test",
        )  # fmt: skip
        desk = LoneDesk(place)
        install(desk.place)
        done = threading.Event()

        def keep_coming() -> None:
            while not done.is_set():
                desk.take_in("x")

        coming = threading.Thread(target=keep_coming)
        coming.start()
        try:
            assert at_the_same_instant(place, 3) == ["refused", "refused", "won 2"]
        finally:
            done.set()
            coming.join()
        assert versions_of_cases(place) == {2}

        with database.writing() as session:
            half_made = Case(source="t", received_at=START, rules_version=number_for_new_cases(session))
            slower = threading.Thread(target=go_live, args=(desk, with_limits(u4_callback="2 d"), RECALCULATE), kwargs={"onto": 2})
            slower.start()
            slower.join(0.5)
            assert slower.is_alive(), "the promotion does not wait for a case that is being made"
            session.add(half_made)
        slower.join()
        assert versions_of_cases(place) == {3}
        database.close()


def versions_of_cases(place: Workplace) -> set[int | None]:
    with place.database.reading() as session:
        return set(session.exec(select(Case.rules_version)))
