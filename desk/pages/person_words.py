"""What the fields of a person are called on pages, by `role.field`, and what they may be read for."""

from desk.pages.translation import N_, NC_, Said
from models.vocabulary import PersonRole, Purpose

PERSON_FIELD_WORDS: dict[str, Said] = {
    "reporter.name": N_("Caller's name"),
    "reporter.contact": N_("How to reach the caller"),
    "reporter.identity": N_("Caller's identity number"),
    "reporter.address": N_("Caller's address"),
    "reporter.note": N_("Note on the caller"),
    "child.name": N_("Child's name"),
    "child.contact": N_("How to reach the child"),
    "child.identity": N_("Child's identity number"),
    "child.address": NC_("child.address", "Where the child is; home; school"),
    "child.note": N_("Note on the child"),
    "suspect.name": N_("Whom it is about"),
    "suspect.contact": N_("Their number (never call it to verify)"),
    "suspect.identity": N_("Their identity number"),
    "suspect.address": N_("Their address"),
    "suspect.note": N_("Who they are, relation to the child"),
}
"""Every field that `tasks.words.entitlement` knows of a person is a key."""

PERSON_WORDS: dict[str, Said] = {
    PersonRole.REPORTER.value: N_("Caller"),
    PersonRole.CHILD.value: N_("Child"),
    PersonRole.SUSPECT.value: N_("Whom it is about"),
}
"""Every person of a case is a key."""

PURPOSE_WORDS: dict[Purpose, Said] = {
    Purpose.HANDLING: N_("handling the case"),
    Purpose.REVIEW: N_("review"),
    Purpose.CALLBACK: N_("calling back"),
    Purpose.COMPLAINT: N_("a complaint about us"),
}
"""What a person of the house may read for; learning is the machine's own purpose."""
