"""What finding common issues needs to know of a request."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Report:
    """One request, as it comes out of the case database and never leaves the process.

    `matter` is the case that this one is linked to, or its own id: reports of one matter count once
    where a number protects people. `likes` is what others added to it on a platform, 0 or more.
    """

    case_id: str
    received_at: datetime
    text: str
    district: str = ""
    kind: str = ""
    lead: str = ""
    likes: int = 0
    matter: str = ""

    @property
    def counted_as(self) -> str:
        """The matter it belongs to."""
        return self.matter or self.case_id
