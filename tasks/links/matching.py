"""From the words of a case to keyed tokens, by which another report of the same matter is found.

Everything here lives for a moment in memory. What is stored is `MatchToken`: 64 bits under a key
made from the desk's master key, so that the table by itself tells no name, number or address, nor
lets anybody try names out.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalogue.ages import ages_in
from catalogue.link_rules import TextRule
from catalogue.normalise import normalise
from models.matching import MatchField
from tasks.links.matching_names import (
    contact_form,
    identity_form,
    name_form,
    names_of_children,
    surname_form,
)
from tasks.links.matching_places import places_in
from tasks.links.matching_text import bands_of

PURPOSE = "match tokens 1"
"""Names the key in the vault; another one would make all tokens new."""
TOKEN_BYTES = 8
ADULT = 18
Tokens = Mapping[MatchField, frozenset[int]]


@dataclass(frozen=True)
class Told:
    """What one case says that may recognise its matter, in plain words; empty means not told."""

    text: str
    district: str | None = None
    child_age: int | None = None
    child_name: str = ""
    child_identity: str = ""
    child_address: str = ""
    suspect_name: str = ""
    contact: str = ""


def tokens_of(told: Told, rule: TextRule, key: bytes) -> Tokens:
    """The tokens of one case by field; fields it says nothing of are left out.

    Args:
        told: The case's words.
        rule: How texts are cut up.
        key: From `Vault.index_key(PURPOSE)`.
    """
    clean = normalise(told.text[: rule.most_characters])
    values = {name: [each.encode() for each in found] for name, found in _facts(told, clean).items()}
    values[MatchField.TEXT_ALIKE] = list(bands_of(clean, rule, key))
    return {
        name: frozenset(_token(key, name, each) for each in found) for name, found in values.items() if found
    }


def _facts(told: Told, clean: str) -> dict[MatchField, list[str]]:
    places = places_in(f"{normalise(told.child_address)} {clean}", told.district)
    names = _some([name_form(told.child_name)]) or list(names_of_children(clean))
    return {
        MatchField.CHILD_IDENTITY: _some([identity_form(told.child_identity)]),
        MatchField.CHILD_NAME: names,
        MatchField.CHILD_SURNAME_AGE: _surname_and_age(told, clean, names),
        MatchField.SUSPECT_NAME: _some([name_form(told.suspect_name)]),
        MatchField.REPORTER_CONTACT: _some([contact_form(told.contact)]),
        MatchField.VENUE: list(places.venues),
        MatchField.ESTATE: list(places.estates),
        MatchField.BUILDING: list(places.buildings),
        MatchField.ROOM: list(places.rooms),
    }


def _surname_and_age(told: Told, clean: str, names: list[str]) -> list[str]:
    """Two overlapping spans of two years, so that ages that differ by one year share one of them."""
    surname = surname_form(told.child_name) or next((surname_form(each) for each in names), "")
    ages = (
        [told.child_age] if told.child_age is not None else [each for each in ages_in(clean) if each < ADULT]
    )
    if not surname or len(set(ages)) != 1:
        return []
    age, where = ages[0], told.district or ""
    return [f"{where}/{surname}/even{age // 2}", f"{where}/{surname}/odd{(age + 1) // 2}"]


def _some(values: Iterable[str]) -> list[str]:
    return [each for each in values if each]


def _token(key: bytes, name: MatchField, value: bytes) -> int:
    digest = hmac.digest(key, name.encode() + b"\0" + value, "sha256")
    return int.from_bytes(digest[:TOKEN_BYTES], signed=True)
