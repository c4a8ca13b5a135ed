"""What of a report is shown at a glance where Prefect is looked at: published numbers only."""

from analysis.report.facts import Facts, Figure, State, Unit, facts_from_json
from models.reports import Report
from tasks.workplace import Workplace

SHOWN: dict[str, str] = {
    "received.total": "Received 受理",
    "received.growth": "Growth 环比",
    "closed.total": "Closed 办结",
    "open.end": "Open at the end 期末在办",
    "late.now": "Late at the end 期末逾期",
    "rates.response": "Response 响应率",
    "rates.resolution": "Resolution 解决率",
    "rates.satisfaction": "Satisfaction 满意率",
    "clocks.share": "Kept in time 按时率",
    "repeat.share": "Asked again 重复诉求",
    "warnings.total": "Warnings 预警",
    "orders.open": "Proactive orders open 主动办理在办",
    "issues.total": "Common issues 共性问题",
}
MARKS = {Unit.PERCENT: " %", Unit.POINTS: ""}


def key_figures(place: Workplace, report: Report) -> str:
    """A table in Markdown with a link to the report."""
    facts = facts_from_json(report.facts)
    rows = [
        f"| {words} | {_said(facts.figures[name])} |"
        for name, words in SHOWN.items()
        if name in facts.figures
    ]
    head = f"**{report.cadence} {report.first} – {report.last} {report.department or 'city 全市'}**, revision {report.revision}"
    link = f"[{report.id}]({place.settings.link_base}/reports/{report.id}), data `{report.digest[:12]}`, {len(report.blanks)} numbers held back"
    return "\n".join([head, "", "| figure | |", "| --- | --- |", *rows, "", link])


def artifact_key(report: Report) -> str:
    """One artifact for each cadence and unit, so that its history is that of the reports."""
    return "-".join(part for part in ("report", report.cadence, report.department.lower()) if part)


def units_with_reports(place: Workplace, city: Report) -> list[str]:
    """Units of the catalogue whose requests the city's report tells."""
    table = _told_units(facts_from_json(city.facts))
    return [unit for unit in sorted(place.catalogue.departments) if unit in table]


def _told_units(facts: Facts) -> set[str]:
    table = facts.tables.get("received.by_department")
    return {row.key[0] for row in table.rows if row.figures[0].state is State.SHOWN} if table else set()


def _said(figure: Figure) -> str:
    if figure.state is State.BLANK:
        return "held back 不公布"
    return "–" if figure.value is None else f"{figure.value:,}{MARKS.get(figure.unit, '')}"
