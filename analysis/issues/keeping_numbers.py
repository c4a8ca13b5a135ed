"""Issues keep their numbers from week to week.

The rule. A group of this week takes up the number of the issue with which it shares most reports, if they
are at least half (`shared_from`) of the smaller of the two, counted among the reports still looked at. A
number goes to one group, the one that shares most with it, and a group has one number: so where an issue
falls apart the greatest part keeps the number, and where two join the number of the greater is kept and the
other ends. Of equals the older number holds. What is left gets new numbers, oldest first report first.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from analysis.issues.issue import Cluster, week_of

Numbers = Mapping[str, frozenset[str]]
"""The case ids of every issue, by its number, as they were found last."""


def keep_numbers(clusters: Sequence[Cluster], before: Numbers, shared_from: float) -> list[str]:
    """The number of each cluster, such as `I2026W09-03`, in the same order.

    Args:
        clusters: Of this week; a report is in one of them at most.
        before: Of last week, or empty; ended issues may stay in it, so that their numbers are not given again.
        shared_from: 0 to 1.
    """
    inside = {each.case_id: at for at, cluster in enumerate(clusters) for each in cluster.reports}
    links = []
    for number, cases in before.items():
        seen = Counter(inside[case] for case in cases if case in inside)
        for at, shared in seen.items():
            if shared >= shared_from * min(seen.total(), len(clusters[at].reports)):
                links.append((-shared, number, at))
    kept: dict[int, str] = {}
    taken: set[str] = set()
    for _, number, at in sorted(links):
        if at not in kept and number not in taken:
            kept[at] = number
            taken.add(number)
    return _with_new(clusters, kept, set(before))


def _with_new(clusters: Sequence[Cluster], kept: dict[int, str], given: set[str]) -> list[str]:
    numbers = dict(kept)
    new = [at for at in range(len(clusters)) if at not in kept]
    for at in sorted(new, key=lambda each: (clusters[each].reports[0].received_at, clusters[each].reports[0].case_id)):
        year, week, _ = week_of(clusters[at].reports[0]).isocalendar()
        count = 1
        while (number := f"I{year}W{week:02}-{count:02}") in given:
            count += 1
        given.add(number)
        numbers[at] = number
    return [numbers[at] for at in range(len(clusters))]
