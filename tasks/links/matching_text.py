"""How alike two texts are, told by keyed fingerprints of their pieces (MinHash, in bands)."""

import hmac
import re
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from catalogue.link_rules import TextRule

_NO_WORD = re.compile(r"[\W_]+")
Hashes = npt.NDArray[np.uint64]


def bands_of(clean: str, rule: TextRule, key: bytes) -> tuple[bytes, ...]:
    """One fingerprint for each band; two texts share more of them the more of their pieces they share.

    Args:
        clean: Normalised text.
        rule: Sizes; they are part of the fingerprints, so that those of other sizes never meet.
        key: Without it nobody can tell which text a fingerprint is of.

    Returns:
        `rule.bands` fingerprints, or none for a text too short to be told from another by its pieces.
    """
    letters = _NO_WORD.sub("", clean[: rule.most_characters])
    pieces = {letters[at : at + rule.piece] for at in range(len(letters) - rule.piece + 1)}
    if len(pieces) < rule.least_pieces:
        return ()
    least = _least(_hashes(pieces, key), rule, key)
    return tuple(
        f"{rule.piece}.{rule.bands}.{rule.rows}.{band}:".encode() + least[band].tobytes()
        for band in range(rule.bands)
    )


def _hashes(pieces: set[str], key: bytes) -> Hashes:
    digests = b"".join(blake2b(each.encode(), key=key, digest_size=8).digest() for each in pieces)
    return np.frombuffer(digests, dtype=np.uint64)


def _least(hashes: Hashes, rule: TextRule, key: bytes) -> Hashes:
    """The least hash under each of `bands * rows` shuffles, one row of the answer for each band."""
    wanted = rule.bands * rule.rows
    seeds = b"".join(hmac.digest(key, f"shuffle {each}".encode(), "sha256")[:16] for each in range(wanted))
    factors, shifts = np.frombuffer(seeds, dtype=np.uint64).reshape(wanted, 2).T
    # Unsigned products wrap around, which for odd factors only shuffles.
    shuffled = (hashes ^ (hashes >> np.uint64(29)))[:, None] * (factors | np.uint64(1)) + shifts
    least: Hashes = shuffled.min(axis=0).reshape(rule.bands, rule.rows)
    return least
