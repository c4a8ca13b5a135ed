"""`python -m benchmarks.message_report --out FOLDER`: a month's research report made of real messages, for looking at.

Messages of `citizen_messages_zh.csv.gz` are taken in by the desk itself and go through its own steps (screening, classification,
dispatch, clocks) at the moments at which they were written; where the authority's reply is known it is brought to the lead
as its reply on the day it was given, so that clocks and working days count. Nobody acknowledges, calls back or closes: of that the
messages know nothing. They are a general platform's, not a minors' hotline's; the report says so. No text leaves the
temporary folder.
"""

import argparse
import csv
import gzip
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.tasks import Task
from sqlmodel import col, select

from analysis.report.facts import Cadence
from analysis.report.files import Format
from analysis.report.settings import SHIPPED
from analysis.windows import ZONE
from desk.prepare import prepare
from models.case import Case
from models.exchange import Assignment
from models.settings import DeskSettings
from models.vocabulary import NewsKind, Role, Step
from tasks.classifying.first_look import classify_request, screen_for_danger
from tasks.classifying.reviewing import dispatch_unreviewed
from tasks.clocks.running import follow_new_rules
from tasks.clocks.starts import start_clocks
from tasks.closing.approval import ask_for_approval
from tasks.closing.callback import ask_for_callback
from tasks.closing.closure import check_closure
from tasks.closing.ending import close_case, take_down
from tasks.dispatch.assignment import assign_departments
from tasks.dispatch.routing import route_request
from tasks.escalation.levels import escalate_what_is_late
from tasks.links.linking import propose_links
from tasks.news.digestion import digest_news
from tasks.news.forms import Replied
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError, Speaker, post_news
from tasks.notifying import notify
from tasks.receiving.intake import take_in
from tasks.receiving.intake_form import IntakeForm
from tasks.reporting.making import make_report
from tasks.reporting.writing import file_of, write_file
from tasks.settling import settle
from tasks.steps import steps_of
from tasks.workplace import Workplace, open_workplace, use_workplace

