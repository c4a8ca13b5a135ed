"""The delivered catalogue is whole, and a broken one tells every place to mend at once."""

import shutil
from pathlib import Path

import pytest

from catalogue.ages import ages_in
from catalogue.cues import Cue, CueIndex
from catalogue.loader import HERE, Catalogue, load_catalogue
from catalogue.normalise import normalise
from catalogue.schema import Cues
from models.rule_files import RuleFileError
from models.vocabulary import CallbackClass, Grade, Route

GROUPS = {"F": 12, "S": 12, "C": 18, "N": 12, "G": 11, "J": 9}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


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


def cues_of(catalogue: Catalogue) -> list[Cues]:
    kinds, signals = catalogue.kinds.values(), catalogue.signals
    natures = catalogue.natures
    return [*(k.cues for k in kinds), *(s.cues for s in signals), *(n.cues for n in natures)]


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(RuleFileError) as caught:
        load_catalogue(folder)
    return caught.value.problems


def test_every_kind_of_the_taxonomy_is_there(catalogue: Catalogue) -> None:
    expected = {f"{group}{n:02d}" for group, count in GROUPS.items() for n in range(1, count + 1)}
    expected |= {f"X{n:02d}" for n in (1, 2, 3, 4, 5, 6, 99)}
    assert set(catalogue.kinds) == expected


def test_every_kind_is_listened_for_in_both_languages(catalogue: Catalogue) -> None:
    thin = [
        kind.code for kind in catalogue.kinds.values() if len(kind.cues.zh) < 10 or len(kind.cues.en) < 6
    ]
    assert thin == []


def test_every_cue_is_written_in_the_form_it_is_looked_for(catalogue: Catalogue) -> None:
    phrases = [
        phrase
        for cues in cues_of(catalogue)
        for cue in (*cues.zh, *cues.en)
        for part in ([cue] if isinstance(cue, str) else cue.together)
        for phrase in part.split("|")
    ]
    assert [each for each in phrases if normalise(each) != each.lower().strip()] == []


def test_kinds_in_which_a_guardian_may_offend_never_call_the_household(catalogue: Catalogue) -> None:
    risky = {kind.code for kind in catalogue.kinds.values() if kind.guardian_may_be_offender}
    assert {"F01", "F02", "F03", "F05", "F09", "F11", "F12", "J03"} <= risky
    assert all(catalogue.kinds[code].callback is CallbackClass.REPORTER_ONLY for code in risky)


def test_routes_follow_the_regulation(catalogue: Catalogue) -> None:
    routes = {code: kind.route for code, kind in catalogue.kinds.items()}
    assert [routes[f"X0{n}"] for n in range(1, 7)] == [
        Route.ANSWER, Route.COLLECT, Route.COLLECT, Route.PROGRESS, Route.DISSUADE, Route.OUTSIDE,
    ]  # fmt: skip
    assert routes["X99"] is Route.REVIEW
    assert {code for code, kind in catalogue.kinds.items() if kind.legal_channel} == {"F07", "J02"}
    for code, kind in catalogue.kinds.items():
        if kind.group != "X":
            assert kind.route is (Route.ANSWER if kind.grade is Grade.UC else Route.DISPATCH), code


