"""`whistle catalogue check`: everything at once, where it stands, and what was probably meant."""

import pytest

from catalogue.cue_warnings import OrdinaryText
from catalogue.snapshot import CatalogueSnapshot
from models.rule_problems import Finding
from tasks.house.catalogue_check import check_catalogue, ordinary_texts
from tests.harness.catalogues import edited, line_of, shipped_files

FAMILY, SCHOOL = "kinds/family.yaml", "kinds/school.yaml"
ISOLATED = "被同学孤立"


def findings(snapshot: CatalogueSnapshot, **more: object) -> tuple[Finding, ...]:
    return check_catalogue(snapshot, **{"known": shipped_files(), **more}).findings  # type: ignore[arg-type]


def only(snapshot: CatalogueSnapshot, **more: object) -> Finding:
    found = findings(snapshot, **more)
    assert len(found) == 1, [str(each) for each in found]
    return found[0]


def test_the_shipped_catalogue_has_no_error() -> None:
    assert check_catalogue(shipped_files()).errors == ()


@pytest.mark.parametrize(
    ("path", "old", "new", "field", "hint"),
    [
        (FAMILY, "lead: POLICE", "lead: 教育局", "kinds.0.lead", 'did you mean "EDU"?'),
        (FAMILY, "lead: POLICE", "lead: POLISE", "kinds.0.lead", 'did you mean "POLICE"?'),
        (FAMILY, "lead: POLICE", "laed: POLICE", "kinds.0.laed", 'did you mean "lead"?'),
        (FAMILY, "[danger_now,", "[danger_mow,", "kinds.0.raised_when.0", 'did you mean "danger_now"?'),
        (FAMILY, "grade: U1", "grade: 特急", "kinds.0.grade", 'did you mean "U0"?'),
        ("signals.yaml", "kind: C04", "kind: C40", "signals.7.kind", "did you mean"),
        ("natures.yaml", "nature: PRAISE", "nature: 表扬", "natures.1.nature", 'did you mean "PRAISE"?'),
    ],
)
def test_a_mistake_is_told_where_it_stands_with_what_was_meant(
    path: str, old: str, new: str, field: str, hint: str
) -> None:
    found = next(each for each in findings(edited(path, old, new)) if each.field == field)
    assert (found.file, found.line, found.severity) == (f"mine/{path}", line_of(path, old), "error")
    assert hint in found.hint


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    one = edited(FAMILY, "lead: POLICE", "lead: MARS")
    two = edited("natures.yaml", "nature: PRAISE", "nature: BOREDOM")
    both = CatalogueSnapshot("mine", {**one.files, "natures.yaml": two.files["natures.yaml"]})
    assert {each.file for each in findings(both)} == {"mine/natures.yaml"}, "references wait for all files"
    three = edited(FAMILY, "lead: POLICE", "lead: mars")
    both = CatalogueSnapshot("mine", {**three.files, "natures.yaml": two.files["natures.yaml"]})
    assert {each.file for each in findings(both)} == {"mine/natures.yaml", f"mine/{FAMILY}"}


def test_a_group_of_phrases_with_a_misspelt_key_is_told_once_and_as_a_group() -> None:
    found = only(edited("signals.yaml", "within: 16", "withn: 16"))
    assert (found.reason, found.hint) == ("unknown key", 'did you mean "within"?')
    assert "Near" not in found.field and "constrained" not in found.field


def test_a_cue_of_one_character_is_an_error() -> None:
    found = only(edited(SCHOOL, ISOLATED, "我"))
    assert found.reason == "a phrase has 2 to 60 characters, not 1"


def test_a_group_of_single_characters_is_to_be_weighed() -> None:
    found = only(edited(SCHOOL, f"{ISOLATED},", "{all: [打|骂, 我], within: 5},"))
    assert found.severity == "warning"
    assert "single characters only" in found.reason


def test_a_cue_inside_another_kinds_cue_is_to_be_weighed_and_names_it() -> None:
    found = only(edited(SCHOOL, f"{ISOLATED},", "网恋, "))
    assert found.severity == "warning"
    assert "'网恋' is part of" in found.reason


def test_what_the_live_version_has_already_is_not_weighed_again() -> None:
    assert findings(shipped_files()) == ()
    assert check_catalogue(shipped_files()).warnings != ()


def test_a_cue_that_ordinary_texts_are_full_of_is_to_be_weighed() -> None:
    ordinary = [OrdinaryText("请问校车几点发车", frozenset({"S08"}))] * 4
    found = only(edited(SCHOOL, f"{ISOLATED},", "几点发车, "), ordinary=ordinary)
    assert found.reason == "heard in 4 of 4 ordinary texts that are not about S01"


def test_a_cue_of_a_texts_own_kind_is_rightly_heard() -> None:
    ordinary = [OrdinaryText("请问校车几点发车", frozenset({"S01"}))] * 4
    assert findings(edited(SCHOOL, f"{ISOLATED},", "几点发车, "), ordinary=ordinary) == ()


def test_the_corpus_of_the_desk_has_ordinary_texts() -> None:
    assert len(ordinary_texts()) > 100


def test_a_lead_that_nobody_can_tell_is_to_be_weighed() -> None:
    everybody = [line.split("code: ")[1].split(",")[0] for line in
                 shipped_files().files["departments.yaml"].splitlines() if "code: " in line]  # fmt: skip
    assert findings(shipped_files(), reached=everybody) == ()
    found = only(shipped_files(), reached=[each for each in everybody if each != "EDU"])
    assert "EDU (教育) leads, but the channels file does not know how to tell it" in found.reason


def test_a_department_that_nobody_leads_is_to_be_weighed_once() -> None:
    new = "departments:\n  - {code: LIBRARY, name_zh: 图书馆, full_zh: 图书馆, name_en: Library, may_lead: true, alternative: EDU}\n"
    found = only(edited("departments.yaml", "departments:\n", new))
    assert found.reason.startswith("LIBRARY leads nothing")


def test_a_file_that_nothing_reads_is_told_of() -> None:
    stray = CatalogueSnapshot("mine", {**shipped_files().files, "signal.yaml": "signals: []\n"})
    assert only(stray).reason == "nothing reads this file"


def test_a_file_under_another_name_is_guessed_at() -> None:
    files = dict(shipped_files().files)
    files["natures.yml.yaml"] = files.pop("natures.yaml")
    found = next(each for each in findings(CatalogueSnapshot("mine", files)) if each.severity == "error")
    assert (found.file, found.reason) == ("mine/natures.yaml", "file not found")
    assert found.hint == "rename natures.yml.yaml if that is the file"
