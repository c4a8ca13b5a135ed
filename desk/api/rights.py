"""Which role may use which route; every route under `/api` has exactly one gate."""

from fastapi.requests import Request

from desk.front import Front
from models.vocabulary import Role
from tasks.news.inbox import Speaker

EVERYBODY = frozenset(Role)
SEATS = frozenset({Role.OPERATOR, Role.SUPERVISOR})
HOUSE = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR})
OVERSEERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})

class RoleNotAllowedError(PermissionError):
    """The key is good, but its role may not do this."""

    def __init__(self, role: Role) -> None:
        super().__init__(f"this is not for the role {role}")


class Gate:
    """Lets the given roles in, and tells the route who came."""

    def __init__(self, front: Front, roles: frozenset[Role]) -> None:
        self.front, self.roles = front, roles

    def __call__(self, request: Request) -> Speaker:
        speaker = self.front.who(request.headers.get("authorization"))
        if speaker.role not in self.roles:
            raise RoleNotAllowedError(speaker.role)
        return speaker

