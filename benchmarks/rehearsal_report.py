"""`python -m benchmarks.rehearsal_report --out FOLDER`: the research report of a rehearsal month, in both languages, for looking at.

The samples, the people, their habits and the letters are those of `whistle demo`; the cases live by the desk's own steps, without Prefect
around them, so that hundreds take minutes. They come in over two months, the month of the report and the one before it, and some units are
slower than their habits (`rehearsal_report.yaml`), so that there is something to compare and something late. All of it is made up, and the
report says so.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from pydantic import Field

from analysis.report.facts import Cadence, facts_from_json
from analysis.report.files import Format
from benchmarks.message_report import desk_in
from benchmarks.stepping import Stepping
from desk.rehearsal.habits import in_a_hundred, load_habits
from desk.rehearsal.loop import VirtualClock, live_through
from desk.rehearsal.mailbox import Mailbox
from desk.rehearsal.people import People
from desk.rehearsal.real_desk import Desk
from desk.rehearsal.scenario import DAYS, FIRST_DAY, ZONE, Visit, Wait, choose, load_samples
from flows.clock import set_clock
from models.rule_files import RuleModel, read_rule_file
from notifications.channels import load_channels
from tasks.issues.finding import find_week
from tasks.reporting.making import make_report
from tasks.reporting.writing import file_of, write_file
from tasks.warnings.storing import judge_night
from tasks.workplace import Workplace

MONTH = Path(__file__).with_name("rehearsal_report.yaml")
DAYS_BEFORE = 31
BEGINS = datetime.combine(FIRST_DAY - timedelta(days=DAYS_BEFORE), time_of_day(), ZONE).astimezone(UTC)
ENDS = BEGINS + timedelta(days=DAYS_BEFORE + DAYS)


class Late(RuleModel):
    """Of a hundred cases of a unit, so many are taken up so much later."""

    of_hundred: int = Field(ge=0, le=100)
    by: Wait


class Month(RuleModel):
    """`rehearsal_report.yaml`: how much comes on which days, and who is late; `weights` are of Monday to Sunday."""

    seed: int
    weights: tuple[int, int, int, int, int, int, int]
    late: dict[str, tuple[Late, ...]]

    def slowness(self, visit: Visit, recipient: str) -> timedelta:
        """How late this recipient is in the case of this visit; by names alone, so always the same."""
        lot = in_a_hundred(f"{visit.id} {recipient} late")
        for each in self.late.get(recipient, ()):
            lot -= each.of_hundred
            if lot < 0:
                return each.by
        return timedelta(0)


def main() -> int:
    """Live the month, look at it by night, and write the report in both languages and formats."""
    asked = _arguments()
    with (
        tempfile.TemporaryDirectory() as folder,
        Mailbox(load_channels(None, {}, Path(folder)).recipients) as mailbox,
    ):
        os.environ.update(mailbox.variables)
        place = desk_in(asked.home or Path(folder) / "home", origin="rehearsal", quotes=True)
        began = time.perf_counter()
        _rehearse(place, mailbox, asked.cases, asked.before)
        print(
            f"{asked.before} and {asked.cases} cases lived two months in {time.perf_counter() - began:.0f} s"
        )
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


def _rehearse(place: Workplace, mailbox: Mailbox, cases: int, before: int) -> None:
    month = read_rule_file(MONTH, Month)
    people = People(load_habits(), month.slowness)
    clock = VirtualClock(BEGINS)
    set_clock(clock)
    try:
        desk = Desk(place, Stepping(place), mailbox)
        live_through(desk, people, visits_of(month, before, cases), clock, ENDS, lambda *_: None)
    finally:
        set_clock()
    for week in range(1, (DAYS_BEFORE + DAYS) // 7 + 1):
        judge_night(place, BEGINS + timedelta(days=7 * week))
        find_week(place, BEGINS + timedelta(days=7 * week))


def visits_of(month: Month, before: int, cases: int) -> list[Visit]:
    """The samples over and over, at their own times of day, `before` of them in the month before."""
    lot = random.Random(month.seed)
    early = [FIRST_DAY - timedelta(days=at) for at in range(DAYS_BEFORE, 0, -1)]
    late = [FIRST_DAY + timedelta(days=at) for at in range(DAYS)]
    days = [*_days(month, early, before, lot), *_days(month, late, cases, lot)]
    visits = choose(load_samples(), before + cases)
    came = {each.id: each.arrives_at for each in visits}
    arrives: dict[str, datetime] = {}
    for visit, day in zip(visits, days, strict=True):
        main = visit.same_matter_as
        if main in arrives:
            # As long after the first report of its matter as the sample has it.
            arrives[visit.id] = arrives[main] + (visit.arrives_at - came[main])
        else:
            at = visit.arrives_at.astimezone(ZONE).time()
            arrives[visit.id] = datetime.combine(day, at, ZONE).astimezone(UTC)
    return [replace(each, arrives_at=arrives[each.id]) for each in visits]


def _days(month: Month, days: list[date], many: int, lot: random.Random) -> list[date]:
    return lot.choices(days, [month.weights[each.weekday()] for each in days], k=many)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--before", type=int, default=40, help="cases of the month before")
    parser.add_argument("--home", type=Path, help="an empty folder in which the desk is kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
