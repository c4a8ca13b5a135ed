"""A desk whose pages are really served, whose cases are worked by hand, and whose alerts really leave."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Mail
from pathlib import Path
from threading import Thread

import uvicorn
from sqlmodel import select

from desk.app import make_app
from desk.people.accounts import make_account, set_password
from models.accounts import Account
from models.house import Department
from models.vocabulary import Role
from notifications.channels import load_channels
from notifications.sending import send_due
from tasks.workplace import Workplace, use_workplace
from tests.harness.lone_desk import LoneDesk
from tests.harness.times import moment
from tests.small_desk import small_desk
from tests.test_sending import Receiver, listening, mail_server

PASSWORD = "a quiet harbour at dawn"
CHANNELS = """\
default: hook
channels:
  hook: {url: "${HOOK}", language: zh}
  mail: {url: "${MAIL}", language: en}
recipients:
  EDU: hook
  DESK: mail
"""


class OpenDesk(LoneDesk):
    """A lone desk with a front door."""

    def __init__(self, place: Workplace, base: str, hook: Receiver, mails: list[Mail], hook_url: str, mail_url: str) -> None:
        super().__init__(place, moment("Mon 2026-03-02 10:00"))
        self.base, self.hook, self.mails = base, hook, mails
        file = place.settings.home / "channels.yaml"
        file.write_text(CHANNELS)
        place.channels = load_channels(file, {"HOOK": hook_url, "MAIL": mail_url}, place.settings.home)

    def work(self) -> None:
        """Let every due case be worked, and send what it has to say."""
        self.run_due()
        send_due(self.place.database, self.place.channels, self.now)

    def links(self) -> list[str]:
        """Every order link that left the house by HTTP so far, oldest first."""
        words = [part for _, told in self.hook.told for part in str(told["message"]).split()]
        return [word[word.index("http") :] for word in words if "/o/" in word]

    def account(self, name: str, role: Role) -> None:
        """Somebody who signs in with `PASSWORD`."""
        with self.place.database.writing() as session:
            make_account(session, name, role, None, self.now)
            set_password(session.exec(select(Account).where(Account.name == name)).one(), PASSWORD)


@contextmanager
def open_desk(home: Path) -> Iterator[OpenDesk]:
    """A desk on a free port of this machine, with a real HTTP receiver and a real mail server for its alerts."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    place = small_desk(home)
    place.settings.public_url = base = f"http://127.0.0.1:{port}"
    use_workplace(place)
    with place.database.writing() as session:
        for code, unit in place.catalogue.departments.items():
            session.add(Department(code=code, name_zh=unit.name_zh, name_en=unit.name_en))
    with listening() as hook, mail_server() as (mail_url, mails):
        desk = OpenDesk(place, base, hook, mails, hook.url, mail_url)
        server = uvicorn.Server(uvicorn.Config(make_app(place, lambda: desk.now), port=port, log_level="error"))
        thread = Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield desk
        finally:
            server.should_exit = True
            thread.join()
            place.database.close()
