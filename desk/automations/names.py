"""Where the automations are written; apart from their installing, which takes Prefect's client."""

from pathlib import Path

AUTOMATIONS = Path(__file__).with_name("automations.yaml")
