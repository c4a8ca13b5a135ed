"""What two reports of one matter have in common: names, places and words as keyed tokens, and weights."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from catalogue.link_rules import LinkRules, problems_of
from catalogue.normalise import normalise
from models.matching import MatchField
from models.vault import Vault
from tasks.links.matching import PURPOSE, Tokens, Told, tokens_of
from tasks.links.matching_names import contact_form, identity_form, name_form, names_of_children, surname_form
from tasks.links.matching_places import places_in
from tasks.links.matching_score import Side, weigh
from tests.small_desk import shipped_catalogue

RULES = shipped_catalogue().links
KEY = Vault(b"k" * 32).index_key(PURPOSE)
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LONG = "楼上住户的孩子每天晚上十点以后一直哭到半夜，能听到摔东西和大人骂人的声音，已经持续两个星期了，邻居都很担心。"


def tokens(**told: object) -> Tokens:
    return tokens_of(Told(**{"text": "", **told}), RULES.text, KEY)  # type: ignore[arg-type]  # per test


def side(at: datetime = NOON, kinds: str = "", **told: object) -> Side:
    known = Told(**{"text": "", **told})  # type: ignore[arg-type]  # per test
    return Side(
        tokens_of(known, RULES.text, KEY), at, frozenset(kinds.split()), known.district, known.child_age
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王小明", "王 小 明"), ("陳小紅", "陈小红"), ("李小红同学", "李小红"), ("阿依古丽·买买提", "阿依古丽 买买提"),
        ("Tom  Smith", "tom smith"), ("Anne-Marie Wood", "anne marie wood"),
    ],
)  # fmt: skip
def test_a_name_is_the_same_however_it_is_written(one: str, other: str) -> None:
    """Blanks, titles, traditional characters, capitals."""
    assert name_form(one) == name_form(other) != ""


@pytest.mark.parametrize("name", ["", "李某", "李某某", "张**", "不详", "unknown", "孩子", "王"])
def test_what_is_no_whole_name_identifies_nobody(name: str) -> None:
    """Else all the 李某 of a city would be one child."""
    assert name_form(name) == ""


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("李某", "李"),
        ("欧阳娜", "欧阳"),
        ("王小明", "王"),
        ("Tom Smith", "smith"),
        ("Tom", ""),
        ("孩子", ""),
        ("", ""),
    ],
)
def test_a_surname_is_told_where_it_can_be(name: str, surname: str) -> None:
    """Also from a name that is half hidden."""
    assert surname_form(name) == surname


@pytest.mark.parametrize(
    ("one", "other"), [("+86 138-0000-1234", "13800001234"), ("１３８００００１２３４", "138 0000 1234")]
)
def test_a_number_is_the_same_however_it_is_written(one: str, other: str) -> None:
    """Country code, dashes, fullwidth digits."""
    assert contact_form(one) == contact_form(other) != ""


def test_what_is_too_short_to_tell_people_apart_is_left_out() -> None:
    """The desk's own number, or half a document's."""
    assert contact_form("12345") == identity_form("110101") == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("我女儿叫李小红，今年八岁", ("李小红",)), ("有个男孩名叫张伟的被打", ("张伟",)), ("王小明同学打人", ("王小明",)),
        ("老师叫家长来学校", ()), ("孩子叫我去救他", ()), ("同学们都很害怕", ()),
        ("my son called Tom Smith was hit", ("tom smith",)),
    ],
)  # fmt: skip
def test_the_name_of_a_child_is_heard_in_a_text_only_where_it_is_given(
    text: str, names: tuple[str, ...]
) -> None:
    """Most texts give none."""
    assert names_of_children(normalise(text)) == names


@pytest.mark.parametrize(
    ("text", "venues"),
    [
        ("我家孩子在朝阳区第三小学上学，被老师打", ("BJ-CY/3小学",)), ("市三小门口有人卖烟", ("BJ-CY/3小学",)),
        ("实验小学和第十三小学的食堂", ("BJ-CY/实验小学", "BJ-CY/13小学")), ("孩子就读于星星幼儿园", ("星星幼儿园",)),
        ("孩子上陽光小學二年級", ("阳光小学",)), ("金源大酒店带小女孩开房", ("金源大酒店",)),
        ("附近一家网吧让未成年人上网", ()), ("孩子今年高中，读初中的妹妹", ()), ("二小时后，中午一中午没吃饭", ()),
        ("he goes to Green Hill Primary School", ("green hill primary school",)),
        ("the school does nothing", ()),
    ],
)  # fmt: skip
def test_a_school_or_venue_is_heard_by_its_name(text: str, venues: tuple[str, ...]) -> None:
    """One without a name is none; a name that every district has stands with its district."""
    assert places_in(normalise(text), "BJ-CY").venues == venues


@pytest.mark.parametrize(
    "text",
    [
        "阳光花园小区3号楼2单元502",
        "阳光花园三栋502室",
        "朝阳区幸福路阳光花园3-2-502",
        "家住陽光花園 3号楼 502",
    ],
)
def test_an_address_is_the_same_however_it_is_written(text: str) -> None:
    """To the flat."""
    found = places_in(normalise(text), None)
    assert (found.estates, found.buildings, found.rooms) == (
        ("阳光花园",),
        ("阳光花园/3",),
        ("阳光花园/3/502",),
    )


def test_an_english_address_and_a_street_are_heard() -> None:
    """House by house."""
    found = places_in(normalise("at Sunshine Estate, Building 3, Flat 502, 12 Oak Street"), None)
    assert found.rooms == ("sunshine estate/3/502",)
    assert found.buildings == ("sunshine estate/3", "12 oak street")
    assert places_in(normalise("解放路128号的院子"), None).buildings == ("解放路128号",)


def test_no_token_tells_anything_without_the_key() -> None:
    """Another desk's key gives other tokens for everything, the words of the text included."""
    told = Told(LONG, "BJ-CY", 8, "王小明", "110101201801011234", "阳光花园3号楼502", "张三", "13800001234")
    ours, theirs = (
        tokens_of(told, RULES.text, Vault(bytes([each]) * 32).index_key(PURPOSE)) for each in (1, 2)
    )
    assert ours.keys() == theirs.keys()
    assert not {each for found in ours.values() for each in found} & {
        each for found in theirs.values() for each in found
    }


