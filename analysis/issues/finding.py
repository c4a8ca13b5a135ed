"""From requests to ranked common issues."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from scipy.sparse import csr_matrix

from analysis.issues.describing import Known, Words, described, words_of_issue
from analysis.issues.features import Document, features_of
from analysis.issues.grouping import group
from analysis.issues.heat import heats_of
from analysis.issues.issue import Cluster, Issue, matters_in, most_named, named_twice
from analysis.issues.keeping_numbers import keep_numbers
from analysis.issues.near_duplicates import same_reports
from analysis.issues.pieces import Integers
from analysis.issues.places import places_of
from analysis.issues.reports import Report
from analysis.issues.settings import IssueSettings
from analysis.issues.wording import Wording
from catalogue.normalise import normalise

_WORDING_FROM = 20_000
"""What the latest so many reports say is told from; fewer make the guards stricter, never laxer."""
_SPARE = 2
"""Normalising shortens a text; so many times the wanted length is read."""


@dataclass(frozen=True)
class _Read:
    """Reports in the order they came, and the part of each text that is compared, normalised."""

    reports: list[Report]
    texts: list[str]


Grouping = Callable[[csr_matrix], Integers]


def find_issues(
    reports: Sequence[Report], settings: IssueSettings, known: Known, as_of: datetime
) -> tuple[Issue, ...]:
    """Every issue of at least two matters, hottest first.

    Args:
        reports: Any order; each case once, received before `as_of`.
        settings: How to compare, join and rank.
        known: The rest.
        as_of: Aware; growth and freshness are told as of then.
    """
    read = _read(reports, settings)
    clusters = [each for each in _clusters_of(read, settings, None) if matters_in(each.reports) > 1]
    numbers = keep_numbers(clusters, known.before, settings.keeping.shared_from)
    heats = heats_of(clusters, settings.heat, as_of)
    ranked = sorted(range(len(clusters)), key=lambda at: (-heats[at].total, numbers[at]))
    texts = {report.case_id: text for report, text in zip(read.reports, read.texts, strict=True)}
    latest = read.reports[-_WORDING_FROM:]
    wording = Wording((each.counted_as, texts[each.case_id]) for each in latest)
    words = [words_of_issue(clusters[at], texts, wording, settings, known) for at in ranked[: known.described]]
    words += [Words()] * (len(ranked) - len(words))
    return tuple(
        described(clusters[at], numbers[at], heats[at], own, known, as_of)
        for at, own in zip(ranked, words, strict=True)
    )


def clusters_of(
    reports: Sequence[Report], settings: IssueSettings, grouping: Grouping | None = None
) -> list[Cluster]:
    """The reports in groups, those that stand alone too; the order of the reports does not matter.

    Args:
        reports: Each case once.
        settings: How to compare and join.
        grouping: Another way to join, for comparison.
    """
    return _clusters_of(_read(reports, settings), settings, grouping)


def _read(reports: Sequence[Report], settings: IssueSettings) -> _Read:
    ordered = sorted(reports, key=lambda each: (each.received_at, each.case_id))
    most = settings.text.first_characters
    return _Read(ordered, [normalise(each.text[: _SPARE * most])[:most] for each in ordered])


def _clusters_of(read: _Read, settings: IssueSettings, grouping: Grouping | None) -> list[Cluster]:
    document_of = same_reports(read.texts, settings.near_duplicates)
    _, firsts = np.unique(document_of, return_index=True)
    places = places_of([read.texts[at] for at in firsts], settings.places)
    documents = [
        Document(read.texts[at], read.reports[at].kind, found) for at, found in zip(firsts, places, strict=True)
    ]
    features = features_of(documents, settings)
    groups = grouping(features) if grouping else group(features, settings.grouping)
    return _clusters(read.reports, document_of, documents, features, groups)


def _clusters(
    ordered: Sequence[Report],
    document_of: Integers,
    documents: Sequence[Document],
    features: csr_matrix,
    groups: Integers,
) -> list[Cluster]:
    names, place = np.unique(groups, return_inverse=True)
    members: list[list[int]] = [[] for _ in names]
    for document, at in enumerate(place.tolist()):
        members[at].append(document)
    own: list[list[Report]] = [[] for _ in names]
    for report, at in zip(ordered, place[document_of].tolist(), strict=True):
        own[at].append(report)
    alike = _alike(features, place, len(names))
    return [_cluster(*each, documents) for each in zip(own, members, alike, strict=True)]


def _cluster(
    reports: list[Report], members: list[int], alike: float, documents: Sequence[Document]
) -> Cluster:
    places = [documents[at].places for at in members]
    return Cluster(tuple(reports), most_named(places), named_twice(places), alike, len(members))


def _alike(features: csr_matrix, place: Integers, count: int) -> list[float]:
    """The average likeness of two different rows of each group; 1 for one alone."""
    sizes = np.bincount(place, minlength=count)
    ones = np.ones(len(place), dtype=np.float32)
    sums = csr_matrix((ones, (place, np.arange(len(place)))), shape=(count, len(place))) @ features
    together = np.asarray(sums.multiply(sums).sum(axis=1), dtype=np.float64).ravel()
    alone = np.bincount(place, np.asarray(features.multiply(features).sum(axis=1), dtype=np.float64).ravel(), count)
    pairs = np.where(sizes > 1, sizes * (sizes - 1), 1)
    found: list[float] = np.where(sizes > 1, (together - alone) / pairs, 1.0).tolist()
    return found
