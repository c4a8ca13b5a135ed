"""What a candidate would change over this desk's own cases; needs numpy, so nothing a worker runs comes here."""

from datetime import datetime

from models.house import Promotion
from models.rule_files import RuleFileError
from sla_rules.rule_book import RuleBook
from tasks.house.promotion import Report
from tasks.house.rule_reports import NOTHING_TO_COMPARE
from tasks.house.whatif_cases import whatif_over_cases
from tasks.workplace import Workplace


def whatif_report(place: Workplace, live: Promotion, book: RuleBook, now: datetime) -> Report:
    """The comparison of the live rules with `book`, as plain data: counts, and some case numbers."""
    with place.database.reading() as session:
        try:
            old = place.rules_of_version(session, live.number)
        except RuleFileError:
            # Rules of an older release that this one cannot read give no due times to compare with.
            return NOTHING_TO_COMPARE
    return whatif_over_cases(place, old, book, now).to_json()
