"""Every task of a case, run again at every point of a life, changes nothing in any table."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.tasks import Task
from sqlmodel import col, select

from flows import case as story
from flows.without_prefect import STEPS
from models.case import Case
from models.vocabulary import Step
from tasks.settling import settle
from tasks.steps import Steps
from tasks.workplace import Workplace, use_workplace
from tests.harness.desk_on_paper import START, DeskOnPaper
from tests.harness.living_through import play
from tests.harness.scenario import Scenario, load_scenarios
from tests.harness.snapshots import Rows, snapshot
from tests.harness.times import moment
from tests.small_desk import small_desk

LIVES = load_scenarios(Path(__file__).parent / "scenarios")
TASKS: dict[str, Task[..., Any]] = {
    name: each for name, each in vars(story).items() if isinstance(each, Task)
}


class WithoutPrefect(DeskOnPaper):
    """A desk whose activations call the tasks' own functions, each twice, with no Prefect."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(place, START)
        self.repeated: set[Step] = set()
        self._eye = sqlite3.connect(place.settings.home / "cases.db")
        self._seen: tuple[int, Rows] | None = None

    def close(self) -> None:
        """Nobody lives here any more."""
        self._eye.close()
        self.place.database.close()

    def _all_rows(self) -> Rows:
        """Everything in the database; read anew only if SQLite says that somebody changed it."""
        with closing(self._eye.execute("PRAGMA data_version")) as told:
            (version,) = told.fetchone()
        if self._seen is None or self._seen[0] != version:
            self._seen = version, snapshot(self.place.database)
        return self._seen[1]

    def run_due(self) -> int:
        """Run what is due; every step is done twice and the second time must change nothing."""
        ran = 0
        while (case_id := self._due()) is not None:
            self._activate(case_id)
            ran += 1
            assert ran < 50, "the desk does not come to rest"
        return ran

    def _due(self) -> UUID | None:
        with self.place.database.reading() as session:
            return session.exec(select(Case.id).where(col(Case.wake_at) <= self.now).limit(1)).first()

    def _activate(self, case_id: UUID) -> None:
        steps = Steps(case_id, self.now)
        for step in steps:
            task = STEPS[step]
            task.fn(case_id, self.now)
            before = self._all_rows()
            task.fn(case_id, self.now)
            assert self._all_rows() == before, f"{step} repeated"
            self.repeated.add(step)
        settle(case_id, steps.news_seen, self.now)
        before = self._all_rows()
        settle(case_id, steps.news_seen, self.now)
        for name, task in TASKS.items():
            task.fn(case_id, self.now)
            assert self._all_rows() == before, f"{name} at rest"


@pytest.fixture
def lone_desk(tmp_path: Path) -> Iterator[WithoutPrefect]:
    """A desk without server and threads; only its tasks."""
    desk = WithoutPrefect(small_desk(tmp_path / "desk"))
    use_workplace(desk.place)
    yield desk
    desk.close()


def test_every_step_has_its_task_and_every_task_its_step() -> None:
    """Or a new task would not be repeated here, and an emergency would fail on it while Prefect is away."""
    assert set(STEPS) == set(Step)
    assert {each.name for each in STEPS.values()} == {each.name for each in TASKS.values()}


@pytest.mark.parametrize("scenario", LIVES, ids=lambda each: each.name)
def test_a_repeated_task_changes_nothing(scenario: Scenario, lone_desk: WithoutPrefect) -> None:
    """After each step the same task again, and at rest every task once more."""
    labels: dict[str, str] = {}
    lone_desk.now = moment(scenario.life[0].at)
    for each in scenario.life:
        play(lone_desk, each, labels)
        lone_desk.run_due()
    assert Step.SCREEN in lone_desk.repeated
