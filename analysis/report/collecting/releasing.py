"""Tables of one time only, blanked so that no small count follows from them and a total that is known."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from analysis.release import Counted, Counts, Dims, Key, Sheet
from analysis.suppression import CannotProtectError, suppress
from analysis.suppression_rules import SuppressionRules

DAY = (date(2000, 1, 1), date(2000, 1, 2))
"""Stands for the one time."""
Shown = Mapping[Key, int | None]


def released(
    codes: Mapping[str, Sequence[str]],
    cells: Mapping[Dims, Counts],
    small: SuppressionRules,
    known: Mapping[Dims, Counts] | None = None,
) -> dict[Dims, Shown]:
    """Each table with its sums as it may be told.

    Args:
        codes: Every code of each dimension.
        cells: Counts of the same things, crossed in different ways.
        small: The limit and the width.
        known: Counts of them that are told already and cannot be blank; `()` is how many there are in all.

    Returns:
        All blank if what is known gives a small count away by itself.
    """
    known = known or {}
    every = {dims: np.array([each]) for dims, each in {**known, **cells}.items()}
    counted = Counted(DAY, {name: tuple(each) for name, each in codes.items()}, every)
    sheets = [Sheet(dims, *DAY) for dims in every]
    try:
        release = suppress(counted, sheets, small, before=len(known))
    except CannotProtectError:
        return {dims: dict.fromkeys(counted.keys(dims)) for dims in cells}
    return {sheet.dims: release.shown(place) for place, sheet in enumerate(sheets) if sheet.dims in cells}
