"""The files of deploy/ as their own programs read them; a program that is not installed is named in the skip."""

import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from desk.stack.scale_out import Part, command_of
from models.rule_files import read_yaml
from models.settings import DeskSettings

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "scale-out.md"


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def run(*command: str, **more: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout + done.stderr)


def test_shellcheck_has_nothing_to_say_of_the_scripts():
    run(
        program("shellcheck"),
        *map(str, [*DEPLOY.glob("*.sh"), *DEPLOY.glob("backup/*.sh"), ROOT / ".ci" / "run"]),
    )


def test_systemd_has_nothing_to_say_of_the_units(tmp_path: Path):
    verify = program("systemd-analyze")
    for unit in (DEPLOY / "systemd").iterdir():
        # Where it will be, the program is; here it is in this folder.
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/whistle", str(ROOT)))
    said = run(verify, "verify", "--man=no", *map(str, sorted(tmp_path.iterdir())))
    assert [line for line in said.splitlines() if "whistle" in line] == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux has /proc")
def test_a_part_that_was_killed_counts_as_down_before_anybody_has_collected_it(tmp_path: Path):
    (tmp_path / "run").mkdir()
    with subprocess.Popen(["sleep", "60"]) as living, subprocess.Popen(["sleep", "60"]) as dead:
        (tmp_path / "run" / "desk-1.pid").write_text(str(living.pid))
        (tmp_path / "run" / "desk-2.pid").write_text(str(dead.pid))
        dead.kill()
        while "State:\tZ" not in Path(f"/proc/{dead.pid}/status").read_text():
            time.sleep(0.01)
        said = run(str(DEPLOY / "on_one_machine.sh"), "status", str(tmp_path))
        living.kill()
    assert "up    desk-1" in said
    assert "down  desk-2" in said


def test_a_folder_that_was_begun_and_not_finished_is_not_taken_for_a_desk(tmp_path: Path):
    for name in ("redis-server", "nginx", "curl", "openssl"):
        program(name)
    (tmp_path / "first_port").write_text("24000")
    done = subprocess.run(
        [str(DEPLOY / "on_one_machine.sh"), "start", str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "begun and not finished" in done.stderr or "not installed: postgresql" in done.stderr


def test_a_unit_that_is_started_again_always_is_so_for_ever():
    """By default systemd gives up after five starts in ten seconds: a database that is away would be the end of it."""
    units = {each.name: each.read_text(encoding="utf-8") for each in (DEPLOY / "systemd").glob("*.service")}
    always = {name for name, text in units.items() if "\nRestart=always\n" in text}
    assert len(always) == len(Part)
    assert {name for name in always if "\nStartLimitIntervalSec=0\n" in units[name].partition("[Service]")[0]} == always


@pytest.mark.parametrize("name", ["nginx.conf", "compose.conf"])
def test_nginx_takes_its_files(name: str, tmp_path: Path):
    nginx, here = program("nginx"), tmp_path / name
    here.write_text(
        re.sub(r"(pid|error_log) /[\w/.-]+;", rf"\1 {tmp_path}/\1;", (DEPLOY / "proxy" / name).read_text())
    )
    assert "test is successful" in run(nginx, "-t", "-c", str(here))


def test_compose_takes_its_file_and_every_part_is_in_it(tmp_path: Path):
    compose = program("docker-compose")
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    wanted = read_yaml(DEPLOY / "compose.yaml")
    (tmp_path / "deploy" / "secrets").mkdir()
    for name in ("prefect.env", "desk.env", *wanted["secrets"]):
        (tmp_path / "deploy" / "secrets" / name).touch()
    run(compose, "-f", str(tmp_path / "deploy" / "compose.yaml"), "config", "--quiet")

    commands = [
        each["command"]
        for each in wanted["services"].values()
        if each.get("image") == "whistle:local" or "<<" in each or "command" in each
    ]
    served = {each[1] for each in commands if each[0] == "serve"}
    assert served == set(Part)


def test_the_examples_of_variables_are_enough_for_every_part_and_none_is_unknown():
    told = {name: _variables(DEPLOY / "env" / f"{name}.env.example") for name in ("prefect", "desk")}

    for part in Part:
        command_of(
            part, told["prefect" if part.startswith("prefect") else "desk"], Path("/data"), "127.0.0.1", 4201
        )
    ours = {name.removeprefix("WHISTLE_").lower() for name in told["desk"] if name.startswith("WHISTLE_")}
    assert ours - {"prefect_ui_url"} <= set(DeskSettings.model_fields)
    assert "prefect_ui_url" in ours, "read by the pages from the environment"


def test_the_page_names_every_file_and_every_file_it_names_is_there():
    page = PAGE.read_text(encoding="utf-8")
    named = {each.rstrip(".") for each in re.findall(r"deploy/[\w@./-]+", page)}
    there = {
        str(each.relative_to(ROOT))
        for each in DEPLOY.rglob("*")
        if each.is_file() and "secrets" not in each.parts
    }

    assert not {each for each in named if "secrets" not in each and not (ROOT / each).exists()}
    assert not {each for each in there if each not in named and f"{Path(each).parent!s}/" not in page}


def _variables(file: Path) -> dict[str, str]:
    lines = [
        line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    return dict(line.split("=", 1) for line in lines)
