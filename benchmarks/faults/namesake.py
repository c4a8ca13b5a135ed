"""A worker with the name of the running one, as two containers have that both are process 1 of a host `worker`.

`NAMESAKE_OF` is the process id to claim. The name is all that a worker makes of it.
"""

import os
import runpy


def _claimed_id() -> int:
    return int(os.environ["NAMESAKE_OF"])


if __name__ == "__main__":
    os.getpid = _claimed_id
    runpy.run_module("workers", run_name="__main__")
