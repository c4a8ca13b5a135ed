"""Response, resolution, satisfaction and composite of some callbacks; exact, and None where nothing is valid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from analysis.rate_rules import ROUNDS_BY, Formula, Rate, RateRules, Summary, Ties

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Tally:
    """Valid callbacks of some orders, counted.

    `valid` are all that count; `full` those among them that are also asked whether the matter is resolved and
    whether they are satisfied. `unanswered` were asked about satisfaction and said nothing: they stay in the
    denominator, for silence is no consent. `contact_not_asked` were not asked whether the unit had been in touch:
    it was not told who called, so they count for no response rate.
    """

    valid: int = 0
    contacted: int = 0
    full: int = 0
    resolved: int = 0
    satisfied: int = 0
    basically: int = 0
    unanswered: int = 0
    contact_not_asked: int = 0

    def __post_init__(self) -> None:
        counts = [getattr(self, each.name) for each in fields(self)]
        if min(counts) < 0 or self.full > self.valid or self.contacted + self.contact_not_asked > self.valid or self.resolved > self.full:
            raise ValueError(f"no such callbacks: {self}")
        if self.satisfied + self.basically + self.unanswered > self.full:
            raise ValueError(f"more answers than callbacks: {self}")

    @property
    def contact_asked(self) -> int:
        """The denominator of the response rate."""
        return self.valid - self.contact_not_asked

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True)
class Rates:
    """Rates in percent and the composite in points, not rounded yet; None is "not applicable"."""

    response: Decimal | None
    resolution: Decimal | None
    satisfaction: Decimal | None
    composite: Decimal | None

    def rounded(self, formula: Formula) -> "Rates":
        """As they are printed."""
        percent = formula.percent_decimals
        return Rates(
            _rounded(self.response, percent, formula), _rounded(self.resolution, percent, formula),
            _rounded(self.satisfaction, percent, formula), _rounded(self.composite, formula.composite_decimals, formula),
        )  # fmt: skip


def rates_of(tally: Tally, formula: Formula) -> Rates:
    """The rates of one unit, or of several as if they were one."""
    content = tally.satisfied + formula.basically_counts * tally.basically
    return Rates(
        response=_percent(Decimal(tally.contacted), tally.contact_asked),
        resolution=_percent(Decimal(tally.resolved), tally.full),
        satisfaction=_percent(content, tally.full),
        composite=_composite(tally, content, formula),
    )


def _composite(tally: Tally, content: Decimal, formula: Formula) -> Decimal | None:
    weights = formula.weights
    # Divided once and last: thirds and sevenths added up would end a hair beside a half.
    of_full = weights[Rate.SATISFACTION] * content + weights[Rate.RESOLUTION] * tally.resolved
    points = weights[Rate.RESPONSE] * tally.contacted * tally.full + of_full * tally.contact_asked
    return _percent(points, tally.contact_asked * tally.full)


def _percent(part: Decimal, whole: int) -> Decimal | None:
    return part * HUNDRED / whole if whole else None


def _rounded(value: Decimal | None, decimals: int, formula: Formula) -> Decimal | None:
    if value is None:
        return None
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUNDS_BY[formula.rounding])


def summary_of(tallies: Iterable[Tally], rules: RateRules) -> Rates:
    """One figure for several units, in the way that the rules name; units without a rate are in neither."""
    tallies = list(tallies)
    if rules.summary is Summary.POOLED:
        return rates_of(sum(tallies, Tally()), rules.formula)
    each = [rates_of(tally, rules.formula) for tally in tallies]
    return Rates(
        _mean(one.response for one in each), _mean(one.resolution for one in each),
        _mean(one.satisfaction for one in each), _mean(one.composite for one in each),
    )  # fmt: skip


def _mean(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [each for each in values if each is not None]
    return sum(known, Decimal(0)) / len(known) if known else None


def in_order(tallies: Mapping[str, Tally], rules: RateRules) -> list[str]:
    """The units' codes, highest printed composite first, those without one last; ties as the rules say.

    Meant for finding a unit that needs help: 国办函〔2025〕66号 turns against ranking for its own sake.
    """

    def place(code: str) -> tuple[bool, Decimal, int, str]:
        composite = rates_of(tallies[code], rules.formula).rounded(rules.formula).composite
        volume = tallies[code].valid if rules.ties is Ties.VOLUME else 0
        return composite is None, -(composite or Decimal(0)), -volume, code

    return sorted(tallies, key=place)
