"""Prefect's automations on the real server: made once, and a crashed run reaches an address with ids only."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.events import Event
from prefect.events.clients import get_events_client
from prefect.events.schemas.automations import AutomationCore
from prefect.states import Crashed, Failed, Pending, Running
from typer.testing import CliRunner

from desk.automations.installing import install_automations, installed_automations, is_same
from desk.automations.names import AUTOMATIONS
from desk.cli.app import app as whistle
from desk.deployments import ROOT
from models.rule_files import read_yaml
from tests.harness.prefect_server import PrefectServer

CANARY = "金丝雀Quokka"
NAMES = ["whistle-run-crashed", "whistle-pool-not-ready", "whistle-house-run-failed"]
PATIENCE_SECONDS = 15.0


@dataclass
class Receiver:
    """A real HTTP server that notes what is posted to it."""

    url: str = ""
    got: list[str] = field(default_factory=list)

    def about(self, subject: str) -> list[dict[str, Any]]:
        """Everything posted about one thing, once something was or patience ends."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = [json.loads(each) for each in self.got if subject in each]
            if found or time.monotonic() > until:
                return found
            time.sleep(0.1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    noted = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            noted.got.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        noted.url = f"http://127.0.0.1:{server.server_address[1]}/alarm"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield noted
        server.shutdown()


@pytest.fixture
def client(prefect_server: PrefectServer) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client
        for each in installed_automations(client).values():
            client.delete_automation(each.id)


def run_of(client: SyncPrefectClient, deployment: UUID) -> FlowRun:
    """A run as it is while it works, with a canary wherever somebody could put words."""
    run = client.create_flow_run_from_deployment(deployment, parameters={"case_id": str(uuid4())}, state=Pending(), name=f"W-{CANARY}")
    client.set_flow_run_state(run.id, Running(), force=True)
    return run


def test_installing_again_makes_nothing_twice_and_renews_what_changed(client: SyncPrefectClient) -> None:
    assert install_automations("") == [(name, "made") for name in NAMES]
    assert install_automations("") == [(name, "as it was") for name in NAMES]
    assert install_automations("http://127.0.0.1:9/one") == [(name, "renewed") for name in NAMES]
    assert install_automations("http://127.0.0.1:9/two") == [(name, "as it was") for name in NAMES], "the block has the address"
    assert sorted(each.name for each in client.read_automations(limit=200)) == sorted(NAMES)


def test_what_lists_its_events_in_another_order_is_the_same_automation() -> None:
    """What a trigger expects is a set; the server hands it back in any order."""
    events = [f"prefect.flow-run.{number}" for number in range(60)]
    one, other = (AutomationCore.model_validate(_expecting(each)) for each in (events, events[::-1]))
    orders = {tuple(each.model_dump(mode="json")["trigger"]["expect"]) for each in (one, other)}
    assert len(orders) == 2, "or else this shows nothing"
    assert is_same(one, other)
    assert not is_same(one, AutomationCore.model_validate(_expecting(events[1:])))


def _expecting(events: list[str]) -> dict[str, Any]:
    trigger = {"type": "event", "posture": "Reactive", "expect": events, "threshold": 1, "within": 0}
    return {"name": "any", "trigger": trigger, "actions": [{"type": "do-nothing"}]}


def test_one_that_somebody_switched_off_stays_off(client: SyncPrefectClient) -> None:
    install_automations("")
    off = installed_automations(client)[NAMES[0]]
    answer = client.request("PATCH", "/automations/{id}", path_params={"id": off.id}, json={"enabled": False})
    answer.raise_for_status()
    install_automations("http://127.0.0.1:9/one")
    assert {name: each.enabled for name, each in installed_automations(client).items()} == {NAMES[0]: False, NAMES[1]: True, NAMES[2]: True}


def test_a_crashed_run_is_told_with_its_id_and_no_word(
    client: SyncPrefectClient, receiver: Receiver, prefect_server: PrefectServer
) -> None:
    install_automations(receiver.url)
    # The triggers take up a new automation a moment after it was stored.
    time.sleep(1)
    run = run_of(client, prefect_server.case_deployment)
    client.set_flow_run_state(run.id, Crashed(message=f"it fell: {CANARY}"), force=True)
    [told] = receiver.about(str(run.id))
    assert told == {
        "alarm": "whistle-run-crashed", "event": "prefect.flow-run.Crashed", "about": f"prefect.flow-run.{run.id}", "at": told["at"],
    }  # fmt: skip
    assert CANARY not in "".join(receiver.got)


def test_a_failed_case_is_the_desks_own_affair_but_a_failed_house_run_is_told(
    client: SyncPrefectClient, receiver: Receiver, prefect_server: PrefectServer
) -> None:
    install_automations(receiver.url)
    time.sleep(1)
    case = run_of(client, prefect_server.case_deployment)
    house = run_of(client, client.read_deployment_by_name("reconcile/nightly").id)
    for run in (case, house):
        client.set_flow_run_state(run.id, Failed(message=CANARY), force=True)
    [told] = receiver.about(str(house.id))
    assert told["alarm"] == "whistle-house-run-failed"
    assert str(case.id) not in "".join(receiver.got) and CANARY not in "".join(receiver.got)


def test_a_pool_without_workers_is_told(client: SyncPrefectClient, receiver: Receiver) -> None:
    """The event is emitted as the server emits it; that it does so after a minute was looked at by hand."""
    install_automations(receiver.url)
    time.sleep(1)
    pool = f"prefect.work-pool.{uuid4()}"
    other = f"prefect.work-pool.{uuid4()}"
    _emit(other, "somebody-elses")
    _emit(pool, "cases")
    [told] = receiver.about(pool)
    assert (told["alarm"], told["event"]) == ("whistle-pool-not-ready", "prefect.work-pool.not-ready")
    assert not any(other in each for each in receiver.got)


def _emit(resource: str, name: str) -> None:
    async def send() -> None:
        async with get_events_client() as events:
            await events.emit(Event(event="prefect.work-pool.not-ready", resource={"prefect.resource.id": resource, "prefect.resource.name": name}))

    asyncio.run(send())


def test_the_command_says_what_it_did_and_that_nobody_is_told(client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WHISTLE_ALARM_URL", raising=False)
    result = CliRunner().invoke(whistle, ["automations", "install"])
    assert result.exit_code == 0, result.output
    assert "whistle-run-crashed\tmade" in result.output
    assert "WHISTLE_ALARM_URL" in result.output


def test_the_file_names_the_tags_and_the_pool_that_there_are() -> None:
    wanted = read_yaml(ROOT / "prefect.yaml")["deployments"]
    tags = {f"prefect.tag.{tag}" for each in wanted for tag in each["tags"]} - {"prefect.tag.case"}
    by_name = {each["name"]: each["trigger"] for each in read_yaml(AUTOMATIONS)["automations"]}
    assert list(by_name) == NAMES
    assert set(by_name["whistle-house-run-failed"]["match_related"]["prefect.resource.id"]) == tags
    assert {by_name["whistle-pool-not-ready"]["match"]["prefect.resource.name"]} == {each["work_pool"]["name"] for each in wanted}
