"""What the desk handed over, during the call or later: to which emergency number, when, under which receipt."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, StringConstraints
from sqlmodel import Session

from models import journal
from models.case import Case
from models.exchange import Inbox
from models.vocabulary import EventKind, NewsKind
from tasks.forms import Form
from tasks.news.rows import drop_news

HandedTo = Literal["110", "120", "119", "122"]
POLICE = "110"
NEWS_KEY = "intake:handed-over"
Receipt = Annotated[
    str, StringConstraints(pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9-]{0,39}|[A-Za-z\u4e00-\u9fff〔〕（）-]{1,24}[0-9][A-Za-z0-9\u4e00-\u9fff〔〕（）-]{0,24})$")
]
"""The number of a receipt or a document, as offices write it (`京公110第0034号`): characters only with a figure among them, so that
nobody's name is one. With characters in it, it stays on the pages and never enters Prefect."""
StaffNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,20}$")]


class HandOver(Form):
    """One hand-over; codes only. Without a time it was made when the request was saved.

    `by` is the number of the seat or of the person, never a name.
    """

    to: HandedTo
    at: AwareDatetime | None = None
    receipt: Receipt | None = None
    by: StaffNumber | None = None

    @property
    def is_police_report(self) -> bool:
        """Whether it is the desk's own report to police, which only a receipt proves."""
        return self.to == POLICE and self.receipt is not None


def record_hand_over(
    session: Session, case: Case, told: HandOver, now: datetime, actor: str, key: str = NEWS_KEY
) -> None:
    """Journal it in the caller's transaction; a police receipt is news that the case digests as any other.

    Args:
        session: The transaction that makes the case, or that digests what was said of it.
        case: The case, flushed.
        told: What the desk says.
        now: Aware time of saying it.
        actor: Who says it.
        key: Names this hand-over among the news of the case, so that its receipt is digested once.
    """
    at = told.at or now
    codes = {"at": at.isoformat(), "receipt": told.receipt, "by": told.by}
    journal.write(
        session, case, EventKind.EMERGENCY_HANDED_OVER, now, actor,
        told=told.to, **{f"said_{name}": value for name, value in codes.items() if value},
    )  # fmt: skip
    if not told.is_police_report:
        return
    said = {name: value for name, value in codes.items() if value} | {"channel": "phone_110"}
    drop_news(
        session,
        Inbox(case_id=case.id, news_key=key, kind=NewsKind.POLICE_NOTIFIED, actor=actor, codes=said, received_at=now),
    )
