"""The desk's words: every closed vocabulary a case, a clock or an alert is described with.

Codes are stable and travel to Prefect, logs and alerts; the words people read for them
live in `catalogue/`, `sla_rules/` and `notifications/`.
"""

from enum import StrEnum


class Status(StrEnum):
    """Where a case stands; the legal moves are in `models.transitions`."""

    RECEIVED = "RECEIVED"
    SCREENED = "SCREENED"
    ANSWERED = "ANSWERED"
    CHANNEL_TOLD = "CHANNEL_TOLD"
    LINKED = "LINKED"
    NEEDS_REVIEW = "NEEDS_REVIEW"
    DISPATCHED = "DISPATCHED"
    ACCEPTED = "ACCEPTED"
    IN_PROGRESS = "IN_PROGRESS"
    DISPUTED = "DISPUTED"
    EXTENSION_ASKED = "EXTENSION_ASKED"
    REPLIED = "REPLIED"
    REWORK = "REWORK"
    HUNG_UP = "HUNG_UP"
    CALLBACK = "CALLBACK"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    SEALED = "SEALED"


class Grade(StrEnum):
    """How urgent a case is, in the order people read them; which is graver is said by `models.grades`."""

    U0 = "U0"
    U1 = "U1"
    U2 = "U2"
    U3 = "U3"
    U4 = "U4"
    UC = "UC"


class Nature(StrEnum):
    """What the caller wants (Beijing 接诉即办 regulation, art. 2, and praise)."""

    CONSULT = "CONSULT"
    HELP = "HELP"
    COMPLAINT = "COMPLAINT"
    REPORT = "REPORT"
    SUGGEST = "SUGGEST"
    PRAISE = "PRAISE"
    OTHER = "OTHER"


class CallType(StrEnum):
    """Who calls and for what, as the operator heard it; in those from `SILENT` on nobody asks for anything."""

    CHILD_ABOUT_SELF = "child_about_self"
    ADULT_ABOUT_CHILD = "adult_about_child"
    QUESTION = "question"
    SILENT = "silent"
    HANG_UP = "hang_up"
    ABUSIVE = "abusive"
    PRANK = "prank"
    WRONG_NUMBER = "wrong_number"
    THANKS = "thanks"


NO_REQUEST = frozenset(
    {CallType.SILENT, CallType.HANG_UP, CallType.ABUSIVE, CallType.PRANK, CallType.WRONG_NUMBER, CallType.THANKS}
)
"""Calls that are written down in one line; what is heard in them is screened like any other."""


class Route(StrEnum):
    """What the catalogue says happens to a kind of request after the safety screen."""

    DISPATCH = "dispatch"
    ANSWER = "answer"
    COLLECT = "collect"
    LEGAL_CHANNEL = "legal_channel"
    PROGRESS = "progress"
    OUTSIDE = "outside"
    DISSUADE = "dissuade"
    REVIEW = "review"


class Doubt(StrEnum):
    """Why the machine leaves the kind of a request to a person."""

    LOW_CONFIDENCE = "low_confidence"
    SCREENS_DISAGREE = "screens_disagree"
    CANNOT_CLASSIFY = "cannot_classify"


class Outcome(StrEnum):
    """How a case left the desk's hands, or that it was dispatched.

    The six non-dispatch outcomes of the regulation's art. 11 are EMERGENCY_TRANSFERRED (always
    beside the record, never instead of it), LEGAL_CHANNEL, PROGRESS_TOLD, SECRET_EXPLAINED,
    OUTSIDE_REMIT and DISSUADED.
    """

    DISPATCHED = "DISPATCHED"
    ANSWERED = "ANSWERED"
    OPINION_COLLECTED = "OPINION_COLLECTED"
    LINKED = "LINKED"
    EMERGENCY_TRANSFERRED = "EMERGENCY_TRANSFERRED"
    LEGAL_CHANNEL = "LEGAL_CHANNEL"
    PROGRESS_TOLD = "PROGRESS_TOLD"
    SECRET_EXPLAINED = "SECRET_EXPLAINED"
    OUTSIDE_REMIT = "OUTSIDE_REMIT"
    DISSUADED = "DISSUADED"


