"""What the intake page looks up while the caller is on the line: the same matter, and the knowledge base."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalogue.knowledge_base import KnowledgeEntry
from desk.pages.intake_fields import SentIntake
from desk.pages.intake_words import STALE_MARK
from desk.pages.words import Words
from models.rule_files import RuleFileError
from models.vocabulary import Nature
from notifications.messages import DESK_ZONE
from tasks.links.matching import Told
from tasks.news.inbox import Speaker
from tasks.receiving.knowledge import knowledge_of
from tasks.receiving.same_matter import SameMatterHint, hints_of
from tasks.workplace import Workplace

OLDEST = 120


@dataclass(frozen=True)
class Looked:
    """What was found; None where nobody asked. `used` is the entry that the answer stands for now."""

    hints: tuple[SameMatterHint, ...] | None = None
    entries: tuple[KnowledgeEntry, ...] | None = None
    is_broken: bool = False
    used: KnowledgeEntry | None = None


def look(place: Workplace, sent: SentIntake, speaker: Speaker, now: datetime) -> Looked:
    """What the pressed button asks for; what was typed is compared in memory and kept nowhere else."""
    typed = sent.typed
    if sent.act == "matter":
        hints = hints_of(place, told_by(typed), typed.get("kind"), typed.get("complained_of"), speaker, now)
        return Looked(hints=hints)
    try:
        known = knowledge_of(place)
    except RuleFileError:
        return Looked(is_broken=True)
    used = known.entries.get(typed.get("knowledge_entry", ""))
    asked = typed.get("ask") or typed.get("text", "")
    return Looked(entries=None if sent.act == "use" else known.found(asked, typed.get("kind")), used=used)


def told_by(typed: Mapping[str, str]) -> Told:
    """The typed fields that two reports of one matter may share."""
    age = typed.get("child_age", "")
    return Told(
        text=typed.get("text", ""),
        child_age=int(age) if age.isascii() and age.isdigit() and len(age) < 4 and int(age) <= OLDEST else None,
        child_name=typed.get("child.name", ""),
        child_address=typed.get("child.address", ""),
        suspect_name=typed.get("suspect.name", ""),
        contact=typed.get("reporter.contact", ""),
    )


def used_answer(place: Workplace, sent: SentIntake, words: Words, now: datetime) -> dict[str, str]:
    """The typed fields with an entry's text in the answer, below what stood there already.

    A stale entry brings its mark. Who asks nothing else by then has asked a question.
    """
    try:
        entry = knowledge_of(place).entries.get(sent.entry)
    except RuleFileError:
        entry = None
    if entry is None:
        return sent.typed
    text = words.pick((entry.answer_zh, entry.answer_en))
    if entry.is_stale(now.astimezone(DESK_ZONE).date()):
        text = f"{words.pick(STALE_MARK)}{text}"
    before = sent.typed.get("answer", "")
    answer = before if text in before else f"{before}\n\n{text}".strip()
    return {"nature": Nature.CONSULT.value, **sent.typed, "answer": answer, "knowledge_entry": entry.id}
