"""Where the desk keeps its data and what it listens on; every value has an environment variable."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.log_lines import LogFormat, LogLevel

LONGEST_LEASE_S = 60.0
"""Of a worker on its cases. Workers tell by it which lease nobody can have taken (`models/claims.py`), so it is one for all."""


class DeskSettings(BaseSettings):
    """Settings of one desk, from `WHISTLE_…` environment variables.

    `home` holds the embedded databases, the master key, logs and alerts. `database_url` is empty
    for the embedded SQLite file, or a SQLAlchemy URL such as `postgresql+pg8000://…`.
    `master_key_file` is where the key lies if neither in `master_key` nor in `home`; it is never made there.
    `public_url` is what alerts link to; empty means the address the desk listens on.
    `keys_open_pages` lets the pages be opened with an API key too, as a new desk has no accounts yet.
    `oidc_issuer` names the house's own sign-in provider, if it has one; `oidc_claim` is what of its
    token is the name of an account here.
    `worker_metrics_port` is where a worker tells its figures to this machine, 0 for nowhere; `alarm_url` is
    where Prefect's automations post that a run crashed or nobody works.
    """

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", hide_input_in_errors=True)

    home: Path = Path("var")
    database_url: str = ""
    master_key: str = Field(default="", repr=False)
    master_key_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8460
    prefect_port: int = 4200
    public_url: str = ""
    keys_open_pages: bool = True
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    oidc_client_secret_file: Path | None = None
    oidc_claim: str = "preferred_username"
    lease_seconds: float = Field(default=LONGEST_LEASE_S, gt=0, le=LONGEST_LEASE_S)
    worker_threads: int = Field(default=4, ge=1, le=64)
    worker_recycle_after: int = Field(default=5000, ge=1)
    poll_seconds: float = Field(default=0.25, gt=0)
    worker_metrics_port: int = Field(default=8461, ge=0, le=65535)
    alarm_url: str = Field(default="", repr=False)
    log_format: LogFormat = LogFormat.TEXT
    log_level: LogLevel = LogLevel.WARNING

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and (self.oidc_client_secret or self.oidc_client_secret_file)):
            raise ValueError("with WHISTLE_OIDC_ISSUER set WHISTLE_OIDC_CLIENT_ID and WHISTLE_OIDC_CLIENT_SECRET (or _FILE) too")
        host = urlsplit(self.oidc_issuer).hostname
        if self.oidc_issuer and not self.oidc_issuer.startswith("https://") and host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("WHISTLE_OIDC_ISSUER: give an address that begins with https://")
        return self

    def oidc_secret(self) -> str:
        """What the desk proves itself to the provider with; the file is read each time, so that it can be renewed."""
        if self.oidc_client_secret_file is not None:
            return self.oidc_client_secret_file.read_text(encoding="utf-8").strip()
        return self.oidc_client_secret

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
