"""The sample cases: enough of them, of every sort, invented, and described as the desk judges them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from catalogue.loader import Catalogue, load_catalogue
from desk.rehearsal.scenario import Sample, choose, load_samples
from models.rule_files import RuleFileError
from models.vocabulary import (
    CallbackClass,
    EventKind,
    Grade,
    Nature,
    NewsKind,
    Outcome,
    Recipient,
    Status,
    Target,
)
from tasks.classifying.classification import Classification, classify
from tasks.classifying.screening import screen

SAMPLES = load_samples()
BY_PERSON = {NewsKind.GRADE_DECIDED, NewsKind.REVIEW_DECIDED}

ONE = """\
cases:
  - id: one
    name: A plain case for this test
    arrives: {day: 2, at: "09:00"}
    intake: {text: 孩子作业多, kind: S09}
    ends: {status: CLOSED}
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "some.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def judged(sample: Sample, catalogue: Catalogue) -> Classification:
    told = sample.intake
    heard = screen(
        told.text,
        catalogue,
        danger_now=told.danger_now,
        suspect_is_guardian=told.suspect_is_guardian,
        child_age=told.child_age,
    )
    nature = None if told.nature is Nature.OTHER else told.nature
    return classify(told.text, told.kind, nature, heard, catalogue)


def test_there_are_sixty_samples_two_thirds_of_them_chinese():
    languages = Counter(sample.intake.language for sample in SAMPLES)
    assert languages.total() >= 60
    assert languages["zh"] == pytest.approx(languages.total() * 2 / 3, abs=2)


def test_forty_kinds_and_every_grade_occur():
    assert len({sample.ends.kind for sample in SAMPLES} - {None}) >= 40
    assert {sample.ends.grade for sample in SAMPLES} >= set(Grade)


@pytest.mark.parametrize(
    "outcome",
    sorted(set(Outcome) - {Outcome.EMERGENCY_TRANSFERRED, Outcome.LEGAL_CHANNEL, Outcome.SECRET_EXPLAINED}),
)
def test_every_way_out_of_the_desk_is_taken_by_some_sample(outcome: Outcome):
    assert any(sample.ends.outcome is outcome for sample in SAMPLES)


@pytest.mark.parametrize(
    "status",
    [Status.DISPUTED, Status.EXTENSION_ASKED, Status.REWORK, Status.HUNG_UP, Status.REOPENED, Status.NEEDS_REVIEW],
)
def test_every_side_move_is_taken_by_some_sample(status: Status):
    assert any(status in sample.ends.passes for sample in SAMPLES)


@pytest.mark.parametrize("target", [Target.ACCEPTANCE, Target.FIRST_CONTACT, Target.FEEDBACK, Target.SUPERVISION])
def test_some_sample_lets_this_clock_run_out(target: Target):
    assert any(target in sample.ends.breached for sample in SAMPLES)


def test_objections_are_both_upheld_and_rejected():
    rulings = {
        reaction.says.fields["upheld"]
        for sample in SAMPLES
        for reaction in sample.then
        if reaction.says.kind is NewsKind.OBJECTION_DECIDED
    }
    assert rulings == {True, False}


def test_a_guardian_who_is_suspected_is_never_called_back_normally():
    suspected = [sample for sample in SAMPLES if sample.intake.suspect_is_guardian]
    assert len(suspected) >= 5
    assert {sample.ends.callback for sample in suspected} == {CallbackClass.REPORTER_ONLY}


def test_a_reporter_without_a_safe_contact_is_a_sample_whose_callback_is_suppressed():
    unsafe = [sample for sample in SAMPLES if EventKind.CALLBACK_SUPPRESSED in sample.ends.happened]
    assert len(unsafe) >= 3
    for sample in unsafe:
        assert sample.intake.reporter is None or not sample.intake.reporter.may_call_back


