"""The cues and the learned model read the same message; together they decide, apart a person does.

Only danger is treated unevenly: either of the two can raise the grade, none can lower what the
other raised. Where they disagree about harm the graver reading holds and a person looks at once.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

from catalogue.loader import Catalogue
from classifier.reader import Reader, Reading
from models.grades import GRAVITY, SAFETY_GRADES, graver
from models.vocabulary import CallbackClass, Doubt, Grade
from tasks.classifying.classification import OUTSIDE, UNCLASSIFIED, Classification
from tasks.classifying.kind_grade import grade_of
from tasks.classifying.screening import Screening

HARM_GRADES = SAFETY_GRADES | {Grade.U2}
CERTAIN_ENOUGH = 0.45
GRAVE_ENOUGH = 0.5
WORTH_NAMING = 0.12
NOT_RULED_OUT = 0.1
LIKELY = 0.3
CONVINCED = 0.8
CLEAR_LEAD = 0.6
OUTSIDE_BELOW, INSIDE_FROM = 0.5, 0.65
FEW_PASSAGES = 8
BORNE_OUT = 0.2
_MOST_ALSO = 4
_PASSAGE_COUNTS = 0.8
_CALLBACK_CARE = {CallbackClass.NORMAL: 0, CallbackClass.REPORTER_ONLY: 1, CallbackClass.NONE: 2}


@dataclass(frozen=True)
class _Heard:
    """Everything the joint decision looks at."""

    cues: Classification
    reading: Reading
    reader: Reader
    screening: Screening
    catalogue: Catalogue

    @property
    def model_is_sure(self) -> bool:
        """Whether the model would act alone; of a long message it must say so of the whole as well.

        The more passages there are, the likelier one of them sounds alarming by chance.
        """
        if self.reading.harm < self.reader.sure:
            return False
        return self.reading.passages <= FEW_PASSAGES or self._share_of_grave_kinds >= BORNE_OUT

    @property
    def _share_of_grave_kinds(self) -> float:
        kinds = self.catalogue.kinds
        return sum(
            chance
            for code, chance in self.reading.kinds
            if code in kinds and kinds[code].group != "X" and kinds[code].grade in SAFETY_GRADES
        )

    @property
    def model_suspects(self) -> bool:
        return self.reading.harm >= self.reader.maybe

    @property
    def both_hear_harm(self) -> bool:
        return self.cues.harm and self.model_suspects

    @property
    def cues_are_enough(self) -> bool:
        """Whether what the cues hear is acted upon whatever the model thinks.

        In a few words a cue is what the message is about, unless the model finds harm very unlikely;
        in a letter it may stand there by chance.
        And harm that is U2 (blows or insults at school, say) goes to its department at once: nobody
        knocks at a family's door because of it, so there is nothing for a person to weigh first.
        """
        if self.cues.harm and self.reading.passages == 1 and self.reading.harm >= NOT_RULED_OUT:
            return True
        floor = self.screening.grade_floor
        return self.cues.harm and floor not in SAFETY_GRADES and self.cues.grade not in SAFETY_GRADES

    @cached_property
    def kinds(self) -> dict[str, float]:
        """The likelihood of kinds by the model: of the message, and of a passage that is surely harm."""
        found = dict(self.reading.kinds)
        for code, chance in self.reading.worst_kinds if self.model_is_sure else ():
            found[code] = max(found.get(code, 0.0), _PASSAGE_COUNTS * chance)
        return {code: chance for code, chance in found.items() if code in self.catalogue.kinds}


def join_opinions(
    cues: Classification,
    reading: Reading,
    reader: Reader,
    screening: Screening,
    catalogue: Catalogue,
    *,
    given_kind: str | None = None,
) -> Classification:
    """The joint decision on a message.

    Args:
        cues: What the cues made of it.
        reading: What the model made of it.
        reader: The model, for its thresholds and its name.
        screening: What the safety screen heard.
        catalogue: Kinds.
        given_kind: The operator's choice, which stands unless a graver harm was found.
    """
    heard = _Heard(cues, reading, reader, screening, catalogue)
    if screening.danger_now or heard.model_is_sure or heard.both_hear_harm or heard.cues_are_enough:
        decided = _harm(heard)
    elif cues.harm or heard.model_suspects:
        decided = _held_for_harm(heard)
    else:
        decided = _ordinary(heard)
    if given_kind not in (None, UNCLASSIFIED) and cues.kind == given_kind:
        decided = _beside_an_operator(heard, decided)
    return replace(decided, model=reader.digest, likelihood=round(reading.harm, 3))


def _harm(heard: _Heard) -> Classification:
    """Harm that is certain enough to act on: the gravest likely kind leads, nobody is waited for."""
    code = _harm_kind(heard)
    decided = _with_kind(heard, code)
    grade = graver(decided.grade, Grade.U2)
    if heard.model_is_sure and heard.reading.grave >= GRAVE_ENOUGH:
        grade = graver(grade, Grade.U1)
    doubts = () if heard.catalogue.kinds[code].lead else (Doubt.CANNOT_CLASSIFY,)
    return replace(decided, harm=True, grade=grade, needs_review=bool(doubts), doubts=doubts)


def _held_for_harm(heard: _Heard) -> Classification:
    """One of the two hears harm, the other does not: the graver reading holds until a person looks."""
    harmful = _harm_kind(heard)
    code = harmful if _names_a_harm(heard) else _ordinary_kind(heard)
    decided = _with_kind(heard, code)
    if code != harmful:
        # The suggestion is the matter as the model sees it; what the graver reading would be stands next.
        others = (each for each in decided.also if each != harmful)
        decided = replace(decided, also=(harmful, *others)[:_MOST_ALSO])
        decided = replace(decided, grade=graver(decided.grade, heard.cues.grade))
    grade = graver(decided.grade, Grade.U1 if heard.reading.grave >= GRAVE_ENOUGH else Grade.U2)
    return replace(
        decided, harm=heard.cues.harm, grade=grade, needs_review=True, doubts=(Doubt.SCREENS_DISAGREE,)
    )


def _ordinary(heard: _Heard) -> Classification:
    """No harm heard by either: the likeliest kind, and a person where the model is not certain."""
    code = _ordinary_kind(heard)
    decided = _with_kind(heard, code)
    agreed = code == heard.cues.kind
    doubts: tuple[Doubt, ...] = ()
    if code == UNCLASSIFIED:
        doubts = (Doubt.CANNOT_CLASSIFY,)
    elif not agreed and heard.reading.confidence < CERTAIN_ENOUGH and not _lead_is_clear(heard, code):
        doubts = (Doubt.LOW_CONFIDENCE,)
    harm = decided.grade in SAFETY_GRADES
    return replace(decided, harm=harm, needs_review=bool(doubts), doubts=doubts)


def _lead_is_clear(heard: _Heard, code: str) -> bool:
    """Whether most of the likely kinds go to the same department in the same grade, whichever it is."""
    kinds = heard.catalogue.kinds
    wanted = (kinds[code].lead, kinds[code].grade)
    same = sum(chance for each, chance in heard.kinds.items() if (kinds[each].lead, kinds[each].grade) == wanted)
    return same >= CLEAR_LEAD * sum(heard.kinds.values())


def _ordinary_kind(heard: _Heard) -> str:
    likely = [code for code in _by_department(heard) if not _is_grave(heard, code)]
    inside = [code for code in likely if code != OUTSIDE]
    # Two heads have a say: whether the desk is concerned, and "outside" as one kind among the others.
    concern = (heard.reading.in_scope + 1 - heard.kinds.get(OUTSIDE, 0.0)) / 2
    if concern >= INSIDE_FROM and inside:
        return inside[0]
    if concern < OUTSIDE_BELOW or not inside:
        return OUTSIDE
    return likely[0]


def _by_department(heard: _Heard) -> list[str]:
    """The likely kinds, those of the department that is likeliest over all its kinds first."""
    leads: dict[str, float] = defaultdict(float)
    kinds = heard.catalogue.kinds
    for code, chance in heard.kinds.items():
        leads[kinds[code].lead or code] += chance
    return sorted(heard.kinds, key=lambda code: (-leads[kinds[code].lead or code], -heard.kinds[code]))


def _is_grave(heard: _Heard, code: str) -> bool:
    # A kind of suspected crime needs a screen that heard harm; its name alone must not raise a case.
    return heard.catalogue.kinds[code].grade in SAFETY_GRADES


def _harm_kind(heard: _Heard) -> str:
    """The gravest likely kind in which a child is harmed; the cues' own choice if it is one."""
    by_cues = heard.cues.kind
    likely = {code: chance for code, chance in heard.kinds.items() if _is_harmful(heard, code)}
    best = max(likely.values(), default=0.0)
    named = {code for code, chance in likely.items() if chance >= max(WORTH_NAMING, best / 3)}
    if heard.cues.harm and _is_harmful(heard, by_cues):
        named.add(by_cues)
    if not named and heard.cues.harm:
        # What the cues heard beside their own choice: blows in one clause of a complaint about fees.
        named = {code for code in heard.cues.also if _is_harmful(heard, code)}
    if not named:
        named = {max(likely, key=likely.__getitem__)} if likely else {by_cues}
    return min(named, key=lambda code: (_gravity(heard, code), -likely.get(code, 0.0), code))


