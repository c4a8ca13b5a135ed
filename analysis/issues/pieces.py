"""Texts as numbers: every run of a few characters becomes a column, for all texts at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

COLUMNS = 1 << 20
"""Runs are hashed into so many columns; with the 100,000 usual ones a tenth share theirs with another."""
_BREAK = 0x0A
_WORD = np.array([chr(each).isalnum() for each in range(1 << 16)], dtype=bool)
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_AT_ONCE = 4_000

Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Runs:
    """All runs of one length of some texts: whose each is, and its hash."""

    text: Integers
    hashed: Hashes


def runs_of(texts: Sequence[str], length: int) -> Runs:
    """The runs of `length` characters that no mark or blank divides, text by text.

    Args:
        texts: Normalised, without line breaks.
        length: In characters, 1 or more.
    """
    letters = np.frombuffer("\n".join(texts).encode("utf-32-le"), dtype=np.uint32)
    breaks = letters == _BREAK
    text = np.cumsum(breaks) - breaks
    within = _WORD[np.minimum(letters, 0xFFFF)]
    count = max(0, len(letters) - length + 1)
    whole = np.ones(count, dtype=bool)
    hashed = np.zeros(count, dtype=np.uint64)
    for step in range(length):
        whole &= within[step : step + count]
        hashed = (hashed ^ letters[step : step + count].astype(np.uint64)) * _FACTORS[step % 3]
        hashed ^= hashed >> np.uint64(31)
    at = np.flatnonzero(whole)
    return Runs(text[at], hashed[at])


def counts_of(texts: Sequence[str], lengths: Sequence[int]) -> csr_matrix:
    """How often each run stands in each text; one row a text, `COLUMNS` columns.

    Args:
        texts: As for `runs_of`.
        lengths: Of the runs.
    """
    return _stacked([_counts(texts[at : at + _AT_ONCE], lengths) for at in range(0, len(texts), _AT_ONCE)])


def _counts(texts: Sequence[str], lengths: Sequence[int]) -> csr_matrix:
    found = [runs_of(texts, each) for each in lengths]
    rows = np.concatenate([each.text for each in found])
    columns = np.concatenate([each.hashed & np.uint64(COLUMNS - 1) for each in found]).astype(np.int32)
    ones = np.ones(len(rows), dtype=np.float32)
    counts = csr_matrix((ones, (rows, columns)), shape=(len(texts), COLUMNS), dtype=np.float32)
    counts.sum_duplicates()
    return counts


def _stacked(blocks: Sequence[csr_matrix]) -> csr_matrix:
    if not blocks:
        return csr_matrix((0, COLUMNS), dtype=np.float32)
    starts = np.cumsum([0, *(each.nnz for each in blocks)])
    pointers = [each.indptr[:-1] + start for each, start in zip(blocks, starts[:-1], strict=True)]
    return csr_matrix(
        (
            np.concatenate([each.data for each in blocks]),
            np.concatenate([each.indices for each in blocks]),
            np.concatenate([*pointers, starts[-1:]]),
        ),
        shape=(sum(each.shape[0] for each in blocks), COLUMNS),
    )


def distinct(numbers: Integers) -> Integers:
    """Each number once, in order. (`numpy.unique` hashes these days, which for millions takes several times as long.)"""
    ordered = np.sort(numbers)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered
