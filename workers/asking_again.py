"""Asking Prefect's server again at once when its embedded database was busy, instead of after seconds.

On SQLite a request that reads before it writes fails with 503 whenever somebody else has written in between; nothing of
it is kept. Prefect's client then sleeps for two seconds, so four threads that make runs spend nine tenths of their time asleep.
The moment that such a request needs is a few milliseconds: it is asked again soon, and only then left to the client.
"""

import random
import time

import httpx
from prefect.client.orchestration import SyncPrefectClient

PAUSES_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.32, 0.32)
"""Seconds at most before each further try; half of it at least, so that two who have met do not meet again."""


class AskingAgain(httpx.BaseTransport):
    """Carries requests as `inner` does, and repeats those that were answered 503 without a time to wait."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer that is no 503, or the last one.

        Raises:
            httpx.TransportError: As the inner transport raises it.
        """
        response = self._inner.handle_request(request)
        for pause in PAUSES_S:
            if not _was_busy(response):
                break
            # Read to its end, so that its connection can be used again.
            response.read()
            response.close()
            time.sleep(random.uniform(pause / 2, pause))
            response = self._inner.handle_request(request)
        return response

    def close(self) -> None:
        """Give the connections back."""
        self._inner.close()


def _was_busy(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" not in response.headers


def ask_again(client: SyncPrefectClient) -> None:
    """Let every request of a client be repeated in that way."""
    # The client keeps its HTTP side to itself; a test says if a new release moves it.
    client._client._transport = AskingAgain(client._client._transport)
