"""Faults planted in invented orders: one an order, each of a class, and which rules must tell of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.records import HOUR, Order, their_ref
from models.vocabulary import LedgerStatus, Status

Plant = Callable[[Order, random.Random, list[str]], bool]
"""Changes an order, or says that this one does not suit; the list holds all departments."""


@dataclass(frozen=True)
class Fault:
    """One class of fault: how it is planted, and the rules of which at least one must find it.

    `besides` are rules that may speak as well, because the fault shows there too.
    """

    plant: Plant
    rules: frozenset[str]
    besides: frozenset[str] = frozenset()


def _rules(*ids: str) -> frozenset[str]:
    return frozenset(ids)


def _missing_field(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    order.case["kind"] = None
    for row in order.ledger:
        row["kind"] = None
    return True


def _unknown_code(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    order.case["kind"] = "Z99"
    for row in order.ledger:
        row["kind"] = None
    return True


def _safety_unsourced(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if not order.is_grave:
        return False
    order.case["safety_source"] = None
    return True


def _dangling(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    gone = order.parts[0] | {
        "department": "NOWHERE", "leads": False, "token": f"{order.parts[0]['token']}x",
        "withdrawn_at": order.parts[0]["accepted_at"],
    }  # fmt: skip
    order.parts.append(gone)
    return True


def _time_order(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    part, row = order.parts[0], order.ledger[0]
    part["accepted_at"] = part["assigned_at"] - 2 * HOUR
    row["accepted_at"], row["received_at"] = part["accepted_at"], None
    return True


def _clock_sums(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    clock = order.clocks[0]
    if clock["stopped_at"] is None:
        return False
    clock["stopped_at"] += HOUR
    return True


def _clock_unstarted(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    order.clocks.append(order.clocks[0] | {"cycle": 2, "stopped_at": None, "stop_reason": None})
    return True


def _chain_altered(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    order.events[1]["facts"] = order.events[1]["facts"] | {"lead": "NOBODY"}
    return True


def _chain_cut(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    # The middle of a journal; cutting its end would take a clock's stop away as well.
    del order.events[1]
    return True


def _no_receipt(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if not order.is_grave or order.is_open:
        return False
    order.inbox.clear()
    return True


def _ledger_behind(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if order.is_open:
        return False
    row = order.ledger[0]
    row["status"], row["replied_at"], row["closed_at"] = LedgerStatus.IN_PROGRESS, None, None
    return True


def _ledger_ahead(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if not order.is_open:
        return False
    row = order.ledger[0]
    row["status"], row["replied_at"] = LedgerStatus.REPLIED, row["accepted_at"] + HOUR
    row["updated_at"] = row["replied_at"]
    return True


def _helper_behind(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if order.helper is None or order.is_open:
        return False
    order.parts[1]["replied_at"] = None
    row = order.ledger[1]
    row["status"], row["replied_at"], row["closed_at"] = LedgerStatus.IN_PROGRESS, None, None
    return True


def _missing_in_ledger(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    del order.ledger[0]
    return True


def _unknown_order(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    row = order.ledger[0]
    order.ledger.append(row | {"order_ref": f"W-{900_000_000 + order.number}", "their_ref": f"{row['department']}-X-{order.number}"})
    return True


def _others_order(order: Order, _rng: random.Random, everybody: list[str]) -> bool:
    strangers = [each for each in everybody if each not in {order.lead, order.helper}]
    if not strangers:
        return False
    other = strangers[order.number % len(strangers)]
    order.ledger.append(order.ledger[0] | {"department": other, "their_ref": their_ref(other, order.number)})
    return True


def _leaked(order: Order, rng: random.Random, everybody: list[str]) -> bool:
    if not _others_order(order, rng, everybody):
        return False
    order.case["kept_from"] = [order.ledger[-1]["department"]]
    return True


def _duplicate(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    row = order.ledger[0]
    order.ledger.append(row | {"their_ref": f"{row['department']}-B-{order.number}"})
    return True


def _swapped(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if order.is_open:
        return False
    row = order.ledger[0]
    row["accepted_at"], row["replied_at"] = row["replied_at"], row["accepted_at"]
    return True


def _times_differ(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    order.ledger[0]["accepted_at"] += timedelta(hours=5)
    return True


def _gave_away(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if not order.is_open:
        return False
    order.ledger[0]["status"] = LedgerStatus.RETURNED
    return True


def _wrong_kind(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    order.ledger[0]["kind"] = "C01"
    return True


def _no_lead(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if not order.is_open:
        return False
    order.parts[0]["leads"] = False
    order.ledger[0]["leads"] = False
    return True


def _not_closed(order: Order, _rng: random.Random, _all: list[str]) -> bool:
    if order.case["status"] is not Status.CLOSED:
        return False
    order.case["closed_at"] = None
    return True


FAULTS: dict[str, Fault] = {
    "missing_field": Fault(_missing_field, _rules("kind-after-screening")),
    "unknown_code": Fault(_unknown_code, _rules("kind-known")),
    "safety_unsourced": Fault(_safety_unsourced, _rules("safety-has-its-source")),
    "not_closed": Fault(_not_closed, _rules("closed-has-its-moment")),
    "no_lead": Fault(_no_lead, _rules("lead-while-dispatched")),
    "dangling_reference": Fault(_dangling, _rules("unit-known")),
    "time_order": Fault(_time_order, _rules("dispatched-before-accepted")),
    "clock_sums": Fault(_clock_sums, _rules("clock-sums-agree")),
    "clock_unstarted": Fault(_clock_unstarted, _rules("clock-starts-agree")),
    "chain_altered": Fault(_chain_altered, _rules("chain-unbroken")),
    "chain_cut": Fault(_chain_cut, _rules("chain-whole"), _rules("chain-unbroken")),
    "no_police_receipt": Fault(_no_receipt, _rules("police-receipt")),
    "status_behind": Fault(_ledger_behind, _rules("ledger-behind"), _rules("lead-closed-before-helper")),
    "status_ahead": Fault(_ledger_ahead, _rules("ledger-ahead")),
    "helper_behind": Fault(_helper_behind, _rules("lead-closed-before-helper"), _rules("ledger-behind")),
    "missing_in_ledger": Fault(_missing_in_ledger, _rules("missing-in-ledger")),
    "unknown_order": Fault(_unknown_order, _rules("unknown-order")),
    "others_order": Fault(_others_order, _rules("order-of-another")),
    "leaked": Fault(_leaked, _rules("kept-from-knows-order")),
    "duplicate": Fault(_duplicate, _rules("twice-in-ledger")),
    "swapped_times": Fault(
        _swapped, _rules("ledger-accepted-before-replied"), _rules("times-differ", "ledger-replied-before-closed")
    ),
    "times_differ": Fault(_times_differ, _rules("times-differ")),
    "gave_away": Fault(_gave_away, _rules("ledger-gave-it-away")),
    "wrong_kind": Fault(_wrong_kind, _rules("kind-differs")),
}
"""Every class that can be planted in one order."""

RARE = frozenset({"no_police_receipt", "safety_unsourced", "helper_behind", "gave_away", "status_ahead", "no_lead"})
"""Classes that suit grave, helped or open orders only."""

WHOLE: dict[str, str] = {
    "stale_extract": "extract-stale",
    "refused_extract": "extract-refused",
    "quarantined_rows": "rows-quarantined",
    "volume_drift": "volume-drift",
}
"""Classes planted once in one whole department, and the rule that must tell of it."""
BESIDES_WHOLE = frozenset({"day-counts-differ"})
"""A note about a day may follow from faults of several orders; it is nobody's false alarm."""


def plant_one(order: Order, rng: random.Random, departments: list[str]) -> str | None:
    """Plant one fault of a class that suits the order, drawn at random; None if none suits."""
    names = rng.sample(list(FAULTS), len(FAULTS))
    if rng.random() < 0.5:
        # Few orders suit these; without a preference some would hardly ever be planted.
        names.sort(key=RARE.__contains__, reverse=True)
    for name in names:
        if FAULTS[name].plant(order, rng, departments):
            return name
    return None


