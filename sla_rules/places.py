"""Which model and which type stand at a place in a rule file."""

from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, PlainValidator


def type_at(model: type[BaseModel], location: Iterable[str | int]) -> Any:
    """The annotation of the entry at `location`; None where the models know no such place."""
    here: Any = model
    for part in location:
        if part != "[key]":
            here = _one_step(_bare(here), part)
    return here


def keys_at(model: type[BaseModel], location: Iterable[str | int]) -> tuple[str, ...]:
    """The keys that an entry at `location` may have; none if it has no fixed ones."""
    here = _bare(type_at(model, location))
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return ()
    return tuple(field.alias or name for name, field in here.model_fields.items())


def parser_at(model: type[BaseModel], location: Iterable[str | int]) -> Any:
    """The function that reads the entry at `location` whole; None if its type alone does."""
    here = type_at(model, location)
    if get_origin(here) in (Union, UnionType):
        here = next((each for each in get_args(here) if each is not NoneType), None)
    validators = [each for each in get_args(here)[1:] if isinstance(each, PlainValidator)]
    return validators[0].func if validators else None


def _one_step(here: Any, part: str | int) -> Any:
    if isinstance(here, type) and issubclass(here, BaseModel):
        fields = {field.alias or name: field for name, field in here.model_fields.items()}
        field = fields.get(str(part))
        if field is None:
            return None
        # What pydantic keeps apart is put together again, as it was written.
        return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    arguments = get_args(here)
    if get_origin(here) is dict:
        return arguments[1]
    return arguments[0] if get_origin(here) in (tuple, list) else None


def _bare(here: Any) -> Any:
    """Without what Annotated and `| None` add."""
    while get_origin(here) in (Annotated, Union, UnionType):
        here = next((each for each in get_args(here) if each is not NoneType), None)
    return here
