"""`python -m desk.pages.gathering` (`make words`): the marked words of the pages, brought into the file of Chinese.

Chinese that is there stays, words that are gone go, new ones come in empty: whoever wrote them fills them in.
"""

import sys
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from desk.pages.translation import PO

DESK = Path(__file__).parents[1]
MARKS = {"N_": None, "NC_": ((1, "c"), 2)}
ABOUT = b"""\
# The Chinese of the desk's pages. English stands in the code; `make words` brings this file up to date.
# A word that is used in two senses has a context (msgctxt).

"""


def gathered() -> bytes:
    """The file as it should be: every marked word once, in order, with the Chinese known so far."""
    known = {(each.context, each.id): each.string for each in read_catalog() if each.id}
    catalog = Catalog(locale="zh")
    for context, words in sorted(marked(), key=lambda each: (each[1], each[0] or "")):
        catalog.add(words, known.get((context, words), ""), context=context)
    file = BytesIO(ABOUT)
    file.seek(0, SEEK_END)
    # Without a header: its dates would make the file differ without a word having changed.
    write_po(file, catalog, width=110, no_location=True, omit_header=True)
    return file.getvalue()


def marked() -> set[tuple[str | None, str]]:
    """Every word marked in the code of the desk, with its context if it has one."""
    return set(_found())


def read_catalog() -> Catalog:
    """The file as it is."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh")


def _found() -> Iterator[tuple[str | None, str]]:
    found = extract_from_dir(DESK, method_map=[("**.py", "python")], keywords=MARKS, strip_comment_tags=True)
    for _file, _line, words, _comments, context in found:
        if isinstance(words, str) and words:
            yield context, words


def main() -> int:
    """Write the file; 1 if some words have no Chinese yet, each of them named."""
    PO.write_bytes(gathered())
    missing = [each.id for each in read_catalog() if each.id and not each.string]
    for words in missing:
        sys.stdout.write(f"no Chinese yet: {words}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
