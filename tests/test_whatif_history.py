"""Reading a city's file of past cases: columns, times, flags, and what cannot be read."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from desk.bulk.files import BulkFileError
from desk.whatif.columns import Columns, columns_in, header_of
from desk.whatif.history import History, Reading
from desk.whatif.times import read_moments
from models.vocabulary import Grade, Target
from sla_rules.calendar import moment_of
from sla_rules.whatif_chunk import RUNNING, UNKNOWN
from tests.whatif_rows import written

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    return moment_of(datetime(year, month, day, hour, minute, second, tzinfo=UTC))


def read(path: Path, rows_at_once: int = 100, **columns: str):
    """All chunks, and what was met on the way."""
    found = columns_in(header_of(path), Columns(**{"received": "received", **columns}), path)
    history = History(path, found, Target.CLOSURE, SHANGHAI)
    reading = Reading()
    return list(history.chunks(reading, rows_at_once)), reading, history


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02 09:30:15", utc(2026, 3, 2, 1, 30, 15)),
        (" 2026-03-02 09:30:15 ", utc(2026, 3, 2, 1, 30, 15)),
        ("2026-03-02T09:30:15", utc(2026, 3, 2, 1, 30, 15)),
        ("2026-03-02 09:30", utc(2026, 3, 2, 1, 30)),
        ("2026-03-02T09:30:15Z", utc(2026, 3, 2, 9, 30, 15)),
        ("2026-03-02T09:30:15-05:00", utc(2026, 3, 2, 14, 30, 15)),
        ("03/02/2026 09:30:15 AM", utc(2026, 3, 2, 1, 30, 15)),
        ("03/02/2026 09:30:15 PM", utc(2026, 3, 2, 13, 30, 15)),
        ("12/31/2025 12:00:00 AM", utc(2025, 12, 30, 16)),
        ("2026/3/2 9:30", utc(2026, 3, 2, 1, 30)),
        ("2026年3月2日 9时30分", utc(2026, 3, 2, 1, 30)),
        ("2026-03-02", utc(2026, 3, 1, 16)),
        ("", UNKNOWN),
        ("soon", UNKNOWN),
        ("2026-13-02 09:30:15", UNKNOWN),
        ("0026-03-02 09:30:15", UNKNOWN),
        ("9999-12-31 00:00:00", UNKNOWN),
    ],
)
def test_a_time_as_cities_write_it(text, moment):
    assert read_moments(pd.Series([text], dtype="str"), SHANGHAI, day_ends=False).tolist() == [moment]


def test_times_of_all_kinds_stand_in_one_column():
    said = pd.Series(["2026/3/2 9:30", "2026-03-02 09:30:00", "x", "03/02/2026 09:30:00 AM"], dtype="str")
    same = utc(2026, 3, 2, 1, 30)
    assert read_moments(said, SHANGHAI, day_ends=False).tolist() == [same, same, UNKNOWN, same]


@pytest.mark.parametrize("text", ["2026-03-02", "03/02/2026", "2026/3/2"])
def test_what_is_due_on_a_day_may_come_until_its_end(text):
    said = pd.Series([text], dtype="str")
    assert read_moments(said, SHANGHAI, day_ends=True).tolist() == [utc(2026, 3, 2, 16)]


def test_daylight_saving_is_that_of_the_files_zone():
    said = pd.Series(["2026-01-15 12:00:00", "2026-07-15 12:00:00"], dtype="str")
    assert read_moments(said, NEW_YORK, day_ends=False).tolist() == [utc(2026, 1, 15, 17), utc(2026, 7, 15, 16)]


def test_columns_are_found_in_any_spelling_and_closing_and_flag_by_themselves(tmp_path):
    path = written(tmp_path / "a.csv", "Received,Due Date,KIND,CloseDate,OnTime", "2026-03-02 09:00:00,,,,")
    found = columns_in(header_of(path), Columns("received", kind="kind", due="due_date"), path)
    assert found == Columns("Received", "KIND", "Due Date", "CloseDate", "OnTime")


def test_a_missing_column_names_those_there_are(tmp_path):
    path = written(tmp_path / "a.csv", "received,type")
    with pytest.raises(BulkFileError, match=r"no column 'kind'; there are received, type"):
        columns_in(header_of(path), Columns("received", kind="kind"), path)


def test_a_closed_case_has_an_end_and_an_open_one_runs(tmp_path):
    path = written(tmp_path / "a.csv", "received,closed", "2026-03-02 09:00:00,2026-03-03 09:00:00", "2026-03-02 09:00:00,")
    (chunk,), reading, _ = read(path)
    assert chunk.ended.tolist() == [utc(2026, 3, 3, 1), RUNNING]
    assert (reading.rows, reading.bad_rows) == (2, 0)


def test_a_byte_order_mark_and_gzip_change_nothing(tmp_path):
    text = "﻿received,kind\n2026-03-02 09:00:00,噪声\n"
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    (chunk,), _, _ = read(path, kind="kind")
    assert (chunk.kind.words, chunk.received.tolist()) == (("噪声",), [utc(2026, 3, 2, 1)])


def test_bad_rows_are_left_out_and_named_by_line_and_column_without_their_content(tmp_path):
    path = written(
        tmp_path / "a.csv",
        "received,note,due,closed,grade",
        '2026-03-02 09:00:00,"two',
        'lines",2026-03-09 09:00:00,,U3',
        "yesterday,x,2026-03-09 09:00:00,,U3",
        "2026-03-02 09:00:00,x,next week,,u2",
        "2026-03-02 09:00:00,x,,never,U3",
        "2026-03-02 09:00:00,x,,,U9",
        "2026-03-02 09:00:00,x,,,UC",
    )
    chunks, reading, history = read(path, rows_at_once=2, due="due", closed="closed", grade="grade")
    assert [number for chunk in chunks for number in chunk.numbers.tolist()] == [2, 4, 7]
    assert (reading.rows, reading.bad_rows, reading.bad_cells) == (6, 3, 4)
    assert history.problems(reading) == [
        "a.csv:4: received: cannot be read",
        "a.csv:5: due: cannot be read",
        "a.csv:6: closed: cannot be read",
        "a.csv:7: grade: cannot be read",
    ]


def test_only_the_first_few_bad_cells_are_named(tmp_path):
    path = written(tmp_path / "a.csv", "received", *["x"] * 50)
    chunks, reading, history = read(path, rows_at_once=7)
    assert sum(map(len, chunks)) == 0
    assert (reading.bad_rows, len(history.problems(reading))) == (50, 10)


@pytest.mark.parametrize(
    ("column", "word", "meaning"),
    [
        ("ontime", "ONTIME", 1), ("ontime", "On Time", 1), ("ontime", "OVERDUE", 0), ("ontime", "true", 1),
        ("ontime", "0", 0), ("ontime", "", -1), ("ontime", "perhaps", -1), ("是否超时", "是", 0),
        ("是否超时", "否", 1), ("overdue", "yes", 0), ("flag", "按期", 1), ("flag", "逾期", 0),
    ],
)  # fmt: skip
def test_a_flag_says_on_time_or_late_or_nothing(tmp_path, column, word, meaning):
    path = written(tmp_path / "a.csv", f"received,{column}", f"2026-03-02 09:00:00,{word}")
    (chunk,), _, _ = read(path, flag=column)
    assert chunk.official_on_time.tolist() == [meaning]


def test_a_case_without_a_department_gets_the_one_that_leads_its_kind(tmp_path):
    path = written(tmp_path / "a.csv", "received,kind", *[f"2026-03-02 09:00:00,{kind}" for kind in ("S01", "Z99")])
    found = columns_in(header_of(path), Columns("received", kind="kind"), path)
    history = History(path, found, Target.CLOSURE, SHANGHAI, grade=Grade.U2, leads={"S01": "EDU"})
    (chunk,) = history.chunks(Reading())
    assert [chunk.department.words[code] for code in chunk.department.codes] == ["EDU", ""]
    assert chunk.grade.words == ("U2",)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv.gz", b"received\nx\n", "not a gzip file"),
        ("a.csv.gz", gzip.compress(b"received\n" + b"2026-03-02 09:00:00\n" * 50, mtime=0)[:-20], "cut short"),
        ("a.csv", b"received\n\xff\xfe\n", "not UTF-8"),
        ("a.csv", b'received,kind\n"2026-03-02 09:00:00,x\n', "quotation mark"),
    ],
)
def test_a_damaged_file_is_refused_in_words(tmp_path, name, content, why):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BulkFileError, match=why):
        read(path)
