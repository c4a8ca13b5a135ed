"""Where the Prefect UI shows the run of a case."""

import os
from uuid import UUID


def run_link(run_id: UUID | None) -> str | None:
    """Where the Prefect UI shows this run, if `WHISTLE_PREFECT_UI_URL` tells where that UI is."""
    base = os.environ.get("WHISTLE_PREFECT_UI_URL", "").rstrip("/")
    if run_id is None or not base.startswith(("http://", "https://")):
        return None
    return f"{base}/runs/flow-run/{run_id}"
