"""Warnings as they are kept: what rose, where by code, and never a name.

A venue is a keyed token of the desk: it tells two warnings of one venue from those of two, and nothing else.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded


class WarningSort(StrEnum):
    """What made the desk warn."""

    RISE = "rise"
    SILENT = "silent"
    VENUE_REPORTERS = "venue_reporters"
    VENUE_KINDS = "venue_kinds"


class EarlyWarning(SQLModel, table=True):
    """One warning, stored once: `key` names what happened.

    `series` is what was counted (`kind:S01@D1`, `venue:…` with its token, `silent`); a later warning of the
    same series is the same trouble come back. `came` requests came in the `days` days up to `on_day` (Beijing),
    where `expected` are usual; a rule on a venue expects nothing. `order_id` is the order it led to.
    """

    __tablename__ = "early_warning"
    __table_args__ = (Index("early_warning_series", "series", "on_day"), Index("early_warning_day", "on_day"))

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    sort: WarningSort = Field(sa_type=coded(WarningSort))
    series: str
    kind: str = ""
    district: str = ""
    venue: str = ""
    sort_of_place: str = ""
    on_day: date
    days: int
    came: int
    reporters: int = 0
    expected: float | None = None
    chance: float | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    order_id: int | None = Field(default=None, foreign_key="proactive_order.id", index=True)

    @property
    def label(self) -> str:
        """The number people and alerts use, such as `A-000012`."""
        return f"A-{self.id:06d}"


class WarningCase(SQLModel, table=True):
    """That a request was among those that made the desk warn; for those who may open the case anyway."""

    __tablename__ = "warning_case"

    warning_id: int = Field(primary_key=True, foreign_key="early_warning.id")
    case_id: UUID = Field(primary_key=True, foreign_key="case.id", index=True)
