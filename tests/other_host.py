"""A second host on this machine: a network namespace at the end of a cable that can be pulled out."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.spread import Far


class NoOtherHostError(RuntimeError):
    """This machine makes no network namespaces for us; the message says why."""


@dataclass(frozen=True)
class Cable:
    """The way to the other host."""

    far: Far
    near_end: str

    def pull(self) -> None:
        """From now on nothing gets through, and nobody is told."""
        _ip("link", "set", self.near_end, "down")

    def plug_in(self) -> None:
        """Everything gets through again."""
        _ip("link", "set", self.near_end, "up")


@contextmanager
def other_host() -> Iterator[Cable]:
    """A namespace with a cable to this machine; both go at the end.

    Raises:
        NoOtherHostError: It cannot be made here.
    """
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise NoOtherHostError("needs root and iproute2")
    name = f"wh{secrets.token_hex(3)}"
    # A network of four addresses, by chance one that nobody else of this machine's tests has.
    network = f"10.{secrets.randbelow(200) + 20}.{secrets.randbelow(256)}"
    near, end = f"{network}.1", f"{name}n"
    try:
        _ip("netns", "add", name)
        _ip("link", "add", end, "type", "veth", "peer", "name", f"{name}f", "netns", name)
    except subprocess.CalledProcessError as error:
        subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        raise NoOtherHostError(error.stderr.strip()) from error
    try:
        _ip("address", "add", f"{near}/30", "dev", end)
        _ip("link", "set", end, "up")
        _ip("-n", name, "address", "add", f"{network}.2/30", "dev", f"{name}f")
        _ip("-n", name, "link", "set", f"{name}f", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield Cable(Far(name, near, f"{network}.0/30"), end)
    finally:
        _ip("link", "delete", end)
        _ip("netns", "delete", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
