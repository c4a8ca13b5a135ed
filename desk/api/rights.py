"""Which role may use which route; every route under `/api` has exactly one gate."""

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.routing import APIRoute

from desk.front import Front
from models.vocabulary import Role, Scope
from tasks.news.inbox import Speaker

EVERYBODY = frozenset(Role) - {Role.DECISION_MAKER}
"""Whoever has to do with cases."""
SEATS = frozenset({Role.OPERATOR, Role.SUPERVISOR})
HOUSE = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR})
OVERSEERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


class RoleNotAllowedError(PermissionError):
    """The key is good, but its role may not do this."""

    def __init__(self, role: Role) -> None:
        super().__init__(f"this is not for the role {role}")


class ScopeMissingError(PermissionError):
    """The key is good and its role may do this, but the key was made for less."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"this needs a key with the scope {scope}")
        self.scope = scope


class Gate:
    """Lets the given roles in, with keys that have the scope, and tells the route who came."""

    def __init__(self, front: Front, roles: frozenset[Role], scope: Scope) -> None:
        self.front, self.roles, self.scope = front, roles, scope

    def __call__(self, request: Request) -> Speaker:
        speaker = self.front.who(request.headers.get("authorization"))
        if speaker.role not in self.roles:
            raise RoleNotAllowedError(speaker.role)
        check_scope(speaker, self.scope)
        return speaker


def check_scope(speaker: Speaker, scope: Scope) -> None:
    """Nothing, if the speaker's key has the scope.

    Raises:
        ScopeMissingError: It was made for less.
    """
    if scope not in speaker.scopes:
        raise ScopeMissingError(scope)


def scopes_by_route(prefix: str, router: APIRouter) -> dict[tuple[str, str], Scope]:
    """The scope that each route of a group under `/api` asks for, by method (small letters) and path.

    Raises:
        LookupError: A route has no gate, or more than one.
    """
    routes = [each for each in router.routes if isinstance(each, APIRoute)]
    return {(method.lower(), f"{prefix}{each.path}"): _scope_of(each) for each in routes for method in each.methods or ()}


def _scope_of(route: APIRoute) -> Scope:
    gates = [each.call for each in route.dependant.dependencies if isinstance(each.call, Gate)]
    if len(gates) != 1:
        raise LookupError(f"{route.path} must have exactly one gate")
    return gates[0].scope
