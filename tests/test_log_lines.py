"""Log lines: one a record, in JSON or to be read, with case and activation, and never what an error says."""

import ast
import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.exc import OperationalError

from models.log_lines import OURS, LogFormat, OneLine, speaking_of
from tasks.closing import closure
from tests.harness.living_desk import LivingDesk
from workers.tally import Ended

ROOT = Path(__file__).parents[1]
CANARY = "金丝雀Quokka13912345678"
PIECES = ("金丝雀", "Quokka", "13912345678", "\\u91d1")
PACKAGES = ("analysis", "catalogue", "classifier", "data_checks", "desk", "flows", "models", "notifications", "sla_rules", "tasks", "workers")
ALWAYS = ["at", "level", "logger", "event", "message"]


def sings(text: str) -> list[str]:
    return [each for each in PIECES if each in text]


def line_of(form: LogFormat, message: str, *args: object, error: BaseException | None = None, **extra: object) -> str:
    told = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("whistle.x", logging.WARNING, __file__, 1, message, args, told)
    for name, value in extra.items():
        setattr(record, name, value)
    return OneLine(form).format(record)


def raised() -> BaseException:
    """An error whose words, and whose cause's words, are a canary."""
    try:
        _raise()
    except KeyError as error:
        return error
    raise AssertionError


def _raise() -> None:
    try:
        int(CANARY)
    except ValueError as error:
        raise KeyError(CANARY) from error


def test_a_line_of_json_has_the_same_names_in_the_same_order() -> None:
    case = uuid4()
    with speaking_of(case, "a1"):
        said = json.loads(line_of(LogFormat.JSON, "%s of %d", "two", 3, event="some_code"))
    assert list(said) == [*ALWAYS, "case", "activation"]
    assert said["at"].endswith("Z") and datetime.fromisoformat(said["at"]).utcoffset() == timedelta()
    assert said | {"at": ""} == {
        "at": "", "level": "WARNING", "logger": "whistle.x", "event": "some_code", "message": "two of 3",
        "case": str(case), "activation": "a1",
    }  # fmt: skip
    assert list(json.loads(line_of(LogFormat.JSON, "outside"))) == ALWAYS, "no ids where there are none"


@pytest.mark.parametrize("form", LogFormat)
def test_an_error_is_its_class_and_place_and_nothing_it_says(form: LogFormat) -> None:
    line = line_of(form, "trouble: %s", raised(), error=raised())
    assert sings(line) == []
    assert "KeyError from ValueError" in line
    assert f"{__name__}:" in line and "_raise" in line
    assert "\n" not in line


def test_an_error_as_the_message_is_its_class() -> None:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, raised(), (), None)
    assert json.loads(OneLine(LogFormat.JSON).format(record))["message"] == "KeyError"


def test_a_line_to_be_read_is_one_line_whatever_somebody_puts_in() -> None:
    line = line_of(LogFormat.TEXT, "a\nb\r\nWARNING forged")
    assert line.count("\n") == 0 and "\\n" in line
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z WARNING whistle\.x foreign a", line)


PROGRAM = f"""
import logging, sys, threading, warnings
logging.getLogger("noisy").addHandler(logging.StreamHandler())
logging.getLogger("noisy").propagate = False
from models.log_lines import LogFormat, LogLevel, start_logging
start_logging(LogFormat(sys.argv[1]), LogLevel.INFO)
logging.getLogger("whistle.a").info("ours")
logging.getLogger("noisy").warning("theirs")
logging.getLogger("noisy").info("not wanted")
warnings.warn({CANARY!r})
def fail():
    raise ValueError({CANARY!r})
thread = threading.Thread(target=fail)
thread.start()
thread.join()
class Bad:
    def __del__(self):
        raise ValueError({CANARY!r})
Bad()
fail()
"""


