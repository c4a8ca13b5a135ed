"""The forms that a department answers with: which there are, their fields and their words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue.loader import Catalogue
from desk.pages.form_fields import OF_CODES, PROBLEM_WORDS, YES_NO, Field, days_field
from desk.pages.news_sheets import INSISTS, Sent, Sheet, read_news
from desk.pages.translation import N_, Said, say
from models.vocabulary import ClosingAct, NewsKind
from notifications.messages import Language
from tasks.closing.closure import ACT_WORDS
from tasks.closing.reply_quality import HOLLOW_WORDS, Hollow
from tasks.news.forms import ExtensionAsked, Objected

ANSWER_WORDS: dict[NewsKind, tuple[Said, Said]] = {
    NewsKind.ACKNOWLEDGED: (
        N_("Accept the order"),
        N_("Your unit has the order and begins to work on it. Once accepted, this says that a reminder or an escalation was seen."),
    ),
    NewsKind.CONTACTED: (
        N_("Caller contacted"),
        N_("You spoke to the caller in person; never to whom the request is about."),
    ),
    NewsKind.REPLIED: (N_("Give the answer"), N_("What was done, when, and what came of it.")),
    NewsKind.CO_REPLIED: (N_("Give the answer for your part"), N_("What your unit did of its share.")),
    NewsKind.OBJECTED: (
        N_("Object"),
        N_("Until it is decided the order stays with you and its clock runs."),
    ),
    NewsKind.EXTENSION_ASKED: (N_("Ask for more time"), N_("A supervisor decides; the clock runs until then.")),
    NewsKind.HELP_ASKED: (N_("Whistle for another unit"), N_("That unit becomes a co-handler.")),
}
"""Each answer a department may give by its link: its name and what it means."""

FIELD_WORDS: dict[str, Said] = {
    "text": N_("In words"),
    "resolved": N_("Is it resolved?"),
    "acts": N_("What was done"),
    "reason": N_("Reason"),
    "evidence": N_("Reference of the evidence (list of duties, inspection record)"),
    "suggests": N_("Unit you suggest"),
    "days": N_("Days"),
    "caller_told": N_("Has the caller been told?"),
    "department": N_("Unit"),
}

NEEDED_WITH = N_("needed with")
COMES_BACK = N_("As it stands it would come back")
LACKS = N_("As it stands it would come back, for it lacks")
ACTS_NEEDED = N_("what this kind asks for is needed")
WHAT_WAS_DONE = N_("Say what was done, when, and what came of it.")
TICK_IF_DONE = N_("Tick what was done; what was not is still to do.")


@dataclass(frozen=True)
class Ground:
    """A reason that the unit may give for wanting more time: its words, and whether it needs the reference of evidence."""

    words: Said
    needs_evidence: bool = False


Grounds = Mapping[str, Ground]


@dataclass(frozen=True)
class Circumstances:
    """What of an order its forms depend on: the unit `own`, the grounds for more time by code and the most days there are,
    whether the unit can tell the caller anything, and what the kind asks for before it closes."""

    own: str
    grounds: Grounds
    most_days: int | None = None
    reaches_caller: bool = True
    acts: tuple[ClosingAct, ...] = ()


def form_for(
    kind: NewsKind, catalogue: Catalogue, at: Circumstances, typed: Mapping[str, str] | None = None,
    problems: Mapping[str, Said] | None = None, *, may_insist: bool = False,
) -> Sheet:  # fmt: skip
    """The form of one kind of answer.

    With `may_insist` it has the box by which an answer is sent that is known to come back.

    Raises:
        KeyError: No answer that a department gives by its link.
    """
    title, about = ANSWER_WORDS[kind]
    asked = [name for name in _FIELDS[kind] if at.reaches_caller or name != "caller_told"]
    fields = tuple(_field(name, kind, catalogue, at) for name in asked) + ((INSISTS,) if may_insist else ())
    return Sheet(kind, title, about, fields, typed or {}, problems or {})


_FIELDS: dict[NewsKind, tuple[str, ...]] = {
    NewsKind.ACKNOWLEDGED: (),
    NewsKind.CONTACTED: ("text?",),
    NewsKind.REPLIED: ("text", "resolved", "acts?"),
    NewsKind.CO_REPLIED: ("text", "acts?"),
    NewsKind.OBJECTED: ("reason", "evidence?", "suggests?", "text?"),
    NewsKind.EXTENSION_ASKED: ("reason", "days", "caller_told", "evidence?", "text?"),
    NewsKind.HELP_ASKED: ("department", "text?"),
}


def _field(said: str, kind: NewsKind, catalogue: Catalogue, at: Circumstances) -> Field:
    name, required = said.rstrip("?"), not said.endswith("?")
    words = FIELD_WORDS[name]
    if name in {"resolved", "caller_told"}:
        return Field(name, words, "radio", YES_NO, required=True)
    if name == "acts":
        acts = {each.value: said for each, said in ACT_WORDS.items()}
        return Field(name, words, "checks", acts, required, needed_when=ACTS_NEEDED if at.acts else "")
    if name == "reason":
        return Field(name, words, "select", {code: each.words for code, each in _reasons(kind, catalogue, at.grounds).items()}, True)
    if name == "evidence":
        return Field(name, words, most=50, hint=OF_CODES, needed_when=_needed_with(_reasons(kind, catalogue, at.grounds)))
    if name in {"suggests", "department"}:
        units = {code: (unit.name_zh, unit.name_en) for code, unit in catalogue.departments.items() if code != at.own}
        return Field(name, words, "select", units, required)
    if name == "days":
        return days_field(words, at.most_days, required=required)
    kind_of = {"text": "textarea"}.get(name, "line")
    return Field(name, words, kind_of, required=required, most=20_000 if name == "text" else 40)


def _reasons(kind: NewsKind, catalogue: Catalogue, grounds: Grounds) -> Grounds:
    if kind is not NewsKind.OBJECTED:
        return grounds
    return {each.code.value: Ground((each.zh, each.en), each.needs_evidence) for each in catalogue.dispatch.objection_reasons}


def _needed_with(reasons: Grounds) -> Said:
    """With which reasons the reference of the evidence is needed; empty if with none."""
    named = [each.words for each in reasons.values() if each.needs_evidence]
    zh, en = (sep.join(say(each, language) for each in named) for sep, language in (("、", Language.ZH), ("; ", Language.EN)))
    return (f"{say(NEEDED_WITH, Language.ZH)}：{zh}", f"{say(NEEDED_WITH, Language.EN)}: {en}") if named else ""


def advice(hollow: Hollow | None, lacking: Sequence[ClosingAct]) -> dict[str, Said]:
    """What to tell beside the fields of an answer that would come back; empty if it would not."""
    told: dict[str, Said] = {}
    if hollow is not None:
        told["text"] = _would_come_back(COMES_BACK, HOLLOW_WORDS[hollow], WHAT_WAS_DONE)
    if lacking:
        acts = [ACT_WORDS[each] for each in lacking]
        told["acts"] = _would_come_back(LACKS, ("、".join(zh for zh, _ in acts), ", ".join(en for _, en in acts)), TICK_IF_DONE)
    return told


def _would_come_back(come: str, why: tuple[str, str], do: str) -> Said:
    zh, en = why
    return (f"{say(come, Language.ZH)}：{zh}。{say(do, Language.ZH)}", f"{say(come, Language.EN)}: {en}. {say(do, Language.EN)}")


def read_answer(kind: NewsKind, body: bytes, catalogue: Catalogue, at: Circumstances) -> Sent:
    """Read an answer of the unit; never raises for what somebody typed."""
    sent = read_news(kind, body, form_for(kind, catalogue, at).fields)
    if isinstance(sent.news, Objected) and sent.news.evidence is None and _needs_evidence(sent.news, catalogue):
        return Sent(sent.once, sent.typed, None, {"evidence": PROBLEM_WORDS["evidence"]})
    if isinstance(sent.news, ExtensionAsked) and sent.news.caller_told is None and at.reaches_caller:
        return Sent(sent.once, sent.typed, None, {"caller_told": PROBLEM_WORDS["missing"]})
    return sent


def _needs_evidence(news: Objected, catalogue: Catalogue) -> bool:
    return any(each.code == news.reason and each.needs_evidence for each in catalogue.dispatch.objection_reasons)
