"""A Redis of the benchmark's own: scratch folder, free port, a password, gone when it is closed."""

import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desk.stack.ports import pick_port

FIRST_PORT = 16379
PATIENCE_S = 20.0
ORDERLY_END_S = 10.0
ANSWER_S = 1.0


class RedisMissingError(RuntimeError):
    """No Redis server program is installed here."""

    def __init__(self) -> None:
        super().__init__(
            "redis-server was not found on PATH; install it, such as with Debian's `redis-server`"
        )


@dataclass
class Redis:
    """A server of ours, which can be killed and started again on the same port and folder."""

    folder: Path
    port: int
    password: str
    host: str = "127.0.0.1"
    _process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: int = 0) -> str:
        """Its address, with the password."""
        return f"redis://:{self.password}@{self.host}:{self.port}/{database}"

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RedisMissingError: There is none to start.
            TimeoutError: It does not answer.
        """
        program = shutil.which("redis-server")
        if program is None:
            raise RedisMissingError
        # Through a file: a command line can be read by everybody on the machine.
        config = self.folder / "redis.conf"
        config.touch(mode=0o600)
        config.write_text(
            f"bind {self.host}\nport {self.port}\ndir {self.folder}\nrequirepass {self.password}\n"
            "appendonly yes\nappendfsync everysec\nmaxmemory-policy noeviction\n",
            encoding="ascii",
        )
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, str(config)], stdout=log, stderr=log, stdin=subprocess.DEVNULL, process_group=0
            )
        deadline = time.monotonic() + PATIENCE_S
        while self._ask("PING") != "+PONG":
            if time.monotonic() > deadline:
                raise TimeoutError(f"Redis does not answer; see {self.folder / 'redis.log'}")
            time.sleep(0.05)

    def flush(self) -> None:
        """Forget everything, as a Redis without a disk does when it is started again."""
        answer = self._ask("FLUSHALL")
        if answer != "+OK":
            raise RuntimeError(f"Redis did not forget: {answer}")

    def fill(self) -> None:
        """Let it refuse whatever needs memory."""
        self._set_memory("1")

    def empty(self) -> None:
        """Let it take again as much as there is."""
        self._set_memory("0")

    def _set_memory(self, most: str) -> None:
        answer = self._ask(f"CONFIG SET maxmemory {most}")
        if answer != "+OK":
            raise RuntimeError(f"Redis did not change its memory: {answer}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it in order; nothing to do if it has ended."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ORDERLY_END_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _ask(self, command: str) -> str:
        """The last line of the answers to AUTH and `command`; empty while nobody answers."""
        try:
            with socket.create_connection((self.host, self.port), timeout=ANSWER_S) as talk:
                talk.sendall(f"AUTH {self.password}\r\n{command}\r\n".encode("ascii"))
                answers = b""
                while answers.count(b"\r\n") < 2 and (more := talk.recv(4096)):
                    answers += more
        except OSError:
            return ""
        return answers.decode("ascii").strip().rpartition("\r\n")[2]


@contextmanager
def scratch_redis(folder: Path, host: str = "127.0.0.1") -> Iterator[Redis]:
    """A running server that writes every second what it was told; `folder` exists.

    Raises:
        RedisMissingError: There is none to start.
    """
    own = folder / "redis"
    own.mkdir(mode=0o700)
    redis = Redis(own, pick_port(host, FIRST_PORT, "Redis"), secrets.token_urlsafe(16), host)
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()
