"""Another rule set goes live in the middle of lives, as a release may bring it."""

import re

from benchmarks.faults.house import House
from models.vocabulary import OpenCases
from sla_rules.snapshot import Snapshot
from tasks.house.promoted_rules import live_promotion
from tasks.house.promotion import Candidate, Wish, promote

GRADES = "rules/grades.yaml"
_LIMIT = re.compile(r"(- id: u3-acceptance\n(?: +\w+: .*\n)*? +limit: )(\d+) h")


def promote_other_limits(house: House) -> None:
    """Let the order be accepted an hour earlier or later than now, and count open cases anew.

    The reports that a promotion needs are tested elsewhere.
    """
    with house.place.database.reading() as session:
        live = live_promotion(session)
        number, files = live.number, dict(live.files)
    files[GRADES] = _LIMIT.sub(lambda found: f"{found[1]}{23 if found[2] == '24' else 24} h", files[GRADES])
    of = Snapshot("faults", files)
    checked, tested = {"errors": 0, "warnings": []}, {"examples": 0, "passed": 0}
    candidate = Candidate(files, of.digest, of.calendar_digest, checked, tested, {})
    promote(house.place, candidate, Wish(number, OpenCases.RECALCULATE, "faults", "a release"), house.now())
