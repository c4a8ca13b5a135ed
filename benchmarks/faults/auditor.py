"""Whether the desk kept its promises, judged from what a round left behind: pure, values in, findings out.

Nothing lost, nothing stuck, every clock right, each alert told and told once to whoever drops ids it knows,
each escalation once, each journal whole.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.faults.evidence import CaseFacts, ClockFacts, Evidence, Promise
from models.transitions import IS_OPEN
from models.vocabulary import NoticeState

ON_THEIR_WAY = frozenset({NoticeState.WAITING, NoticeState.SENDING})
MAY_BE_UNTOLD = ON_THEIR_WAY | {NoticeState.SUPERSEDED}
"""A reminder that a dead channel or the night held back until the matter was over asks nobody any more."""


class Broken(StrEnum):
    """Which promise was not kept."""

    LOST = "lost"
    STUCK = "stuck"
    DOUBLED = "doubled"
    DUPLICATE_ALERT = "duplicate_alert"
    UNTOLD = "untold"
    DUPLICATE_ESCALATION = "duplicate_escalation"
    WRONG_CLOCK = "wrong_clock"
    BROKEN_CHAIN = "broken_chain"
    REFUSED = "refused"


MAY_PASS = frozenset({Broken.STUCK, Broken.WRONG_CLOCK, Broken.UNTOLD})
"""What is only wrong if it stays so: a case still on its way looks like this as well."""

FOR_GOOD = frozenset({Broken.LOST, Broken.REFUSED})
"""What no waiting mends: the rest of that case cannot come to rest either."""


@dataclass(frozen=True)
class Finding:
    """One promise that was not kept; `of` is a case's number or the caller's own."""

    broken: Broken
    of: str
    words: str

    def __str__(self) -> str:
        return f"{self.broken} {self.of}: {self.words}"


def audit(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong; empty when every promise was kept."""
    found: list[Finding] = []
    by_ref: dict[str, list[CaseFacts]] = {}
    for case in evidence.cases:
        by_ref.setdefault(case.ref, []).append(case)
    for promise in evidence.promises:
        found += _of_promise(promise, by_ref.get(promise.ref, []), evidence)
    for case in evidence.cases:
        found += _of_clocks(case, evidence)
        found += _of_alerts(case, evidence)
        found += _of_escalations(case)
        if case.chain:
            found.append(Finding(Broken.BROKEN_CHAIN, case.label, case.chain))
    found += _strange_digests(evidence)
    return found


def _of_promise(promise: Promise, cases: list[CaseFacts], evidence: Evidence) -> Iterator[Finding]:
    name = promise.label or promise.ref
    for words in promise.refused:
        yield Finding(Broken.REFUSED, name, words)
    if promise.label and not any(case.label == promise.label for case in cases):
        yield Finding(Broken.LOST, name, "the desk has answered for it and has no such case")
        return
    if not promise.label:
        yield Finding(Broken.STUCK, name, "the desk never answered")
    if len(cases) > 1:
        yield Finding(Broken.DOUBLED, name, f"one request became {len(cases)} cases")
    for case in cases[:1]:
        said = Counter(case.news)
        for kind in promise.news:
            if not said[kind]:
                yield Finding(Broken.LOST, name, f"{kind} was answered for and is not in the inbox")
        yield from (
            Finding(Broken.DOUBLED, name, f"{kind} is in the inbox {count} times")
            for kind, count in said.items()
            if count > 1
        )
        yield from (Finding(Broken.STUCK, name, words) for words in _unrest(promise, case, evidence))


def _unrest(promise: Promise, case: CaseFacts, evidence: Evidence) -> Iterator[str]:
    """Why a case is not at rest where it should be."""
    if case.status is not promise.ends_as:
        yield f"{case.status}, not {promise.ends_as}"
    if case.is_held:
        yield "held by a worker"
    if case.unread:
        yield f"{case.unread} pieces of news unread"
    is_open = IS_OPEN[case.status]
    if is_open and (case.wake_at is None or case.wake_at <= evidence.now):
        yield "never wakes" if case.wake_at is None else "due"
    if not is_open and case.wake_at is not None:
        yield "over, and wakes all the same"
    waiting = sum(alert.state in ON_THEIR_WAY for alert in case.alerts)
    if waiting:
        yield f"{waiting} alerts on their way"
    yield from _unrest_in_prefect(case, is_open, evidence)


