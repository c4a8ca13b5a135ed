"""People who sign in: a password kept as argon2, a second factor where the role asks it, and a lock against guessing."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from models.accounts import Account, WebSession
from models.house import Department
from models.key_change import hold_key
from models.vault import Vault
from models.vocabulary import Role

SECOND_FACTOR = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Roles that need a code from a device besides the password."""
FREE_TRIES = 5
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=15), timedelta(hours=24)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
FEWEST_DIFFERENT = 6
"""Characters that differ from one another."""
STEP_SECONDS = 30
ISSUER = "Whistle"
TOTP_PLACE, PENDING_PLACE = "account.totp", "session.totp"
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(24))
"""Stands in for the hash of an account that does not exist, so that a guess takes equally long."""


class Unfit(StrEnum):
    """What is wrong with a password that somebody chose."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    HAS_NAME = "has_name"
    REPEATS = "repeats"


UNFIT: dict[Unfit, str] = {
    Unfit.TOO_SHORT: f"shorter than {SHORTEST_PASSWORD} characters; make it longer, such as four words",
    Unfit.TOO_LONG: f"longer than {LONGEST_PASSWORD} characters; make it shorter",
    Unfit.HAS_NAME: "it holds the account's name; leave that out",
    Unfit.REPEATS: f"fewer than {FEWEST_DIFFERENT} different characters; do not repeat the same ones",
}


class AccountError(ValueError):
    """An account cannot be made or changed as asked; the message names the field and what to do."""


class UnfitPasswordError(AccountError):
    """A chosen password breaks a rule; the message never holds the password."""

    def __init__(self, why: Unfit) -> None:
        self.why = why
        super().__init__(f"password: {UNFIT[why]}")


def make_account(session: Session, name: str, role: Role, department: str | None, now: datetime) -> str:
    """A new account; what is returned is its first password, seen this once and changed at the first sign-in.

    Args:
        session: A writing session; the account works once it is committed.
        name: What its holder types to sign in; no two are the same.
        role: What the holder may do.
        department: The unit, for the role `department` only.
        now: Aware.

    Raises:
        AccountError: The name is taken or unfit, or role and department do not fit together.
    """
    _check_new(session, name, role, department)
    password = first_password()
    session.add(
        Account(
            id=f"person-{secrets.token_hex(6)}", name=name.strip(), role=role, department=department,
            password_hash=_HASHER.hash(password), created_at=now,
        )
    )  # fmt: skip
    return password


def make_oidc_account(session: Session, name: str, role: Role, department: str | None, now: datetime) -> None:
    """A new account without a password: its holder signs in at the house's provider, under this very name.

    Raises:
        AccountError: As for `make_account`.
    """
    _check_new(session, name, role, department)
    session.add(
        Account(
            id=f"person-{secrets.token_hex(6)}", name=name.strip(), role=role, department=department, password_hash="",
            must_change=False, oidc=True, created_at=now,
        )
    )  # fmt: skip


def _check_new(session: Session, name: str, role: Role, department: str | None) -> None:
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise AccountError("name: give 1 to 80 printable characters")
    if (role is Role.DEPARTMENT) != (department is not None):
        raise AccountError("department: the role department needs one, no other role may have one")
    if department is not None:
        unit = session.get(Department, department)
        if unit is None or not unit.active:
            raise AccountError("department: not in the catalogue; list them with the desk's catalogue")
    if find_account(session, name) is not None:
        raise AccountError("name: another account has it already; choose another one")


def first_password() -> str:
    """A password of 100 random bits that can be read out over a telephone."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def find_account(session: Session, name: str) -> Account | None:
    """The account of that name."""
    return session.exec(select(Account).where(Account.name == name.strip())).first()


def password_fits(account: Account | None, password: str, now: datetime) -> bool:
    """Whether this is the password; takes equally long for nobody, a locked account and a wrong password.

    Counts wrong tries in `account`, whose session the caller commits: the lock doubles from try to try.
    """
    known = account.password_hash if account and not account.oidc else _NOBODY
    fits = _fits(known, password[:LONGEST_PASSWORD])
    # Who signs in at the provider has no password: guessing one neither opens nor locks anything.
    if account is None or account.oidc or account.disabled_at is not None or is_locked(account, now):
        return False
    if fits:
        if _HASHER.check_needs_rehash(account.password_hash):
            account.password_hash = _HASHER.hash(password)
        return True
    count_failure(account, now)
    return False


