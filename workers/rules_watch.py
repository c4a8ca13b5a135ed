"""Watching the folder in which rules are edited, so that a broken edit is told of while it does no harm."""

import asyncio
import logging
from datetime import datetime

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from sqlalchemy.exc import DBAPIError, IntegrityError

from flows.clock import the_time
from models.rule_files import RuleFileError
from models.vocabulary import Ask, Recipient
from tasks.case_task import coded_error
from tasks.house.folder_state import FolderState, board, look_at_folder
from tasks.house.notices import tell_house
from tasks.house.promoted_rules import live_number
from tasks.house.rule_folder import Signature, signature_of, working_folder
from tasks.workplace import Workplace

log = logging.getLogger("whistle.worker")

BOARD = "sla-rules"
LOGGED = 20
Seen = tuple[Signature, int | None]


class RulesWatch:
    """One worker's eye on the working folder and on the live version; look every few seconds.

    Nothing is taken from the folder: cases go by what was promoted. A change is read once two
    looks in a row find the same files, so that one saved in steps is not judged half-way.
    """

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self.folder = working_folder(place.settings.home)
        self._last: Seen | None = None
        self._done: Seen | None = None
        self._logged = ""

    async def step(self, client: PrefectClient) -> None:
        """Look, tell what is new, and show it in the Prefect UI; Prefect may be away."""
        try:
            page = await asyncio.get_running_loop().run_in_executor(None, self.look, the_time())
            if page is not None:
                await show(client, page)
                self._done = self._last
        except (httpx.HTTPError, DBAPIError) as error:
            log.warning("the rules cannot be looked at: %s", type(error).__name__, extra={"event": "rules_not_seen"})
        except Exception as error:  # noqa: BLE001 - whatever somebody saves must not take the worker down
            log.warning("the rules' folder cannot be judged: %s", coded_error(error).code, extra={"event": "rules_not_judged"})
            self._done = self._last

    def look(self, now: datetime) -> str | None:
        """The page to show; None while nothing has changed since it was shown, or a save goes on."""
        with self.place.database.reading() as session:
            seen = signature_of(self.folder), live_number(session)
            is_steady, self._last = seen == self._last, seen
            if seen == self._done or not is_steady:
                return None
            try:
                state = look_at_folder(session, self.place.catalogue, self.folder, now)
            except RuleFileError:
                return None
        if state is None:
            return None
        if state.is_broken:
            self._tell(state, now)
        return board(state)

    def _tell(self, state: FolderState, now: datetime) -> None:
        if state.digest != self._logged:
            for problem in state.problems[:LOGGED]:
                log.warning("edited rules are not live: %s", problem, extra={"event": "rules_broken"})
            self._logged = state.digest
        try:
            with self.place.database.writing() as session:
                # Several workers see the same edit; whoever comes first has told.
                dedupe = f"rules-broken:{state.digest}"
                tell_house(self.place, session, Recipient.RULES_SUPERVISOR, Ask.RULES_BROKEN, "RULES", dedupe, now)
        except IntegrityError:
            log.debug("another worker has told of the broken rules", extra={"event": "rules_told"})


async def show(client: PrefectClient, page: str) -> None:
    """Make the page the newest artifact `sla-rules`, unless it is already.

    Raises:
        httpx.HTTPError: Prefect cannot be reached.
    """
    wanted = {"artifacts": {"key": {"any_": [BOARD]}}, "limit": 1}
    found = (await client.request("POST", "/artifacts/latest/filter", json=wanted)).json()
    if found and found[0]["data"] == page:
        return
    await client.create_artifact(
        ArtifactCreate(type="markdown", key=BOARD, description="The live SLA rules and the edited ones", data=page)
    )
