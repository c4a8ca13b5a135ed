"""The supervisor behind `whistle up`, with programs that are small stand-ins.

Run as a module this file is such a supervisor: signals can only be tried on a process of its own.
"""

import contextlib
import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from desk.stack.children import Child, Program, rotate_log
from desk.stack.home_lock import HomeInUseError, hold_home
from desk.stack.orphans import remember, stop_orphans
from desk.stack.ports import NoFreePortError, pick_port
from desk.stack.prefect_env import client_env, server_env
from desk.stack.programs import Programs, answers, whistle_programs, worker_says_ready
from desk.stack.progress import Progress
from desk.stack.start import run_stack
from models.settings import DeskSettings

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("server", "worker", "desk")
ASLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]

# Notes its start and its end, and ends with the code found in `home/<name>.end`, if any.
SERVICE = """
import os, pathlib, signal, sys, time
name, home, *stubborn = sys.argv[1:]
home = pathlib.Path(home)
def note(what):
    with (home / "story.txt").open("a") as story:
        story.write(what + " " + name + "\\n")
def leave(*_):
    note("stopped")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else leave)
note("started")
(home / (name + ".up")).write_text(str(os.getpid()))
while True:
    ending = home / (name + ".end")
    if ending.exists():
        code = int(ending.read_text())
        ending.unlink()
        sys.exit(code)
    time.sleep(0.02)
"""
STEP = """
import pathlib, sys
name, home, code = sys.argv[1:]
with (pathlib.Path(home) / "story.txt").open("a") as story:
    story.write("ran " + name + "\\n")
print("the reason of " + name)
sys.exit(int(code))
"""


def stand_ins(settings: DeskSettings) -> Programs:
    """Programs of nothing but the standard library; the environment chooses who misbehaves."""
    home = settings.home
    failing = os.environ.get("TEST_FAILING", "").split(":")
    stubborn = ["stubborn"] if "TEST_STUBBORN" in os.environ else []

    def step(name: str) -> Program:
        code = failing[1] if failing[0] == name else "0"
        return Program(name, (sys.executable, "-S", "-c", STEP, name, str(home), code), os.environ, 10)

    def service(name: str) -> Program:
        command = (sys.executable, "-S", "-c", SERVICE, name, str(home), *stubborn)
        return Program(name, command, os.environ, 10, partial(_is_up, home / f"{name}.up"))

    return Programs(
        prepare=step("prepare"),
        server=service("server"),
        deployments=step("deployments"),
        worker=service("worker"),
        desk=service("desk"),
        samples=step("samples"),
    )


def _is_up(file: Path, pid: int) -> bool:
    return file.exists() and file.read_text() == str(pid)


class Supervisor:
    """A supervisor in a process of its own, on a home of its own."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        env = os.environ | {
            "WHISTLE_HOME": str(home),
            "WHISTLE_PORT": str(_quiet_port()),
            "WHISTLE_PREFECT_PORT": str(_quiet_port()),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.test_stack"],
            cwd=ROOT,
            env=env | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_ready(self) -> str:
        """Everything printed until the line that says all is up."""
        return self.read_until(r"^ready \(\d")

    def read_until(self, pattern: str) -> str:
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if re.search(pattern, line):
                return said
        raise AssertionError(f"ended without {pattern!r}:\n{said}")

    def end(self) -> tuple[int, str]:
        """Its exit code and what it still had to say."""
        said, _ = self.process.communicate(timeout=20)
        return self.process.returncode, said

    def pid_of(self, name: str) -> int:
        return int((self.home / f"{name}.up").read_text())

    def story(self) -> list[str]:
        return (self.home / "story.txt").read_text().splitlines()


Start = Callable[..., Supervisor]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts supervisors on one home and ends whatever is left of them."""
    started: list[Supervisor] = []

    def start_one(**variables: str) -> Supervisor:
        started.append(Supervisor(tmp_path / "home", **variables))
        return started[-1]

    yield start_one
    for supervisor in started:
        if supervisor.process.poll() is None:
            supervisor.process.terminate()
        supervisor.process.communicate(timeout=20)
    if (tmp_path / "home" / "run").exists():
        stop_orphans(tmp_path / "home" / "run", patience_s=0.2)


