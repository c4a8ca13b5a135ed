"""`settings.yaml` of the reports: what each cadence holds, and how much room finer times leave to coarser ones."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from analysis.report.facts import Cadence
from models.rule_files import RuleModel, digest_of, own_or_delivered, read_rule_file

SHIPPED = Path(__file__).with_name("settings.yaml")


class Query(StrEnum):
    """What a number can come from; `analysis.report.collecting.QUERIES` has the function of each."""

    RECEIVED = "received"
    CLOSED = "closed"
    STANDING = "standing"
    BREAKDOWN = "breakdown"
    KINDS = "kinds"
    RATES = "rates"
    EXCLUSIONS = "exclusions"
    CLOCKS = "clocks"
    DURATIONS = "durations"
    RETURNS = "returns"
    REPEATS = "repeats"
    MANDATORY_REPORTS = "mandatory_reports"
    TREND_DAYS = "trend_days"
    TREND_WEEKS = "trend_weeks"
    FORECAST = "forecast"
    ISSUES = "issues"
    WARNINGS = "warnings"
    ORDERS = "orders"
    CANDIDATES = "candidates"


ONCE_A_PERIOD = frozenset(
    {
        Query.BREAKDOWN, Query.KINDS, Query.RATES, Query.EXCLUSIONS, Query.CLOCKS, Query.DURATIONS, Query.RETURNS,
        Query.REPEATS, Query.MANDATORY_REPORTS,
    }
)  # fmt: skip
"""What is not held against the same over other times, and so may be told over months only, which never overlap."""


class Holding(RuleModel):
    """One cadence."""

    holds: tuple[Query, ...]


class Told(RuleModel):
    """Who is told that a report is out."""

    city: tuple[str, ...]
    unit: tuple[str, ...]

    def of(self, department: str) -> tuple[str, ...]:
        """Of a unit's report, or with "" of the whole city's."""
        return tuple(each.replace("<CODE>", department) for each in self.unit) if department else self.city


class ReportSettings(RuleModel):
    """The whole file."""

    told: Told
    quotes: bool = True
    parameters: dict[str, str] = Field(default_factory=dict)
    cadences: dict[Cadence, Holding]
    spare: Annotated[int, Field(ge=0, le=1000)]
    trend_weeks: Annotated[int, Field(ge=2, le=53)]
    forecast_weeks: Annotated[int, Field(ge=1, le=8)]
    forecast_needs: Annotated[int, Field(ge=4)]
    repeat_days: Annotated[int, Field(ge=1, le=366)]
    step_seconds: Annotated[int, Field(ge=60)]
    growth_from: Annotated[int, Field(ge=1, le=1000)] = 50

    @field_validator("cadences")
    @classmethod
    def _tells_details_of_months_only(cls, cadences: dict[Cadence, Holding]) -> dict[Cadence, Holding]:
        if missing := [each for each in Cadence if each not in cadences]:
            raise ValueError(f"nothing is said of {', '.join(missing)}")
        for cadence in (Cadence.DAILY, Cadence.WEEKLY):
            if finer := sorted(ONCE_A_PERIOD & set(cadences[cadence].holds)):
                raise ValueError(
                    f"{cadence}: {finer[0]} may be told of months only: weeks and months overlap"
                )
        return cadences


def load_report_settings(home: Path | None = None) -> ReportSettings:
    """The desk's own file `report.yaml` in `home`, else the one delivered.

    Raises:
        RuleFileError: It cannot be used; every problem says `file:line:column: field: what is wrong`.
    """
    return read_rule_file(settings_file(home), ReportSettings)


def settings_file(home: Path | None = None) -> Path:
    """Where the settings stand."""
    return own_or_delivered(home, SHIPPED, "report.yaml")


def settings_digest(home: Path | None = None) -> str:
    """Names the very content of the file."""
    return digest_of([settings_file(home)])
