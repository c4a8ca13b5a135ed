"""Who somebody is, made unreadable to whoever has no need of it yet: enough stays to tell two people apart."""

from dataclasses import dataclass

HIDDEN_MARK = "…"


@dataclass(frozen=True)
class Kept:
    """How much of a value stays readable: `head` characters and `tail` characters, of one that has at least `least`.

    `shows_length` says whether one star stands for each character that is hidden.
    """

    least: int
    head: int
    tail: int
    shows_length: bool = False


KEPT: dict[str, tuple[Kept, ...]] = {
    "name": (Kept(2, 1, 0, shows_length=True),),
    "contact": (Kept(11, 3, 4, shows_length=True), Kept(8, 0, 2, shows_length=True)),
    "identity": (Kept(15, 0, 2, shows_length=True),),
    "address": (Kept(9, 3, 0),),
    "note": (),
}
"""The first rule whose `least` fits holds; a value that is shorter than all of them is hidden whole.

A name keeps its first character (`张*`), a mobile number what people read out to make sure (`138****8000`), an
identity number nothing that tells birthday or place, an address its city. A note is words: nothing of it stays.
"""


def mask(field: str, value: str) -> str:
    """The value of one of a person's fields as it is shown before somebody asks for it in full."""
    value = value.strip()
    for kept in KEPT[field]:
        if len(value) >= kept.least:
            hidden = "*" * (len(value) - kept.head - kept.tail) if kept.shows_length else HIDDEN_MARK
            return f"{value[: kept.head]}{hidden}{value[len(value) - kept.tail :]}"
    return HIDDEN_MARK
