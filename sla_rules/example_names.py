"""Whom and what an example means: codes, or names that the catalogue or the rules know."""

import re
from collections.abc import Iterable, Mapping

from sla_rules.example_file import WrittenExample
from sla_rules.matching import Request
from sla_rules.rule_book import RuleBook

_KIND = re.compile(r"[A-Z]\d\d")
"""The catalogue's codes of kinds; no department's code ends in digits."""


class UnknownNameError(ValueError):
    """A department or kind that neither the catalogue nor the rules know, or more than one begins so."""


def request_of(example: WrittenExample, book: RuleBook, names: Mapping[str, str]) -> Request:
    """What the rules are asked, with codes instead of names.

    Args:
        example: Its department may be a kind in truth: one line does not tell the two apart.
        book: Its rules' own kinds and departments are known as well. A partial one may speak of
            another city's, so that names say nothing about it.
        names: Names of departments and kinds, in any language, each with its code; without any,
            every code is believed.

    Raises:
        UnknownNameError: Nothing, or more than one thing, is called so.
    """
    names = {} if book.only is not None else names
    believe = not names
    kinds, departments = _ways(_kinds_of(book), names, True), _ways(_departments_of(book), names, False)
    kind, department = example.kind, example.department
    if department is not None and kind is None and _code(department, departments) is None:
        code = _code(department, kinds)
        kind, department = (code, None) if code else (None, department)
    return Request(
        grade=example.grade,
        target=example.target,
        on=example.received.date(),
        kind=_known(kind, kinds, "kind", believe) if kind else None,
        department=_known(department, departments, "department", believe) if department else None,
        nature=example.nature,
    )


def _kinds_of(book: RuleBook) -> set[str]:
    return {kind for grade in book.grades.values() for rule in grade.rules for kind in rule.kinds}


def _departments_of(book: RuleBook) -> set[str]:
    return {unit for grade in book.grades.values() for rule in grade.rules for unit in rule.departments}


def _ways(codes: Iterable[str], names: Mapping[str, str], kinds: bool) -> dict[str, str]:
    """Every way to say a kind, or a department, in lower case, each with its code."""
    meant = {name: code for name, code in names.items() if bool(_KIND.fullmatch(code)) is kinds}
    own = {code: code for code in (*codes, *meant.values())}
    return {way.casefold(): code for way, code in (meant | own).items()}


def _known(written: str, ways: Mapping[str, str], what: str, believe: bool) -> str:
    code = _code(written, ways)
    if code is not None:
        return code
    could_be = sorted(_begun(written, ways))
    if could_be:
        raise UnknownNameError(f"{written!r} could be {', '.join(could_be)}; write more of it")
    if believe:
        return written
    raise UnknownNameError(f"no {what} is called {written!r}")


def _code(written: str, ways: Mapping[str, str]) -> str | None:
    """The code of what is called so, or of the one thing whose name begins so."""
    if written.casefold() in ways:
        return ways[written.casefold()]
    begun = _begun(written, ways)
    return begun.pop() if len(begun) == 1 else None


def _begun(written: str, ways: Mapping[str, str]) -> set[str]:
    return {code for way, code in ways.items() if way.startswith(written.casefold())}
