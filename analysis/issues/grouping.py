"""Grouping by average likeness (average linkage), exactly, on sparse rows and without all pairs.

Two groups join when each is the other's most alike and their members are alike on average from a
threshold on. A group that is that much like no other can never become so by the joining of others,
because an average is never above its parts; so it is done, and each round looks at what is left.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags

from analysis.issues.features import weightiest
from analysis.issues.pieces import Integers
from analysis.issues.settings import GroupingSettings

_AT_ONCE = 1_024
_TERMS_OF_A_GROUP = 192


@dataclass
class _Groups:
    """Those that may still join: rows of sums, how many members each has, and the number it goes by."""

    sums: csr_matrix
    sizes: Integers
    names: Integers


def group(features: csr_matrix, settings: GroupingSettings) -> Integers:
    """A number for each row, the first row of its group; the same rows in the same order give the same.

    Args:
        features: Rows whose product is their likeness.
        settings: `alike_from`; `most_rounds` ends what would take too long, with smaller groups.
    """
    own = np.arange(features.shape[0], dtype=np.int64)
    groups = _Groups(features, np.ones_like(own), own.copy())
    for _ in range(settings.most_rounds):
        best = _most_alike(groups, settings.alike_from)
        undone = np.flatnonzero(best >= 0)
        if not len(undone):
            break
        mutual = undone[(best[best[undone]] == undone) & (undone < best[undone])]
        joined = groups.names.copy()
        joined[best[mutual]] = groups.names[mutual]
        own = _renamed(own, groups.names[best[mutual]], groups.names[mutual])
        groups = _merged(groups, joined, undone)
    return own


def _most_alike(groups: _Groups, alike_from: float) -> Integers:
    """The most alike other group of each, the first of equals; -1 if none is alike enough."""
    means = diags(1 / groups.sizes).astype(np.float32) @ groups.sums
    turned = means.T.tocsr()
    count = means.shape[0]
    best = np.full(count, -1, dtype=np.int64)
    for at in range(0, count, _AT_ONCE):
        alike = (means[at : at + _AT_ONCE] @ turned).tocoo()
        rows, columns, values = alike.row + at, alike.col, alike.data
        # Rounded, so that a pair sees the same number from both sides and always agrees.
        values = np.round(values.astype(np.float64), 5)
        wanted = (values >= alike_from) & (rows != columns)
        rows, columns, values = rows[wanted], columns[wanted], values[wanted]
        lower, upper = np.minimum(rows, columns), np.maximum(rows, columns)
        order = np.lexsort((upper, lower, -values, rows))
        rows, columns = rows[order], columns[order]
        first = np.concatenate(([True], rows[1:] != rows[:-1])) if len(rows) else np.zeros(0, dtype=bool)
        best[rows[first]] = columns[first]
    return best


def _renamed(own: Integers, old: Integers, new: Integers) -> Integers:
    names = np.arange(len(own), dtype=np.int64)
    names[old] = new
    renamed: Integers = names[own]
    return renamed


def _merged(groups: _Groups, joined: Integers, undone: Integers) -> _Groups:
    names, place = np.unique(joined[undone], return_inverse=True)
    ones = np.ones(len(undone), dtype=np.float32)
    adding = csr_matrix((ones, (place, undone)), shape=(len(names), groups.sums.shape[0]))
    sizes = np.bincount(place, weights=groups.sizes[undone]).astype(np.int64)
    return _Groups(weightiest(adding @ groups.sums, _TERMS_OF_A_GROUP), sizes, names)
