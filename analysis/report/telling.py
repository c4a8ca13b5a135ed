"""Which totals of overlapping times may be told: none whose edges leave few cases between them and any other's.

Whoever holds every day's, week's and month's total can subtract them in any way. So the reader is taken to know how many
came before each edge of each total that was ever told. All that follows from that are sums of what lies between
two neighbouring edges: if there each time nobody or enough came, no difference is small. It needs no program
and looks back no further than to the next edge, whatever was told before that.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

Edges = tuple[datetime, datetime]
CountBetween = Callable[[datetime, datetime], int]


def tellable(asked: Sequence[Edges], told: Iterable[Edges], between: CountBetween, limit: int) -> list[bool]:
    """For each total, in the order in which they take precedence, whether it may be told.

    Args:
        asked: Those that come first are decided first.
        told: The edges of all totals of the same count that were told before; nothing of them is taken back.
        between: How many there are from one moment up to and without another.
        limit: A count from 1 up to and without this is small.
    """
    known = sorted({edge for edges in told for edge in edges})
    found = []
    for each in asked:
        with_it = sorted({*known, *each})
        may = between(*each) >= limit and all(
            not 0 < between(*span) < limit for edge in each for span in _beside(edge, with_it)
        )
        known = with_it if may else known
        found.append(may)
    return found


def _beside(edge: datetime, edges: Sequence[datetime]) -> list[Edges]:
    place = bisect_left(edges, edge)
    pairs = zip(edges[max(place - 1, 0) :], edges[max(place - 1, 0) + 1 : place + 2], strict=False)
    return [(one, other) for one, other in pairs]
