"""What a sample case is: how it arrives, who does something unusual, and how it must end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, ValidationError, model_validator

from models.rule_files import RuleFileError, RuleModel, read_rule_file
from models.vocabulary import (
    Ask,
    CallbackClass,
    EventKind,
    Grade,
    NewsKind,
    Outcome,
    Recipient,
    Role,
    Safety,
    Status,
    Target,
)
from sla_rules.limits import parse_limit
from tasks.news.forms import NEWS_FORMS, NewsForm
from tasks.news.inbox import Speaker
from tasks.receiving.intake_form import IntakeForm

SAMPLES = Path(__file__).parents[2] / "samples"
ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 9, 1)
DAYS = 30
CYCLE_SHIFT = timedelta(minutes=13)
"""When more cases are wanted than there are samples, each further cycle arrives this much later."""

_IN = re.compile(r"in (\d.*)", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def parse_wait(written: Any) -> timedelta:
    """The time that `10 min`, `2 h` or `3 d` names."""
    return parse_limit(written).length


def parse_clock(written: Any) -> time:
    """A time of day, on the desk's clock."""
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f'{str(written)!r} is not a time of day; write it in quotes: "21:40"')
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Saying:
    """One kind of news and its fields; a moment is written `now`, or `in 5 d` from when it is said."""

    kind: NewsKind
    fields: dict[str, Any]

    def form(self, now: datetime) -> NewsForm:
        """The news as it is said at `now`."""
        return NEWS_FORMS[self.kind].model_validate({k: _moment(v, now) for k, v in self.fields.items()})


def parse_saying(written: Any) -> Saying:
    """`{replied: {text: …, resolved: true}}`, checked against the form of its kind."""
    if not isinstance(written, dict) or len(written) != 1:
        raise ValueError("name one kind of news with its fields, such as {acknowledged: {}}")
    name, fields = next(iter(written.items()))
    if name not in list(NewsKind):
        raise ValueError(f"{name} is not a kind of news; known are {', '.join(NewsKind)}")
    saying = Saying(NewsKind(name), dict(fields or {}))
    try:
        saying.form(datetime(2026, 9, 1, tzinfo=UTC))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{name}.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return saying


def _moment(value: Any, now: datetime) -> Any:
    if value == "now":
        return now
    found = _IN.fullmatch(value) if isinstance(value, str) else None
    return now + parse_wait(found[1]) if found else value


