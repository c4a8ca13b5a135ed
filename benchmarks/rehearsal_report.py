"""`python -m benchmarks.rehearsal_report --out FOLDER`: the research report of a rehearsal month, in both languages, for looking at.

The samples, the people, their habits and the letters are those of `whistle demo`; the cases live by the desk's own steps, without Prefect
around them, so that hundreds take minutes. All of it is made up, and the report says so.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from analysis.report.facts import Cadence, facts_from_json
from analysis.report.files import Format
from benchmarks.message_report import desk_in
from benchmarks.stepping import Stepping
from desk.rehearsal.habits import load_habits
from desk.rehearsal.loop import VirtualClock, live_through
from desk.rehearsal.mailbox import Mailbox
from desk.rehearsal.people import People
from desk.rehearsal.real_desk import Desk
from desk.rehearsal.scenario import DAYS, FIRST_DAY, ZONE, choose, load_samples
from flows.clock import set_clock
from notifications.channels import load_channels
from tasks.issues.finding import find_week
from tasks.reporting.making import make_report
from tasks.reporting.writing import file_of, write_file
from tasks.warnings.storing import judge_night
from tasks.workplace import Workplace

BEGINS = datetime.combine(FIRST_DAY, time_of_day(8), ZONE).astimezone(UTC)
ENDS = BEGINS + timedelta(days=DAYS)


def main() -> int:
    """Live the month, look at it by night, and write the report in both languages and formats."""
    asked = _arguments()
    with (
        tempfile.TemporaryDirectory() as folder,
        Mailbox(load_channels(None, {}, Path(folder)).recipients) as mailbox,
    ):
        os.environ.update(mailbox.variables)
        place = desk_in(Path(folder) / "home", origin="rehearsal", quotes=True)
        began = time.perf_counter()
        _rehearse(place, mailbox, asked.cases)
        print(f"{asked.cases} cases lived a month in {time.perf_counter() - began:.0f} s")
        report = make_report(place, Cadence.MONTHLY, FIRST_DAY, "", ENDS + timedelta(days=1))
        asked.out.mkdir(parents=True, exist_ok=True)
        for language in ("zh", "en"):
            for form in Format:
                write_file(
                    asked.out / f"rehearsal-{FIRST_DAY:%Y-%m}-{language}.{form.value}",
                    file_of(place, report, language, form),
                )
        print(
            f"report of {report.first}: data {report.digest[:12]}, {len(facts_from_json(report.facts).figures)} figures, {len(report.blanks)} numbers blank"
        )
        place.database.close()
    return 0


def _rehearse(place: Workplace, mailbox: Mailbox, cases: int) -> None:
    clock = VirtualClock(BEGINS)
    set_clock(clock)
    try:
        desk = Desk(place, Stepping(place), mailbox)
        live_through(desk, People(load_habits()), choose(load_samples(), cases), clock, ENDS, lambda *_: None)
    finally:
        set_clock()
    for week in range(1, DAYS // 7 + 1):
        judge_night(place, BEGINS + timedelta(days=7 * week))
        find_week(place, BEGINS + timedelta(days=7 * week))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=300)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
