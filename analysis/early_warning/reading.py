"""The warnings that may be shown, as reports and pages read them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from analysis.issues.settings import delivered_settings
from models.early_warnings import EarlyWarning, WarningSort
from models.proactive import ProactiveOrder

_OF_VENUE = frozenset({WarningSort.VENUE_REPORTERS, WarningSort.VENUE_KINDS})


def published_warnings(session: Session, first: date, last: date) -> tuple[Mapping[str, Any], ...]:
    """The warnings of the days `first` to `last` (Beijing, both included), oldest first.

    Returns:
        Records: number, sort, kind, district, sort_of_place, on, days, size, order. Of a warning from fewer
        requests than may be told, kind, district and sort of place are "" and the size is None: that the desk
        warned is told, not of what. A venue is never told, nor where one is.
    """
    wanted = (
        select(EarlyWarning, ProactiveOrder)
        .outerjoin(ProactiveOrder, col(ProactiveOrder.id) == col(EarlyWarning.order_id))
        .where(col(EarlyWarning.on_day) >= first, col(EarlyWarning.on_day) <= last)
        .order_by(col(EarlyWarning.on_day), col(EarlyWarning.id))
    )
    return tuple(
        record_of(warning, order.label if order else None) for warning, order in session.exec(wanted)
    )


def record_of(warning: EarlyWarning, order: str | None) -> dict[str, Any]:
    """What may be told of one warning; `order` is the number of its order."""
    fewest = delivered_settings().publishing.fewest_matters
    is_told = warning.came >= fewest
    # Kind and district and sort of one venue would tell which venue it is.
    tells_where = is_told and warning.sort not in _OF_VENUE
    return {
        "number": warning.label,
        "sort": warning.sort.value,
        "kind": warning.kind if is_told else "",
        "district": warning.district if tells_where else "",
        "sort_of_place": warning.sort_of_place if is_told else "",
        "on": f"{warning.on_day:%Y-%m-%d}",
        "days": warning.days,
        "size": f"{warning.came // fewest * fewest}+" if is_told else None,
        "order": order,
    }
