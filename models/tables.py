"""Every table of the case database, for Alembic and for tests that build one."""

from sqlmodel import SQLModel

from models.case import Case, CaseLink, Person
from models.exchange import Assignment, Evidence, Inbox, Notice
from models.house import (
    AccessLog,
    ApiClient,
    Department,
    DeskFact,
    ImportBatch,
    Promotion,
    RuleSet,
    WrittenOnce,
)
from models.record import Clock, Decision, Escalation, Event

TABLES: tuple[type[SQLModel], ...] = (
    Case,
    Person,
    CaseLink,
    Decision,
    Event,
    Clock,
    Escalation,
    Assignment,
    Notice,
    Inbox,
    Evidence,
    Department,
    ApiClient,
    WrittenOnce,
    RuleSet,
    Promotion,
    ImportBatch,
    AccessLog,
    DeskFact,
)
METADATA = SQLModel.metadata
