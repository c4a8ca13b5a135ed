"""JSON Schemas of the rule files, so that an editor completes keys and marks mistakes while typing.

`python -m sla_rules.json_schemas` writes them anew into `sla_rules/schemas/`; a test keeps the files
equal to the models. They know the shape of an entry only: what must hold between entries is told by
`whistle rules check`.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from sla_rules.calendar_file import WEEKDAYS, CalendarFile, parse_clock, parse_days, parse_hours
from sla_rules.example_file import ExamplesFile
from sla_rules.grade_rules import GradesFile
from sla_rules.ladder_rules import EscalationFile
from sla_rules.limits import parse_limit
from sla_rules.pause_rules import PausesFile
from sla_rules.procedure_rules import ProcedureFile

FOLDER = Path(__file__).parent / "schemas"

MODELS: dict[str, type[BaseModel]] = {
    "calendar": CalendarFile,
    "escalation": EscalationFile,
    "examples": ExamplesFile,
    "grades": GradesFile,
    "pauses": PausesFile,
    "procedure": ProcedureFile,
}
"""One schema for each kind of file."""

_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:[0-5]\d"

WRITTEN: dict[Any, JsonSchemaValue] = {
    parse_limit: {
        "type": "string",
        "pattern": r"^\s*\d{1,4}\s*(min|h|d)\s*$",
        "description": "How long: 15 min, 2 h or 7 d.",
        "examples": ["15 min", "2 h", "7 d"],
    },
    parse_hours: {
        "type": "string",
        "pattern": f"^{_CLOCK}-{_CLOCK}$",
        "description": "Open hours, the closing not included: 09:00-12:00; 24:00 may end a day.",
        "examples": ["09:00-12:00"],
    },
    parse_clock: {
        "type": "string",
        "pattern": f"^{_CLOCK}$",
        "description": "A time of day on the office's wall.",
        "examples": ["17:00"],
    },
    parse_days: {
        "type": "string",
        "pattern": f"^{_DAY}( to {_DAY})?$",
        "description": "A day, or the first and the last of several.",
        "examples": ["2026-01-01", "2026-02-15 to 2026-02-23"],
    },
}
"""What our own parsers read, for those whose type does not say it."""


class _WithWrittenValues(GenerateJsonSchema):
    """Knows what is written where the model holds a value of our own."""

    def function_plain_schema(self, schema: Any) -> JsonSchemaValue:
        """The form that the parser reads; a parser that nobody has described above is a KeyError."""
        return dict(WRITTEN[schema["function"]["function"]])

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never: a title made from the key tells nothing that the key does not."""
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Without the default: an editor would offer to write down what need not be said."""
        return self.generate_inner(schema["schema"])


def schema_of(name: str) -> dict[str, Any]:
    """The schema of one kind of file, as it is committed."""
    schema = MODELS[name].model_json_schema(schema_generator=_WithWrittenValues)
    if name == "calendar":
        # The model refuses other names by itself; a schema has to be told them.
        schema["properties"]["week"]["propertyNames"] = {"enum": list(WEEKDAYS)}
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def text_of(name: str) -> str:
    """The whole file, with its last newline."""
    return json.dumps(schema_of(name), ensure_ascii=False, indent=2) + "\n"


def path_of(name: str) -> Path:
    """Where that schema is committed."""
    return FOLDER / f"{name}.schema.json"


def main() -> None:
    """Write every schema anew."""
    FOLDER.mkdir(exist_ok=True)
    for name in MODELS:
        path_of(name).write_text(text_of(name), encoding="utf-8")


if __name__ == "__main__":
    main()
