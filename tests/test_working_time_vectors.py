"""The benchmark that answers other systems' working-time vectors, on a small file of our own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.vector_file import read_vectors
from benchmarks.working_time import UnknownOperationError, answer_to, matches

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "vectors" / "working_time.json"
SWAPPED_ENDS = "ZN-21"

OFFICE = {
    "tz": "Europe/Berlin",
    "week": {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "over": {"2024-06-08": [["10:00", "24:00"]]},  # a Saturday
    "brk": {"2024-06-05": [["09:30", "10:00"]]},  # a Wednesday
    "hol": ["2024-06-06"],  # a Thursday
    "holmd": ["06-07", "02-29"],  # a Friday
}
WEDNESDAY = "2024-06-05T"

VECTORS: list[tuple[dict[str, Any], bool]] = [
    ({"op": "add", "start": WEDNESDAY + "09:00", "arg": 3600, "exp": WEDNESDAY + "10:30"}, True),
    ({"op": "add", "start": WEDNESDAY + "09:00", "arg": 3600, "exp": WEDNESDAY + "10:00"}, False),
    ({"op": "add", "start": WEDNESDAY + "07:00Z", "arg": 3600.5, "exp": WEDNESDAY + "08:30:00.5Z"}, True),
    # Closed on Thursday and Friday, open on Saturday until 24:00.
    ({"op": "add", "start": WEDNESDAY + "16:00", "arg": 7200, "exp": "2024-06-08T11:00"}, True),
    ({"op": "add", "start": "2024-06-08T23:00", "arg": 3600, "exp": "2024-06-09T00:00"}, True),
    ({"op": "add", "start": WEDNESDAY + "16:00", "arg": 3600, "exp": WEDNESDAY + "17:00", "boundary": "close"}, True),
    ({"op": "add", "start": WEDNESDAY + "16:00", "arg": 3600, "exp": "2024-06-08T10:00", "boundary": "open"}, True),
    ({"op": "add", "start": WEDNESDAY + "16:00", "arg": 3600, "exp": "2024-06-08T10:00", "boundary": "close"}, False),
    ({"op": "add", "start": WEDNESDAY + "13:00", "arg": 3600, "exp": WEDNESDAY + "14:30",
      "pauses": [[WEDNESDAY + "13:15", WEDNESDAY + "13:45"], [WEDNESDAY + "13:30", WEDNESDAY + "13:45"]]}, True),
    ({"op": "sub", "start": WEDNESDAY + "10:30", "arg": 3600, "exp": WEDNESDAY + "09:00"}, True),
    ({"op": "sub", "start": WEDNESDAY + "14:00", "arg": 3600, "exp": WEDNESDAY + "12:00", "boundary": "open"}, True),
    ({"op": "sub", "start": WEDNESDAY + "14:00", "arg": 1800, "exp": WEDNESDAY + "13:15",
      "pauses": [[WEDNESDAY + "13:45", WEDNESDAY + "15:00"]]}, True),
    ({"op": "between", "start": WEDNESDAY + "00:00", "arg": "2024-06-09T00:00", "exp": 6.5 * 3600 + 14 * 3600}, True),
    ({"op": "between", "start": WEDNESDAY + "09:00", "arg": WEDNESDAY + "12:00", "exp": 3600,
      "pauses": [[WEDNESDAY + "08:00", WEDNESDAY + "11:00"]]}, True),
    ({"op": "between", "start": WEDNESDAY + "09:00", "arg": WEDNESDAY + "12:00", "exp": 10_800}, False),
    ({"op": "between", "start": WEDNESDAY + "12:00", "arg": WEDNESDAY + "09:00", "exp": 0}, False),
    ({"op": "between", "start": WEDNESDAY + "12:00", "arg": WEDNESDAY + "09:00", "exp": {"error": "swapped"}}, True),
    ({"op": "between", "start": WEDNESDAY + "09:00", "arg": WEDNESDAY + "12:00", "exp": "error"}, False),
    ({"op": "add", "start": WEDNESDAY + "09:00", "arg": -60, "exp": "error"}, True),
    ({"op": "open", "start": WEDNESDAY + "09:45", "exp": False}, True),
    ({"op": "open", "start": WEDNESDAY + "09:29:59", "exp": True}, True),
    ({"op": "open", "start": WEDNESDAY + "12:00", "exp": True}, False),
    # Local times of another zone than the calendar's: 05:00 in New York is 11:00 in Berlin.
    ({"op": "add", "start": WEDNESDAY + "05:00", "arg": 1800, "exp": WEDNESDAY + "05:30", "tz": "America/New_York"}, True),
    ({"op": "add", "cal": "never", "start": WEDNESDAY + "05:00", "arg": 1800, "exp": "error"}, True),
    # A budget of many years.
    ({"op": "add", "cal": "always", "start": "2024-01-01T00:00Z", "arg": 20 * 365 * 86_400,
      "exp": "2043-12-27T00:00Z"}, True),
]  # fmt: skip


def file_of(folder: Path, *vectors: dict[str, Any]) -> Path:
    path = folder / "vectors.json"
    always = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    calendars = {"desk": OFFICE, "never": {"week": {}}, "always": {"week": always}}
    written = [{"cal": "desk", "id": f"V-{at}"} | each for at, each in enumerate(vectors)]
    path.write_text(json.dumps({"calendars": calendars, "vectors": written}), encoding="utf-8")
    return path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.working_time", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("written", "agrees"), VECTORS, ids=lambda part: json.dumps(part) if isinstance(part, dict) else ""
)
def test_a_vector_matches_exactly_if_the_answer_is_the_expected_one(tmp_path, written, agrees):
    (vector,) = read_vectors(file_of(tmp_path, written))
    assert matches(vector, answer_to(vector)) is agrees


def test_an_unknown_operation_is_named_and_not_guessed(tmp_path):
    (vector,) = read_vectors(file_of(tmp_path, {"op": "multiply", "start": "2024-06-05T09:00"}))
    with pytest.raises(UnknownOperationError, match=r"V-0.*multiply"):
        answer_to(vector)


def test_the_command_prints_one_json_object(tmp_path):
    unknown = {"op": "multiply", "start": "2024-06-05T09:00", "exp": "error"}
    said = run("--vectors", str(file_of(tmp_path, VECTORS[0][0], VECTORS[1][0], unknown)), "--json")
    assert said.returncode == 0
    assert json.loads(said.stdout) == {"total": 3, "matched": 1, "differ": ["V-1", "V-2"]}
    assert "no operation is called multiply" in said.stderr


def test_a_file_that_is_none_is_refused_with_its_name(tmp_path):
    said = run("--vectors", str(tmp_path / "none.json"), "--json")
    assert (said.returncode, said.stdout) == (2, "")
    assert "none.json: not a file of vectors" in said.stderr


def test_every_vector_of_other_systems_matches_but_the_one_that_swaps_its_ends():
    if not SHARED.exists():
        pytest.skip("the vectors of other systems are not beside this project")
    differing = [each.id for each in read_vectors(SHARED) if not matches(each, answer_to(each))]
    assert differing == [SWAPPED_ENDS]
