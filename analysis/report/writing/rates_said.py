"""The three rates in a sentence where not all of them can be told: which are, and which are held back."""

from analysis.report.facts import State
from analysis.report.names import Pair
from analysis.report.paper import Run, Runs, Text
from analysis.report.writing.writer import Writer

RATES = {
    "rates.response": Pair("响应率", "response"),
    "rates.resolution": Pair("解决率", "resolution"),
    "rates.satisfaction": Pair("满意率", "satisfaction"),
}
NONE_TOLD = Pair(
    "{this}三率因涉及小数目，均不予公布。",
    "No one of the three rates {this} can be told, because small counts would follow from them.",
)


def partly_told(w: Writer) -> Runs:
    """What stands in place of the sentence with all three; nothing where none is held back."""
    states = {path: w.state(path) for path in RATES}
    held = [path for path, state in states.items() if state is State.BLANK]
    shown = [path for path, state in states.items() if state is State.SHOWN]
    if not held:
        return ()
    if not shown:
        return w.say(NONE_TOLD)
    told: list[Runs] = [(Text(w.pick(RATES[each]) + ("" if w.is_zh else " ")), w.num(each)) for each in shown]
    names: list[Run] = [Text(w.pick(RATES[each])) for each in held]
    are = "is" if len(held) == 1 else "are"
    return (
        *w.say(Pair("三率中，", "Of the three rates, ")),
        *(
            run
            for at, each in enumerate(told)
            for run in ((Text("、" if w.is_zh else ", "),) if at else ()) + each
        ),
        *w.say(Pair("；", "; ")),
        *w.listed(names),
        *w.say(Pair("因涉及小数目不予公布。", f" {are} held back, because small counts would follow.")),
    )
