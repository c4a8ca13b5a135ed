"""What the rehearsal prints at its end: tables of outcomes, clocks, escalations and alerts."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table

from desk.rehearsal.outcome import Found
from models.vocabulary import Ask, Grade, Status, Target

FATES = ("met", "breached", "running")


def print_outcomes(console: Console, found: Iterable[Found]) -> None:
    """Cases by status and grade."""
    counted = Counter((each.status, each.grade) for each in found)
    statuses = [status for status in Status if any(key[0] is status for key in counted)]
    table = Table("status", *Grade, "all", title="Cases")
    for status in statuses:
        row = [counted[status, grade] for grade in Grade]
        table.add_row(status, *map(_number, row), str(sum(row)))
    console.print(table)


def print_clocks(console: Console, clocks: Mapping[Target, Counter[str]]) -> None:
    """Clocks met and breached for each target."""
    table = Table("target", *FATES, title="Clocks")
    for target in Target:
        if target in clocks:
            table.add_row(target, *(_number(clocks[target][fate]) for fate in FATES))
    console.print(table)


def print_escalations(console: Console, escalations: Counter[tuple[Target, int]]) -> None:
    """Rungs climbed for each target."""
    levels = sorted({level for _, level in escalations})
    table = Table("target", *(f"level {level}" for level in levels), title="Escalations")
    for target in Target:
        row = [escalations[target, level] for level in levels]
        if any(row):
            table.add_row(target, *map(_number, row))
    console.print(table)


def print_alerts(console: Console, told: Iterable[Counter[tuple[str, Ask]]]) -> None:
    """Alerts that reached somebody, by reader and by what was asked most."""
    readers: dict[str, Counter[Ask]] = {}
    for one_case in told:
        for (recipient, ask), times in one_case.items():
            readers.setdefault(recipient, Counter())[ask] += times
    table = Table("told", "alerts", "asked", title="Alerts delivered through Apprise")
    for recipient, asks in sorted(readers.items(), key=lambda each: (-each[1].total(), each[0])):
        words = ", ".join(f"{ask} {times}" for ask, times in asks.most_common())
        table.add_row(recipient, str(asks.total()), words)
    console.print(table)


def print_mismatches(console: Console, wrong: Mapping[str, list[str]]) -> None:
    """One line for each thing that ended otherwise than its sample says."""
    for name, problems in wrong.items():
        for problem in problems:
            console.print(f"[red]✗[/] {name}: {problem}", highlight=False, soft_wrap=True)


def _number(count: int) -> str:
    return str(count) if count else "·"
