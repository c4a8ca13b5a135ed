"""`whistle classifier …`: teach, try, promote and watch the learned model."""

import getpass
import importlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from classifier.model_file import ModelFileError, unpacked
from desk.cli.errors import CommandError, one_line_errors
from desk.cli.local_desk import local_desk
from desk.cli.promoting import By, Reason, Yes, name_of, reason_of, refused
from desk.cli.tables import show_line, show_table
from models.house import HouseVersion
from models.vocabulary import Versioned
from tasks.classifying.drift import Drift, drift
from tasks.classifying.model_promotion import Comparison, compare_models, promote_model, roll_back_model
from tasks.house.versions import HouseWish, live_version, version, versions_of
from tasks.story.timeline import shown_time
from tasks.workplace import Workplace

SHORT = 12
CANDIDATE = "candidate.npz"

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Teach, try and promote the learned model that reads requests beside the cues.",
)
ModelFile = Annotated[Path | None, typer.Argument(help="A model file; the candidate last trained without it")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for programs")]


@app.callback()
def _classifier() -> None:
    """Teach, try and promote the learned model that reads requests beside the cues."""


@app.command()
@one_line_errors()
def train(out: Annotated[Path | None, typer.Option(help="Where to write the model")] = None, by: By = "") -> None:
    """Learn from our corpus and from every case a named person ruled on; nothing goes live.

    One confirmed case in five, and the corpus's held-out part, are never learned from.
    """
    # scikit-learn takes seconds to load, for which no other command should wait.
    work = importlib.import_module("desk.classifier_training")
    with local_desk() as place:
        target = out or _candidate(place)
        told = work.train(place, name_of(by), datetime.now(UTC))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(told.content)
    show_line(
        f"learned from {told.corpus} texts of the corpus and {told.confirmed} confirmed cases"
        f" in {told.seconds:.0f} s: {target} ({told.digest[:SHORT]}); next: whistle classifier evaluate {target}"
    )


@app.command()
@one_line_errors()
def evaluate(model: ModelFile = None, as_json: AsJson = False, by: By = "") -> None:
    """Try a model beside the live one on requests neither learned from."""
    with local_desk() as place:
        content = _content(place, model)
        compared = _compared(place, content, by)
    if as_json:
        show_line(json.dumps(compared.report, ensure_ascii=False, indent=2))
    else:
        _show(compared)


@app.command()
@one_line_errors()
def promote(
    reason: Reason,
    model: ModelFile = None,
    by: By = "",
    onto: Annotated[int | None, typer.Option(help="The live version you have compared with")] = None,
    yes: Yes = False,
) -> None:
    """Make a model live, unless it catches less harm, or less that is urgent, than the live one."""
    with local_desk() as place, refused():
        content = _content(place, model)
        base = onto or _live_number(place)
        compared = _compared(place, content, by)
        _show(compared)
        compared.check()
        if not yes and not typer.confirm("Make this model live?"):
            raise CommandError("nothing was changed")
        wish = HouseWish(base, name_of(by), reason_of(reason))
        row = promote_model(place, content, compared, wish, datetime.now(UTC))
    _say_live(row)


@app.command()
@one_line_errors()
def rollback(
    number: Annotated[int, typer.Argument(help="The version to put back, from `whistle classifier history`")],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Make an earlier model live again, under a new number. What it misses more is shown and kept on record."""
    with local_desk() as place, refused():
        with place.database.reading() as session:
            earlier = version(session, Versioned.CLASSIFIER, number)
        compared = _compared(place, earlier.blob or b"", by)
        _show(compared)
        if not yes and not typer.confirm(f"Put version {number} back?"):
            raise CommandError("nothing was changed")
        wish = HouseWish(_live_number(place), name_of(by), reason_of(reason))
        row = roll_back_model(place, number, compared, wish, datetime.now(UTC))
    _say_live(row)


@app.command()
@one_line_errors()
def history(as_json: AsJson = False) -> None:
    """Every model that ever went live, newest first."""
    with local_desk() as place, place.database.reading() as session:
        rows = versions_of(session, Versioned.CLASSIFIER)[::-1]
    if as_json:
        show_line(json.dumps([row.model_dump(mode="json", exclude={"files", "blob"}) for row in rows], indent=2))
        return
    show_table(
        "Models, newest first",
        ("version", "live since", "by", "reason", "model", "puts back"),
        [
            (row.number, shown_time(row.at), row.promoted_by, row.reason, row.digest[:SHORT], row.rolls_back_to)
            for row in rows
        ],
    )


@app.command("drift")
@one_line_errors()
def show_drift(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Length of each of the two spans")] = 30,
    as_json: AsJson = False,
) -> None:
    """Whether what came in lately still resembles what came before, and how often people overrule."""
    now = datetime.now(UTC)
    middle = now - timedelta(days=days)
    with local_desk() as place, place.database.reading() as session:
        found = drift(session, middle - timedelta(days=days), middle, now)
    if as_json:
        show_line(json.dumps({**asdict(found), "verdict": found.verdict}, ensure_ascii=False, indent=2))
    else:
        _show_drift(found, days)


def _candidate(place: Workplace) -> Path:
    return place.settings.home / "classifier" / CANDIDATE


def _content(place: Workplace, model: Path | None) -> bytes:
    chosen = model or _candidate(place)
    try:
        return chosen.read_bytes()
    except OSError as error:
        raise CommandError(f"{chosen}: {error.strerror}; run `whistle classifier train`, or name a file") from None


def _compared(place: Workplace, content: bytes, by: str) -> Comparison:
    try:
        wanted = unpacked(content, "the model")[0]
    except ModelFileError as error:
        raise CommandError(str(error)) from None
    return compare_models(place, wanted, by or getpass.getuser(), datetime.now(UTC))


def _live_number(place: Workplace) -> int | None:
    with place.database.reading() as session:
        live = live_version(session, Versioned.CLASSIFIER)
    return live.number if live else None


def _show(compared: Comparison) -> None:
    if not compared.wanted:
        show_line("nothing to try a model on: no held-out text and no confirmed case")
    for part, wanted in compared.wanted.items():
        live = compared.live[part].report
        rows = [(name, live[name], count) for name, count in wanted.report.items()]
        show_table(f"{part}: {wanted.lessons} requests", ("count", "live", "this model"), rows)


def _show_drift(found: Drift, days: int) -> None:
    rows: Sequence[tuple[str, object, object]] = [
        ("requests classified", found.before, found.after),
        ("to a person", _share(found.review_before), _share(found.review_after)),
        ("mean likelihood of harm", _share(found.harm_before), _share(found.harm_after)),
        ("mean confidence", _share(found.confidence_before), _share(found.confidence_after)),
    ]
    show_table(f"Drift over {days} days", ("", f"the {days} days before", f"last {days} days"), rows)
    index = "too few requests to say" if found.index is None else f"{found.index:.3f} ({found.verdict})"
    show_line(f"stability index of kinds: {index}")
    show_line(f"rulings by people: {found.rulings}, of which overruled the machine: {_share(found.overruled)}")
    show_line(f"models in use: {', '.join(found.models) or 'none'}")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _say_live(row: HouseVersion) -> None:
    show_line(f"version {row.number} of the classifier is live ({row.digest[:SHORT]})")
