"""A message as numbers: which short runs of characters and words it holds.

A token is one Chinese character, one Latin word without its commonest endings, or one stretch of
digits. Runs of one to four tokens are hashed, all at once in numpy, so that no vocabulary has to
be carried along and a misspelt word still shares most of its runs with the right one.
"""

import re
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

RUNS = 4
"""The longest run of tokens looked at."""

LONGEST = 6000
"""Characters read of one message; of a longer one the first and the last half of these."""

_TOKEN = re.compile(r"[a-z]+|[0-9]+|[^\sa-z0-9]")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s|ly)$")
_LATIN_FROM = 1 << 24
_NUMBER = _LATIN_FROM - 1
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)
_SALTS = tuple(np.uint64(each) for each in (0x51, 0xA3B1, 0xC6E7F1, 0xE5D9B3A7))

Hashes = npt.NDArray[np.uint32]


def features_of(clean: str) -> Hashes:
    """The hashes of every run in normalised text, sorted, each once.

    Returns:
        A sorted array of distinct unsigned 32-bit hashes; empty for a text without a token.
    """
    return np.unique(run_hashes(tokens_of(shortened(clean))))


def shortened(clean: str) -> str:
    """`clean`, cut in its middle if it is longer than what is read."""
    if len(clean) <= LONGEST:
        return clean
    return f"{clean[: LONGEST // 2]} {clean[-LONGEST // 2 :]}"


def tokens_of(clean: str) -> npt.NDArray[np.uint64]:
    """One number for each token of normalised text, in order."""
    return np.fromiter(map(_number, _TOKEN.findall(clean)), dtype=np.uint64)


def token_spans(clean: str) -> list[tuple[int, int]]:
    """Where each token of normalised text begins and ends, in characters."""
    return [match.span() for match in _TOKEN.finditer(clean)]


def run_hashes(tokens: npt.NDArray[np.uint64]) -> Hashes:
    """The hash of every run of one to four tokens, shorter runs first, as they stand in the text."""
    found = []
    total = np.zeros(len(tokens), dtype=np.uint64)
    for length in range(1, min(RUNS, len(tokens)) + 1):
        total = total[: len(tokens) - length + 1] * _FACTOR + tokens[length - 1 :]
        mixed = (total + _SALTS[length - 1]) * _FACTOR
        found.append(((mixed ^ (mixed >> _SHIFT)) >> np.uint64(16)).astype(np.uint32))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint32)


@lru_cache(maxsize=65_536)
def _number(token: str) -> int:
    first = token[0]
    if first.isdigit() and first.isascii():
        return _NUMBER
    if "a" <= first <= "z":
        return _LATIN_FROM + crc32(_ENDING.sub("", token).encode())
    return ord(first)
