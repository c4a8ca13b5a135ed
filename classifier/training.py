"""Learning a model from labelled requests, with scikit-learn.

Every head is a logistic regression on the runs of a message. The heads of danger also learn from
passages: a request of a page tells of harm in one clause, so a harmful message is learned from its
worst passages and a harmless one from all of them (multiple-instance learning, two rounds). How
sure the model may be is measured on messages it did not learn from.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from classifier.features import features_of, run_hashes, shortened, tokens_of
from classifier.lessons import Lesson
from classifier.matrix import rows_of, vocabulary_of
from classifier.reader import EVIDENCE_FULL, SCOPE, SPAN_HEADS, Reader, windows_of

FOLDS = 5
ROUNDS = 2
_WORST = 2
_STRENGTH_KIND, _STRENGTH_DANGER = 20.0, 8.0
_FALSE_ALARMS_SURE, _FALSE_ALARMS_MAYBE = 0.02, 0.15

Floats = npt.NDArray[np.float64]
Primer = tuple[str, str]
"""Normalised words and the kind they belong to."""


def learn(lessons: Sequence[Lesson], kinds: Sequence[str], owners: tuple[str, ...], primer: Sequence[Primer] = ()) -> Reader:
    """A model of these lessons, with its probabilities and thresholds measured across folds.

    Args:
        lessons: At least some hundreds, of every kind.
        kinds: The codes to tell apart; one that no lesson has is never proposed.
        owners: Whose cues count: kinds and signals.
        primer: Words that belong to a kind, such as its name and cues; the heads of kinds learn from
            them too, those of danger do not.
    """
    names = (*kinds, *SPAN_HEADS, SCOPE)
    folds = np.arange(len(lessons)) % FOLDS
    np.random.default_rng(12345).shuffle(folds)
    best, whole = np.zeros((len(lessons), len(SPAN_HEADS))), np.zeros((len(lessons), len(names)))
    for fold in range(FOLDS):
        model = _fit([each for each, at in zip(lessons, folds, strict=True) if at != fold], names, owners, primer)
        for at in np.flatnonzero(folds == fold).tolist():
            best[at], whole[at] = model.raw_scores(lessons[at].clean, lessons[at].evidence)
    return _calibrated(_fit(lessons, names, owners, primer), lessons, best, whole)


def _fit(
    lessons: Sequence[Lesson], names: tuple[str, ...], owners: tuple[str, ...], primer: Sequence[Primer]
) -> Reader:
    found = [features_of(each.clean) for each in lessons]
    vocabulary, idf = vocabulary_of(found)
    runs = rows_of(found, vocabulary, idf)
    cues = _cues(lessons, owners)
    rows = hstack([runs, cues]).tocsr()
    whole, bias, evidence = _heads(rows, lessons, names, len(vocabulary))
    taught = rows_of([features_of(clean) for clean, _ in primer], vocabulary, idf)
    taught = hstack([taught, csr_matrix((len(primer), cues.shape[1]))])
    _kind_heads(vstack([rows, taught]).tocsr(), lessons, primer, names, (whole, bias, evidence))
    span, span_bias = _span_heads(lessons, vocabulary, idf)
    return Reader(
        vocabulary=vocabulary,
        idf=idf.astype(np.float32),
        whole=(whole * idf[:, None]).astype(np.float32),
        whole_bias=bias.astype(np.float32),
        span=(span * idf[:, None]).astype(np.float32),
        span_bias=span_bias.astype(np.float32),
        evidence=evidence.astype(np.float32),
        joined=np.zeros((len(SPAN_HEADS), 4), dtype=np.float32),
        certainty=np.zeros(3, dtype=np.float32),
        names=names,
        owners=owners,
        sure=1.0,
        maybe=1.0,
    )


def _cues(lessons: Sequence[Lesson], owners: Sequence[str]) -> csr_matrix:
    column = {owner: at for at, owner in enumerate(owners)}
    table = np.zeros((len(lessons), len(owners)))
    for row, each in enumerate(lessons):
        for owner, score in each.evidence.items():
            if owner in column:
                table[row, column[owner]] = min(score, EVIDENCE_FULL) / EVIDENCE_FULL
    return csr_matrix(table)


def _heads(
    rows: csr_matrix, lessons: Sequence[Lesson], names: Sequence[str], width: int
) -> tuple[Floats, Floats, Floats]:
    """Weights of the runs, the biases, and weights of the cues; the kinds' own are still to be learned."""
    weights, bias = np.zeros((rows.shape[1], len(names))), np.full(len(names), -8.0)
    for column in range(names.index(SPAN_HEADS[0]), len(names)):
        head = names[column]
        truth = np.array([each.truth(head) for each in lessons])
        if truth.all() or not truth.any():
            continue
        if head in SPAN_HEADS:
            # The cues have their own say about danger: this is to be a second, independent opinion.
            weights[:width, column], bias[column] = _regression(rows[:, :width], truth, _STRENGTH_DANGER)
        else:
            weights[:, column], bias[column] = _regression(rows, truth, _STRENGTH_KIND)
    return weights[:width], bias, weights[width:]


