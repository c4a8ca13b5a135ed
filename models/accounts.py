"""People who sign in, their sessions, and who may look at one case out of turn or not at all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, coded
from models.vocabulary import GlassReason, Role


class Account(SQLModel, table=True):
    """One person who signs in, with a password of which only the argon2 hash is kept, or at the house's provider.

    `oidc` says that the provider does it: there is no password then. `oidc_subject` is who the provider
    said it was the first time, so that a name given to somebody else later opens nothing.

    `totp_ct` is the sealed secret of the second factor, `totp_step` the last step of 30 seconds whose
    code was used, so that no code works twice. `failures` counts wrong tries in a row.
    """

    __tablename__ = "account"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    role: Role = Field(sa_type=coded(Role))
    department: str | None = None
    password_hash: str
    must_change: bool = True
    oidc: bool = False
    oidc_subject: str | None = None
    totp_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    totp_step: int = 0
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebSession(SQLModel, table=True):
    """One browser that somebody signed in with; `id` is the SHA-256 of its cookie, in hex.

    `holder` is an account or an API client. `pending_ct` is the sealed secret of a second factor that is being set up.
    """

    __tablename__ = "web_session"

    id: str = Field(primary_key=True)
    holder: str = Field(index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    is_whole: bool = True
    pending_ct: bytes | None = Field(default=None, sa_type=LargeBinary)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SpecialAccess(SQLModel, table=True):
    """Somebody broke the glass: for a reason, for a while, and somebody else looks at it afterwards."""

    __tablename__ = "special_access"
    __table_args__ = (Index("special_access_case", "case_id", "holder"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id")
    holder: str
    reason: GlassReason = Field(sa_type=coded(GlassReason))
    at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    reviewed_by: str | None = None
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    justified: bool | None = None


class StaffTie(SQLModel, table=True):
    """Somebody of the house who may have nothing to do with one case, whatever their role."""

    __tablename__ = "staff_tie"
    __table_args__ = (UniqueConstraint("case_id", "holder"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    holder: str = Field(index=True)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
