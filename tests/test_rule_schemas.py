"""The JSON Schemas that editors read are those of the models, and the shipped files fit them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

import sla_rules
from sla_rules.json_schemas import MODELS, path_of, schema_of, text_of

PACKAGE = Path(sla_rules.__file__).parent
FILES = {
    "calendar": PACKAGE / "calendars/china.yaml",
    "escalation": PACKAGE / "rules/escalation.yaml",
    "examples": PACKAGE / "examples.yaml",
    "grades": PACKAGE / "rules/grades.yaml",
    "pauses": PACKAGE / "rules/pauses.yaml",
    "procedure": PACKAGE / "rules/procedure.yaml",
}


def as_editors_see_it(written: Any) -> Any:
    """Keys as text and days as text: JSON has no others."""
    if isinstance(written, dict):
        return {str(key): as_editors_see_it(value) for key, value in written.items()}
    if isinstance(written, list):
        return [as_editors_see_it(each) for each in written]
    return written.isoformat() if isinstance(written, date) else written


def content_of(path: Path) -> Any:
    return as_editors_see_it(YAML(typ="safe", pure=True).load(path))


def complaints(name: str, content: Any) -> list[str]:
    return [f"{each.json_path}: {each.message}" for each in Draft202012Validator(schema_of(name)).iter_errors(content)]


@pytest.mark.parametrize("name", MODELS)
def test_the_committed_schema_is_that_of_the_model(name):
    assert path_of(name).read_text(encoding="utf-8") == text_of(name), "run python -m sla_rules.json_schemas"


def test_there_is_a_schema_for_every_model_and_no_other():
    assert {path.name for path in (PACKAGE / "schemas").iterdir()} == {path_of(name).name for name in MODELS}
    assert FILES.keys() == MODELS.keys()


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_file_fits_its_schema(name):
    Draft202012Validator.check_schema(schema_of(name))
    assert complaints(name, content_of(FILES[name])) == []


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"examples"}))
def test_the_shipped_file_names_its_schema_in_its_first_line(name):
    first = FILES[name].read_text(encoding="utf-8").splitlines()[0]
    told = first.removeprefix("# yaml-language-server: $schema=")
    assert (FILES[name].parent / told).resolve() == path_of(name)


@pytest.mark.parametrize(
    ("name", "keys", "value"),
    [
        ("grades", ("grades", "U0", "rules", 0, "limit"), "15 minutes"),
        ("grades", ("grades", "U0", "rules", 0, "limt"), "15 min"),
        ("grades", ("grades", "U0", "rules", 0, "target"), "despatch"),
        ("pauses", ("total_cap",), 180),
        ("escalation", ("ladders", 0, "rungs", 0, "at"), "a bit later"),
        ("escalation", ("ladders", 0, "rungs", 0, "tell"), ["THE_BOSS"]),
        ("procedure", ("callback", "hours"), "9-20"),
        ("calendar", ("week", "mon"), ["09:00-12:00"]),
        ("calendar", ("years", "2026", "holidays", 0, "off"), ["1 January"]),
    ],
)
def test_an_editor_marks_what_the_check_would_refuse(name, keys, value):
    content = content_of(FILES[name])
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    assert complaints(name, content)