def _kind_heads(
    rows: csr_matrix,
    lessons: Sequence[Lesson],
    primer: Sequence[Primer],
    names: Sequence[str],
    into: tuple[Floats, Floats, Floats],
) -> None:
    """Learn the heads of kinds again, from lessons and primer; a rare kind weighs as much as a common one."""
    weights, bias, evidence = into
    for column, head in enumerate(names[: names.index(SPAN_HEADS[0])]):
        truth = np.array([*(each.truth(head) for each in lessons), *(kind == head for _, kind in primer)])
        if truth.all() or not truth.any():
            continue
        found, bias[column] = _regression(rows, truth, _STRENGTH_KIND, _balanced(truth))
        weights[:, column], evidence[:, column] = found[: len(weights)], found[len(weights) :]


def _balanced(truth: npt.NDArray[np.bool_]) -> Floats:
    """Weights that let both sides of a question count as much, and one message as one on average."""
    yes = truth.sum()
    return np.asarray(np.where(truth, len(truth) / (2 * yes), len(truth) / (2 * (len(truth) - yes))), dtype=np.float64)


def _regression(
    rows: csr_matrix, truth: npt.NDArray[np.bool_], strength: float, weights: Floats | None = None
) -> tuple[Floats, float]:
    # The dual form is several times faster where there are far more runs than messages.
    fitted = LogisticRegression(C=strength, solver="liblinear", dual=True, tol=1e-2, max_iter=1000, random_state=1)
    fitted.fit(rows, truth, sample_weight=weights)
    return fitted.coef_[0], float(fitted.intercept_[0])


def _span_heads(
    lessons: Sequence[Lesson], vocabulary: npt.NDArray[np.uint32], idf: Floats
) -> tuple[Floats, Floats]:
    """Weights and biases of the heads that judge passages."""
    passages, owner = [], []
    for number, each in enumerate(lessons):
        tokens = tokens_of(shortened(each.clean))
        for begin, end in windows_of(len(tokens)):
            passages.append(np.unique(run_hashes(tokens[begin:end])))
            owner.append(number)
    rows, belongs = rows_of(passages, vocabulary, idf), np.array(owner)
    weights, bias = np.zeros((len(vocabulary), len(SPAN_HEADS))), np.zeros(len(SPAN_HEADS))
    for column, head in enumerate(SPAN_HEADS):
        truth = np.array([each.truth(head) for each in lessons])
        weights[:, column], bias[column] = _from_passages(rows, belongs, truth)
    return weights, bias


def _from_passages(
    rows: csr_matrix, belongs: npt.NDArray[np.int64], truth: npt.NDArray[np.bool_]
) -> tuple[Floats, float]:
    """A head learned from the worst passages of true messages and every passage of the others."""
    share = 1.0 / np.bincount(belongs)[belongs]
    heavy = np.where(truth[belongs], share, np.sqrt(share))
    coefficients, bias = _regression(rows, truth[belongs], _STRENGTH_DANGER, heavy)
    for _ in range(ROUNDS):
        kept = ~truth[belongs] | _worst(rows @ coefficients, belongs)
        coefficients, bias = _regression(rows[kept], truth[belongs][kept], _STRENGTH_DANGER, heavy[kept])
    return coefficients, bias


def _worst(scores: Floats, belongs: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """The highest passages of each message."""
    order = np.lexsort((-scores, belongs))
    first = np.searchsorted(belongs[order], belongs[order], side="left")
    kept = np.zeros(len(scores), dtype=bool)
    kept[order] = np.arange(len(scores)) - first < _WORST
    return kept


def _calibrated(model: Reader, lessons: Sequence[Lesson], best: Floats, whole: Floats) -> Reader:
    """`model` with probabilities and thresholds from scores of messages it had not seen."""
    more = np.array([np.log(len(windows_of(len(tokens_of(shortened(each.clean)))))) for each in lessons])
    first = model.names.index(SPAN_HEADS[0])
    joined = np.zeros((len(SPAN_HEADS), 4))
    danger = np.zeros(len(lessons))
    for column, head in enumerate(SPAN_HEADS):
        rows = np.stack([best[:, column], whole[:, first + column], more], axis=1)
        truth = np.array([each.truth(head) for each in lessons])
        fitted = LogisticRegression(C=10.0).fit(rows, truth)
        joined[column] = [*fitted.coef_[0], fitted.intercept_[0]]
        if head == "harm":
            danger = fitted.predict_proba(rows)[:, 1]
    harmless = danger[np.array([not each.harm for each in lessons])]
    return replace(
        model,
        joined=joined.astype(np.float32),
        certainty=_certainty(model, lessons, whole[:, :first]),
        sure=float(np.quantile(harmless, 1 - _FALSE_ALARMS_SURE)),
        maybe=float(np.quantile(harmless, 1 - _FALSE_ALARMS_MAYBE)),
    )


def _certainty(model: Reader, lessons: Sequence[Lesson], of_kinds: Floats) -> npt.NDArray[np.float32]:
    order = np.argsort(-of_kinds, axis=1)
    rows = np.arange(len(lessons))
    top, second = of_kinds[rows, order[:, 0]], of_kinds[rows, order[:, 1]]
    right = np.array(
        [model.names[at] in each.example.kinds for at, each in zip(order[:, 0], lessons, strict=True)]
    )
    if right.all() or not right.any():
        return np.array([0.0, 0.0, 3.0 if right.all() else -3.0], dtype=np.float32)
    fitted = LogisticRegression(C=10.0).fit(np.stack([top, top - second], axis=1), right)
    return np.array([*fitted.coef_[0], fitted.intercept_[0]], dtype=np.float32)
