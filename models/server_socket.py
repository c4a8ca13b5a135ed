"""A connection to a database server that notices when the server, or the way to it, is gone.

Left alone, a system finds that out after a quarter of an hour while it sends, and after two hours
while it waits for an answer: until then a worker that was cut off would just hang.
"""

import socket

CONNECT_SECONDS = 10.0
GONE_SECONDS = 30
"""How long a peer may be silent, though it was asked whether it is there."""
IDLE_SECONDS, EVERY_SECONDS, TRIES = 10, 5, 4

# Not every system has all of them; what is missing stays as the system has it.
_WATCHED = (
    ("TCP_KEEPIDLE", IDLE_SECONDS),
    ("TCP_KEEPINTVL", EVERY_SECONDS),
    ("TCP_KEEPCNT", TRIES),
    ("TCP_USER_TIMEOUT", GONE_SECONDS * 1000),
)


def watched_socket(host: str, port: int) -> socket.socket:
    """A connected socket; an answer may take as long as it takes, as long as the peer is there.

    Raises:
        OSError: Nobody answers there.
    """
    connected = socket.create_connection((host, port), CONNECT_SECONDS)
    connected.settimeout(None)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # A statement longer than the driver's buffer leaves in two pieces: the second must not wait 40 ms for word that the first arrived.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in _WATCHED:
        option = getattr(socket, name, None)
        if option is not None:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
    return connected
