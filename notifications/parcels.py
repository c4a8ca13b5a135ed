"""Which alerts travel together, and under which id."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from models.exchange import Notice
from models.grades import GRAVITY
from models.vocabulary import NoticeState
from notifications.channels import Channel, Channels
from notifications.messages import Alert
from notifications.quiet import BREAKS_THROUGH

DIGEST_MOST = 50


@dataclass(frozen=True)
class Parcel:
    """Alerts that travel together to one recipient, claimed by this process until `until`."""

    key: str
    recipient: str
    channel: Channel
    notice_ids: tuple[int, ...]
    dedupe_keys: tuple[str, ...]
    alerts: tuple[Alert, ...]
    until: datetime


def bundled(notices: Iterable[Notice], channels: Channels) -> Iterator[list[Notice]]:
    """What travels together, gravest first."""

    def bundle(notice: Notice) -> str:
        if notice.parcel:
            return f"again {notice.parcel}"
        channel, _ = channels.way_to(notice.recipient, notice.by_channel).at(notice.attempts)
        if BREAKS_THROUGH[notice.grade] or channel.rule.digest_minutes == 0:
            return f"alone {notice.dedupe_key}"
        return f"digest {notice.recipient} {notice.by_channel or ''}"

    groups = [list(group) for _, group in groupby(sorted(notices, key=bundle), key=bundle)]
    for group in sorted(groups, key=_gravity_of):
        yield from (group[start : start + DIGEST_MOST] for start in range(0, len(group), DIGEST_MOST))


def claimed(group: list[Notice], channels: Channels, until: datetime) -> Parcel:
    """One bundle as a parcel, its notices marked as being sent until then."""
    first = group[0]
    channel, _ = channels.way_to(first.recipient, first.by_channel).at(first.attempts)
    key = first.parcel or _parcel_key(group)
    for notice in group:
        notice.state, notice.sending_until = NoticeState.SENDING, until
        notice.parcel, notice.channel = key, channel.name
    return Parcel(
        key=key,
        recipient=first.recipient,
        channel=channel,
        notice_ids=tuple(notice.id for notice in group if notice.id is not None),
        dedupe_keys=tuple(notice.dedupe_key for notice in group),
        alerts=tuple(_alert_of(notice) for notice in group),
        until=until,
    )


def _gravity_of(group: list[Notice]) -> tuple[int, int]:
    return min((GRAVITY[notice.grade], notice.id or 0) for notice in group)


def _parcel_key(group: list[Notice]) -> str:
    if len(group) == 1:
        return group[0].dedupe_key
    keys = "\n".join(sorted(notice.dedupe_key for notice in group))
    return f"digest:{hashlib.sha256(keys.encode()).hexdigest()[:32]}"


def _alert_of(notice: Notice) -> Alert:
    return Alert(notice.case_label, notice.grade, notice.ask, notice.due_at, notice.link)
