"""`python -m benchmarks.desk_issues --cases N`: a week's common issues from a case database, words sealed, all the way.

The cases are made-up from real messages (`benchmarks.issues.resampled`), each sealed with its own key on a fresh
SQLite desk, spread over the 26 weeks that are looked at. Timed apart: opening the words, and the whole run with
numbers, storing, releases and topics; then the week after, which has numbers to keep; and the night of early warning.
"""

import argparse
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from analysis.issues.settings import delivered_settings
from benchmarks.hot_issues import hot_messages
from benchmarks.issues import measured, resampled
from benchmarks.machine import describe_machine, versions
from models.case import Case, Person
from models.database import Database
from models.matching import MatchField, MatchToken
from models.migrations.running import migrate
from models.settings import DeskSettings
from models.vocabulary import PersonRole
from tasks.issues.finding import find_week, monday_of
from tasks.issues.opening import reports_of
from tasks.warnings.reading import midnight
from tasks.warnings.storing import judge_night
from tasks.workplace import Workplace, open_workplace

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AT_ONCE = 5_000
KINDS = ("S05", "S07", "C05", "C01", "F05", "N03", "G03", "S01")
VENUES = 2_000


def main() -> int:
    """Measure, print, and write the JSON file."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as home:
        settings = DeskSettings(home=Path(home), database_url="", master_key="")
        place = _desk(settings)
        _fill(place, wanted.messages, wanted.cases)
        figures = _figures(place, wanted.cases)
        place.database.close()
    print(json.dumps(figures, indent=2))
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _desk(settings: DeskSettings) -> Workplace:
    database = Database(settings.case_database_url)
    migrate(database)
    database.close()
    return open_workplace(settings)


def _fill(place: Workplace, messages: Path, cases: int) -> None:
    dated, undated = hot_messages(messages)
    made = resampled([*dated, *undated], cases)
    until = midnight(monday_of(NOW))
    span = timedelta(weeks=delivered_settings().window.weeks)
    for at in range(0, cases, AT_ONCE):
        rows: list[dict[str, Any]] = []
        people: list[dict[str, Any]] = []
        tokens: list[dict[str, Any]] = []
        for number, report in enumerate(made[at : at + AT_ONCE], start=at):
            case_id = uuid4()
            key = place.vault.new_case_key(case_id)
            received_at = until - span * ((number * 7919 % cases + 1) / cases)
            sealed = place.vault.seal(case_id, key, "case.text", report.text)
            kind, district = KINDS[number * 31 % len(KINDS)], f"D{number * 17 % 16}"
            rows.append({"source": "benchmark", "id": case_id, "number": number + 1, "received_at": received_at, "wrapped_key": key, "text_ct": sealed, "kind": kind, "district": district})
            name = place.vault.seal(case_id, key, "person.reporter.name", f"某人{number}")
            people.append({"case_id": case_id, "role": PersonRole.REPORTER, "name_ct": name, "anonymous": False, "keep_secret": True, "may_call_back": False, "may_leave_message": False})
            for field, token in ((MatchField.VENUE, number % VENUES), (MatchField.REPORTER_CONTACT, 10_000 + number)):
                tokens.append({"case_number": number + 1, "token": token, "field": field, "at": received_at})
        with place.database.writing() as session:
            session.execute(insert(Case), rows)
            session.execute(insert(Person), people)
            session.execute(insert(MatchToken), tokens)


def _figures(place: Workplace, cases: int) -> dict[str, Any]:
    since = midnight(monday_of(NOW) - timedelta(weeks=delivered_settings().window.weeks))
    opened, opening = measured(lambda: len(reports_of(place, since, midnight(monday_of(NOW)), NOW)))
    week, first = measured(lambda: find_week(place, NOW))
    again, second = measured(lambda: find_week(place, NOW + timedelta(weeks=1)))
    night, warned = measured(lambda: judge_night(place, NOW))
    return {
        "cases": cases,
        "opening only": {"cases": opened, **opening},
        "first week": {"issues": week.issues, "published": week.published, **first},
        "week after": {"issues": again.issues, "published": again.published, **second},
        "night of early warning": {"looked at": night.looked_at, "stored": len(night.stored), **warned},
        "honest": "seconds by the clock depend on what else the machine does; cpu_seconds are of this process alone",
        "machine": describe_machine(),
        "versions": versions(),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=Path, default=Path("../shared/data/citizen_messages_zh.csv.gz"))
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
