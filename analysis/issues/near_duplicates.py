"""Reports told twice: texts that share most of their short runs are merged, and count as weight."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from analysis.issues.pieces import Hashes, Integers, runs_of
from analysis.issues.settings import NearDuplicateSettings

_BINS, _ROWS = 64, 4
_EMPTY = np.iinfo(np.uint64).max
_AT_ONCE = 4_000


def same_reports(texts: Sequence[str], settings: NearDuplicateSettings) -> Integers:
    """A number for each text; those that are one report told twice have the same, counted from 0.

    Every text's runs fall into 64 bins by their hash, and the least of each bin is its sketch. Two texts
    that agree in any band of four bins are compared by the share of bins in which they agree, which
    estimates the share of runs they have in common within about six percent.

    Args:
        texts: Normalised, without line breaks.
        settings: How much must be shared; texts too short for that must be equal.
    """
    sketches, sizes = _sketches(texts, settings.piece)
    long = sizes >= settings.least_pieces
    left, right = _pairs_of_sketches(sketches, long, settings.same_from)
    equal_left, equal_right = _pairs_of_equals(texts)
    rows, columns = np.concatenate((left, equal_left)), np.concatenate((right, equal_right))
    graph = coo_matrix((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(len(texts), len(texts)))
    _, numbers = connected_components(graph, directed=False)
    own: Integers = numbers.astype(np.int64)
    return own


def _sketches(texts: Sequence[str], piece: int) -> tuple[Hashes, Integers]:
    sketches = np.full((len(texts), _BINS), _EMPTY, dtype=np.uint64)
    sizes = np.zeros(len(texts), dtype=np.int64)
    for at in range(0, len(texts), _AT_ONCE):
        runs = runs_of(texts[at : at + _AT_ONCE], piece)
        bins = (runs.hashed & np.uint64(_BINS - 1)).astype(np.int64)
        np.minimum.at(sketches[at : at + _AT_ONCE].reshape(-1), runs.text * _BINS + bins, runs.hashed >> np.uint64(6))
        sizes[at : at + _AT_ONCE] += np.bincount(runs.text, minlength=len(texts[at : at + _AT_ONCE]))
    return _filled(sketches, sizes > 0), sizes


def _filled(sketches: Hashes, any_runs: npt.NDArray[np.bool_]) -> Hashes:
    """Empty bins borrow from the next one that is not, or short texts would have hardly a band to agree in."""
    while len(rows := np.flatnonzero(any_runs & (sketches == _EMPTY).any(axis=1))):
        own = sketches[rows]
        sketches[rows] = np.where(own == _EMPTY, np.roll(own, -1, axis=1), own)
    return sketches


def _pairs_of_sketches(
    sketches: Hashes, long: npt.NDArray[np.bool_], same_from: float
) -> tuple[Integers, Integers]:
    """Pairs worth merging; within a band's bucket every text is compared with the first and the one before."""
    found_left, found_right = [], []
    for band in range(0, _BINS, _ROWS):
        rows = sketches[:, band : band + _ROWS]
        usable = np.flatnonzero(long)
        order = usable[np.lexsort(rows[usable].T)]
        same = (rows[order[1:]] == rows[order[:-1]]).all(axis=1)
        after = np.flatnonzero(same) + 1
        starts = np.maximum.accumulate(np.where(np.concatenate(([True], ~same)), np.arange(len(order)), 0)) if len(order) else order
        found_left += [order[after - 1], order[starts[after]]]
        found_right += [order[after], order[after]]
    pairs = np.unique(np.stack((np.concatenate(found_left), np.concatenate(found_right)), axis=1), axis=0)
    left, right = pairs[pairs[:, 0] != pairs[:, 1]].T
    alike = _agreement(sketches, left, right) >= same_from
    return left[alike], right[alike]


def _agreement(sketches: Hashes, left: Integers, right: Integers) -> npt.NDArray[np.float64]:
    shares = np.empty(len(left))
    for at in range(0, len(left), 20_000):
        ours, theirs = sketches[left[at : at + 20_000]], sketches[right[at : at + 20_000]]
        shares[at : at + 20_000] = (ours == theirs).mean(axis=1)
    return shares


def _pairs_of_equals(texts: Sequence[str]) -> tuple[Integers, Integers]:
    first: dict[str, int] = {}
    pairs = [(first.setdefault(text, at), at) for at, text in enumerate(texts) if text]
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return left[left != right], right[left != right]
