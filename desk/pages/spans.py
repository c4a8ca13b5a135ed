"""How long something has lasted, or is still to come, in a reader's words."""

from datetime import timedelta

from desk.pages.words import Words

_DAY, _HOUR, _MINUTE = 86_400, 3600, 60


def span_words(words: Words, length: timedelta) -> str:
    """The two largest parts of a length, such as `3 d 4 h`; what is under a minute counts as none."""
    seconds = abs(int(length.total_seconds()))
    parts = []
    for size, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {words[name]}")
    return " ".join(parts[:2]) or f"0 {words['minutes']}"
