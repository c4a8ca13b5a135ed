"""The list of candidates with score, signs and proposed owner, chosen by what a release shows and nothing else.

A score of exact counts would tell more than the release beside it: that a week held back had enough for a sign.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.candidates.settings import CandidateSettings, Sign
from models.topics import Progress


@dataclass(frozen=True)
class Candidate:
    """One topic that a month could take up; holds no case and no text, and is never of few matters.

    `signs` are what speaks for it, without figures that weeks or units could be worked out from; `score` is
    the sum of their points, 0 to 100.
    """

    number: str
    topic: tuple[str, ...]
    matters: int
    score: int
    signs: tuple[Sign, ...]
    owner: str
    owner_reason: str
    progress: Progress


def candidates(
    issues: Iterable[Mapping[str, Any]],
    settings: CandidateSettings,
    progress: Mapping[str, Progress],
    ahead: Mapping[str, float],
) -> tuple[Candidate, ...]:
    """The best scored first; dropped topics are left out, those at work stay on the list whatever their score.

    Args:
        issues: Records as `analysis.issues.releasing` makes them.
        settings: Points and limits.
        progress: Of the topics that were decided on, by number; the others are proposed.
        ahead: By number, the forecast of the coming four weeks against the last four, where there is one.
    """
    found = [
        _candidate(each, settings, progress.get(each["number"], Progress.PROPOSED), ahead.get(each["number"]))
        for each in issues
        if each["matters"] >= settings.fewest_matters
    ]
    listed = [each for each in found if each.progress is not Progress.DROPPED]
    ranked = sorted(listed, key=lambda each: (-each.score, -each.matters, each.number))
    at_work = [each for each in ranked[settings.most :] if each.progress is not Progress.PROPOSED]
    return (*ranked[: settings.most], *at_work)


def _candidate(
    issue: Mapping[str, Any], settings: CandidateSettings, progress: Progress, ahead: float | None
) -> Candidate:
    values: dict[Sign, float | None] = {
        Sign.MANY: float(issue["matters"]),
        Sign.HOT: issue["heat"],
        Sign.GROWING: issue["growth"],
        Sign.LASTING: float(_weeks_shown(issue)),
        Sign.SEVERAL_UNITS: float(len(issue["departments"])),
        Sign.SEASON_AHEAD: ahead,
    }
    held = [
        rule for rule in settings.signs if (value := values[rule.sign]) is not None and value >= rule.at_least
    ]
    return Candidate(
        number=issue["number"],
        topic=tuple(issue["topic"]),
        matters=issue["matters"],
        score=sum(rule.points for rule in held),
        signs=tuple(rule.sign for rule in held),
        owner=issue["owner"],
        owner_reason=issue["owner_reason"],
        progress=progress,
    )


def _weeks_shown(issue: Mapping[str, Any]) -> int:
    """From the week of the first report, which a release begins with, to the last that is shown; 1 if none is."""
    shown = [at for at, (_, count) in enumerate(issue["weeks"]) if count is not None]
    return max(shown, default=0) + 1
