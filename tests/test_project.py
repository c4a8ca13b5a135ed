"""What no linter guards: deployments, the lock, packages, and what must not be in a file."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from prefect.flows import load_flow_from_entrypoint
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PREFECT: dict[str, Any] = YAML(typ="safe").load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYTHONS = ("3.11.0", "3.11.9", "3.12.0", "3.13.0")
PACKAGES = PROJECT["tool"]["mypy"]["packages"]

# Where people and machines keep things: addresses that mean nothing to anybody else.
MACHINE_PATHS = re.compile(
    r"(?<![\w.~*-])/(?!(?:opt|srv)/whistle\b)(?:work|home|root|Users|opt|srv)/[\w.-]+|\b[A-Z]:\\(?:Users|Documents)\b|file:/{2}"
)


def locked() -> list[str]:
    """The requirements of the lock, each with its hashes on one line."""
    lines = LOCK.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def requirement_of(line: str) -> Requirement:
    return Requirement(line.split(" --hash=")[0].strip())


def wanted(name: str) -> list[Requirement]:
    """The requirements of an `.in` file, without its comments and includes."""
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def committed_texts() -> list[Path]:
    """Text files that git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in done.stdout.split("\0") if name]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:8192]]


# Deployments


@pytest.mark.parametrize("deployment", PREFECT["deployments"], ids=lambda each: each["name"])
def test_every_deployment_leads_to_a_flow(deployment: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    # Otherwise a module that cannot be imported is answered with a stand-in flow.
    load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)


@pytest.mark.parametrize("deployment", PREFECT["deployments"], ids=lambda each: each["name"])
def test_every_deployment_checks_its_parameters_and_goes_to_the_cases_pool(deployment: dict[str, Any]) -> None:
    assert deployment["enforce_parameter_schema"] is True
    assert deployment["work_pool"]["name"] == "cases"


def test_no_pull_step_ties_a_run_to_the_folder_it_was_deployed_from() -> None:
    assert PREFECT["pull"] == []


# The lock


@pytest.mark.parametrize("line", locked(), ids=lambda line: line.split()[0])
def test_every_requirement_is_pinned_with_hashes(line: str) -> None:
    specifiers = list(requirement_of(line).specifier)
    assert [each.operator for each in specifiers] == ["=="]
    assert re.search(r"--hash=sha256:[0-9a-f]{64}(?:\s|$)", line)


def test_the_lock_names_no_index_and_no_address() -> None:
    assert not re.findall(r"://|^\s*-(?!-hash=sha256:)\S*|\s@\s", LOCK.replace("\\\n", ""), re.MULTILINE)
    assert "index" not in LOCK


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("source", ["requirements.in", "requirements-dev.in"])
def test_the_lock_answers_every_requirement_on_every_python(source: str, python: str) -> None:
    marker = {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": "linux",
        "os_name": "posix",
    }
    pins: dict[str, str] = {}
    for requirement in map(requirement_of, locked()):
        if requirement.marker is None or requirement.marker.evaluate(marker):
            name = canonicalize_name(requirement.name)
            assert name not in pins, f"{name} is pinned twice for Python {python}"
            pins[name] = next(iter(requirement.specifier)).version
    unanswered = [
        str(each)
        for each in wanted(source)
        if not each.specifier.contains(pins.get(canonicalize_name(each.name), "0"))
    ]
    assert unanswered == [], "run make lock"


# The packages


def test_all_lists_of_packages_agree() -> None:
    contracts = set(PROJECT["tool"]["importlinter"]["root_packages"])
    installed = {pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert contracts == set(PACKAGES) - {"benchmarks"}
    assert set(PACKAGES) <= installed


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_modules_is_a_package(package: str) -> None:
    folders = {file.parent for file in (ROOT / package).rglob("*.py")}
    assert ROOT / package in folders
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_the_changelog_tells_what_this_version_brings() -> None:
    version = PROJECT["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## .*\b{re.escape(version)}\b", changelog, re.MULTILINE)


# What must not be in a file


@pytest.mark.parametrize("text", ["in /home/anna/whistle", '"/root' + '/.cache"', "C:\\Users\\anna", "file:///opt/x"])
def test_a_path_of_somebodys_machine_is_recognised(text: str) -> None:
    assert MACHINE_PATHS.search(text)


@pytest.mark.parametrize("text", ["api/work/pools", "https://desk.example/home/page", "var/home/x", "/health/ready"])
def test_an_address_that_only_looks_like_one_is_not(text: str) -> None:
    assert not MACHINE_PATHS.search(text)


def test_no_committed_file_holds_a_path_of_somebodys_machine() -> None:
    here = Path(__file__).resolve()
    found = [
        f"{file.relative_to(ROOT)}:{number}: {match[0]}"
        for file in committed_texts()
        if file != here
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if (match := MACHINE_PATHS.search(line))
    ]
    assert found == []
