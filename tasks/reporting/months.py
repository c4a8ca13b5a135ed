"""A month's numbers apart from any report: what was told of it, else what is told now and kept for good.

Whatever else leaves the house in numbers takes them from here, so that all papers of a month say the same.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from analysis.report.asking import Asking
from analysis.report.collecting import QUERIES
from analysis.report.collecting.whole import parts_of
from analysis.report.facts import Cadence
from analysis.report.part import Parts
from analysis.report.period import period
from analysis.report.remembering import Memory, ToldMeanwhileError, store
from analysis.report.settings import Query
from tasks.reporting.making import TRIES, ReportNotPossibleError, check_may_be_told, rules_of
from tasks.workplace import Workplace


def numbers_of_month(
    place: Workplace, day: date, queries: Iterable[Query], now: datetime
) -> dict[Query, Parts]:
    """What these queries tell of the month that contains the day, of the city and of each unit.

    Args:
        place: The desk.
        day: A day of the month, Beijing time.
        queries: Which; they are asked in the order in which reports ask them.
        now: Aware; the month must be over.

    Raises:
        ReportNotPossibleError: The month is not over.
        RuleFileError: A file of settings cannot be used.
    """
    rules, wanted = rules_of(place), set(queries)
    month = period(Cadence.MONTHLY, day, rules.rates.windows)
    check_may_be_told(month, now)
    for _ in range(TRIES):
        with place.database.reading() as session:
            memory = Memory(session)
            asking = Asking(session, memory, rules, month, now)
            found = {query: parts_of(asking, query) for query in QUERIES if query in wanted}
        if not memory.new:
            return found
        try:
            with place.database.writing() as session:
                store(session, memory)
        except (ToldMeanwhileError, IntegrityError):
            continue
        return found
    raise ReportNotPossibleError("reports are being made at the same moment; try again")
