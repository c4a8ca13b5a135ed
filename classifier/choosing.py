"""Choosing one of several classes with the same runs and regressions: for measuring our way of reading elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from classifier.features import features_of
from classifier.matrix import rows_of, vocabulary_of

_STRENGTH = 20.0


@dataclass(frozen=True)
class Chooser:
    """One linear head for each class; the highest score is the choice."""

    vocabulary: npt.NDArray[np.uint32]
    idf: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]
    classes: tuple[str, ...]

    def choose(self, clean: str) -> str:
        """The likeliest class of normalised text."""
        row = rows_of([features_of(clean)], self.vocabulary, self.idf)
        return self.classes[int(np.argmax(row @ self.weights + self.bias))]


def learn_choice(pairs: Sequence[tuple[str, str]]) -> Chooser:
    """A chooser learned from normalised texts and their classes, of which there are at least two."""
    found = [features_of(clean) for clean, _ in pairs]
    vocabulary, idf = vocabulary_of(found)
    rows = rows_of(found, vocabulary, idf)
    labels = np.array([label for _, label in pairs])
    classes = tuple(sorted(set(labels.tolist())))
    weights, bias = np.zeros((len(vocabulary), len(classes))), np.zeros(len(classes))
    for column, each in enumerate(classes):
        fitted = LogisticRegression(C=_STRENGTH, class_weight="balanced", solver="liblinear", max_iter=200)
        fitted.fit(rows, labels == each)
        weights[:, column], bias[column] = fitted.coef_[0], fitted.intercept_[0]
    return Chooser(vocabulary, idf, weights, bias, classes)
