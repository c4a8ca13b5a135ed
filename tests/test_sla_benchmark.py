"""The benchmark of due times says what it compared, and what it could not."""

import json
import random

import pytest

from benchmarks import sla, sla_others
from tests.offices import china

FIGURES = ("per_s", "fastest_other", "ratio_one_at_a_time", "ratio_batch")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    small = ("--single", "300", "--batch", "2000", "--others", "60")
    monkeypatch.setattr("sys.argv", ["benchmarks.sla", *small, *arguments])
    monkeypatch.setattr(sla, "TURNS", 1)
    return sla.main()


def test_every_installed_package_gives_our_answers_and_is_compared(monkeypatch, tmp_path):
    assert run(monkeypatch, "--json", str(tmp_path / "figures.json")) == 0
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    installed = len({"pandas", "businesstimedelta", "business-duration"} - set(figures["absent"]))
    for task in figures["tasks"].values():
        assert set(task) == set(FIGURES)
        assert len(task["per_s"]) == 2 + installed
        assert all(rate > 0 for rate in task["per_s"].values())
    assert set(figures["china_per_s"]) == set(sla.KINDS)
    assert "cores" in figures["machine"] and figures["rule_book_load_ms"] > 0


def test_a_package_that_is_not_there_is_named_and_the_rest_goes_on(monkeypatch, capsys):
    def only_pandas(package: str) -> str | None:
        return None if package.startswith("business") else "1.0"

    monkeypatch.setattr(sla, "installed", only_pandas)
    monkeypatch.setattr(sla_others, "installed", only_pandas)
    assert run(monkeypatch) == 0
    said = capsys.readouterr().out
    assert "NOT COMPARED: businesstimedelta is not installed" in said
    assert "NOT COMPARED: business-duration is not installed" in said
    assert "against pandas CustomBusinessHour" in said


def test_an_answer_that_is_not_ours_stops_the_comparison():
    task = sla._tasks(china())["bare"]
    wrong = sla_others.Other("wrong", task, lambda starts, dues: dues, lambda dues: [dues[0] + task.budget])
    with pytest.raises(sla.AnswersDifferError, match="wrong answers"):
        sla._inputs(wrong, [sla._start(random.Random(1))])
