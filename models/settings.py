"""Where the desk keeps its data and what it listens on; every value has an environment variable."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DeskSettings(BaseSettings):
    """Settings of one desk, from `WHISTLE_…` environment variables.

    `home` holds the embedded databases, the master key, logs and alerts. `database_url` is empty
    for the embedded SQLite file, or a SQLAlchemy URL such as `postgresql+pg8000://…`.
    `public_url` is what alerts link to; empty means the address the desk listens on.
    `keys_open_pages` lets the pages be opened with an API key too, as a new desk has no accounts yet.
    """

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", hide_input_in_errors=True)

    home: Path = Path("var")
    database_url: str = ""
    master_key: str = Field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8460
    prefect_port: int = 4200
    public_url: str = ""
    keys_open_pages: bool = True
    lease_seconds: float = 60.0
    worker_threads: int = Field(default=4, ge=1, le=64)
    worker_recycle_after: int = Field(default=5000, ge=1)
    poll_seconds: float = Field(default=0.25, gt=0)

    @property
    def case_database_url(self) -> str:
        """SQLAlchemy URL of the case database."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{(self.home / 'cases.db').resolve()}"

    @property
    def link_base(self) -> str:
        """What links in alerts begin with, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
