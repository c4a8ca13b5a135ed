"""`whistle rules explain` and `whistle rules test`: why a clock is due then, and whether it should be."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from catalogue.loader import load_catalogue
from desk.cli.errors import REFUSED, CommandError, one_line_errors
from desk.cli.explained import case_json, clock_name, request_json, show_clock, show_request
from desk.cli.live_rules import live_rules
from desk.cli.local_desk import local_desk, local_speaker
from desk.cli.tables import Language, show_line
from models.vocabulary import Grade, Nature, Role, Target
from sla_rules.example_file import WrittenExample, entries_of
from sla_rules.example_names import UnknownNameError, request_of
from sla_rules.examples import ExampleResult, run_examples
from sla_rules.explanation import Explanation, explain
from sla_rules.explanation_svg import explanation_svg
from sla_rules.explanation_words import Lang
from sla_rules.loader import load_rule_book, rule_book_of
from sla_rules.matching import rule_for
from sla_rules.snapshot import EXAMPLES, HERE, snapshot_of
from sla_rules.written_moments import NoSuchTimeError, instant_in, interval_in
from tasks.clocks.explained import explained_clocks
from tasks.house.known_codes import known_of
from tasks.news.inbox import find_case

Number = Annotated[str | None, typer.Argument(help="A case, W-000123 or 123; or leave it out and use --start")]
Start = Annotated[str | None, typer.Option(help='A case that might be: "Fri 2026-09-18 17:30", desk time')]
Pauses = Annotated[
    list[str] | None, typer.Option("--pause", help='"2026-09-21 09:00 to 2026-09-22 12:00"; may be repeated')
]
Folder = Annotated[Path | None, typer.Argument(help="A rule folder; without it the desk's own")]
RulesFolder = Annotated[Path | None, typer.Option("--rules", help="By the rules in this folder, not the live ones")]
Picture = Annotated[Path | None, typer.Option("--svg", help="Also draw it into this file")]
AsJson = Annotated[bool, typer.Option("--json", help="Every stretch of time, as JSON")]
InLanguage = Annotated[Language, typer.Option(help="Language of names and reasons", envvar="WHISTLE_LANG")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands on `whistle rules`."""
    app.command("explain")(explain_due)
    app.command("test")(test_rules)


@one_line_errors()
def explain_due(
    number: Number = None,
    start: Start = None,
    grade: Annotated[Grade | None, typer.Option(help="Of the case that might be")] = None,
    target: Annotated[Target | None, typer.Option(help="Which clock; feedback, or all of a stored case")] = None,
    kind: Annotated[str | None, typer.Option(help="Code of the kind of request, such as S01")] = None,
    department: Annotated[str | None, typer.Option(help="Code or name of the department")] = None,
    nature: Annotated[Nature | None, typer.Option()] = None,
    pause: Pauses = None,
    rules: RulesFolder = None,
    svg: Picture = None,
    as_json: AsJson = False,
    lang: InLanguage = Language.ZH,
) -> None:
    """Why a clock is due when it is: every stretch of time counted, every pause and holiday, the sum.

    For a case (codes and times only, never what anybody said), or for one that might be:
    --start "Fri 2026-09-18 17:30" --grade U3.
    """
    if (number is None) == (start is None):
        raise CommandError("name a case, or give --start and --grade; not both")
    if number is not None:
        if grade or kind or department or nature or pause or rules:
            raise CommandError("a stored case has its own grade, kind, departments, pauses and rules")
        _explain_case(number, target, svg, as_json, lang)
        return
    written = {
        "received": start, "grade": grade, "target": target or Target.FEEDBACK, "kind": kind,
        "department": department, "nature": nature, "pauses": pause or [], "due": "none",
    }  # fmt: skip
    _explain_request(written, rules, svg, as_json, lang)


@one_line_errors()
def test_rules(
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every example, as JSON")] = False,
) -> None:
    """Run the examples beside the rules: examples.yaml in the rule folder.

    Ends with 0 if all come out as written, 1 if one does not, 2 if a file cannot be read.
    """
    snapshot = snapshot_of(folder or HERE)
    entries_of(snapshot)
    results = run_examples(snapshot, rule_book_of(snapshot), known_of(load_catalogue()).names)
    failed = [each for each in results if not each.passed]
    if as_json:
        show_line(json.dumps([asdict(each) for each in results], ensure_ascii=False, indent=2))
    else:
        for each in failed:
            _show_failed(each, f"{folder / EXAMPLES}" if folder else EXAMPLES)
        show_line(f"{len(results)} examples, {len(failed)} failed")
    if failed:
        raise typer.Exit(REFUSED)


def _show_failed(result: ExampleResult, file: str) -> None:
    show_line(f"{file}:{result.line}: {result.say}")
    show_line(f"  expected: {result.expected}")
    show_line(f"  found:    {result.found}")
    show_line(f"  why:      {result.why}")


def _explain_case(number: str, target: Target | None, svg: Path | None, as_json: bool, lang: Language) -> None:
    with local_desk() as place, place.database.reading() as session:
        case = find_case(session, number, local_speaker(Role.OPERATOR, None))
        clocks = [
            each
            for each in explained_clocks(place, session, case, datetime.now(UTC))
            if target in (None, each.clock.target)
        ]
        label = case.label
    if not clocks:
        raise CommandError(f"{label} has no clock" + (f" for {target}" if target else ""))
    if as_json:
        show_line(json.dumps(case_json(label, clocks), ensure_ascii=False, indent=2))
    else:
        for each in clocks:
            show_clock(label, each, lang.value)
    _draw(svg, [(f"{label} {clock_name(each)}", each.explanation) for each in clocks], lang.value)


def _explain_request(
    written: dict[str, Any], rules: Path | None, svg: Path | None, as_json: bool, lang: Language
) -> None:
    example = _read(written)
    book = load_rule_book(rules) if rules else live_rules()
    try:
        request = request_of(example, book, known_of(load_catalogue()).names)
        start = instant_in(book.calendar.zone, example.received)
        pauses = [interval_in(book.calendar.zone, each) for each in example.pauses]
    except (UnknownNameError, NoSuchTimeError) as error:
        raise CommandError(str(error)) from None
    rule = rule_for(book, request)
    explanation = explain(start, rule, book.calendar, pauses if rule.pausable else ()) if rule else None
    if as_json:
        show_line(json.dumps(request_json(book, request, explanation), ensure_ascii=False, indent=2))
    else:
        show_request(book, request, explanation, lang.value, ignored_pauses=bool(pauses))
    _draw(svg, [(f"{request.grade} {request.target}", explanation)], lang.value)
    if rule is None:
        raise typer.Exit(REFUSED)


def _read(written: dict[str, Any]) -> WrittenExample:
    if written["grade"] is None:
        raise CommandError("--start needs a --grade")
    try:
        return WrittenExample.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        option = {"received": "--start", "pauses": "--pause"}.get(str(first["loc"][0]), f"--{first['loc'][0]}")
        raise CommandError(f"{option}: {first['msg'].removeprefix('Value error, ')}") from None


def _draw(svg: Path | None, explanations: list[tuple[str, Explanation | None]], lang: Lang) -> None:
    known = [(name, explanation) for name, explanation in explanations if explanation is not None]
    if svg is not None and known:
        svg.write_text(explanation_svg(known, lang), encoding="utf-8")
