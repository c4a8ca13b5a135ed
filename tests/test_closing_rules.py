"""What `procedure.yaml` may say of closing, of looks after it and of reasons, and what no file may."""

import re
from datetime import timedelta

import pytest

from models.vocabulary import CloseReason, FollowUpOutcome, FollowUpState, Grade
from sla_rules.findings import findings_of
from sla_rules.loader import rule_book_of
from sla_rules.procedure_rules import ProcedureFile, ReasonLists
from sla_rules.rule_book import RuleBook
from sla_rules.snapshot import HERE, PROCEDURE, Snapshot, snapshot_of
from tasks.closing.close_reasons import CLOSE_WORDS
from tasks.closing.closure import ACT_WORDS, SENTENCES, Missing
from tasks.news.coded_reasons import LISTED

SHIPPED = snapshot_of(HERE)
TEXT = SHIPPED.files[PROCEDURE]


def with_procedure(text: str) -> Snapshot:
    return Snapshot("set", {**SHIPPED.files, PROCEDURE: text})


def problems(old: str, new: str) -> list[str]:
    assert old in TEXT
    return [str(each) for each in findings_of(with_procedure(TEXT.replace(old, new, 1)), None, None) if each.severity == "error"]


@pytest.mark.parametrize(
    ("old", "new", "where", "why"),
    [
        ("grades: [U0, U1], harm: true, again", "grades: [U0], harm: true, again", "closing.approval.grades", "U1 is closed by a supervisor only"),
        ("grades: [U0, U1], harm: true, again", "grades: [], harm: true, again", "closing.approval.grades", "U0 is closed by a supervisor only"),
        ("harm: true, again_every", "harm: false, again_every", "closing.approval.harm", ""),
        ("harm: true, again_every", "again_every", "closing.approval.harm", ""),
        ("leader_after: 24 h", "leader_after: 7 h", "closing.approval.leader_after", "no sooner"),
        ("after: [7 d, 30 d, 90 d]", "after: [30 d, 7 d]", "follow_ups.0.after", "soonest first"),
        ("after: [7 d, 30 d, 90 d]", "after: [7 d, 7 d]", "follow_ups.0.after", "each once"),
        ("after: [7 d, 30 d, 90 d]", "after: []", "follow_ups.0.after", ""),
        ("code: new_facts", "code: facts_checked", "reasons.grade_decided.1.code", "this code is taken"),
        ("code: needs_inspection, zh: 须现场检查,", "code: needs_inspection,", "reasons.extension_asked.0.zh", ""),
        ("code: needs_inspection,", "code: 须现场检查,", "reasons.extension_asked.0.code", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_and_field(old: str, new: str, where: str, why: str) -> None:
    found = problems(old, new)
    assert any(re.search(rf"procedure\.yaml:\d+:\d+: .*{re.escape(where)}", each) and why in each for each in found), found


def test_more_grades_may_need_a_supervisor_and_no_fewer() -> None:
    wider = TEXT.replace("grades: [U0, U1], harm: true, again", "grades: [U0, U1, U2], harm: true, again", 1)
    rules = rule_book_of(with_procedure(wider))
    assert [grade for grade in Grade if rules.needs_approval(grade, harm=False)] == [Grade.U0, Grade.U1, Grade.U2]
    assert all(rules.needs_approval(grade, harm=True) for grade in Grade)


def test_a_file_written_before_there_was_any_of_it_has_what_is_shipped() -> None:
    """Promoted rule sets and the desks' own files stay readable."""
    older = TEXT[: TEXT.index("# Which cases close only")] + "...\n"
    old, new = rule_book_of(with_procedure(older)), rule_book_of(SHIPPED)
    assert (old.closing, old.follow_ups, old.reasons) == (new.closing, new.follow_ups, new.reasons)


def test_a_desk_may_look_at_nothing_again_and_the_first_rule_that_fits_is_taken() -> None:
    start, end = TEXT.index("follow_ups:\n"), TEXT.index("# The reasons people")
    none = rule_book_of(with_procedure(TEXT[:start] + "follow_ups: []\n\n" + TEXT[end:]))
    assert none.follow_up_for(Grade.U0, harm=True) is None
    two = "follow_ups:\n" + "".join(
        f'  - {{id: {name}, grades: [{grade}], harm: true, after: [{after}], answer_within: 1 d, source: "[P]"}}\n'
        for name, grade, after in (("first", "U3", "2 d"), ("second", "U1", "9 d"))
    )
    both: RuleBook = rule_book_of(with_procedure(TEXT[:start] + two + "\n" + TEXT[end:]))
    found = both.follow_up_for(Grade.U1, harm=True)
    assert found is not None and [each.length for each in found.after] == [timedelta(days=2)]
    only_grade = both.follow_up_for(Grade.U1, harm=False)
    assert only_grade is not None and only_grade.id == "second"


def test_every_word_of_closing_has_its_entry_in_both_languages() -> None:
    assert set(CLOSE_WORDS) == set(CloseReason)
    assert set(SENTENCES) == set(Missing)
    assert {kind.value for kind in LISTED} == set(ReasonLists.model_fields)
    for words in (*CLOSE_WORDS.values(), *SENTENCES.values(), *ACT_WORDS.values()):
        assert all(words)
    assert {"closing", "follow_ups", "reasons"} <= set(ProcedureFile.model_fields)
    assert len(FollowUpOutcome) == 3 and len(FollowUpState) == 4
