"""The languages of the pages: English stands in the code, Chinese in `desk/locale/zh/LC_MESSAGES/desk.po`.

Words are marked with `N_`, or with `NC_` where the same English means two things, and looked up when a page
is drawn. `make words` gathers the marked ones into the file; a test fails while any of them has no Chinese.
Words that are data (names of kinds and units, the desk's stored sentences) come as a pair of both languages.
"""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from notifications.messages import Language

PO = Path(__file__).parents[1] / "locale" / "zh" / "LC_MESSAGES" / "desk.po"
Pair = tuple[str, str]
"""Chinese and English of something that is data."""
Said = str | Pair
"""Marked words, or a pair."""
_BETWEEN = "\x04"
"""What gettext itself puts between a context and its words."""


def N_(words: str) -> str:
    """Mark words for translation; they stay as they are until a page is drawn."""
    return words


def NC_(context: str, words: str) -> str:
    """Mark words that need another Chinese here than elsewhere."""
    return f"{context}{_BETWEEN}{words}"


def say(said: Said, language: Language) -> str:
    """Marked words or a pair, in one language; words that have no Chinese yet stay English."""
    if not isinstance(said, str):
        return said[0] if language is Language.ZH else said[1]
    if language is Language.ZH:
        found = _chinese().gettext(said)
        if found != said:
            return found
    return said.rpartition(_BETWEEN)[2]


@cache
def _chinese() -> gettext.GNUTranslations:
    """The file of Chinese words, read once; nothing compiled lies beside it that could be older."""
    compiled = BytesIO()
    with PO.open("rb") as file:
        write_mo(compiled, read_po(file, locale="zh"))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
