"""Which numbers of a release are left blank, so that nobody can work out a count under the limit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from analysis.disclosure import Attack, Leak
from analysis.release import ALL, Counted, Key, Number, Sheet, numbers_of
from analysis.suppression_rules import SuppressionRules, Zeros


@dataclass(frozen=True)
class Release:
    """Tables and what of them is blank; `before` of the sheets were published earlier and stay as they were."""

    counted: Counted
    sheets: tuple[Sheet, ...]
    hidden: frozenset[Number]
    before: int = 0
    _values: Mapping[Number, int] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def values(self) -> dict[Number, int]:
        """Every number, also the blank ones: not for publishing."""
        return dict(numbers_of(self.counted, self.sheets))

    def shown(self, sheet: int) -> dict[Key, int | None]:
        """One table as it is published; None is a blank."""
        return {
            number.key: None if number in self.hidden else value
            for number, value in self.values.items()
            if number.sheet == sheet
        }


def too_small(counted: Counted, sheets: Sequence[Sheet], rules: SuppressionRules) -> frozenset[Number]:
    """The numbers that are themselves under the limit; hiding only these protects nobody."""
    smallest = 0 if rules.zeros is Zeros.HIDDEN else 1
    return frozenset(number for number, value in numbers_of(counted, sheets) if smallest <= value < rules.limit)


def suppress(
    counted: Counted,
    sheets: Sequence[Sheet],
    rules: SuppressionRules,
    before: int = 0,
    hidden_before: Iterable[Number] = (),
) -> Release:
    """Blank what is too small, and as much more as it takes until no attack finds a small count.

    The same counts, sheets and rules always give the same blanks.

    Args:
        counted: The finest counts, cut at every edge of every sheet.
        sheets: All tables: those published earlier first, then the new ones.
        rules: The limit and the width.
        before: How many of the sheets were published earlier; nothing of them can be taken back.
        hidden_before: What was blank in those.

    Raises:
        CannotProtectError: What was published earlier leaks already, whatever is held back now.
    """
    small = {each for each in too_small(counted, sheets, rules) if each.sheet >= before}
    hidden = frozenset(small | set(hidden_before))
    attack = Attack(counted, sheets, rules)
    hidden = _plainly_closed(hidden, attack, before)
    # One at a time: what closes a leak closes others that would each cost two programs to find.
    while leak := next(attack.leaks(hidden), None):
        hidden |= {_least_loss(leak, attack, before)}
    return Release(counted, tuple(sheets), hidden, before)


class CannotProtectError(ValueError):
    """Numbers published earlier give a small count away by themselves."""


@dataclass(frozen=True)
class _Equation:
    """A published number that is the sum of others: what a reader with a pencil sees."""

    whole: Number
    parts: tuple[Number, ...]

    def gives_away(self, hidden: set[Number], attack: Attack) -> bool:
        """Whether the blanks of this equation alone leave a small count less than the width to move in."""
        blank = [each for each in self.parts if each in hidden]
        if self.whole in hidden:
            return not blank and 0 < attack.values[self.whole] < attack.rules.limit
        if not any(0 < attack.values[each] < attack.rules.limit for each in blank):
            return False
        return len(blank) == 1 or sum(attack.values[each] for each in blank) < attack.rules.width


def _plainly_closed(hidden: frozenset[Number], attack: Attack, before: int) -> frozenset[Number]:
    """Blank what single equations ask for; each costs a program less."""
    found, equations = set(hidden), _equations(attack)
    while True:
        added = False
        for each in equations:
            if each.gives_away(found, attack):
                may_hide = [one for one in (each.whole, *each.parts) if one not in found and one.sheet >= before and _can_be_blank(one, attack)]
                if may_hide:
                    found.add(min(may_hide, key=lambda one: _price(one, attack)))
                    added = True
        if not added:
            return frozenset(found)


def _equations(attack: Attack) -> list[_Equation]:
    found = []
    for place, sheet in enumerate(attack.sheets):
        for key in attack.counted.keys(sheet.dims):
            for at, part in enumerate(key):
                if part == ALL:
                    codes = attack.counted.codes[sheet.dims[at]]
                    found.append(_Equation(Number(place, key), tuple(Number(place, (*key[:at], code, *key[at + 1 :])) for code in codes)))
    for whole, first, second in _joined(attack.sheets):
        keys = attack.counted.keys(attack.sheets[whole].dims)
        found += [_Equation(Number(whole, key), (Number(first, key), Number(second, key))) for key in keys]
    return found


def _joined(sheets: Sequence[Sheet]) -> list[tuple[int, int, int]]:
    """Sheets whose time is that of two others, one after the other."""
    by_time = {(each.dims, each.start, each.end): place for place, each in enumerate(sheets)}
    found = []
    for (dims, start, end), whole in by_time.items():
        for (other, begin, middle), first in by_time.items():
            second = by_time.get((dims, middle, end))
            if other == dims and begin == start and second is not None:
                found.append((whole, first, second))
    return found


def _least_loss(leak: Leak, attack: Attack, before: int) -> Number:
    may_hide = [each for each in leak.pinned_by if each.sheet >= before and _can_be_blank(each, attack)]
    if not may_hide:
        raise CannotProtectError(f"{' × '.join(leak.dims)}: a small count follows from numbers that are published already")
    return min(may_hide, key=lambda each: _price(each, attack))


def _can_be_blank(number: Number, attack: Attack) -> bool:
    # Where zeros are printed a blank says "somebody", which of a zero would be untrue.
    return attack.rules.zeros is Zeros.HIDDEN or attack.values[number] > 0


def _price(number: Number, attack: Attack) -> tuple[int, int, int, Key]:
    """Cells go before sums, small before large, later sheets before earlier ones."""
    return sum(part == ALL for part in number.key), attack.values[number], -number.sheet, number.key
