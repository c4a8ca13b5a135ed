"""A desk of real processes that can be killed in the middle of a life, and what is left of it after.

The processes are those of the benchmarks' stage, which starts them as `whistle up` does.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort
from sqlalchemy import update
from sqlmodel import Session, col, func, select

from benchmarks.callers import Callers
from models.case import Case
from models.exchange import Assignment, Inbox, Notice
from models.journal import broken_chains
from models.record import Clock, Decision, Escalation, Event
from models.vocabulary import NoticeState, Status
from tasks.casebook import case_of
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.workplace import Workplace

LATE_BY = timedelta(days=40)
"""How long ago the requests came: the case's own clocks are out, so that escalations fire."""
PATIENCE_S = 180.0
LOOK_EVERY_S = 0.003


@dataclass(frozen=True)
class Remains:
    """What a life left behind, without ids and times: the same for every undisturbed life."""

    status: Status
    outcome: str | None
    failures: int
    journal: tuple[str, ...]
    decisions: tuple[tuple[str, str], ...]
    clocks: tuple[tuple[str, str, int, str | None], ...]
    escalations: tuple[tuple[str, int, bool], ...]
    assignments: tuple[tuple[str, int], ...]
    news: tuple[tuple[str, str | None], ...]
    notices: tuple[tuple[str, str, str], ...]


class Scene(Protocol):
    """A desk of running processes, on one machine or spread over several."""

    @property
    def place(self) -> Workplace:
        """The desk as this process sees it."""

    @property
    def api_url(self) -> str:
        """Where Prefect answers."""

    @property
    def login(self) -> str | None:
        """What Prefect asks for."""

    @property
    def alerts(self) -> Path:
        """Where the default channel writes to."""


@dataclass
class Life:
    """One late case, driven through its three activations."""

    stage: Scene
    callers: Callers
    case_id: UUID

    def traces(self) -> int:
        """Journal entries and alerts so far: how far the life has come."""
        with self.stage.place.database.reading() as session:
            tables = (Event, Notice)
            return sum(
                session.exec(select(func.count()).where(table.case_id == self.case_id)).one()
                for table in tables
            )

    def live_until(self, traces: int) -> None:
        """Answer what the case waits for until it has left so many traces."""
        deadline = time.monotonic() + PATIENCE_S
        while self.traces() < traces:
            assert time.monotonic() < deadline, f"only {self.traces()} of {traces} traces"
            self.callers.answer_parked()
            time.sleep(LOOK_EVERY_S)

    def live_to_the_end(self) -> None:
        """Answer what the case waits for until it is closed, its run completed, its outbox empty."""
        self.callers.live_on(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while self.run_states() != [StateType.COMPLETED] or self.alerts_on_their_way():
            assert time.monotonic() < deadline, f"{self.run_states()}, {self.alerts_on_their_way()} alerts"
            time.sleep(0.1)

    def alerts_on_their_way(self) -> int:
        """Alerts neither delivered nor superseded yet."""
        on_their_way = col(Notice.state).in_([NoticeState.WAITING, NoticeState.SENDING])
        with self.stage.place.database.reading() as session:
            wanted = select(func.count()).where(Notice.case_id == self.case_id, on_their_way)
            return session.exec(wanted).one()

    def let_claims_on_alerts_run_out(self) -> None:
        """As if the two minutes had passed for which a killed worker's alerts count as being sent."""
        long_ago = datetime.now(UTC) - timedelta(seconds=1)
        with self.stage.place.database.writing() as session:
            session.execute(
                update(Notice)
                .where(col(Notice.case_id) == self.case_id, col(Notice.state) == NoticeState.SENDING)
                .values(sending_until=long_ago)
            )

    def case(self) -> Case:
        """As it stands."""
        with self.stage.place.database.reading() as session:
            return case_of(session, self.case_id)

    def wait_until(self, has_come: Callable[[], bool]) -> None:
        """Look until it has."""
        deadline = time.monotonic() + PATIENCE_S
        while not has_come():
            assert time.monotonic() < deadline, f"{self.case()}, {self.alerts_on_their_way()} alerts"
            time.sleep(0.1)

    def run_states(self) -> list[StateType | None]:
        """The states of every flow run that carries this case's number."""
        named = FlowRunFilter(name=FlowRunFilterName(any_=[self.callers.labels[0]]))
        with SyncPrefectClient(self.stage.api_url, auth_string=self.stage.login) as client:
            # The server refuses the client's own defaults of no order and no limit.
            runs = client.read_flow_runs(flow_run_filter=named, sort=FlowRunSort.ID_DESC, limit=20)
            return [run.state_type for run in runs]

    def remains(self) -> Remains:
        """What is stored about this case."""
        with self.stage.place.database.reading() as session:
            return _remains(session, case_of(session, self.case_id))

    def broken_chains(self) -> list[str]:
        """Journals of this desk that are not whole."""
        with self.stage.place.database.reading() as session:
            return list(broken_chains(session))

    def dedupe_keys(self) -> list[str]:
        """The ids of the alerts that should have left, each once."""
        with self.stage.place.database.reading() as session:
            wanted = select(Notice.dedupe_key).where(Notice.case_id == self.case_id)
            return sorted(session.exec(wanted))

    def delivered(self) -> Counter[str]:
        """How often each id of this case's alerts arrived at the default channel."""
        lines = self.stage.alerts.read_text(encoding="utf-8").splitlines()
        ids = [str(json.loads(line)["id"]) for line in lines]
        return Counter(each for each in ids if each.startswith(f"{self.case_id.hex}:"))


def begin_life(stage: Scene, name: str) -> Life:
    """Take in one request that came long ago; `name` is unique on this stage."""
    callers = Callers(stage.place, name, received_at=datetime.now(UTC) - LATE_BY)
    callers.call()
    with stage.place.database.reading() as session:
        case_id = session.exec(select(Case.id).where(Case.source == name)).one()
    return Life(stage, callers, case_id)


def begin_emergency(stage: Scene) -> Life:
    """Take in a call in which a child is being harmed at this moment."""
    form = IntakeForm(text="一个孩子正被打，满身是血，还在打", danger_now=True, source="emergency")
    taken = take_in(stage.place, form, datetime.now(UTC), actor="client:test")
    callers = Callers(stage.place, "emergency", labels=[taken.label])
    return Life(stage, callers, taken.case_id)


def _remains(session: Session, case: Case) -> Remains:
    clocks = {clock.id: clock for clock in _rows(session, Clock, case)}
    return Remains(
        status=case.status,
        outcome=case.outcome,
        failures=case.failures,
        journal=tuple(str(each.kind) for each in _rows(session, Event, case)),
        # Keys of clocks and escalations hold the clock's number, which differs between cases.
        decisions=tuple(sorted((str(each.kind), each.outcome) for each in _rows(session, Decision, case))),
        clocks=tuple((c.target, c.department, c.cycle, c.stop_reason) for c in clocks.values()),
        escalations=tuple(
            (clocks[each.clock_id].target, each.level, each.superseded)
            for each in _rows(session, Escalation, case)
        ),
        assignments=tuple((each.department, each.round) for each in _rows(session, Assignment, case)),
        news=tuple((each.kind, each.refused) for each in _rows(session, Inbox, case)),
        notices=tuple((each.ask, each.recipient, each.state) for each in _rows(session, Notice, case)),
    )


def _rows(session: Session, table: type[Any], case: Case) -> list[Any]:
    return list(session.exec(select(table).where(table.case_id == case.id).order_by(col(table.id))))
