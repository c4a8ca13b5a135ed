"""`docs/alerts.yml` and the runbook: every alert asks for a figure that there is, and every alarm says what to run."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command
from typer.testing import CliRunner

import workers.tally
from desk.automations.names import AUTOMATIONS
from desk.cli.app import COMMANDS
from desk.cli.app import app as whistle
from desk.watching.prefect import PrefectSeen
from models.rule_files import read_yaml
from tests.api_desk import ApiDesk, api_desk

DOCS = Path(__file__).parents[1] / "docs"
RULES: list[dict[str, Any]] = [rule for group in read_yaml(DOCS / "alerts.yml")["groups"] for rule in group["rules"]]
PAGE = (DOCS / "operating.md").read_text(encoding="utf-8")
RUNBOOK = {
    name: section.strip()
    for name, section in re.findall(r"^### (Whistle\w+)\n(.*?)(?=^###? )", PAGE.partition("\n## Alarms\n")[2], re.MULTILINE | re.DOTALL)
}
PARTS = ("_bucket", "_count", "_sum", "_total", "_created")
PROMETHEUS_SAYS = {"up"}
WORDS = {"time", "sum", "max", "count", "by", "le", "rate", "increase", "histogram_quantile"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ApiDesk]:
    with api_desk(tmp_path) as fresh:
        yield fresh


def bare(name: str) -> str:
    for part in PARTS:
        name = name.removesuffix(part)
    return name


def asked_for(expression: str) -> dict[str, set[str]]:
    """The figures of an expression, each with the labels it is asked by."""
    asked = dict[str, set[str]]()
    for name, selector in re.findall(r"\b(up|whistle_\w+)(\{[^}]*\})?", expression):
        asked.setdefault(bare(name), set()).update(re.findall(r"(\w+)=", selector))
    return asked


def test_the_expressions_are_of_names_we_know_and_brackets_that_close() -> None:
    for rule in RULES:
        text = re.sub(r'"[^"]*"', "", rule["expr"])
        assert text.count("(") == text.count(")") and text.count("{") == text.count("}")
        names = set(re.findall(r"\b[a-z_][a-z_0-9]*\b(?!\s*=)", re.sub(r"\{[^}]*\}|\[\w+\]|by \([^)]*\)", "", text)))
        assert {each for each in names if not each.startswith("whistle_")} <= WORDS | PROMETHEUS_SAYS, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule) <= {"alert", "expr", "for", "labels"}
    names_of_rules = [rule["alert"] for rule in RULES]
    assert len(names_of_rules) == len(set(names_of_rules)) > 20


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_itself_takes_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", str(DOCS / "alerts.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_itself_takes_the_figures(desk: ApiDesk) -> None:
    desk.take_in(text="x")
    told = desk.get("/metrics", "administrator").text
    done = subprocess.run(["promtool", "check", "metrics"], input=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_asks_for_figures_and_labels_that_are_told(desk: ApiDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.watching.readiness.look_at_pool", lambda *_: PrefectSeen(True, 0.1, 1, False))
    desk.take_in(text="x")
    families = {family.name: family for family in text_string_to_metric_families(desk.get("/metrics", "administrator").text)}
    told = {bare(name) for name in families}
    assert workers.tally.LOOKED, "a worker's figures are declared in this process too"
    for rule in RULES:
        for name, labels in asked_for(rule["expr"]).items():
            if name in PROMETHEUS_SAYS:
                continue
            assert name in told, (rule["alert"], name)
            samples = [sample for key, family in families.items() if bare(key) == name for sample in family.samples]
            for label in labels:
                # A family that nothing has counted yet has no sample to show its labels.
                assert not samples or any(label in sample.labels for sample in samples), (rule["alert"], name, label)


def test_every_alarm_has_its_section_and_every_section_an_alarm() -> None:
    of_prefect = {"".join(part.capitalize() for part in each["name"].split("-")) for each in read_yaml(AUTOMATIONS)["automations"]}
    assert set(RUNBOOK) == {rule["alert"] for rule in RULES} | of_prefect
    for name, section in RUNBOOK.items():
        cause, _, act = section.partition("**Do:** ")
        assert len(cause.strip()) > 20, name
        assert "`" in act or "As Whistle" in act, f"{name} names no command"
        for other in re.findall(r"As (Whistle\w+)", section):
            assert other in RUNBOOK


def commands() -> Iterator[tuple[str, list[str]]]:
    for name, section in RUNBOOK.items():
        for command in re.findall(r"`whistle ([^`]+)`", section):
            yield name, command.split()


@pytest.mark.parametrize("words", sorted({" ".join(words) for _, words in commands()}))
def test_every_command_of_the_runbook_is_one(words: str) -> None:
    """The words up to the first value are asked for help, and each option must stand in it."""
    parts = words.split()
    path = [each for each in parts if not each.startswith("-") and each.islower()][:2]
    assert path[0] in COMMANDS
    help_text = CliRunner().invoke(whistle, [*path, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert help_text.exit_code == 0, help_text.output
    for option in (each for each in parts if each.startswith("-")):
        assert option in help_text.output, (words, option)
    assert get_command(whistle)
