"""What a piece of news is digested with, and how it is turned down."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.case import Case
from models.exchange import Assignment, Inbox
from models.transitions import may_move
from models.vocabulary import Ask, DecisionKind, Status
from tasks.casebook import Verdict, decide, move, tell
from tasks.workplace import Workplace


class NewsRefusedError(ValueError):
    """This news does not fit the case as it stands; the code says why, and the row is kept.

    Nothing the digest had begun is stored. `answer` is an alert the speaker gets all the same.
    """

    def __init__(self, code: str, answer: Ask | None = None) -> None:
        self.code, self.answer = code, answer
        super().__init__(code)


@dataclass(frozen=True)
class News:
    """One inbox row, its case and its speaker's assignment, inside one transaction."""

    place: Workplace
    session: Session
    case: Case
    row: Inbox
    part: Assignment | None
    now: datetime

    @property
    def codes(self) -> dict[str, Any]:
        """What was said, in codes, as the form of this kind of news stored it."""
        return self.row.codes

    @property
    def said_at(self) -> datetime:
        """When it was said: clocks stop then, not when the desk got round to reading it."""
        return self.row.received_at

    def speaker_part(self) -> Assignment:
        """The speaker's standing assignment.

        Raises:
            NewsRefusedError: The order was withdrawn from the speaker meanwhile.
        """
        if self.part is None:
            raise NewsRefusedError("order_withdrawn")
        return self.part

    def require(self, *allowed: Status) -> None:
        """Return if the case is in one of these statuses.

        Raises:
            NewsRefusedError: It is not.
        """
        if self.case.status not in allowed:
            raise NewsRefusedError(f"not_while_{self.case.status.lower()}")

    def move_if_may(self, wanted: Status) -> None:
        """Move on if the table allows it; else stay, for example while an objection is open."""
        if may_move(self.case.status, wanted):
            self.move(wanted)

    def move(self, wanted: Status) -> None:
        """Change the status; journaled as the speaker's doing."""
        move(self.session, self.case, wanted, self.now, self.row.actor)

    def tell(self, recipient: str, ask: Ask, due_at: datetime | None = None) -> None:
        """Alert somebody because of this news, once."""
        self.tell_as(f"news:{self.row.id}", recipient, ask, due_at)

    def tell_as(self, key: str, recipient: str, ask: Ask, due_at: datetime | None = None) -> None:
        """Alert somebody under a key of its own, once for each key."""
        tell(self.place, self.session, self.case, recipient, ask, key, self.now, due_at)

    def decide(self, outcome: str, rule_id: str, zh: str, en: str) -> None:
        """Store what was decided because of this news."""
        verdict = Verdict(DecisionKind.NEWS, outcome, rule_id, zh, en, {"news": str(self.row.kind)})
        decide(self.place, self.session, self.case, f"news:{self.row.id}", verdict, self.now)