def test_the_digest_changes_with_any_file(catalogue: Catalogue, folder: Path) -> None:
    assert load_catalogue(folder).digest == catalogue.digest
    change(folder / "kinds" / "school.yaml", "被同学孤立", "被同学们孤立")
    assert load_catalogue(folder).digest != catalogue.digest


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "reason"),
    [
        ("kinds/family.yaml", "lead: POLICE", "lead: MARS", "kinds.0.lead", "no department MARS"),
        ("kinds/family.yaml", "with: [CIVIL,", "with: [MARS,", "kinds.0.with.0", "no department MARS"),
        ("kinds/family.yaml", "[danger_now,", "[full_moon,", "kinds.0.raised_when.0", "no signal full_moon"),
        ("kinds/family.yaml", "code: F02", "code: F01", "kinds.1.code", "F01 is there twice"),
        ("signals.yaml", "kind: C04", "kind: C77", "kind", "no kind C77"),
        ("signals.yaml", "id: weapon", "id: danger_now", "id", "danger_now is there twice"),
        ("departments.yaml", "alternative: PROC", "alternative: MARS", "alternative", "no department MARS"),
        ("departments.yaml", "alternative: PROC", "alternative: POLICE", "alternative", "stand in for itself"),
    ],
)
def test_a_broken_reference_is_told_with_its_line(
    folder: Path, file: str, old: str, new: str, field: str, reason: str
) -> None:
    line = change(folder / file, old, new)
    matching = [each for each in problems_of(folder) if reason in each]
    assert matching
    assert matching[0].startswith(f"{folder / file}:{line}:")
    assert field in matching[0]


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("kinds/family.yaml", "code: F02", "code: Q2", "String should match pattern"),
        ("kinds/family.yaml", "name_zh:", "nane_zh:", "unknown key"),
        ("kinds/family.yaml", "with: [CIVIL,", "with: [POLICE,", "may not be in `with` too"),
        ("kinds/family.yaml", "grade: U1", "grade: U9", "Input should be"),
        ("kinds/family.yaml", "raised_grade: U0", "raised_grade: U2", "must be graver"),
        ("kinds/family.yaml", "callback: CB-R", "callback: CB-N", "guardian may be the offender"),
        ("kinds/family.yaml", "[打孩子,", "[打孩子, 打孩子,", "written twice"),
        ("kinds/family.yaml", "[child|kid|", "[child||kid|", "empty"),
        ("departments.yaml", "may_lead: true", "may_lead: perhaps", "boolean"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(
    folder: Path, file: str, old: str, new: str, reason: str
) -> None:
    change(folder / file, old, new)
    assert any(reason in each and str(folder / file) in each for each in problems_of(folder))


def test_a_unit_that_may_not_lead_cannot_lead(folder: Path) -> None:
    change(folder / "departments.yaml", "may_lead: true", "may_lead: false")
    assert any("POLICE may not lead" in each for each in problems_of(folder))


def test_all_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    change(folder / "kinds" / "school.yaml", "name_zh:", "nane_zh:")
    change(folder / "kinds" / "family.yaml", "grade: U1", "grade: U9")
    (folder / "natures.yaml").unlink()
    told = "\n".join(problems_of(folder))
    assert "school.yaml" in told and "family.yaml" in told and "natures.yaml:1:1: file: file not found" in told


def test_a_folder_without_kinds_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "kinds")
    assert any("no file of kinds" in each for each in problems_of(folder))


@pytest.mark.parametrize(
    ("text", "heard"),
    [("继父打我", True), ("打我的是继父", True), ("继父在外地，说要打我", True), ("继父" + "远" * 30 + "打我", False)],
)
def test_phrases_close_together_are_heard_in_any_order(text: str, heard: bool) -> None:
    index = CueIndex([Cue("A", "A:zh:1", (("继父", "养父"), ("打我",)), within=20)])
    assert bool(index.find(text)) is heard


def test_a_far_pair_does_not_hide_a_near_one() -> None:
    index = CueIndex([Cue("A", "A:zh:1", (("继父",), ("打我",)), within=5)])
    (hit,) = index.find("继父" + "远" * 30 + "打我" + "远" * 30 + "继父打我")
    assert hit.first == 64


@pytest.mark.parametrize(("text", "heard"), [("he beats us", True), ("heartbeat", False), ("upbeat", False)])
def test_english_cues_are_words_not_parts_of_words(text: str, heard: bool) -> None:
    assert bool(CueIndex([Cue("A", "A:en:1", (("beat",),))]).find(text)) is heard


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("孩子7岁", (7,)), ("十五岁的女孩", (15,)), ("六十五岁老人", (65,)), ("二十岁", (20,)),
        ("8个月大的婴儿", (0,)), ("a 6-year-old boy", (6,)), ("aged 12", (12,)), ("3.5万", ()),
    ],
)  # fmt: skip
def test_ages_are_read_from_digits_and_words(text: str, ages: tuple[int, ...]) -> None:
    assert ages_in(normalise(text)) == ages
