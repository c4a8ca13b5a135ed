"""From an error to a status code and a body that never repeats what was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from desk.api.rights import RoleNotAllowedError, ScopeMissingError
from desk.people.keys import NotAuthenticatedError
from models.vault import KeyReplacedError, SealedForeverError
from notifications.outbox import NoticeNotDeadError
from tasks.dispatch.units import AbsenceNotPossibleError, UnitNotFoundError
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError
from tasks.news.what_fits import NewsDoesNotFitError
from tasks.receiving.intake import IntakeError
from tasks.words.reading import ReadingNotAllowedError
from tasks.words.summaries import TellsReporterError

TIME = "must be a time with its zone, such as 2026-11-23T09:00:00+08:00"
NUMBER = "must be a whole number"
ADVICE: dict[str, str] = {
    "missing": "is required",
    "string_type": "must be text",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "too_long": "must have at most {max_length} entries",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": NUMBER,
    "int_parsing": NUMBER,
    "int_from_float": NUMBER,
    "datetime_type": TIME,
    "datetime_parsing": TIME,
    "datetime_from_date_parsing": TIME,
    "timezone_aware": TIME,
    "tuple_type": "must be a list",
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "json_invalid": "is not JSON; send it as UTF-8 with Content-Type: application/json",
    "extra_forbidden": "has a field this form does not know; remove it or correct its spelling",
}
"""What to do about each kind of mistake; limits come from the form, nothing from the input."""

INTAKE_ADVICE: dict[str, str] = {
    "kind": "is not in the catalogue",
    "complained_of": "is not a department of the catalogue",
    "also_complained_of": "names a unit that is not a department of the catalogue",
    "dispatch_facts": "names a fact that the dispatch catalogue does not have",
    "received_at": "lies in the future; check the sender's clock and time zone",
    "same_matter_as": "there is no such case",
    "summary": "tells who reported; take out names, numbers, addresses and what only that person can know",
}


class FieldProblem(BaseModel):
    """One field and what to do about it."""

    field: str = Field(examples=["reporter.contact"])
    problem: str = Field(examples=["must have at most 200 characters"])


class Refusal(BaseModel):
    """Why something was not done. `error` is a stable code, `message` is for people."""

    error: str = Field(examples=["not_valid"])
    message: str = Field(examples=["The request was not understood; nothing was stored."])
    fields: list[FieldProblem] | None = None
    scope: str | None = Field(default=None, description="Only with `scope_missing`: what the key would need")
    error_id: str | None = Field(default=None, description="Only with 500: what to tell the administrator")


class ApiError(Exception):
    """A refusal that a route has decided upon."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(error)
        self.status, self.error, self.message = status, error, message


