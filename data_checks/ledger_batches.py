"""What the expectations of one department look at: its staged ledger beside our orders."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from data_checks.sql import Sql, label, quoted

FEWEST_EARLIER = 4
"""Fewer earlier extracts than this say nothing about how many rows are usual."""


@dataclass(frozen=True)
class LedgerTerms:
    """What a department's contract says about comparing.

    An order told to it within `grace` before its extract need not be in it yet; moments may differ
    by `tolerance`; an extract older than `freshness` is stale.
    """

    department: str
    grace: timedelta
    tolerance: timedelta
    freshness: timedelta


@dataclass(frozen=True)
class LedgerBatches:
    """The batches of one department at `now` (aware; only `extracts` asks for it).

    In `orders` each order of ours stands beside the newest row that the ledger has of it; a row of
    the newest whole extract that belongs to no order of this department stands alone. `as_of_s` is when the newest whole
    extract was taken: what happened later cannot be in it.
    """

    sql: Sql
    terms: LedgerTerms
    now: datetime | None
    one_case: bool = False

    def select(self, batch: str) -> str:
        """The SELECT of one batch.

        Raises:
            KeyError: No such batch.
        """
        made = {"orders": self._orders, "ledger": self._ledger, "extracts": self._extracts, "days": self._days}
        return made[batch]()

    @property
    def _unit(self) -> str:
        return quoted(self.terms.department)

    @property
    def _as_of(self) -> str:
        latest = "SELECT MAX(extracted_at) FROM ledger_import"
        return f"({latest} WHERE department = {self._unit} AND state = 'landed' AND whole)"

    @property
    def _still_there(self) -> str:
        # A row that the newest whole extract no longer has was taken back, or is lost; `seen_at` tells.
        return f"seen_at >= {self._as_of}"

    def _ledger(self) -> str:
        return f"""
        SELECT department || '/' || their_ref AS subject, CAST(NULL AS VARCHAR) AS case_id, department, their_ref,
               order_ref, status, kind, received_at, accepted_at, replied_at, closed_at, updated_at, seen_at
        FROM ledger_row WHERE department = {self._unit} AND {self._still_there}"""

    def _orders(self) -> str:
        return f"""
        WITH {self._ours_and_theirs()}
        SELECT {self._columns("o.order_ref", "o.case_id")}, o.order_ref, t.their_ref,
               {self._our_columns()}, {self._their_columns()}, TRUE AS in_ours, TRUE AS case_known, o.kept_from
        FROM ours o LEFT JOIN newest t ON t.order_ref = o.order_ref
        {"" if self.one_case else self._alone()}"""

    def _ours_and_theirs(self) -> str:
        only = "AND a.case_id = :case_id" if self.one_case else ""
        only_row = f'AND order_ref = (SELECT {label("number")} FROM "case" WHERE id = :case_id)' if self.one_case else ""
        at = self.sql.seconds
        return f"""ours AS (
            SELECT * FROM (
                SELECT a.case_id, {label("c.number")} AS order_ref, a.leads, a.withdrawn_at IS NOT NULL AS withdrawn,
                       {at("a.withdrawn_at")} AS withdrawn_s, {at("COALESCE(a.told_at, a.assigned_at)")} AS told_s,
                       {at("a.accepted_at")} AS accepted_s, {at("a.replied_at")} AS replied_s,
                       {at("c.closed_at")} AS closed_s, c.kind, c.status, c.grade,
                       CAST(c.kept_from AS TEXT) LIKE '%"' || a.department || '"%' AS kept_from,
                       ROW_NUMBER() OVER (PARTITION BY a.case_id ORDER BY a.round DESC) AS place
                FROM assignment a JOIN "case" c ON c.id = a.case_id
                WHERE a.department = {self._unit} {only}) every_round
            WHERE place = 1),
        newest AS (
            SELECT * FROM (
                SELECT their_ref, order_ref, leads, kind, status, {at("received_at")} AS received_s,
                       {at("accepted_at")} AS accepted_s, {at("replied_at")} AS replied_s,
                       {at("closed_at")} AS closed_s, {at("updated_at")} AS updated_s, {at("seen_at")} AS seen_s,
                       COUNT(CASE WHEN {self._still_there} THEN 1 END) OVER (PARTITION BY order_ref) AS copies,
                       ROW_NUMBER() OVER (PARTITION BY order_ref
                                          ORDER BY seen_at DESC, updated_at DESC, id DESC) AS place
                FROM ledger_row WHERE department = {self._unit} {only_row}) every_row
            WHERE place = 1)"""

    def _columns(self, subject: str, case_id: str) -> str:
        grace, tolerance = (int(each.total_seconds()) for each in (self.terms.grace, self.terms.tolerance))
        return (
            f"{subject} AS subject, {case_id} AS case_id, {self.sql.seconds(self._as_of)} AS as_of_s,"
            f" {grace} AS grace_s, {tolerance} AS tolerance_s"
        )

    def _our_columns(self) -> str:
        return """o.leads AS we_say_leads, o.withdrawn, o.withdrawn_s, o.told_s, o.accepted_s AS our_accepted_s,
               o.replied_s AS our_replied_s, o.closed_s AS our_closed_s, o.kind AS our_kind, o.status AS our_status,
               o.grade"""

    def _their_columns(self) -> str:
        return """t.order_ref IS NOT NULL AS in_theirs, COALESCE(t.copies, 0) AS copies, t.leads AS they_say_leads,
               t.status AS their_status, t.kind AS their_kind, t.accepted_s AS their_accepted_s,
               t.replied_s AS their_replied_s, t.closed_s AS their_closed_s, t.updated_s, t.seen_s"""

    def _alone(self) -> str:
        """Rows of the ledger that are no order of this department."""
        return f"""UNION ALL
        SELECT {self._columns(f"{self._unit} || '/' || t.their_ref", "c.id")}, t.order_ref, t.their_ref,
               NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, {self._their_columns()},
               FALSE, c.number IS NOT NULL, COALESCE(CAST(c.kept_from AS TEXT), '') LIKE '%"' || {self._unit} || '"%'
        FROM newest t
        LEFT JOIN "case" c ON c.number = {self.sql.order_number("t.order_ref")}
        WHERE t.copies > 0 AND NOT EXISTS (SELECT 1 FROM ours o WHERE o.order_ref = t.order_ref)"""

    def _extracts(self) -> str:
        if self.now is None:
            raise ValueError("whether an extract is stale depends on the time")
        at, mine = self.sql.seconds, f"department = {self._unit}"
        whole = f"{mine} AND state = 'landed' AND whole"
        last = f"(SELECT MAX(id) FROM ledger_import WHERE {whole})"
        return f"""
        SELECT {self._unit} AS subject, CAST(NULL AS VARCHAR) AS case_id, {self._unit} AS department,
               {at(self._as_of)} AS as_of_s, {at(self.sql.moment(self.now))} AS now_s,
               {int(self.terms.freshness.total_seconds())} AS freshness_s,
               (SELECT state FROM ledger_import WHERE {mine} ORDER BY id DESC LIMIT 1) AS last_state,
               (SELECT COUNT(*) FROM ledger_quarantine WHERE {mine} AND settled_by IS NULL) AS quarantined,
               (SELECT rows FROM ledger_import WHERE id = {last}) AS last_rows,
               (SELECT AVG(rows) FROM ledger_import WHERE {whole} AND id < {last}) AS usual_rows,
               (SELECT COUNT(*) FROM ledger_import WHERE {whole} AND id < {last}) >= {FEWEST_EARLIER} AS usual_known"""

    def _days(self) -> str:
        grace = int(self.terms.grace.total_seconds())
        day = self.sql.day
        return f"""
        SELECT {self._unit} || '/' || k.day || '/' || k.kind AS subject, CAST(NULL AS VARCHAR) AS case_id,
               k.day, k.kind, SUM(k.ours) AS ours, SUM(k.theirs) AS theirs
        FROM (SELECT {day("COALESCE(a.told_at, a.assigned_at)")} AS day, c.kind, 1 AS ours, 0 AS theirs
              FROM assignment a JOIN "case" c ON c.id = a.case_id
              WHERE a.department = {self._unit} AND a.withdrawn_at IS NULL AND c.kind IS NOT NULL
                AND EXISTS (SELECT 1 FROM ledger_row WHERE department = {self._unit} AND kind IS NOT NULL)
                AND {self.sql.seconds("COALESCE(a.told_at, a.assigned_at)")} < {self.sql.seconds(self._as_of)} - {grace}
              UNION ALL
              SELECT {day("received_at")}, kind, 0, 1 FROM ledger_row
              WHERE department = {self._unit} AND kind IS NOT NULL AND received_at IS NOT NULL
                AND status NOT IN ('returned', 'transferred') AND {self._still_there}
                AND {self.sql.seconds("received_at")} < {self.sql.seconds(self._as_of)} - {grace}) k
        GROUP BY k.day, k.kind"""
