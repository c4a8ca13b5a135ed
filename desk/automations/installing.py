"""Putting the automations of `automations.yaml` into a Prefect server, once each."""

from typing import Any
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.schemas.automations import Automation, AutomationCore

from desk.automations.names import AUTOMATIONS
from models.rule_files import read_yaml

BLOCK = "whistle-alarm"


def install_automations(alarm_url: str) -> list[tuple[str, str]]:
    """Make the automations that are missing and renew those that differ; others are left alone.

    Args:
        alarm_url: Where they post, or empty: then they only show in Prefect's feed of events.

    Returns:
        Each name with `made`, `renewed` or `as it was`.

    Raises:
        RuleFileError: The file is missing or not YAML.
        httpx.HTTPError: The Prefect server does not answer, or refuses.
    """
    block_id = _block(alarm_url) if alarm_url else None
    with get_client(sync_client=True) as client:
        known = installed_automations(client)
        return [(wanted.name, _install(client, wanted, known.get(wanted.name))) for wanted in wanted_automations(block_id)]


def wanted_automations(block_id: UUID | None) -> list[AutomationCore]:
    """The automations of the file, telling whoever stands behind the block."""
    said = read_yaml(AUTOMATIONS)
    action: dict[str, Any] = {"type": "do-nothing"}
    if block_id is not None:
        action = {"type": "call-webhook", "block_document_id": str(block_id), "payload": said["message"]}
    return [AutomationCore.model_validate({**each, "actions": [action]}) for each in said["automations"]]


def installed_automations(client: SyncPrefectClient) -> dict[str, Automation]:
    """Every automation of the server, by name."""
    return {each.name: each for each in client.read_automations(limit=200)}


def is_same(one: AutomationCore, other: AutomationCore) -> bool:
    """Whether two automations say the same; what the server adds of its own does not count."""
    return _said(one) == _said(other)


def _install(client: SyncPrefectClient, wanted: AutomationCore, known: Automation | None) -> str:
    if known is None:
        client.create_automation(wanted)
        return "made"
    # Somebody who switched one off had a reason; installing again does not switch it on.
    wanted = wanted.model_copy(update={"enabled": known.enabled})
    if is_same(known, wanted):
        return "as it was"
    # The client sends what was set and nothing else; the server refuses an owner when it renews.
    whole = wanted.model_dump(mode="json", exclude={"owner_resource"})
    client.update_automation(known.id, AutomationCore.model_validate(whole))
    return "renewed"


def _said(automation: AutomationCore) -> dict[str, Any]:
    # Not as JSON: what a trigger expects is a set, and two equal sets may list themselves in different orders.
    said = automation.model_dump(include=set(AutomationCore.model_fields))
    # The server gives every trigger an id of its own.
    said["trigger"].pop("id", None)
    return said


def _block(alarm_url: str) -> UUID:
    """The block with the address; Prefect encrypts it and shows it to nobody."""
    saved: Any = Webhook(url=alarm_url).save(BLOCK, overwrite=True)
    return UUID(str(saved))
