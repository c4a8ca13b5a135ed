"""Sealing words: AES-GCM with a key per case, wrapped by the desk's master key.

Destroying a case's wrapped key makes every word of that case unreadable, backups included.
"""

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32
_CHECK_TEXT = b"whistle master key"


class MasterKeyError(RuntimeError):
    """The desk must not start: its master key is missing, malformed or not the right one."""


class SealedForeverError(LookupError):
    """The case's key has been destroyed; its words cannot be read any more."""


class KeyReplacedError(MasterKeyError):
    """Another master key is in force by now, and this process was started without it."""

    def __init__(self) -> None:
        super().__init__("a new master key is in force that this process does not have; start it again with the new key")


class Vault:
    """Seals and opens the words of cases with one master key of 32 bytes.

    While a master key is being replaced, `beside` is the other one of the two: what either has sealed can be
    opened, and `seal_by` says which of them seals. `index_root` is what keyed fingerprints are derived from on a
    desk whose first master key was replaced, so that they stay what they were.
    """

    def __init__(self, master_key: bytes, *, beside: bytes | None = None, index_root: bytes | None = None) -> None:
        for key in (master_key, *([beside] if beside is not None else [])):
            if len(key) != KEY_BYTES:
                raise MasterKeyError(f"the master key has {len(key)} bytes, it must have {KEY_BYTES}")
        self._own = AESGCM(master_key)
        self._keys = (self._own,) if beside is None else (self._own, AESGCM(beside))
        self._sealing = self._own
        self._index_root = index_root

    def seal_by(self, check_value: str) -> None:
        """Seal with the key that made this check value from now on.

        Raises:
            KeyReplacedError: It was made with a key that is not here.
        """
        for key in self._keys:
            if _made_check(key, check_value):
                self._sealing = key
                return
        raise KeyReplacedError

    def key_id(self) -> str:
        """Eight hex digits by which people tell this process's own key from another one; they reveal nothing of it."""
        return hmac.digest(_fingerprint(self._own), b"whistle key id", "sha256").hex()[:8]

    def is_wrapped_anew(self, case_id: UUID, wrapped_key: bytes) -> bool:
        """Whether the key that seals now has wrapped this case key."""
        return _opens(self._sealing, wrapped_key, case_id.bytes)

    def wrapped_anew(self, case_id: UUID, wrapped_key: bytes) -> bytes:
        """The same case key under the key that seals now.

        Raises:
            MasterKeyError: No key that is here opens it.
        """
        return _encrypt(self._sealing, self._open_master(wrapped_key, case_id.bytes), case_id.bytes)

    def is_sealed_anew(self, place: str, sealed: bytes) -> bool:
        """Whether the key that seals now has sealed this for the desk."""
        return _opens(self._sealing, sealed, _of_desk(place))

    def new_case_key(self, case_id: UUID) -> bytes:
        """A fresh key for one case, wrapped; store it in `Case.wrapped_key`."""
        return _encrypt(self._sealing, AESGCM.generate_key(bit_length=256), case_id.bytes)

    def seal(self, case_id: UUID, wrapped_key: bytes | None, place: str, text: str) -> bytes:
        """`text` encrypted for one place (such as `case.text`) of one case."""
        return _encrypt(self._case_key(case_id, wrapped_key), text.encode(), _bound_to(case_id, place))

    def seal_bytes(self, case_id: UUID, wrapped_key: bytes | None, place: str, content: bytes) -> bytes:
        """A file's content encrypted for one place of one case."""
        return _encrypt(self._case_key(case_id, wrapped_key), content, _bound_to(case_id, place))

    def open_bytes(self, case_id: UUID, wrapped_key: bytes | None, place: str, sealed: bytes) -> bytes:
        """The content sealed for that very place of that very case.

        Raises:
            SealedForeverError: The case key has been destroyed.
            MasterKeyError: The master key or the stored bytes are not the ones used to seal.
        """
        return _decrypt(self._case_key(case_id, wrapped_key), sealed, _bound_to(case_id, place))

    def open(self, case_id: UUID, wrapped_key: bytes | None, place: str, sealed: bytes) -> str:
        """The text sealed for that very place of that very case.

        Raises:
            SealedForeverError: The case key has been destroyed.
            MasterKeyError: The master key or the stored bytes are not the ones used to seal.
        """
        key = self._case_key(case_id, wrapped_key)
        return _decrypt(key, sealed, _bound_to(case_id, place)).decode()

    def seal_for_desk(self, place: str, text: str) -> bytes:
        """`text` of the desk itself, about no case, encrypted for one place."""
        return _encrypt(self._sealing, text.encode(), _of_desk(place))

    def open_for_desk(self, place: str, sealed: bytes) -> str:
        """What was sealed for that very place.

        Raises:
            MasterKeyError: The master key or the stored bytes are not the ones used to seal.
        """
        return self._open_master(sealed, _of_desk(place)).decode()

    def check_value(self) -> str:
        """What a database remembers to recognise this process's own master key; it does not reveal it."""
        return base64.b64encode(_encrypt(self._own, _CHECK_TEXT, b"check")).decode()

    def recognises(self, check_value: str) -> bool:
        """Whether `check_value` was made with a master key that is here."""
        return any(_made_check(key, check_value) for key in self._keys)

    def has_made(self, check_value: str) -> bool:
        """Whether `check_value` was made with this process's own master key."""
        return _made_check(self._own, check_value)

    def blind_index(self, text: str) -> str:
        """A keyed fingerprint, to find equal values without storing them."""
        salt = hashlib.sha256(b"index" + self.index_root()).digest()
        return hashlib.blake2b(text.encode(), key=salt, digest_size=16).hexdigest()

    def index_key(self, purpose: str) -> bytes:
        """A key of 32 bytes for keyed fingerprints of one purpose; nothing leads back from it."""
        return hmac.digest(self.index_root(), f"whistle index: {purpose}".encode(), "sha256")

    def index_root(self) -> bytes:
        """The secret that all keyed fingerprints of this desk are derived from."""
        return _fingerprint(self._own) if self._index_root is None else self._index_root

    def _case_key(self, case_id: UUID, wrapped_key: bytes | None) -> AESGCM:
        if wrapped_key is None:
            raise SealedForeverError(f"case {case_id} is sealed: its key has been destroyed")
        return AESGCM(self._open_master(wrapped_key, case_id.bytes))

    def _open_master(self, sealed: bytes, bound_to: bytes) -> bytes:
        for key in self._keys[:-1]:
            try:
                return _decrypt(key, sealed, bound_to)
            except MasterKeyError:
                continue
        return _decrypt(self._keys[-1], sealed, bound_to)