def test_the_unit_complained_of_and_its_chief_may_never_be_told():
    sample = next(each for each in SAMPLES if each.intake.complained_of)
    unit = sample.intake.complained_of
    assert {told.recipient for told in sample.ends.never_told} >= {unit, f"CHIEF:{unit}"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_every_contact_is_a_number_that_reaches_nobody(sample: Sample):
    people = (sample.intake.reporter, sample.intake.child, sample.intake.suspect)
    for person in people:
        assert person is None or re.fullmatch(r"(000-\d{4}-\d{4})?", person.contact)
        assert person is None or person.identity == ""
    assert not re.search(r"1[3-9]\d{9}|\d{17}[\dX]|@", sample.intake.text)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_every_sample_names_units_and_kinds_of_the_catalogue(sample: Sample, catalogue: Catalogue):
    assert {sample.intake.kind, sample.ends.kind} - {None} <= set(catalogue.kinds)
    told = {each.recipient.removeprefix("CHIEF:") for each in (*sample.ends.told, *sample.ends.never_told)}
    scripted = {reaction.speaker.department for reaction in sample.then} - {None}
    silent = {each.partition(".")[0] for each in sample.silent}
    units = {sample.ends.lead, *sample.ends.co_handlers, *told, *scripted, *silent} - {None}
    assert units <= set(catalogue.departments) | set(Recipient)


UNTOUCHED = [
    sample
    for sample in SAMPLES
    if Status.NEEDS_REVIEW not in sample.ends.passes
    and EventKind.FACTS_JOINED not in sample.ends.happened
    and not any(reaction.says.kind in BY_PERSON for reaction in sample.then)
]


@pytest.mark.parametrize("sample", UNTOUCHED, ids=lambda sample: sample.id)
def test_what_the_desk_finds_in_the_words_is_what_the_sample_says(sample: Sample, catalogue: Catalogue):
    found = judged(sample, catalogue)
    assert not found.needs_review
    assert sample.ends.kind in (None, found.kind)
    assert sample.ends.grade in (None, found.grade)


@pytest.mark.parametrize(
    "sample",
    [sample for sample in SAMPLES if Status.NEEDS_REVIEW in sample.ends.passes],
    ids=lambda sample: sample.id,
)
def test_what_a_person_must_review_is_not_certain_to_the_desk(sample: Sample, catalogue: Catalogue):
    assert judged(sample, catalogue).needs_review


def test_a_label_of_custody_addiction_or_policy_does_not_hide_harm(catalogue: Catalogue):
    hidden = [s for s in SAMPLES if s.intake.kind in {"F07", "N05", "X01"} and s.ends.grade is Grade.U1]
    assert {sample.intake.kind for sample in hidden} == {"F07", "N05", "X01"}
    assert all(judged(sample, catalogue).harm for sample in hidden)


def test_samples_arrive_in_order_and_a_duplicate_after_its_main_case():
    moments = [sample.arrives.moment for sample in SAMPLES]
    assert moments == sorted(moments)
    order = [sample.id for sample in SAMPLES]
    for sample in SAMPLES:
        if sample.same_matter_as:
            assert order.index(sample.same_matter_as) < order.index(sample.id)


def test_more_cases_than_samples_come_again_a_little_later_under_new_ids():
    visits = choose(SAMPLES, len(SAMPLES) + 40)
    assert len({visit.id for visit in visits}) == len(visits)
    first, again = visits[0], visits[len(SAMPLES)]
    assert again.sample is first.sample
    assert again.arrives_at > first.arrives_at
    linked = next(visit for visit in visits[len(SAMPLES) :] if visit.same_matter_as)
    assert linked.same_matter_as.endswith("-2")
    assert linked.same_matter_as in {visit.id for visit in visits}


@pytest.mark.parametrize(
    ("old", "new", "where", "problem"),
    [
        ("status: CLOSED}", "status: CLOSED, colour: red}", "6:", "cases.0.ends.colour: unknown key"),
        ("day: 2", "day: 31", "4:", "cases.0.arrives.day"),
        ('"09:00"', "540", "4:", "not a time of day"),
        ("kind: S09}", "kind: S9}", "5:", "cases.0.intake.kind"),
        ("kind: S09}", "source_ref: x}", "", "intake.source_ref is filled in by the rehearsal"),
        ("    ends:", "    same_matter_as: two\n    ends:", "", "two does not arrive before it"),
        (
            "    ends:",
            "    then: [{when: {told: EDU}, says: {acknowledged: {}}}]\n    ends:",
            "6:",
            "told with ask",
        ),
        (
            "    ends:",
            "    then: [{when: {at: 1 h}, says: {acknowledged: {}}}]\n    ends:",
            "6:",
            "say who speaks",
        ),
        (
            "    ends:",
            "    then: [{when: {told: EDU, ask: rework}, says: {replied: {resolved: true}}}]\n    ends:",
            "6:",
            "replied.text",
        ),
        (
            "    ends:",
            "    then: [{when: {told: EDU, ask: rework}, says: {shouted: {}}}]\n    ends:",
            "6:",
            "shouted is not a kind of news",
        ),
    ],
)
def test_a_mistake_in_a_sample_is_told_with_file_line_and_field(
    tmp_path: Path, old: str, new: str, where: str, problem: str
):
    folder = written(tmp_path, ONE.replace(old, new))
    with pytest.raises(RuleFileError) as told:
        load_samples(folder)
    assert f"some.yaml:{where}" in str(told.value) or not where
    assert problem in str(told.value)


def test_two_samples_of_one_name_are_refused(tmp_path: Path):
    twice = ONE + ONE.removeprefix("cases:\n")
    with pytest.raises(RuleFileError, match="one: this id is taken"):
        load_samples(written(tmp_path, twice))
