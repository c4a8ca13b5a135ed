"""Whether retention keeps both databases bounded: years go by in steps of thirty days, each with the same few cases.

Between two steps everything that is there grows thirty days older, in both databases; then the house's own retention flow
runs, told to seal, and Prefect's vacuum as shipped. What still grows after the first years has no end.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, create_engine, inspect, text

from benchmarks.callers import Callers
from benchmarks.load.place import Figures, LoadedDesk
from benchmarks.load.senders import send
from benchmarks.load.standing import prefect_url
from desk.people.sessions import begin_session
from flows.retention import forget_access, forget_drafts, forget_notes, seal_some
from models.database import Database
from models.house import AccessLog
from tasks.words.retention import due_for_sealing, rules_of
from tasks.workplace import use_workplace

STEP = timedelta(days=30)
AGED = {
    "case": ("closed_at", "received_at"), "written_once": ("at",), "web_session": ("made_at", "seen_at", "ended_at"),
    "access_log": ("at",), "intake_draft": ("made_at", "kept_at"),
}  # fmt: skip
"""What retention goes by. Journals and decisions cannot be changed, and need not be."""
PREFECT_AGED = {
    "flow_run": ("end_time",),
    "events": ("occurred",),
    "event_resources": ("occurred",),
    "task_run": ("end_time",),
}
COUNTED = (
    "case",
    "event",
    "decision",
    "notice",
    "inbox",
    "clock",
    "match_token",
    "written_once",
    "web_session",
    "access_log",
    "intake_draft",
)
PREFECT_COUNTED = (
    "flow_run",
    "flow_run_state",
    "task_run",
    "task_run_state",
    "events",
    "event_resources",
    "artifact",
    "artifact_collection",
    "log",
    "worker",
)
OFTEN = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ORPHAN_CLEANUP_LOOP_SECONDS": "2",
}
"""For the Prefect server: the vacuum as shipped, only more often, because the months are short."""
SECONDS_A_LIFE = 120.0
VACUUM_PATIENCE_S = 90.0


def keeping(desk: LoadedDesk, steps: int, cases: int) -> Figures:
    """Rows of every growing table, step by step; the server must have been started with `OFTEN`."""
    place = desk.stage.place
    use_workplace(place)
    prefect = create_engine(prefect_url(desk.stage))
    counts: list[dict[str, int]] = []
    for step in range(steps):
        _a_month(desk, step, cases)
        _age(place.database.engine, AGED)
        _age(prefect, PREFECT_AGED)
        sealed = _retain(desk)
        _wait_for_vacuum(prefect)
        counts.append(
            {
                "sealed": sealed,
                "with_words": _with_words(place.database),
                "prefect.left_over": _left_over(prefect),
                **_count(place.database.engine, COUNTED),
                **_count(prefect, PREFECT_COUNTED, "prefect."),
            }
        )
    prefect.dispose()
    return {
        "steps": steps,
        "days_a_step": STEP.days,
        "cases_a_step": cases,
        "rows": counts,
        "grows_to_the_end": _growing(counts),
    }


def _a_month(desk: LoadedDesk, step: int, cases: int) -> None:
    """Orders by HTTP, whole lives, a browser, a read of words."""
    now, place = datetime.now(UTC), desk.stage.place
    source = f"month{step}"
    answers = send(desk.plan(source, cases, 1)).answers
    assert answers == {"201": cases}, answers
    callers = Callers(place, source, [""] * cases)
    callers.live_on(SECONDS_A_LIFE * cases)
    with place.database.writing() as session:
        begin_session(session, "bench", now, is_whole=True)
        session.add(
            AccessLog(at=now, client="bench", case_id=None, what="text", purpose="handling", allowed=True)
        )


def _age(engine: Engine, tables: Mapping[str, tuple[str, ...]]) -> None:
    with engine.begin() as connection:
        there = {
            each: {column["name"] for column in inspect(connection).get_columns(each)} for each in tables
        }
        for table, columns in tables.items():
            known = [each for each in columns if each in there[table]]
            said = ", ".join(f"{each} = {_earlier(engine, each)}" for each in known)
            if said:
                connection.execute(text(f'UPDATE "{table}" SET {said}'))


def _earlier(engine: Engine, column: str) -> str:
    if engine.dialect.name == "postgresql":
        return f"{column} - interval '{STEP.days} days'"
    # The form in which both libraries write a moment, microseconds included.
    return f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-{STEP.days} days')"


def _retain(desk: LoadedDesk) -> int:
    """The steps of the nightly flow; a flow run of its own would only add the same rows to each step."""
    place, now, sealed = desk.stage.place, datetime.now(UTC), 0
    forget_drafts.fn(now)
    forget_notes.fn(now)
    while True:
        with place.database.reading() as session:
            due = due_for_sealing(session, rules_of(place), now)
        done = seal_some.fn(due, now)
        sealed += done
        if not done:
            break
    forget_access.fn(now)
    return sealed


def _wait_for_vacuum(prefect: Engine) -> None:
    """Until nothing is left over, so that each step is counted after Prefect's own cleaning."""
    deadline = time.monotonic() + VACUUM_PATIENCE_S
    while _left_over(prefect) and time.monotonic() < deadline:
        time.sleep(0.5)


def _left_over(prefect: Engine) -> int:
    """Finished runs and events that are thirty days old: Prefect keeps runs so long, and events for a day."""
    wanted = text(
        "SELECT (SELECT count(*) FROM flow_run WHERE end_time < :limit) + (SELECT count(*) FROM events WHERE occurred < :limit)"
    )
    limit: object = datetime.now(UTC) - STEP
    if prefect.dialect.name == "sqlite":
        limit = f"{limit:%Y-%m-%d %H:%M:%S}"
    with prefect.connect() as connection:
        return int(connection.execute(wanted, {"limit": limit}).scalar_one())


def _with_words(database: Database) -> int:
    with database.engine.connect() as connection:
        found: int = connection.execute(
            text('SELECT count(*) FROM "case" WHERE wrapped_key IS NOT NULL')
        ).scalar_one()
        return found


def _count(engine: Engine, tables: tuple[str, ...], prefix: str = "") -> dict[str, int]:
    with engine.connect() as connection:
        return {
            f"{prefix}{each}": connection.execute(text(f'SELECT count(*) FROM "{each}"')).scalar_one()
            for each in tables
        }


def _growing(counts: list[dict[str, int]]) -> list[str]:
    """Tables with more rows after the last step than three steps before, with as many steps behind them as words are kept."""
    if len(counts) < 4:
        return []
    return [name for name in counts[-1] if name != "sealed" and counts[-1][name] > counts[-4][name]]
