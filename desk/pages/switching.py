"""The way from a page to itself in the other language; every page shows it.

A page that was asked for by an address is asked for again. One that a form asked for (it opens somebody's words, or
shows a preview) is asked for by the same form again, which writes nothing but the access log. Any other page that
answers a form leads to the page where that form stands: changing the language never sends a form a second time.
A refusal repeats nothing of the address it was asked by but a path that has no parts of its own, and the number of a case.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from fastapi.requests import Request

from desk.pages.words import Words

Pairs = tuple[tuple[str, str], ...]
_CASE = re.compile(r"/cases/(W-\d{1,12})/.+", re.ASCII)
_NUMBER = re.compile(r"W-\d{1,12}", re.ASCII)
_FORM_STANDS_AT = {"o": "/o/{}", "p": "/p/{}", "proactive": "/proactive/{}", "account": "/account", "reads": "/reads", "cases": "/cases"}
"""Where the forms stand that are sent to addresses below these; a case's own are on its page."""


@dataclass(frozen=True)
class Switch:
    """An address, and what has to be posted there; nothing to post is a plain link."""

    address: str
    fields: Pairs | None = None


def switch_of(request: Request, words: Words) -> Switch:
    """To the same page if it was asked for by its address, else to where its form stands."""
    path = request.url.path
    if request.method in {"GET", "HEAD"}:
        kept = [pair for pair in parse_qsl(request.url.query) if pair[0] != "lang"]
        return Switch(_address(path, [*kept, ("lang", words.other)]))
    form = stands_at(path)
    return Switch(f"{form}{'&' if '?' in form else '?'}lang={words.other}")


def stands_at(path: str) -> str:
    """The page on which the form stands that is sent to `path`; a case's own are on its page."""
    case = _CASE.fullmatch(path)
    if case:
        return _address("/", [("case", case[1])])
    first, _, rest = path.strip("/").partition("/")
    return f"/{_FORM_STANDS_AT.get(first, f'/{first}').format(rest.partition('/')[0]).lstrip('/')}"


def switch_of_refusal(request: Request, words: Words) -> Switch:
    """To the same page if its address holds nothing but our own words, else to the first page."""
    path = request.url.path
    is_ours = request.method in {"GET", "HEAD"} and path == getattr(request.scope.get("route"), "path", None)
    number = [pair for pair in parse_qsl(request.url.query) if is_ours and pair[0] == "case" and _NUMBER.fullmatch(pair[1])]
    return Switch(_address(path if is_ours else "/", [*number, ("lang", words.other)]))


def asked_again(request: Request, words: Words, fields: Iterable[tuple[str, str]] = (), path: str = "") -> Switch:
    """The same form once more, for a page that a form asked for and that changes nothing.

    Args:
        request: What asked for the page.
        words: Of the page as it is.
        fields: What the form held, without anything that is spent by being sent.
        path: Where to, if not where this one was sent.
    """
    kept = [pair for pair in parse_qsl(request.url.query) if pair[0] != "lang"]
    return Switch(_address(path or request.url.path, [*kept, ("lang", words.other)]), tuple(fields))


def _address(path: str, query: Iterable[tuple[str, str]]) -> str:
    # Two slashes at the beginning would name another machine.
    return f"/{path.lstrip('/')}?{urlencode(list(query))}"
