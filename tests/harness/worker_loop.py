"""A real case worker beside the test, for as long as it takes until something is true."""

import asyncio
import secrets
from collections.abc import Callable

from workers.case_worker import CaseWorker

PATIENCE_SECONDS = 20.0


def work_until(is_so: Callable[[], bool], patience: float = PATIENCE_SECONDS) -> bool:
    """Run a worker of the pool `cases` until `is_so` or patience ends; whether it came to be so."""
    return asyncio.run(_work_until(is_so, patience))


async def _work_until(is_so: Callable[[], bool], patience: float) -> bool:
    worker = CaseWorker(work_pool_name="cases", name=f"test-{secrets.token_hex(4)}")
    working = asyncio.create_task(worker.start())
    try:
        async with asyncio.timeout(patience):
            while not await asyncio.to_thread(is_so):
                if working.done():
                    await working
                    return await asyncio.to_thread(is_so)
                await asyncio.sleep(0.1)
            return True
    except TimeoutError:
        return False
    finally:
        worker.must_end.set()
        await working
