"""Months of made-up requests and the reports, issues, warnings, orders and topics that the page of trends shows."""

from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from sqlalchemy import insert
from sqlmodel import Session, select

from analysis.report.facts import Cadence
from models.case import Case
from models.common_issues import CommonIssue, IssueCase, IssueRelease, IssueRun
from models.early_warnings import EarlyWarning, WarningSort
from models.exchange import Assignment
from models.proactive import OrderAbout, ProactiveOrder
from models.proactive_moves import OrderState
from models.topics import CandidateTopic, Progress
from models.vocabulary import Grade, Status
from tasks.reporting.making import make_report
from tasks.workplace import Workplace

KINDS = (*(["S09"] * 30), *(["F01"] * 12), *(["C05"] * 18), *(["N01"] * 9), "G02", "J01", *(["X01"] * 4))
UNITS = (*(["EDU"] * 40), *(["CIVIL"] * 20), *(["MARKET"] * 20), *(["POLICE"] * 6), "HEALTH")
DISTRICTS = (*(["110105"] * 30), *(["110108"] * 25), *(["110101"] * 9), *(["110112"] * 14), "110119")
GRADES = (
    *([Grade.U3] * 40),
    *([Grade.U2] * 10),
    Grade.U0,
    *([Grade.U1] * 2),
    *([Grade.U4] * 6),
    *([Grade.UC] * 20),
)
ISSUE, QUIET_ISSUE = "I2026W40-01", "I2026W44-02"


def fill(place: Workplace, now: datetime, days: int = 200, per_day: float = 40) -> None:
    """Requests up to `now`, more on school days."""
    dice, rows, leads = np.random.default_rng(3), list[dict[str, object]](), list[dict[str, object]]()
    for back in range(days):
        day = now - timedelta(days=back)
        for _ in range(int(dice.poisson(per_day * (0.6 if day.weekday() > 4 else 1.15)))):
            number = len(rows)
            case_id, at = UUID(int=1_000_000 + number), day - timedelta(hours=float(dice.random() * 20))
            rows.append({
                "id": case_id, "source": "test", "received_at": at, "kind": KINDS[dice.integers(len(KINDS))], "status": Status.CLOSED,
                "district": DISTRICTS[dice.integers(len(DISTRICTS))], "grade": GRADES[dice.integers(len(GRADES))], "wrapped_key": b"k",
                "closed_at": at + timedelta(days=5) if at + timedelta(days=5) < now else None, "number": 500_000 + number, "version": 1,
            })  # fmt: skip
            leads.append(
                {
                    "case_id": case_id,
                    "department": UNITS[dice.integers(len(UNITS))],
                    "leads": True,
                    "assigned_at": at,
                    "replied_at": at,
                    "token": f"made-up-{number:06}",
                }
            )
    with place.database.writing() as session:
        for table, values in ((Case, rows), (Assignment, leads)):
            for first in range(0, len(values), 2000):
                session.execute(insert(table), values[first : first + 2000])


def report(place: Workplace, now: datetime, months: int = 4, units: tuple[str, ...] = ()) -> None:
    """The reports of the last months and of the last week, in the order of their days."""
    first = now.date().replace(day=1)
    lasts = [first - timedelta(days=1)]
    for _ in range(months - 1):
        lasts.insert(0, lasts[0].replace(day=1) - timedelta(days=1))
    for last in lasts:
        for unit in ("", *units):
            make_report(place, Cadence.MONTHLY, last, unit, now)
    make_report(place, Cadence.WEEKLY, now.date() - timedelta(days=7), "", now)


def tell_of_issues(place: Workplace, now: datetime, cases: tuple[str, ...] = ()) -> None:
    """Two issues of last Monday, one with these cases; a warning of each sort, two orders and two topics."""
    monday = now.date() - timedelta(days=now.weekday())
    with place.database.writing() as session:
        session.add(
            IssueRun(
                as_of=monday,
                at=now,
                received_from=now - timedelta(days=90),
                cases=900,
                issues=9,
                published=2,
                settings_hash="s",
                catalogue_hash="c",
            )
        )
        for number in (ISSUE, QUIET_ISSUE):
            session.add(CommonIssue(number=number, first_on=monday, found_on=monday, matters=60, heat=8.0))
        session.flush()
        for rank, record in enumerate((_issue(monday), _quiet_issue(monday))):
            session.add(IssueRelease(as_of=monday, number=str(record["number"]), rank=rank, record=record))
        for number in cases:
            case = session.exec(select(Case).where(Case.number == int(number[2:]))).one()
            session.add(IssueCase(case_id=case.id, number=ISSUE))
        _warn(session, now.date(), now)
        _topics(session, now)


