"""`python -m desk.rehearsal.stage`: the month itself, in a process that has Prefect's address."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from uuid import UUID

from prefect.client.orchestration import get_client
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from desk.rehearsal.habits import load_habits
from desk.rehearsal.loop import RehearsalStuckError, Show, VirtualClock, live_through
from desk.rehearsal.mailbox import LetterNotReadableError, Mailbox
from desk.rehearsal.outcome import mismatches
from desk.rehearsal.people import People
from desk.rehearsal.real_desk import Desk
from desk.rehearsal.report import (
    print_alerts,
    print_clocks,
    print_escalations,
    print_mismatches,
    print_outcomes,
)
from desk.rehearsal.scenario import DAYS, FIRST_DAY, ZONE, Visit, choose, load_samples
from desk.rehearsal.worker import FastWorker
from flows.clock import set_clock
from models.rule_files import RuleFileError
from models.settings import DeskSettings
from notifications.channels import load_channels
from tasks.workplace import open_workplace, use_workplace
from workers.case_worker import CASE_DEPLOYMENT
from workers.threads import activation_pool

BEGINS = datetime.combine(FIRST_DAY, time_of_day(8), ZONE).astimezone(UTC)
ENDS = BEGINS + timedelta(days=DAYS)


def rehearse(cases: int, console: Console) -> int:
    """Live a month with that many sample cases, print what came of it; 1 if any ended wrongly."""
    visits = choose(load_samples(), cases)
    settings = DeskSettings()
    clock = VirtualClock(BEGINS)
    with Mailbox(load_channels(None, {}, settings.home).recipients) as mailbox:
        os.environ.update(mailbox.variables)
        place = open_workplace(settings)
        use_workplace(place)
        set_clock(clock)
        with activation_pool(settings.worker_threads) as pool:
            desk = Desk(place, FastWorker(place, _case_deployment(), pool), mailbox)
            started = time.monotonic()
            with _progress(console, desk) as show:
                became = live_through(desk, People(load_habits()), visits, clock, ENDS, show)
            took = time.monotonic() - started
    return _report(console, desk, became, took)


def _case_deployment() -> UUID:
    with get_client(sync_client=True) as client:
        return client.read_deployment_by_name(CASE_DEPLOYMENT).id


@contextmanager
def _progress(console: Console, desk: Desk) -> Iterator[Show]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=(ENDS - BEGINS).total_seconds(), counts="")
        activations = 0

        def show(now: datetime, ran: int) -> None:
            nonlocal activations
            activations += ran
            still_open, closed = desk.standing()
            bar.update(
                task,
                completed=(now - BEGINS).total_seconds(),
                description=f"{now.astimezone(ZONE):%a %d %b %H:%M}",
                counts=f"{still_open} open, {closed} closed, {activations} activations",
            )

        yield show


def _report(console: Console, desk: Desk, became: dict[str, Visit], took: float) -> int:
    found = desk.found()
    print_outcomes(console, found.values())
    print_clocks(console, desk.clocks())
    print_escalations(console, desk.escalations())
    print_alerts(console, desk.told.values())
    wrong = {
        f"{label} {visit.id}": problems
        for label, visit in became.items()
        if (problems := mismatches(visit.sample.ends, found[label]))
    }
    lost = desk.undelivered()
    print_mismatches(console, wrong)
    if lost:
        console.print(f"[red]✗[/] {lost} alerts the desk believes sent were not delivered")
    right = len(became) - len(wrong)
    console.print(f"{right} of {len(became)} cases ended as their samples say, in {took:.0f} s.")
    return 1 if wrong or lost else 0


def main() -> int:
    """Parse, rehearse, and turn what can go wrong into one line and an exit code."""
    parser = argparse.ArgumentParser(prog="desk.rehearsal.stage")
    parser.add_argument("--cases", type=int, required=True)
    console = Console()
    try:
        return rehearse(parser.parse_args().cases, console)
    except (RuleFileError, RehearsalStuckError, LetterNotReadableError) as error:
        console.print(f"the rehearsal cannot go on: {error}", markup=False)
        return 2


if __name__ == "__main__":
    sys.exit(main())
