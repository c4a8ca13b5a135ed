"""What the desk says of a summary that a machine wrote, or could not write: how much is missing, never which words."""

from collections.abc import Collection

from models.case import PERSON_WORDS, Case
from models.journal import MACHINE
from models.transitions import IS_WITH_DEPARTMENT
from models.vocabulary import EventKind, NewsKind
from tasks.receiving.intake_form import IntakeForm
from tasks.story.values import CaseStory
from tasks.words.scrubbing import scrub
from tasks.words.summaries import is_for_a_person

NO_DRAFT, FOR_A_PERSON = "none", "person"
"""Stand in the address of a saved request where the machine could write nothing, or writes only what a person may begin with; else the
number of clauses."""
MOST_TOLD = 99


def gaps_of(form: IntakeForm) -> str:
    """How many clauses the machine's draft of this request will leave out, as an address tells it; empty if none, or if a person wrote one."""
    if form.summary is not None or form.answer is not None:
        return ""
    own = {field: value for field, value in form.reporter.model_dump(include=set(PERSON_WORDS)).items() if value} if form.reporter else {}
    draft = scrub(form.text, own, form.language)
    if draft.text is None:
        return NO_DRAFT
    if form.danger_now or form.suspect_is_guardian:
        return FOR_A_PERSON
    return str(min(draft.left_out, MOST_TOLD)) if draft.left_out else ""


def told_at_saving(asked: str) -> int | None:
    """What `gaps_of` put into an address: a number, -1 where there is no draft, -2 where a person must write; None for anything else."""
    if asked in (NO_DRAFT, FOR_A_PERSON):
        return -1 if asked == NO_DRAFT else -2
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else None


def left_out_of(story: CaseStory, case: Case, unread: Collection[NewsKind] = ()) -> int | None:
    """How many clauses the machine left out of what departments read now; -1 where they have nothing to read, None where nothing is amiss.

    `unread` is what the house has said and the case has not taken in yet: a summary among it is as good as written.
    """
    if not IS_WITH_DEPARTMENT[case.status] or case.text_ct is None or NewsKind.SUMMARY_WRITTEN in unread:
        return None
    if case.summary_ct is None or (case.summary_by == MACHINE and is_for_a_person(case)):
        return -1
    if case.summary_by != MACHINE:
        return None
    written = [each for each in story.events if each.kind is EventKind.SUMMARY_WRITTEN]
    counts = [code.removeprefix("left_out=") for each in written[-1:] for code in each.codes if code.startswith("left_out=")]
    return int(counts[0]) if counts else None
