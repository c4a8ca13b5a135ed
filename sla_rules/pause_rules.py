"""`pauses.yaml`: why a clock may stand still, and for how long."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from models.rule_files import RuleModel
from models.vocabulary import Status
from sla_rules.limits import Limit, WrittenLimit
from sla_rules.written import Code, Source, Words


class PauseReason(RuleModel):
    """Why a clock may stand still, in which statuses, and for how long."""

    code: Code
    name: Words
    statuses: Annotated[tuple[Status, ...], Field(min_length=1)]
    cap: WrittenLimit
    approval_above: WrittenLimit
    source: Source

    @field_validator("statuses")
    @classmethod
    def _not_while_disputed(cls, statuses: tuple[Status, ...]) -> tuple[Status, ...]:
        # An objection or a request for more time never stops the clock: else either would be
        # the cheapest way to gain time (domain rule: DISPUTED, duty holder unchanged).
        running = {Status.DISPUTED, Status.EXTENSION_ASKED} & set(statuses)
        if running:
            raise ValueError(f"the clock keeps running in {', '.join(sorted(running))}")
        return statuses

    @field_validator("approval_above")
    @classmethod
    def _approval_within_cap(cls, above: Limit, info: ValidationInfo) -> Limit:
        cap = info.data.get("cap")
        if cap is not None and above.length > cap.length:
            raise ValueError(f"{above} is above the cap of {cap}, so approval would never be asked")
        return above


class PausesFile(RuleModel):
    """`pauses.yaml`; `total_cap` is for all pauses of one clock together."""

    total_cap: WrittenLimit
    reasons: Annotated[tuple[PauseReason, ...], Field(min_length=1)]
