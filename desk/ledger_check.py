"""Asking Prefect to check a department's ledger that has just landed."""

import os

import httpx

from models.settings import DeskSettings

DEPLOYMENT = "data-quality/on-import"
PATIENCE_SECONDS = 5.0


def request_check(settings: DeskSettings, department: str) -> bool:
    """Start the deployment for one department; False if Prefect does not answer, or does not know it.

    The hourly check looks at every ledger anyway.
    """
    base = os.environ.get("PREFECT_API_URL", f"http://127.0.0.1:{settings.prefect_port}/api").rstrip("/")
    wanted = {
        "parameters": {"scope": "import", "department": department},
        "state": {"type": "SCHEDULED"},
        "tags": ["data-quality", "import"],
    }
    try:
        found = httpx.get(f"{base}/deployments/name/{DEPLOYMENT}", timeout=PATIENCE_SECONDS)
        found.raise_for_status()
        made = httpx.post(
            f"{base}/deployments/{found.json()['id']}/create_flow_run", json=wanted, timeout=PATIENCE_SECONDS
        )
        made.raise_for_status()
    except (httpx.HTTPError, ValueError, KeyError):
        return False
    return True
