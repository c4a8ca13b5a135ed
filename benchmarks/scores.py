"""Counting how often a yes-or-no or a choice was right."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Binary:
    """Counts of a yes-or-no question; shares are 0 where there is nothing to divide by."""

    hit: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """Of those found, how many are right."""
        return _share(self.hit, self.hit + self.false)

    @property
    def recall(self) -> float:
        """Of those there are, how many are found."""
        return _share(self.hit, self.hit + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.hit, 2 * self.hit + self.false + self.missed)


def binary(pairs: Iterable[tuple[bool, bool]]) -> Binary:
    """Counts over (truth, said)."""
    counts = Counter(pairs)
    return Binary(counts[True, True], counts[False, True], counts[True, False])


def kind_scores(truth: Sequence[str], said: Sequence[str]) -> tuple[float, float]:
    """Macro and weighted F1 over the kinds that occur in `truth`."""
    kinds = Counter(truth)
    by_kind = {
        kind: binary((true == kind, guess == kind) for true, guess in zip(truth, said, strict=True)).f1
        for kind in kinds
    }
    macro = sum(by_kind.values()) / len(kinds)
    return macro, sum(by_kind[kind] * count for kind, count in kinds.items()) / len(truth)


def calibration_error(chances: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error: the mean gap between a stated chance and how often it came true."""
    boxes: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for chance, came_true in chances:
        boxes[min(int(chance * bins), bins - 1)].append((chance, came_true))
    gaps = (
        abs(sum(chance for chance, _ in box) - sum(came_true for _, came_true in box)) for box in boxes if box
    )
    return _share(sum(gaps), len(chances))


def _share(part: float, total: float) -> float:
    return part / total if total else 0.0