DATA = Path(__file__).parents[1].parent / "shared" / "data"
FILE = "citizen_messages_zh.csv.gz"
LONGEST = 4000
STEPS: dict[Step, Task[..., Any]] = {
    Step.SCREEN: screen_for_danger, Step.CLASSIFY: classify_request, Step.PROPOSE_LINKS: propose_links,
    Step.ROUTE: route_request, Step.ASSIGN: assign_departments, Step.START_CLOCKS: start_clocks,
    Step.REFIT_CLOCKS: follow_new_rules, Step.NOTIFY: notify, Step.DIGEST_NEWS: digest_news,
    Step.TAKE_DOWN: take_down, Step.DISPATCH_UNREVIEWED: dispatch_unreviewed, Step.ESCALATE: escalate_what_is_late,
    Step.CHECK_CLOSURE: check_closure, Step.CALL_BACK: ask_for_callback, Step.ASK_APPROVAL: ask_for_approval,
    Step.CLOSE: close_case,
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Moment:
    """A message comes, or its reply."""

    at: datetime
    key: str
    text: str
    is_reply: bool


def main() -> int:
    """Let the messages live, and write the report in both formats."""
    asked = _arguments()
    if not (asked.data / FILE).exists():
        print(f"not made: {FILE} is not there (give its folder with --data)")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        place = desk_in(Path(folder) if asked.home is None else asked.home)
        began = time.perf_counter()
        ends = _month_after(asked.month)
        lived = live(place, moments(asked.data / FILE, asked.since, ends))
        print(f"{lived} activations in {time.perf_counter() - began:.0f} s")
        report = make_report(place, Cadence.MONTHLY, asked.month, "", datetime.combine(ends, datetime.min.time(), ZONE) + timedelta(hours=7))
        for form in Format:
            asked.out.mkdir(parents=True, exist_ok=True)
            write_file(asked.out / f"messages-{asked.month:%Y-%m}-zh.{form.value}", file_of(place, report, "zh", form))
        place.database.close()
    print(f"report of {report.first}: data {report.digest[:12]}, {len(report.blanks)} numbers blank")
    return 0


def desk_in(home: Path) -> Workplace:
    """A new desk in an empty folder, whose reports say what they are made from."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "report.yaml").write_text(SHIPPED.read_text(encoding="utf-8").replace("parameters: {}", "parameters: {origin: messages}"), encoding="utf-8")
    settings = DeskSettings(home=home, database_url="")
    for _ in prepare(settings, datetime(2019, 1, 1, tzinfo=ZONE)):
        pass
    place = open_workplace(settings)
    use_workplace(place)
    return place


def moments(path: Path, since: date, until: date) -> list[Moment]:
    """Messages of the days from `since` up to `until`, and the replies to them in that time, in order."""
    return sorted(each for each in _moments(path) if since <= each.at.date() < until)


def _moments(path: Path) -> Iterator[Moment]:
    csv.field_size_limit(10_000_000)
    seen: set[str] = set()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if not row["received_at"] or row["key"] in seen:
                continue
            seen.add(row["key"])
            yield Moment(_at(row["received_at"]), row["key"], f"{row['title']}\n{row['text']}"[:LONGEST], is_reply=False)
            if row["reply"].strip() and row["replied_at"]:
                yield Moment(_at(row["replied_at"]), row["key"], row["reply"][:LONGEST], is_reply=True)


def live(place: Workplace, life: list[Moment]) -> int:
    """Everything in order; what is due is looked at whenever something happens, and once more at the end of each day."""
    ran, cases = 0, dict[str, UUID]()
    for each in life:
        if each.is_reply:
            _reply(place, cases.get(each.key), each)
        else:
            cases[each.key] = _take_in(place, each)
        ran += _run(place, cases.get(each.key), each.at)
    return ran


def _take_in(place: Workplace, each: Moment) -> UUID:
    form = IntakeForm(text=each.text, source="messages", source_ref=each.key, received_at=each.at)
    return take_in(place, form, each.at, actor="client:messages").case_id


def _reply(place: Workplace, case_id: UUID | None, each: Moment) -> None:
    """Brought by whoever leads the case; where nobody does there is nobody to bring it."""
    with place.database.reading() as session:
        lead = session.exec(
            select(Assignment).where(Assignment.case_id == case_id, col(Assignment.leads), col(Assignment.withdrawn_at).is_(None))
        ).first()
        case = session.exec(select(Case).where(Case.id == case_id)).first()
    if lead is None or case is None:
        return
    speaker = Speaker(f"messages-{lead.department.lower()}", Role.DEPARTMENT, lead.department)
    try:
        post_news(place, case.label, NewsKind.REPLIED, Replied(text=each.text, resolved=True), speaker, f"reply-{each.key}", each.at)
    except (CaseNotFoundError, NewsNotAllowedError):
        return


def _run(place: Workplace, case_id: UUID | None, now: datetime) -> int:
    """The steps of the case that something happened to, until it rests."""
    ran = 0
    while case_id is not None and _is_due(place, case_id, now) and ran < 20:
        for step in steps_of(case_id, now):
            STEPS[step].fn(case_id, now)
        settle(case_id, now)
        ran += 1
    return ran


def _is_due(place: Workplace, case_id: UUID, now: datetime) -> bool:
    with place.database.reading() as session:
        return session.exec(select(Case.id).where(Case.id == case_id, col(Case.wake_at) <= now)).first() is not None


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the messages")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--home", type=Path, help="an empty folder for the desk, to look at afterwards")
    parser.add_argument("--month", type=lambda each: date.fromisoformat(f"{each}-01"), default=date(2019, 7, 1))
    parser.add_argument("--since", type=date.fromisoformat, default=date(2019, 1, 1), help="messages from this day on")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
