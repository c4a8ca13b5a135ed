"""`python -m benchmarks.load.senders`: orders over real HTTP, in a process of its own; a plan in, counts and times out.

It speaks just enough HTTP by itself, so that the sender takes little of the machine it measures: about a tenth of a
millisecond an order. Nothing but the standard library is loaded.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256

TEXT = "孩子每天作业写到很晚，学校还占用体育课的时间，希望学校按规定减少作业。"
GRAVE = "刚才看到邻居把孩子打得满身是血，孩子现在还在屋里哭喊，请马上来人。"
GRAVE_EVERY, FIRST_GRAVE = 100, 5
"""One order in so many tells of danger that lasts, beginning with this one."""
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Plan:
    """What to send. With `per_s` 0 each connection sends its next order as soon as the last is answered; else orders
    fall due evenly and their time counts from the moment they were due, so that a desk that stands still is not spared.
    """

    port: int
    key: str
    source: str
    orders: int
    connections: int
    per_s: float = 0.0
    most_seconds: float = 0.0
    first: int = 0


@dataclass
class Sent:
    """What became of them; times in seconds from sending (or falling due) to the whole answer."""

    orders: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0

    @property
    def per_s(self) -> float:
        """Durable orders a second: answered 201."""
        return self.answers.get("201", 0) / self.seconds


def send(plan: Plan) -> Sent:
    """Send in a process of its own and wait for the end.

    Raises:
        subprocess.CalledProcessError: The sender failed; its own words stand on stderr.
    """
    command = (sys.executable, "-m", "benchmarks.load.senders")
    done = subprocess.run(
        command, input=json.dumps(asdict(plan)), stdout=subprocess.PIPE, text=True, check=True
    )
    return Sent(**json.loads(done.stdout))


def is_grave(number: int) -> bool:
    """Whether this order tells of danger that lasts."""
    return number % GRAVE_EVERY == FIRST_GRAVE


def body_of(source: str, number: int) -> bytes:
    """One order's JSON: other words and another caller each time, or the desk would ask whether it is one matter."""
    matter = sha256(f"{source} {number}".encode()).hexdigest()
    grave = is_grave(number)
    told = {
        "text": f"{GRAVE if grave else TEXT}（{matter}）",
        "source": source,
        "source_ref": f"{source}-{number}",
        "danger_now": grave,
        "reporter": {"contact": f"bench-{matter[:12]}", "may_call_back": True},
    }
    if not grave:
        told |= {"kind": "S09", "summary": TEXT}
    return json.dumps(told).encode()


async def _run(plan: Plan) -> Sent:
    sent, statuses = Sent(), Counter[str]()
    numbers = iter(range(plan.first, plan.first + plan.orders))
    began = time.perf_counter()
    async with asyncio.TaskGroup() as connections:
        for _ in range(plan.connections):
            connections.create_task(_connection(plan, numbers, began, sent, statuses))
    sent.seconds = time.perf_counter() - began
    sent.orders, sent.answers, sent.cpu_s = len(sent.waits), dict(statuses), time.process_time()
    return sent


async def _connection(
    plan: Plan, numbers: Iterator[int], began: float, sent: Sent, statuses: "Counter[str]"
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
    for number in numbers:
        due = began + (number - plan.first) / plan.per_s if plan.per_s else time.perf_counter()
        if plan.most_seconds and due - began >= plan.most_seconds:
            break
        await asyncio.sleep(max(0.0, due - time.perf_counter()) if plan.per_s else 0)
        writer.write(_request(plan, number))
        status = await asyncio.wait_for(_answer(reader), PATIENCE_S)
        sent.waits.append(time.perf_counter() - due)
        statuses[status] += 1
    writer.close()


def _request(plan: Plan, number: int) -> bytes:
    body = body_of(plan.source, number)
    head = (
        f"POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1:{plan.port}\r\nAuthorization: Bearer {plan.key}\r\n"
        f"Idempotency-Key: {plan.source}-{number:08}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r")[0])
    await reader.readexactly(length)
    return head.split(" ", 2)[1]


if __name__ == "__main__":
    found = asyncio.run(_run(Plan(**json.load(sys.stdin))))
    json.dump(asdict(found), sys.stdout)