def _quiet_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _runs(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def _eventually(is_so: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return is_so()


@contextlib.contextmanager
def _listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


# The story of a start and a stop


def test_everything_starts_in_order_and_stops_in_the_reverse_order(start: Start) -> None:
    supervisor = start()
    supervisor.wait_ready()
    supervisor.process.terminate()
    code, _ = supervisor.end()
    story = supervisor.story()
    assert code == 0
    assert story[:3] == ["ran prepare", "started server", "ran deployments"]
    # The worker and the desk come up side by side.
    assert set(story[3:5]) == {"started worker", "started desk"}
    assert story[5:] == ["ran samples", "stopped desk", "stopped worker", "stopped server"]


@pytest.fixture
def hangup_is_not_ignored() -> Iterator[None]:
    """A run under nohup ignores SIGHUP and hands that on to what it starts; these tests must not."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hangup_is_not_ignored")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_of_the_usual_signals_ends_all_children_and_is_a_success(
    start: Start, number: signal.Signals
) -> None:
    supervisor = start()
    supervisor.wait_ready()
    pids = [supervisor.pid_of(name) for name in SERVICES]
    supervisor.process.send_signal(number)
    code, said = supervisor.end()
    assert code == 0
    assert said.rstrip().endswith("stopped")
    assert not any(_runs(pid) for pid in pids)
    assert not list((supervisor.home / "run").glob("*.pid"))


def test_children_have_process_groups_of_their_own_so_ctrl_c_passes_them_by(start: Start) -> None:
    supervisor = start()
    supervisor.wait_ready()
    groups = {os.getpgid(supervisor.pid_of(name)) for name in SERVICES}
    assert len(groups) == 3
    assert os.getpgid(supervisor.process.pid) not in groups


def test_the_sample_cases_are_loaded_only_at_the_first_start(start: Start) -> None:
    for _ in range(2):
        supervisor = start()
        supervisor.wait_ready()
        supervisor.process.terminate()
        assert supervisor.end()[0] == 0
    assert supervisor.story().count("ran samples") == 1
    assert supervisor.story().count("ran prepare") == 2


def test_samples_that_fail_are_told_and_tried_again_at_the_next_start(start: Start) -> None:
    supervisor = start(TEST_FAILING="samples:1")
    said = supervisor.wait_ready()
    assert "without sample cases" in said
    assert "the reason of samples" in said
    assert not (supervisor.home / "run" / "samples.loaded").exists()


def test_a_refused_preparation_gives_its_reason_and_exit_code_2(start: Start) -> None:
    supervisor = start(TEST_FAILING="prepare:2")
    code, said = supervisor.end()
    assert code == 2
    assert "cannot start: the reason of prepare" in said
    assert supervisor.story() == ["ran prepare"]


def test_a_failed_step_names_its_log_and_takes_the_running_children_down(start: Start) -> None:
    supervisor = start(TEST_FAILING="deployments:7")
    code, said = supervisor.end()
    assert code == 1
    assert "deployments ended with code 7" in said
    assert str(supervisor.home / "logs" / "deployments.log") in said
    assert supervisor.story()[-1] == "stopped server"


def test_a_stop_during_the_start_ends_what_is_already_up(start: Start) -> None:
    supervisor = start()
    supervisor.read_until("Prefect server answers")
    supervisor.process.terminate()
    code, said = supervisor.end()
    assert code == 0
    assert "ready (" not in said
    assert supervisor.story()[-1] == "stopped server"


def test_the_closing_table_says_where_everything_is(start: Start) -> None:
    prefect_port, port = _quiet_port(), _quiet_port()
    said = start(WHISTLE_PREFECT_PORT=str(prefect_port), WHISTLE_PORT=str(port)).wait_ready()
    assert f"http://127.0.0.1:{port}/docs" in said
    assert re.search(rf"Prefect UI +http://127.0.0.1:{prefect_port}\n", said)
    assert re.search(r"Operator key +\S+operator.key\n", said)


# Deaths


@pytest.mark.parametrize("name", SERVICES)
def test_a_child_that_dies_is_started_again(start: Start, name: str) -> None:
    supervisor = start()
    supervisor.wait_ready()
    first = supervisor.pid_of(name)
    os.kill(first, signal.SIGKILL)
    assert f"{name} ended with code -9; starting it again in 1 s" in supervisor.read_until(name)
    assert _eventually(lambda: supervisor.pid_of(name) != first)
    assert _runs(supervisor.pid_of(name))


def test_a_worker_that_recycles_itself_is_back_at_once(start: Start) -> None:
    supervisor = start()
    supervisor.wait_ready()
    (supervisor.home / "worker.end").write_text("75")
    assert "worker recycled itself; starting it again in 0 s" in supervisor.read_until("worker")
    assert _eventually(lambda: supervisor.story().count("started worker") == 2, within_s=0.9)


def test_pauses_double_up_to_half_a_minute_and_recycling_costs_none(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "run").mkdir()
    child = Child(Program("brief", (sys.executable, "-S", "-c", ""), os.environ, 5), tmp_path)
    child.start()
    assert [child.pause_before_restart(1) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert child.pause_before_restart(75) == 0
    child.stop()


def test_a_child_deaf_to_sigterm_is_killed_after_a_while(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "run").mkdir()
    command = (sys.executable, "-S", "-c", SERVICE, "deaf", str(tmp_path), "stubborn")
    child = Child(Program("deaf", command, os.environ, 5, partial(_is_up, tmp_path / "deaf.up")), tmp_path)
    child.start()
    assert _eventually(child.is_ready)
    child.stop(patience_s=0.2)
    assert child.exit_code() == -signal.SIGKILL


# Killed supervisors


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start ends them")
def test_children_end_with_a_killed_supervisor(start: Start) -> None:
    supervisor = start()
    supervisor.wait_ready()
    pids = [supervisor.pid_of(name) for name in SERVICES]
    supervisor.process.kill()
    assert _eventually(lambda: not any(_runs(pid) for pid in pids))


def test_the_start_after_a_kill_ends_even_children_deaf_to_sigterm(start: Start) -> None:
    killed = start(TEST_STUBBORN="1")
    killed.wait_ready()
    orphans = [killed.pid_of(name) for name in SERVICES]
    killed.process.kill()
    killed.process.wait()
    assert all(_runs(pid) for pid in orphans)
    run = killed.home / "run"
    assert sorted(stop_orphans(run, patience_s=0.2)) == sorted(SERVICES)
    assert not any(_runs(pid) for pid in orphans)


def test_the_stack_comes_up_again_on_the_home_of_a_killed_one(start: Start) -> None:
    killed = start()
    killed.wait_ready()
    first = [killed.pid_of(name) for name in SERVICES]
    killed.process.kill()
    again = start()
    again.wait_ready()
    assert not any(_runs(pid) for pid in first)
    assert all(_runs(again.pid_of(name)) for name in SERVICES)


def test_a_full_disk_does_not_keep_a_child_from_being_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is noted for the next start of the supervisor must not end this one."""

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    (tmp_path / "logs").mkdir()
    monkeypatch.setattr("desk.stack.children.remember", no_room)
    child = Child(Program("asleep", tuple(ASLEEP), os.environ, 5), tmp_path)
    child.start()
    try:
        assert child.exit_code() is None
    finally:
        child.stop()


def test_a_full_disk_does_not_end_the_supervisor_that_tells_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "stack.log"
    progress = Progress(log)
    progress.open_log()
    log.symlink_to("/dev/full")

    progress.say("worker ended with code 1")

    assert "worker ended with code 1" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "is_ended"), [(ASLEEP[1:], True), (["-m", "workers"], False)])
