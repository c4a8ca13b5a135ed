"""What the expectations of our own tables look at: one SELECT a batch.

Every batch holds keys, codes, times and counts only, never a sealed column. Each has `subject`, the
key a finding is known by, and `case_id`. Columns that end in `_s` are seconds since 1970, for
differences; other moments compare in their database's own form. With `one_case` a batch is asked of
a single case: `case_id` is then a bound parameter, and `altered`, which says whether its journal was.
"""

from collections.abc import Collection
from dataclasses import dataclass

from data_checks.sql import Sql, label


@dataclass(frozen=True)
class HouseBatches:
    """The batches over our own tables.

    `altered` are the numbers of cases whose journal does not hash to what it says, as
    `data_checks.chains` found them; a database cannot compute that.
    """

    sql: Sql
    one_case: bool = False
    altered: Collection[int] = ()

    def select(self, batch: str) -> str:
        """The SELECT of one batch.

        Raises:
            KeyError: No such batch.
        """
        made = {
            "cases": self._cases,
            "parts": self._parts,
            "clocks": self._clocks,
            "journals": self._journals,
            "joint": self._joint,
        }
        return made[batch]()

    def _only(self, column: str, also: str = "1 = 1") -> str:
        return f"WHERE {column} = :case_id AND {also}" if self.one_case else f"WHERE {also}"

    def _cases(self) -> str:
        return f"""
        SELECT {label("c.number")} AS subject, c.id AS case_id, c.status, c.outcome, c.grade, c.nature, c.kind,
               c.harm, CAST(c.mandatory_report AS TEXT) <> '[]' AS owes_police, r.case_id IS NOT NULL AS has_receipt,
               c.received_at, c.closed_at, p.dispatched_at, p.replied_at, COALESCE(p.leads, 0) AS leads,
               c.safety, c.safety_at, c.safety_source, c.hung_up_until, c.wake_at,
               c.linked_to IS NOT NULL AS is_linked, m.number IS NOT NULL AS main_known,
               m.linked_to IS NOT NULL AND m.status = 'LINKED' AS main_is_linked,
               c.wrapped_key IS NOT NULL AS has_key, c.text_ct IS NOT NULL AS has_words,
               COALESCE(d.screened, 0) AS screened, COALESCE(d.classified, 0) AS classified,
               COALESCE(d.routed, 0) AS routed, COALESCE(d.assigned, 0) AS assigned
        FROM "case" c
        LEFT JOIN "case" m ON m.id = c.linked_to
        LEFT JOIN (SELECT case_id, MIN(assigned_at) AS dispatched_at,
                          MAX(CASE WHEN leads AND withdrawn_at IS NULL THEN replied_at END) AS replied_at,
                          COUNT(CASE WHEN leads AND withdrawn_at IS NULL THEN 1 END) AS leads
                   FROM assignment {self._only("case_id")} GROUP BY case_id) p ON p.case_id = c.id
        LEFT JOIN (SELECT DISTINCT case_id FROM inbox
                   {self._only("case_id", "kind = 'police_notified' AND read_at IS NOT NULL AND refused IS NULL")}
                  ) r ON r.case_id = c.id
        LEFT JOIN (SELECT case_id, COUNT(CASE WHEN kind = 'screen' THEN 1 END) AS screened,
                          COUNT(CASE WHEN kind = 'classify' THEN 1 END) AS classified,
                          COUNT(CASE WHEN kind = 'route' THEN 1 END) AS routed,
                          COUNT(CASE WHEN kind = 'assign' THEN 1 END) AS assigned
                   FROM decision {self._only("case_id")} GROUP BY case_id) d ON d.case_id = c.id
        {self._only("c.id")}"""

    def _parts(self) -> str:
        return f"""
        SELECT {label("c.number")} || '/' || a.department AS subject, c.id AS case_id, a.department, a.leads, a.round,
               c.status, c.received_at, a.assigned_at, a.told_at, a.accepted_at, a.contacted_at, a.replied_at,
               a.withdrawn_at, c.closed_at, u.code IS NOT NULL AS unit_known,
               CAST(c.kept_from AS TEXT) LIKE '%"' || a.department || '"%' AS kept_from
        FROM assignment a JOIN "case" c ON c.id = a.case_id
        LEFT JOIN department u ON u.code = a.department
        {self._only("a.case_id")}"""

    def _clocks(self) -> str:
        key, at = "case_id, target, department", self.sql.seconds
        target, unit = self.sql.fact("facts", "target"), self.sql.fact("facts", "department")
        stopped, went_on = "kind = 'clock_stopped'", "kind = 'clock_resumed'"
        had_stopped = self.sql.seconds_of_text(self.sql.fact("facts", "stopped_at"))
        return f"""
        SELECT {label("c.number")} || '/' || k.target || '/' || k.department AS subject, k.case_id, k.clocks, k.stopped,
               k.backwards, COALESCE(e.starts, 0) AS starts, COALESCE(e.stops, 0) AS stops,
               k.stopped_s AS table_s, COALESCE(e.stopped_s, 0) AS journal_s, k.at_start
        FROM (SELECT {key}, COUNT(*) AS clocks, COUNT(stopped_at) AS stopped,
                     COUNT(CASE WHEN stopped_at = started_at THEN 1 END) AS at_start,
                     COUNT(CASE WHEN stopped_at < started_at OR due_at < started_at THEN 1 END) AS backwards,
                     COALESCE(SUM({at("stopped_at")}), 0) AS stopped_s
              FROM clock {self._only("case_id")} GROUP BY {key}) k
        JOIN "case" c ON c.id = k.case_id
        LEFT JOIN (SELECT case_id, target, department, COUNT(CASE WHEN kind = 'clock_started' THEN 1 END) AS starts,
                          COUNT(CASE WHEN {stopped} THEN 1 END) - COUNT(CASE WHEN {went_on} THEN 1 END) AS stops,
                          SUM(CASE WHEN {stopped} THEN at_s WHEN {went_on} THEN -had_stopped_s ELSE 0 END) AS stopped_s
                   FROM (SELECT case_id, kind, {at("at")} AS at_s, {had_stopped} AS had_stopped_s, {target} AS target, {unit} AS department
                         FROM event {self._only("case_id", "kind IN ('clock_started', 'clock_stopped', 'clock_resumed')")}) said
                   GROUP BY {key}) e
          ON e.case_id = k.case_id AND e.target = k.target AND e.department = k.department"""

    def _journals(self) -> str:
        numbers = ", ".join(str(int(each)) for each in sorted(self.altered)) or "-1"
        altered = ":altered" if self.one_case else f"c.number IN ({numbers})"
        return f"""
        SELECT {label("c.number")} AS subject, c.id AS case_id, c.journal_length AS noted,
               COALESCE(e.entries, 0) AS entries, COALESCE(e.last_seq, 0) AS last_seq, COALESCE(e.breaks, 0) AS breaks,
               COALESCE(c.journal_head = t.digest, c.journal_length = 0) AS head_agrees, {altered} AS altered
        FROM "case" c
        LEFT JOIN (SELECT case_id, COUNT(*) AS entries, MAX(seq) AS last_seq,
                          COUNT(CASE WHEN previous <> before_it THEN 1 END) AS breaks
                   FROM (SELECT case_id, seq, previous,
                                LAG(digest, 1, '') OVER (PARTITION BY case_id ORDER BY seq) AS before_it
                         FROM event {self._only("case_id")}) links
                   GROUP BY case_id) e ON e.case_id = c.id
        LEFT JOIN event t ON t.case_id = c.id AND t.seq = c.journal_length
        {self._only("c.id")}"""

    def _joint(self) -> str:
        return f"""
        SELECT {label("c.number")} || '/' || h.department AS subject, c.id AS case_id, l.status AS lead_says,
               h.status AS helper_says, a.department AS lead, h.department AS helper,
               {self.sql.seconds("l.updated_at")} AS lead_s, {self.sql.seconds("h.seen_at")} AS helper_seen_s
        FROM "case" c
        JOIN assignment a ON a.case_id = c.id AND a.leads AND a.withdrawn_at IS NULL
        JOIN ledger_row l ON l.department = a.department AND l.order_ref = {label("c.number")}
        JOIN assignment b ON b.case_id = c.id AND NOT b.leads AND b.withdrawn_at IS NULL
        JOIN ledger_row h ON h.department = b.department AND h.order_ref = {label("c.number")}"""
