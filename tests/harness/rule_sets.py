"""Rule sets to promote in tests: the shipped files with a limit changed, and a desk that knows them."""

import re
from datetime import datetime
from functools import cache

from catalogue.loader import Catalogue
from models.house import Promotion
from models.vocabulary import OpenCases
from sla_rules.loader import rule_book_of
from sla_rules.rule_book import RuleBook
from sla_rules.snapshot import HERE, Snapshot, snapshot_of
from tasks.house.promotion import Candidate, Wish, promote, report_hash
from tasks.house.rule_reports import Judged, judge
from tasks.workplace import Workplace
from tests.harness.desk_on_paper import START, DeskOnPaper

GRADES = "rules/grades.yaml"


@cache
def shipped() -> Snapshot:
    """The files delivered with the desk."""
    return snapshot_of(HERE)


def with_limits(**limits: str) -> dict[str, str]:
    """The shipped files with other limits, such as `u3_feedback="2 d"`."""
    text = shipped().files[GRADES]
    for rule, limit in limits.items():
        wanted = rf"(- id: {rule.replace('_', '-')}\n(?: +\w+: .*\n)*? +limit: ).*\n"
        text, changed = re.subn(wanted, rf"\g<1>{limit}\n", text)
        assert changed == 1, f"{rule} is not a rule"
    return {**shipped().files, GRADES: text}


_BOOKS: dict[tuple[str, str], RuleBook] = {}


def book_once(snapshot: Snapshot) -> RuleBook:
    """As `rule_book_of`, each set only once for all tests: reading one takes longer than most tests."""
    digests = (snapshot.digest, snapshot.calendar_digest)
    if digests not in _BOOKS:
        _BOOKS[digests] = rule_book_of(snapshot)
    return _BOOKS[digests]


_JUDGED: dict[str, Judged] = {}


def judge_once(snapshot: Snapshot, catalogue: Catalogue, now: datetime) -> Judged:
    """As `judge`, each set only once for all tests, whatever the day."""
    key = report_hash(dict(snapshot.files))
    if key not in _JUDGED:
        _JUDGED[key] = judge(snapshot, catalogue, now)
    return _JUDGED[key]


def candidate(files: dict[str, str]) -> Candidate:
    """The files with reports that say nothing: what the reports say is tested elsewhere."""
    of = Snapshot("test", files)
    return Candidate(files, of.digest, of.calendar_digest, {"errors": 0, "warnings": []}, {"examples": 0, "passed": 0}, {})


def go_live(
    desk: DeskOnPaper, files: dict[str, str], open_cases: OpenCases, *, onto: int | None = None, by: str = "Li"
) -> Promotion:
    """Promote the files now; onto 1 unless said."""
    wish = Wish(onto or 1, open_cases, by, "a test")
    return promote(desk.place, candidate(files), wish, desk.now)


def install(place: Workplace) -> Promotion:
    """Record the shipped files as version 1, as the first start does."""
    wish = Wish(None, OpenCases.RECALCULATE, "installed", "first start")
    return promote(place, candidate(dict(shipped().files)), wish, START)