def read_master_key(home: Path, from_environment: str, *, may_create: bool, from_file: Path | None = None) -> bytes:
    """The desk's master key: from the environment, else from the file that is named, else from `home/master.key`.

    Args:
        home: The desk's data folder.
        from_environment: Base64 of 32 bytes, or empty to use the file.
        may_create: True on the very first start; the file in `home` is then made, readable by its owner only.
        from_file: Where a secret store puts the key; it must be there.

    Raises:
        MasterKeyError: No key and none may be made, or what is there is not a key.
    """
    if from_environment:
        return _decode(from_environment, "WHISTLE_MASTER_KEY")
    if from_file is not None:
        return read_key_file(from_file)
    path = home / "master.key"
    if path.exists():
        return read_key_file(path)
    if not may_create:
        raise MasterKeyError(
            f"{path} is missing but this desk already has cases; put the file back from your backup"
            " or set WHISTLE_MASTER_KEY. Nothing was changed."
        )
    return _create(path)


def read_key_file(path: Path) -> bytes:
    """The key in a file.

    Raises:
        MasterKeyError: The file cannot be read, or holds no key.
    """
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise MasterKeyError(f"{path} cannot be read ({error.strerror}); put the master key there. Nothing was changed.") from None
    return _decode(text, str(path))


def write_key_file(path: Path, key: bytes) -> None:
    """Put a key, or a part of one, into a new file that only its owner may read.

    Raises:
        FileExistsError: Something is there already, and stays.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(base64.b64encode(key).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())


def _create(path: Path) -> bytes:
    key = os.urandom(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_key_file(path, key)
    return key


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise MasterKeyError(f"{where} is not base64 of {KEY_BYTES} bytes") from None
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"{where} holds {len(key)} bytes, it must hold {KEY_BYTES}")
    return key


def _encrypt(key: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.encrypt(nonce, plain, bound_to)


def _decrypt(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise MasterKeyError("the master key does not open what this database holds") from None


def _opens(key: AESGCM, sealed: bytes, bound_to: bytes) -> bool:
    try:
        _decrypt(key, sealed, bound_to)
    except MasterKeyError:
        return False
    return True


def _made_check(key: AESGCM, check_value: str) -> bool:
    try:
        return _decrypt(key, base64.b64decode(check_value), b"check") == _CHECK_TEXT
    except (MasterKeyError, binascii.Error):
        return False


def _fingerprint(key: AESGCM) -> bytes:
    # AES-GCM with a fixed nonce over a fixed text is deterministic: used as a derived secret only.
    return key.encrypt(b"\0" * NONCE_BYTES, b"derive index key", b"index")


def _bound_to(case_id: UUID, place: str) -> bytes:
    return case_id.bytes + place.encode()


def _of_desk(place: str) -> bytes:
    return b"desk:" + place.encode()
