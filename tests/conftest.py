"""Fixtures that several test modules share; what they are made of is in `tests/harness/`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from desk.people import accounts
from tests.api_desk import ApiDesk, Wall, api_desk
from tests.harness.living_desk import LivingDesk, living_desk
from tests.harness.prefect_server import PrefectServer, running_prefect
from tests.postgres_for_tests import postgres_in


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: also what takes minutes and machines of its own."""
    parser.addoption("--long", action="store_true", help="also run the tests marked long")


BEGUN_FIRST = ("test_kills.py", "test_lives.py", "test_browser_walk.py", "test_prefect_contract.py", "test_prepare.py")
"""They wait for processes more than they compute: begun last, one of them would run on alone."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest files; leave out what takes minutes, and say so, unless it is asked for."""
    items.sort(key=lambda each: BEGUN_FIRST.index(each.path.name) if each.path.name in BEGUN_FIRST else len(BEGUN_FIRST))
    if config.getoption("--long"):
        return
    for each in items:
        if each.get_closest_marker("long"):
            each.add_marker(pytest.mark.skip(reason="takes minutes: run with --long"))


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> Iterator[None]:
    """Passwords are hashed in a hundredth of the time and memory; `test_signing_in` holds the shipped cost."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "_HASHER", cheap)
        patched.setattr(accounts, "_NOBODY", cheap.hash("nobody"))
        yield


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL for one test module; whoever uses it clears it."""
    with postgres_in(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """One real Prefect server for the whole session."""
    with running_prefect(tmp_path_factory.mktemp("prefect")) as server:
        yield server


@pytest.fixture
def desk(prefect_server: PrefectServer, tmp_path: Path) -> Iterator[LivingDesk]:
    """A fresh desk that lives through the real Prefect server."""
    with living_desk(tmp_path / "desk", prefect_server.case_deployment) as desk:
        yield desk


@pytest.fixture
def wall() -> Wall:
    """The clock of `clocked_desk`."""
    return Wall()


@pytest.fixture
def clocked_desk(tmp_path: Path, wall: Wall) -> Iterator[ApiDesk]:
    """A prepared desk behind its real app, on a clock that the test sets."""
    with api_desk(tmp_path, now=lambda: wall.at) as fresh:
        yield fresh
