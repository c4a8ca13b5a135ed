"""Every table of the case database, for Alembic and for tests that build one."""

from sqlmodel import SQLModel

from models.accounts import Account, SpecialAccess, StaffTie, WebSession
from models.assigning import DistrictCopy, Objection, UnitAbsence
from models.case import Case, CaseLink, Person
from models.checks import CheckRun, DataFinding, ReconciliationTask
from models.common_issues import CommonIssue, IssueCase, IssueRelease, IssueRun
from models.drafts import IntakeDraft
from models.early_warnings import EarlyWarning, WarningCase
from models.exchange import Assignment, Evidence, Inbox, Notice
from models.following import FollowUp
from models.house import (
    AccessLog,
    ApiClient,
    BulkReading,
    Department,
    DeskFact,
    HouseVersion,
    ImportBatch,
    Promotion,
    RuleSet,
    WrittenOnce,
)
from models.learning import Confirmation
from models.ledgers import LedgerImport, LedgerQuarantine, LedgerRow
from models.matching import LinkProposal, MatchToken
from models.proactive import ProactiveEvent, ProactiveLevel, ProactiveOrder, ProactiveText
from models.record import Clock, Decision, Escalation, Event
from models.reports import Report, ReportedNumbers
from models.sealing import LegalHold, SealProof
from models.topics import CandidateTopic, TopicMove

TABLES: tuple[type[SQLModel], ...] = (
    Case,
    Person,
    CaseLink,
    Decision,
    Event,
    Clock,
    Escalation,
    FollowUp,
    Assignment,
    Objection,
    UnitAbsence,
    DistrictCopy,
    Notice,
    Inbox,
    Evidence,
    Confirmation,
    Department,
    ApiClient,
    Account,
    WebSession,
    SpecialAccess,
    StaffTie,
    WrittenOnce,
    RuleSet,
    Promotion,
    HouseVersion,
    ImportBatch,
    AccessLog,
    BulkReading,
    DeskFact,
    MatchToken,
    LinkProposal,
    LedgerImport,
    LedgerRow,
    LedgerQuarantine,
    CheckRun,
    ReconciliationTask,
    DataFinding,
    LegalHold,
    SealProof,
    IntakeDraft,
    ReportedNumbers,
    Report,
    CommonIssue,
    IssueCase,
    IssueRun,
    IssueRelease,
    ProactiveOrder,
    ProactiveEvent,
    ProactiveText,
    ProactiveLevel,
    EarlyWarning,
    WarningCase,
    CandidateTopic,
    TopicMove,
)
METADATA = SQLModel.metadata
