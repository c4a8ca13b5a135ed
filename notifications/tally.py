"""What became of alerts, counted for Prometheus by channel; no recipient and no case."""

from prometheus_client import Counter

from notifications.outbox import Sent

ALERTS = Counter("whistle_notices", "Alerts handed to a channel, by what came of it", ["channel", "outcome"])


def count_alerts(channel: str, settled: Sent) -> None:
    """Add one pass over a channel: sent, to be tried again, given up."""
    for outcome, count in (("sent", settled.sent), ("again", settled.waiting), ("dead", settled.dead)):
        if count:
            ALERTS.labels(channel, outcome).inc(count)
