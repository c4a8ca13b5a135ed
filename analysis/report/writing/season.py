"""Which part of the school year lies ahead, in words."""

from collections.abc import Mapping
from datetime import timedelta

from analysis.report.facts import Cadence
from analysis.report.names import Pair
from analysis.report.paper import Runs, Text
from analysis.report.writing.writer import Writer

SEASONS: Mapping[str, Pair] = {
    "exams": Pair("考试季", "The examinations"),
    "winter_holidays": Pair("寒假", "The winter holidays"),
    "summer_holidays": Pair("暑假", "The summer holidays"),
    "enrolment": Pair("开学季", "The start of the school year"),
}
_WATCHED: Mapping[str, Pair] = {
    "exams": Pair("学生心理危机", "children in a crisis"),
    "winter_holidays": Pair(
        "无人看护儿童、烟花爆竹伤害和网络打赏退款",
        "children without care, fireworks, and refunds of online tips",
    ),
    "summer_holidays": Pair(
        "溺水、无人看护儿童和网络打赏退款", "drowning, children without care, and refunds of online tips"
    ),
    "enrolment": Pair("入学转学、校园安全和学生欺凌", "enrolment, safety at school and bullying"),
}
_DAYS = {Cadence.DAILY: 1, Cadence.WEEKLY: 7, Cadence.MONTHLY: 31}


def season_ahead(w: Writer) -> Runs:
    """What begins before the next report, and what is usually asked then; nothing where nothing begins."""
    last = w.facts.scope.last
    here = w.school_year.period_of(last)
    for ahead in range(1, _DAYS[w.cadence] + 1):
        period = w.school_year.period_of(last + timedelta(days=ahead))
        if period != here and period in SEASONS:
            return w.say(
                Pair("{next}将进入{season}，宜提前关注{watched}等诉求。", "{season} will begin before the next report; requests about {watched} usually come then."),
                season=Text(w.pick(SEASONS[period])), watched=Text(w.pick(_WATCHED[period])),
            )  # fmt: skip
    return ()
