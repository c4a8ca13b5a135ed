"""What a figure was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil

MEASURED_WITH = ("prefect", "sqlalchemy", "sqlmodel", "apprise", "pg8000", "asyncpg")


def describe_machine() -> str:
    """Cores, memory, processor and system in one line; no name of the machine."""
    memory = psutil.virtual_memory().total / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {memory:.0f} GiB, {_processor()}, {platform.system()} {platform.release()}"


def versions() -> dict[str, str]:
    """Of Python and of the packages the figures depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in MEASURED_WITH}}


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
