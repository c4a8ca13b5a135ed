"""What each text is compared by: weighed runs of characters, the places it names, and its kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags, hstack

from analysis.issues.pieces import counts_of
from analysis.issues.places import Place
from analysis.issues.settings import IssueSettings, TextSettings

_ROWS_AT_ONCE = 4_096
_NEVER_COMMON = 50
"""A share of few texts is soon reached; what fewer texts than this say is never too common."""


@dataclass(frozen=True)
class Document:
    """A report, or several that are one told more than once."""

    text: str
    kind: str
    places: frozenset[Place]


def features_of(documents: Sequence[Document], settings: IssueSettings) -> csr_matrix:
    """One row a document; the product of two rows is their likeness, 0 to 1.

    Of it `place_share` is for a common place, `kind_share` for the same kind, the rest for common words.
    """
    shares = settings.grouping
    words = words_of([each.text for each in documents], settings.text)
    places = _indicator([[each.name for each in sorted(one.places, key=lambda place: place.name)] for one in documents])
    kinds = _indicator([[one.kind] if one.kind else [] for one in documents])
    rest = 1 - shares.place_share - shares.kind_share
    return hstack(
        [words * np.sqrt(rest), places * np.sqrt(shares.place_share), kinds * np.sqrt(shares.kind_share)],
        format="csr",
        dtype=np.float32,
    )


def words_of(texts: Sequence[str], settings: TextSettings) -> csr_matrix:
    """The runs of each text as tf-idf, each row of length 1.

    Often repeated runs are dampened, rare ones count more than usual ones, those of the opening
    `opening_weight` times; the weightiest of a row are kept.
    """
    counts = counts_of(texts, settings.runs)
    opening = counts_of([each[: settings.opening_characters] for each in texts], settings.runs)
    counts.data = 1 + np.log(counts.data)
    opening.data = np.full_like(opening.data, settings.opening_weight - 1)
    raised = counts + counts.multiply(opening)
    values = raised.data * _rarity(counts, settings)[raised.indices]
    kept = weightiest(csr_matrix((values, raised.indices, raised.indptr), shape=raised.shape), settings.kept_runs)
    return unit_rows(kept[:, np.flatnonzero(np.bincount(kept.indices))])


def _rarity(counts: csr_matrix, settings: TextSettings) -> npt.NDArray[np.float32]:
    texts = counts.shape[0]
    told_in = np.bincount(counts.indices, minlength=counts.shape[1])
    common = max(settings.most_common_share * texts, _NEVER_COMMON)
    useful = (told_in >= settings.fewest_texts) & (told_in <= common)
    return np.where(useful, np.log((1 + texts) / (1 + told_in)), 0).astype(np.float32)


def weightiest(matrix: csr_matrix, most: int) -> csr_matrix:
    """The `most` greatest positive values of each row, and what equals the last of them."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    positive = matrix.data > 0
    rows, columns, values = rows[positive], matrix.indices[positive], matrix.data[positive]
    ends = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=matrix.shape[0]))))
    least = np.zeros(matrix.shape[0], dtype=values.dtype)
    long = np.flatnonzero(np.diff(ends) > most)
    for at in range(0, len(long), _ROWS_AT_ONCE):
        some = long[at : at + _ROWS_AT_ONCE]
        table = np.zeros((len(some), int(np.diff(ends)[some].max())), dtype=values.dtype)
        for place, row in enumerate(some.tolist()):
            table[place, : ends[row + 1] - ends[row]] = values[ends[row] : ends[row + 1]]
        least[some] = np.partition(table, table.shape[1] - most, axis=1)[:, table.shape[1] - most]
    kept = values >= least[rows]
    pointers = np.concatenate(([0], np.cumsum(np.bincount(rows[kept], minlength=matrix.shape[0]))))
    return csr_matrix((values[kept], columns[kept], pointers), shape=matrix.shape, dtype=np.float32)


def unit_rows(matrix: csr_matrix) -> csr_matrix:
    """Each row of length 1; an empty one stays empty."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return diags(1 / np.where(lengths > 0, lengths, 1)).astype(np.float32) @ matrix


def _indicator(names: list[list[str]]) -> csr_matrix:
    known = {name: at for at, name in enumerate(sorted({each for row in names for each in row}))}
    rows = np.repeat(np.arange(len(names)), [len(row) for row in names])
    columns = [known[each] for row in names for each in row]
    ones = np.ones(len(columns), dtype=np.float32)
    return unit_rows(csr_matrix((ones, (rows, columns)), shape=(len(names), max(1, len(known)))))
