"""`python -m workers`: one case worker of the work pool `cases`, until it is told to stop."""

import asyncio
import os
import signal
import socket
import sys

from models.log_lines import start_logging
from models.settings import DeskSettings
from workers.case_worker import RECYCLED, CaseWorker
from workers.tally import tell_this_machine

POOL = "cases"


async def work() -> int:
    """Run one worker; returns the exit code, which tells the stack whether to start another at once."""
    worker = CaseWorker(work_pool_name=POOL, name=f"case-{socket.gethostname()}-{os.getpid()}")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, worker.must_end.set)
    await worker.start()
    return RECYCLED if worker.recycles else 0


if __name__ == "__main__":
    settings = DeskSettings()
    start_logging(settings.log_format, settings.log_level)
    tell_this_machine(settings.worker_metrics_port)
    sys.exit(asyncio.run(work()))
