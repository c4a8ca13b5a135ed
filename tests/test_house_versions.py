"""Versions of the house: promoted, put back, and taken up by every process by itself."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from desk.front import Front
from models.database import Database
from models.exchange import Notice
from models.house import HouseVersion
from models.migrations.running import migrate
from models.record import Decision
from models.vocabulary import Ask, DecisionKind, Recipient, Versioned
from tasks import workplace as places
from tasks.casebook import Verdict, decide, editing
from tasks.house.catalogue_check import check_catalogue
from tasks.house.catalogue_promotion import candidate_of
from tasks.house.promotion import PromotionRefusedError, report_hash
from tasks.house.versions import (
    HouseCandidate,
    HouseWish,
    UnknownVersionError,
    VersionOvertakenError,
    live_version,
    promote_version,
    roll_back_version,
    take_up_versions,
    versions_of,
)
from tasks.workplace import Workplace, use_workplace, workplace
from tests.harness.catalogues import checked_shipped, edited, install_catalogue
from tests.harness.desk_on_paper import START
from tests.harness.front_door import front_door
from tests.harness.lone_desk import LoneDesk
from tests.postgres_for_tests import postgres_in
from tests.small_desk import small_desk
from workers.claiming import Claims

CATALOGUE, CLASSIFIER = Versioned.CATALOGUE, Versioned.CLASSIFIER
EDIT = edited("kinds/school.yaml", "被同学孤立", "被同学们孤立")
NOW = START


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """A desk with the shipped catalogue live as version 1."""
    place = small_desk(tmp_path / "home")
    install_catalogue(place, NOW)
    yield place
    place.database.close()


def second_process(place: Workplace) -> Workplace:
    """Another process on the same database, which has not looked yet."""
    return small_desk(place.settings.home)


def wish(onto: int | None) -> HouseWish:
    return HouseWish(onto, "Li", "asked for")


def promote_edit(place: Workplace) -> HouseVersion:
    return promote_version(place, CATALOGUE, candidate_of(check_catalogue(EDIT), {"judged": 7}), wish(1), NOW)


def store_unreadable(place: Workplace, number: int) -> None:
    """A version of a newer release, say; nobody could have promoted it here."""
    with place.database.writing() as session:
        session.add(
            HouseVersion(
                what=CATALOGUE, number=number, digest=f"d{number}", files={"departments.yaml": "other: 1\n"},
                promoted_by="x", reason="y", at=NOW, reports_hash="",
            )
        )  # fmt: skip


def notices(place: Workplace, ask: Ask) -> list[Notice]:
    with place.database.reading() as session:
        return list(session.exec(select(Notice).where(Notice.ask == ask)))


def test_what_is_promoted_is_stored_whole_with_who_why_and_reports(place: Workplace) -> None:
    promote_edit(place)
    with place.database.reading() as session:
        row = live_version(session, CATALOGUE)
    assert row is not None
    assert (row.number, row.based_on, row.promoted_by, row.reason) == (2, 1, "Li", "asked for")
    assert (row.files, row.digest) == (dict(EDIT.files), EDIT.digest)
    assert row.reports["whatif"] == {"judged": 7}
    assert row.reports_hash == report_hash(row.reports)


def test_whoever_promotes_goes_by_it_at_once(place: Workplace) -> None:
    promote_edit(place)
    assert place.catalogue.digest == EDIT.digest


def test_the_supervisors_of_rules_are_told_once_of_a_new_version(place: Workplace) -> None:
    promote_edit(place)
    told = notices(place, Ask.VERSION_PROMOTED)
    assert [(each.recipient, each.case_label) for each in told] == [(Recipient.RULES_SUPERVISOR, "CATALOGUE-2")]


def test_an_overtaken_wish_changes_nothing(place: Workplace) -> None:
    promote_edit(place)
    other = candidate_of(check_catalogue(edited("kinds/school.yaml", "围殴", "围殴我")), {})
    with pytest.raises(VersionOvertakenError, match=r"version 2 of the catalogue was promoted by Li .* --onto 2"):
        promote_version(place, CATALOGUE, other, wish(1), NOW)
    with place.database.reading() as session:
        assert [each.number for each in versions_of(session, CATALOGUE)] == [1, 2]


def test_the_same_content_is_not_promoted_again(place: Workplace) -> None:
    with pytest.raises(PromotionRefusedError, match="nothing to promote: version 1"):
        promote_version(place, CATALOGUE, candidate_of(checked_shipped(), {}), wish(1), NOW)


def test_catalogue_and_classifier_count_by_themselves_and_a_blob_comes_back_as_it_was(place: Workplace) -> None:
    weights = bytes(range(256))
    model = HouseCandidate({}, "abc", {"evaluated": {"recall": 1}}, weights)
    row = promote_version(place, CLASSIFIER, model, wish(None), NOW)
    assert row.number == 1
    with place.database.reading() as session:
        found = live_version(session, CLASSIFIER)
    assert found is not None
    assert found.blob == weights


def test_a_rollback_is_a_new_version_that_says_what_it_puts_back(place: Workplace) -> None:
    promote_edit(place)
    row = roll_back_version(place, CATALOGUE, 1, wish(2), {}, NOW)
    assert (row.number, row.rolls_back_to, row.digest) == (3, 1, checked_shipped().snapshot.digest)
    assert place.catalogue.digest == checked_shipped().snapshot.digest


def test_a_version_that_never_was_cannot_be_put_back(place: Workplace) -> None:
    with pytest.raises(UnknownVersionError, match="no catalogue went live as version 9"):
        roll_back_version(place, CATALOGUE, 9, wish(1), {}, NOW)


def at_once(*processes: Workplace) -> list[str]:
    """What became of each, when all promote onto version 1 at the same instant."""
    together, ended = Barrier(len(processes)), list[str]()

    def promote(process: Workplace, words: str) -> None:
        candidate = candidate_of(check_catalogue(edited("kinds/school.yaml", "围殴", words)), {})
        together.wait()
        try:
            promote_version(process, CATALOGUE, candidate, wish(1), NOW)
            ended.append("won")
        except VersionOvertakenError:
            ended.append("refused")

    threads = [Thread(target=promote, args=(each, f"围殴{number}人")) for number, each in enumerate(processes)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sorted(ended)


def test_of_two_who_promote_at_once_one_is_refused(place: Workplace) -> None:
    assert at_once(second_process(place), second_process(place)) == ["refused", "won"]

def test_on_postgres_too_one_of_two_wins(tmp_path: Path) -> None:
    with postgres_in(tmp_path / "postgres") as url:
        migrate(database := Database(url))
        small = small_desk(tmp_path / "home")
        place = replace(small, database=database)
        install_catalogue(place, NOW)
        assert at_once(place, replace(small, database=database)) == ["refused", "won"]
        with database.reading() as session:
            assert [each.number for each in versions_of(session, CATALOGUE)] == [1, 2]
        database.close()


def test_another_process_takes_it_up_by_itself_at_its_next_look(place: Workplace) -> None:
    other = second_process(place)
    other.take_up()
    promote_edit(place)
    assert other.catalogue.digest != EDIT.digest
    other.take_up()
    assert other.catalogue.digest == EDIT.digest


def test_pages_and_api_go_by_it_without_restart(place: Workplace) -> None:
    serving = second_process(place)
    promote_edit(place)
    with front_door(serving, lambda: NOW) as client:
        assert client.get("/progress").status_code == 200
    assert serving.catalogue.digest == EDIT.digest


def test_a_worker_goes_by_it_before_it_claims_its_next_case(place: Workplace) -> None:
    working = second_process(place)
    claims = Claims(working, uuid4(), ThreadPoolExecutor(1), 1)
    promote_edit(place)
    assert claims._claim(1) == []
    assert working.catalogue.digest == EDIT.digest


def test_a_database_that_does_not_answer_is_the_requests_own_trouble(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look before it is made again at the next request."""
    front, looks = Front(place, lambda: NOW), list[int]()

    def fails(_place: Workplace, _now: object) -> None:
        looks.append(1)
        raise OperationalError("SELECT", {}, OSError("away"))

    monkeypatch.setattr("desk.front.take_up_versions", fails)
    asyncio.run(front.stay_up_to_date())
    asyncio.run(front.stay_up_to_date())
    assert len(looks) == 2


