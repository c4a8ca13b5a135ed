"""How likely the model finds a kind, and which kinds are worth a line."""

import pytest

from desk.pages.chance_words import chance_words, worth_showing
from desk.pages.words import Words
from notifications.messages import Language
from tasks.classifying.suggestion import Likely


@pytest.mark.parametrize(
    ("chance", "zh", "en"), [(0.0, "不到 1%", "less than 1%"), (0.004, "不到 1%", "less than 1%"), (0.01, "1%", "1%"), (0.876, "88%", "88%"), (1.0, "100%", "100%")]
)
def test_what_is_under_one_per_cent_is_not_told_as_nothing(chance: float, zh: str, en: str) -> None:
    assert (chance_words(chance, Words(Language.ZH)), chance_words(chance, Words(Language.EN))) == (zh, en)


def test_only_kinds_that_may_well_be_right_are_shown() -> None:
    kinds = [Likely("A01", None, 0.0), Likely("A02", None, 0.02), Likely("A03", None, 0.9), Likely("A04", None, 0.03), Likely("A05", None, 0.04)]
    assert [each.kind for each in worth_showing(kinds)] == ["A03", "A05", "A04"]
    assert worth_showing(kinds[:1]) == ()
