"""Prefect's automations: who is told when a run crashes or nobody works."""