@pytest.mark.parametrize("form", LogFormat)
def test_a_whole_process_says_lines_only_uncaught_errors_and_warnings_too(form: LogFormat) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, form], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert sings(done.stderr) == []
    assert len(lines) == 6, done.stderr
    if form is LogFormat.JSON:
        assert [json.loads(each)["event"] for each in lines] == ["foreign", "foreign", "python_warning", "uncaught", "uncaught", "uncaught"]


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """Everything that any logger says, as a process with JSON lines would write it."""
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(OneLine(LogFormat.JSON))
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in ("", *OURS)}
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield told
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_life_is_told_in_lines_that_say_whose_activation_they_are_of(
    desk: LivingDesk, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that begins, loses its database for a moment, fails with the caller's words, runs late and goes on."""
    before = {each: counted("whistle_activation_seconds_count", outcome=each) for each in Ended}
    retried, failed = counted("whistle_task_retries_total", task="check_closure"), counted("whistle_task_failures_total", task="check_closure", passes="true")
    breached, sent = counted("whistle_breaches_total", target="acceptance", grade="U3"), counted("whistle_notices_total", channel="desk_file", outcome="sent")
    requests = counted("whistle_prefect_request_seconds_count", about="flow_runs")

    label = desk.take_in(text=CANARY, kind="S09", nature="COMPLAINT", reporter={"name": CANARY, "contact": CANARY, "may_call_back": True})
    desk.run_due()
    desk.advance(desk.now + timedelta(days=3))
    desk.say(label, "acknowledged", "EDU", text=CANARY)
    desk.run_due()
    desk.say(label, "replied", "EDU", resolved=True, text=f"{CANARY} 已经办理并告知了来电人")
    # The first ends its activation; the second passes, so that the step of the next one is tried again.
    _fail(desk, monkeypatch, [ValueError(CANARY), OperationalError(CANARY, {}, ValueError(CANARY))])
    desk.say(label, "called_back", "operator", reached=True, resolved=True, text=CANARY)
    desk.run_due()

    text = heard.getvalue()
    lines = [json.loads(each) for each in text.splitlines()]
    assert sings(text) == []
    case = str(desk.case(label).id)
    ended = [each for each in lines if each["event"] == "activation_ended"]
    assert len(ended) == desk.activations >= 5
    assert {each["case"] for each in ended} == {case}
    assert len({each["activation"] for each in ended}) == len(ended), "each activation has an id of its own"
    _ids_stand_in_every_line_of_an_activation(lines, case)
    events = {each["event"] for each in lines}
    assert {"case_taken_in", "alert_sent", "step_failed", "activation_ended"} <= events

    after = {each: counted("whistle_activation_seconds_count", outcome=each) for each in Ended}
    assert sum(after.values()) - sum(before.values()) == len(ended)
    assert after[Ended.FAILED] - before[Ended.FAILED] == 1
    assert counted("whistle_task_failures_total", task="check_closure", passes="true") - failed == 1
    assert counted("whistle_task_retries_total", task="check_closure") - retried == 1
    assert counted("whistle_breaches_total", target="acceptance", grade="U3") - breached == 1
    assert counted("whistle_notices_total", channel="desk_file", outcome="sent") - sent >= 2
    assert counted("whistle_prefect_request_seconds_count", about="flow_runs") - requests >= 3 * len(ended)


def _fail(desk: LivingDesk, monkeypatch: pytest.MonkeyPatch, errors: list[Exception]) -> None:
    """Let the closing check fail once with each while ten seconds pass, then be itself again."""
    true = closure.what_is_missing

    def sometimes(*args: Any, **kwargs: Any) -> Any:
        if errors:
            raise errors.pop(0)
        return true(*args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(closure, "what_is_missing", sometimes)
        desk.advance(desk.now + timedelta(seconds=10))
    assert errors == [], "the step was reached"


def _ids_stand_in_every_line_of_an_activation(lines: list[dict[str, Any]], case: str) -> None:
    """Alerts go out in threads of their own, steps in Prefect's: all the same they say whose they are."""
    of_work = [each for each in lines if each["logger"] in {"whistle.tasks", "whistle.alerts"} or each["event"] == "activation_ended"]
    assert of_work
    for each in of_work:
        assert each["case"] == case and UUID(each["case"]), each
        assert re.fullmatch(r"[0-9a-f]{12}", each["activation"]), each


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call by which our own code says a line."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                    is_log = node.func.value.id in {"log", "_LOG"}
                    if is_log and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def event_of(call: ast.Call) -> str | None:
    for keyword in call.keywords:
        if keyword.arg == "extra":
            return str(ast.literal_eval(keyword.value)["event"])
    return None


def test_every_line_we_say_has_an_event_code_that_the_runbook_explains() -> None:
    found = {where: event_of(call) for where, call in log_calls()}
    assert len(found) > 15
    assert [where for where, code in found.items() if code is None] == []
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", page.partition("## Log lines")[2].partition("\n## ")[0], re.MULTILINE))
    assert {str(code) for code in found.values()} | {"foreign"} == told
