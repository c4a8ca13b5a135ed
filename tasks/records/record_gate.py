"""What of the records keeps a case from closing: the blocking data checks, asked of one case."""

from datetime import timedelta
from functools import cache

from sqlmodel import Session, col, select

from data_checks.contract import load_contracts
from data_checks.gate import blocking
from data_checks.ledger_batches import LedgerTerms
from models.case import Case
from models.exchange import Assignment


def what_blocks(session: Session, case: Case) -> tuple[str, ...]:
    """Ids of the blocking rules the case falls short of now, sorted; empty when the records agree."""
    wanted = select(Assignment.department).where(
        Assignment.case_id == case.id, col(Assignment.withdrawn_at).is_(None)
    )
    holding = sorted(set(session.exec(wanted)))
    known = ledger_terms()
    return blocking(session, case, [known[each] for each in holding if each in known])


@cache
def ledger_terms() -> dict[str, LedgerTerms]:
    """How each department that sends us its ledger is compared, by its code.

    Raises:
        RuleFileError: A contract cannot be used.
    """
    return {
        code: LedgerTerms(
            department=code,
            grace=timedelta(hours=contract.grace_hours),
            tolerance=timedelta(minutes=contract.tolerance_minutes),
            freshness=timedelta(hours=contract.freshness_hours),
        )
        for code, contract in load_contracts().items()
    }
