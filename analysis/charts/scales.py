"""From numbers to places: where the ticks of an axis stand."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """From 0 to `top` over `length`, with ticks at round numbers."""

    top: float
    step: float
    length: float

    def at(self, value: float) -> float:
        """How far from the zero."""
        return value / self.top * self.length

    @property
    def ticks(self) -> tuple[float, ...]:
        """From 0 up, all of them round."""
        return tuple(self.step * each for each in range(round(self.top / self.step) + 1))


def scale_for(highest: float, length: float, wanted: int = 4) -> Scale:
    """A scale that reaches at least `highest` with about `wanted` steps of 1, 2 or 5 and zeros; whole ones."""
    raw = max(highest, 1) / wanted
    magnitude = 10 ** math.floor(math.log10(raw))
    step = max(1.0, next(each * magnitude for each in (1, 2, 5, 10) if each * magnitude >= raw * 0.999))
    return Scale(step * math.ceil(max(highest, 1) / step - 1e-9), step, length)


def tick_words(value: float) -> str:
    """As it stands beside an axis."""
    return f"{value:,.0f}"
