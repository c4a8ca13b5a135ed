"""Trying channels with a message that says it is a test: whether people can be reached before they must be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from models.vocabulary import Grade
from notifications.channels import Channels, Trouble
from notifications.messages import TRIAL
from notifications.parcels import Parcel
from notifications.sending import hand_over


@dataclass(frozen=True)
class Tried:
    """One recipient, the channel that would be taken first, and what went wrong, if anything did."""

    recipient: str
    channel: str
    trouble: Trouble | None


def try_channels(channels: Channels, recipients: Iterable[str], now: datetime) -> Iterator[Tried]:
    """Really send a test to each, once per address; quiet hours do not hold it back.

    Args:
        channels: As the desk has them.
        recipients: Such as `EDU`; one whom the file does not know is reported as that.
        now: Aware time.
    """
    done = set[str]()
    for who in recipients:
        way = channels.way_to(who)
        channel = way.channels[0]
        address = channel.url.get_secret_value()
        if way.trouble is Trouble.RECIPIENT_UNKNOWN:
            yield Tried(who, channel.name, way.trouble)
        elif address not in done:
            done.add(address)
            key = f"test:{uuid4()}"
            parcel = Parcel(key, who, channel, notice_ids=(), dedupe_keys=(key,), alerts=(), until=now)
            yield Tried(who, channel.name, hand_over(parcel, TRIAL[channel.rule.language], Grade.U4, now))
