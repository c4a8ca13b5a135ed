"""Children's safety: how long until a child was known to be safe, first contact, and the reports to the police."""

from collections.abc import Iterator

from analysis.report.names import Pair
from analysis.report.paper import Block, Heading, Paragraph
from analysis.report.writing.writer import Writer


def safety(w: Writer) -> Iterator[Block]:
    """The chapter."""
    yield Heading(1, "", w.pick(Pair("儿童安全与强制报告", "Children's safety and mandatory reports")))
    safe = w.say(
        Pair(
            "{this}受理的危急、紧急和涉嫌侵害诉求中，已确认儿童安全{safe.done}件，从受理到确认安全的用时中位数为{safe.median}，九成在{safe.ninetieth}以内。",
            "Of the requests {this} that were urgent or suspected harm, {safe.done} ended with the child known to be safe: half within {safe.median} of the call, nine in ten within {safe.ninetieth}.",
        ),
    ) or w.say(
        Pair(
            "{this}受理的危急、紧急和涉嫌侵害诉求中，已确认儿童安全{safe.done}件。",
            "Of the requests {this} that were urgent or suspected harm, {safe.done} ended with the child known to be safe.",
        ),
        Pair(
            "{this}受理的危急、紧急和涉嫌侵害诉求，确认儿童安全的件数和用时不予公布。",
            "How many children in urgent requests were known to be safe, and after how long, is held back.",
        ),
        Pair(
            "{this}没有需要确认儿童安全的诉求。",
            "No request {this} called for a child's safety to be confirmed.",
        ),
    )
    waiting = w.say(
        Pair(
            "期末尚未登记为“安全”{safe.waiting}件，包括已临时安置并移交具名责任人的；责任人须逐件跟进，不因办结而结束。",
            "{safe.waiting|child was|children were} not yet recorded as safe, those in interim care with a named case owner among them; each is followed up by name, whatever becomes of the order.",
        ),
        Pair(
            "尚未登记为“安全”的件数不予公布，责任人须逐件跟进，不因办结而结束。",
            "How many children were not yet known to be safe is held back; each is followed up by name, whatever becomes of the order.",
        ),
    )
    if both := w.join(safe, waiting):
        yield Paragraph(both)
    contact = w.say(
        Pair(
            "派单后首次联系来电人的用时中位数为{contact.median}，九成在{contact.ninetieth}以内。",
            "Half of the callers were contacted within {contact.median} of the order, nine in ten within {contact.ninetieth}.",
        ),
        Pair("派单后首次联系的用时不予公布。", "How long the first contact took is held back."),
        Pair("{this}没有可计算首次联系用时的诉求。", "There was no first contact to measure {this}."),
    )
    if contact:
        yield Paragraph(contact)
    police = w.say(
        Pair(
            "符合强制报告情形的{police.needed}件，已向公安机关报告{police.notified}件。专席报告以公安机关回执为准，转派街道、乡镇不代替报告。",
            "{police.needed|request called|requests called} for a mandatory report; {police.notified} were reported to the police. Only the police's receipt counts as a report, never the order to a street office.",
        ),
        Pair(
            "符合强制报告情形的件数不予公布。专席报告以公安机关回执为准，转派街道、乡镇不代替报告。",
            "How many called for a mandatory report is held back. Only the police's receipt counts as a report, never the order to a street office.",
        ),
        Pair("{this}没有符合强制报告情形的诉求。", "No request {this} called for a mandatory report."),
    )
    if police:
        yield Paragraph(police)
