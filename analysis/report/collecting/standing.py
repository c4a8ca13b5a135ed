"""What stands open at the end of the time, and what of it is late."""

from sqlalchemy import distinct, func, or_, select
from sqlmodel import col

from analysis.compliance import MAY_PAUSE
from analysis.report.asking import Asking
from analysis.report.collecting.totals import total_of
from analysis.report.facts import Unit
from analysis.report.part import CITY, Maker, Part, Parts
from analysis.report.settings import Query
from models.case import Case
from models.record import Clock


def standing(asking: Asking) -> Parts:
    """Cases open at the end, and those among them with a clock past due then.

    Two ends less each other are what came less what ended. So they are told only where both of these are.
    """
    make = Maker(Query.STANDING.value)
    both_told = all(total_of(asking, each).value is not None for each in (Query.RECEIVED, Query.CLOSED))
    open_, late = _open(asking), _late(asking)
    may_open = both_told and open_ >= asking.rules.limit
    may_late = may_open and late >= asking.rules.limit and asking.rules.may_be_told(open_ - late)
    figures = {
        "open.end": make.maybe(open_ if may_open else None, Unit.CASES),
        "late.now": make.maybe(late if may_late else None, Unit.CASES),
    }
    return {CITY: Part(figures)}


def _open(asking: Asking) -> int:
    end = asking.period.window.end
    is_open = or_(col(Case.closed_at).is_(None), col(Case.closed_at) >= end)
    return int(
        asking.session.execute(
            select(func.count()).select_from(Case).where(col(Case.received_at) < end, is_open)
        ).scalar_one()
    )


def _late(asking: Asking) -> int:
    end = asking.period.window.end
    runs = or_(col(Clock.stopped_at).is_(None), col(Clock.stopped_at) >= end)
    hung_up = select(col(Case.id)).where(col(Case.hung_up_until).is_not(None))
    stands_still = (
        col(Clock.target).in_(MAY_PAUSE) & col(Clock.stopped_at).is_(None) & col(Clock.case_id).in_(hung_up)
    )
    ended = select(col(Case.id)).where(col(Case.closed_at) < end)
    wanted = select(func.count(distinct(col(Clock.case_id)))).where(
        col(Clock.due_at) < end,
        runs,
        col(Clock.provisional).is_(False),
        ~stands_still,
        col(Clock.case_id).not_in(ended),
    )
    return int(asking.session.execute(wanted).scalar_one())
