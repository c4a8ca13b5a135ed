"""The unit that a person names as lead: known, able to lead, and with no interest of its own."""

from tasks.dispatch.conflict import is_kept_from
from tasks.news.context import News, NewsRefusedError


def named_unit(news: News, other_than: str | None = None) -> str:
    """The unit named in the news.

    Raises:
        NewsRefusedError: None is named, it may not lead, it is `other_than`, or the case is kept
            from it.
    """
    named = news.codes["department"]
    unit = news.place.catalogue.departments.get(str(named)) if named else None
    if unit is None:
        raise NewsRefusedError("name_a_department")
    if not unit.may_lead or named == other_than:
        raise NewsRefusedError("unit_may_not_lead")
    if is_kept_from(news.case, unit.code):
        raise NewsRefusedError("conflict_of_interest")
    return unit.code
