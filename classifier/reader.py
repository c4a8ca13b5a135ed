"""Reading a message with a learned model: numpy only, a fraction of a millisecond, nothing stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from classifier.features import RUNS, run_hashes, shortened, token_spans, tokens_of

WINDOW = 48
STEP = 16
EVIDENCE_FULL = 12.0
SHARPNESS = 1.5
MOST_KINDS = 20
SPAN_HEADS = ("harm", "grave", "guardian")
SCOPE = "scope"

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model makes of one message; probabilities between 0 and 1, no word of the message.

    `harm` that a child is harmed or in danger, `grave` that it is urgent (U0, U1), `guardian` that
    a guardian is the suspect, `in_scope` that the desk is concerned at all. `kinds` has the likeliest
    kinds first, as shares of one, `confidence` is the probability that the first one is right. `worst_kinds` are those
    of the one passage that sounds most like harm, which lies at `passage` (from, to) in tokens
    (`characters_of` tells where that is); `passages` is how many there were to choose from.
    """

    harm: float
    grave: float
    guardian: float
    in_scope: float
    kinds: tuple[tuple[str, float], ...]
    confidence: float
    worst_kinds: tuple[tuple[str, float], ...]
    passage: tuple[int, int]
    passages: int


@dataclass(frozen=True)
class Reader:
    """A learned model.

    `vocabulary` holds sorted hashes of runs, `idf` the weight of each. `whole` and `span` are
    linear weights (runs by heads) for a whole message and for a passage of it, `evidence` those of
    the catalogue's cues (owners by heads of `whole`). `joined` turns, for each span head, the best
    passage, the whole message and the number of passages into one probability. `names` are the
    heads of `whole`: every kind, then `harm`, `grave`, `guardian` and `scope`.
    """

    vocabulary: npt.NDArray[np.uint32]
    idf: Floats
    whole: Floats
    whole_bias: Floats
    span: Floats
    span_bias: Floats
    evidence: Floats
    joined: Floats
    certainty: Floats
    names: tuple[str, ...]
    owners: tuple[str, ...]
    sure: float
    maybe: float
    digest: str = ""

    def read(self, clean: str, evidence: Mapping[str, float]) -> Reading:
        """What normalised text says.

        Args:
            clean: The normalised message, of any length.
            evidence: The score of the cues of each kind that were heard.
        """
        text = shortened(clean)
        tokens = tokens_of(text)
        runs = self._runs(tokens)
        whole = self._whole(runs) + self._of_cues(evidence)
        spans = windows_of(len(tokens))
        of_spans = self._spans(runs, spans)
        worst = spans[int(np.argmax(of_spans[:, 0]))]
        inside = [each[worst[0] : max(worst[0], worst[1] - length)] for length, each in enumerate(runs)]
        probabilities = self._joined(of_spans, whole)
        kinds = self._kinds(whole)
        return Reading(
            harm=float(probabilities[0]),
            grave=float(probabilities[1]),
            guardian=float(probabilities[2]),
            in_scope=float(_sigmoid(whole[self.names.index(SCOPE)])),
            kinds=kinds,
            confidence=self._confidence(whole),
            worst_kinds=self._kinds(self._whole(inside)),
            passage=worst,
            passages=len(spans),
        )

    def raw_scores(self, clean: str, evidence: Mapping[str, float]) -> tuple[Floats, Floats]:
        """For calibration: the best passage's score for each span head, and the message's for each head."""
        tokens = tokens_of(shortened(clean))
        runs = self._runs(tokens)
        whole: Floats = self._whole(runs) + self._of_cues(evidence)
        return self._spans(runs, windows_of(len(tokens))).max(axis=0), whole

    def _runs(self, tokens: npt.NDArray[np.uint64]) -> list[Indices]:
        """Places in the vocabulary of runs of one token, of two tokens, and so on, each in the order of the text."""
        together, found, start = self._known(run_hashes(tokens)), [], 0
        for length in range(1, min(RUNS, len(tokens)) + 1):
            count = len(tokens) - length + 1
            found.append(together[start : start + count])
            start += count
        return found or [together]

    def _known(self, hashes: npt.NDArray[np.uint32]) -> Indices:
        """Positions in the vocabulary, run by run; -1 for a run never met."""
        if not len(self.vocabulary):
            return np.full(len(hashes), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.vocabulary, hashes), len(self.vocabulary) - 1)
        return np.where(self.vocabulary[at] == hashes, at, -1)

    def _whole(self, runs: Sequence[Indices]) -> Floats:
        found = np.unique(np.concatenate(runs)) if runs else np.zeros(0, dtype=np.int64)
        found = found[found >= 0]
        length = float(np.sqrt(np.square(self.idf[found]).sum())) or 1.0
        total: Floats = self.whole[found].sum(axis=0, dtype=np.float32) / np.float32(length) + self.whole_bias
        return total

    def _of_cues(self, evidence: Mapping[str, float]) -> Floats:
        total = np.zeros(len(self.names), dtype=np.float32)
        for owner, score in evidence.items():
            row = self._owner_rows.get(owner)
            if row is not None:
                total += self.evidence[row] * min(score, EVIDENCE_FULL) / EVIDENCE_FULL
        return total

    @cached_property
    def _owner_rows(self) -> dict[str, int]:
        return {owner: row for row, owner in enumerate(self.owners)}

    @cached_property
    def _kind_columns(self) -> int:
        return self.names.index(SPAN_HEADS[0])

    def _spans(self, runs: Sequence[Indices], spans: Sequence[tuple[int, int]]) -> Floats:
        """Score of each passage for each span head."""
        begin, end = (np.array(side, dtype=np.int64) for side in zip(*spans, strict=True))
        score = np.zeros((len(spans), self.span.shape[1]), dtype=np.float64)
        length = np.zeros(len(spans), dtype=np.float64)
        for more, found in enumerate(runs):
            met = found >= 0
            weights = np.where(met[:, None], self.span[found], 0.0)
            squares = np.where(met, np.square(self.idf[found]), 0.0)
            last = np.clip(end - more, 0, len(found))
            first = np.minimum(begin, last)
            score += _between(weights, first, last)
            length += _between(squares[:, None], first, last)[:, 0]
        scaled: Floats = (score / np.sqrt(np.maximum(length, 1.0))[:, None] + self.span_bias).astype(np.float32)
        return scaled

    def _joined(self, of_spans: Floats, whole: Floats) -> Floats:
        best = of_spans.max(axis=0)
        first = self._kind_columns
        of_whole = whole[first : first + len(SPAN_HEADS)]
        more = np.full(len(SPAN_HEADS), np.log(len(of_spans)), dtype=np.float32)
        together = np.stack([best, of_whole, more, np.ones_like(more)])
        return _sigmoid((self.joined * together.T).sum(axis=1))

    def _kinds(self, whole: Floats) -> tuple[tuple[str, float], ...]:
        scores = SHARPNESS * whole[: self._kind_columns].astype(np.float64)
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        order = np.argsort(-shares)[:MOST_KINDS]
        return tuple((self.names[at], round(float(shares[at]), 4)) for at in order)

    def _confidence(self, whole: Floats) -> float:
        second, best = np.sort(whole[: self._kind_columns])[-2:].tolist()
        return float(_sigmoid(np.float32(self.certainty @ np.array([best, best - second, 1.0]))))


def windows_of(count: int) -> list[tuple[int, int]]:
    """Overlapping passages (from, to) in tokens; one for a short text, and for an empty one."""
    if count <= WINDOW + STEP:
        return [(0, count)]
    starts = range(0, count - WINDOW + STEP, STEP)
    return [(start, min(start + WINDOW, count)) for start in starts]


def _between(values: npt.NDArray[np.float64], first: Indices, last: Indices) -> npt.NDArray[np.float64]:
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    between: npt.NDArray[np.float64] = sums[last] - sums[first]
    return between


def characters_of(clean: str, passage: tuple[int, int]) -> tuple[int, int]:
    """Where a passage (from, to, in tokens) of normalised text begins and ends, in characters.

    Of a text longer than what is read, the passage of the shortened one.
    """
    spans = token_spans(shortened(clean))[passage[0] : passage[1]]
    return (spans[0][0], spans[-1][1]) if spans else (0, 0)


def _sigmoid(value: npt.NDArray[np.float32] | np.float32) -> Floats:
    clipped = np.clip(np.asarray(value, dtype=np.float32), -30.0, 30.0)
    return np.asarray(1.0 / (1.0 + np.exp(-clipped)), dtype=np.float32)