def test_one_value_in_two_fields_gives_two_tokens() -> None:
    """The child of one case is not the suspect of another."""
    child, suspect = tokens(child_name="王小明"), tokens(suspect_name="王小明")
    assert child[MatchField.CHILD_NAME].isdisjoint(suspect[MatchField.SUSPECT_NAME])


def test_ages_one_year_apart_still_meet_and_two_do_not() -> None:
    """A neighbour guesses."""
    by_age = {
        age: tokens(child_name="王小明", child_age=age)[MatchField.CHILD_SURNAME_AGE] for age in range(4, 12)
    }
    assert all(by_age[age] & by_age[age + 1] for age in range(4, 11))
    assert not any(by_age[age] & by_age[age + 2] for age in range(4, 10))


def test_alike_texts_share_bands_and_strangers_none() -> None:
    """Half of the words anew still leaves some; a short text has none to share."""
    text = MatchField.TEXT_ALIKE
    same = tokens(text=LONG.replace("。", "！").replace("楼上住户", "楼上那家"))[text]
    other = tokens(
        text="学校食堂的饭菜价格能不能公示，上个学期说好每个月都会在门口贴出来，到现在一次都没有看到过。"
    )[text]
    mine = tokens(text=LONG)[text]
    assert len(mine) == RULES.text.bands
    assert len(mine & same) >= 4
    assert not mine & other
    assert text not in tokens(text="孩子一直哭")


def test_a_text_of_a_hundred_thousand_characters_is_cut_and_empty_ones_say_nothing() -> None:
    """HTML, emoji and prompts included."""
    assert tokens(text="<b>😭</b>" + LONG * 2000) == tokens(text="<b>😭</b>" + LONG * 1000)
    assert tokens() == {}


def test_evidence_is_added_up_and_named() -> None:
    """The same child's name, district, kind and day: the sum of the weights in links.yaml."""
    one = side(kinds="F01", district="BJ-CY", child_name="王小明")
    other = side(NOON + timedelta(days=2), "C04 F01", district="BJ-CY", child_name="王小明")
    by_field = {each.field: each for each in RULES.evidence}
    fields = (MatchField.CHILD_NAME, MatchField.KIND, MatchField.DISTRICT, MatchField.TIME)
    match = weigh(one, other, RULES)
    assert match.score == sum(by_field[each].agrees for each in fields)
    assert {each.field for each in match.reasons} == set(fields)
    assert weigh(other, one, RULES).score == match.score