class Safety(StrEnum):
    """What is known of the child's safety; never derived from the status."""

    UNKNOWN = "unknown"
    UNSAFE = "unsafe"
    INTERIM = "interim"
    SAFE = "safe"


class CloseReason(StrEnum):
    """On what a case was closed; none of them is anybody's own words."""

    RESOLVED = "resolved"
    REPLY_ACCEPTED = "reply_accepted"
    NOT_REACHED = "not_reached"
    SAFETY_HANDED_OVER = "safety_handed_over"
    HUNG_UP_SETTLED = "hung_up_settled"
    ANSWERED = "answered"
    OPINION_COLLECTED = "opinion_collected"
    CHANNEL_TOLD = "channel_told"
    NO_REQUEST = "no_request"
    LINKED = "linked"


class FollowUpState(StrEnum):
    """Where one look at a closed case stands."""

    PLANNED = "planned"
    ASKED = "asked"
    DONE = "done"
    SKIPPED = "skipped"


class FollowUpOutcome(StrEnum):
    """What a look at a closed case found."""

    SAFE = "safe"
    NOT_REACHED = "not_reached"
    CONCERN_AGAIN = "concern_again"


class CallbackClass(StrEnum):
    """Who may be called back: anyone, the reporter's safe number only, or nobody."""

    NORMAL = "CB-N"
    REPORTER_ONLY = "CB-R"
    NONE = "CB-X"


class ClosingAct(StrEnum):
    """What a department can have done that some kinds of request may not be closed without."""

    CHILD_SEEN = "child_seen"
    EVIDENCE_PRESERVED = "evidence_preserved"
    SITE_INSPECTED = "site_inspected"
    OFFENDER_KEPT_AWAY = "offender_kept_away"


class PersonRole(StrEnum):
    """Whom a person row is about; one row each, never mixed."""

    REPORTER = "reporter"
    CHILD = "child"
    SUSPECT = "suspect"


class Target(StrEnum):
    """What a clock measures."""

    DISPATCH = "dispatch"
    ACCEPTANCE = "acceptance"
    FIRST_CONTACT = "first_contact"
    SAFETY_KNOWN = "safety_known"
    MANDATORY_REPORT = "mandatory_report"
    SUPERVISION = "supervision"
    FEEDBACK = "feedback"
    CO_HANDLER = "co_handler"
    REVIEW = "review"
    CALLBACK = "callback"
    CLOSURE = "closure"


class KindOfTime(StrEnum):
    """How a limit is counted: by the clock, in whole days, or in days or hours of work."""

    NATURAL = "natural"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"


class EndOfDays(StrEnum):
    """When a limit of days ends on its last day: at 24:00, or at the time of day it began at."""

    DAY_END = "day_end"
    SAME_CLOCK = "same_clock"


class OpenCases(StrEnum):
    """What a new rule set does to the cases already open: keep their old rules, or go by the new."""

    FREEZE = "freeze"
    RECALCULATE = "recalculate"


class Versioned(StrEnum):
    """What of the desk is kept in numbered versions, of which the newest is live."""

    CATALOGUE = "catalogue"
    CLASSIFIER = "classifier"


class LedgerStatus(StrEnum):
    """Where an order stands by a department's own ledger, in our words."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    REPLIED = "replied"
    CLOSED = "closed"
    RETURNED = "returned"
    TRANSFERRED = "transferred"


class ExtractState(StrEnum):
    """What became of an extract of a department's ledger."""

    LANDED = "landed"
    REFUSED = "refused"


class Severity(StrEnum):
    """What a failed data check leads to: no closing, a task for somebody, or a note."""

    BLOCK = "block"
    TASK = "task"
    NOTE = "note"