def test_a_task_in_the_middle_keeps_the_catalogue_it_began_with(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_in_use", [])
    use_workplace(place)
    begun = workplace()
    promote_edit(place)
    assert begun.catalogue.digest == checked_shipped().snapshot.digest
    assert workplace().catalogue.digest == EDIT.digest


def test_looking_when_nothing_is_new_is_one_query(place: Workplace) -> None:
    place.take_up()
    asked: list[str] = []
    event.listen(place.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    place.take_up()
    assert len([each for each in asked if not each.startswith("BEGIN")]) == 1


def test_a_version_that_cannot_be_read_never_replaces_one_that_works(place: Workplace) -> None:
    working = place.catalogue
    store_unreadable(place, 2)
    take_up_versions(place, NOW)
    take_up_versions(place, NOW + timedelta(hours=1))
    take_up_versions(second_process(place), NOW)
    assert place.catalogue is working
    told = notices(place, Ask.VERSION_UNREADABLE)
    assert [(each.recipient, each.case_label) for each in told] == [(Recipient.RULES_SUPERVISOR, "CATALOGUE-2")]


def test_after_an_unreadable_version_the_next_readable_one_is_taken_up(place: Workplace) -> None:
    store_unreadable(place, 2)
    take_up_versions(place, NOW)
    promote_version(place, CATALOGUE, candidate_of(check_catalogue(EDIT), {}), wish(2), NOW)
    assert place.catalogue.digest == EDIT.digest
    assert place.house.unreadable == ()


def test_a_process_that_starts_on_an_unreadable_version_goes_by_the_one_before(place: Workplace) -> None:
    promote_edit(place)
    store_unreadable(place, 3)
    started = second_process(place)
    assert [each.number for each in started.take_up()] == [3]
    assert started.catalogue.digest == EDIT.digest


def test_a_decision_by_the_catalogue_carries_the_digest_of_the_live_one(place: Workplace) -> None:
    desk = LoneDesk(place)
    label = desk.take_in()
    promote_edit(place)
    verdict = Verdict(DecisionKind.CLASSIFY, "S01", "kind:S01", "归类", "kind")
    with editing(place, desk.case(label).id) as (session, case):
        decide(place, session, case, "classify:test", verdict, NOW)
    with place.database.reading() as session:
        stored = session.exec(select(Decision).where(Decision.key == "classify:test")).one()
    assert stored.rule_hash == EDIT.digest
