"""`python -m data_checks.checker`: the checking process, the only one that loads Great Expectations.

It reads one `CheckRequest` a line and answers each with one `CheckOutcome` a line. Expectations run
inside the database, on temporary tables of this connection: all rules of a batch see one moment, and
nothing of a record passes through this process but its key.
"""

import logging
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import great_expectations as gx
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.validator.v1_validator import Validator
from sqlalchemy import Engine, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from data_checks.batches import HouseBatches
from data_checks.chains import altered_journals
from data_checks.findings import Place, count_failing, record
from data_checks.ledger_batches import LedgerBatches
from data_checks.requests import CheckOutcome, CheckRequest, RuleResult
from data_checks.rule_files import (
    DEPARTMENT_BATCHES,
    HOUSE_BATCHES,
    JOURNAL_BATCHES,
    HouseRules,
    Rule,
    failing_sql,
    load_house_rules,
)
from data_checks.site import Page, publish
from data_checks.sql import Sql
from data_checks.suites import RESULT_FORMAT, suite_of
from models.checks import CheckRun
from models.log_lines import LogLevel, start_logging
from models.settings import DeskSettings

log = logging.getLogger("whistle.checks")

BUSY_SECONDS = 30


class CheckFailedError(RuntimeError):
    """An expectation could not be evaluated; the message is the rule's id."""


@dataclass(frozen=True)
class Checked:
    """One batch after its suite was run on it: the suite, Great Expectations' own result, and ours."""

    batch: str
    suite: Any
    validation: Any
    results: tuple[RuleResult, ...]


def check(request: CheckRequest, rules: HouseRules) -> tuple[CheckOutcome, list[Checked]]:
    """Run every suite of one part, keep what falls short, and add the run to the history.

    Raises:
        CheckFailedError: An expectation could not be evaluated.
        SQLAlchemyError: The database does not answer.
    """
    began = time.perf_counter()
    source = _source(request.database_url)
    # Its own engine, not another one to the same database: temporary tables belong to a connection.
    engine: Engine = source.get_execution_engine().engine
    try:
        _make_room(engine)
        selects = _selects(request, engine)
        checked = [_check_batch(request, rules, source, engine, batch, sql) for batch, sql in selects]
        results = tuple(result for each in checked for result in each.results)
        seconds = time.perf_counter() - began
        run_id = _keep_run(request, rules, engine, results, seconds)
    finally:
        engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return CheckOutcome(part=request.part, seconds=seconds, run_id=run_id, results=results, peak_mib=peak), checked


def _source(url: str) -> Any:
    # By default each context would leave a folder for pages behind; `data_checks.site` writes ours.
    stores = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    config = DataContextConfig(store_backend_defaults=stores, analytics_enabled=False)
    context: Any = gx.get_context(mode="ephemeral", project_config=config)
    context.variables.progress_bars = {"globally": False}
    # On SQLite it keeps one connection by itself, on PostgreSQL only if told.
    sqlite = url.startswith("sqlite")
    kwargs: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS}} if sqlite else {"poolclass": StaticPool}
    return context.data_sources.add_sql("desk", connection_string=url, create_temp_table=True, kwargs=kwargs)


def _make_room(engine: Engine) -> None:
    """Let this one connection sort and join in memory; the server's defaults are made for many small ones."""
    if engine.dialect.name != "postgresql":
        return
    with engine.begin() as connection:
        for setting in ("work_mem = '96MB'", "temp_buffers = '128MB'", "jit = off"):
            connection.exec_driver_sql(f"SET {setting}")


def _selects(request: CheckRequest, engine: Engine) -> list[tuple[str, str]]:
    sql = Sql(is_sqlite=engine.dialect.name == "sqlite")
    if request.terms:
        ours = LedgerBatches(sql, request.terms.unpacked(), request.now)
        return [(batch, ours.select(batch)) for batch in DEPARTMENT_BATCHES]
    if not request.journals:
        return [(batch, HouseBatches(sql).select(batch)) for batch in HOUSE_BATCHES]
    with engine.connect() as connection:
        house = HouseBatches(sql, altered=altered_journals(connection))
    return [(batch, house.select(batch)) for batch in JOURNAL_BATCHES]


