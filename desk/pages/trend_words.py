"""The words of the page of trends: charts, filters, issues, warnings, orders and topics."""

from analysis.trends.choice import By
from desk.pages.translation import N_, NC_, Said

BY_WORDS: dict[By, Said] = {
    By.FAMILY: N_("Protection"),
    By.GRADE: N_("Grade"),
    By.DISTRICT: N_("District"),
    By.DEPARTMENT: N_("Unit"),
}
"""Every dimension is a key."""
SPREAD_WORDS: dict[By, Said] = {
    By.FAMILY: N_("By protection"),
    By.GRADE: N_("By grade"),
    By.DISTRICT: N_("By district"),
    By.DEPARTMENT: N_("By unit"),
}
"""Every dimension is a key."""

TEXTS: dict[str, Said] = {
    "title": N_("Trends and issues"),
    "about": N_(
        "Only numbers that reports have told, as they told them. A filter chooses among them and counts nothing anew, so that no two views give a small count away."
    ),
    "weeks": N_("Requests a week"),
    "weeks_about": N_(
        "Whole city, the last weeks of the newest report. Weeks are told for the whole city only, whatever is chosen below."
    ),
    "weeks_none": N_("No report has told weeks yet. The first weekly report brings them."),
    "weeks_so_few": N_("What is usual, and what may come, is told once eight weeks in a row are."),
    "weeks_sum": N_("Requests a week, what was usual, and what may come"),
    "counted": NC_("trends", "received"),
    "usual": N_("usual (4 of 5 weeks)"),
    "expected": N_("expected (80 %)"),
    "held": N_("held back"),
    "others_held": N_("{count} others"),
    "held_why": N_("Held back: this number, or one that follows from it, would be a small count."),
    "not_known": N_("no such number"),
    "week": N_("Week from"),
    "cases": NC_("trends", "Requests"),
    "usual_from": N_("Usual from"),
    "usual_to": N_("to"),
    "as_table": N_("The numbers as a table"),
    "month": N_("Month"),
    "all": NC_("trends", "All"),
    "show": N_("Show"),
    "clear": N_("Choose nothing"),
    "months": N_("Requests a month"),
    "months_sum": N_("Requests a month, by time of receipt"),
    "months_none": N_("No monthly report has been issued yet. The first one brings these numbers."),
    "whole": N_("The whole city"),
    "before": N_("The month before"),
    "not_held": N_(
        "No report tells this combination, and this page counts nothing that was not told: beside the tables that are, it would give away what they hold back."
    ),
    "not_held_do": N_("These can be chosen: one alone, protection with grade, or protection with unit."),
    "no_more": N_("What is chosen is not told apart further."),
    "issues": N_("Common issues"),
    "issues_about": N_(
        "Found every week in whole weeks. Totals are reached multiples of the limit; a week of few looks like a week of none."
    ),
    "issues_none": N_("No issue is large enough to be told."),
    "none_chosen": N_("None of what is chosen."),
    "issue": N_("Issue"),
    "topic": N_("Words"),
    "where": N_("Where"),
    "matters": N_("Matters"),
    "at_least": N_("at least"),
    "by_week": N_("By week"),
    "growth": N_("Growth"),
    "units": N_("Units"),
    "owner": N_("Proposed owner"),
    "no_owner": N_("to be named"),
    "open_cases": N_("Show its cases"),
    "open_about": N_(
        "Case numbers only, those that you may open. It is recorded that you looked, and what for."
    ),
    "open_order": N_("Open a proactive order"),
    "order_about": N_(
        "The unit that leads such requests is asked for a plan and a result, unless it or a unit tied to it is complained of. Asked twice, one order is opened."
    ),
    "ordered": N_("Proactive order:"),
    "purpose": N_("What for"),
    "cases_title": N_("Cases of an issue"),
    "cases_none": N_("None of its cases is yours to read."),
    "cases_most": N_("The newest that you may read, of the last hundred."),
    "cases_logged": N_("Recorded as read for:"),
    "no_purpose": N_("Say what for."),
    "received": N_("Received"),
    "no_issue": N_("There is no such issue, or it is not for you."),
    "warnings": N_("Warnings of the last 30 days"),
    "warnings_none": N_("The desk has not warned in these days."),
    "warning": N_("Warning"),
    "what": N_("What about"),
    "on": N_("On"),
    "in_days": N_("in a {days}-day span"),
    "size": NC_("warning", "Requests"),
    "too_few": N_("too few to tell of what"),
    "orders": N_("Proactive orders"),
    "orders_none": N_("No order has been at work in these days."),
    "order": N_("Order"),
    "because": N_("Because of"),
    "state": N_("State"),
    "due": N_("Due"),
    "late": N_("late"),
    "topics": N_("Topics for the month"),
    "topics_none": N_("No topic has been proposed for this month, and none is at work."),
    "signs": N_("What speaks for it"),
    "score": N_("Score"),
    "progress": NC_("topic", "Progress"),
}
