"""`python -m desk.deployments`: the work pool, the deployments of `prefect.yaml` and the automations.

It does what `prefect deploy --all` does, in one process and half the time; the command works as well,
once the pool is there.
"""

from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from desk.automations.installing import install_automations
from models.rule_files import read_yaml
from models.settings import DeskSettings
from workers.case_worker import CaseWorker

ROOT = Path(__file__).parents[1]


def deploy() -> None:
    """Make the pools that `prefect.yaml` names if they are missing, and make or renew its deployments.

    Raises:
        RuleFileError: `prefect.yaml` is missing or not YAML.
        httpx.HTTPError: The Prefect server does not answer, or refuses.
    """
    wanted = read_yaml(ROOT / "prefect.yaml")["deployments"]
    with get_client(sync_client=True) as client:
        for pool in {each["work_pool"]["name"] for each in wanted}:
            _make_pool(client, pool)
        for each in wanted:
            _deploy(client, each)


def _make_pool(client: SyncPrefectClient, name: str) -> None:
    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        template = CaseWorker.get_default_base_job_template()
        client.create_work_pool(WorkPoolCreate(name=name, type=CaseWorker.type, base_job_template=template))


def _deploy(client: SyncPrefectClient, wanted: dict[str, Any]) -> None:
    flow: Flow[..., Any] = load_flow_from_entrypoint(wanted["entrypoint"], use_placeholder_flow=False)
    client.create_deployment(
        flow_id=client.create_flow(flow),
        name=wanted["name"],
        description=wanted.get("description"),
        tags=list(wanted.get("tags", [])),
        entrypoint=wanted["entrypoint"],
        work_pool_name=wanted["work_pool"]["name"],
        parameters=dict(wanted.get("parameters", {})),
        schedules=[_schedule(each) for each in wanted.get("schedules", [])],
        **_limit(wanted.get("concurrency_limit")),
        parameter_openapi_schema=parameter_schema(flow).model_dump(),
        enforce_parameter_schema=wanted.get("enforce_parameter_schema", True),
        pull_steps=[],
    )


def _schedule(wanted: dict[str, Any]) -> DeploymentScheduleCreate:
    when = CronSchedule(cron=wanted["cron"], timezone=wanted["timezone"])
    return DeploymentScheduleCreate(schedule=when, slug=wanted["slug"])


def _limit(wanted: dict[str, Any] | None) -> dict[str, Any]:
    if wanted is None:
        return {}
    strategy = ConcurrencyLimitStrategy(wanted["collision_strategy"])
    return {"concurrency_limit": wanted["limit"], "concurrency_options": ConcurrencyOptions(collision_strategy=strategy)}


if __name__ == "__main__":
    deploy()
    install_automations(DeskSettings().alarm_url)
