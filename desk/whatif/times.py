"""Whole columns of times as cities write them, read at once."""

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from desk.bulk.times import moment_of as one_moment
from sla_rules.batch import local_to_utc
from sla_rules.calendar import moment_of
from sla_rules.wall_clock import DAY_US
from sla_rules.whatif_chunk import UNKNOWN, Mask, Moments

FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M",
)  # fmt: skip
"""Times without an offset, the usual ones first: what one format reads the next is not asked."""

DAYS = ("%Y-%m-%d", "%m/%d/%Y")

FIRST, LAST = np.datetime64("1970-01-02"), np.datetime64("2149-12-31")
"""Between these a zone's offsets are known; a time outside is a typing error."""


def read_moments(said: Any, zone: ZoneInfo, *, day_ends: bool) -> Moments:
    """The moments, and `UNKNOWN` for what is empty or no time.

    Args:
        said: A pandas series of text.
        zone: Of the times that name no offset.
        day_ends: A day without a time is its 24:00, not its midnight: what is due that day may
            come until its end.
    """
    text = said.str.strip()
    found = np.full(len(text), UNKNOWN, np.int64)
    for written in FORMATS:
        _fill(found, text, pd.to_datetime(text[_left(found)], format=written, errors="coerce"), zone)
        if not _left(found).any():
            return found
    for written in DAYS:
        days = pd.to_datetime(text[_left(found)], format=written, errors="coerce")
        _fill(found, text, days + pd.Timedelta(days=int(day_ends)), zone)
    left = np.flatnonzero(_left(found) & (text != "").to_numpy())
    if len(left):
        found[left] = _one_by_one(text.iloc[left], zone, day_ends)
    return found


def _left(found: Moments) -> Mask:
    left: Mask = found == UNKNOWN
    return left


def _fill(found: Moments, text: Any, read: Any, zone: ZoneInfo) -> None:
    """Put what was read into the places that are still unknown."""
    walls = read.to_numpy().astype("datetime64[us]")
    good = (walls > FIRST) & (walls < LAST)
    places = np.flatnonzero(_left(found))[good]
    found[places] = local_to_utc(walls[good], zone)


def _one_by_one(text: Any, zone: ZoneInfo, day_ends: bool) -> Moments:
    """The rarer ways to write a time, with offsets or in Chinese; each different text once."""
    codes, different = pd.factorize(text)
    moments: Moments = np.array([_one(each, zone, day_ends) for each in different], np.int64)[codes]
    return moments


def _one(text: str, zone: ZoneInfo, day_ends: bool) -> int:
    read = one_moment(text, zone)
    if read is None or not 1970 < read.year < 2150:
        return UNKNOWN
    is_day = ":" not in text and "时" not in text
    return moment_of(read) + (DAY_US if is_day and day_ends else 0)
