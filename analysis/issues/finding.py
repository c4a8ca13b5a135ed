"""From requests to ranked common issues."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from scipy.sparse import csr_matrix

from analysis.issues.features import Document, features_of
from analysis.issues.grouping import group
from analysis.issues.heat import Heat, heats_of
from analysis.issues.issue import Cluster, Issue, growth_of, matters_in, most_named, named_twice, weeks_of
from analysis.issues.keeping_numbers import Numbers, keep_numbers
from analysis.issues.near_duplicates import same_reports
from analysis.issues.owner import propose_owner
from analysis.issues.pieces import Integers
from analysis.issues.places import ordinary_pairs, places_of
from analysis.issues.reports import Report
from analysis.issues.sentences import Guard, Scrubber, speaking_sentence
from analysis.issues.settings import IssueSettings
from analysis.issues.topic_words import topic_words
from analysis.issues.wording import Wording, pairs_in, wording_of
from catalogue.normalise import normalise
from catalogue.schema import Kind

_WORDS, _TEXTS_READ = 6, 200
"""So many texts of an issue are enough to tell its words."""


@dataclass(frozen=True)
class Known:
    """What finding is told beside the reports.

    `scrubber` vouches for sentences, without it there are none; `people` are names that must never be
    told; `before` are last week's issues; `described` is how many of the hottest issues get words.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    scrubber: Scrubber | None = None
    people: Collection[str] = ()
    before: Numbers = field(default_factory=dict)
    described: int = 100


@dataclass(frozen=True)
class Words:
    """What an issue is about, for those inside and for others; nothing of it for an issue far down the list."""

    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    sentence: str | None = None


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
    clusters = [each for each in clusters_of(reports, settings) if matters_in(each.reports) > 1]
    numbers = keep_numbers(clusters, known.before, settings.keeping.shared_from)
    heats = heats_of(clusters, settings.heat, as_of)
    ranked = sorted(range(len(clusters)), key=lambda at: (-heats[at].total, numbers[at]))
    wording = wording_of(reports, settings.text.first_characters)
    return tuple(
        _told(clusters[at], numbers[at], heats[at], wording if place < known.described else None, settings, known, as_of)
        for place, at in enumerate(ranked)
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
    ordered = sorted(reports, key=lambda each: (each.received_at, each.case_id))
    texts = [normalise(each.text[: 4 * settings.text.first_characters])[: settings.text.first_characters] for each in ordered]
    document_of = same_reports(texts, settings.near_duplicates)
    _, firsts = np.unique(document_of, return_index=True)
    places = places_of([texts[at] for at in firsts], settings.places)
    documents = [Document(texts[at], ordered[at].kind, found) for at, found in zip(firsts, places, strict=True)]
    features = features_of(documents, settings)
    groups = grouping(features) if grouping else group(features, settings.grouping)
    return _clusters(ordered, document_of, documents, features, groups)


def _clusters(
    ordered: Sequence[Report],
    document_of: Integers,
    documents: Sequence[Document],
    features: csr_matrix,
    groups: Integers,
) -> list[Cluster]:
    own_documents: dict[int, list[int]] = {}
    for document, name in enumerate(groups.tolist()):
        own_documents.setdefault(name, []).append(document)
    own_reports: dict[int, list[Report]] = {}
    for report, name in zip(ordered, groups[document_of].tolist(), strict=True):
        own_reports.setdefault(name, []).append(report)
    return [
        Cluster(
            tuple(own_reports[name]),
            most_named([documents[at].places for at in members]),
            named_twice([documents[at].places for at in members]),
            _alike(features[members]) if len(members) > 1 else 1.0,
            len(members),
        )
        for name, members in own_documents.items()
    ]


def _alike(rows: csr_matrix) -> float:
    """The average likeness of two different rows."""
    count = rows.shape[0]
    total = np.asarray(rows.sum(axis=0)).ravel()
    own = float(rows.multiply(rows).sum())
    return float((total @ total - own) / (count * (count - 1)))


def _told(
    cluster: Cluster,
    number: str,
    heat: Heat,
    wording: Wording | None,
    settings: IssueSettings,
    known: Known,
    as_of: datetime,
) -> Issue:
    reports, weeks = cluster.reports, weeks_of(cluster.reports)
    owner = propose_owner(reports, known.kinds)
    words = _words(cluster, wording, settings, known) if wording else Words()
    return Issue(
        number=number,
        heat=heat.total,
        topic=words.inside,
        topic_outside=words.outside,
        places=cluster.places,
        districts=_usual(each.district for each in reports),
        kinds=_usual(each.kind for each in reports),
        case_ids=tuple(each.case_id for each in reports),
        matters=matters_in(reports),
        distinct_texts=cluster.distinct_texts,
        likes=sum(each.likes for each in reports),
        weeks=weeks,
        growth=growth_of(weeks, as_of.date()),
        departments=tuple(Counter(each.lead for each in reports if each.lead).most_common()),
        owner=owner.department,
        owner_reason=owner.reason,
        sentence=words.sentence,
    )


def _words(cluster: Cluster, wording: Wording, settings: IssueSettings, known: Known) -> Words:
    """The words of one text of each matter."""
    first = {each.counted_as: each for each in reversed(cluster.reports)}
    own = wording_of(list(first.values()), settings.text.first_characters)
    texts = [normalise(each.text)[: settings.text.first_characters] for each in list(first.values())[:_TEXTS_READ]]
    people = {name[at : at + 2] for name in known.people for at in range(len(name) - 1)}
    fewest = settings.publishing.wording_in_matters
    found = topic_words(texts, wording, people, 4 * _WORDS)
    proper = {pair for name in cluster.named for pair in pairs_in(name)} - ordinary_pairs(settings.places)
    outside = [each for each in found if wording.rarest(each, own) >= fewest and not pairs_in(each) & proper]
    return Words(
        found[:_WORDS],
        tuple(outside[:_WORDS]),
        speaking_sentence(texts, known.scrubber, Guard(own, wording, fewest, people, proper, tuple(outside))),
    )


def _usual(codes: Iterable[str]) -> tuple[str, ...]:
    counted = Counter(filter(None, codes))
    return tuple(code for code, _ in sorted(counted.items(), key=lambda each: (-each[1], each[0])))
