"""What is told of a group of reports: its figures, its owner, and its words inside and outside."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from analysis.issues.heat import Heat
from analysis.issues.issue import Cluster, Issue, growth_of, matters_in, weeks_of
from analysis.issues.keeping_numbers import Numbers
from analysis.issues.owner import propose_owner
from analysis.issues.places import ordinary_pairs
from analysis.issues.sentences import Guard, Scrubber, may_be_told, speaking_sentence
from analysis.issues.settings import IssueSettings
from analysis.issues.topic_words import topic_words
from analysis.issues.wording import Wording, pairs_in
from catalogue.schema import Kind

_WORDS, _TEXTS_READ = 6, 200
"""So many texts of an issue are enough to tell its words."""


@dataclass(frozen=True)
class Known:
    """What finding is told beside the reports.

    `scrubber` vouches for sentences, without it there are none; `people` are names that must never be
    told, and `people_of` gives those of some cases: it is asked for the cases of one issue at a time, so that
    nobody's name is opened whose issue gets no words. `before` are last week's issues; `described` is how many of
    the hottest issues get words.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    scrubber: Scrubber | None = None
    people: Collection[str] = ()
    people_of: Callable[[Sequence[str]], Collection[str]] | None = None
    before: Numbers = field(default_factory=dict)
    described: int = 100


@dataclass(frozen=True)
class Words:
    """What an issue is about, for those inside and for others; nothing of it for an issue far down the list."""

    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    sentence: str | None = None


def described(
    cluster: Cluster,
    number: str,
    heat: Heat,
    words: Words,
    known: Known,
    as_of: datetime,
) -> Issue:
    """The issue that a cluster is, with its figures and its words."""
    reports, weeks = cluster.reports, weeks_of(cluster.reports)
    owner = propose_owner(reports, known.kinds)
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


def words_of_issue(
    cluster: Cluster, texts_of: Mapping[str, str], wording: Wording, settings: IssueSettings, known: Known
) -> Words:
    """The words of one text of each matter."""
    first = {each.counted_as: each for each in reversed(cluster.reports)}
    own = Wording((each.counted_as, texts_of[each.case_id]) for each in cluster.reports)
    texts = [texts_of[each.case_id] for each in list(first.values())[:_TEXTS_READ]]
    own_people = known.people_of([each.case_id for each in cluster.reports]) if known.people_of else ()
    people = {name[at : at + 2] for name in (*known.people, *own_people) for at in range(len(name) - 1)}
    fewest = settings.publishing.wording_in_matters
    found = topic_words(texts, wording, people, 4 * _WORDS)
    proper = {pair for name in cluster.named for pair in pairs_in(name)} - ordinary_pairs(settings.places)
    endings = [each for sort in settings.places.sorts.values() for each in sort]
    outside = [
        each
        for each in found
        if wording.rarest(each, own) >= fewest and not pairs_in(each) & proper and may_be_told(each, endings)
    ]
    return Words(
        found[:_WORDS],
        tuple(outside[:_WORDS]),
        speaking_sentence(texts, known.scrubber, Guard(own, wording, fewest, people, proper, tuple(outside))),
    )


def _usual(codes: Iterable[str]) -> tuple[str, ...]:
    counted = Counter(filter(None, codes))
    return tuple(code for code, _ in sorted(counted.items(), key=lambda each: (-each[1], each[0])))
