"""Every page has its pictures: none without one, none of a page that is gone."""

from pathlib import Path

import pytest

from tests.screens import FOLDER, LANGUAGES, SHOTS, SIZES

TEMPLATES = Path(__file__).parents[1] / "desk" / "templates"
# Not pages of the desk: what others are made of, and the file that `rules whatif` writes.
PARTS = {"layout.html", "fields.html", "rows.html", "proactive_rows.html", "clock_bars.html", "intake_knowledge.html", "intake_matter.html", "whatif.html"}
WANTED = {f"{shot.name}-{size}-{language}.png" for shot in SHOTS for size in SIZES for language in LANGUAGES}


def test_every_page_is_on_the_list_of_pictures():
    assert {shot.template for shot in SHOTS} == {each.name for each in TEMPLATES.glob("*.html")} - PARTS


@pytest.mark.parametrize("name", sorted(WANTED))
def test_there_is_a_picture_in_each_language_and_size(name: str):
    assert (FOLDER / name).read_bytes().startswith(b"\x89PNG"), "python -m tests.screens"


def test_no_picture_is_left_of_a_page_that_is_gone():
    extra = {each.name for each in FOLDER.glob("*.png")} - WANTED
    assert extra <= {"order-words-phone-en-dark.png"}