def _unrest_in_prefect(case: CaseFacts, is_open: bool, evidence: Evidence) -> Iterator[str]:
    own = [run.removeprefix("own ") for run in case.runs if run.startswith("own ")]
    alive = [
        run
        for run in case.runs
        if run.startswith("other ") and run.split()[1] not in {"COMPLETED", "CANCELLED"}
    ]
    if alive:
        yield f"runs that are not its own live on: {', '.join(alive)}"
    if is_open and own != ["PAUSED"]:
        yield f"its run is {own or 'unknown to Prefect'}"
    # A run that ended after the copy of Prefect's database was taken is not in it, or not as it ended.
    if not is_open and not evidence.is_prefect_older and own != ["COMPLETED"]:
        yield f"its run is {own or 'unknown to Prefect'}"


def _of_clocks(case: CaseFacts, evidence: Evidence) -> Iterator[Finding]:
    for clock in case.clocks:
        name = f"{clock.target} {clock.department} {clock.cycle}"
        yield from (
            Finding(Broken.WRONG_CLOCK, case.label, f"{name}: {words}") for words in _wrongs(clock, evidence)
        )


def _wrongs(clock: ClockFacts, evidence: Evidence) -> Iterator[str]:
    if clock.starts_in_journal != 1:
        yield f"started {clock.starts_in_journal} times in the journal"
    if clock.due_at < clock.started_at:
        yield "due before it started"
    if clock.recounted is not None and clock.recounted != clock.due_at:
        yield f"due {clock.due_at.isoformat()}, counted anew {clock.recounted.isoformat()}"
    if clock.stopped_at is None:
        if clock.due_at < evidence.now and clock.breached_at is None:
            yield "ran out unnoticed"
        missing = sorted(set(clock.owed) - set(clock.taken))
        if missing:
            yield f"levels {missing} have come and nobody was told"
        return
    if clock.stopped_at > clock.due_at and clock.breached_at is None:
        yield "stopped late and counts as met"
    if clock.stopped_at != clock.started_at and clock.stopped_at not in clock.stops_in_journal:
        yield "stopped at another moment than the journal says"


def _of_alerts(case: CaseFacts, evidence: Evidence) -> Iterator[Finding]:
    for meaning, count in Counter(alert.meaning for alert in case.alerts).items():
        if count > 1:
            yield Finding(Broken.DUPLICATE_ALERT, case.label, f"{meaning} is {count} alerts")
    for alert in case.alerts:
        told = evidence.delivered[alert.parcel or alert.key]
        if not told and alert.state not in MAY_BE_UNTOLD:
            yield Finding(Broken.UNTOLD, case.label, f"{alert.meaning} is {alert.state} and never arrived")
        if alert.parcel and alert.parcel != alert.key and evidence.delivered[alert.key]:
            yield Finding(
                Broken.DUPLICATE_ALERT, case.label, f"{alert.meaning} arrived alone and in a digest"
            )
    keys = {alert.key for alert in case.alerts}
    for strange in sorted(
        key for key in evidence.delivered if key.partition(":")[0] in _prefixes(case) and key not in keys
    ):
        yield Finding(
            Broken.DUPLICATE_ALERT, case.label, f"{strange.partition(':')[2]} arrived and is no alert of ours"
        )


def _prefixes(case: CaseFacts) -> set[str]:
    return {alert.key.partition(":")[0] for alert in case.alerts if not alert.key.startswith("dead:")}


def _of_escalations(case: CaseFacts) -> Iterator[Finding]:
    for level, count in Counter(case.escalations).items():
        if count > 1:
            yield Finding(
                Broken.DUPLICATE_ESCALATION, case.label, f"{' '.join(map(str, level))} fired {count} times"
            )
    for clock in case.clocks:
        for number, count in Counter(clock.fired).items():
            if count > 1:
                words = f"{clock.target} {clock.department} level {number} is {count} times in the ledger"
                yield Finding(Broken.DUPLICATE_ESCALATION, case.label, words)


def _strange_digests(evidence: Evidence) -> Iterator[Finding]:
    for key in sorted(evidence.delivered):
        if key.startswith("digest:") and key not in evidence.parcels:
            yield Finding(Broken.DUPLICATE_ALERT, key, "a digest arrived that the outbox does not know")
