"""Which past cases another catalogue would have sent elsewhere, and which harm it would have missed.

The words of a case are opened in this process only, judged by both catalogues and let go; what is
kept are codes. Both judge by the words, the age and the kind an operator gave: what later made a
case graver (a tick, a person, another report) is left out of both sides, because it would hide that
the words alone are no longer understood.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, or_, select

from catalogue.loader import Catalogue
from models.case import Case
from models.grades import SAFETY_GRADES, graver
from models.house import BulkReading
from models.vault import SealedForeverError
from models.vocabulary import Doubt, Route
from tasks.classifying.confirming import confirmations
from tasks.classifying.judgement import Judgement, judge
from tasks.classifying.screening import KnownFacts
from tasks.dispatch.conflict import complained_of
from tasks.dispatch.dispatch_facts import facts_in
from tasks.dispatch.dispatching import DispatchFacts, NoDepartmentError, decide_dispatch
from tasks.house.catalogue_outcomes import CatalogueWhatIf, Outcome, Tally, Verdicts
from tasks.workplace import Workplace

CASES_AT_ONCE = 200
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Reading:
    """Whose past cases are read: since when, at most how many, for whom and for what.

    Cases of harm are read whatever their age, unless a `limit` says that this is only a look.
    """

    since: datetime
    by: str
    purpose: str
    limit: int | None = None


def whatif_over_cases(
    place: Workplace,
    old: Catalogue,
    new: Catalogue,
    reading: Reading,
    now: datetime,
    progress: Progress = lambda _done, _all: None,
) -> CatalogueWhatIf:
    """Both catalogues over the past cases, newest first.

    Args:
        place: The desk; its model in force reads for both sides. Only the reading is written down.
        old: Usually the live catalogue.
        new: The catalogue tried.
        reading: Which cases, and who looks why; in the access record before the first is opened.
        now: Aware.
        progress: Told how many are done, and of how many.

    Raises:
        MasterKeyError: A text cannot be opened with this desk's key.
    """
    with place.database.reading() as session:
        numbers = _numbers(session, reading)
        ruled_out = _ruled_out(session)
    _note(place, reading, len(numbers), now)
    tally = Tally()
    for first in range(0, len(numbers), CASES_AT_ONCE):
        with place.database.reading() as session:
            for case in _cases(session, numbers[first : first + CASES_AT_ONCE]):
                _weigh(place, case, old, new, tally, case.id in ruled_out)
        progress(min(first + CASES_AT_ONCE, len(numbers)), len(numbers))
    return tally.done(old.digest, new.digest, reading.since, getattr(place.reader, "digest", ""))


def outcome_of(place: Workplace, case: Case, text: str, catalogue: Catalogue) -> Outcome:
    """What this catalogue makes of the words of a case, up to who would take it."""
    given = case.given_kind if case.given_kind in catalogue.kinds else None
    found = judge(text, catalogue, place.reader, given_kind=given, known=KnownFacts(child_age=case.child_age))
    heard, taken = found.screening, found.classification
    lead, helping = _takers(case, text, found, catalogue)
    return Outcome(
        kind=taken.kind,
        grade=graver(taken.grade, heard.grade_floor) if heard.grade_floor else taken.grade,
        harm=heard.harm or taken.harm,
        held=Doubt.SCREENS_DISAGREE in taken.doubts,
        nature=taken.nature,
        review=taken.needs_review,
        lead=lead,
        helping=helping,
    )


def _weigh(
    place: Workplace, case: Case, old: Catalogue, new: Catalogue, tally: Tally, ruled_out: bool
) -> None:
    if case.text_ct is None:
        tally.not_judged += 1
        return
    try:
        text = place.vault.open(case.id, case.wrapped_key, "case.text", case.text_ct)
    except SealedForeverError:
        tally.not_judged += 1
        return
    before, after = outcome_of(place, case, text, old), outcome_of(place, case, text, new)
    is_harm = case.harm or case.grade in SAFETY_GRADES
    tally.add(Verdicts(case.label, before, after, is_harm, ruled_out and not is_harm))


def _takers(case: Case, text: str, found: Judgement, catalogue: Catalogue) -> tuple[str, tuple[str, ...]]:
    """Lead and co-handlers; nobody for a request that is not dispatched, or that names none.

    Load and absences are of a day, not of a catalogue, and left out. So is a lead that a person
    named: it would hide what the catalogue says.
    """
    taken, heard = found.classification, found.screening
    if catalogue.kinds[taken.kind].route is not Route.DISPATCH and not (heard.harm or taken.harm):
        return "", ()
    facts = DispatchFacts(
        kind=taken.kind,
        nature=taken.nature,
        district=case.district,
        grade=taken.grade,
        harm=heard.harm or taken.harm,
        guardian_suspect=taken.guardian_suspect,
        child_age=case.child_age,
        facts=facts_in(text, (), catalogue),
        complained_of=complained_of(case),
        kept_from=tuple(case.kept_from or ()),
    )
    try:
        plan = decide_dispatch(facts, catalogue)
    except NoDepartmentError:
        return "", ()
    return plan.lead, plan.helping


def _numbers(session: Session, reading: Reading) -> list[int]:
    recent = col(Case.received_at) >= reading.since
    grave = or_(col(Case.harm), col(Case.grade).in_(SAFETY_GRADES))
    wanted = select(Case.number).where(recent if reading.limit else or_(recent, grave))
    newest_first = wanted.order_by(col(Case.number).desc()).limit(reading.limit)
    return [number for number in session.exec(newest_first) if number is not None]


def _cases(session: Session, numbers: list[int]) -> Iterator[Case]:
    wanted = select(Case).where(col(Case.number).in_(numbers)).order_by(col(Case.number).desc())
    yield from session.exec(wanted)


def _ruled_out(session: Session) -> set[UUID]:
    """Cases of which a named person said last that no child is harmed."""
    return {
        each.case_id
        for each in confirmations(session)
        if not each.harm_ruled and each.grade_ruled not in SAFETY_GRADES
    }


def _note(place: Workplace, reading: Reading, cases: int, now: datetime) -> None:
    """One line for the whole run: who opened how many texts, since when, and what for."""
    with place.database.writing() as session:
        session.add(
            BulkReading(at=now, by=reading.by, purpose=reading.purpose, cases=cases, received_from=reading.since)
        )