Wait = Annotated[timedelta, PlainValidator(parse_wait)]
Says = Annotated[Saying, PlainValidator(parse_saying)]
Address = Annotated[str, Field(pattern=r"^(CHIEF:)?[A-Z][A-Z_]{1,29}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Arrival(RuleModel):
    """Day 1 is the first of the month; `at` is the time of day on the desk's clock."""

    day: int = Field(ge=1, le=DAYS)
    at: Annotated[time, PlainValidator(parse_clock)]

    @property
    def moment(self) -> datetime:
        """The aware instant."""
        local = datetime.combine(FIRST_DAY + timedelta(days=self.day - 1), self.at, ZONE)
        return local.astimezone(UTC)


class When(RuleModel):
    """What sets a reaction off: an alert, a journal entry, a status reached, or time since arrival.

    `nth` counts alerts of that ask to that recipient, entries of that kind, or times it was reached.
    """

    told: Address | None = None
    ask: Ask | None = None
    event: EventKind | None = None
    reaches: Status | None = None
    at: Wait | None = None
    nth: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _exactly_one(self) -> "When":
        given = [each for each in (self.told, self.event, self.reaches, self.at) if each is not None]
        if len(given) != 1 or (self.told is None) != (self.ask is None):
            raise ValueError("give one of: told with ask, event, reaches, at")
        return self


class Reaction(RuleModel):
    """Somebody says something, some time after something happened."""

    when: When
    after: Wait = timedelta(0)
    by: str | None = Field(
        default=None, alias="as", pattern=r"^(operator|supervisor|department:[A-Z]{2,20})$"
    )
    says: Says

    @model_validator(mode="after")
    def _somebody_speaks(self) -> "Reaction":
        if self.by is None and self.when.told is None:
            raise ValueError("say who speaks with `as`: only an alert has a recipient to answer it")
        return self

    @property
    def speaker(self) -> Speaker:
        """Who speaks; whoever was told, if the reaction does not say."""
        return speaker_named(self.by) if self.by else speaker_for(str(self.when.told))


class Told(RuleModel):
    """A recipient, and what was asked of them if only that counts; written `POLICE.emergency`."""

    recipient: Address
    ask: Ask | None = None


def parse_told(written: Any) -> Told:
    """`POLICE` or `POLICE.emergency`."""
    recipient, dot, ask = str(written).partition(".")
    if dot and ask not in list(Ask):
        raise ValueError(f"{ask} is not something an alert asks")
    return Told(recipient=recipient, ask=Ask(ask) if dot else None)


ToldList = tuple[Annotated[Told, PlainValidator(parse_told)], ...]


class Ends(RuleModel):
    """How the case must stand when the month is over; a field left out is not compared.

    `breached` is always compared, and exactly: these targets and no others have a late clock. So
    is `refused`: the kinds of news that the desk turns down. `escalated` gives the highest rung
    climbed for a target. Going through NEEDS_REVIEW must be named in `passes`; everything else in
    `passes` and `happened` must have occurred.
    """

    status: Status
    kind: str | None = Field(default=None, pattern=r"^[A-Z]\d\d$")
    grade: Grade | None = None
    outcome: Outcome | None = None
    lead: str | None = Field(default=None, pattern=r"^[A-Z]{2,20}$")
    co_handlers: tuple[str, ...] = ()
    callback: CallbackClass | None = None
    safety: Safety | None = None
    reworks: int | None = None
    reopened: int | None = None
    breached: tuple[Target, ...] = ()
    escalated: dict[Target, int] = Field(default_factory=dict)
    passes: tuple[Status, ...] = ()
    happened: tuple[EventKind, ...] = ()
    told: ToldList = ()
    never_told: ToldList = ()
    refused: tuple[NewsKind, ...] = ()


class Sample(RuleModel):
    """One case of the rehearsal.

    People do what they always do (`desk/rehearsal_habits.yaml`) unless the sample says otherwise:
    `then` adds reactions, each in place of the same habit on the same alert; `silent` names who
    has no habits (`EDU`), or lacks one of them (`EDU.replied`).
    """

    id: Slug
    name: str = Field(min_length=10)
    arrives: Arrival
    intake: IntakeForm
    same_matter_as: Slug | None = None
    silent: tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z_]{1,29}(\.[a-z_]+)?$")], ...] = ()
    then: tuple[Reaction, ...] = ()
    ends: Ends

    @model_validator(mode="after")
    def _says_only_what_the_rehearsal_cannot_know(self) -> "Sample":
        for field in ("received_at", "source_ref", "same_matter_as"):
            if getattr(self.intake, field) is not None:
                raise ValueError(f"intake.{field} is filled in by the rehearsal; leave it out")
        return self


class SampleFile(RuleModel):
    """One file of `samples/`."""

    cases: tuple[Sample, ...]


@dataclass(frozen=True)
class Visit:
    """One sample arriving once; `id` is its own, also when samples are used again."""

    id: str
    sample: Sample
    arrives_at: datetime
    same_matter_as: str | None


def load_samples(folder: Path = SAMPLES) -> tuple[Sample, ...]:
    """Every sample, in the order in which they arrive.

    Raises:
        RuleFileError: A file does not fit, an id occurs twice, or a sample is said to be the same
            matter as one that does not arrive before it.
    """
    found = [(path, each) for path in sorted(folder.glob("*.yaml")) for each in _read(path)]
    problems = list(_contradictions(found))
    if problems:
        raise RuleFileError(problems)
    return tuple(sorted((each for _, each in found), key=lambda each: (each.arrives.moment, each.id)))


def choose(samples: tuple[Sample, ...], count: int) -> list[Visit]:
    """The first `count` samples to arrive; beyond the last one they come again, a little later."""
    return [_visit(samples[place % len(samples)], place // len(samples)) for place in range(count)]


def speaker_named(name: str) -> Speaker:
    """The speaker of `operator`, `supervisor` or `department:EDU`."""
    role, _, department = name.partition(":")
    if department:
        return Speaker(f"rehearsal-{department.lower()}", Role.DEPARTMENT, department)
    return Speaker(f"rehearsal-{role}", Role(role))


def colleague_of(speaker: Speaker) -> Speaker:
    """Somebody else of the same role."""
    return replace(speaker, client=f"{speaker.client}-colleague")


def speaker_for(recipient: str) -> Speaker:
    """Who answers when an alert reaches this recipient."""
    if recipient == Recipient.DESK:
        return speaker_named("operator")
    if recipient in list(Recipient):
        return speaker_named("supervisor")
    return speaker_named(f"department:{recipient.removeprefix('CHIEF:')}")


def _read(path: Path) -> tuple[Sample, ...]:
    return read_rule_file(path, SampleFile).cases


def _visit(sample: Sample, cycle: int) -> Visit:
    suffix = f"-{cycle + 1}" if cycle else ""
    main = sample.same_matter_as
    return Visit(
        id=sample.id + suffix,
        sample=sample,
        arrives_at=sample.arrives.moment + cycle * CYCLE_SHIFT,
        same_matter_as=main + suffix if main else None,
    )


def _contradictions(found: list[tuple[Path, Sample]]) -> Iterator[str]:
    arrivals: dict[str, datetime] = {}
    for path, each in found:
        if each.id in arrivals:
            yield f"{path}: {each.id}: this id is taken"
        arrivals[each.id] = each.arrives.moment
    for path, each in found:
        main = arrivals.get(each.same_matter_as or each.id)
        if main is None or (each.same_matter_as and main >= each.arrives.moment):
            yield f"{path}: {each.id}: same_matter_as: {each.same_matter_as} does not arrive before it"