def test_only_a_process_with_the_noted_command_is_ended(
    tmp_path: Path, arguments: list[str], is_ended: bool
) -> None:
    process = subprocess.Popen(ASLEEP, process_group=0)
    try:
        remember(tmp_path, "worker", process.pid, ["python", *arguments])
        assert _eventually(lambda: psutil.Process(process.pid).cmdline() == ASLEEP)
        assert stop_orphans(tmp_path, patience_s=0.5) == (["worker"] if is_ended else [])
        assert (process.poll() is not None) is is_ended
        assert not list(tmp_path.iterdir())
    finally:
        process.kill()
        process.wait()


def test_a_later_process_with_an_orphans_id_and_command_is_left_alone(tmp_path: Path) -> None:
    process = subprocess.Popen(ASLEEP, process_group=0)
    try:
        remember(tmp_path, "worker", process.pid, ASLEEP)
        note = tmp_path / "worker.pid"
        started = json.loads(note.read_text())
        note.write_text(json.dumps(started | {"started": started["started"] - 60}))
        assert stop_orphans(tmp_path, patience_s=0.5) == []
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


# Homes, ports, logs


def test_a_second_stack_on_the_same_home_is_refused_and_told_by_whom(start: Start) -> None:
    first = start()
    first.wait_ready()
    code, said = start().end()
    assert code == 2
    assert f"process {first.process.pid}" in said
    assert first.story().count("ran prepare") == 1
    assert all(_runs(first.pid_of(name)) for name in SERVICES)


