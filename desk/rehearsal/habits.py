"""What simulated people do of themselves: `rehearsal_habits.yaml`, and the moments it works out to."""

import hashlib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, model_validator

from desk.rehearsal.scenario import ZONE, Saying, Says, parse_saying, parse_wait
from models.rule_files import RuleModel, read_rule_file
from models.vocabulary import Ask, Grade
from sla_rules.calendar import OpenHours
from sla_rules.calendar_file import parse_hours

HABITS = Path(__file__).with_name("habits.yaml")
GRID = timedelta(minutes=5)
"""People look at their desks every five minutes; without this each would keep its own second."""


def parse_waits(written: Any) -> dict[str, timedelta]:
    """`{U0: 5 min, other: 2 h}`; `other` is for every grade not named."""
    if not isinstance(written, dict) or "other" not in written:
        raise ValueError("give a length of time for `other`, and for grades that differ")
    unknown = set(written) - {*Grade, "other"}
    if unknown:
        raise ValueError(f"{', '.join(sorted(map(str, unknown)))}: not a grade")
    return {str(grade): parse_wait(wait) for grade, wait in written.items()}


def parse_shares(written: Any) -> dict[str, dict[str, int]]:
    """`{satisfied: {satisfied: 80, unsatisfied: 20}}`: how many in a hundred say which value of a field."""
    if not isinstance(written, dict) or not all(isinstance(each, dict) for each in written.values()):
        raise ValueError("give shares as field: {value: so many in a hundred}")
    for field, shares in written.items():
        if (
            any(not isinstance(each, int) or each < 0 for each in shares.values())
            or sum(shares.values()) != 100
        ):
            raise ValueError(f"{field}: shares are whole numbers and add up to 100")
    return written


class Act(RuleModel):
    """One thing said after an alert: within `hours` only, if given, and `once` in a case if asked.

    With `by_colleague` not whoever acts otherwise says it, but another person of the same role. `shares` are
    fields that not everybody says alike.
    """

    says: Says
    after: Annotated[dict[str, timedelta], PlainValidator(parse_waits)]
    hours: Annotated[OpenHours, PlainValidator(parse_hours)] | None = None
    once: bool = False
    by_colleague: bool = False
    shares: Annotated[dict[str, dict[str, int]], PlainValidator(parse_shares)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _shared_fields_fit(self) -> Self:
        for field, shares in self.shares.items():
            for value in shares:
                parse_saying({self.says.kind.value: {**self.says.fields, field: value}})
        return self

    def saying(self, who: str) -> Saying:
        """What is said in the case of `who`: by its name alone, so the same in every rehearsal."""
        drawn = {field: _drawn(shares, f"{who} {field}") for field, shares in self.shares.items()}
        return Saying(self.says.kind, {**self.says.fields, **drawn})

    def moment(self, told_at: datetime, grade: Grade, narrowed: OpenHours | None = None) -> datetime:
        """When it is said; `narrowed` goes before `hours`: some may only be called at safe hours."""
        ready = on_grid(told_at + self.after.get(grade, self.after["other"]))
        return ready if self.hours is None else _within(narrowed or self.hours, ready)


class Habit(RuleModel):
    """Everything one kind of alert makes its reader do."""

    ask: Ask
    does: Annotated[tuple[Act, ...], Field(min_length=1)]


class HabitsFile(RuleModel):
    """`rehearsal_habits.yaml`."""

    habits: tuple[Habit, ...]


def load_habits(path: Path = HABITS) -> dict[Ask, tuple[Act, ...]]:
    """What each ask makes its reader do; an ask without habits is only read.

    Raises:
        RuleFileError: The file does not fit.
    """
    return {habit.ask: habit.does for habit in read_rule_file(path, HabitsFile).habits}


def on_grid(moment: datetime) -> datetime:
    """`moment`, or the next time people look up from their work."""
    late_by = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment + GRID - late_by if late_by else moment


def in_a_hundred(name: str) -> int:
    """0 to 99, as good as drawn by lot, and always the same for a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % 100


def _drawn(shares: dict[str, int], name: str) -> str:
    lot = in_a_hundred(name)
    for value, share in shares.items():
        lot -= share
        if lot < 0:
            return value
    raise ValueError("shares do not add up to 100")


def _within(hours: OpenHours, ready: datetime) -> datetime:
    local = ready.astimezone(ZONE)
    minutes = local.hour * 60 + local.minute
    if hours.opens <= minutes < hours.closes:
        return ready
    midnight = datetime.combine(local.date(), time(), ZONE)
    days = 0 if minutes < hours.opens else 1
    return (midnight + timedelta(days=days, minutes=hours.opens)).astimezone(ready.tzinfo)
