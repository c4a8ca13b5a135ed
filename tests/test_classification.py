"""Classification: the gravest kind with real evidence leads, and harm is never filed away."""

import pytest

from catalogue.loader import Catalogue, load_catalogue
from models.vocabulary import CallbackClass, Grade, Nature, Route
from tasks.classifying.classification import Classification, UnknownKindError, classify
from tasks.classifying.screening import screen


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def classified(
    text: str, catalogue: Catalogue, kind: str | None = None, nature: Nature | None = None
) -> Classification:
    return classify(text, kind, nature, screen(text, catalogue), catalogue)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("爸爸用皮带打我，身上有伤", "F01"),
        ("继父半夜摸我隐私部位", "F02"),
        ("五岁的孩子一个人在家，没人管", "F03"),
        ("女儿离家出走，一夜没回家", "F08"),
        ("前夫不让我见孩子，抚养权归我", "F07"),
        ("我被同学欺负，他们孤立我，还收保护费", "S01"),
        ("老师体罚学生，罚站一上午", "S03"),
        ("学校食堂饭菜变质", "S04"),
        ("请问小升初划片怎么定", "S07"),
        ("孩子的培训机构跑路，课程费不退", "S08"),
        ("网吧接纳未成年人通宵上网", "C08"),
        ("烟酒店卖烟给学生", "C05"),
        ("孩子用我手机充值游戏，要求退款", "N06"),
        ("网友要女儿发裸照，还威胁发出去", "N01"),
        ("学生割腕自残，说不想活了", "G07"),
        ("孩子上户口需要什么材料", "G05"),
        ("Classmates bullied my son at school", "S01"),
        ("A shop sells cigarettes to students", "C05"),
        ("How do I get a school place, which catchment are we in?", "S07"),
    ],
)
def test_what_callers_say_leads_to_its_kind(catalogue: Catalogue, text: str, kind: str) -> None:
    assert classified(text, catalogue).kind == kind


def test_a_matter_among_adults_is_outside_the_remit(catalogue: Catalogue) -> None:
    found = classified("楼下饭店油烟扰民", catalogue)
    assert (found.kind, found.harm, found.needs_review) == ("X06", False, False)
    assert catalogue.kinds[found.kind].route is Route.OUTSIDE


def test_a_child_without_any_cue_goes_to_a_person(catalogue: Catalogue) -> None:
    found = classified("想说说我家孩子的一件事", catalogue)
    assert (found.kind, found.needs_review, found.confidence) == ("X99", True, 0.0)
    assert found.grade is Grade.U3


@pytest.mark.parametrize(
    "text", ["咨询一下，爸爸打孩子打得身上有伤归谁管", "建议管管这家，天天打孩子", "请问孩子被继父猥亵怎么办"]
)
@pytest.mark.parametrize("nature", [None, Nature.CONSULT, Nature.SUGGEST])
def test_asking_or_suggesting_never_hides_a_harm(
    catalogue: Catalogue, text: str, nature: Nature | None
) -> None:
    found = classified(text, catalogue, nature=nature)
    assert found.grade in (Grade.U0, Grade.U1)
    assert found.harm
    assert catalogue.kinds[found.kind].route is Route.DISPATCH


def test_the_given_kind_is_kept(catalogue: Catalogue) -> None:
    found = classified("学校食堂饭菜变质，校服也强制购买", catalogue, kind="S12")
    assert found.kind == "S12"
    assert "S04" in found.also


def test_a_graver_harm_leads_over_the_given_kind_which_stays_beside(catalogue: Catalogue) -> None:
    found = classified("离婚后前夫不让见孩子，女儿说爸爸打她，身上有伤", catalogue, kind="F07")
    assert (found.kind, found.grade) == ("F01", Grade.U1)
    assert "F07" in found.also


@pytest.mark.parametrize("given", ["X06", "X05", "X03"])
def test_an_operator_cannot_file_a_harm_as_no_case(catalogue: Catalogue, given: str) -> None:
    found = classified("听到隔壁小孩惨叫", catalogue, kind=given)
    assert found.kind == "F01"
    assert found.grade is Grade.U0


def test_an_unknown_given_kind_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownKindError, match="Z99"):
        classified("你好", catalogue, kind="Z99")


def test_harm_heard_only_by_the_screen_still_finds_a_kind(catalogue: Catalogue) -> None:
    found = classify("", None, None, screen("", catalogue, danger_now=True), catalogue)
    assert (found.kind, found.grade, found.harm) == ("C04", Grade.U0, True)
    at_home = screen("", catalogue, danger_now=True, suspect_is_guardian=True)
    assert classify("", None, None, at_home, catalogue).kind == "F01"


def test_the_others_are_ordered_gravest_first(catalogue: Catalogue) -> None:
    found = classified("学校食堂饭菜变质，作业太多，还强制购买校服，老师体罚学生", catalogue)
    grades = [catalogue.kinds[code].grade for code in (found.kind, *found.also)]
    assert grades == sorted(grades, key=list(Grade).index)
    assert {"S03", "S04", "S09"} <= {found.kind, *found.also}


def test_a_guardian_under_suspicion_may_not_be_called_back(catalogue: Catalogue) -> None:
    found = classified("妈妈天天打我", catalogue)
    assert found.guardian_suspect
    assert found.callback is CallbackClass.REPORTER_ONLY


def test_abuse_by_a_relative_is_a_family_case_not_a_strangers(catalogue: Catalogue) -> None:
    assert classified("The girl downstairs says her uncle touches her", catalogue).kind == "F02"
    assert classified("女儿说邻居猥亵她", catalogue).kind == "C01"


def test_an_enrolment_complaint_is_no_mere_consultation(catalogue: Catalogue) -> None:
    text = "小升初划片不合理"
    assert classified(text, catalogue, nature=Nature.CONSULT).grade is Grade.UC
    assert classified(text, catalogue, nature=Nature.COMPLAINT).grade is Grade.U3


@pytest.mark.parametrize(
    ("text", "nature"),
    [
        ("请问小学什么时候报名", Nature.CONSULT),
        ("我要举报一家黑网吧", Nature.REPORT),
        ("建议多建儿童公园", Nature.SUGGEST),
        ("投诉幼儿园涨价", Nature.COMPLAINT),
        ("求助，孩子没学上", Nature.HELP),
        ("表扬老师", Nature.PRAISE),
        ("爸爸打我", Nature.HELP),
    ],
)
def test_the_nature_is_guessed_from_the_words(catalogue: Catalogue, text: str, nature: Nature) -> None:
    assert classified(text, catalogue).nature is nature


def test_minors_inside_a_net_bar_now_are_more_urgent_than_a_habit(catalogue: Catalogue) -> None:
    assert classified("网吧接纳未成年人", catalogue).grade is Grade.U3
    assert classified("网吧接纳未成年人，现在里面有三个学生", catalogue).grade is Grade.U2


def test_the_result_names_cues_and_never_quotes_the_message(catalogue: Catalogue) -> None:
    found = classified("张小明在学校被同学欺负", catalogue)
    assert found.cues and all(each.startswith("S01:") for each in found.cues)
    assert "小明" not in repr(found)


def test_an_empty_message_is_outside_without_raising(catalogue: Catalogue) -> None:
    assert classified("", catalogue).kind == "X06"
