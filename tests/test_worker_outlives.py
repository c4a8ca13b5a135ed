"""A worker outlives a database or a Prefect that is away: one failed turn does not end its loops."""

import asyncio
import logging

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from workers.case_worker import CaseWorker, outliving
from workers.stand_in import note_answered, note_away, was_away_lately

LOCKED = OperationalError("SELECT 'a name that nobody may read'", {}, RuntimeError("database is locked"))


class Loop:
    """What `CaseWorker._every` needs of a worker, and an act that fails before it works."""

    def __init__(self, *troubles: Exception) -> None:
        self.must_end = asyncio.Event()
        self.troubles = list(troubles)
        self.turns = 0

    async def act(self) -> None:
        self.turns += 1
        if self.troubles:
            raise self.troubles.pop(0)
        self.must_end.set()


def test_a_turn_that_fails_does_not_end_the_loop():
    loop = Loop(LOCKED, httpx.ConnectError("refused"), OSError("no space left"))

    asyncio.run(asyncio.wait_for(CaseWorker._every(loop, 0.01, loop.act), 5))

    assert loop.turns == 4


def test_what_failed_is_told_by_its_code_and_not_by_its_words(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING), outliving("claim"):
        raise LOCKED

    assert "claim failed: OperationalError@" in caplog.text
    assert "a name" not in caplog.text


def test_being_told_to_end_is_no_failure():
    with pytest.raises(asyncio.CancelledError), outliving("claim"):
        raise asyncio.CancelledError


def test_once_prefect_answers_again_cases_go_by_their_runs_at_once():
    note_away()
    assert was_away_lately()
    note_answered()
    assert not was_away_lately()
