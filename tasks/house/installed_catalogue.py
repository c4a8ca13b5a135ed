"""The catalogue of a release meets the case database: the first version, and what an upgrade finds."""

from collections.abc import Iterator
from datetime import datetime

from catalogue.snapshot import HERE, snapshot_of
from models.house import HouseVersion
from models.vocabulary import Versioned
from tasks.house.catalogue_check import Checked, check_catalogue
from tasks.house.catalogue_folder import catalogue_folder, draft_live_catalogue
from tasks.house.catalogue_promotion import candidate_of, check_sound, make_live
from tasks.house.installed_rules import INSTALLED, UPGRADE
from tasks.house.rule_folder import keep_draft
from tasks.house.rule_reports import NOTHING_TO_COMPARE
from tasks.house.versions import HouseWish, VersionOvertakenError, live_version, versions_of
from tasks.workplace import Workplace

CATALOGUE = Versioned.CATALOGUE


def settle_catalogue(place: Workplace, now: datetime) -> Iterator[str]:
    """Make sure that a catalogue is live and readable, and that there is a folder to edit; in lines.

    The catalogue of a newer release is never taken up in silence: a supervisor compares and promotes
    it. Only a stored one that this release cannot read any more is replaced at once, because no
    request could be judged by it.

    Raises:
        NotSoundError: The catalogue that came with the release has errors.
        RuleFileError: It is being saved right now.
    """
    shipped = check_catalogue(snapshot_of(HERE))
    check_sound(shipped)
    place.take_up()
    with place.database.reading() as session:
        live = live_version(session, CATALOGUE)
        known = any(each.files == shipped.snapshot.files for each in versions_of(session, CATALOGUE))
    why = _why_unreadable(place, live) if live else ""
    if live is None:
        yield from _install(place, shipped, HouseWish(None, INSTALLED, "the catalogue that came with the release"), now)
    elif why:
        yield f"catalogue: VERSION {live.number} CANNOT BE READ BY THIS RELEASE: {why}"
        reason = f"this release cannot read version {live.number}"
        yield from _install(place, shipped, HouseWish(live.number, UPGRADE, reason), now)
    else:
        yield f"catalogue: version {live.number} is live"
        if not known:
            yield (
                "catalogue: this release ships another catalogue than the one that is live, which stays;"
                f" compare with `whistle catalogue whatif {HERE}`"
            )
    yield from _draft(place)


def _install(place: Workplace, shipped: Checked, wish: HouseWish, now: datetime) -> Iterator[str]:
    try:
        row = make_live(place, shipped, candidate_of(shipped, NOTHING_TO_COMPARE), wish, now)
    except VersionOvertakenError:
        yield "catalogue: another process has just made the first version live"
    else:
        yield f"catalogue: version {row.number} is live, as shipped"


def _why_unreadable(place: Workplace, live: HouseVersion) -> str:
    found = (each.why for each in place.house.unreadable if each.what is CATALOGUE and each.number == live.number)
    return next(found, "")


def _draft(place: Workplace) -> Iterator[str]:
    folder = catalogue_folder(place.settings.home)
    with place.database.reading() as session:
        yield from keep_draft("catalogue", folder, lambda: draft_live_catalogue(session, folder))
