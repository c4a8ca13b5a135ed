"""Deciding what kind of request a message is, how grave it is, and who may be called back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from catalogue.loader import Catalogue
from catalogue.normalise import normalise
from catalogue.schema import Kind, Signal
from models.grades import GRAVITY, SAFETY_GRADES, graver, is_graver
from models.vocabulary import CallbackClass, Doubt, Grade, Nature
from tasks.classifying.evidence import REAL_EVIDENCE, UNCONFIRMED_HARM, Evidence, weigh
from tasks.classifying.kind_grade import grade_of
from tasks.classifying.screening import Screening

OUTSIDE = "X06"
UNCLASSIFIED = "X99"

_CALLBACK_CARE = {CallbackClass.NORMAL: 0, CallbackClass.REPORTER_ONLY: 1, CallbackClass.NONE: 2}
_COMPARABLE = 0.5
_ENOUGH_SCORE = 8.0
_GIVEN_CONFIDENCE = 0.9
_REVIEW_BELOW = 0.2
_MOST_ALSO = 4
_NOTHING = Evidence("", 0.0, ())


class UnknownKindError(ValueError):
    """The operator named a kind that the catalogue does not have."""


@dataclass(frozen=True, slots=True)
class Classification:
    """What a message was taken to be; codes and cue names only, no word of the message.

    `also` holds other kinds, gravest first. `confidence` is 0 to 1 and meant for ordering, not as a
    probability. `needs_review` means that a person should look, for the reasons in `doubts`.
    `model` is the digest of the learned model that was asked, empty if none was; `likelihood` is
    how probable it found harm.
    """

    kind: str
    also: tuple[str, ...]
    grade: Grade
    nature: Nature
    mandatory_report: tuple[str, ...]
    harm: bool
    guardian_suspect: bool
    callback: CallbackClass
    confidence: float
    cues: tuple[str, ...]
    needs_review: bool
    doubts: tuple[Doubt, ...] = ()
    model: str = ""
    likelihood: float = 0.0


@dataclass(frozen=True, slots=True)
class _Finding:
    """A kind that may lead, with what speaks for it and the grade it would have."""

    kind: Kind
    grade: Grade
    evidence: Evidence
    is_at_home: bool

    @property
    def is_safety(self) -> bool:
        return self.grade in SAFETY_GRADES and self.kind.group != "X"

    @property
    def rank(self) -> tuple[int, bool, float, str]:
        """Gravest first, then harm at home, then the better supported; X kinds come last."""
        gravity = len(GRAVITY) if self.kind.group == "X" else GRAVITY[self.grade]
        return gravity, not self.is_at_home, -self.evidence.score, self.kind.code


def classify(
    text: str,
    given_kind: str | None,
    nature: Nature | None,
    screening: Screening,
    catalogue: Catalogue,
) -> Classification:
    """What kind of request `text` is, after the safety screen.

    The gravest kind with real evidence leads; the kind an operator gave is kept unless a graver
    harm was found. Wanting advice or making a suggestion never hides a harm. Without cue, child
    and signal the message is outside the desk's remit; with a child but no cue a person decides.

    Args:
        text: The message as it came.
        given_kind: The operator's choice, if any.
        nature: What the caller wants, if already known; otherwise guessed.
        screening: The screen's result on the same text.
        catalogue: Kinds and cues.

    Raises:
        UnknownKindError: `given_kind` is not in the catalogue.
    """
    clean = normalise(text)
    return classify_clean(clean, weigh(catalogue.kind_cues, clean), given_kind, nature, screening, catalogue)


def classify_clean(
    clean: str,
    weighed: Mapping[str, Evidence],
    given_kind: str | None,
    nature: Nature | None,
    screening: Screening,
    catalogue: Catalogue,
) -> Classification:
    """Like `classify`, for a normalised message whose cues of kinds are weighed already.

    Raises:
        UnknownKindError: `given_kind` is not in the catalogue.
    """
    if given_kind is not None and given_kind not in catalogue.kinds:
        raise UnknownKindError(f"no kind {given_kind} in the catalogue; choose one of its codes")
    nature = nature or guess_nature(clean, screening, catalogue)
    findings = _findings(weighed, nature, screening, catalogue)
    lead, others = _choose(findings, weighed, screening, catalogue, nature)
    if given_kind not in (None, UNCLASSIFIED):
        given = _finding(catalogue.kinds[given_kind], weighed, nature, screening)
        lead, others = _with_given(given, lead, others, screening)
    certainty = _confidence(lead, others)
    if given_kind == lead.kind.code:
        certainty = max(certainty, _GIVEN_CONFIDENCE)
    return _conclude(lead, others, nature, screening, certainty)


def guess_nature(clean: str, screening: Screening, catalogue: Catalogue) -> Nature:
    """What the caller of normalised text wants; harm without a word of wish is a call for help."""
    weighed = weigh(catalogue.nature_cues, clean)
    order = [each.nature for each in catalogue.natures]
    best = max(order, key=lambda each: weighed.get(each, _NOTHING).score)
    if weighed:
        return best
    return Nature.HELP if screening.harm else Nature.COMPLAINT


def _findings(
    weighed: Mapping[str, Evidence], nature: Nature, screening: Screening, catalogue: Catalogue
) -> list[_Finding]:
    """Kinds with real evidence, best first; without a child only those the screen points to."""
    pointed_at = {each.kind for each in _harm_signals(screening, catalogue)}
    kinds = (
        catalogue.kinds[code]
        for code, evidence in weighed.items()
        if evidence.score >= REAL_EVIDENCE and code not in (OUTSIDE, UNCLASSIFIED)
    )
    allowed = (
        kind for kind in kinds if screening.child_mentioned or kind.group == "X" or kind.code in pointed_at
    )
    found = (_finding(kind, weighed, nature, screening) for kind in allowed)
    believed = (each for each in found if screening.harm or not _is_unconfirmed(each))
    return sorted(believed, key=lambda each: each.rank)


def _is_unconfirmed(finding: _Finding) -> bool:
    return finding.is_safety and finding.evidence.score < UNCONFIRMED_HARM


def _finding(
    kind: Kind, weighed: Mapping[str, Evidence], nature: Nature, screening: Screening
) -> _Finding:
    grade = grade_of(kind, nature, screening)
    evidence = weighed.get(kind.code, replace(_NOTHING, owner=kind.code))
    return _Finding(kind, grade, evidence, screening.guardian_suspect and kind.guardian_may_be_offender)


def _choose(
    findings: list[_Finding],
    weighed: Mapping[str, Evidence],
    screening: Screening,
    catalogue: Catalogue,
    nature: Nature,
) -> tuple[_Finding, list[_Finding]]:
    """The leading kind and the others."""
    if screening.harm:
        findings = _with_harm_kind(findings, weighed, screening, catalogue, nature)
    elif _is_outside(findings, weighed, screening):
        return _finding(catalogue.kinds[OUTSIDE], weighed, nature, screening), findings
    if not findings:
        weak = UNCLASSIFIED if screening.child_mentioned else OUTSIDE
        return _finding(catalogue.kinds[weak], weighed, nature, screening), []
    strongest = max(each.evidence.score for each in findings)
    real = [each for each in findings if _may_lead(each, strongest, screening)]
    lead = (real or findings)[0]
    return lead, [each for each in findings if each is not lead]


def _may_lead(finding: _Finding, strongest: float, screening: Screening) -> bool:
    """Confirmed harm leads on any real evidence; everything else must compare with the strongest."""
    if finding.is_safety and screening.harm:
        return True
    return finding.evidence.score >= _COMPARABLE * strongest


def _is_outside(findings: list[_Finding], weighed: Mapping[str, Evidence], screening: Screening) -> bool:
    """Whether other matters outweigh every kind of the desk, with no harm heard."""
    outside = weighed.get(OUTSIDE, _NOTHING).score
    if not screening.child_mentioned and not screening.signals and not findings:
        return True
    strongest = max((each.evidence.score for each in findings), default=0.0)
    about_children = weighed.get(UNCLASSIFIED, _NOTHING).score
    return outside >= REAL_EVIDENCE and outside > strongest + about_children


def _with_harm_kind(
    findings: list[_Finding],
    weighed: Mapping[str, Evidence],
    screening: Screening,
    catalogue: Catalogue,
    nature: Nature,
) -> list[_Finding]:
    """`findings`, with the kind of the gravest harm signal added when no kind found is as grave."""
    signals = _harm_signals(screening, catalogue)
    if not signals:
        return [each for each in findings if each.kind.group != "X"]
    signal = signals[0]
    floor = screening.grade_floor
    if any(each.kind.group != "X" and (floor is None or not is_graver(floor, each.grade)) for each in findings):
        return findings
    code = signal.guardian_kind if screening.guardian_suspect and signal.guardian_kind else signal.kind
    if code is None:
        return findings
    added = _finding(catalogue.kinds[code], weighed, nature, screening)
    added = replace(added, grade=graver(added.grade, floor or added.grade))
    if added.is_safety:
        added = replace(added, evidence=replace(added.evidence, score=max(added.evidence.score, REAL_EVIDENCE)))
    return sorted([*(each for each in findings if each.kind.code != code), added], key=lambda each: each.rank)


def _harm_signals(screening: Screening, catalogue: Catalogue) -> list[Signal]:
    """The harm signals heard, gravest first, else in the catalogue's order."""
    heard = [each for each in catalogue.signals if each.harm and each.id in screening.signals]
    return sorted(heard, key=lambda each: GRAVITY[each.grade or Grade.U3])


