"""Which column becomes which field, and one row's cells as an intake form."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ValidationError

from desk.bulk.rows import Row, cell_text
from desk.bulk.times import moment_of
from tasks.receiving.intake_form import IntakeForm, PersonForm

PEOPLE = ("reporter", "child", "suspect")
NOT_MAPPED = {"source", "handed_over", *PEOPLE}
YES_AND_NO = {"是": "true", "有": "true", "否": "false", "无": "false"}
WHOLE_ROW = "row"


class MappingError(ValueError):
    """The mapping names a field or a column that is not there; the message says which."""


class RowError(ValueError):
    """One row cannot become a request; the reason never repeats what the row says."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


@dataclass(frozen=True)
class FieldMap:
    """For each intake field the columns it is made of, and the zone of times that name none.

    Several columns are joined, one to a line. `by_name` says that nobody chose: columns called
    like a field are taken for it.
    """

    columns: Mapping[str, tuple[str, ...]]
    zone: ZoneInfo
    by_name: bool = False


def _fields_of(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    return {f"{prefix}{name}": field.annotation for name, field in model.model_fields.items()}


FIELDS: dict[str, Any] = {
    name: kind for name, kind in _fields_of(IntakeForm).items() if name not in NOT_MAPPED
} | {name: kind for person in PEOPLE for name, kind in _fields_of(PersonForm, f"{person}.").items()}
"""Every field a column may be mapped to; people's fields are dotted, such as `reporter.contact`."""


def parse_map(written: Sequence[str], zone: str) -> FieldMap:
    """What `--map field=column` (repeated) and `--zone` say.

    Args:
        written: Such as `text=title+body`; empty to take columns by the names of fields.
        zone: An IANA name such as `Asia/Shanghai`.

    Raises:
        MappingError: No such field or zone, a field twice, or nothing for `text`.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for each in written:
        field, mark, named = (part.strip() for part in each.partition("="))
        if not mark or not named:
            raise MappingError(f"--map {each}: write it as field=column")
        if field not in FIELDS:
            raise MappingError(f"--map {each}: there is no field {field!r}; known are {', '.join(FIELDS)}")
        if field in columns:
            raise MappingError(f"--map {each}: {field} is mapped twice; join columns with +, as in a+b")
        columns[field] = tuple(part.strip() for part in named.split("+"))
    if columns and "text" not in columns:
        raise MappingError("--map: nothing is mapped to text; add --map text=COLUMN")
    return FieldMap(columns or {field: (field,) for field in FIELDS}, _zone(zone), by_name=not columns)


def check_columns(mapped: FieldMap, names: Sequence[str]) -> None:
    """Return if a table with these columns can be read with this mapping.

    Raises:
        MappingError: A mapped column is missing or there twice.
    """
    wanted = ("text",) if mapped.by_name else [each for parts in mapped.columns.values() for each in parts]
    for column in wanted:
        if names.count(column) == 0:
            shown = ", ".join(name for name in names if name)[:300]
            raise MappingError(f"there is no column {column!r}; there are: {shown}. Use --map field=column")
    for column in {each for parts in mapped.columns.values() for each in parts}:
        if names.count(column) > 1:
            raise MappingError(f"two columns are called {column!r}; rename one of them")


def form_of(row: Row, mapped: FieldMap, source: str) -> IntakeForm:
    """The intake form of one row.

    Raises:
        RowError: It cannot be one; `field` is the intake field, or `row`.
    """
    if row.problem:
        raise RowError(WHOLE_ROW, row.problem)
    values = {field: _value(field, columns, row, mapped.zone) for field, columns in mapped.columns.items()}
    told = _nested({field: value for field, value in values.items() if value != ""})
    if "text" not in told:
        raise RowError("text", "is empty")
    try:
        return IntakeForm.model_validate({**told, "source": source})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise RowError(".".join(str(part) for part in first["loc"]), first["msg"]) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MappingError(f"--zone {name}: no such time zone; write it like Asia/Shanghai") from None


def _value(field: str, columns: Iterable[str], row: Row, zone: ZoneInfo) -> Any:
    cells = [row.cells.get(column) for column in columns]
    if any(isinstance(cell, (list, dict)) for cell in cells):
        raise RowError(field, "is a list, not a single value")
    text = "\n".join(part for cell in cells if (part := cell_text(cell).strip()))
    if "\0" in text:
        raise RowError(field, "contains a NUL byte; the file is damaged or UTF-16, save it as UTF-8")
    if field == "received_at" and text:
        return _moment(field, text, zone)
    return YES_AND_NO.get(text, text) if FIELDS[field] is bool else text


def _moment(field: str, text: str, zone: ZoneInfo) -> Any:
    moment = moment_of(text, zone)
    if moment is None:
        raise RowError(field, "is not a time; write it like 2026-01-31 09:30:00")
    return moment


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field, value in flat.items():
        person, dot, part = field.partition(".")
        if dot:
            told.setdefault(person, {})[part] = value
        else:
            told[field] = value
    return told
