"""Finding a port to listen on when the wanted one is taken."""

import socket
from collections.abc import Collection

TRIES = 51


class NoFreePortError(OSError):
    """Neither the wanted port nor any of the next fifty can be had."""


def pick_port(host: str, wanted: int, what_for: str, reserved: Collection[int] = ()) -> int:
    """The wanted port, or the next free one above it.

    Args:
        host: Address to listen on; `0.0.0.0` means all.
        wanted: Port to begin with.
        what_for: Who asks, for the message.
        reserved: Ports promised to somebody who does not listen yet.

    Raises:
        NoFreePortError: Nothing is free up to fifty ports further, or `host` is not ours.
    """
    last = min(wanted + TRIES, 65536)
    for port in range(wanted, last):
        if port not in reserved and _is_free(host, port):
            return port
    raise NoFreePortError(
        f"{what_for}: no free port on {host} from {wanted} to {last - 1}; "
        "free one or choose another with WHISTLE_PORT, WHISTLE_PREFECT_PORT or WHISTLE_WORKER_METRICS_PORT"
    )


def _is_free(host: str, port: int) -> bool:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As servers do: connections that linger from the last start do not occupy the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            # A bound port that nobody listens on yet is only noticed here.
            probe.listen(1)
    except OSError:
        return False
    return True
