"""The forms that a department answers with: which there are, their fields and their words."""

from collections.abc import Mapping

from catalogue.loader import Catalogue
from desk.pages.form_fields import PROBLEM_WORDS, YES_NO, Field
from desk.pages.news_sheets import Sent, Sheet, read_news
from desk.pages.translation import N_, Said
from models.vocabulary import NewsKind
from tasks.closing.closure import ACT_WORDS
from tasks.news.forms import Objected

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
    "days": N_("Days (1 to 60)"),
    "caller_told": N_("Has the caller been told?"),
    "department": N_("Unit"),
}


def form_for(
    kind: NewsKind, catalogue: Catalogue, own: str, grounds: Mapping[str, Said], typed: Mapping[str, str] | None = None,
    problems: Mapping[str, Said] | None = None,
) -> Sheet:  # fmt: skip
    """The form of one kind of answer for the unit `own`; `grounds` are those for more time, by code.

    Raises:
        KeyError: No answer that a department gives by its link.
    """
    title, about = ANSWER_WORDS[kind]
    fields = tuple(_field(name, kind, catalogue, own, grounds) for name in _FIELDS[kind])
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


def _field(said: str, kind: NewsKind, catalogue: Catalogue, own: str, grounds: Mapping[str, Said]) -> Field:
    name, required = said.rstrip("?"), not said.endswith("?")
    words = FIELD_WORDS[name]
    if name in {"resolved", "caller_told"}:
        return Field(name, words, "radio", YES_NO, required=True)
    if name == "acts":
        return Field(name, words, "checks", {each.value: said for each, said in ACT_WORDS.items()}, required)
    if name == "reason":
        listed = catalogue.dispatch.objection_reasons
        choices = {each.code.value: (each.zh, each.en) for each in listed}
        return Field(name, words, "select", choices if kind is NewsKind.OBJECTED else grounds, True)
    if name in {"suggests", "department"}:
        units = {code: (unit.name_zh, unit.name_en) for code, unit in catalogue.departments.items() if code != own}
        return Field(name, words, "select", units, required)
    kind_of = {"text": "textarea", "days": "number"}.get(name, "line")
    return Field(name, words, kind_of, required=required, most=20_000 if name == "text" else 40)


def read_answer(kind: NewsKind, body: bytes, catalogue: Catalogue, own: str, grounds: Mapping[str, Said]) -> Sent:
    """Read an answer of the unit `own`; never raises for what somebody typed."""
    sent = read_news(kind, body, form_for(kind, catalogue, own, grounds).fields)
    if isinstance(sent.news, Objected) and sent.news.evidence is None and _needs_evidence(sent.news, catalogue):
        return Sent(sent.once, sent.typed, None, {"evidence": PROBLEM_WORDS["evidence"]})
    return sent


def _needs_evidence(news: Objected, catalogue: Catalogue) -> bool:
    return any(each.code == news.reason and each.needs_evidence for each in catalogue.dispatch.objection_reasons)