def _issue(monday: date) -> dict[str, object]:
    counts = (None, 5, 6, 5, 7, 6, 9, 8, 12, 11)
    return {
        "number": ISSUE, "heat": 8.4, "topic": ["电子烟", "校门口", "小卖部"], "sorts_of_places": ["school", "venue"], "district": "110105", "kind": "C05",
        "matters": 70, "weeks": [[f"{monday - timedelta(weeks=10 - at)}", each] for at, each in enumerate(counts)], "departments": ["EDU", "MARKET"],
        "owner": "MARKET", "owner_reason": "leads most of the dispatched reports", "sentence": None, "growth": 0.74,
    }  # fmt: skip


def _quiet_issue(monday: date) -> dict[str, object]:
    counts = (5, None, None, 6, None, None)
    return {
        "number": QUIET_ISSUE, "heat": 2.1, "topic": ["食堂", "公示"], "sorts_of_places": ["school"], "district": "", "kind": "S09",
        "matters": 15, "weeks": [[f"{monday - timedelta(weeks=6 - at)}", each] for at, each in enumerate(counts)], "departments": ["EDU"],
        "owner": "", "owner_reason": "a supervisor names the unit", "sentence": None, "growth": None,
    }  # fmt: skip


def _warn(session: Session, today: date, now: datetime) -> None:
    add = session.add_all
    orders = [
        ProactiveOrder(about_sort=OrderAbout.ISSUE, about=ISSUE, series="issue", sort=WarningSort.RISE.value, kind="C05", district="110105", owner="MARKET",
                       grade=Grade.U3, state=OrderState.ACCEPTED, opened_at=now - timedelta(days=9), begun_at=now - timedelta(days=9), due_at=now - timedelta(days=1)),
        ProactiveOrder(about_sort=OrderAbout.WARNING, about="A-000001", series="kind:S09@110108", sort=WarningSort.RISE.value, kind="S09", district="110108", owner="EDU",
                       grade=Grade.U3, state=OrderState.OPENED, opened_at=now - timedelta(days=2), begun_at=now - timedelta(days=2), due_at=now + timedelta(days=2)),
    ]  # fmt: skip
    add(orders)
    session.flush()
    add([
        EarlyWarning(key="r", sort=WarningSort.RISE, series="kind:S09@110108", kind="S09", district="110108", on_day=today - timedelta(days=2), days=7, came=23, expected=9.0, at=now, order_id=orders[1].id),
        EarlyWarning(key="v", sort=WarningSort.VENUE_KINDS, series="venue:x", kind="C05", venue="x", sort_of_place="venue", on_day=today - timedelta(days=5), days=14, came=6, at=now),
        EarlyWarning(key="f", sort=WarningSort.VENUE_REPORTERS, series="venue:y", kind="S09", venue="y", district="110119", sort_of_place="school", on_day=today - timedelta(days=6), days=7, came=3, at=now),
        EarlyWarning(key="s", sort=WarningSort.SILENT, series="silent", on_day=today - timedelta(days=8), days=1, came=31, expected=8.0, at=now),
    ])  # fmt: skip


def _topics(session: Session, now: datetime) -> None:
    month = now.date().replace(day=1)
    for rank, (number, progress) in enumerate(
        ((ISSUE, Progress.UNDER_WAY), (QUIET_ISSUE, Progress.PROPOSED))
    ):
        record = {"number": number, "topic": ["电子烟", "校门口"] if rank == 0 else ["食堂", "公示"], "matters": 70 - 55 * rank, "score": 80 - 35 * rank,
                  "signs": ["many", "growing", "several_units"][: 3 - rank], "owner": "MARKET" if rank == 0 else "", "owner_reason": "leads most of the dispatched reports" if rank == 0 else "a supervisor names the unit"}  # fmt: skip
        session.add(
            CandidateTopic(
                number=number,
                first_month=month,
                month=month,
                rank=rank,
                record=record,
                progress=progress,
                owner=str(record["owner"]),
                changed_at=now,
            )
        )