def refuse(
    status: int, error: str, message: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer of a refusal."""
    return JSONResponse({"error": error, "message": message, **more}, status, headers)


def not_valid(problems: Sequence[tuple[str, str]]) -> JSONResponse:
    """422 with each field and what to do about it."""
    fields = [{"field": field, "problem": problem} for field, problem in problems]
    return refuse(422, "not_valid", "The request was not understood; nothing was stored.", fields=fields)


def on_validation(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Field names from the form and advice from the table; never the input, an unknown key included."""
    return not_valid([_problem(each) for each in error.errors()])


def _problem(found: Mapping[str, Any]) -> tuple[str, str]:
    kind, where = found["type"], list(found["loc"])
    if kind == "extra_forbidden":
        where.pop()
    advice = ADVICE.get(kind, "is not valid; see the API's description")
    if kind == "json_invalid":
        where = where[:1]
    place = ".".join(str(part) for part in (where[1:] or where))
    return place, advice.format_map(found.get("ctx") or {})


def on_intake(_request: Request, error: IntakeError) -> JSONResponse:
    """The field from the message; the rest of it may repeat what was sent."""
    field = str(error).partition(":")[0]
    if field not in INTAKE_ADVICE:
        field, advice = "body", "cannot be taken in as it is"
    else:
        advice = INTAKE_ADVICE[field]
    return not_valid([(field, advice)])


def on_api_error(_request: Request, error: ApiError) -> JSONResponse:
    """What the route decided."""
    return refuse(error.status, error.error, error.message)


def on_stranger(_request: Request, _error: NotAuthenticatedError) -> JSONResponse:
    """401, the same for no key, a wrong one and a revoked one."""
    asked = {"WWW-Authenticate": 'Bearer realm="whistle"'}
    return refuse(401, "not_authenticated", "Send a good API key: Authorization: Bearer whk_…", asked)


def on_wrong_role(_request: Request, error: RoleNotAllowedError) -> JSONResponse:
    """403 that names the role."""
    return refuse(403, "role_not_allowed", f"Your key may not do this: {error}.")


def on_scope_missing(_request: Request, error: ScopeMissingError) -> JSONResponse:
    """403 that names the scope."""
    return refuse(403, "scope_missing", f"Your key may not do this: {error}.", scope=error.scope)


def on_news_refused(_request: Request, error: NewsNotAllowedError) -> JSONResponse:
    """403 with the reason, which holds codes only."""
    return refuse(403, "news_not_allowed", f"{error}.")


def on_reading_refused(_request: Request, _error: ReadingNotAllowedError) -> JSONResponse:
    """403: the role reads no words of this case; the attempt is on record."""
    return refuse(403, "reading_not_allowed", "Your role does not read the words of this case. The attempt is on record.")


def on_tells_reporter(_request: Request, error: TellsReporterError) -> JSONResponse:
    """422 with the fields of the reporter that stand in a summary, never their words."""
    return not_valid([("text", f"tells who reported ({', '.join(error.fields)}); take that out")])


def on_unfit_news(_request: Request, error: NewsDoesNotFitError) -> JSONResponse:
    """422 with the field and what it may be; never what was sent."""
    return not_valid([(error.field, error.problem)])


def on_no_case(_request: Request, _error: CaseNotFoundError) -> JSONResponse:
    """404, the same for a case that does not exist and one that is not the speaker's."""
    return refuse(404, "case_not_found", "There is no such case for you.")


def on_no_notice(_request: Request, _error: NoticeNotDeadError) -> JSONResponse:
    """404 for a notice that is not a dead letter."""
    return refuse(404, "notice_not_dead", "There is no such dead letter; list them first.")


def on_no_unit(_request: Request, _error: UnitNotFoundError) -> JSONResponse:
    """404 for a unit, or a deputy, that the catalogue does not have."""
    return refuse(404, "unit_not_found", "The catalogue has no such unit.")


def on_absence(_request: Request, error: AbsenceNotPossibleError) -> JSONResponse:
    """409 with the reason, which holds codes only."""
    return refuse(409, "absence_not_possible", f"{error}.")


def on_sealed(_request: Request, _error: SealedForeverError) -> JSONResponse:
    """409: the case's key has been destroyed."""
    return refuse(409, "case_sealed", "The case is sealed.")


def on_busy(_request: Request, _error: Exception) -> JSONResponse:
    """503: the database does not answer now; an idempotency key makes it safe to try again."""
    later = {"Retry-After": "5"}
    return refuse(503, "busy", "The case database does not answer; try again with the same key.", later)


def on_key_replaced(_request: Request, _error: KeyReplacedError) -> JSONResponse:
    """503: this desk was not started again since the master key was replaced; nothing was stored."""
    return refuse(503, "not_ready", "This desk is being started again; try again with the same key.", {"Retry-After": "5"})


def on_http(_request: Request, error: HTTPException) -> JSONResponse:
    """What the framework refuses by itself: unknown paths and methods."""
    words = {404: "There is nothing at this address.", 405: "This address does not know this method."}
    message = words.get(error.status_code, "The request was not understood.")
    return refuse(error.status_code, f"http_{error.status_code}", message, error.headers)


def add_answers(app: FastAPI) -> None:
    """Give the app an answer for every error that is not a fault of ours."""
    handlers: dict[type[Exception], Any] = {
        RequestValidationError: on_validation,
        IntakeError: on_intake,
        ApiError: on_api_error,
        NotAuthenticatedError: on_stranger,
        RoleNotAllowedError: on_wrong_role,
        ScopeMissingError: on_scope_missing,
        NewsNotAllowedError: on_news_refused,
        NewsDoesNotFitError: on_unfit_news,
        TellsReporterError: on_tells_reporter,
        ReadingNotAllowedError: on_reading_refused,
        CaseNotFoundError: on_no_case,
        NoticeNotDeadError: on_no_notice,
        UnitNotFoundError: on_no_unit,
        AbsenceNotPossibleError: on_absence,
        SealedForeverError: on_sealed,
        KeyReplacedError: on_key_replaced,
        OperationalError: on_busy,
        # What the driver says when nobody listens there.
        InterfaceError: on_busy,
        PoolTimeoutError: on_busy,
        HTTPException: on_http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
