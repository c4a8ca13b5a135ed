"""What a query of a report is asked with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from sqlmodel import Session

from analysis.report.part import Parts
from analysis.report.period import Period, before
from analysis.report.remembering import Memory
from analysis.report.rules import ReportRules


@dataclass(frozen=True)
class Asking:
    """Which time, as of which moment, by which rules, and what was told before; `now` is aware."""

    session: Session
    memory: Memory
    rules: ReportRules
    period: Period
    now: datetime

    @property
    def before(self) -> "Asking":
        """The same of the period before."""
        return self.of(before(self.period, self.rules.rates.windows))

    def of(self, period: Period) -> "Asking":
        """The same of another period."""
        return replace(self, period=period)


Ask: TypeAlias = Callable[[Asking], Parts]
"""A query: its numbers of the whole city and of units, as they may be told."""
