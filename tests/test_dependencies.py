"""What is installed is what was locked, whole and permissively licensed, and every package that we ask for says why."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text()
PAGE = (ROOT / "docs" / "dependencies.md").read_text()
NOT_LOCKED = {"pip", "whistle-desk"}
"""What makes the environment, and ourselves."""

PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
PERMISSIVE_CLASSIFIERS = {
    "Apache Software License", "BSD License", "ISC License (ISCL)", "MIT License", "Python Software Foundation License",
    "The Unlicense (Unlicense)", "zlib/libpng License",
}  # fmt: skip
PERMISSIVE_WORDS = PERMISSIVE | {"BSD"}
"""What stands in the old free field of a package that has nothing better."""
ADDRESSES = re.compile(r"--(extra-)?index-url|--find-links|-f |-i |://|\bfile:")


def locked(text: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Each package of a lock with its hashes."""
    for block in re.split(r"\n(?=\S)", text.strip()):
        wanted, *rest = block.replace("\\\n", "\n").splitlines()
        yield Requirement(wanted.strip()), [each.strip() for each in rest if each.strip().startswith("--hash=")]


def asked_for(name: str) -> set[str]:
    """The packages of a `requirements….in`."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return {canonicalize_name(Requirement(each).name) for each in lines if each and not each.startswith("-")}


def rows_of(head: str) -> set[str]:
    """The packages in the first column of one table of the page."""
    table = PAGE.partition(f"| {head} |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("|") and not line.startswith("| ---")]
    return {canonicalize_name(each.split()[0]) for cell in cells for each in cell.split(",")}


EXCEPTIONS = rows_of("package with another licence")


def licence_problem(name: str, expression: str | None, classifiers: list[str], words: str) -> str | None:
    """What stands in a package's metadata that is not plainly permissive; None if nothing does.

    Every licence that is named must be permissive, also where one may choose.
    """
    if expression:
        odd = set(re.findall(r"[\w.+-]+", expression)) - {"AND", "OR"} - PERMISSIVE
    elif classifiers:
        odd = {each.rpartition(" :: ")[2] for each in classifiers} - {"OSI Approved"} - PERMISSIVE_CLASSIFIERS
    else:
        odd = {words.splitlines()[0] if words else "nothing"} - PERMISSIVE_WORDS
    return f"{name}: {', '.join(sorted(odd))}" if odd else None


def problem_of(package: Distribution) -> str | None:
    found = package.metadata
    classifiers = [each for each in found.get_all("Classifier") or [] if each.startswith("License ::")]
    return licence_problem(package.name, found.get("License-Expression"), classifiers, found.get("License") or "")


def test_every_locked_package_has_hashes_and_one_version() -> None:
    found = list(locked(LOCK))
    assert len(found) > 100
    for package, hashes in found:
        assert [each.operator for each in package.specifier] == ["=="], package
        assert hashes and all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes), package


def test_no_index_address_stands_in_the_lock() -> None:
    assert [line for line in LOCK.splitlines() if ADDRESSES.search(line)] == []


@pytest.mark.parametrize("line", ["--index-url https://x.example/simple", "--find-links wheels", "a @ file:a.whl", "-i https://x"])
def test_an_index_address_would_be_seen(line: str) -> None:
    assert ADDRESSES.search(line)


def test_what_is_installed_is_what_is_locked() -> None:
    here = {canonicalize_name(each.name): each.version for each in distributions()}
    wanted = {
        canonicalize_name(each.name): next(iter(each.specifier)).version
        for each, _ in locked(LOCK)
        if each.marker is None or each.marker.evaluate()
    }
    assert {name: here.get(name) for name in wanted} == wanted, "run `make install`"
    assert set(here) - set(wanted) - NOT_LOCKED == set(), "installed by hand: lock it or remove it"


def test_nothing_is_missing_or_at_odds() -> None:
    said = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, timeout=120, check=False)
    assert said.returncode == 0, said.stdout


def test_everything_we_ask_for_stands_on_the_page_with_its_reason_and_nothing_else_does() -> None:
    runs = rows_of("package | licence | what for, and why this one")
    checks = rows_of("package | licence | what for")
    assert runs == asked_for("requirements.in")
    assert checks == asked_for("requirements-dev.in") - asked_for("requirements.in")


def test_everything_we_ask_for_is_locked() -> None:
    names = {canonicalize_name(each.name) for each, _ in locked(LOCK)}
    assert asked_for("requirements.in") | asked_for("requirements-dev.in") <= names


def test_every_licence_is_permissive_or_has_its_reason_on_the_page() -> None:
    odd = {canonicalize_name(each.name): problem_of(each) for each in distributions() if canonicalize_name(each.name) not in NOT_LOCKED}
    problems = {name: problem for name, problem in odd.items() if problem}
    assert set(problems) == EXCEPTIONS, f"to be reasoned, or no longer needed: {problems}"


@pytest.mark.parametrize(
    ("expression", "classifiers", "words", "fine"),
    [
        ("MIT", [], "", True), ("Apache-2.0 OR BSD-3-Clause", [], "", True), ("MIT AND PSF-2.0", [], "", True),
        ("GPL-3.0-only", [], "", False), ("MIT OR GPL-2.0-or-later", [], "", False), ("(MIT AND LGPL-2.1-only)", [], "", False),
        (None, ["License :: OSI Approved :: MIT License"], "whatever", True), (None, ["License :: Other/Proprietary License"], "MIT", False),
        (None, ["License :: OSI Approved :: GNU Affero General Public License v3"], "", False),
        (None, [], "BSD-3-Clause", True), (None, [], "MIT, but not for you", False), (None, [], "", False),
    ],
)  # fmt: skip
def test_a_licence_that_is_not_permissive_would_be_seen(
    expression: str | None, classifiers: list[str], words: str, fine: bool
) -> None:
    assert (licence_problem("x", expression, classifiers, words) is None) is fine


def test_a_lock_without_a_hash_would_be_seen() -> None:
    [(package, hashes)] = locked("thing==1.0 ; python_version < '4' \\\n    --hash=sha256:" + "0" * 64 + "\n")
    assert package.name == "thing" and len(hashes) == 1
    assert next(locked("thing==1.0\n"))[1] == []
