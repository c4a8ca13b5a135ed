"""What the fields of a person are called on pages, by `role.field`."""

from desk.pages.form_fields import Pair

PERSON_FIELD_WORDS: dict[str, Pair] = {
    "reporter.name": ("来电人姓名", "Caller's name"),
    "reporter.contact": ("来电人联系方式", "How to reach the caller"),
    "reporter.identity": ("来电人证件号", "Caller's identity number"),
    "reporter.address": ("来电人住址", "Caller's address"),
    "reporter.note": ("来电人备注", "Note on the caller"),
    "child.name": ("孩子姓名", "Child's name"),
    "child.contact": ("孩子的联系方式", "How to reach the child"),
    "child.identity": ("孩子证件号", "Child's identity number"),
    "child.address": ("孩子所在、住址、学校", "Where the child is; home; school"),
    "child.note": ("孩子备注", "Note on the child"),
    "suspect.name": ("被反映人", "Whom it is about"),
    "suspect.contact": ("被反映人联系方式（不得用于核实）", "Their number (never call it to verify)"),
    "suspect.identity": ("被反映人证件号", "Their identity number"),
    "suspect.address": ("被反映人住址", "Their address"),
    "suspect.note": ("被反映人身份、关系、特征", "Who they are, relation to the child"),
}
"""Every field that `tasks.words.entitlement` knows of a person is a key."""