class CheckScope(StrEnum):
    """How much a run of the data checks looks at, and what started it."""

    HOURLY = "hourly"
    NIGHTLY = "nightly"
    IMPORT = "import"
    BY_HAND = "by_hand"


class ObjectionReason(StrEnum):
    """Why a department says that an order is not its own; the words are in the dispatch catalogue."""

    NOT_OUR_DUTY = "not_our_duty"
    OTHER_DISTRICT = "other_district"
    DUPLICATE = "duplicate"
    FACTS_WRONG = "facts_wrong"
    OWN_INTEREST = "own_interest"


class ReassignReason(StrEnum):
    """Why a supervisor takes an order from one unit and gives it to another."""

    UNIT_ABSENT = "unit_absent"
    WRONG_UNIT = "wrong_unit"
    LOAD = "load"
    REORGANISED = "reorganised"
    CONFLICT = "conflict"


class Role(StrEnum):
    """What an API client may do."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    DEPARTMENT = "department"
    ADMINISTRATOR = "administrator"
    DECISION_MAKER = "decision_maker"


class Scope(StrEnum):
    """One group of routes that an API key may use; a key has some or all of those its role has."""

    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    WORDS_READ = "words:read"
    WORDS_FULL = "words:full"
    SLICE_READ = "slice:read"
    NEWS_WRITE = "news:write"
    LINKS_READ = "links:read"
    LINKS_WRITE = "links:write"
    UNITS_READ = "units:read"
    UNITS_WRITE = "units:write"
    COPIES_READ = "copies:read"
    NOTICES_READ = "notices:read"
    NOTICES_WRITE = "notices:write"
    METRICS_READ = "metrics:read"
    PAGES = "pages"


_HOUSE_SCOPES = frozenset(
    {
        Scope.CASES_READ, Scope.WORDS_READ, Scope.WORDS_FULL, Scope.NEWS_WRITE, Scope.UNITS_READ, Scope.NOTICES_READ,
        Scope.PAGES,
    }
)  # fmt: skip
_SEAT_SCOPES = frozenset({Scope.CASES_WRITE, Scope.LINKS_READ, Scope.LINKS_WRITE})
_OVERSEER_SCOPES = frozenset({Scope.UNITS_WRITE, Scope.NOTICES_WRITE})

SCOPES_OF: dict[Role, frozenset[Scope]] = {
    Role.OPERATOR: _HOUSE_SCOPES | _SEAT_SCOPES,
    Role.SUPERVISOR: _HOUSE_SCOPES | _SEAT_SCOPES | _OVERSEER_SCOPES,
    Role.ADMINISTRATOR: _HOUSE_SCOPES | _OVERSEER_SCOPES | {Scope.METRICS_READ},
    # Reads reports, and of cases nothing.
    Role.DECISION_MAKER: frozenset({Scope.PAGES}),
    Role.DEPARTMENT: frozenset({Scope.CASES_READ, Scope.SLICE_READ, Scope.NEWS_WRITE, Scope.COPIES_READ, Scope.PAGES}),
}
"""All that a role has: no key ever has more. Every role is a key."""


class Purpose(StrEnum):
    """Why somebody reads a case's words; kept in the access log with every read."""

    HANDLING = "handling"
    REVIEW = "review"
    CALLBACK = "callback"
    COMPLAINT = "complaint"
    LEARNING = "learning"


class ReadOf(StrEnum):
    """What was read, searched or taken out, as the access log calls it."""

    WORDS = "words"
    WORDS_FULL = "words_full"
    TEXT_FULL = "text_full"
    PERSON_FULL = "person_full"
    SLICE = "slice"
    EVIDENCE = "evidence"
    CONTACT = "contact"
    SAME_MATTER = "same_matter"
    CASE_LIST = "case_list"
    PROGRESS = "progress"
    PROACTIVE_WORDS = "proactive_words"
    ISSUE_CASES = "issue_cases"


