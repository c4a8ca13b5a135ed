"""Whether a rule set reproduces the deadlines that a city itself decided."""

from typing import Any

import numpy as np

from models.vocabulary import KindOfTime
from sla_rules.wall_clock import SECOND_US
from sla_rules.whatif_chunk import UNKNOWN, CaseChunk, Coded, Mask
from sla_rules.whatif_due import Judge, Judged
from sla_rules.whatif_groups import LONGEST_WORD, MOST_WORDS, OTHERS

WITHIN_US = 90 * SECOND_US
"""Due times this close are the same: cities round to seconds, and some to the minute."""

IN_WORKING_TIME = frozenset({KindOfTime.WORKING_DAYS, KindOfTime.WORKING_HOURS})


class Agreement:
    """Our due time against the file's, and our verdict on closed cases against the file's flag."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(
            (
                "compared", "agree_within_90s", "compared_all", "agree_all_within_90s",
                "flag_compared", "flag_agree",
            ), 0
        )  # fmt: skip
        self._by_kind: dict[str, list[int]] = {}

    def add(self, chunk: CaseChunk, judge: Judge, judged: Judged, now: int) -> None:
        """Count one chunk."""
        official = chunk.official_due
        if official is None:
            return
        compared = (judged.dues != UNKNOWN) & (official != UNKNOWN)
        apart = np.where(compared, judged.dues, 0) - np.where(compared, official, 0)
        agree = compared & (np.abs(apart) <= WITHIN_US)
        in_working_time = _in_working_time(judge, judged)
        self._count("compared", compared & in_working_time)
        self._count("agree_within_90s", agree & in_working_time)
        self._count("compared_all", compared)
        self._count("agree_all_within_90s", agree)
        self._count_flags(chunk, judged, now)
        self._count_kinds(chunk.kind, compared, agree)

    def to_json(self) -> dict[str, Any]:
        """Counts of rows, and the agreement by kind, the most frequent kind first."""
        ordered = sorted(self._by_kind.items(), key=lambda each: (-each[1][0], each[0]))
        by_kind = {kind: {"compared": both, "agree": agree} for kind, (both, agree) in ordered}
        return {**self._counts, "agreement_by_kind": by_kind}

    def _count(self, name: str, mask: Mask) -> None:
        self._counts[name] += int(np.count_nonzero(mask))

    def _count_flags(self, chunk: CaseChunk, judged: Judged, now: int) -> None:
        flags = chunk.official_on_time
        if flags is None:
            return
        compared = (judged.dues != UNKNOWN) & (chunk.ended <= now) & (flags >= 0)
        on_time = chunk.ended <= judged.dues
        self._count("flag_compared", compared)
        self._count("flag_agree", compared & (on_time == (flags == 1)))

    def _count_kinds(self, kinds: Coded, compared: Mask, agree: Mask) -> None:
        size = len(kinds.words)
        both = np.bincount(kinds.codes[compared], minlength=size)
        agreed = np.bincount(kinds.codes[agree], minlength=size)
        for place in np.flatnonzero(both).tolist():
            word = kinds.words[place][:LONGEST_WORD]
            if word not in self._by_kind and len(self._by_kind) >= MOST_WORDS:
                word = OTHERS
            counts = self._by_kind.setdefault(word, [0, 0])
            counts[0] += int(both[place])
            counts[1] += int(agreed[place])


def _in_working_time(judge: Judge, judged: Judged) -> Mask:
    counted = np.array([rule.time in IN_WORKING_TIME for rule in judge.finder.rules] + [False])
    # A row without a rule has the place -1, which is the False put last.
    mask: Mask = counted[judged.rules]
    return mask
