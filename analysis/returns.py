"""How often work came back: replies sent for rework, settled cases reopened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select
from sqlmodel import Session, col

from analysis.grouping import By, Key, columns_of, is_in, leads_now, named, tally_of
from analysis.windows import Window
from models.case import Case
from models.exchange import Assignment


@dataclass(frozen=True)
class Returns:
    """Cases received in a window: how many were ever answered by their lead and how many of those came back for
    rework; how many were ever settled and how many of those were reopened."""

    answered: int
    reworked: int
    settled: int
    reopened: int

    @property
    def rework(self) -> Decimal | None:
        """Percent of the answered that came back, not rounded; None where none is answered."""
        return Decimal(self.reworked) * 100 / self.answered if self.answered else None

    @property
    def reopening(self) -> Decimal | None:
        """Percent of the settled that were reopened, not rounded; None where none is settled."""
        return Decimal(self.reopened) * 100 / self.settled if self.settled else None


def returns(session: Session, window: Window, by: Sequence[By] = ()) -> Mapping[Key, Returns]:
    """Rework and reopening of the cases received in the window, by the lead that holds them now."""
    reworked, reopened = col(Case.rework_count) > 0, col(Case.reopen_count) > 0
    # A reply sent back takes its time off the assignment, and reopening takes the closing off the case.
    answered = or_(col(Assignment.replied_at).is_not(None), reworked)
    settled = or_(col(Case.closed_at).is_not(None), reopened)
    keys = named(columns_of(by, col(Case.received_at)))
    facts = {"answered": answered, "reworked": reworked, "settled": settled, "reopened": reopened}
    each = (
        select(*keys, *(fact.label(name) for name, fact in facts.items()))
        .select_from(Case)
        .outerjoin(Assignment, leads_now())
        .where(is_in(col(Case.received_at), window))
        .subquery()
    )
    groups = list(each.c)[: len(keys)]
    counted = select(*groups, *(tally_of(each.c[name]) for name in facts)).group_by(*groups)
    return {tuple(str(code) for code in row[: len(keys)]): Returns(*row[len(keys) :]) for row in session.execute(counted)}
