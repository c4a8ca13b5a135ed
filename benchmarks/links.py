"""`python -m benchmarks.links`: looking for other reports of a matter among many cases, and what it finds.

Times are of one new case against the stored ones, all of them inside the window: the search in the
index, reading what the candidates are compared by, and weighing. Precision and recall are on
made-up families (`benchmarks.links_families` says how far to trust them).
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from benchmarks.links_families import Made, made_requests
from benchmarks.machine import describe_machine, versions
from catalogue.link_rules import LinkRules
from catalogue.loader import load_catalogue
from models.case import Case
from models.database import Database
from models.matching import MatchToken
from models.migrations.running import migrate
from models.vault import Vault
from tasks.links.candidates import candidates_of
from tasks.links.linking import best_matches
from tasks.links.matching import PURPOSE, Tokens, tokens_of
from tasks.links.matching_score import Side

SEED = 20260101
FIRST, DAYS = datetime(2026, 3, 1, tzinfo=UTC), 50
AT_ONCE = 2_000


@dataclass(frozen=True)
class Probe:
    """One case looked up again: how long it took by both clocks, and which proposals are right."""

    seconds: float
    cpu_seconds: float
    compared: int
    proposed: tuple[bool, ...]
    strong: tuple[bool, ...]


def main() -> int:
    """Make the cases, look some of them up, print, and write the JSON file."""
    wanted = _arguments()
    rules = load_catalogue().links
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'cases.db'}")
        migrate(database)
        figures = measure(database, rules, wanted.cases, wanted.probes)
        database.close()
    print(json.dumps(figures, indent=2))
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(database: Database, rules: LinkRules, cases: int, probes: int) -> dict[str, Any]:
    """Times in milliseconds; precision over a sample of all cases, recall over reports that are not alone."""
    made = made_requests(cases, FIRST, DAYS, SEED)
    started = time.perf_counter()
    tokens = _tokens(made, rules)
    per_case = (time.perf_counter() - started) / cases
    _store(database, made, tokens)
    draw = random.Random(SEED)
    size = Counter(each.matter for each in made)
    in_families = [at for at, each in enumerate(made) if size[each.matter] > 1]
    with database.reading() as session:
        anybody = _probe(session, rules, made, tokens, draw.sample(range(cases), min(probes, cases)))
        family = _probe(session, rules, made, tokens, draw.sample(in_families, min(probes, len(in_families))))
    return {
        "cases": cases,
        "tokens": sum(len(found) for each in tokens for found in each.values()),
        "tokens_ms": round(per_case * 1000, 3),
        "search_ms": _times([each.seconds for each in anybody]),
        "search_cpu_ms": _times([each.cpu_seconds for each in anybody]),
        "compared_mean": round(statistics.mean(each.compared for each in anybody), 1),
        "propose": _quality([each.proposed for each in anybody], [each.proposed for each in family]),
        "strong": _quality([each.strong for each in anybody], [each.strong for each in family]),
        "honest": "made-up families, by the author of the rules; every case inside the window",
        "seed": SEED,
        "machine": describe_machine(),
        "versions": versions(),
    }


def _quality(anybody: Sequence[tuple[bool, ...]], family: Sequence[tuple[bool, ...]]) -> dict[str, float]:
    """Of the proposals for a sample of all cases, how many are right; of the families, how many are found."""
    shown = [is_right for each in anybody for is_right in each]
    return {
        "precision": round(sum(shown) / len(shown), 3) if shown else 0.0,
        "recall": round(sum(any(each) for each in family) / len(family), 3) if family else 0.0,
        "cases_with_any": round(sum(bool(each) for each in anybody) / len(anybody), 3),
    }


def _times(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(each * 1000 for each in seconds)
    return {
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[int(len(ordered) * 0.95)], 2),
        "worst": round(ordered[-1], 2),
    }


def _tokens(made: Sequence[Made], rules: LinkRules) -> list[Tokens]:
    key = Vault(b"b" * 32).index_key(PURPOSE)
    return [tokens_of(each.told, rules.text, key) for each in made]


def _store(database: Database, made: Sequence[Made], tokens: Sequence[Tokens]) -> None:
    table = Case.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    empty = Case(source="benchmark", received_at=FIRST)
    plain = {
        each.name: getattr(empty, each.name) for each in table.columns if each.name not in ("id", "number")
    }
    for start in range(0, len(made), AT_ONCE):
        part = range(start, min(start + AT_ONCE, len(made)))
        cases = [
            {
                **plain, "number": at + 1, "id": Case(source="benchmark", received_at=FIRST).id, "version": 1,
                "kind": made[at].kind, "district": made[at].told.district,
                "child_age": made[at].told.child_age, "received_at": made[at].received_at,
            }
            for at in part
        ]  # fmt: skip
        rows = [
            {"case_number": at + 1, "field": name, "token": token, "at": made[at].received_at}
            for at in part
            for name, found in tokens[at].items()
            for token in found
        ]
        with database.writing() as session:
            session.execute(insert(table), cases)
            session.execute(insert(MatchToken), rows)


def _probe(
    session: Session, rules: LinkRules, made: Sequence[Made], tokens: Sequence[Tokens], numbers: Sequence[int]
) -> list[Probe]:
    return [_probe_one(session, rules, made, tokens, at) for at in numbers]


def _probe_one(
    session: Session, rules: LinkRules, made: Sequence[Made], tokens: Sequence[Tokens], at: int
) -> Probe:
    told, each = made[at].told, made[at]
    mine = Side(tokens[at], each.received_at, frozenset({each.kind}), told.district, told.child_age)
    started, cpu_started = time.perf_counter(), time.process_time()
    candidates = candidates_of(session, at + 1, mine, rules)
    found = best_matches(mine, candidates, rules)[: rules.most_proposed]
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    right = [(made[one.number - 1].matter == each.matter, match.score) for one, match in found]
    strong = tuple(is_right for is_right, score in right if score >= rules.strong)
    return Probe(seconds, cpu_seconds, len(candidates), tuple(is_right for is_right, _ in right), strong)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--probes", type=int, default=1_000)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
