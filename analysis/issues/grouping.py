"""Grouping by average likeness (average linkage) on sparse rows, without all pairs.

Two groups join when each is the other's most alike and their members are alike on average from a
threshold on. An average is never above its greatest part: groups of which no two members are that much
alike can never join, so only pairs that are need to be carried along, and what has none is done.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix, vstack

from analysis.issues.features import weightiest
from analysis.issues.neighbours import Pairs, alike_pairs, likeness_of
from analysis.issues.pieces import Integers
from analysis.issues.settings import GroupingSettings

_TERMS_OF_A_GROUP = 192


@dataclass(frozen=True)
class _Groups:
    """Those that may still join: sums of rows, sizes, the number each goes by, and pairs of places in these."""

    sums: csr_matrix
    sizes: Integers
    names: Integers
    pairs: Pairs


def group(features: csr_matrix, settings: GroupingSettings) -> Integers:
    """A number for each row, the first row of its group; the same rows in the same order give the same.

    Args:
        features: Rows without negative numbers, whose product is their likeness, 0 to 1.
        settings: `alike_from`; `most_rounds` ends what would take too long, with smaller groups.
    """
    own = np.arange(features.shape[0], dtype=np.int64)
    groups = _still_open(_Groups(features, np.ones_like(own), own.copy(), alike_pairs(features, settings)))
    for _ in range(settings.most_rounds):
        if not len(groups.pairs.left):
            break
        kept, gone = _each_others_most_alike(groups)
        own = _renamed(own, groups.names[gone], groups.names[kept])
        groups = _still_open(_joined(groups, kept, gone, settings.alike_from))
    return own


def _each_others_most_alike(groups: _Groups) -> tuple[Integers, Integers]:
    """Groups to keep and those that join them; of equally alike ones the first."""
    left, right = groups.pairs.left, groups.pairs.right
    # One order for all: a pair is its two groups' best if it comes first for both.
    order = np.argsort(-groups.pairs.alike, kind="stable")
    first = np.full(len(groups.sizes), len(order), dtype=np.int64)
    places = np.arange(len(order))
    np.minimum.at(first, left[order], places)
    np.minimum.at(first, right[order], places)
    mutual = order[(first[left[order]] == places) & (first[right[order]] == places)]
    swapped = groups.names[left[mutual]] > groups.names[right[mutual]]
    return np.where(swapped, right[mutual], left[mutual]), np.where(swapped, left[mutual], right[mutual])


def _joined(groups: _Groups, kept: Integers, gone: Integers, alike_from: float) -> _Groups:
    """The groups after joining: first those that stayed as they were, then the joined ones."""
    count, joined = len(groups.sizes), len(kept)
    touched = np.zeros(count, dtype=bool)
    touched[kept] = touched[gone] = True
    stays = np.flatnonzero(~touched)
    sums = weightiest(groups.sums[kept] + groups.sums[gone], _TERMS_OF_A_GROUP)
    into = np.empty(count, dtype=np.int64)
    into[stays] = np.arange(len(stays))
    into[kept] = into[gone] = len(stays) + np.arange(joined)
    now = _Groups(
        vstack([groups.sums[stays], sums], format="csr"),
        np.concatenate((groups.sizes[stays], groups.sizes[kept] + groups.sizes[gone])),
        np.concatenate((groups.names[stays], groups.names[kept])),
        _carried(groups.pairs, into),
    )
    # In each pair the greater number stands right, so a joined group of a pair always does.
    new = now.pairs.right >= len(stays)
    left, right = now.pairs.left[new], now.pairs.right[new]
    now.pairs.alike[new] = np.round(likeness_of(now.sums, left, right) / (now.sizes[left] * now.sizes[right]), 5)
    return replace(now, pairs=now.pairs.chosen(now.pairs.alike >= alike_from))


def _carried(pairs: Pairs, into: Integers) -> Pairs:
    left, right = into[pairs.left], into[pairs.right]
    keys = np.minimum(left, right) * len(into) + np.maximum(left, right)
    _, first = np.unique(keys, return_index=True)
    left, right, alike = np.minimum(left, right)[first], np.maximum(left, right)[first], pairs.alike[first]
    return Pairs(left, right, alike).chosen(left != right)


def _still_open(groups: _Groups) -> _Groups:
    """Only the groups that are in a pair."""
    paired = np.zeros(len(groups.sizes), dtype=bool)
    paired[groups.pairs.left] = paired[groups.pairs.right] = True
    members = np.flatnonzero(paired)
    place = np.cumsum(paired) - 1
    pairs = Pairs(place[groups.pairs.left], place[groups.pairs.right], groups.pairs.alike)
    return _Groups(groups.sums[members], groups.sizes[members], groups.names[members], pairs)


def _renamed(own: Integers, old: Integers, new: Integers) -> Integers:
    names = np.arange(len(own), dtype=np.int64)
    names[old] = new
    renamed: Integers = names[own]
    return renamed