def _check_batch(
    request: CheckRequest, rules: HouseRules, source: Any, engine: Engine, batch: str, sql: str
) -> Checked:
    of_batch = rules.of_batch(batch)  # type: ignore[arg-type]
    name = f"{request.part or 'house'}-{batch}"
    asset = source.add_query_asset(name, query=f"SELECT * FROM ({sql}) AS made")
    # Not `get_batch().validate()`: that has the temporary table made twice, once to fetch and once to validate.
    validator = Validator(asset.add_batch_definition_whole_table("now"), RESULT_FORMAT)
    suite = suite_of(name, of_batch, request.known)
    validation = validator.validate_expectation_suite(suite)
    table = _temporary_table(engine)
    succeeded = _success_by_rule(validation)
    results = tuple(
        _keep(engine, request, rule, batch, Place(table, failing_sql(rule.check, dict(request.known), table)), succeeded)
        for rule in of_batch
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {table}")
    return Checked(batch, suite, validation, results)


def _temporary_table(engine: Engine) -> str:
    """The name that the batch's table was given: the only temporary one of this connection."""
    sqlite = engine.dialect.name == "sqlite"
    named = (
        "SELECT name FROM sqlite_temp_master WHERE type = 'table'"
        if sqlite
        else "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'"
    )
    with engine.connect() as connection:
        return str(connection.exec_driver_sql(named).scalar_one())


def _success_by_rule(validation: Any) -> dict[str, bool]:
    found = {}
    for each in validation.results:
        rule = each.expectation_config.meta["rule"]
        if (each.exception_info or {}).get("raised_exception", False) or (not each.result and not each.success):
            raise CheckFailedError(rule)
        found[rule] = bool(each.success)
    return found


def _keep(
    engine: Engine, request: CheckRequest, rule: Rule, batch: str, place: Place, succeeded: dict[str, bool]
) -> RuleResult:
    success = succeeded[rule.id]
    with engine.begin() as connection:
        count = 0 if success else count_failing(connection, place)
        if not success and not count:
            # Great Expectations and our own condition must not disagree.
            raise CheckFailedError(rule.id)
        new, cleared = record(connection, rule, request.department, None if success else place, request.now)
    return RuleResult(
        rule=rule.id, batch=batch, severity=rule.severity, success=success, count=count, new=new, cleared=cleared
    )


def _keep_run(
    request: CheckRequest, rules: HouseRules, engine: Engine, results: Sequence[RuleResult], seconds: float
) -> int:
    outcome = CheckOutcome(part=request.part, results=tuple(results))
    with engine.begin() as connection:
        made = connection.execute(
            insert(CheckRun).values(
                scope=request.scope, department=request.part, started_at=request.now, seconds=round(seconds, 3),
                rules_digest=rules.digest, success=outcome.success, expectations=len(results),
                failed=sum(not each.success for each in results), results=outcome.stored(),
            )
        )  # fmt: skip
        key = made.inserted_primary_key
    return int(key[0]) if key else 0


def answer(line: str, rules: HouseRules) -> CheckOutcome:
    """The outcome of one request; what goes wrong is told by a code, which quotes no data."""
    request = CheckRequest.model_validate_json(line)
    try:
        outcome, checked = check(request, rules)
        if request.site is not None:
            publish(Path(request.site), request.part, map(_page, checked), request.now)
    except (CheckFailedError, SQLAlchemyError, GreatExpectationsError, OSError) as error:
        code = f"{type(error).__name__}:{error}" if isinstance(error, CheckFailedError) else type(error).__name__
        log.error("check of %s failed: %s", request.part or "our own tables", code, extra={"event": "check_failed"})  # noqa: TRY400 - may quote rows
        return CheckOutcome(part=request.part, error=code)
    return outcome


def _page(checked: Checked) -> Page:
    failed = sum(not each.success for each in checked.results)
    return Page(checked.batch, checked.validation, len(checked.results), failed)


def serve(asked: IO[str], said: IO[str]) -> None:
    """Answer requests until there are no more."""
    rules = load_house_rules()
    said.write("ready\n")
    said.flush()
    for line in asked:
        said.write(answer(line, rules).model_dump_json() + "\n")
        said.flush()


def main() -> None:
    """Serve on the standard streams; whatever a library prints goes to the error stream."""
    said = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    settings = DeskSettings()
    start_logging(settings.log_format, LogLevel.ERROR)
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    serve(sys.stdin, said)


if __name__ == "__main__":
    main()