def _with_given(
    given: _Finding, lead: _Finding, others: list[_Finding], screening: Screening
) -> tuple[_Finding, list[_Finding]]:
    """The operator's kind leads, unless a graver harm was found: then it stands beside."""
    found = [each for each in (lead, *others) if each.kind.code not in (given.kind.code, UNCLASSIFIED, OUTSIDE)]
    overruled = lead.kind.code != given.kind.code and (
        (lead.is_safety and is_graver(lead.grade, given.grade))
        or (given.kind.group == "X" and screening.harm and lead.kind.group != "X")
    )
    if overruled and screening.harm:
        rest = [each for each in found if each is not lead]
        return lead, sorted([given, *rest], key=lambda each: each.rank)
    return given, found


def _confidence(lead: _Finding, others: Iterable[_Finding]) -> float:
    if lead.kind.code == UNCLASSIFIED or not lead.evidence.score:
        return 0.0
    second = max((each.evidence.score for each in others), default=0.0)
    share = lead.evidence.score / (lead.evidence.score + second)
    return round(min(1.0, lead.evidence.score / _ENOUGH_SCORE) * share, 2)


def _conclude(
    lead: _Finding, others: list[_Finding], nature: Nature, screening: Screening, confidence: float
) -> Classification:
    kept = others[:_MOST_ALSO]
    floor = screening.grade_floor
    grade = lead.grade if floor is None else graver(lead.grade, floor)
    harm = screening.harm or lead.is_safety
    callback = max((each.kind.callback for each in (lead, *kept)), key=_CALLBACK_CARE.__getitem__)
    if screening.guardian_suspect:
        callback = max(callback, CallbackClass.REPORTER_ONLY, key=_CALLBACK_CARE.__getitem__)
    doubts = _doubts(lead.kind.code, confidence, grade)
    return Classification(
        kind=lead.kind.code,
        also=tuple(each.kind.code for each in kept),
        grade=grade,
        nature=nature,
        mandatory_report=screening.mandatory_report or (lead.kind.mandatory_report if harm else ()),
        harm=harm,
        guardian_suspect=screening.guardian_suspect,
        callback=callback,
        confidence=confidence,
        cues=lead.evidence.cues,
        needs_review=bool(doubts),
        doubts=doubts,
    )


def _doubts(kind: str, confidence: float, grade: Grade) -> tuple[Doubt, ...]:
    if kind == UNCLASSIFIED:
        return (Doubt.CANNOT_CLASSIFY,)
    if confidence < _REVIEW_BELOW and kind != OUTSIDE and grade not in SAFETY_GRADES:
        return (Doubt.LOW_CONFIDENCE,)
    return ()
