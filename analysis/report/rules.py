"""What counting for a report goes by: settings, rules and every code there could be."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from analysis.case_counts import NONE
from analysis.rate_rules import RateRules
from analysis.report.settings import ReportSettings
from analysis.suppression_rules import SuppressionRules, Zeros
from models.case import Case


@dataclass(frozen=True)
class ReportRules:
    """One value for all of it; the codes are in order and hold no "none"."""

    settings: ReportSettings
    rates: RateRules
    small: SuppressionRules
    kinds: tuple[str, ...]
    departments: tuple[str, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """First letters of the kinds."""
        return tuple(sorted({each[0] for each in self.kinds}))

    @property
    def limit(self) -> int:
        """From which count on one is not small."""
        return self.small.limit

    @property
    def small_of_shares(self) -> SuppressionRules:
        """For what is divided: that nobody said no may be seen, or no unit could be at 100 %."""
        return self.small.model_copy(update={"zeros": Zeros.SHOWN})

    def kinds_of(self, family: str) -> tuple[str, ...]:
        """The kinds of one family."""
        return tuple(each for each in self.kinds if each[0] == family)

    def may_be_told(self, *counts: int) -> bool:
        """Whether none of these is small; nobody at all may be told beside others."""
        return all(each == 0 or each >= self.limit for each in counts)


def report_rules(
    settings: ReportSettings,
    rates: RateRules,
    small: SuppressionRules,
    kinds: Iterable[str],
    departments: Iterable[str],
) -> ReportRules:
    """The same with the codes in order."""
    return ReportRules(settings, rates, small, tuple(sorted(kinds)), tuple(sorted(departments)))


def districts_known(session: Session) -> tuple[str, ...]:
    """Every district that a case was ever about."""
    known = session.exec(select(Case.district).distinct().where(col(Case.district).is_not(None))).all()
    return tuple(sorted({each for each in known if each} - {NONE}))
