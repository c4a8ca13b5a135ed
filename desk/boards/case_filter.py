"""What the list of cases is filtered by, as it stands in an address: read strictly, and written again into links."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from desk.boards.case_pages import HIGHEST_NUMBER, Wanted
from desk.boards.needs import Moment, Need
from models.vocabulary import Flag, Grade, Status
from notifications.messages import DESK_ZONE

KindCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]\d\d$")]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,20}$")]
DistrictCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,20}$")]
Number = Annotated[int, Field(ge=0, le=HIGHEST_NUMBER)]
NAMES = ("status", "need", "flag", "kind", "lead", "district", "from", "to")
"""The fields with one value, in the order of the form; `open` is a box and `grade` may come several times."""


class CaseFilter(BaseModel):
    """The filter; days are those of the desk's own calendar, both within."""

    status: Status | None = None
    grade: tuple[Grade, ...] = ()
    need: Need | None = None
    flag: Flag | None = None
    kind: KindCode | None = None
    lead: UnitCode | None = None
    district: DistrictCode | None = None
    open: bool = False
    received_from: date | None = Field(default=None, alias="from")
    received_to: date | None = Field(default=None, alias="to")
    before: Number | None = None
    after: Number | None = None

    def wanted(self, holder: str, at: Moment) -> Wanted:
        """The filter as a question to the database; `holder` is who of the house asks."""
        last = self.received_to
        return Wanted(
            status=self.status, flag=self.flag, only_open=self.open, holder=holder, grades=self.grade, kind=self.kind,
            lead=self.lead, district=self.district, need=self.need, at=at,
            received_from=_begins(self.received_from) if self.received_from else None,
            received_before=_begins(last + timedelta(days=1)) if last and last < date.max else None,
        )  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What came in an address: the filter, or None and the names of the fields that make no sense."""

    filter: CaseFilter | None
    typed: dict[str, str] = field(default_factory=dict)
    grades: tuple[str, ...] = ()
    wrong: frozenset[str] = frozenset()

    @property
    def is_narrow(self) -> bool:
        """Whether anything at all is asked for."""
        return bool(self.typed or self.grades)

    @property
    def goes_beyond_chips(self) -> bool:
        """Whether more is asked for than one of the links above the form, so that the form should be seen."""
        return bool(self.grades or self.wrong or len(self.typed) > 1 or self.typed.keys() - {"open", "need"})

    def query(self, **more: object) -> str:
        """The same filter for a link, with more (a page, the language)."""
        kept = [*self.typed.items(), *(("grade", each) for each in self.grades)]
        return urlencode([*kept, *((name, str(value)) for name, value in more.items())])


def read_filter(pairs: Iterable[tuple[str, str]]) -> Asked:
    """Read a filter; never raises for what somebody typed."""
    given = [(name, value.strip()) for name, value in pairs if value.strip()]
    typed = {name: value for name, value in given if name in (*NAMES, "open")}
    grades = tuple(dict.fromkeys(value for name, value in given if name == "grade"))
    paging = {name: value.removeprefix("W-") for name, value in given if name in ("before", "after")}
    try:
        found = CaseFilter.model_validate({**typed, **paging, "grade": grades})
    except ValidationError as error:
        wrong = frozenset(str(each["loc"][0]) for each in error.errors(include_input=False, include_context=False, include_url=False))
        # What was typed goes back into the form and nowhere else.
        return Asked(None, {name: value[:40] for name, value in typed.items()}, (), wrong)
    return Asked(found, typed, grades)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), DESK_ZONE)
