"""Bulk intake: what organisations really send, whole, broken, twice and interrupted."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlmodel import select

from desk.bulk import taking_in as bulk
from desk.bulk.files import BulkFileError
from desk.bulk.mapping import MappingError, parse_map
from desk.bulk.taking_in import BulkOrder, BulkReport, run_bulk, source_named_after
from models.case import Case, Person
from models.house import ImportBatch
from models.journal import entries_of
from models.vocabulary import PersonRole
from tasks.workplace import Workplace
from tests.small_desk import small_desk

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HEADER = ["id", "time", "title", "body", "phone"]
ROWS = [
    ["a1", "2010-10-28 17:13:36", "打架", "学校门口有人打架\n第二行", "13900000001"],
    ["a2", "2020/1/6 9:05", "作业", "作业太多", ""],
    ["a3", "2026-11-23", "营养餐", "午餐变质, 孩子肚子疼", "13900000003"],
]
MAP = ["source_ref=id", "received_at=time", "text=title+body", "reporter.contact=phone"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    desk = small_desk(tmp_path / "home")
    yield desk
    desk.database.close()


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def write_xlsx(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    for row in [HEADER, *rows]:
        book.active.append(row)
    book.save(path)
    return path


def write_jsonl(path: Path, rows: list[list[str]]) -> Path:
    lines = [json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def gzipped(path: Path) -> Path:
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return packed


def take(place: Workplace, path: Path, maps: list[str] | None = None, **more: Any) -> BulkReport:
    mapped = parse_map(MAP if maps is None else maps, "Asia/Shanghai")
    order = BulkOrder(path=path, source="school", mapped=mapped, **more)
    return run_bulk(place, order, lambda: NOW, actor="client:cli")


def cases_of(place: Workplace) -> list[Case]:
    with place.database.reading() as session:
        return list(session.exec(select(Case).order_by(Case.number)).all())


def text_of(place: Workplace, case: Case) -> str:
    assert case.text_ct is not None
    return place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct)


def refusals(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


FORMATS: dict[str, Callable[[Path], Path]] = {
    "csv": lambda folder: write_csv(folder / "in.csv", ROWS),
    "csv with Excel's mark": lambda folder: write_csv(folder / "in.csv", ROWS, "utf-8-sig"),
    "csv in GB 18030": lambda folder: write_csv(folder / "in.csv", ROWS, "gb18030"),
    "csv in UTF-16": lambda folder: write_csv(folder / "in.csv", ROWS, "utf-16"),
    "xlsx": lambda folder: write_xlsx(folder / "in.xlsx", ROWS),
    "json lines": lambda folder: write_jsonl(folder / "in.jsonl", ROWS),
    "csv.gz": lambda folder: gzipped(write_csv(folder / "in.csv", ROWS)),
    "xlsx.gz": lambda folder: gzipped(write_xlsx(folder / "in.xlsx", ROWS)),
    "jsonl.gz": lambda folder: gzipped(write_jsonl(folder / "in.jsonl", ROWS)),
}


@pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS)
def test_every_format_gives_the_same_cases(make: Callable[[Path], Path], place: Workplace, tmp_path: Path):
    report = take(place, make(tmp_path))

    assert (report.rows, report.made, report.known, report.refused) == (3, 3, 0, 0)
    cases = cases_of(place)
    assert [case.source_ref for case in cases] == ["a1", "a2", "a3"]
    assert text_of(place, cases[0]) == "打架\n学校门口有人打架\n第二行"
    assert [case.received_at for case in cases] == [
        datetime(2010, 10, 28, 9, 13, 36, tzinfo=UTC),
        datetime(2020, 1, 6, 1, 5, tzinfo=UTC),
        datetime(2026, 11, 22, 16, 0, tzinfo=UTC),
    ]


def test_a_real_time_cell_of_a_workbook_is_read_in_the_given_zone(place: Workplace, tmp_path: Path):
    path = write_xlsx(tmp_path / "in.xlsx", [[7, datetime(2026, 1, 2, 3, 4, 5), "t", "b", 13900000001]])
    take(place, path)
    (case,) = cases_of(place)
    assert case.received_at == datetime(2026, 1, 1, 19, 4, 5, tzinfo=UTC)
    assert case.source_ref == "7"


def test_contacts_become_a_sealed_reporter(place: Workplace, tmp_path: Path):
    take(place, write_csv(tmp_path / "in.csv", ROWS))
    with place.database.reading() as session:
        reporters = session.exec(select(Person).order_by(Person.id)).all()
    assert [each.role for each in reporters] == [PersonRole.REPORTER] * 3
    assert [each.anonymous for each in reporters] == [False, True, False]
    assert b"13900000001" not in (reporters[0].contact_ct or b"")


def test_an_old_message_keeps_its_time_but_was_taken_in_now(place: Workplace, tmp_path: Path):
    take(place, write_csv(tmp_path / "in.csv", ROWS[:1]))
    (case,) = cases_of(place)
    with place.database.reading() as session:
        (event,) = entries_of(session, case.id)
        (batch,) = session.exec(select(ImportBatch)).all()
    assert (case.received_at.year, event.at, case.wake_at) == (2010, NOW, NOW)
    assert case.import_batch_id == batch.id
    assert (batch.rows, batch.made, batch.source, batch.finished_at) == (1, 1, "school", NOW)


@pytest.mark.parametrize("maps", [MAP, ["text=title+body"]], ids=["with source_ref", "without"])
def test_a_second_run_makes_nothing(maps: list[str], place: Workplace, tmp_path: Path):
    path = write_csv(tmp_path / "in.csv", ROWS)
    take(place, path, maps)
    again = take(place, path, maps)
    assert (again.made, again.known, len(cases_of(place))) == (0, 3, 3)


def test_the_same_row_twice_in_one_file_is_one_case(place: Workplace, tmp_path: Path):
    report = take(place, write_csv(tmp_path / "in.csv", [ROWS[0], ROWS[0]]), ["text=body"])
    assert (report.made, report.known) == (1, 1)


def test_a_fingerprint_in_place_of_a_number_cannot_be_guessed_from_the_words(
    place: Workplace, tmp_path: Path
):
    path = write_csv(tmp_path / "in.csv", ROWS[:1])
    other = small_desk(tmp_path / "other")
    take(place, path, ["text=body"])
    take(other, path, ["text=body"])
    assert cases_of(place)[0].source_ref != cases_of(other)[0].source_ref
    other.database.close()


BAD = {
    "no text": (["b", "", "", "", ""], "text", "is empty"),
    "a time that is none": (["b", "昨天", "t", "SECRET", ""], "received_at", "is not a time"),
    "a time to come": (["b", "2030-01-01", "t", "SECRET", ""], "received_at", "lies in the future"),
    "too few columns": (["b", "SECRET"], "row", "has 2 columns, the header has 5"),
    "too many columns": (["b", "", "t", "SECRET", "", "x"], "row", "has 6 columns"),
    "NUL bytes": (["b", "", "t", "SEC\0RET", ""], "text", "NUL"),
    "a reference too long": (["x" * 121, "", "t", "SECRET", ""], "source_ref", "at most 120"),
}


@pytest.mark.parametrize(("row", "field", "reason"), BAD.values(), ids=BAD)
def test_a_bad_row_is_listed_without_its_words_and_harms_no_other(
    row: list[str], field: str, reason: str, place: Workplace, tmp_path: Path
):
    report = take(place, write_csv(tmp_path / "in.csv", [ROWS[0], row, ROWS[2]]))

    assert (report.made, report.refused) == (2, 1)
    assert report.errors == tmp_path / "in.csv.errors.csv"
    (refusal,) = refusals(report.errors)
    assert (refusal["row"], refusal["field"]) == ("3", field)
    assert reason in refusal["reason"]
    assert "SECRET" not in report.errors.read_text(encoding="utf-8")


def test_a_misplaced_quote_costs_one_row(place: Workplace, tmp_path: Path):
    path = write_csv(tmp_path / "in.csv", ROWS[1:2])
    with path.open("a", encoding="utf-8") as file:
        file.write('b,,t,"abc"def,\nc,,t,fine,\n')
    report = take(place, path)
    assert (report.made, report.refused) == (2, 1)


def test_json_lines_that_are_no_objects_are_refused_one_by_one(place: Workplace, tmp_path: Path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "一"}\n[1]\n{broken\n\n{"text": ["a"]}\n{"text": "二"}\n', encoding="utf-8")
    report = take(place, path, [])
    assert (report.made, report.refused) == (2, 3)
    assert report.errors is not None
    assert [each["row"] for each in refusals(report.errors)] == ["2", "3", "5"]


def test_without_a_mapping_columns_and_nested_objects_are_taken_by_their_names(
    place: Workplace, tmp_path: Path
):
    path = tmp_path / "in.jsonl"
    told = {"text": "孩子走失", "danger_now": True, "child": {"name": "小明"}, "unknown": "x"}
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")
    take(place, path, [])
    (case,) = cases_of(place)
    with place.database.reading() as session:
        roles = {each.role for each in session.exec(select(Person)).all()}
    assert case.danger_now
    assert roles == {PersonRole.REPORTER, PersonRole.CHILD}


def test_yes_may_be_written_in_chinese(place: Workplace, tmp_path: Path):
    path = tmp_path / "in.csv"
    path.write_text("text,danger_now\n一,是\n二,否\n", encoding="utf-8")
    take(place, path, [])
    assert [case.danger_now for case in cases_of(place)] == [True, False]


@pytest.mark.parametrize("separator", [";", "\t"], ids=["semicolons", "tabs"])
def test_other_separators_are_recognised(separator: str, place: Workplace, tmp_path: Path):
    path = tmp_path / "in.csv"
    path.write_text(separator.join(["text", "source_ref"]) + f"\n一{separator}r1\n", encoding="utf-8")
    assert take(place, path, []).made == 1
    assert cases_of(place)[0].source_ref == "r1"


def whole_file(content: bytes, name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


PLAIN = "text,id\n一二三四五,1\n".encode()
BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "cut archive": (whole_file(gzip.compress(PLAIN * 500)[:-12], "in.csv.gz"), "cut short"),
    "damaged archive": (whole_file(gzip.compress(PLAIN)[:15] + b"\xff" * 20, "in.csv.gz"), "damaged"),
    "not an archive": (whole_file(PLAIN, "in.csv.gz"), "not a gzip"),
    "not a workbook": (whole_file(PLAIN, "in.xlsx"), "not an Excel workbook"),
    "empty": (whole_file(b"", "in.csv"), "empty"),
    "empty archive": (whole_file(gzip.compress(b""), "in.csv.gz"), "empty"),
    "header only": (whole_file(b"text,id\n", "in.csv"), "no row below"),
    "blank first row": (whole_file(b",,\na,b,c\n", "in.csv"), "no column names"),
    "bytes that are no text": (whole_file(b"text\n\xff\xff\x00\n", "in.csv"), "UTF-8 or GB 18030"),
    "UTF-16 without its mark": (whole_file("text,id\n1,2\n".encode("utf-16-le"), "in.csv"), "NUL"),
    "quote never closed": (whole_file(PLAIN + b'"open,2\n' + PLAIN, "in.csv"), "line 3"),
    "another format": (whole_file(PLAIN, "in.xls"), ".xlsx"),
    "no such file": (lambda folder: folder / "gone.csv", "No such file"),
}


@pytest.mark.parametrize(("make", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_and_changes_nothing(
    make: Callable[[Path], Path], words: str, place: Workplace, tmp_path: Path
):
    path = make(tmp_path)
    with pytest.raises(BulkFileError, match=words) as caught:
        take(place, path, [])
    assert str(path) in str(caught.value)
    assert cases_of(place) == []


def test_a_damaged_workbook_is_refused_before_anything_is_in(place: Workplace, tmp_path: Path):
    whole = write_xlsx(tmp_path / "in.xlsx", ROWS).read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BulkFileError, match="not an Excel workbook"):
        take(place, path)


WRONG_MAPS = {
    "no such column": (["text=words"], "no column 'words'; there are: id, time, title, body, phone"),
    "no such field": (["txet=body"], "no field 'txet'"),
    "the source is an option": (["source=id", "text=body"], "no field 'source'"),
    "text is not mapped": (["source_ref=id"], "nothing is mapped to text"),
    "a field twice": (["text=body", "text=title"], "mapped twice"),
    "no column at all": (["text"], "field=column"),
}


@pytest.mark.parametrize(("maps", "words"), WRONG_MAPS.values(), ids=WRONG_MAPS)
def test_a_wrong_mapping_says_what_is_wrong(
    maps: list[str], words: str, place: Workplace, tmp_path: Path
):
    with pytest.raises(MappingError, match=words):
        take(place, write_csv(tmp_path / "in.csv", ROWS), maps)
    assert cases_of(place) == []


def test_two_columns_of_one_name_are_not_chosen_between(place: Workplace, tmp_path: Path):
    path = tmp_path / "in.csv"
    path.write_text("text,text\na,b\n", encoding="utf-8")
    with pytest.raises(MappingError, match="two columns are called 'text'"):
        take(place, path, ["text=text"])


def test_an_unknown_zone_is_refused():
    with pytest.raises(MappingError, match="no such time zone"):
        parse_map([], "Asia/Nowhere")


def test_a_wrong_encoding_is_refused(place: Workplace, tmp_path: Path):
    path = write_csv(tmp_path / "in.csv", ROWS, "gb18030")
    with pytest.raises(BulkFileError, match="not text in utf-8"):
        take(place, path, encoding="utf-8")
    with pytest.raises(BulkFileError, match="no encoding 'utf-9'"):
        take(place, path, encoding="utf-9")


def test_a_limit_takes_the_first_rows(place: Workplace, tmp_path: Path):
    report = take(place, write_csv(tmp_path / "in.csv", ROWS), limit=2)
    assert (report.rows, report.made) == (2, 2)


def test_a_dry_run_judges_every_row_and_keeps_none(place: Workplace, tmp_path: Path):
    path = write_csv(tmp_path / "in.csv", [*ROWS, ["b", "昨天", "t", "b", ""]])
    take(place, path, limit=1)
    report = take(place, path, dry_run=True)
    assert (report.made, report.known, report.refused) == (2, 1, 1)
    assert len(cases_of(place)) == 1
    assert report.errors is not None
    with place.database.reading() as session:
        assert len(session.exec(select(ImportBatch)).all()) == 1


def test_after_an_interruption_the_same_order_goes_on(
    place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bulk, "BATCH_ROWS", 1)
    order = BulkOrder(write_csv(tmp_path / "in.csv", ROWS), "school", parse_map(MAP, "UTC"))

    def stop_after_two(rows: int) -> None:
        if rows == 2:
            raise KeyboardInterrupt

    stopped = run_bulk(place, order, lambda: NOW, actor="client:cli", on_rows=stop_after_two)
    rest = run_bulk(place, order, lambda: NOW, actor="client:cli")

    assert stopped.interrupted
    assert (stopped.made, rest.made, rest.known) == (2, 1, 2)


def test_more_rows_than_one_transaction_holds_are_all_taken_in(place: Workplace, tmp_path: Path):
    rows = [[f"r{number}", "", "t", f"第{number}条", ""] for number in range(250)]
    report = take(place, write_csv(tmp_path / "in.csv", rows))
    assert report.made == len(cases_of(place)) == 250


def test_refusals_of_an_earlier_run_do_not_stay(place: Workplace, tmp_path: Path):
    path = write_csv(tmp_path / "in.csv", [["b", "昨天", "t", "b", ""]])
    take(place, path)
    write_csv(path, ROWS)
    assert take(place, path).errors is None
    assert not (tmp_path / "in.csv.errors.csv").exists()


def test_somebody_elses_file_is_never_overwritten_by_refusals(place: Workplace, tmp_path: Path):
    path = write_csv(tmp_path / "in.csv", [["b", "昨天", "t", "b", ""]])
    theirs = tmp_path / "list.csv"
    theirs.write_text("mine\n", encoding="utf-8")
    with pytest.raises(BulkFileError, match="name another with --errors"):
        take(place, path, errors=theirs)
    assert cases_of(place) == []
    assert theirs.read_text(encoding="utf-8") == "mine\n"


def test_a_source_is_named_after_the_file_unless_it_is_told():
    assert source_named_after(Path("/x/Orders-2026.csv.gz")) == "orders-2026"
    assert source_named_after(Path("/x/投诉.csv")).startswith("file-")
    assert source_named_after(Path("/x/投诉.csv")) != source_named_after(Path("/x/来信.csv"))