class GlassReason(StrEnum):
    """Why somebody breaks the glass to read what their role may not; each use is reviewed."""

    CHILD_IN_DANGER = "child_in_danger"
    NOBODY_ELSE_THERE = "nobody_else_there"
    COURT_OR_POLICE = "court_or_police"
    SYSTEM_FAULT = "system_fault"


class HoldReason(StrEnum):
    """Why the words of a case must stay whatever the rules of retention say."""

    COURT = "court"
    POLICE = "police"
    COMPLAINT = "complaint"
    INQUIRY = "inquiry"


class Recipient(StrEnum):
    """Who is told, when it is not a department by its own code."""

    DUTY_SUPERVISOR = "DUTY_SUPERVISOR"
    DESK = "DESK"
    DEPARTMENT_CHIEF = "DEPARTMENT_CHIEF"
    DISTRICT_LEADER = "DISTRICT_LEADER"
    RULES_SUPERVISOR = "RULES_SUPERVISOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    DECISION_MAKERS = "DECISION_MAKERS"


class Ask(StrEnum):
    """What an alert asks of whoever reads it; the words are in `notifications/messages.py`."""

    ACCEPT_ORDER = "accept_order"
    ANSWER_ORDER = "answer_order"
    EMERGENCY = "emergency"
    REPORT_TO_POLICE = "report_to_police"
    HELP_LEAD = "help_lead"
    ANSWER_WHISTLE = "answer_whistle"
    REMINDER = "reminder"
    OVERDUE = "overdue"
    SUPERVISE = "supervise"
    RAISE_LEVEL = "raise_level"
    CHILD_SAFETY = "child_safety"
    REVIEW_CASE = "review_case"
    CHECK_LINK = "check_link"
    DECIDE_OBJECTION = "decide_objection"
    DECIDE_TRANSFER = "decide_transfer"
    ARBITRATE = "arbitrate"
    DECIDE_EXTENSION = "decide_extension"
    EXTENSION_DECIDED = "extension_decided"
    OBJECTION_DECIDED = "objection_decided"
    REWORK = "rework"
    CALL_BACK = "call_back"
    DECIDE_CLOSING = "decide_closing"
    FOLLOW_UP = "follow_up"
    FOLLOW_UP_OVERDUE = "follow_up_overdue"
    ORDER_WITHDRAWN = "order_withdrawn"
    GRADE_CHANGED = "grade_changed"
    READ_OPINION = "read_opinion"
    READ_COPY = "read_copy"
    FLAGGED = "flagged"
    CALENDAR_ENDS = "calendar_ends"
    DEAD_LETTER = "dead_letter"
    RECONCILE = "reconcile"
    RECONCILE_OVERDUE = "reconcile_overdue"
    RECORDS_BLOCKED = "records_blocked"
    RULES_BROKEN = "rules_broken"
    RULES_PROMOTED = "rules_promoted"
    VERSION_PROMOTED = "version_promoted"
    VERSION_UNREADABLE = "version_unreadable"
    PAUSE_USED_UP = "pause_used_up"
    NAME_UNIT = "name_unit"
    WRITE_BRIEF = "write_brief"
    READ_BRIEF = "read_brief"
    UNUSUAL_READING = "unusual_reading"
    GLASS_BROKEN = "glass_broken"
    READ_REPORT = "read_report"


