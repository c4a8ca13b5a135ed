"""A number to call that cannot be one: asked about once, while the caller is still on the line."""

import re
import unicodedata
from collections.abc import Mapping

from desk.pages.translation import N_, Said

NUMBERS = ("reporter.contact", "child.contact")
SEEN = "seen."
"""Before the name of a field: the number that the operator was asked about, and sends as it is."""
ODD: Said = N_("A mobile number has 11 figures, and this one has not. Ask once more; if it is right, save again.")
_BETWEEN = re.compile(r"[\s()\-–—]")
_MOBILE = re.compile(r"1[3-9][0-9]{5,}")


def odd_numbers(typed: Mapping[str, str]) -> dict[str, Said]:
    """What to ask beside each number that looks wrong, unless it was asked of this very number before."""
    return {name: ODD for name in NUMBERS if is_odd(typed.get(name, "")) and typed.get(f"{SEEN}{name}") != typed[name]}


def seen_numbers(typed: Mapping[str, str], problems: Mapping[str, Said]) -> dict[str, str]:
    """What the form sends with it, so that nobody is asked of the same number twice."""
    asked = {name for name in NUMBERS if problems.get(name) is ODD or (name in typed and typed.get(f"{SEEN}{name}") == typed[name])}
    return {f"{SEEN}{name}": typed[name] for name in NUMBERS if name in asked}


def is_odd(contact: str) -> bool:
    """Whether it begins as a mobile number of the mainland does, and has too many or too few figures."""
    figures = _BETWEEN.sub("", unicodedata.normalize("NFKC", contact)).removeprefix("+86").removeprefix("0086")
    return _MOBILE.fullmatch(figures) is not None and len(figures) != 11
