"""Catalogues for tests: the shipped one with an edit, and a desk on which it is live."""

from datetime import datetime
from functools import cache

from catalogue.snapshot import HERE, CatalogueSnapshot, snapshot_of
from models.house import HouseVersion
from models.vocabulary import Versioned
from tasks.house.catalogue_check import Checked, check_catalogue
from tasks.house.catalogue_promotion import candidate_of
from tasks.house.versions import HouseWish, promote_version
from tasks.workplace import Workplace


@cache
def shipped_files() -> CatalogueSnapshot:
    """The delivered files, read once."""
    return snapshot_of(HERE)


def edited(path: str, old: str, new: str, name: str = "mine") -> CatalogueSnapshot:
    """The shipped files with the first `old` of one of them replaced; the others are not parsed again."""
    shipped = shipped_files()
    assert old in shipped.files[path], f"{path} no longer says {old}"
    found = CatalogueSnapshot(name, {**shipped.files, path: shipped.files[path].replace(old, new, 1)})
    for each in shipped.files:
        shipped.parsed(each)
    return found.sharing(shipped)


def line_of(path: str, words: str) -> int:
    """The number of the first line of a shipped file that has these words."""
    return shipped_files().files[path].split(words)[0].count("\n") + 1


@cache
def checked_shipped() -> Checked:
    return check_catalogue(shipped_files())


def install_catalogue(place: Workplace, now: datetime) -> HouseVersion:
    """Make the shipped catalogue version 1, as a first start does."""
    wish = HouseWish(None, "installed", "test")
    return promote_version(place, Versioned.CATALOGUE, candidate_of(checked_shipped(), {}), wish, now)
