"""`examples.yaml`: what supervisors expect of their rules, beside the rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from models.rule_files import NotYamlError, RuleFileError, RuleModel, line_of
from models.vocabulary import Grade, Nature, Target
from sla_rules.example_lines import NOTHING, parse_line
from sla_rules.file_checks import check_end
from sla_rules.snapshot import EXAMPLES, Snapshot
from sla_rules.written_moments import PATTERN, WrittenMoment, WrittenSpan, parse_moment


def parse_due(written: Any) -> datetime | Literal["none"]:
    """A moment, or `none` where nothing is measured."""
    return "none" if written == NOTHING else parse_moment(written)


WrittenDue = Annotated[
    datetime | Literal["none"],
    PlainValidator(parse_due),
    WithJsonSchema({"anyOf": [{"const": NOTHING}, {"type": "string", "pattern": PATTERN}]}),
]
Word = Annotated[str, Field(min_length=1)]


class WrittenExample(RuleModel):
    """What must come out for one request; times are those of the calendar's zone.

    `received` is when the clock starts. `warning` is the moment of the rung that warns and
    `levels` those of other rungs. Left out, `rule`, `warning` and `levels` are not compared. One
    line of the form `Fri 2026-09-18 17:30, U3, EDU, feedback → due Fri 2026-09-25 24:00` says the
    same.
    """

    say: str = ""
    received: WrittenMoment
    grade: Grade
    target: Target = Target.FEEDBACK
    kind: Word | None = None
    department: Word | None = None
    nature: Nature | None = None
    pauses: tuple[WrittenSpan, ...] = ()
    due: WrittenDue
    rule: Word | None = None
    warning: WrittenMoment | None = None
    levels: dict[int, WrittenMoment] = Field(default_factory=dict)
    provisional: bool = False

    @model_validator(mode="before")
    @classmethod
    def _one_line(cls, written: Any) -> Any:
        return parse_line(written) if isinstance(written, str) else written

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        mapping = handler.resolve_ref_schema(handler(core_schema))
        line = {"type": "string", "pattern": "(→|->|=>|⇒)", "title": "An example in one line"}
        return {"anyOf": [line, mapping], "description": mapping.pop("description", "")}


class ExamplesFile(RuleModel):
    """`examples.yaml`; each example comes out as it says, or the rules are not what was meant."""

    examples: tuple[WrittenExample, ...]


@dataclass(frozen=True)
class Entry:
    """One example of a file, with its line from 1, or every reason why it cannot be read."""

    line: int
    say: str
    example: WrittenExample | None
    problems: tuple[str, ...] = ()


def entries_of(snapshot: Snapshot) -> tuple[Entry, ...]:
    """The examples of a rule set, each read by itself: one that is wrong hides no other.

    Raises:
        RuleFileError: There is no such file, it was saved half-way, or it holds no list `examples`.
    """
    name = f"{snapshot.name}/{EXAMPLES}"
    if EXAMPLES not in snapshot.files:
        raise RuleFileError([f"{name}: {snapshot.unreadable.get(EXAMPLES, 'file not found')}"])
    try:
        raw = snapshot.parsed(EXAMPLES)
    except NotYamlError as error:
        raise RuleFileError([f"{name}:{error.line}:{error.column}: {error}"]) from None
    for problem in check_end(snapshot.files[EXAMPLES], snapshot.is_partial):
        if problem.severity == "error":
            line, column = problem.line_column or (1, 1)
            raise RuleFileError([f"{name}:{line}:{column}: file: {problem.reason}; {problem.hint}"])
    if not isinstance(raw, dict) or set(raw) != {"examples"} or not isinstance(raw["examples"], list):
        raise RuleFileError([f"{name}:1:1: file: must be a list of examples under the key `examples`"])
    return tuple(_entries(raw))


def _entries(raw: Any) -> Iterator[Entry]:
    for number, written in enumerate(raw["examples"]):
        line, _ = line_of(raw, ("examples", number))
        try:
            example = WrittenExample.model_validate(written)
        except ValidationError as error:
            yield Entry(line, _saying(written), None, tuple(_reasons(error)))
        else:
            yield Entry(line, example.say or _saying(written), example)


def _reasons(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False):
        field = ".".join(str(part) for part in each["loc"])
        reason = "unknown key" if each["type"] == "extra_forbidden" else each["msg"]
        reason = reason.removeprefix("Value error, ")
        yield f"{field}: {reason}" if field else reason


def _saying(written: Any) -> str:
    if isinstance(written, dict):
        named = ("received", "grade", "kind", "department", "nature", "target")
        return ", ".join(str(written[key]) for key in named if written.get(key))
    return " ".join(str(written).split())[:200]
