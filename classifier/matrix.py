"""Texts as rows of numbers, for learning."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

RARER_THAN = 2

Floats = npt.NDArray[np.float64]


def vocabulary_of(found: Sequence[npt.NDArray[np.uint32]]) -> tuple[npt.NDArray[np.uint32], Floats]:
    """Every run that at least two texts hold, sorted, and the weight of each by its rarity."""
    hashes, counts = np.unique(np.concatenate(found), return_counts=True)
    kept = counts >= RARER_THAN
    return hashes[kept], np.log((1 + len(found)) / (1 + counts[kept])) + 1.0


def rows_of(found: Sequence[npt.NDArray[np.uint32]], vocabulary: npt.NDArray[np.uint32], idf: Floats) -> csr_matrix:
    """One row of unit length for each message; a run counts once, by its rarity."""
    columns, values, ends = [], [], [0]
    for hashes in found:
        at = np.minimum(np.searchsorted(vocabulary, hashes), len(vocabulary) - 1)
        at = np.unique(at[vocabulary[at] == hashes])
        weights = idf[at]
        columns.append(at)
        values.append(weights / (np.sqrt(np.square(weights).sum()) or 1.0))
        ends.append(ends[-1] + len(at))
    shape = (len(found), len(vocabulary))
    if not found:
        return csr_matrix(shape)
    return csr_matrix((np.concatenate(values), np.concatenate(columns), np.array(ends)), shape=shape)
