"""The closing gate: every blocking rule asked of one case, in one query, without Great Expectations.

The conditions are those of the suites, made by the same `failing_sql` over the same batches; a test
holds the two against each other on the same data.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Boolean, TextClause, Uuid, bindparam, text
from sqlmodel import Session

from data_checks.batches import HouseBatches
from data_checks.ledger_batches import LedgerBatches, LedgerTerms
from data_checks.rule_files import Batch, HouseRules, Rule, failing_sql, load_house_rules
from data_checks.sql import Sql
from models import journal
from models.case import Case
from models.vocabulary import Severity


def blocking(session: Session, case: Case, terms: Sequence[LedgerTerms] = ()) -> tuple[str, ...]:
    """Ids of the blocking rules that this case falls short of now, sorted; it may not close with any.

    Args:
        session: Sees what the caller has written so far.
        case: One case.
        terms: Of the departments that hold it and send us their ledger.
    """
    session.flush()
    query = _query(session.get_bind().dialect.name == "sqlite", tuple(terms))
    altered = journal.was_altered(journal.entries_of(session, case.id))
    rows = session.execute(query, {"case_id": case.id, "altered": altered})
    return tuple(sorted(row[0] for row in rows))


@cache
def _query(is_sqlite: bool, terms: tuple[LedgerTerms, ...]) -> TextClause:
    sql, rules = Sql(is_sqlite), _rules()
    house = HouseBatches(sql, one_case=True)
    asked = [(f"gate_{batch}", house.select(batch), _blocking(rules, batch)) for batch in ("cases", "parts", "journals")]
    for each in terms:
        # Nothing that the gate asks of a ledger depends on the time of day.
        orders = LedgerBatches(sql, each, None, one_case=True).select("orders")
        asked.append((f"gate_orders_{each.department.lower()}", orders, _blocking(rules, "orders")))
    asked = [each for each in asked if each[2]]
    batches = ", ".join(f"{name} AS ({select})" for name, select, _ in asked)
    questions = " UNION ".join(
        f"SELECT '{rule.id}' WHERE EXISTS (SELECT 1 FROM {name} WHERE {failing_sql(rule.check, {}, name)})"
        for name, _, its_rules in asked
        for rule in its_rules
    )
    return text(f"WITH {batches} {questions}").bindparams(
        bindparam("case_id", type_=Uuid()), bindparam("altered", type_=Boolean())
    )


def _blocking(rules: HouseRules, batch: Batch) -> list[Rule]:
    return [rule for rule in rules.of_batch(batch) if rule.severity is Severity.BLOCK]


@cache
def _rules() -> HouseRules:
    return load_house_rules()
