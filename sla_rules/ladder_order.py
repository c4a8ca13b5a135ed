"""Which rung of a ladder comes first, as far as that can be said without a clock and a calendar."""

from datetime import timedelta

from models.vocabulary import KindOfTime
from sla_rules.firing import STAGE, Anchor, Firing
from sla_rules.grade_rules import TargetRule
from sla_rules.limits import Unit

COUNTED_IN_DAYS = frozenset({KindOfTime.CALENDAR_DAYS, KindOfTime.WORKING_DAYS})


def climbs(lower: Firing, upper: Firing, rule: TargetRule | None) -> bool:
    """Whether `upper` comes later than `lower`; True where that cannot be told.

    Args:
        lower: The rung below.
        upper: The rung above.
        rule: For a clock of this rule. Without one only what holds for every limit is compared:
            shares with shares and lengths with lengths.
    """
    if STAGE[lower.anchor] != STAGE[upper.anchor]:
        return STAGE[lower.anchor] < STAGE[upper.anchor]
    if lower == upper:
        return False
    below, above = _away(lower, rule), _away(upper, rule)
    if below is None or above is None or type(below) is not type(above):
        return True
    earlier, later = (above, below) if upper.anchor in (Anchor.WARNING, Anchor.BEFORE) else (below, above)
    return bool(earlier < later)  # type: ignore[operator]  # both floats or both timedeltas, see above


def problem_with_length(at: Firing, rule: TargetRule) -> str | None:
    """What is wrong with a length before or after due for clocks of this rule; None if nothing."""
    if at.by is None or at.anchor is Anchor.START:
        return None
    if at.by.unit is Unit.DAYS and rule.time not in COUNTED_IN_DAYS:
        return f"{rule.id} is counted in {rule.time}: write {at} in min or h, not in d"
    away = _away(at, rule)
    if at.anchor is Anchor.BEFORE and isinstance(away, timedelta) and away >= rule.limit.length:
        return f"{at} is not after the start of {rule.id}, which has {rule.limit} in all"
    return None


def _away(at: Firing, rule: TargetRule | None) -> float | timedelta | None:
    """How far from due: a share as long as no rule is given, else a length; None if not comparable."""
    if at.by is not None:
        # Hours of work do not add up to a day of work without a calendar.
        unlike = rule is not None and rule.time is KindOfTime.WORKING_DAYS and at.by.unit is not Unit.DAYS
        return None if unlike else at.by.length
    if rule is None:
        return float(at.percent) if at.anchor is not Anchor.WARNING else None
    percent = rule.warn_before_percent if at.anchor is Anchor.WARNING else at.percent
    return rule.limit.length * percent / 100
