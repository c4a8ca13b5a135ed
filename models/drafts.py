"""Forms that an operator has not finished: sealed, their owner's alone, and gone after a day."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime


class IntakeDraft(SQLModel, table=True):
    """One unfinished intake form. `id` is the form's own random token, so that keeping it twice is one draft.

    `owner` is the account or API client that typed it; `typed_ct` are the fields, sealed for the desk.
    """

    __tablename__ = "intake_draft"

    id: str = Field(primary_key=True)
    owner: str = Field(index=True)
    typed_ct: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = Field(sa_type=UtcDateTime)
    kept_at: datetime = Field(sa_type=UtcDateTime, index=True)
