"""Pairs of rows that are alike, without looking at all pairs.

A pair is looked at if it shares one of the weightiest runs of both that not too many texts have; what such
runs alone make alike is a lower bound, so the most alike of each row are measured again on whole rows.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from analysis.issues.features import weightiest
from analysis.issues.pieces import Integers, distinct
from analysis.issues.settings import GroupingSettings

_ROWS_AT_ONCE, _PAIRS_AT_ONCE, _SIDE_BY_SIDE = 1_024, 20_000, 2
_SURE_SHARE = 0.4
_SAME_FIGURES = 5
Likeness = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Each pair once, the lower row in `left`; `alike` is rounded, so that equals are equal."""

    left: Integers
    right: Integers
    alike: Likeness

    def chosen(self, wanted: npt.NDArray[np.bool_]) -> "Pairs":
        """Some of them."""
        return Pairs(self.left[wanted], self.right[wanted], self.alike[wanted])


def alike_pairs(features: csr_matrix, settings: GroupingSettings) -> Pairs:
    """The pairs of rows from `alike_from` on, of each row at least the `neighbours` most alike that were seen.

    Args:
        features: Rows without negative numbers, whose product is their likeness.
        settings: How many runs of a row are looked up, and in how many rows one may stand.
    """
    told_in = np.bincount(features.indices, minlength=features.shape[1])
    seldom = np.where(told_in[features.indices] <= settings.looked_up_in, features.data, 0)
    looked_up = weightiest(
        csr_matrix((seldom, features.indices, features.indptr), shape=features.shape), settings.looked_up
    )
    turned = looked_up.T.tocsr()
    starts = range(0, features.shape[0], _ROWS_AT_ONCE)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        found = list(pool.map(_candidates, repeat(looked_up), repeat(turned), starts, repeat(settings)))
    keys = distinct(np.concatenate([*found, np.zeros(0, dtype=np.int64)]))
    left, right = keys // features.shape[0], keys % features.shape[0]
    alike = likeness_of(features, left, right)
    return Pairs(left, right, alike).chosen(alike >= settings.alike_from)


def likeness_of(rows: csr_matrix, left: Integers, right: Integers) -> Likeness:
    """The product of each pair of rows, to five figures."""
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        starts = range(0, len(left), _PAIRS_AT_ONCE)
        parts = list(pool.map(lambda at: _products(rows, left[at : at + _PAIRS_AT_ONCE], right[at : at + _PAIRS_AT_ONCE]), starts))
    return np.round(np.concatenate([*parts, np.zeros(0)]), _SAME_FIGURES)


def _products(rows: csr_matrix, left: Integers, right: Integers) -> Likeness:
    return np.asarray(rows[left].multiply(rows[right]).sum(axis=1), dtype=np.float64).ravel()


def _candidates(looked_up: csr_matrix, turned: csr_matrix, at: int, settings: GroupingSettings) -> Integers:
    """Pairs as one number each, of one block of rows with all others."""
    product = looked_up[at : at + _ROWS_AT_ONCE] @ turned
    rows = np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
    wanted = product.data >= _SURE_SHARE * settings.alike_from
    rows, columns, values = rows[wanted] + at, product.indices[wanted].astype(np.int64), product.data[wanted]
    others = rows != columns
    rows, columns, values = rows[others], columns[others], values[others]
    order = np.lexsort((columns, -values, rows))
    rows, columns = rows[order], columns[order]
    starts = np.searchsorted(rows, np.arange(at, at + _ROWS_AT_ONCE))
    kept = np.arange(len(rows)) - starts[rows - at] < settings.neighbours
    rows, columns = rows[kept], columns[kept]
    pairs: Integers = np.minimum(rows, columns) * looked_up.shape[0] + np.maximum(rows, columns)
    return pairs