def test_a_difference_counts_against_and_a_gap_not_at_all() -> None:
    """Another name takes away; a case that names no child neither adds nor takes away."""
    mine = side(child_name="王小明", district="BJ-CY")
    unnamed = weigh(mine, side(district="BJ-CY"), RULES)
    other = weigh(mine, side(district="BJ-CY", child_name="李小红"), RULES)
    assert MatchField.CHILD_NAME not in {each.field for each in unnamed.reasons}
    assert (
        other.score
        == unnamed.score + {each.field: each for each in RULES.evidence}[MatchField.CHILD_NAME].differs
    )


def test_what_one_field_implies_is_not_counted_twice() -> None:
    """The same flat is also the same house and estate."""
    one = side(text="阳光花园3号楼502有个孩子在哭")
    fields = {each.field for each in weigh(one, one, RULES).reasons}
    assert MatchField.ROOM in fields
    assert not fields & {MatchField.BUILDING, MatchField.ESTATE}


def test_place_kind_and_time_alone_never_propose() -> None:
    """Or every second case of a district would be proposed."""
    plain = side(kinds="F01", district="BJ-CY", child_age=8)
    assert weigh(plain, plain, RULES).score < RULES.propose


WRONG = {
    "strong is below propose": {"strong": 1.0},
    "alone": {"propose": 1.0},
    "never reached": {"strong": 99.0},
    "missing: age": {"evidence": [each for each in RULES.evidence if each.field is not MatchField.AGE]},
    "written twice: kind": {"evidence": [*RULES.evidence, RULES.by_field[MatchField.KIND]]},
    "above bands": {"text": {**RULES.text.model_dump(), "same_from_bands": 13}},
}


@pytest.mark.parametrize(("problem", "change"), WRONG.items())
def test_rules_that_could_mean_nothing_are_refused(problem: str, change: dict[str, object]) -> None:
    """With what to mend."""
    with pytest.raises(ValidationError, match=problem):
        LinkRules.model_validate({**RULES.model_dump(by_alias=True), **change})


@pytest.mark.parametrize(
    ("field", "change", "problem"),
    [
        (MatchField.KIND, {"near_days": 3}, "near_days"),
        (MatchField.AGE, {"near_years": None}, "near_years"),
        (MatchField.VENUE, {"agrees": -1.0}, "agrees"),
        (MatchField.VENUE, {"covers": ["venue"]}, "itself"),
        (MatchField.TEXT_SAME, {"differs": -1.0}, "only looked at where they agree"),
    ],
)
def test_evidence_that_contradicts_itself_is_refused(
    field: MatchField, change: dict[str, object], problem: str
) -> None:
    """One row at a time."""
    rows = [{**each.model_dump(), **(change if each.field is field else {})} for each in RULES.evidence]
    with pytest.raises(ValidationError, match=problem):
        LinkRules.model_validate({**RULES.model_dump(), "evidence": rows})


def test_the_order_of_the_two_and_the_clock_make_no_difference() -> None:
    """Received first or second."""
    one, other = side(child_name="王小明"), side(NOON + timedelta(days=30), child_name="王小明")
    assert weigh(one, other, RULES) == weigh(
        replace(other, received_at=NOON - timedelta(days=30)), one, RULES
    )


def test_the_file_names_kinds_of_the_catalogue_and_no_two_fields_cover_each_other() -> None:
    """Each broken reference with its place."""
    rows = [
        {
            **each.model_dump(),
            **({"covers": ["child_name"]} if each.field is MatchField.CHILD_SURNAME_AGE else {}),
        }
        for each in RULES.evidence
    ]
    broken = LinkRules.model_validate({**RULES.model_dump(), "evidence": rows, "leave_out": ["X01", "X98"]})
    kinds = shipped_catalogue().kinds
    assert list(problems_of(RULES, kinds)) == []
    assert [each.location for each in problems_of(broken, kinds)] == [
        ("leave_out", 1), ("evidence", 1, "covers"), ("evidence", 2, "covers"),
    ]  # fmt: skip
