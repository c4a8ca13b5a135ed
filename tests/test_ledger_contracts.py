"""Contracts and rules of the records: what is shipped can be read, and a mistake is named with file and field."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.records import NOW
from data_checks.contract import FOLDER, load_contracts
from data_checks.extract_files import ExtractRefusedError, read_extract
from data_checks.extract_rows import Unfit, row_of
from data_checks.extract_words import WORDS, Problem, sentence
from data_checks.file_schemas import schemas
from data_checks.rule_files import load_house_rules
from models.rule_files import RuleFileError

POLICE = load_contracts()["POLICE"]
GOOD = {
    "their_ref": "P-1", "order_ref": "W-000012", "leads": "true", "kind": "F01", "status": "CLOSED",
    "received_at": "2026-11-20T08:00:00+08:00", "accepted_at": None, "replied_at": None, "closed_at": None,
    "updated_at": "2026-11-21T08:00:00+08:00",
}  # fmt: skip


def test_the_schemas_for_editors_say_what_the_code_reads() -> None:
    for path, schema in schemas().items():
        assert json.loads(path.read_text(encoding="utf-8")) == schema, f"run python -m data_checks.file_schemas: {path.name}"


def test_every_problem_has_words_in_both_languages() -> None:
    assert set(WORDS) == set(Problem)
    for problem in Problem:
        zh, en = sentence(problem, "status", 3, "XX")
        assert zh.startswith("第 3 行“status”（XX）：")
        assert en.startswith("line 3 status (XX): ")


@pytest.mark.parametrize(
    ("line", "instead", "complaint"),
    [
        ("freshness_hours: 24", "freshness_hours: soon", "freshness_hours"),
        ("department: POLICE", "departement: POLICE", "departement"),
        ("      their_ref: ref", "      kind2: ref", "kind2"),
        ("      updated_at: updated", "", "updated_at"),
        ("format: jsonl", "format: jsonl\ntime_zone: Beijing", "Asia/Shanghai"),
        ("format: jsonl", "format: table", "name the table"),
    ],
)
def test_a_mistake_in_a_contract_names_file_and_field(tmp_path: Path, line: str, instead: str, complaint: str) -> None:
    written = (FOLDER / "police.yaml").read_text(encoding="utf-8")
    assert line in written
    (tmp_path / "police.yaml").write_text(written.replace(line, instead, 1), encoding="utf-8")
    with pytest.raises(RuleFileError) as raised:
        load_contracts(tmp_path)
    assert "police.yaml" in str(raised.value)
    assert complaint in str(raised.value)


def test_a_block_that_cannot_be_asked_of_one_case_is_refused(tmp_path: Path) -> None:
    rule = "{id: a-rule, severity: block, who: DESK, check: {form: rows, fails_when: '1 = 1'}, zh: 一条规则, en: A rule of it}"
    (tmp_path / "days.yaml").write_text(f"batch: days\nrules:\n  - {rule}\n", encoding="utf-8")
    with pytest.raises(RuleFileError, match="days cannot be asked about one case"):
        load_house_rules(tmp_path)


def problem_of(**changes: object) -> tuple[str, Problem, str] | None:
    found = row_of(POLICE, POLICE.versions[0], 2, GOOD | changes, NOW)
    return (found.field, found.problem, found.shown) if isinstance(found, Unfit) else None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"order_ref": "w12"}, None),
        ({"order_ref": "12"}, ("order", Problem.ORDER_FORM, "12")),
        ({"order_ref": ""}, ("order", Problem.MISSING, "")),
        ({"their_ref": "张三的案子"}, ("ref", Problem.REF_FORM, "")),
        ({"their_ref": "11010519491231002X"}, ("ref", Problem.IDENTITY, "")),
        ({"their_ref": "13900000000"}, ("ref", Problem.IDENTITY, "")),
        ({"status": "DONE"}, ("status", Problem.UNKNOWN_CODE, "DONE")),
        ({"status": "已经回访过孩子的妈妈"}, ("status", Problem.UNKNOWN_CODE, "")),
        ({"status": "13900000000"}, ("status", Problem.UNKNOWN_CODE, "")),
        ({"leads": "maybe"}, ("lead", Problem.UNKNOWN_CODE, "maybe")),
        ({"kind": "family"}, ("kind", Problem.UNKNOWN_CODE, "family")),
        ({"accepted_at": "yesterday"}, ("accepted", Problem.BAD_TIME, "")),
        ({"accepted_at": (NOW + timedelta(hours=1)).isoformat()}, ("accepted", Problem.FUTURE_TIME, "")),
    ],
)
def test_a_row_that_cannot_be_read_says_why_and_shows_nothing_but_codes(
    changes: dict[str, object], expected: tuple[str, Problem, str] | None
) -> None:
    assert problem_of(**changes) == expected


def test_a_moment_without_an_offset_is_in_the_contracts_zone() -> None:
    row = row_of(POLICE, POLICE.versions[0], 2, GOOD | {"accepted_at": "2026-11-20T09:00:00"}, NOW)
    assert isinstance(row, dict)
    assert row["accepted_at"].utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe\x00", Problem.WRONG_ENCODING),
        (b'{"ref": 1', Problem.CUT_SHORT),
        (b"[1, 2]", Problem.UNREADABLE),
        (b'{"ref": "P-1"}', Problem.CUT_SHORT),
        (b'{"ref": "P-1"}\n{"rows": 1}', Problem.COLUMNS_CHANGED),
        (b"\x1f\x8b\x08\x00broken", Problem.CUT_SHORT),
    ],
)
def test_garbage_is_refused_whole_by_a_code(content: bytes, problem: Problem) -> None:
    with pytest.raises(ExtractRefusedError) as raised:
        read_extract(POLICE, content)
    assert raised.value.problem is problem
