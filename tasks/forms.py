"""The base of every form: what comes from outside is refused if unknown, and errors never repeat it."""

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """What comes from outside: unknown fields are refused, and errors never repeat the input."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)
