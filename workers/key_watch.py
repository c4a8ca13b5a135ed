"""Noticing that another master key was put in force than this worker was started with."""

import asyncio
import logging

from sqlmodel import select

from models.house import DeskFact
from models.key_change import CHECK
from tasks.workplace import Workplace

log = logging.getLogger("whistle.worker")


class KeyWatch:
    """One worker's eye on the key in force; look every few seconds.

    Without that key it can open no case, and would only make people look at flagged ones. Ended, it is
    started again by whoever watches it, with whatever key is there by then.
    """

    def __init__(self, place: Workplace, must_end: asyncio.Event) -> None:
        self.place = place
        self.must_end = must_end

    async def step(self) -> None:
        """Look, and end the worker if its key is not enough any more."""
        if not await asyncio.get_running_loop().run_in_executor(None, self.look):
            log.critical("a new master key is in force, this worker has the old one: it ends", extra={"event": "key_replaced"})
            self.must_end.set()

    def look(self) -> bool:
        """Whether this process has the key in force."""
        with self.place.database.reading() as session:
            check = session.exec(select(DeskFact.value).where(DeskFact.name == CHECK)).first()
        return check is not None and self.place.vault.recognises(check)
