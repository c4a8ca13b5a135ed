"""The rule sets of a release meet the case database: the first one, and what an upgrade finds."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from models.case import Case
from models.rule_files import RuleFileError
from models.transitions import OPEN_STATUSES
from models.vocabulary import Ask, OpenCases, Recipient
from sla_rules.snapshot import HERE, Snapshot, snapshot_of
from tasks.house.notices import tell_house
from tasks.house.promoted_rules import live_number, promotion, promotions
from tasks.house.promotion import Candidate, OvertakenError, Wish, move_open_cases, promote
from tasks.house.rule_folder import draft_live, keep_draft, working_folder
from tasks.house.rule_reports import NOTHING_TO_COMPARE, candidate_of, judge
from tasks.workplace import Workplace

INSTALLED, UPGRADE = "installed", "upgrade"


def settle_rules(place: Workplace, now: datetime) -> Iterator[str]:
    """Make sure that rules are live and readable, and that there is a folder to edit; in lines.

    The rules of a newer release are never taken up in silence: a supervisor promotes them. Only a
    stored set that this release cannot read any more is replaced at once, because its cases could
    not be judged at all.

    Raises:
        NotSoundError: The rules that came with the release have errors or fail their examples.
        RuleFileError: They cannot be read.
    """
    shipped = snapshot_of(HERE)
    with place.database.reading() as session:
        live = live_number(session)
    if live is None:
        yield from _install(place, shipped, now)
    else:
        yield from _after_upgrade(place, shipped, live, now)
    yield from _draft(place)


def _install(place: Workplace, shipped: Snapshot, now: datetime) -> Iterator[str]:
    try:
        wish = Wish(None, OpenCases.RECALCULATE, INSTALLED, "the rules that came with the release")
        row = promote(place, _shipped_candidate(place, shipped, now), wish, now)
    except OvertakenError:
        yield "rules: another process has just made the first version live"
    else:
        yield f"rules: version {row.number} is live, as shipped"


def _after_upgrade(place: Workplace, shipped: Snapshot, live: int, now: datetime) -> Iterator[str]:
    unreadable = unreadable_versions(place)
    if unreadable:
        yield from _replace(place, shipped, live, unreadable, now)
        return
    with place.database.reading() as session:
        files = promotion(session, live).files
    yield f"rules: version {live} is live"
    if files != shipped.files:
        yield from _compare(place, shipped, now)


def _compare(place: Workplace, shipped: Snapshot, now: datetime) -> Iterator[str]:
    with place.database.reading() as session:
        known = any(each.files == shipped.files for each in promotions(session))
    if known:
        return
    yield (
        "rules: this release ships other rules than those that are live, which stay;"
        f" compare with `whistle rules whatif --rules {HERE}`"
    )


def unreadable_versions(place: Workplace) -> dict[int, str]:
    """The live version, and those that open cases go by, that this release cannot read: number to why."""
    found = {}
    with place.database.reading() as session:
        for number in sorted(_in_use(session)):
            try:
                place.rules_of_version(session, number)
            except RuleFileError as error:
                found[number] = error.problems[0] if error.problems else "cannot be read"
    return found


def _in_use(session: Session) -> set[int]:
    of_cases = select(Case.rules_version).where(col(Case.status).in_(OPEN_STATUSES)).distinct()
    return {number for number in [*session.exec(of_cases), live_number(session)] if number is not None}


def _replace(
    place: Workplace, shipped: Snapshot, live: int, unreadable: dict[int, str], now: datetime
) -> Iterator[str]:
    """Open cases of an unreadable version go by the live one; if that is unreadable too, by the shipped."""
    for number, why in unreadable.items():
        yield f"rules: VERSION {number} CANNOT BE READ BY THIS RELEASE: {why}"
    reason = f"this release cannot read version {', '.join(map(str, unreadable))}"
    wish = Wish(live, OpenCases.RECALCULATE, UPGRADE, reason)
    if live in unreadable:
        # There is nothing to compare with: what cannot be read gives no due times.
        row = promote(place, _shipped_candidate(place, shipped, now), wish, now)
        yield f"rules: version {row.number} is live: the shipped rules; open cases are counted again by them"
    else:
        moved = _move_to(place, live, set(unreadable), now)
        yield f"rules: {moved} open cases of unreadable versions are counted again by version {live}"


def _move_to(place: Workplace, live: int, unreadable: set[int], now: datetime) -> int:
    with place.database.writing() as session:
        about, dedupe = f"RULES-{live}", f"rules-unreadable:{live}:{sorted(unreadable)}"
        tell_house(place, session, Recipient.RULES_SUPERVISOR, Ask.RULES_PROMOTED, about, dedupe, now)
        return move_open_cases(session, live, now, of_versions=unreadable)


def _shipped_candidate(place: Workplace, shipped: Snapshot, now: datetime) -> Candidate:
    return candidate_of(judge(shipped, place.catalogue, now), NOTHING_TO_COMPARE)


def _draft(place: Workplace) -> Iterator[str]:
    folder = working_folder(place.settings.home)
    with place.database.reading() as session:
        yield from keep_draft("rules", folder, lambda: draft_live(session, folder))
