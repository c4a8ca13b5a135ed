"""`whistle rules draft`, `promote`, `history` and `rollback`: how a rule set goes live."""

import importlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.promoting import By, Reason, Yes, name_of, reason_of, refused
from desk.cli.tables import show_line, show_table
from models.house import Promotion
from models.rule_files import RuleFileError
from models.vocabulary import OpenCases
from sla_rules.snapshot import Snapshot, snapshot_of
from tasks.house.promoted_rules import live_promotion, promotion, promotions
from tasks.house.promotion import Candidate, Wish, check_may_follow, promote
from tasks.house.rule_folder import RuleFolderError, based_on, draft_live, mark_based_on, working_folder
from tasks.house.rule_reports import candidate_of, check_sound, judge, whatif_words
from tasks.story.timeline import shown_time
from tasks.workplace import Workplace

SHORT = 12
OPEN_CASES = {
    OpenCases.FREEZE: "keep the rules they came under (freeze)",
    OpenCases.RECALCULATE: "are counted again by these rules (recalculate)",
}
Folder = Annotated[Path | None, typer.Argument(help="The rule folder; the desk's own without it")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands on `whistle rules`."""
    app.command()(draft)
    app.command("promote")(promote_folder)
    app.command()(history)
    app.command()(rollback)


@one_line_errors()
def draft(folder: Folder = None) -> None:
    """Write the live rules into a folder, to be edited there.

    An unedited draft of an earlier version is brought up to date; anything else is refused.
    """
    with local_desk() as place, refused(), place.database.reading() as session:
        chosen = folder or working_folder(place.settings.home)
        live = draft_live(session, chosen)
    show_line(f"version {live.number} is in {chosen}; edit it, then: whistle rules promote {chosen}")


@one_line_errors()
def promote_folder(
    open_cases: Annotated[OpenCases, typer.Option(help="Open cases keep their rules, or go by the new ones")],
    reason: Reason,
    folder: Folder = None,
    by: By = "",
    onto: Annotated[int | None, typer.Option(help="The live version you have compared with")] = None,
    yes: Yes = False,
) -> None:
    """Check a rule set, run its examples, show what it changes, and make it live.

    Workers and API take it up within seconds, without restart.
    """
    with local_desk() as place, refused():
        chosen = folder or working_folder(place.settings.home)
        if not chosen.is_dir():
            raise CommandError(f"{chosen} is no folder; make one with `whistle rules draft {chosen}`")
        base = onto or based_on(chosen)
        wish = Wish(base, open_cases, name_of(by), reason_of(reason))
        row = _go_live(place, snapshot_of(chosen), wish, yes)
        mark_based_on(chosen, row.number)
    _say_live(row)


@one_line_errors()
def rollback(
    number: Annotated[int, typer.Argument(help="The version to put back, from `whistle rules history`")],
    reason: Reason,
    open_cases: Annotated[
        OpenCases, typer.Option(help="By default, what the wrong rules did to open cases is undone")
    ] = OpenCases.RECALCULATE,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Make the files of an earlier version live again, under a new number.

    They are checked, tested and compared like any others: the desk may have changed since.
    """
    with local_desk() as place, refused():
        with place.database.reading() as session:
            earlier, live = promotion(session, number), live_promotion(session)
        wish = Wish(live.number, open_cases, name_of(by), reason_of(reason), rolls_back_to=number)
        row = _go_live(place, Snapshot(f"version {number}", earlier.files), wish, yes)
        _refresh_folder(place)
    _say_live(row)


@one_line_errors()
def history(as_json: Annotated[bool, typer.Option("--json", help="As JSON, with whole hashes")] = False) -> None:
    """Every rule set that ever went live, newest first."""
    with local_desk() as place, place.database.reading() as session:
        rows = promotions(session)[::-1]
    if as_json:
        show_line(json.dumps([_as_json(row) for row in rows], ensure_ascii=False, indent=2))
        return
    show_table(
        "Rule sets, newest first",
        ("version", "live since", "by", "reason", "open cases", "rules", "calendar", "what-if", "puts back"),
        [
            (
                row.number, shown_time(row.at), row.promoted_by, row.reason, row.open_cases,
                row.digest[:SHORT], row.calendar_digest[:SHORT], whatif_words(row.whatif), row.rolls_back_to,
            )
            for row in rows
        ],
    )  # fmt: skip


def _go_live(place: Workplace, snapshot: Snapshot, wish: Wish, yes: bool) -> Promotion:
    """Judge, compare, ask and promote; what was judged is what goes live, whatever is saved meanwhile."""
    now = datetime.now(UTC)
    judged = judge(snapshot, place.catalogue, now)
    for warning in judged.warnings:
        show_line(f"warning: {warning}")
    book = check_sound(judged)
    with place.database.reading() as session:
        live = live_promotion(session)
    check_may_follow(live, judged.snapshot.files, wish.onto)
    # numpy takes a moment to load, for which no other command of `rules` should wait.
    compare = importlib.import_module("tasks.house.promotion_whatif")
    candidate = candidate_of(judged, compare.whatif_report(place, live, book, now))
    for line in _summary(candidate, live, wish):
        show_line(line)
    if not yes and not typer.confirm("Make these rules live?"):
        raise CommandError("nothing was changed")
    return promote(place, candidate, wish, datetime.now(UTC))


def _summary(candidate: Candidate, live: Promotion, wish: Wish) -> Iterator[str]:
    changed = [name for name in {**live.files, **candidate.files} if _differs(name, live, candidate)]
    yield f"version {live.number} is live since {shown_time(live.at)}, by {live.promoted_by}"
    yield f"changed files: {', '.join(sorted(changed))}"
    yield f"check: no errors, {len(candidate.checked['warnings'])} warnings"
    yield f"examples: {candidate.tested['passed']} of {candidate.tested['examples']} come out as written"
    yield f"what-if: {whatif_words(candidate.whatif) or 'nothing to compare with'}"
    yield f"open cases: {OPEN_CASES[wish.open_cases]}"


def _differs(name: str, live: Promotion, candidate: Candidate) -> bool:
    return live.files.get(name) != candidate.files.get(name)


def _refresh_folder(place: Workplace) -> None:
    """Bring the desk's own folder up to what is live, unless somebody has begun to edit it."""
    folder = working_folder(place.settings.home)
    with place.database.reading() as session:
        try:
            draft_live(session, folder)
        except (RuleFolderError, RuleFileError):
            show_line(f"{folder} holds an edit and was left as it is")


def _say_live(row: Promotion) -> None:
    show_line(f"version {row.number} is live (rules {row.digest[:SHORT]}, calendar {row.calendar_digest[:SHORT]})")


def _as_json(row: Promotion) -> dict[str, Any]:
    return {**row.model_dump(mode="json", exclude={"files"}), "files": sorted(row.files)}
