"""The only door to Apprise: what is due in the outbox goes out, and what came of it is stored."""

import errno
import json
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from apprise import (
    Apprise,
    AppriseAsset,
    NotificationManager,
    NotifyBase,
    NotifyFormat,
    NotifyType,
    OverflowMode,
    PersistentStoreMode,
)

from models.database import Database
from models.grades import GRAVITY
from models.vocabulary import Grade
from notifications.channels import Channels, Trouble
from notifications.json_lines import append_line
from notifications.messages import Message, digest_of
from notifications.outbox import Sent, claim_due, put_back, record
from notifications.parcels import Parcel
from notifications.tally import count_alerts

NOTIFY_TYPES: dict[Grade, NotifyType] = {
    Grade.U0: NotifyType.FAILURE,
    Grade.U1: NotifyType.FAILURE,
    Grade.U2: NotifyType.WARNING,
    Grade.U3: NotifyType.INFO,
    Grade.U4: NotifyType.INFO,
    Grade.UC: NotifyType.INFO,
}
"""How loud an alert looks where the service has colours. Every grade is a key."""

ID_HEADER = "X-Whistle-Notice"
CHANNELS_AT_ONCE = 8
BEGIN_WITHIN_SECONDS = 60.0
"""A pass starts no delivery later than this, so that the slowest one still ends within its lease."""

_LOG = logging.getLogger("whistle.alerts")
_OFF = logging.CRITICAL + 1

# Apprise logs addresses and bodies, urllib3 the paths of webhooks: both hold secrets.
logging.getLogger("apprise").setLevel(_OFF)
logging.getLogger("urllib3").setLevel(_OFF)


