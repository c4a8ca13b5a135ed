"""Cases and flow runs that disagree are found, repaired where that is safe, and only once."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Cancelled, Pending, Running, Suspended
from sqlalchemy import update
from sqlmodel import col

from benchmarks.records import NOW
from flows.reconcile import reconcile
from models.case import Case
from models.vocabulary import Flag
from tasks.records.reconciling import REPAIRS, CaseAtHand, Difference, RunAtHand, differences
from tests.harness.living_desk import LivingDesk

RUN = RunAtHand(uuid4(), "W-000001", is_final=False)
PARKED = CaseAtHand(
    id=uuid4(), label="W-000001", is_open=True, run_id=RUN.id, received_at=NOW - timedelta(days=2),
    wake_at=NOW + timedelta(hours=3), flag=None, has_running_clock=True, lease_until=None,
)  # fmt: skip
OVER = replace(RUN, is_final=True)


@pytest.mark.parametrize(
    ("case", "run", "expected"),
    [
        (PARKED, RUN, None),
        (replace(PARKED, wake_at=NOW), None, None),
        (replace(PARKED, run_id=None), None, Difference.NO_RUN),
        (replace(PARKED, run_id=None, received_at=NOW - timedelta(minutes=1)), None, None),
        (PARKED, None, Difference.RUN_UNKNOWN),
        (PARKED, OVER, Difference.RUN_FINAL),
        (replace(PARKED, flag=Flag.RUN_CANCELLED), OVER, None),
        (replace(PARKED, wake_at=None), RUN, Difference.NEVER_WAKES),
        (replace(PARKED, wake_at=None, has_running_clock=False), RUN, None),
        (replace(PARKED, is_open=False, wake_at=None), OVER, None),
        (replace(PARKED, is_open=False, wake_at=None), RUN, Difference.RUN_OF_CLOSED),
        (replace(PARKED, lease_until=NOW - timedelta(hours=1)), RUN, Difference.LEASE_LOST),
        (replace(PARKED, lease_until=NOW - timedelta(minutes=1)), RUN, None),
    ],
)
def test_how_a_case_and_its_run_can_differ(case: CaseAtHand, run: RunAtHand | None, expected: Difference | None) -> None:
    found = differences([case], [run] if run else [], NOW)
    assert [each.difference for each in found] == ([expected] if expected else [])


def test_a_live_run_that_is_no_cases_own_is_an_orphan_and_one_that_is_over_is_history() -> None:
    stranger = RunAtHand(uuid4(), "W-000099", is_final=False)
    found = differences([PARKED], [RUN, stranger, replace(stranger, id=uuid4(), is_final=True)], NOW)
    assert [(each.difference, each.run_id) for each in found] == [(Difference.ORPHAN, stranger.id)]


def test_there_is_an_answer_to_every_difference() -> None:
    assert set(REPAIRS) == set(Difference)


def test_what_is_wrong_is_repaired_once_and_a_dry_run_touches_nothing(desk: LivingDesk) -> None:
    """A lost run, a run that ended under an open case, a case that never wakes, and a run of nobody."""
    reconcile()  # the server has runs of other tests' desks, which are nobody's here
    labels = [desk.take_in(kind="S04") for _ in range(4)]
    desk.run_due()
    healthy, lost, ended, asleep = (desk.case(label) for label in labels)
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(ended.run_id, Cancelled(), force=True)
        client.delete_flow_run(lost.run_id)
        made = client.create_flow_run_from_deployment(
            client.read_flow_run(healthy.run_id).deployment_id, parameters={"case_id": str(uuid4())}, state=Pending(), name="W-777777"
        )
        client.set_flow_run_state(made.id, Suspended(), force=True)
    with desk.place.database.writing() as session:
        session.execute(update(Case).where(col(Case.id) == asleep.id).values(wake_at=None))

    before = {label: desk.case(label).wake_at for label in labels}
    assert reconcile(dry_run=True).startswith("4 differences, 0 repaired")
    assert {label: desk.case(label).wake_at for label in labels} == before

    assert reconcile().startswith("4 differences, 4 repaired, 0 left")
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(made.id).state.is_cancelled()
    desk.run_due()
    assert desk.case(labels[1]).run_id != lost.run_id, "a new run carries the case whose run was lost"
    assert desk.case(labels[2]).flag is Flag.RUN_CANCELLED, "a person says how a cancelled run goes on"
    assert desk.case(labels[3]).wake_at is not None
    assert reconcile().startswith("0 differences, 0 repaired")


def test_a_run_of_the_house_whose_worker_is_gone_is_ended_and_a_case_s_own_run_never(desk: LivingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    label = desk.take_in(kind="S04")
    desk.run_due()
    with get_client(sync_client=True) as client:
        made = client.create_flow_run_from_deployment(client.read_deployment_by_name("reconcile/nightly").id, state=Pending())
        for run_id in (made.id, desk.run(label).id):
            client.set_flow_run_state(run_id, Running(), force=True)
        reconcile()
        assert client.read_flow_run(made.id).state.is_running(), "it may be at work"
        monkeypatch.setattr("flows.reconcile.ABANDONED_AFTER", timedelta(0))
        reconcile(dry_run=True)
        assert client.read_flow_run(made.id).state.is_running()
        assert reconcile().endswith("abandoned runs ended")
        assert client.read_flow_run(made.id).state.is_crashed()
        assert client.read_flow_run(desk.run(label).id).state.is_running()
