"""The rule sets that went live, by number: which is live now, and each one's book, read once."""

import threading

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from models.house import Promotion
from sla_rules.loader import rule_book_of
from sla_rules.rule_book import RuleBook
from sla_rules.snapshot import Snapshot

Digests = tuple[str, str]


class UnknownPromotionError(LookupError):
    """No rule set with this number ever went live."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no rule set went live as version {number}; see `whistle rules history`")


class NothingLiveError(LookupError):
    """No rule set ever went live here."""

    def __init__(self) -> None:
        super().__init__("no rules are live yet; run `whistle prepare`")


class PromotedRules:
    """The promoted rule sets as one process has read them; safe between threads.

    A number always means the same files, so a book that was read never becomes wrong: what is new
    in the database is only ever another number.
    """

    def __init__(self, shipped: RuleBook) -> None:
        self._shipped = shipped
        self._by_number: dict[int | None, RuleBook] = {}
        # A set put back by a roll-back, and the one that came with the release, are not parsed again.
        self._by_digests: dict[Digests, RuleBook] = {(shipped.digest, shipped.calendar_digest): shipped}
        self._reading = threading.Lock()

    def book(self, session: Session, number: int | None) -> RuleBook:
        """The book of that promotion.

        Args:
            session: Only used for a number not met before. The caller's own, so that no thread
                waits for a second connection while it holds a first one.
            number: None stands for the first promotion, and for the rules of this release in a
                database that has none.

        Raises:
            UnknownPromotionError: There is no such number.
            RuleFileError: This release cannot read what was stored.
        """
        known = self._by_number.get(number)
        if known is not None:
            return known
        row = _row(session, first_number(session) if number is None else number)
        if row is None and number is None:
            return self._shipped
        if row is None:
            raise UnknownPromotionError(number or 0)
        book = self._by_number[number] = self._read(row)
        return book

    def _read(self, row: Promotion) -> RuleBook:
        with self._reading:
            digests = (row.digest, row.calendar_digest)
            if digests not in self._by_digests:
                self._by_digests[digests] = rule_book_of(Snapshot(f"version {row.number}", row.files))
            return self._by_digests[digests]


def live_number(session: Session) -> int | None:
    """The newest promotion; None in a database that has none."""
    with session.no_autoflush:
        return session.exec(select(func.max(Promotion.number))).one()


def first_number(session: Session) -> int | None:
    """The oldest promotion; None in a database that has none."""
    with session.no_autoflush:
        return session.exec(select(func.min(Promotion.number))).one()


def number_for_new_cases(session: Session) -> int | None:
    """The promotion that cases made in this writing transaction go by.

    A promotion that recalculates open cases must not pass over one that is being made: it waits
    for this transaction, or this waits for it. SQLite has one writer at a time anyway.
    """
    if "rules_version" not in session.info:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE promotion IN ROW SHARE MODE"))
        session.info["rules_version"] = live_number(session)
    number: int | None = session.info["rules_version"]
    return number


def promotions(session: Session) -> list[Promotion]:
    """Every rule set that ever went live, oldest first."""
    return list(session.exec(select(Promotion).order_by(col(Promotion.number))))


def promotion(session: Session, number: int) -> Promotion:
    """That promotion.

    Raises:
        UnknownPromotionError: There is none.
    """
    row = _row(session, number)
    if row is None:
        raise UnknownPromotionError(number)
    return row


def live_promotion(session: Session) -> Promotion:
    """The promotion that is live.

    Raises:
        NothingLiveError: There is none: this database was never prepared by this release.
    """
    row = _row(session, live_number(session))
    if row is None:
        raise NothingLiveError
    return row


def _row(session: Session, number: int | None) -> Promotion | None:
    with session.no_autoflush:
        return session.exec(select(Promotion).where(Promotion.number == number)).first()
