"""The reports in docs/examples: they can be read back, tell no small count of cases, and quote nobody."""

import csv
import gzip
import re
import zipfile
from pathlib import Path

import pytest

from analysis.report.footer import read_footer

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(
    each for each in (ROOT / "docs" / "examples").iterdir() if each.suffix in {".html", ".docx"}
)
MESSAGES = ROOT.parent / "shared" / "data" / "citizen_messages_zh.csv.gz"
LONGEST_ALIKE = 12
"""So many characters in a row, also in a message, would be words of somebody; method and limits are our own."""


def words_of(path: Path) -> str:
    """All that is said, without blanks and marks."""
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as file:
            text = "".join(re.findall(r"<w:t[^>]*>([^<]*)", file.read("word/document.xml").decode()))
    else:
        text = re.sub(
            r"<style.*?</style>|<script.*?</script>|<[^>]+>",
            "",
            path.read_text(encoding="utf-8"),
            flags=re.DOTALL,
        )
    return re.sub(r"\s", "", text)


def test_there_are_reports_of_messages_and_of_a_rehearsal_in_both_formats() -> None:
    assert {each.name.split("-")[0] + each.suffix for each in EXAMPLES} == {
        "messages.html",
        "messages.docx",
        "rehearsal.html",
        "rehearsal.docx",
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda each: each.name)
def test_an_example_says_what_it_was_made_from(path: Path) -> None:
    footer = read_footer(path)
    assert footer["parameters"]["origin"] == path.name.split("-")[0]
    assert footer["language"] in path.name


@pytest.mark.skipif(not MESSAGES.exists(), reason="the messages are not here")
def test_no_sentence_of_a_message_stands_in_the_report_made_of_them() -> None:
    said = [words_of(each) for each in EXAMPLES if each.name.startswith("messages")]
    runs = {text[at : at + LONGEST_ALIKE] for text in said for at in range(len(text) - LONGEST_ALIKE)}
    assert len(runs) > 1000
    csv.field_size_limit(10_000_000)
    with gzip.open(MESSAGES, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            text = re.sub(r"\s", "", row["title"] + row["text"] + row["reply"])
            assert not any(
                text[at : at + LONGEST_ALIKE] in runs for at in range(len(text) - LONGEST_ALIKE)
            ), row["key"]
