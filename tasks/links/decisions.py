"""What a person does with a proposal: accepts it, or declines it."""

from datetime import datetime
from typing import Literal

from sqlmodel import Session

from models.exchange import Inbox
from models.matching import LinkProposal, ProposalState
from models.vocabulary import NewsKind
from tasks.casebook import case_of
from tasks.forms import Form
from tasks.links.joining import main_of
from tasks.links.proposals import ProposalShown, proposal
from tasks.news.forms import LinkDecided
from tasks.news.inbox import Speaker
from tasks.news.rows import drop_news
from tasks.workplace import Workplace

Reason = Literal[
    "same_child", "same_place", "same_event", "same_caller",
    "other_child", "other_place", "other_event", "not_enough",
]  # fmt: skip


class LinkChoice(Form):
    """Why a person accepts or declines; a code, so that it says nothing about anybody."""

    reason: Reason


class LinkRefusedError(ValueError):
    """A proposal cannot be decided like this; `code` says why, the message what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def decide_link(
    place: Workplace,
    proposal_id: int,
    wanted: Literal[ProposalState.LINKED, ProposalState.DECLINED],
    choice: LinkChoice,
    speaker: Speaker,
    now: datetime,
) -> ProposalShown:
    """Accept or decline a proposal, durable when this returns; the same decision again changes nothing.

    An accepted one reaches the later case as news, so that an activation that runs is not disturbed.

    Raises:
        LinkNotFoundError: There is none of that id for this speaker.
        LinkRefusedError: It was decided otherwise, or linking would show a unit a report against itself.
    """
    with place.database.writing() as session:
        shown = proposal(session, proposal_id, speaker)
        row = session.get_one(LinkProposal, proposal_id, with_for_update=True)
        if row.state is not ProposalState.PROPOSED:
            return _decided_before(shown, wanted)
        if wanted is ProposalState.LINKED:
            _check_may_link(shown)
            _tell_the_later(session, row, choice, speaker, now)
        row.state, row.reason = wanted, choice.reason
        row.decided_by, row.decided_at = speaker.actor, now
        session.add(row)
        session.flush()
        return proposal(session, proposal_id, speaker)


def _decided_before(shown: ProposalShown, wanted: ProposalState) -> ProposalShown:
    if shown.state is wanted:
        return shown
    raise LinkRefusedError(
        "decided_otherwise", f"proposal {shown.id} is {shown.state} already; nothing changed"
    )


def _check_may_link(shown: ProposalShown) -> None:
    if shown.conflict:
        raise LinkRefusedError(
            "conflict_of_interest",
            f"proposal {shown.id}: a unit that one case is kept from handles the other; move that order first",
        )


def _tell_the_later(
    session: Session, row: LinkProposal, choice: LinkChoice, speaker: Speaker, now: datetime
) -> None:
    later = case_of(session, row.case_id)
    main = main_of(session, case_of(session, row.other_id))
    if main_of(session, later).id == main.id:
        return
    told = LinkDecided(main=main.label, proposal=row.id or 0, reason=choice.reason)
    drop_news(
        session,
        Inbox(
            case_id=later.id,
            news_key=f"link:{row.id}",
            kind=NewsKind.LINK_DECIDED,
            actor=speaker.actor,
            codes=told.model_dump(mode="json", exclude={"text"}),
            received_at=now,
        ),
    )
