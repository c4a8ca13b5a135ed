"""What a worker says of edited rules, while it goes on judging by the live ones."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import PrefectClient, get_client
from sqlmodel import select

from models.exchange import Notice
from models.record import Clock
from models.vocabulary import Ask, OpenCases, Target
from tasks.house.rule_folder import draft_live, working_folder
from tasks.workplace import use_workplace
from tests.harness.living_desk import LivingDesk, living_desk
from tests.harness.lone_desk import LoneDesk
from tests.harness.prefect_server import PrefectServer
from tests.harness.rule_sets import GRADES, book_once, go_live, install, judge_once, with_limits
from tests.harness.worker_loop import work_until
from tests.small_desk import small_desk
from workers.rules_watch import BOARD, RulesWatch, show

TYPO = with_limits()[GRADES].replace("limit: 1 h", "limt: 1 h", 1)
SOUND = with_limits(u4_callback="2 d")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoneDesk]:
    """A desk with version 1 live and its files in the working folder."""
    monkeypatch.setattr("tasks.house.promoted_rules.rule_book_of", book_once)
    monkeypatch.setattr("tasks.house.folder_state.judge", judge_once)
    desk = LoneDesk(small_desk(tmp_path / "desk"))
    use_workplace(desk.place)
    lay_out(desk)
    yield desk
    desk.place.database.close()


def lay_out(desk: LoneDesk | LivingDesk) -> None:
    install(desk.place)
    with desk.place.database.reading() as session:
        draft_live(session, working_folder(desk.place.settings.home))


@pytest.fixture
def watch(desk: LoneDesk) -> RulesWatch:
    """A worker's watch that has shown what it found at its start."""
    watch = RulesWatch(desk.place)
    assert "as live; nothing waits" in str(seen(watch, desk))
    return watch


def save(desk: LoneDesk | LivingDesk, text: str) -> None:
    (working_folder(desk.place.settings.home) / GRADES).write_text(text, encoding="utf-8")


def seen(watch: RulesWatch, desk: LoneDesk) -> str | None:
    """What two looks in a row find, shown in a Prefect that takes everything."""
    pages: list[str | None] = []

    class Prefect:
        async def request(self, *_: object, **__: object) -> httpx.Response:
            return httpx.Response(200, json=[])

        async def create_artifact(self, artifact: object) -> None:
            pages.append(artifact.data)  # type: ignore[attr-defined] # the one class that is sent

    for _ in range(2):
        asyncio.run(watch.step(Prefect()))  # type: ignore[arg-type] # only these two calls are made
    return pages[-1] if pages else None


def alarms(desk: LoneDesk | LivingDesk) -> int:
    with desk.place.database.reading() as session:
        broken = select(Notice).where(Notice.ask == Ask.RULES_BROKEN, Notice.recipient == "RULES_SUPERVISOR")
        return len(session.exec(broken).all())


def test_nothing_new_is_not_read_again(desk: LoneDesk, watch: RulesWatch) -> None:
    """The files are looked at, not opened."""
    assert seen(watch, desk) is None


def test_a_file_that_was_just_saved_is_read_at_the_next_look(desk: LoneDesk, watch: RulesWatch) -> None:
    """It may be the first of several."""
    save(desk, TYPO)
    assert watch.look(desk.now) is None
    assert "BROKEN" in str(watch.look(desk.now))