def test_a_home_is_free_again_when_its_holder_let_go(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with hold_home(tmp_path), pytest.raises(HomeInUseError, match=str(os.getpid())), hold_home(tmp_path):
        pass
    with hold_home(tmp_path):
        pass


def test_a_new_home_is_closed_to_others(start: Start) -> None:
    supervisor = start()
    supervisor.wait_ready()
    assert supervisor.home.stat().st_mode & 0o077 == 0


def test_a_taken_port_gives_way_to_the_next_free_one() -> None:
    with _listener() as taken:
        got = pick_port("127.0.0.1", taken, "desk")
    assert taken < got <= taken + 50


def test_a_port_promised_to_the_prefect_server_is_not_given_to_the_desk() -> None:
    port = _quiet_port()
    assert pick_port("127.0.0.1", port, "desk", reserved=[port]) > port


def test_no_free_port_is_a_clear_refusal() -> None:
    with pytest.raises(NoFreePortError, match=r"no free port on 127\.0\.0\.1 from 65535 to 65535"):
        pick_port("127.0.0.1", 65535, "desk", reserved=[65535])


def test_the_stack_says_which_port_it_took_instead(start: Start) -> None:
    with _listener() as taken:
        said = start(WHISTLE_PORT=str(taken)).wait_ready()
    moved = re.search(rf"port {taken} is taken: the desk takes (\d+)", said)
    assert moved is not None
    assert f"http://127.0.0.1:{moved[1]}\n" in said


def test_five_logs_are_kept_newest_first(tmp_path: Path) -> None:
    log = tmp_path / "desk.log"
    for number in range(7):
        rotate_log(log)
        log.write_text(str(number))
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {
        "desk.log": "6",
        "desk.log.1": "5",
        "desk.log.2": "4",
        "desk.log.3": "3",
        "desk.log.4": "2",
    }


# What the real programs are given


def test_the_prefect_server_never_sees_the_master_key_nor_a_strangers_address(tmp_path: Path) -> None:
    inherited = {
        "WHISTLE_MASTER_KEY": "secret",
        "PREFECT_API_URL": "https://elsewhere.example/api",
        "PREFECT_API_KEY": "cloud",
        "PATH": "/bin",
    }
    env = server_env(inherited, tmp_path, 4201)
    assert not any(name.startswith("WHISTLE_") for name in env)
    assert "PREFECT_API_KEY" not in env
    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4201/api"
    assert env["PATH"] == "/bin"


def test_a_person_may_move_prefect_to_another_database_but_not_switch_log_shipping_on(tmp_path: Path) -> None:
    inherited = {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://db/prefect",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "2d",
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
    }
    server = server_env(inherited, tmp_path, 4200)
    assert server["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == "postgresql+asyncpg://db/prefect"
    assert server["PREFECT_SERVER_EVENTS_RETENTION_PERIOD"] == "2d"
    client = client_env(inherited, DeskSettings(home=tmp_path))
    assert client["PREFECT_LOGGING_TO_API_ENABLED"] == "false"


def test_our_programs_get_the_settings_as_they_were_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = DeskSettings(home=tmp_path, port=9001, prefect_port=9002, worker_threads=7)
    env = client_env({"WHISTLE_PORT": "8460"}, settled)
    for name in list(os.environ):
        if name.startswith("WHISTLE_"):
            monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert DeskSettings() == settled


def test_every_setting_of_the_tables_is_one_that_prefect_takes(tmp_path: Path) -> None:
    """Unknown variables are ignored by Prefect, so a misspelt one would go unnoticed."""
    inherited = {"PATH": os.environ["PATH"]}
    env = server_env(inherited, tmp_path, 4201) | client_env(inherited, DeskSettings(home=tmp_path))
    # In a fresh interpreter, since Prefect reads its variables when it is imported.
    code = (
        "from prefect.settings import get_current_settings\n"
        "print(*get_current_settings().to_environment_variables(exclude_unset=True))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    given = {name for name in env if name.startswith("PREFECT_")}
    assert given - set(done.stdout.split()) == set()


def test_the_worker_counts_as_ready_only_when_this_very_process_says_so(tmp_path: Path) -> None:
    ready = tmp_path / "run" / "worker.ready"
    ready.parent.mkdir()
    assert not worker_says_ready(tmp_path, 12)
    ready.write_text('{"pid": 1')
    assert not worker_says_ready(tmp_path, 12)
    ready.write_text('{"pid": 11}')
    assert not worker_says_ready(tmp_path, 12)
    ready.write_text('{"pid": 12}')
    assert worker_says_ready(tmp_path, 12)


def test_nobody_listening_counts_as_no_answer() -> None:
    assert not answers("127.0.0.1", _quiet_port(), "/api/health")


def test_the_real_programs_run_in_this_interpreter_as_modules(tmp_path: Path) -> None:
    programs = whistle_programs(DeskSettings(home=tmp_path, prefect_port=4207))
    assert programs.worker.command == (sys.executable, "-m", "workers")
    assert programs.server.command[-1] == "4207"
    assert programs.desk.env["PREFECT_API_URL"] == "http://127.0.0.1:4207/api"


def test_the_supervisor_does_not_load_prefect() -> None:
    code = "import sys, desk.stack; print('prefect' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


if __name__ == "__main__":
    sys.exit(run_stack(DeskSettings(), stand_ins))