class JsonLines(NotifyBase):  # type: ignore[no-untyped-call]  # Apprise types its classes in part
    """`jsonl://localhost/absolute/file`: one synced JSON line for each message.

    It stands here because only this module may know Apprise; the writing is in `json_lines`.
    """

    service_name: Any = "JSON lines"
    protocol: Any = "jsonl"

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)  # type: ignore[no-untyped-call]  # as above
        self.path = Path(unquote(parts.get("fullpath") or ""))
        self.envelope: dict[str, Any] = {}
        self.trouble = Trouble.CHANNEL_REFUSED

    def send(self, body: str, title: str = "", *_: Any, **__: Any) -> bool:
        """Whether the line is on the disk; if not, `trouble` says why."""
        said = {**self.envelope, "title": title, "body": body}
        try:
            append_line(self.path, json.dumps(said, ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            self.trouble = Trouble.DISK_FULL if is_full else Trouble.CHANNEL_REFUSED
            return False
        return True

    def url(self, privacy: bool = False, *_: Any, **__: Any) -> str:
        """The address, for Apprise's own bookkeeping."""
        return f"{self.protocol}://localhost{self.path}"

    @staticmethod
    def parse_url(url: Any, *_: Any, **__: Any) -> Any:
        """The address in Apprise's parts, or None."""
        return NotifyBase.parse_url(url, verify_host=False)


_PLUGINS: Any = NotificationManager
_PLUGINS().add(plugin=JsonLines, schemas="jsonl")


def send_due(
    database: Database,
    channels: Channels,
    now: datetime,
    *,
    limit: int = 200,
    only_case: UUID | None = None,
    wall_now: datetime | None = None,
) -> Sent:
    """Send every alert that is due, each at least once, and store what came of it.

    Several workers may do so at the same time: each alert is claimed by one of them. Nothing is
    sent inside a transaction, so a crash in between sends an alert again, with the same id.

    Args:
        database: Where the outbox is.
        channels: Who is told by which channel.
        now: Aware time the desk lives by.
        limit: At most so many alerts; call again while something was sent.
        only_case: Leave the alerts of other cases to others.
        wall_now: Aware wall-clock time, if `now` is a rehearsal's faster clock: leases must last
            as long as a delivery really takes.
    """
    started = time.monotonic()
    parcels, held = claim_due(
        database, channels, now, limit=limit, only_case=only_case, wall_now=wall_now
    )

    def send(one_channel: Sequence[Parcel]) -> Sent:
        return _send_in_turn(database, channels, one_channel, now, started)

    queues = _by_address(parcels)
    if len(queues) < 2:
        return sum(map(send, queues), Sent(waiting=held))
    # A slow channel must not keep the alerts of the others waiting.
    with ThreadPoolExecutor(CHANNELS_AT_ONCE, thread_name_prefix="alerts") as pool:
        # Each thread says its lines in a copy of this context, with the case they are about.
        going = [pool.submit(copy_context().run, send, each) for each in queues]
        return sum((each.result() for each in going), Sent(waiting=held))


def unusable_channels(channels: Channels) -> list[str]:
    """Recipients with a configured channel whose address Apprise cannot read, as `EDU: department`."""
    return [
        f"{who}: {channel.name}"
        for who in channels.recipients
        for channel in channels.way_to(who).channels
        if Apprise.instantiate(channel.url.get_secret_value(), asset=_asset()) is None
    ]


def _by_address(parcels: Sequence[Parcel]) -> list[list[Parcel]]:
    queues: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        queues.setdefault(parcel.channel.url.get_secret_value(), []).append(parcel)
    return list(queues.values())


def _send_in_turn(
    database: Database, channels: Channels, parcels: Sequence[Parcel], now: datetime, started: float
) -> Sent:
    """Send one channel's parcels; once it hangs, it counts as hanging for the rest of them too."""
    outcome = Sent()
    trouble: Trouble | None = None
    for parcel in parcels:
        if time.monotonic() - started > BEGIN_WITHIN_SECONDS:
            outcome += put_back(database, parcel)
            continue
        if trouble is not Trouble.CHANNEL_TIMEOUT:
            trouble = _deliver(parcel, now)
        _log(parcel, trouble)
        settled = record(database, channels, parcel, trouble, now)
        count_alerts(parcel.channel.name, settled)
        outcome += settled
    return outcome


def _log(parcel: Parcel, trouble: Trouble | None) -> None:
    for alert in parcel.alerts:
        words = (alert.case_label, alert.grade, alert.ask, parcel.recipient, parcel.channel.name)
        if trouble is None:
            _LOG.info("%s %s %s told to %s by %s", *words, extra={"event": "alert_sent"})
        else:
            _LOG.warning("%s %s %s not told to %s by %s: %s", *words, trouble, extra={"event": "alert_not_sent"})


def _deliver(parcel: Parcel, now: datetime) -> Trouble | None:
    gravest = min((alert.grade for alert in parcel.alerts), key=GRAVITY.__getitem__)
    return hand_over(parcel, digest_of(parcel.alerts, parcel.channel.rule.language), gravest, now)


def hand_over(parcel: Parcel, message: Message, grade: Grade, now: datetime) -> Trouble | None:
    """Hand one parcel to Apprise with these words; None if it was delivered."""
    plugin = _plugin(parcel, now)
    if plugin is None:
        return Trouble.CHANNEL_URL_NOT_VALID
    wire = Apprise(asset=plugin.asset)
    wire.add(plugin)

    def notify() -> bool:
        return bool(
            wire.notify(
                title=message.title,
                body=message.body,
                notify_type=NOTIFY_TYPES[grade],
                body_format=NotifyFormat.TEXT,
            )
        )

    seconds = parcel.channel.rule.timeout_seconds
    started = time.monotonic()
    done = _within(seconds * 2, notify)
    if done:
        return None
    # Apprise only says no. A no that took as long as a socket may take was a silence.
    if done is None or time.monotonic() - started >= seconds:
        return Trouble.CHANNEL_TIMEOUT
    return plugin.trouble if isinstance(plugin, JsonLines) else Trouble.CHANNEL_REFUSED


def _within(seconds: float, act: Callable[[], bool]) -> bool | None:
    """What `act` answers, or None if it takes longer: sockets time out by the byte, not by the call.

    Apprise turns every exception of a service into False, so nothing can escape in the thread.
    """
    answers: list[bool] = []
    thread = Thread(target=lambda: answers.append(act()), name="alert", daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None


def _plugin(parcel: Parcel, now: datetime) -> Any:
    """Apprise's service behind the channel, carrying the parcel's id where it can; None for a bad address."""
    plugin: Any = Apprise.instantiate(parcel.channel.url.get_secret_value(), asset=_asset())
    if plugin is None:
        return None
    # Trying again and giving up are the outbox's to decide, whatever the address says.
    plugin.retry, plugin.optional = 0, False
    plugin.socket_connect_timeout = plugin.socket_read_timeout = parcel.channel.rule.timeout_seconds
    plugin.overflow_mode = OverflowMode.SPLIT
    if plugin.notify_format is NotifyFormat.HTML:
        plugin.notify_format = NotifyFormat.TEXT
    _label(plugin, parcel, now)
    return plugin


def _label(plugin: Any, parcel: Parcel, now: datetime) -> None:
    """Ids, for receivers that drop what they have seen.

    HTTP and mail get a header (Apprise makes its own Message-ID, which cannot be chosen), JSON,
    XML and form posts a field too; chat services offer no place for it.
    """
    if "headers" in plugin.template_kwargs:
        plugin.headers[ID_HEADER] = parcel.key
    if "payload" in plugin.template_kwargs:
        plugin.payload_extras["id"] = parcel.key
    if isinstance(plugin, JsonLines):
        plugin.envelope = {"id": parcel.key, "recipient": parcel.recipient, "at": now.isoformat()}
        if len(parcel.dedupe_keys) > 1:
            plugin.envelope["of"] = list(parcel.dedupe_keys)


def _asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="Whistle",
        app_desc="Whistle",
        app_url="",
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        pem_autogen=False,
        pgp_autogen=False,
        storage_mode=PersistentStoreMode.MEMORY.value,
    )
