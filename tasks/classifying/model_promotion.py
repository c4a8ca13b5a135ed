"""A learned model goes live, if it catches no less than the one it follows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from classifier.corpus_files import held_out_examples
from classifier.delivered import PATH, delivered_reader
from classifier.lessons import Lesson
from classifier.model_file import digest_of_model, unpacked
from classifier.reader import Reader
from models.house import HouseVersion
from models.vocabulary import Versioned
from tasks.classifying.model_trial import Trial, check_recall_holds, trial
from tasks.classifying.teaching import lessons_of, taught_cases
from tasks.house.versions import (
    HouseCandidate,
    HouseWish,
    VersionOvertakenError,
    live_version,
    promote_version,
    version,
)
from tasks.workplace import Workplace

INSTALLED = "installed"


@dataclass(frozen=True)
class Comparison:
    """Two models on the same requests that neither learned from: the corpus's part and the desk's own."""

    live: Mapping[str, Trial]
    wanted: Mapping[str, Trial]

    @property
    def report(self) -> dict[str, Any]:
        """Counts only, for the record of the promotion."""
        return {
            "live": {name: each.report for name, each in self.live.items()},
            "wanted": {name: each.report for name, each in self.wanted.items()},
        }

    def check(self) -> None:
        """Return if the wanted model may follow the live one.

        Raises:
            PromotionRefusedError: It catches less harm, or less that is urgent, on either part.
        """
        for name, tried in self.live.items():
            check_recall_holds(tried, self.wanted[name])


def compare_models(place: Workplace, wanted: Reader, actor: str, now: datetime) -> Comparison:
    """Try the live model and the wanted one; reading the desk's own cases is logged first."""
    parts = held_out_parts(place, actor, now)
    return Comparison(
        live={name: trial(place.reader, place.catalogue, lessons) for name, lessons in parts.items()},
        wanted={name: trial(wanted, place.catalogue, lessons) for name, lessons in parts.items()},
    )


def held_out_parts(place: Workplace, actor: str, now: datetime) -> dict[str, Sequence[Lesson]]:
    """What models are tried on, by where it comes from; a part without lessons is left out."""
    own = taught_cases(place, place.catalogue, actor, now).held_out
    corpus = tuple(lessons_of(held_out_examples(), place.catalogue))
    return {name: lessons for name, lessons in (("corpus", corpus), ("confirmed", own)) if lessons}


def promote_model(
    place: Workplace, content: bytes, compared: Comparison, wish: HouseWish, now: datetime
) -> HouseVersion:
    """Make a packed model live, durable when this returns; workers and pages take it up by themselves.

    Raises:
        ModelFileError: It is no model of this release.
        PromotionRefusedError: It catches less than the live one, another model went live
            meanwhile, or it is live already.
    """
    story = unpacked(content, "the model")[1]
    compared.check()
    reports = {"compared": compared.report, "story": story}
    candidate = HouseCandidate({}, digest_of_model(content), reports, content)
    return promote_version(place, Versioned.CLASSIFIER, candidate, wish, now)


def roll_back_model(
    place: Workplace, number: int, compared: Comparison, wish: HouseWish, now: datetime
) -> HouseVersion:
    """Make an earlier model live again under a new number; what it misses more is on record, not refused.

    A model that misbehaves has to go at once; the way back is therefore always open.

    Raises:
        UnknownVersionError: There is no such version.
        PromotionRefusedError: Another model went live meanwhile, or this one is live already.
    """
    with place.database.reading() as session:
        earlier = version(session, Versioned.CLASSIFIER, number)
    reports = {"compared": compared.report, "story": earlier.reports.get("story", {})}
    candidate = HouseCandidate({}, earlier.digest, reports, earlier.blob)
    back = HouseWish(wish.onto, wish.by, wish.reason, rolls_back_to=number)
    return promote_version(place, Versioned.CLASSIFIER, candidate, back, now)


def settle_classifier(place: Workplace, now: datetime) -> Iterator[str]:
    """Make sure that a model is live; the model of a newer release is never taken up in silence."""
    with place.database.reading() as session:
        live = live_version(session, Versioned.CLASSIFIER)
    delivered = delivered_reader()
    if live is None:
        candidate = HouseCandidate({}, delivered.digest, {"story": {}}, PATH.read_bytes())
        try:
            wish = HouseWish(None, INSTALLED, "the model that came with the release")
            live = promote_version(place, Versioned.CLASSIFIER, candidate, wish, now)
        except VersionOvertakenError:
            yield "classifier: another process has just made the first version live"
            return
    yield f"classifier: version {live.number} is live"
    if live.digest != delivered.digest:
        yield (
            "classifier: this release brings another model than the live one, which stays;"
            f" compare with `whistle classifier evaluate {PATH}`"
        )
