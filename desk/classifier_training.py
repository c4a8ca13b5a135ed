"""Training a model: for this desk, or, as `python -m desk.classifier_training`, the one that is delivered."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalogue.loader import Catalogue, load_catalogue
from classifier.corpus_files import HERE, TRAINING, training_examples
from classifier.delivered import PATH
from classifier.lessons import Lesson
from classifier.model_file import digest_of_model, packed
from classifier.training import learn
from desk.cli.tables import show_line
from tasks.classifying.classification import UNCLASSIFIED
from tasks.classifying.teaching import lessons_of, owners_in, primer_of, taught_cases
from tasks.workplace import Workplace


@dataclass(frozen=True)
class Trained:
    """A packed model, and what it was learned from."""

    content: bytes
    corpus: int
    confirmed: int
    seconds: float

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hex."""
        return digest_of_model(self.content)


def train(place: Workplace, actor: str, now: datetime) -> Trained:
    """Learn from the corpus and from the confirmed cases of this desk that are not held out.

    Raises:
        RuleFileError: A line of the corpus cannot be read.
    """
    return _train(place.catalogue, taught_cases(place, place.catalogue, actor, now).to_learn)


def train_delivered() -> Trained:
    """Learn from the corpus alone.

    Raises:
        RuleFileError: A line of the corpus cannot be read.
    """
    return _train(load_catalogue(), ())


def corpus_digest(folder: Path = HERE) -> str:
    """SHA-256, in hex, of the corpus's training part."""
    total = hashlib.sha256()
    for path in sorted(folder.glob(TRAINING)):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _train(catalogue: Catalogue, confirmed: Sequence[Lesson]) -> Trained:
    started = time.monotonic()
    corpus = tuple(lessons_of(training_examples(), catalogue))
    kinds = [code for code in catalogue.kinds if code != UNCLASSIFIED]
    reader = learn([*corpus, *confirmed], kinds, owners_in(catalogue), primer_of(catalogue))
    story = {"corpus": corpus_digest(), "texts": len(corpus), "confirmed": len(confirmed)}
    return Trained(packed(reader, story), len(corpus), len(confirmed), time.monotonic() - started)


if __name__ == "__main__":
    delivered = train_delivered()
    PATH.write_bytes(delivered.content)
    show_line(f"{PATH.name}: {delivered.corpus} texts, {delivered.seconds:.0f} s, {delivered.digest}")
