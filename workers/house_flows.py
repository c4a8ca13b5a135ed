"""Flows about no single case, run when their deployment is due or somebody starts them in the UI.

They run in a thread of the worker, beside its activations; what is heavy in them runs in processes
of its own.
"""

from typing import Any

from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import run_flow_sync
from prefect.flows import Flow

from flows.common_issues import find_common_issues
from flows.data_quality import check_records
from flows.demand_report import demand_report
from flows.early_warning import warn_early
from flows.follow_ups import follow_up
from flows.notices import send_waiting_notices
from flows.proactive import tend_orders
from flows.reconcile import reconcile
from flows.retention import retain

HOUSE_FLOWS: dict[str, Flow[Any, Any]] = {
    each.name: each
    for each in (
        send_waiting_notices, check_records, reconcile, retain, follow_up, warn_early, tend_orders, find_common_issues, demand_report
    )
}


class UnknownFlowError(ValueError):
    """The work pool was given a run of a flow that this release does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"this release has no flow named {name}; deploy again with `python -m desk.deployments`")


def run_of_the_house(flow_run: FlowRun, name: str) -> None:
    """Run the engine on a run of one of the house's flows, to its end.

    Raises:
        UnknownFlowError: There is no such flow.
    """
    if name not in HOUSE_FLOWS:
        raise UnknownFlowError(name)
    try:
        run_flow_sync(
            HOUSE_FLOWS[name],
            flow_run=flow_run.model_copy(update={"deployment_id": None}),
            parameters=HOUSE_FLOWS[name].validate_parameters(flow_run.parameters),
            return_type="state",
        )
    except (Pause, Abort):
        return
