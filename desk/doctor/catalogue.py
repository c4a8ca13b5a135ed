"""Whether the live catalogue can be read, and what waits in the folder beside it."""

from collections.abc import Iterator

from sqlmodel import Session

from catalogue.loader import catalogue_of
from catalogue.snapshot import CatalogueSnapshot, snapshot_of
from desk.doctor.findings import Finding, Level, fine, worse
from models.house import HouseVersion
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from models.vocabulary import Versioned
from tasks.house.catalogue_check import check_catalogue
from tasks.house.catalogue_folder import catalogue_folder
from tasks.house.rule_folder import RuleFolderError, based_on
from tasks.house.versions import NoVersionLiveError, the_live_version
from tasks.story.timeline import shown_time

LIVE, EDITED = "live catalogue", "edited catalogue"


def look_at_catalogue(session: Session, settings: DeskSettings) -> Iterator[Finding]:
    """The live catalogue, and the folder in which the next one is edited."""
    try:
        live = the_live_version(session, Versioned.CATALOGUE)
    except NoVersionLiveError as error:
        yield worse(LIVE, Level.BAD, str(error), "stop the desk and run `whistle prepare`")
        return
    yield _of_live(live)
    yield _of_folder(live, settings)


def _of_live(live: HouseVersion) -> Finding:
    try:
        catalogue_of(CatalogueSnapshot(f"version {live.number}", live.files))
    except RuleFileError as error:
        words = f"version {live.number} cannot be read by this release: {error.problems[0]}"
        return worse(LIVE, Level.BAD, words, "stop the desk and run `whistle prepare`")
    return fine(LIVE, f"version {live.number} since {shown_time(live.at)}, by {live.promoted_by}")


def _of_folder(live: HouseVersion, settings: DeskSettings) -> Finding:
    folder = catalogue_folder(settings.home)
    try:
        found = snapshot_of(folder)
    except RuleFileError as error:
        return worse(EDITED, Level.WARN, error.problems[0], "look again in a moment")
    if not found.unreadable and found.files in ({}, live.files):
        return fine(EDITED, f"nothing in {folder} differs from what is live")
    errors = check_catalogue(found).errors
    if errors:
        words = f"{len(errors)} problems keep it from going live, first: {errors[0]}"
        return worse(EDITED, Level.WARN, words, f"mend what `whistle catalogue check {folder}` lists")
    base = _base(settings)
    if base != live.number:
        words = f"drafted from version {base or '?'}, while {live.number} is live"
        return worse(EDITED, Level.WARN, words, "compare with `whistle catalogue whatif`, then promote with --onto")
    return worse(EDITED, Level.WARN, "sound, but not live", f"`whistle catalogue promote {folder}`, or leave it be")


def _base(settings: DeskSettings) -> int | None:
    try:
        return based_on(catalogue_folder(settings.home))
    except RuleFolderError:
        return None
