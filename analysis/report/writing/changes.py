"""How a number moved against the time before, said only where both are shown."""

from analysis.report.names import Pair
from analysis.report.paper import Runs, Text
from analysis.report.writing.writer import Writer


def growth(w: Writer, path: str) -> Runs:
    """The end of a sentence: by how many percent more or fewer than before; nothing if it cannot be told.

    From few a percentage is mostly chance: then the earlier number stands there instead, and why.
    """
    value, before = w.value(path), w.value("received.before")
    if value is None:
        return ()
    if before is not None and before < w.growth_from:
        return w.say(
            Pair(
                "；{before}{received.before}件，基数不足{growth_from}件，不计算增幅",
                "; {received.before} {before}, too few (below {growth_from}) to tell growth in percent",
            )
        )
    place = "{abs:" + path + "}"
    if value > 0:
        return w.say(Pair(f"，较{{before}}增长{place}", f", {place} more than {{before}}"))
    if value < 0:
        return w.say(Pair(f"，较{{before}}下降{place}", f", {place} fewer than {{before}}"))
    return w.say(Pair("，与{before}持平", ", as many as {before}"))


def moved(w: Writer, path: str, around: Pair) -> Runs:
    """By how many points a percentage rose or fell; `around` has the place `{before_words}` for it."""
    gap = f"{path} - {path}.before"
    value = w.value(gap)
    if value is None:
        return ()
    start, _, end = w.pick(around).partition("{before_words}")
    place = "{abs:" + gap + "}"
    if value > 0:
        middle = w.say(Pair(f"较{{before}}提高{place}个百分点", f"{place} points above {{before}}"))
    elif value < 0:
        middle = w.say(Pair(f"较{{before}}下降{place}个百分点", f"{place} points below {{before}}"))
    else:
        middle = w.say(Pair("与{before}持平", "the same as {before}"))
    return (*((Text(start),) if start else ()), *middle, *((Text(end),) if end else ()))