def _names_a_harm(heard: _Heard) -> bool:
    """Whether either reader knows which harm it would be; else the matter itself is suggested."""
    if heard.reading.confidence >= CONVINCED and not heard.model_suspects:
        return False
    if heard.cues.harm and _is_harmful(heard, heard.cues.kind):
        return True
    return any(chance >= LIKELY and _is_harmful(heard, code) for code, chance in heard.kinds.items())


def _is_harmful(heard: _Heard, code: str) -> bool:
    kind = heard.catalogue.kinds[code]
    return kind.group != "X" and kind.grade in HARM_GRADES


def _gravity(heard: _Heard, code: str) -> int:
    return GRAVITY[grade_of(heard.catalogue.kinds[code], heard.cues.nature, heard.screening)]


def _with_kind(heard: _Heard, code: str) -> Classification:
    """The cues' classification with `code` in the lead, and what follows from it."""
    kind = heard.catalogue.kinds[code]
    grade = grade_of(kind, heard.cues.nature, heard.screening)
    if heard.screening.grade_floor is not None:
        grade = graver(grade, heard.screening.grade_floor)
    others = sorted(
        {each for each in (heard.cues.kind, *heard.cues.also) if each not in (code, UNCLASSIFIED, OUTSIDE)}
        | {each for each, chance in heard.kinds.items() if chance >= WORTH_NAMING and each not in (code, OUTSIDE)},
        key=lambda each: -heard.kinds.get(each, 0.0),
    )[:_MOST_ALSO]
    callback = max((heard.cues.callback, kind.callback), key=_CALLBACK_CARE.__getitem__)
    return replace(
        heard.cues,
        kind=code,
        also=tuple(others),
        grade=grade,
        callback=callback,
        guardian_suspect=heard.cues.guardian_suspect or _guardian(heard),
        confidence=round(heard.reading.confidence, 2),
        mandatory_report=heard.screening.mandatory_report or kind.mandatory_report,
        cues=heard.cues.cues if code == heard.cues.kind else (),
    )


def _guardian(heard: _Heard) -> bool:
    return heard.model_suspects and heard.reading.guardian >= GRAVE_ENOUGH


def _beside_an_operator(heard: _Heard, decided: Classification) -> Classification:
    """The kind of an operator, who has heard the caller, leads; only a model that is sure of harm, and takes it for
    another kind, makes a person look again."""
    agreed = heard.kinds.get(heard.cues.kind, 0.0) >= CONVINCED
    if heard.cues.harm or agreed or not heard.model_is_sure or _is_harmful(heard, heard.cues.kind):
        return heard.cues
    beside = (each for each in (decided.kind, *decided.also) if each != heard.cues.kind)
    return replace(
        heard.cues,
        also=tuple(dict.fromkeys([*heard.cues.also, *beside]))[:_MOST_ALSO],
        grade=graver(heard.cues.grade, decided.grade),
        needs_review=True,
        doubts=(Doubt.SCREENS_DISAGREE,),
    )
