"""Reports to the police that the law demands of a month's cases, and how many were made (未成年人保护法 art. 11)."""

import numpy as np
from sqlalchemy import String, cast, exists, func, select
from sqlmodel import col

from analysis.grouping import is_in, tally_of
from analysis.report.asking import Asking
from analysis.report.collecting.releasing import released
from analysis.report.collecting.totals import total_of
from analysis.report.facts import Unit
from analysis.report.part import CITY, Maker, Part, Parts
from analysis.report.settings import Query
from models.case import Case
from models.exchange import Inbox
from models.vocabulary import NewsKind

MAKE = Maker(Query.MANDATORY_REPORTS.value)
DIMS = ("is",)
CODES = ("notified", "not_yet", "not_needed")


def mandatory_reports(asking: Asking) -> Parts:
    """Cases received in the month that a report is due for, and those of them with one."""
    total = total_of(asking, Query.RECEIVED)
    whole = None if total.value is None else int(total.value)
    needed, notified, came = _counted(asking)
    if whole is None or whole != came:
        told: dict[str, int | None] = dict.fromkeys(("police.needed", "police.notified"))
    else:
        cells = np.array([notified, needed - notified, whole - needed])
        shown = released({"is": CODES}, {DIMS: cells}, asking.rules.small_of_shares, {(): np.array(whole)})[
            DIMS
        ]
        done, rest = shown["notified",], shown["not_yet",]
        both = None if done is None or rest is None or shown["not_needed",] is None else done + rest
        told = {"police.needed": both, "police.notified": done if both is not None else None}
    return {CITY: Part({name: MAKE.maybe(value, Unit.CASES) for name, value in told.items()})}


def _counted(asking: Asking) -> tuple[int, int, int]:
    is_needed = func.coalesce(cast(col(Case.mandatory_report), String), "[]").not_in(("[]", "null"))
    is_made = exists().where(
        col(Inbox.case_id) == col(Case.id),
        col(Inbox.kind) == NewsKind.POLICE_NOTIFIED,
        col(Inbox.read_at).is_not(None),
        col(Inbox.refused).is_(None),
    )
    each = (
        select(is_needed.label("needed"), (is_needed & is_made).label("made"))
        .where(is_in(col(Case.received_at), asking.period.window))
        .subquery()
    )
    needed, made, came = asking.session.execute(
        select(tally_of(each.c.needed), tally_of(each.c.made), func.count()).select_from(each)
    ).one()
    return int(needed), int(made), int(came)
