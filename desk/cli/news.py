"""The options of `whistle case say` as the form of one kind of news."""

from collections.abc import Sequence
from typing import Any, get_origin

from pydantic import ValidationError

from desk.cli.errors import CommandError
from models.vocabulary import NewsKind
from tasks.news.forms import NEWS_FORMS, NewsForm


def form_from(kind: NewsKind, options: Sequence[str], text: str | None) -> NewsForm:
    """The form that `--field value …` fills in.

    Args:
        kind: The kind of news, which says what fields there are.
        options: Such as `["--resolved", "true", "--acts=visited"]`.
        text: The words, or None.

    Raises:
        CommandError: An option that is no field, or a form that is not complete; the fields of
            the kind are named, the values are not repeated.
    """
    told = _values(kind, options)
    if text is not None:
        told["text"] = text
    try:
        return NEWS_FORMS[kind].model_validate(told)
    except ValidationError as error:
        problems = "; ".join(
            f"{_option(each['loc'])}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise CommandError(f"{kind}: {problems}. {_usage(kind)}") from None


def _option(place: tuple[int | str, ...]) -> str:
    name = ".".join(str(part) for part in place).replace("_", "-")
    return "--text-file" if name == "text" else f"--{name}"


def _values(kind: NewsKind, options: Sequence[str]) -> dict[str, Any]:
    fields = NEWS_FORMS[kind].model_fields
    told: dict[str, Any] = {}
    for field, value in _pairs(kind, options):
        if field not in fields or field == "text":
            raise CommandError(f"{kind} has no field --{field.replace('_', '-')}. {_usage(kind)}")
        if get_origin(fields[field].annotation) is tuple:
            told.setdefault(field, []).append(value)
        else:
            told[field] = value
    return told


def _pairs(kind: NewsKind, options: Sequence[str]) -> list[tuple[str, str]]:
    pairs, rest = [], list(options)
    while rest:
        option = rest.pop(0)
        name, equals, value = option.removeprefix("--").partition("=")
        if not option.startswith("--") or not (equals or rest):
            raise CommandError(f"write the fields as --field value. {_usage(kind)}")
        pairs.append((name.replace("-", "_"), value if equals else rest.pop(0)))
    return pairs


def _usage(kind: NewsKind) -> str:
    shown = [
        f"--{name.replace('_', '-')}{'' if field.is_required() else ' (optional)'}"
        for name, field in NEWS_FORMS[kind].model_fields.items()
        if name != "text"
    ]
    words = NEWS_FORMS[kind].model_fields["text"]
    shown.append("--text-file" if words.is_required() else "--text-file (optional)")
    return f"Fields: {', '.join(shown)}"
