"""A catalogue goes live: checked, compared over past cases, and refused if it loses harm."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from catalogue.loader import Catalogue
from catalogue.snapshot import CatalogueSnapshot
from models.case import Case
from models.exchange import Assignment
from models.house import HouseVersion
from models.rule_files import RuleFileError
from models.transitions import OPEN_STATUSES
from models.vocabulary import Versioned
from sla_rules.findings import findings_of
from sla_rules.snapshot import Snapshot
from tasks.dispatch.department_table import sync_departments
from tasks.house.catalogue_check import Checked, check_catalogue, ordinary_texts
from tasks.house.catalogue_corpus import corpus_report
from tasks.house.catalogue_outcomes import CatalogueWhatIf
from tasks.house.catalogue_whatif import Progress, Reading, whatif_over_cases
from tasks.house.in_force import READINGS
from tasks.house.known_codes import known_of
from tasks.house.promoted_rules import NothingLiveError, live_promotion
from tasks.house.promotion import PromotionRefusedError, Report
from tasks.house.rule_reports import NOTHING_TO_COMPARE, NotSoundError
from tasks.house.versions import (
    HouseCandidate,
    HouseWish,
    check_may_follow,
    promote_version,
    the_live_version,
)
from tasks.workplace import Workplace

SET_NAME = "catalogue"
"""What reports call the folder: the true path says something of a machine, nothing of the catalogue."""
LOOK_BACK = timedelta(days=365)


class HarmLostError(PromotionRefusedError):
    """A catalogue no longer sees harm in cases where nobody ruled it out; `whatif` names them."""

    def __init__(self, whatif: CatalogueWhatIf) -> None:
        self.whatif = whatif
        super().__init__(
            f"{whatif.lost_count} cases of harm would be graded lower or no longer be seen: nothing goes live."
            " Put back the cues that heard them; where no child is harmed, a person must rule so in the case"
        )


def check_candidate(
    place: Workplace, snapshot: CatalogueSnapshot, live: HouseVersion | None, *, everything: bool = False
) -> Checked:
    """Check a catalogue against this desk's channels, our own corpus and the live version.

    Args:
        place: The desk.
        snapshot: The files.
        live: What cues were weighed already.
        everything: Tell of those again.
    """
    named = CatalogueSnapshot(SET_NAME, snapshot.files, snapshot.unreadable)
    known = CatalogueSnapshot("live", live.files) if live and not everything else None
    return check_catalogue(named, reached=place.channels.recipients, ordinary=ordinary_texts(), known=known)


def check_sound(checked: Checked) -> Catalogue:
    """The catalogue, if it has no errors.

    Raises:
        NotSoundError: It has.
    """
    if checked.catalogue is None:
        raise NotSoundError(f"{len(checked.errors)} errors in the catalogue: nothing goes live", checked.errors)
    return checked.catalogue


def compare_with_live(
    place: Workplace, live: HouseVersion, new: Catalogue, by: str, now: datetime, progress: Progress
) -> CatalogueWhatIf | None:
    """The what-if that a promotion needs: a year of cases, and all harm; None if the live one is unreadable."""
    old = place.catalogue
    if old.digest != live.digest:
        try:
            old = READINGS[Versioned.CATALOGUE](live)
        except RuleFileError:
            return None
    reading = Reading(now - LOOK_BACK, by, "catalogue-promotion")
    return whatif_over_cases(place, old, new, reading, now, progress)


def promote_catalogue(
    place: Workplace,
    checked: Checked,
    wish: HouseWish,
    now: datetime,
    progress: Progress = lambda _done, _all: None,
) -> HouseVersion:
    """Make a checked catalogue live, durable when this returns.

    Raises:
        NotSoundError: It has errors, leaves out codes in use, or the live rules do not fit it.
        VersionOvertakenError: The live version is not the one the wish was made for.
        HarmLostError: It would miss harm that the live one sees. Nothing overrides this.
        PromotionRefusedError: It would change nothing.
    """
    candidate = prepare_candidate(place, checked, wish, now, progress)
    return make_live(place, checked, candidate, wish, now)


def prepare_candidate(
    place: Workplace, checked: Checked, wish: HouseWish, now: datetime, progress: Progress
) -> HouseCandidate:
    """The candidate with its reports, after everything that may refuse it has been asked.

    Raises:
        As `promote_catalogue`.
    """
    new = check_sound(checked)
    with place.database.reading() as session:
        live = the_live_version(session, Versioned.CATALOGUE)
        if problems := [*codes_in_use(session, new), *_of_rules(session, new)]:
            raise NotSoundError("the desk still needs what this catalogue leaves out", problems)
    candidate = candidate_of(checked, NOTHING_TO_COMPARE)
    check_may_follow(live, candidate, wish.onto)
    whatif = compare_with_live(place, live, new, wish.by, now, progress)
    if whatif is not None and whatif.lost_count:
        raise HarmLostError(whatif)
    if whatif is None:
        return candidate
    return candidate_of(checked, whatif.to_json(), corpus_report(place.catalogue, new))


def make_live(
    place: Workplace, checked: Checked, candidate: HouseCandidate, wish: HouseWish, now: datetime
) -> HouseVersion:
    """Store the version; every process takes it up by itself, with the table of units.

    Raises:
        PromotionRefusedError: As `promote_version`.
    """
    row = promote_version(place, Versioned.CATALOGUE, candidate, wish, now)
    with place.database.writing() as session:
        sync_departments(session, check_sound(checked))
    return row


def candidate_of(
    checked: Checked, whatif: Report, corpus: Report = NOTHING_TO_COMPARE
) -> HouseCandidate:
    """A checked catalogue with its reports."""
    words = {"errors": len(checked.errors), "warnings": list(checked.warnings)}
    reports = {"checked": words, "whatif": whatif, "corpus": corpus}
    return HouseCandidate(checked.snapshot.files, checked.snapshot.digest, reports)


def codes_in_use(session: Session, catalogue: Catalogue) -> list[str]:
    """One line for each kind or department that cases still name and the catalogue no longer has."""
    kinds = set(session.exec(select(Case.kind).distinct())) | set(session.exec(select(Case.given_kind).distinct()))
    is_open = col(Case.status).in_(OPEN_STATUSES)
    units = (
        select(Assignment.department).where(col(Assignment.withdrawn_at).is_(None)).distinct(),
        select(Case.complained_of).where(is_open).distinct(),
        select(Case.named_lead).where(is_open).distinct(),
    )
    named = {str(unit) for each in units for unit in session.exec(each) if unit}
    return [
        *_missing("kind", {str(each) for each in kinds if each}, catalogue.kinds),
        *_missing("department", named, catalogue.departments),
    ]


def _missing(what: str, named: Iterable[str], known: Mapping[str, object]) -> list[str]:
    return [f"{SET_NAME}: {what} {code}: cases still name it; keep its entry" for code in sorted(set(named) - set(known))]


def _of_rules(session: Session, catalogue: Catalogue) -> list[str]:
    """What the live SLA rules name and the catalogue no longer has."""
    try:
        live = live_promotion(session)
    except NothingLiveError:
        return []
    found = findings_of(Snapshot(f"rules version {live.number}", live.files), known_of(catalogue), None)
    return [str(each) for each in found if each.severity == "error"]