def _fits(known: str, password: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


def count_failure(account: Account, now: datetime) -> None:
    """One more wrong try in a row, of password or code; after a few the account is locked for a while."""
    account.failures += 1
    beyond = account.failures - FREE_TRIES
    if beyond >= 0:
        account.locked_until = now + min(FIRST_LOCK * 2 ** min(beyond, 10), LONGEST_LOCK)


def is_locked(account: Account, now: datetime) -> bool:
    """Whether too many wrong tries keep the account closed at `now`."""
    return account.locked_until is not None and now < account.locked_until


def unfit(account: Account, password: str) -> Unfit | None:
    """Which rule a password breaks that the holder of this account would choose; None if it is fine."""
    if len(password) < SHORTEST_PASSWORD:
        return Unfit.TOO_SHORT
    if len(password) > LONGEST_PASSWORD:
        return Unfit.TOO_LONG
    if account.name.casefold() in password.casefold():
        return Unfit.HAS_NAME
    return Unfit.REPEATS if len(set(password)) < FEWEST_DIFFERENT else None


def set_password(account: Account, password: str) -> None:
    """A password its holder chose.

    Raises:
        UnfitPasswordError: It breaks a rule.
    """
    found = unfit(account, password)
    if found is not None:
        raise UnfitPasswordError(found)
    account.password_hash, account.must_change = _HASHER.hash(password), False


def give_new_password(session: Session, name: str) -> str:
    """A new first password for somebody who lost theirs, or their device: the second factor is set up anew.

    Raises:
        AccountError: There is no such account, or it signs in at the provider.
    """
    account = _known(session, name)
    if account.oidc:
        raise AccountError("name: signs in at the provider and has no password; `whistle account unbind` begins anew")
    password = first_password()
    account.password_hash, account.must_change = _HASHER.hash(password), True
    account.totp_ct, account.failures, account.locked_until = None, 0, None
    end_sessions_of(session, account.id, None)
    return password


def unbind(session: Session, name: str, now: datetime) -> None:
    """Forget whom the provider said it was, and the device; the next sign-in at the provider binds both anew.

    Raises:
        AccountError: There is no such account, or it has a password.
    """
    account = _known(session, name)
    if not account.oidc:
        raise AccountError("name: has a password and does not sign in at the provider; use `whistle account password`")
    account.oidc_subject = account.totp_ct = None
    end_sessions_of(session, account.id, now)


def end_sessions(session: Session, name: str, now: datetime) -> int:
    """Sign every browser of an account out; how many there were.

    Raises:
        AccountError: There is no such account.
    """
    return end_sessions_of(session, _known(session, name).id, now)


def unlock(session: Session, name: str) -> None:
    """Forget wrong tries.

    Raises:
        AccountError: There is no such account.
    """
    account = _known(session, name)
    account.failures, account.locked_until = 0, None


def disable(session: Session, name: str, now: datetime) -> None:
    """End an account at once, with all its sessions; its name stays taken, for the journal names it.

    Raises:
        AccountError: There is no such account.
    """
    account = _known(session, name)
    account.disabled_at = account.disabled_at or now
    end_sessions_of(session, account.id, now)


def end_sessions_of(session: Session, holder: str, now: datetime | None) -> int:
    """Every browser of this holder is signed out, and how many were not; `now` None takes the time each was last seen."""
    wanted = select(WebSession).where(WebSession.holder == holder, col(WebSession.ended_at).is_(None))
    open_ones = session.exec(wanted).all()
    for each in open_ones:
        each.ended_at = now or each.seen_at
    return len(open_ones)


def list_accounts(session: Session) -> list[Account]:
    """Every account there ever was, oldest first."""
    return list(session.exec(select(Account).order_by(col(Account.created_at), Account.id)))


def needs_code(account: Account) -> bool:
    """Whether this person signs in with a code besides the password."""
    return account.role in SECOND_FACTOR or account.totp_ct is not None


def new_code_secret() -> str:
    """A fresh secret for a device, in base32."""
    return pyotp.random_base32()


def address_for_device(account: Account, secret: str) -> str:
    """What a device reads to learn the secret (`otpauth://…`)."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=ISSUER)


def picture_for_device(address: str) -> str:
    """The address as a QR code, an SVG to stand in a page; black on white in any light, for cameras read it so."""
    return segno.make(address, micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False)


def code_fits(account: Account, secret: str, code: str, now: datetime) -> bool:
    """Whether this is a code of now, the step before or after; the same code never fits twice."""
    step = int(now.timestamp()) // STEP_SECONDS
    for each in (step - 1, step, step + 1):
        fits = secrets.compare_digest(pyotp.TOTP(secret).generate_otp(each), code.strip().encode("ascii", "replace").decode())
        if fits and each > account.totp_step:
            account.totp_step = each
            return True
    return False


def secret_of(vault: Vault, account: Account) -> str | None:
    """The secret of this person's device, if one was set up."""
    return vault.open_for_desk(place_of_secret(account.id), account.totp_ct) if account.totp_ct else None


def keep_secret(session: Session, vault: Vault, account: Account, secret: str) -> None:
    """Set the device up."""
    hold_key(session, vault)
    account.totp_ct = vault.seal_for_desk(place_of_secret(account.id), secret)


def place_of_secret(account_id: str) -> str:
    """What the secret of an account's device is sealed for."""
    return f"{TOTP_PLACE}:{account_id}"


def place_of_pending(session_id: str) -> str:
    """What a secret is sealed for that a browser is being shown until a code confirms it."""
    return f"{PENDING_PLACE}:{session_id}"


def _known(session: Session, name: str) -> Account:
    account = find_account(session, name)
    if account is None:
        raise AccountError("name: there is no such account; list them with `whistle account list`")
    return account
