"""The knowledge base: what its files may say, what is found in them, and that no harm ends as an answer."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from catalogue.knowledge_base import KnowledgeBase, load_knowledge
from catalogue.loader import load_catalogue
from desk.doctor.findings import Level
from desk.doctor.intake import look_at_intake
from desk.pages.intake_words import SAY
from desk.pages.translation import say
from models.rule_files import RuleFileError
from models.vocabulary import Outcome, Status
from notifications.messages import Language
from tasks.classifying.judgement import judge
from tasks.receiving.knowledge import Uses, knowledge_used, uses_of_knowledge
from tasks.workplace import use_workplace
from tests.api_desk import NOW, ApiDesk, api_desk
from tests.harness.lone_desk import LoneDesk
from tests.harness.rule_sets import install
from tests.small_desk import small_desk

ENTRY = """\
entries:
  - id: home-alone
    title_zh: 多大的孩子可以单独在家
    title_en: How old must a child be
    answer_zh: 不满八周岁的孩子不得无人看护。
    answer_en: A child under eight may never be unattended.
    sources: [L-MPL 21]
    kinds: [F03]
    keywords: {zh: [单独在家], en: [home alone]}
    reviewed_on: 2026-11-29
    review_by: 2027-05-31
"""


@pytest.fixture(scope="module")
def shipped() -> KnowledgeBase:
    return load_knowledge(None, load_catalogue().kinds)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


@pytest.fixture
def desk(tmp_path: Path) -> LoneDesk:
    place = small_desk(tmp_path / "desk")
    install(place)
    use_workplace(place)
    return LoneDesk(place)


def test_the_delivered_entries_are_whole_in_both_languages(shipped: KnowledgeBase) -> None:
    assert 12 <= len(shipped.entries) <= 40
    for each in shipped.entries.values():
        assert re.search("[\u4e00-\u9fff]", each.title_zh + each.answer_zh)
        assert each.title_en.isascii() or "“" in each.title_en
        assert not re.search("[\u4e00-\u9fff]", each.answer_en)
        assert each.reviewed_on <= date(2026, 11, 29) < each.review_by


def test_every_entry_is_found_by_each_of_its_keywords(shipped: KnowledgeBase) -> None:
    for each in shipped.entries.values():
        for word in (*each.keywords.zh, *each.keywords.en):
            assert each in shipped.found(f"请问 {word} ?", most=40), (each.id, word)


@pytest.mark.parametrize(
    ("asked", "kind", "first"),
    [
        ("孩子偷偷给主播打赏了三千，怎么退款", None, "top-up-refund"),
        ("How do I get a PROTECTION ORDER", None, "protection-order"),
        ("網吧讓未成年人進去", None, "net-bars-and-tobacco"),
        ("", "F03", "home-alone"),
        ("彩票", None, "net-bars-and-tobacco"),
    ],
)
def test_the_likeliest_entry_comes_first(shipped: KnowledgeBase, asked: str, kind: str | None, first: str) -> None:
    assert shipped.found(asked, kind)[0].id == first


@pytest.mark.parametrize(("asked", "kind"), [("", None), ("   ", "X99"), ("今天天气", None), ("\0", None), ("%", None)])
def test_nothing_fits_what_nobody_wrote_about(shipped: KnowledgeBase, asked: str, kind: str | None) -> None:
    assert shipped.found(asked, kind) == ()


def test_no_delivered_answer_reads_as_harm_when_an_operator_repeats_its_title(shipped: KnowledgeBase) -> None:
    """A question must be answerable: its own title is graded as no more than a question of that kind."""
    catalogue = load_catalogue()
    for each in shipped.entries.values():
        if each.id in {"bullying-at-school", "online-bullying-evidence", "protection-order", "home-alone"}:
            continue
        assert not judge(each.title_zh, catalogue, None).screening.harm, each.id


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("review_by: 2027-05-31", "review_by: 2026-11-29", "2:5: entries.0: review_by must lie after reviewed_on"),
        ("review_by: 2027-05-31", "review_by: 2028-05-31", "2:5: entries.0: review_by must lie after reviewed_on, by at most 366"),
        ("review_by: 2027-05-31", "review_by: soon", "11:5: entries.0.review_by"),
        ("kinds: [F03]", "kinds: [F03, Q01]", "8:18: entries.0.kinds.1"),
        ("kinds: [F03]", "kinds: [F99]", "8:5: entries.0.kinds: no kind F99 in the catalogue"),
        ("sources: [L-MPL 21]", "sources: [somebody said so]", "7:15: entries.0.sources.0"),
        ("sources: [L-MPL 21]", "sources: []", "7:5: entries.0.sources"),
        ("    answer_en: A child under eight may never be unattended.\n", "", "2:5: entries.0.answer_en: Field required"),
        ("id: home-alone", "id: Home Alone", "2:5: entries.0.id"),
        ("title_zh:", "titel_zh:", "3:5: entries.0.titel_zh: unknown key"),
        ("entries:", "entries: [", ": not valid YAML"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "own.yaml").write_text(ENTRY.replace(old, new), encoding="utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_knowledge(tmp_path, load_catalogue().kinds)
    assert any("own.yaml:" in each and told in each for each in refused.value.problems), refused.value.problems


def test_two_entries_of_one_id_are_refused_and_the_second_is_named(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / "knowledge" / name).write_text(ENTRY, encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"b\.yaml:2:5: entries\.0\.id: home-alone is taken"):
        load_knowledge(tmp_path)


def test_the_desks_own_folder_takes_the_place_of_the_delivered_one_and_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    own = tmp_path / "knowledge" / "own.yaml"
    own.write_text(ENTRY, encoding="utf-8")
    before = load_knowledge(tmp_path).entries
    own.write_text(ENTRY.replace("不满八周岁", "不满8周岁"), encoding="utf-8")
    after = load_knowledge(tmp_path).entries
    assert set(before) == set(after) == {"home-alone"}
    assert before["home-alone"].version != after["home-alone"].version, "another word is another version"
    own.unlink()
    with pytest.raises(RuleFileError, match="no file found"):
        load_knowledge(tmp_path)


def test_an_entry_is_good_until_the_end_of_its_last_day_in_beijing(desk: LoneDesk) -> None:
    entry = load_knowledge().entries["home-alone"]
    assert not entry.is_stale(entry.review_by) and entry.is_stale(entry.review_by + timedelta(days=1))
    for hour, stale in ((15, False), (16, True)):
        at = NOW.replace(year=2027, month=5, day=31, hour=hour, minute=0)
        used = knowledge_used(desk.place, "home-alone", at)
        assert used is not None and used.is_stale is stale


@pytest.mark.parametrize(
    ("text", "ends", "uses"),
    [
        ("请问孩子几岁可以开直播？", Outcome.ANSWERED, Uses(1, 1)),
        ("请问孩子几岁可以开直播？继父每天晚上摸她，还打她。", Outcome.DISPATCHED, Uses(1, 0)),
    ],
    ids=["a question", "a question with harm behind it"],
)
def test_harm_is_never_settled_by_an_answer_however_good(desk: LoneDesk, text: str, ends: Outcome, uses: Uses) -> None:
    label = desk.take_in(text, nature="CONSULT", kind="N08", answer="不满16周岁不得开通。", knowledge_entry="streaming-age")
    desk.run_due()
    case = desk.case(label)
    assert case.outcome is ends and (case.status is Status.DISPATCHED) == (ends is Outcome.DISPATCHED)
    with desk.place.database.reading() as session:
        assert uses_of_knowledge(session) == {"streaming-age": uses}


def test_the_doctor_tells_what_is_due_and_what_cannot_be_read(tmp_path: Path) -> None:
    calls, knowledge = look_at_intake(tmp_path, NOW)
    assert (calls.level, knowledge.level) == (Level.OK, Level.OK)
    assert "3 silent calls" in calls.words and "18 entries" in knowledge.words
    _, knowledge = look_at_intake(tmp_path, NOW.replace(year=2027, month=4, day=1))
    assert knowledge.level is Level.WARN and "2 of 18 entries are due for review" in knowledge.words
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "own.yaml").write_text(ENTRY.replace("[F03]", "[F99]"), encoding="utf-8")
    (tmp_path / "calls.yaml").write_text("kinds: {}", encoding="utf-8")
    calls, knowledge = look_at_intake(tmp_path, NOW)
    assert calls.level is Level.BAD and "calls.yaml:1:" in calls.words
    assert knowledge.level is Level.WARN and "own.yaml:8:" in knowledge.words


@pytest.mark.parametrize("place", [0, 1], ids=["zh", "en"])
def test_the_page_shows_every_entry_once_over_its_pages(pages: ApiDesk, place: int) -> None:
    lang = ("zh", "en")[place]
    seen: list[str] = []
    path: str | None = f"/knowledge?lang={lang}"
    while path:
        text = pages.client.get(path, auth=("x", pages.keys["administrator"])).text
        seen += re.findall(r'<section class="sheet card entry" id="([^"]+)"', text)
        after = re.search(rf'href="([^"]+)">{say(SAY["more"], (Language.ZH, Language.EN)[place])}<', text)
        path = after[1].replace("&amp;", "&") if after else None
    assert sorted(seen) == sorted(load_knowledge().entries) and len(seen) > 10
    assert say(SAY["knowledge_count"], (Language.ZH, Language.EN)[place]) in text


@pytest.mark.parametrize("number", ["0", "-1", "999", "x", "", "%00", "²", "9" * 400])
def test_a_page_that_is_not_there_is_one_that_is(pages: ApiDesk, number: str) -> None:
    answer = pages.client.get(f"/knowledge?page={number}", auth=("x", pages.keys["operator"]))
    assert answer.status_code == 200 and 'class="sheet card entry"' in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_search_is_escaped_and_stands_in_no_address(pages: ApiDesk) -> None:
    auth = ("x", pages.keys["supervisor"])
    answer = pages.client.post("/knowledge?lang=en", data={"ask": '"><script>x'}, auth=auth)
    assert answer.status_code == 200 and "<script" not in answer.text and "&lt;script&gt;" in answer.text
    assert say(SAY["knowledge_none"], Language.EN) in answer.text and answer.url.query == b"lang=en"
    for body in (b"\xff", b"a=1&" * 50, b""):
        assert pages.client.post("/knowledge", content=body, auth=auth).status_code == 200


@pytest.mark.parametrize("who", ["EDU", ""])
def test_the_knowledge_base_is_for_the_house(pages: ApiDesk, who: str) -> None:
    auth = ("x", pages.keys[who]) if who else None
    for answer in (pages.client.get("/knowledge", auth=auth), pages.client.post("/knowledge", data={"ask": "网吧"}, auth=auth)):
        assert answer.status_code == (403 if who else 401) and "L-MPL" not in answer.text


def test_the_page_counts_how_often_an_entry_was_used(pages: ApiDesk) -> None:
    for _ in range(3):
        pages.take_in(text="问", answer="答", knowledge_entry="legal-aid")
    pages.take_in(text="没有答复", knowledge_entry="legal-aid")
    text = pages.client.post("/knowledge?lang=en", data={"ask": "lawyer"}, auth=("x", pages.keys["operator"])).text
    assert re.search(r'id="legal-aid".*?Used 3 \(of which answered 0\)', text, re.DOTALL)