def test_a_broken_edit_is_told_in_log_page_and_alert(
    desk: LoneDesk, watch: RulesWatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With file, line, column and field."""
    save(desk, TYPO)
    with caplog.at_level(logging.WARNING, "whistle.worker"):
        page = str(seen(watch, desk))
    where = "rules/grades.yaml:39:9: grades.U0.rules.0.limt: unknown key"
    assert where in page
    assert "BROKEN, not live" in page
    assert any(where in line for line in caplog.messages)
    assert alarms(desk) == 1


def test_a_broken_edit_never_reaches_a_case(desk: LoneDesk, watch: RulesWatch) -> None:
    """Cases go by what is live, whatever the folder holds."""
    save(desk, TYPO)
    seen(watch, desk)
    label = desk.take_in("食堂", kind="S09")
    desk.run_due()
    assert desk.case(label).rules_version == 1
    assert desk.departments(label)


def test_several_workers_raise_one_alarm(desk: LoneDesk, watch: RulesWatch) -> None:
    """And the same mistake made once more is none."""
    second = RulesWatch(desk.place)
    for text in (TYPO, with_limits()[GRADES], TYPO):
        save(desk, text)
        seen(watch, desk)
        seen(second, desk)
    assert alarms(desk) == 1
    save(desk, TYPO.replace("limit: 15 min", "limit: 15 minutes", 1))
    seen(second, desk)
    assert alarms(desk) == 2


def test_a_failing_example_is_an_alarm_too(desk: LoneDesk, watch: RulesWatch) -> None:
    """The set could not go live."""
    save(desk, with_limits(u3_feedback="6 d")[GRADES])
    assert "BROKEN" in str(seen(watch, desk))
    assert alarms(desk) == 1


def test_a_sound_edit_waits_for_its_promotion(desk: LoneDesk, watch: RulesWatch) -> None:
    """Nobody is alarmed, and the page says what to type."""
    save(desk, SOUND[GRADES])
    page = str(seen(watch, desk))
    assert "edited, not live: `whistle rules promote`" in page
    assert alarms(desk) == 0


def test_the_page_follows_a_promotion(desk: LoneDesk, watch: RulesWatch) -> None:
    """The folder did not change; what is live did."""
    save(desk, SOUND[GRADES])
    seen(watch, desk)
    go_live(desk, SOUND, OpenCases.FREEZE, by="Li")
    page = str(seen(watch, desk))
    assert "as live; nothing waits" in page
    assert "live: **2**" in page
    assert "`Li`" in page


def test_an_edit_of_an_older_version_is_named_as_such(desk: LoneDesk, watch: RulesWatch) -> None:
    """Somebody else has promoted since."""
    save(desk, SOUND[GRADES])
    go_live(desk, with_limits(u4_callback="4 d"), OpenCases.FREEZE)
    assert "drafted from version 1, not from the live one" in str(seen(watch, desk))


@pytest.mark.parametrize("text", ["\x00\x01", "- [", "a: &a [*a]\n", "", "grades: 5\n", "?" * 5000], ids=repr)
def test_whatever_is_saved_the_watch_goes_on(desk: LoneDesk, watch: RulesWatch, text: str) -> None:
    """A worker must outlive its rule files."""
    save(desk, text)
    assert "BROKEN" in str(seen(watch, desk))
    save(desk, with_limits()[GRADES])
    assert "as live" in str(seen(watch, desk))


def test_a_folder_that_is_gone_is_no_edit(desk: LoneDesk, watch: RulesWatch) -> None:
    """On most machines there is none."""
    folder = working_folder(desk.place.settings.home)
    folder.rename(folder.with_name("elsewhere"))
    assert "as live" in str(seen(watch, desk))
    assert alarms(desk) == 0


def test_a_prefect_that_is_away_gets_the_page_later(desk: LoneDesk, watch: RulesWatch) -> None:
    """What could not be shown is not taken for shown."""

    class Away:
        async def request(self, *_: object, **__: object) -> httpx.Response:
            raise httpx.ConnectError("away")

    save(desk, TYPO)
    for _ in range(3):
        asyncio.run(watch.step(Away()))  # type: ignore[arg-type] # only this call is made
    assert alarms(desk) == 1
    assert "BROKEN" in str(seen(watch, desk))


def newest(pages: list[dict[str, str]]) -> str:
    return max(pages, key=lambda each: each["created"])["data"]


async def pages_of(client: PrefectClient) -> list[dict[str, str]]:
    wanted = {"artifacts": {"key": {"any_": [BOARD]}}}
    found: list[dict[str, str]] = (await client.request("POST", "/artifacts/filter", json=wanted)).json()
    return found


def test_the_same_page_is_stored_once_in_the_real_prefect(prefect_server: PrefectServer) -> None:
    """Though every worker shows it."""

    async def live() -> tuple[int, int, str]:
        async with get_client() as client:
            before = len(await pages_of(client))
            for page in ("one", "one", "two"):
                await show(client, page)
            pages = await pages_of(client)
            return before, len(pages), newest(pages)

    before, after, last = asyncio.run(live())
    assert (after - before, last) == (2, "two")


def test_a_running_worker_takes_a_promotion_up(prefect_server: PrefectServer, tmp_path: Path) -> None:
    """The process that told of the mistake judges the next case by the new set, without a restart."""
    with living_desk(tmp_path / "desk", prefect_server.case_deployment) as desk:
        lay_out(desk)
        old = desk.take_in("食堂", kind="S09")
        save(desk, TYPO)
        new: list[str] = []

        def is_lived() -> bool:
            if alarms(desk) and desk.departments(old) and not new:
                go_live(desk, with_limits(u3_feedback="6 d"), OpenCases.FREEZE)
                new.append(desk.take_in("食堂", kind="S09"))
            return bool(new) and bool(feedback(desk, new[0]))

        assert work_until(is_lived)
        assert feedback(desk, new[0]) == feedback(desk, old) - timedelta(days=1)


def feedback(desk: LivingDesk, label: str) -> Any:
    clocks = [each for each in desk.rows(Clock, label) if each.target is Target.FEEDBACK]
    return clocks[0].due_at if clocks else None
