"""The dispatch catalogue: what its file may say, and that every slip is told with its place."""

import shutil
from pathlib import Path

import pytest

from catalogue.loader import load_catalogue
from catalogue.snapshot import HERE
from models.rule_files import RuleFileError
from tasks.dispatch.dispatching import DispatchFacts, Load, decide_dispatch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "catalogue"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def change(path: Path, old: str, new: str) -> int:
    """Replace the first `old` and return the number of its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    lead: SPORT", "    lead: MARS", "no department MARS in the catalogue"),
        ("    lead: SPORT", "    lead: COMMUNITY", "COMMUNITY may not lead"),
        ("    lead: SPORT", "    lead: SCHOOL", "SCHOOL may not lead"),
        ("      - {unit: CIVIL, share: check_licence}", "      - {unit: SCHOOL, share: check_licence}", "handles nothing"),
        ("      - {unit: CIVIL, share: check_licence}", "      - {unit: CIVIL, share: check_luck}", "no share check_luck"),
        ("when: {kinds: [C07],", "when: {kinds: [C77],", "no kind C77"),
        ("facts: [lottery_sport]}", "facts: [lottery_moon]}", "no fact lottery_moon"),
        ("id: lottery-sport", "id: refund-game-licence", "refund-game-licence is there twice"),
        ("ties: [STREET, COMMUNITY]", "ties: [STREET, MOON]", "no department MOON"),
        ("  - {unit: DISABLED, share: rehabilitate}\n", "", "DISABLED helps with some kind but has no share"),
        ("  - {unit: MARKET, share: check_market}\n", "", "MARKET helps with some kind but has no share"),
        ("      slice: child\n", "      slice: kid\n", "no slice kid"),
        ("instead: [POLICE, PROC]", "instead: [POLICE, COMMUNITY]", "COMMUNITY may not lead"),
    ],
)  # fmt: skip
def test_a_reference_that_leads_nowhere_is_told_with_its_line(folder: Path, old: str, new: str, told: str) -> None:
    path = folder / "dispatch.yaml"
    line = change(path, old, new)
    with pytest.raises(RuleFileError) as caught:
        load_catalogue(folder)
    (problem, *_) = [each for each in caught.value.problems if told in each]
    assert "dispatch.yaml" in problem
    if new and "helps with" not in told:
        # A block that opens on the line named may hold the entry a line or two further down.
        assert abs(int(problem.split("dispatch.yaml:")[1].split(":")[0]) - line) <= 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("when: {kinds: [C07], facts: [lottery_sport]}", "when: {facts: [lottery_sport]}", "name the kinds"),
        ("child_case: true", "child_case: perhaps", "boolean"),
        ("one_of: [YOUTH, WOMEN]", "one_of: [YOUTH]", "two or more units"),
        ("      - {unit: CIVIL, share: check_licence}", "      - {unit: SPORT, share: check_licence}", "leads and may not be in"),
        ("age_below: 3}", "age_from: 5, age_below: 3}", "age_from must be below age_below"),
        ("  - {code: child, fields: [number, grade, due_at]}", "  - {code: child, fields: [number, reporter]}", "Input should be"),
        ("  - {code: duplicate,", "  - {code: dupicate,", "Input should be"),
        ("    lead: SPORT", "    laed: SPORT", "unknown key"),
    ],
)  # fmt: skip
def test_an_entry_that_contradicts_itself_is_refused(folder: Path, old: str, new: str, told: str) -> None:
    change(folder / "dispatch.yaml", old, new)
    with pytest.raises(RuleFileError) as caught:
        load_catalogue(folder)
    assert any(told in each for each in caught.value.problems), caught.value.problems


def test_a_rule_that_an_earlier_one_hides_is_told(folder: Path) -> None:
    change(folder / "dispatch.yaml", "when: {kinds: [C07], facts: [lottery_sport]}", "when: {kinds: [N06, C07]}")
    path = folder / "dispatch.yaml"
    text = path.read_text(encoding="utf-8")
    hidden = "  - id: lottery-again\n    when: {kinds: [C07], natures: [REPORT]}\n    lead: MARKET\n    source: test\n"
    path.write_text(text.replace("  - id: fares\n", hidden + "  - id: fares\n"), encoding="utf-8")
    with pytest.raises(RuleFileError, match="never reached: lottery-sport comes first"):
        load_catalogue(folder)


def test_the_last_line_of_the_copies_must_fit_everything(folder: Path) -> None:
    change(folder / "dispatch.yaml", "    - id: ordinary\n", "    - id: ordinary\n      when: {child_case: false}\n")
    with pytest.raises(RuleFileError, match="the last line, and only that one"):
        load_catalogue(folder)


def test_a_community_committee_never_leads(folder: Path) -> None:
    """接诉即办 regulation, art. 17: whoever edits the units cannot make it so."""
    text = (folder / "departments.yaml").read_text(encoding="utf-8")
    before = "name_en: Community committee, may_lead: false"
    assert before in text
    (folder / "departments.yaml").write_text(text.replace(before, before.replace("false", "true")), encoding="utf-8")
    with pytest.raises(RuleFileError, match="a community committee never leads"):
        load_catalogue(folder)


@pytest.mark.parametrize(
    ("extra", "told"),
    [(", superior: MARS", "no department MARS"), (", tied_to: [MARS]", "no department MARS"), (", superior: FIRE", "above")],
)
def test_superiors_and_ties_must_meet_the_catalogue(folder: Path, extra: str, told: str) -> None:
    change(folder / "departments.yaml", "name_en: Fire and rescue, may_lead: true", f"name_en: Fire and rescue, may_lead: true{extra}")
    with pytest.raises(RuleFileError, match=told):
        load_catalogue(folder)


def test_a_rule_for_one_district_holds_there_and_nowhere_else(folder: Path) -> None:
    """Place: a new area whose one bureau does what three do elsewhere."""
    rule = "  - id: new-area\n    when: {kinds: [C08], districts: [NEW-AREA]}\n    lead: URBAN\n    source: test\n"
    path = folder / "dispatch.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("rules:\n", f"rules:\n{rule}", 1), encoding="utf-8")
    catalogue = load_catalogue(folder)
    assert decide_dispatch(DispatchFacts("C08", district="NEW-AREA"), catalogue).lead == "URBAN"
    assert decide_dispatch(DispatchFacts("C08", district="OLD-TOWN"), catalogue).lead == "CULTURE"
    assert decide_dispatch(DispatchFacts("C08"), catalogue).lead == "CULTURE"


def test_a_change_of_the_dispatch_catalogue_changes_the_digest(folder: Path) -> None:
    before = load_catalogue(folder).digest
    change(folder / "dispatch.yaml", "    lead: SPORT", "    lead: CIVIL")
    change(folder / "dispatch.yaml", "      - {unit: CIVIL, share: check_licence}", "      - {unit: SPORT, share: check_licence}")
    assert load_catalogue(folder).digest != before


def test_alternatives_called_equally_fit_are_taken_by_load(folder: Path) -> None:
    """Without the word, the order of the file stands."""
    facts = DispatchFacts("G09", complained_of=("CIVIL",), load={"PROC": Load(5, 1), "WOMEN": Load(1, 0)})
    assert decide_dispatch(facts, load_catalogue(folder)).lead == "PROC"
    change(folder / "dispatch.yaml", "    instead: [PROC]\n", "    instead: [PROC, WOMEN]\n    instead_by_load: true\n")
    assert decide_dispatch(facts, load_catalogue(folder)).lead == "WOMEN"
