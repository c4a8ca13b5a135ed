"""The night's warnings, each stored in one transaction with the proactive order that answers it; each once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from analysis.early_warning.reading import record_of
from analysis.early_warning.series import OFFICE_TIME
from analysis.early_warning.settings import WarningSettings, delivered_school_year, delivered_settings
from models.case import Case
from models.early_warnings import EarlyWarning, WarningCase, WarningSort
from models.house import DeskFact
from models.proactive import ProactiveOrder
from tasks.proactive.opening import order_for, trouble_of
from tasks.warnings.judging import Found, judge
from tasks.warnings.reading import come_in
from tasks.workplace import Workplace

LEARNED_DAYS = 730
"""What is usual is learned from so many days: each season of the school year twice."""
CAUGHT_UP_DAYS = 14
"""After a longer standstill only the last days are judged: an older rise is no early warning."""
JUDGED = "early_warning.judged"
_AT_ONCE = 500
_SCHOOLS = {"SCHOOL": "school", "NURSERY": "school"}


@dataclass(frozen=True)
class Night:
    """What one night came to: requests looked at, warnings found, and those stored anew, by their ids."""

    looked_at: int
    found: int
    stored: tuple[int, ...]


def judge_night(place: Workplace, now: datetime) -> Night:
    """Judge every day that is over and was not judged yet, store what is new, open or reopen its orders.

    Whatever interrupts it, a repeat stores what is missing and nothing twice: the day counts as judged only
    when all its warnings are stored.

    Raises:
        WarningsNotStoredError: Some could not be stored; the others are.
    """
    settings = delivered_settings()
    until = now.astimezone(OFFICE_TIME).date() - timedelta(days=1)
    with place.database.reading() as session:
        since = _first_unjudged(session, until)
        if since > until:
            return Night(0, 0, ())
        first = until - timedelta(days=LEARNED_DAYS)
        come = come_in(session, place.vault, first, until)
    found = judge(come, first, since, until, settings, delivered_school_year())
    stored, trouble = list[int](), list[str]()
    for each in found:
        try:
            warning_id = store_warning(place, each, settings, now)
        except Exception as error:  # noqa: BLE001 - one warning that cannot be stored must not hold up the others
            trouble.append(type(error).__name__)
            continue
        stored += [] if warning_id is None else [warning_id]
    if trouble:
        raise WarningsNotStoredError(trouble)
    _note_judged(place, until)
    return Night(len(come), len(found), tuple(stored))


class WarningsNotStoredError(RuntimeError):
    """Some warnings could not be stored; the message has the kinds of error, never what they say."""

    def __init__(self, trouble: Sequence[str]) -> None:
        super().__init__(f"{len(trouble)} warnings not stored: {', '.join(sorted(set(trouble)))}")


def store_warning(place: Workplace, found: Found, settings: WarningSettings, now: datetime) -> int | None:
    """Store one warning with its order, in one transaction; None if it was told before."""
    with place.database.writing() as session:
        if _was_told(session, found, settings):
            return None
        cases = _cases(session, found.cases)
        kinds = Counter(each.kind for each in cases if each.kind)
        kind = found.kind or min(kinds, key=lambda code: (-kinds[code], code), default="")
        warning = EarlyWarning(
            key=found.key, sort=found.sort, series=found.series, kind=kind, district=found.district or _district(cases),
            venue=found.venue, sort_of_place=_sort_of_place(found, cases), on_day=found.on_day, days=found.days,
            came=found.came, reporters=found.reporters, expected=found.expected, chance=found.chance, at=now,
        )  # fmt: skip
        if found.sort is WarningSort.SILENT:
            # Nobody told what it is about: a supervisor names who looks into it.
            warning.kind = ""
        session.add(warning)
        session.flush()
        assert warning.id is not None
        for case_id in dict.fromkeys(found.cases):
            session.add(WarningCase(warning_id=warning.id, case_id=case_id))
        of_silence = found.sort is WarningSort.SILENT
        order = order_for(place, session, trouble_of(warning), () if of_silence else cases, now)
        warning.order_id = order.id
        return warning.id


def _was_told(session: Session, found: Found, settings: WarningSettings) -> bool:
    """The very warning is stored, or one like it of the same series a moment ago: what stands still tells nothing new."""
    of_venue = found.sort in {WarningSort.VENUE_REPORTERS, WarningSort.VENUE_KINDS}
    quiet = found.days if of_venue else settings.sudden_rise.quiet_days
    wanted = select(EarlyWarning.id).where(
        EarlyWarning.series == found.series, EarlyWarning.sort == found.sort,
        col(EarlyWarning.on_day) > found.on_day - timedelta(days=quiet + 1),
    )  # fmt: skip
    return session.exec(wanted).first() is not None


def _cases(session: Session, ids: Sequence[UUID]) -> list[Case]:
    found: list[Case] = []
    for at in range(0, len(ids), _AT_ONCE):
        found += session.exec(select(Case).where(col(Case.id).in_(ids[at : at + _AT_ONCE])).order_by(col(Case.number)))
    return found


def _district(cases: Sequence[Case]) -> str:
    districts = {each.district or "" for each in cases}
    return districts.pop() if len(districts) == 1 else ""


def _sort_of_place(found: Found, cases: Sequence[Case]) -> str:
    """By whom the requests are about; only where one place is meant at all."""
    if not found.venue:
        return ""
    units = Counter(_SCHOOLS.get(each.complained_of or "", "") for each in cases)
    return "school" if 2 * units["school"] > len(cases) else "venue"


def _first_unjudged(session: Session, until: date) -> date:
    fact = session.get(DeskFact, JUDGED)
    if fact is None:
        # A new desk looks at yesterday: what rose months ago is no early warning.
        return until
    return max(date.fromisoformat(fact.value) + timedelta(days=1), until - timedelta(days=CAUGHT_UP_DAYS - 1))


def _note_judged(place: Workplace, until: date) -> None:
    with place.database.writing() as session:
        session.merge(DeskFact(name=JUDGED, value=f"{until:%Y-%m-%d}"))


def table_of(session: Session, ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """The stored warnings as they may be shown anywhere, for the artifact in Prefect."""
    wanted = select(EarlyWarning, ProactiveOrder).outerjoin(
        ProactiveOrder, col(ProactiveOrder.id) == col(EarlyWarning.order_id)
    )
    rows = session.exec(wanted.where(col(EarlyWarning.id).in_(ids)).order_by(col(EarlyWarning.id)))
    return [record_of(warning, order.label if order else None) for warning, order in rows]
