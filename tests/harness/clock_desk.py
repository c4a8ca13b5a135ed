"""A lone desk that is asked about its clocks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.record import Clock
from models.vocabulary import Target
from tasks.workplace import use_workplace
from tests.harness.lone_desk import LoneDesk
from tests.small_desk import small_desk


class ClockDesk(LoneDesk):
    """What tests of clocks say and ask again and again."""

    def hears(self, label: str, kind: str, who: str, /, **form: Any) -> None:
        """Somebody says something now, and the case digests it."""
        self.say(label, kind, who, **form)
        self.run_due()

    def clocks(self, label: str, target: Target, department: str | None = None) -> list[Clock]:
        """The clocks of one target (of one department, if named), oldest first."""
        found = [each for each in self.rows(Clock, label) if each.target is target]
        return [each for each in found if department in (None, each.department)]

    def clock(self, label: str, target: Target, department: str | None = None) -> Clock:
        """The newest of them."""
        return self.clocks(label, target, department)[-1]


@contextmanager
def clock_desk(home: Path) -> Iterator[ClockDesk]:
    """A fresh desk that works alone."""
    desk = ClockDesk(small_desk(home))
    use_workplace(desk.place)
    try:
        yield desk
    finally:
        desk.place.database.close()
