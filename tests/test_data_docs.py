"""Data Docs are readable without a network, hold keys and no values, and can be published side by side."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.data_checks import check_all, department_codes, fill
from models.database import Database
from models.migrations.running import migrate

pytestmark = pytest.mark.long

CODES = department_codes(5)
CANARY = "CANARYQX"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a small month with faults; a canary stands in every text that is not a key or a code."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'cases.db'}"
    database = Database(url)
    migrate(database)
    fill(database, 600, CODES, share=0.5, seed=5)
    with database.engine.begin() as connection:
        for column in ("kind", "district", "complained_of", "waiting_for", "named_lead", "safety_source"):
            connection.execute(text(f'UPDATE "case" SET {column} = \'{CANARY}\' WHERE number % 7 = 0'))
    database.close()
    outcomes = check_all(url, CODES, folder / "quality")
    assert [each.error for each in outcomes] == [None] * 7
    return folder / "quality" / "docs"


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_part_has_its_pages_and_the_index_leads_to_all_of_them(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="([^"]+\.html)"', index))
    assert linked == {str(page.relative_to(site)) for page in pages(site)} - {"index.html"}
    assert {page.parent.name for page in pages(site)} >= {"desk", "journal", *CODES}


def test_nothing_is_fetched_from_anywhere(site: Path) -> None:
    for page in pages(site):
        written = page.read_text(encoding="utf-8")
        assert "<script" not in written.lower()
        assert not re.search(r"https?://", written), page
        for wanted in re.findall(r'<link[^>]*href="([^"]+)"', written):
            assert (page.parent / wanted).resolve().is_file()


def test_what_falls_short_is_shown_by_its_key_and_never_by_its_value(site: Path) -> None:
    written = "".join(page.read_text(encoding="utf-8") for page in pages(site))
    assert CANARY not in written


def test_the_failed_expectations_are_said_in_both_languages(site: Path) -> None:
    written = (site / "desk" / "cases.html").read_text(encoding="utf-8")
    assert "已办结但没有办结时间" in written
    assert "A closed case has no time of closing" in written
