"""What gives each number of a report: one function a query, by its name."""

from analysis.report.asking import Ask
from analysis.report.collecting.breakdown import breakdown
from analysis.report.collecting.clocks import clocks
from analysis.report.collecting.kinds import kinds
from analysis.report.collecting.lasting import durations
from analysis.report.collecting.mandatory import mandatory_reports
from analysis.report.collecting.rates import exclusions, rates
from analysis.report.collecting.repeating import repeats
from analysis.report.collecting.returning import returning
from analysis.report.collecting.standing import standing
from analysis.report.collecting.totals import closed, received
from analysis.report.collecting.trend import forecast, trend_days, trend_weeks
from analysis.report.settings import Query

QUERIES: dict[Query, Ask] = {
    Query.RECEIVED: received,
    Query.CLOSED: closed,
    Query.STANDING: standing,
    Query.BREAKDOWN: breakdown,
    Query.KINDS: kinds,
    Query.RATES: rates,
    Query.EXCLUSIONS: exclusions,
    Query.CLOCKS: clocks,
    Query.DURATIONS: durations,
    Query.RETURNS: returning,
    Query.REPEATS: repeats,
    Query.MANDATORY_REPORTS: mandatory_reports,
    # Weeks before days: what is told first is not taken back, and the coarser says more.
    Query.TREND_WEEKS: trend_weeks,
    Query.TREND_DAYS: trend_days,
    Query.FORECAST: forecast,
}
"""In the order in which they are asked: later ones look at what earlier ones told."""