class NoticeState(StrEnum):
    """Where an alert stands in the outbox."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    SUPERSEDED = "superseded"


class NewsKind(StrEnum):
    """What the outside world may say about a case: the kinds of inbox row."""

    ACKNOWLEDGED = "acknowledged"
    CONTACTED = "contacted"
    REPLIED = "replied"
    CO_REPLIED = "co_replied"
    OBJECTED = "objected"
    OBJECTION_DECIDED = "objection_decided"
    CONFLICT_FOUND = "conflict_found"
    REASSIGNED = "reassigned"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_DECIDED = "extension_decided"
    HELP_ASKED = "help_asked"
    HUNG_UP = "hung_up"
    CALLED_BACK = "called_back"
    POLICE_NOTIFIED = "police_notified"
    HANDED_OVER = "handed_over"
    SAFETY_RECORDED = "safety_recorded"
    GRADE_DECIDED = "grade_decided"
    REVIEW_DECIDED = "review_decided"
    CLOSING_DECIDED = "closing_decided"
    FOLLOWED_UP = "followed_up"
    REOPENED = "reopened"
    RESUMED = "resumed"
    FACTS_JOINED = "facts_joined"
    LINK_DECIDED = "link_decided"
    SUMMARY_WRITTEN = "summary_written"


class EventKind(StrEnum):
    """What happened to a case: the kinds of journal entry."""

    RECEIVED = "received"
    MOVED = "moved"
    SCREENED = "screened"
    EMERGENCY_HANDED_OVER = "emergency_handed_over"
    CLASSIFIED = "classified"
    GRADE_RAISED = "grade_raised"
    GRADE_LOWERED = "grade_lowered"
    ASSIGNED = "assigned"
    WITHDRAWN = "withdrawn"
    LINKED = "linked"
    FACTS_JOINED = "facts_joined"
    CLOCK_STARTED = "clock_started"
    CLOCK_STOPPED = "clock_stopped"
    CLOCK_RESUMED = "clock_resumed"
    CLOCK_MOVED = "clock_moved"
    RULES_CHANGED = "rules_changed"
    PAUSED = "paused"
    UNPAUSED = "unpaused"
    BREACHED = "breached"
    ESCALATED = "escalated"
    ESCALATED_AGAIN = "escalated_again"
    ESCALATION_ACKNOWLEDGED = "escalation_acknowledged"
    NEWS = "news"
    NEWS_REFUSED = "news_refused"
    CLOSURE_CHECKED = "closure_checked"
    CALLBACK_SUPPRESSED = "callback_suppressed"
    FOLLOW_UP = "follow_up"
    SUMMARY_WRITTEN = "summary_written"
    EVIDENCE_KEPT = "evidence_kept"
    GLASS_BROKEN = "glass_broken"
    SEALED = "sealed"
    FLAGGED = "flagged"
    UNFLAGGED = "unflagged"


class DecisionKind(StrEnum):
    """What the desk decided: the kinds of decision row."""

    SCREEN = "screen"
    CLASSIFY = "classify"
    ROUTE = "route"
    ASSIGN = "assign"
    CLOCK = "clock"
    ESCALATE = "escalate"
    NEWS = "news"
    CLOSURE = "closure"
    CALLBACK = "callback"


class Flag(StrEnum):
    """Why a person must look at a case."""

    RUN_CANCELLED = "RUN_CANCELLED"
    ACTIVATION_FAILS = "ACTIVATION_FAILS"
    RULES_DO_NOT_FIT = "RULES_DO_NOT_FIT"
    CLOSURE_BLOCKED = "CLOSURE_BLOCKED"


class Step(StrEnum):
    """What a case may need next; `tasks.steps` says when, `flows.case` tells them as a story."""

    SCREEN = "screen"
    CLASSIFY = "classify"
    PROPOSE_LINKS = "propose_links"
    ROUTE = "route"
    ASSIGN = "assign"
    START_CLOCKS = "start_clocks"
    REFIT_CLOCKS = "refit_clocks"
    NOTIFY = "notify"
    DIGEST_NEWS = "digest_news"
    TAKE_DOWN = "take_down"
    DISPATCH_UNREVIEWED = "dispatch_unreviewed"
    ESCALATE = "escalate"
    CHECK_CLOSURE = "check_closure"
    CALL_BACK = "call_back"
    ASK_APPROVAL = "ask_approval"
    CLOSE = "close"
