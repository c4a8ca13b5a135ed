"""Whether the live rules can be read and reach far enough, and what waits in the folder beside them."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from catalogue.loader import Catalogue, catalogue_of, load_catalogue
from catalogue.snapshot import CatalogueSnapshot
from desk.doctor.findings import Finding, Level, fine, worse
from desk.doctor.house import look_at_calendar
from models.house import Promotion
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from models.vocabulary import Versioned
from sla_rules.loader import rule_book_of
from sla_rules.snapshot import Snapshot
from tasks.house.folder_state import FolderState, look_at_folder
from tasks.house.promoted_rules import NothingLiveError, live_promotion
from tasks.house.rule_folder import working_folder
from tasks.house.versions import live_version
from tasks.story.timeline import shown_time

LIVE, EDITED = "live rules", "edited rules"


def look_at_live_rules(session: Session, settings: DeskSettings, now: datetime) -> Iterator[Finding]:
    """The live rule set with its calendar, and the folder in which the next one is edited."""
    try:
        live = live_promotion(session)
    except NothingLiveError as error:
        yield worse(LIVE, Level.BAD, str(error), "stop the desk and run `whistle prepare`")
        return
    yield from _of_live(live, now)
    yield _of_folder(session, settings, now)


def _of_live(live: Promotion, now: datetime) -> Iterator[Finding]:
    try:
        book = rule_book_of(Snapshot(f"version {live.number}", live.files))
    except RuleFileError as error:
        words = f"version {live.number} cannot be read by this release: {error.problems[0]}"
        yield worse(LIVE, Level.BAD, words, "stop the desk and run `whistle prepare`")
        return
    yield fine(LIVE, f"version {live.number} since {shown_time(live.at)}, by {live.promoted_by}")
    yield look_at_calendar(book.calendar, now)


def _of_folder(session: Session, settings: DeskSettings, now: datetime) -> Finding:
    folder = working_folder(settings.home)
    try:
        state = look_at_folder(session, _catalogue(session), folder, now)
    except RuleFileError as error:
        return worse(EDITED, Level.WARN, error.problems[0], "look again in a moment")
    if state is None or state.edit is None:
        return fine(EDITED, f"nothing in {folder} differs from what is live")
    return worse(EDITED, Level.WARN, *_of_edit(state, f"{folder}"))


def _catalogue(session: Session) -> Catalogue:
    live = live_version(session, Versioned.CATALOGUE)
    return catalogue_of(CatalogueSnapshot(f"version {live.number}", live.files)) if live else load_catalogue()


def _of_edit(state: FolderState, folder: str) -> tuple[str, str]:
    """What is found and what to do."""
    if state.is_broken:
        words = f"{len(state.problems)} problems keep them from going live, first: {state.problems[0]}"
        return words, f"mend what `whistle rules check {folder}` lists; until then nothing of it counts"
    if state.is_overtaken:
        words = f"drafted from version {state.based_on or '?'}, while {state.live.number} is live"
        return words, "compare with `whistle rules whatif`, then promote with --onto, or draft anew"
    return "sound, but not live", f"`whistle rules promote {folder}`, or leave them be"
