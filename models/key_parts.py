"""The master key in two parts, of which one alone says nothing: for two people who open it together only."""

import hashlib
import os
import secrets

from models.vault import KEY_BYTES, MasterKeyError

CHECK_BYTES = 8


def split_key(key: bytes) -> tuple[bytes, bytes]:
    """Two parts of the key, new at every split; only parts of one split belong together.

    The first is random, the second is the key under it: a one-time pad. Both end with the same few
    bytes of a hash, by which parts that do not belong together are noticed.
    """
    pad = os.urandom(KEY_BYTES)
    check = _check(key, pad)
    return pad + check, _under(key, pad) + check


def join_key(first: bytes, second: bytes) -> bytes:
    """The key of two parts, in either order.

    Raises:
        MasterKeyError: They are no parts, or not those of one split.
    """
    if len(first) != KEY_BYTES + CHECK_BYTES or len(second) != len(first):
        raise MasterKeyError("these are not two parts of a master key")
    one, other, check = first[:KEY_BYTES], second[:KEY_BYTES], first[KEY_BYTES:]
    key = _under(one, other)
    fits = any(secrets.compare_digest(check, _check(key, pad)) for pad in (one, other))
    if not fits or not secrets.compare_digest(check, second[KEY_BYTES:]):
        raise MasterKeyError("these two parts do not belong together")
    return key


def _under(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _check(key: bytes, pad: bytes) -> bytes:
    # Of both together: a hash of the key alone, or of the pad alone, would tell its holder something to try keys with.
    return hashlib.sha256(b"whistle key parts" + key + pad).digest()[:CHECK_BYTES]
