"""`docs/clocks.md`: the table of clocks for people, in Chinese and English."""

from collections.abc import Iterable

from models.clock_table import CLOCK_TABLE, Against, ClockEvent, ClockRow, CountedFrom, Repeats
from models.vocabulary import Target

Pair = tuple[str, str]

TARGET_WORDS: dict[Target, Pair] = {
    Target.DISPATCH: ("派单", "sending the order out"),
    Target.ACCEPTANCE: ("签收", "accepting the order"),
    Target.FIRST_CONTACT: ("首次联系", "first contact with the caller"),
    Target.SAFETY_KNOWN: ("安全确认", "knowing whether the child is safe"),
    Target.MANDATORY_REPORT: ("强制报告", "mandatory report to the police"),
    Target.SUPERVISION: ("安全督办", "watching over the child's safety"),
    Target.FEEDBACK: ("反馈（共同时限）", "answer of the lead (the joint clock)"),
    Target.CO_HANDLER: ("协办反馈", "answer of a co-handler"),
    Target.REVIEW: ("人工复核", "review by a person"),
    Target.CALLBACK: ("回访", "calling back"),
    Target.CLOSURE: ("办结", "closing the case"),
}
EVENT_WORDS: dict[ClockEvent, Pair] = {
    ClockEvent.RECEIVED: ("受理", "receipt"),
    ClockEvent.ALARMED: ("等级为U0或U1", "a grade of U0 or U1"),
    ClockEvent.REPORT_OWED: ("出现须报告情形", "a sign that must be reported"),
    ClockEvent.SENT_TO_REVIEW: ("转人工复核", "sent to a person for review"),
    ClockEvent.REVIEWED: ("复核决定", "the reviewer's decision"),
    ClockEvent.DISPATCHED: ("派单或改派", "an order, also to another unit"),
    ClockEvent.HELP_CALLED: ("主办单位吹哨", "the lead's whistle for help"),
    ClockEvent.WITHDRAWN: ("该单位被撤单", "that unit's order withdrawn"),
    ClockEvent.ACCEPTED: ("该单位签收、联系或反馈", "that unit acknowledges, makes contact or replies"),
    ClockEvent.CONTACTED: ("主办单位已联系诉求人", "the lead has spoken to the caller"),
    ClockEvent.REPLIED: ("主办单位反馈", "the lead's reply"),
    ClockEvent.CO_REPLIED: ("该协办单位反馈", "that co-handler's reply"),
    ClockEvent.REPLY_REFUSED: ("反馈未被采纳", "a reply that is not accepted"),
    ClockEvent.OBJECTED: ("提出异议", "an objection"),
    ClockEvent.EXTENSION_ASKED: ("申请延期", "a request for more time"),
    ClockEvent.EXTENSION_GRANTED: ("批准延期", "more time granted"),
    ClockEvent.HUNG_UP: ("挂账", "hanging up"),
    ClockEvent.SENT_BACK: ("退回重办", "sent back for rework"),
    ClockEvent.CALLBACK_ASKED: ("要求回访", "a callback asked for"),
    ClockEvent.CALLED_BACK: ("回访接通", "the caller reached"),
    ClockEvent.NOT_REACHED: ("最后一次回访未接通", "the last attempt failed"),
    ClockEvent.SAFETY_RECORDED: ("已登记儿童状况", "the child's state recorded"),
    ClockEvent.MADE_SAFE: ("已登记安全或临时安置", "the child recorded as safe or in interim care"),
    ClockEvent.POLICE_RECEIPT: ("强制报告的时间、渠道和回执编号", "time, channel and receipt number of the report"),
    ClockEvent.GRADE: ("新等级不计此时限", "a grade that does not measure it"),
    ClockEvent.LINKED: ("并入主案", "linked to a main case"),
    ClockEvent.CLOSED: ("办结", "closed"),
    ClockEvent.REOPENED: ("重新打开", "reopened"),
}
FROM_WORDS: dict[CountedFrom, Pair] = {
    CountedFrom.RECEIPT: ("受理（重新打开后自该时）", "receipt, or the reopening"),
    CountedFrom.FIRST_SIGNAL: ("首个危险信号", "the first signal of harm"),
    CountedFrom.ORDER: ("该单位接单", "that unit's order"),
    CountedFrom.EVENT: ("该事件", "that event"),
    CountedFrom.WORK: ("受理；采纳后重办自退回，重开自改派", "receipt; of rework after an accepted reply, when it was sent back; of a reopened case, its order"),
}
REPEAT_WORDS: dict[Repeats, Pair] = {
    Repeats.NEVER: ("一次", "once"),
    Repeats.PER_ALARM: ("每次重开或解除后再报警", "each reopening, each alarm after an all-clear"),
    Repeats.PER_LIFE: ("每次重开", "each reopening"),
    Repeats.PER_ROUND: ("每轮派单", "each round of orders"),
    Repeats.PER_CYCLE: ("每轮办理", "each round of work"),
}
AGAINST_WORDS: dict[Against, Pair] = {
    Against.DESK: ("本席", "the desk"),
    Against.EVERYBODY: ("全部单位", "everybody"),
    Against.EACH_DEPARTMENT: ("每个单位", "each unit"),
    Against.LEAD: ("主办单位", "the lead"),
    Against.EACH_CO_HANDLER: ("每个协办单位", "each co-handler"),
}
HEADS: Pair = (
    "时限|对谁计时|何时开始|自何时起算|何时停止|重复|挂账时|延期|调整等级|改派|重新打开",
    "clock|runs against|starts on|counted from|stops on|repeats|hung up|extended|grade change|other unit|reopened",
)
STOPS = 4
"""The column of what stops a clock."""
INTRO: Pair = (
    "表中未列的事件不影响该时限：异议和申请延期都不停表。",
    "What a row does not name leaves its clock alone: neither an objection nor a request for more time stops any.",
)


def clock_page() -> str:
    """The page as committed; a test keeps it equal to the table."""
    title = "# 时限事件表 · What starts, stops, repeats and pauses each clock\n"
    made = "由 `models/clock_table.py` 生成 · Generated from the table of clocks; a test keeps them equal.\n"
    return "\n".join([title, made, _table(0), _NOTES[0], _table(1), _NOTES[1]])


def _table(language: int) -> str:
    heads = HEADS[language].split("|")
    lines = [_line(heads), "|" + " --- |" * len(heads)]
    lines += [_line(_cells(target, row, language)) for target, row in CLOCK_TABLE.items()]
    return f"{INTRO[language]}\n\n" + "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(target: Target, row: ClockRow, language: int) -> list[str]:
    pairs: list[Pair] = [
        TARGET_WORDS[target],
        AGAINST_WORDS[row.against],
        _all(row.starts_on),
        FROM_WORDS[row.counted_from],
        _all(row.stops_on),
        REPEAT_WORDS[row.repeats],
        ("停（规则写明可停时）", "stands still if its rule is pausable") if row.may_pause else ("照走", "runs on"),
        ("可以", "may be") if row.may_extend else ("不可", "never"),
        _on_grade_change(row),
        ("重新开始", "starts anew") if row.repeats is Repeats.PER_ROUND else ("继续", "goes on"),
        ("不变", "as it was") if row.repeats is Repeats.NEVER else ("新的一轮", "a new one"),
    ]
    if row.goes_on_after:
        pairs[STOPS] = _but(pairs[STOPS], _all(row.goes_on_after))
    return [pair[language] for pair in pairs]


def _but(stops: Pair, goes_on: Pair) -> Pair:
    return f"{stops[0]}（{goes_on[0]}的，照走）", f"{stops[1]} (after {goes_on[1]} it goes on)"


def _all(events: Iterable[ClockEvent]) -> Pair:
    ordered = [each for each in ClockEvent if each in frozenset(events)]
    return "；".join(EVENT_WORDS[each][0] for each in ordered), "; ".join(EVENT_WORDS[each][1] for each in ordered)


def _on_grade_change(row: ClockRow) -> Pair:
    if row.keeps_gravest:
        return "按曾有的最重等级", "counts by the gravest grade it had"
    if row.fits_inside:
        return "自起点重算，不超共同时限", "counted again from its start, within the joint clock"
    return "自起点重算", "counted again from its start"


_NOTES: Pair = (
    """
- 同一事务中的先后：先停，再挂，后起；以流水号为准，不以时间为准。
- 挂账区间每次都由流水推算：同一原因、全部挂账各有上限，复核日或上限一到即恢复计时；短于上限但超过 `approval_above` 须督导决定，此前同一原因的挂账一并计入。
- 共同时限仅在每个在办单位都可以停时才停：有协办时限不可停，则不得挂账；挂账期间也不得再吹哨叫这样的单位。
- 分时限（签收、首次联系、协办）不得超出共同时限；共同时限变动时随之重算。共同时限已过才加入的单位，用自己的时限。
- 首次联系只对能联系到来电人的主办单位计时：报告人匿名、要求保密、未同意联系、未留联系方式，或事涉侵害、监护人涉嫌、回访受限的，承办单位看不到来电人，不起此表；其后才查明涉及侵害的，此表停止。U0、U1 以安全确认代替首次联系；要向来电人了解的，由话务台转问。
- 没有人提出诉求的来电（无声、挂断、辱骂、恶作剧、打错、致谢）没有单可派，不起派单时限；听出侵害的照常起。
- 空泛的反馈，或缺了该事项必须报告的工作的反馈，不算反馈：被退回时，反馈时限和首次联系时限都按原起点、原到期继续走，如同没有反馈过，已发过的提醒不再重发。被采纳的反馈才停表；采纳以后又退回的（回访未解决、班长不同意办结），另起一轮新的反馈时限。协办单位说了等于没说的反馈当即不予受理，其时限不因此停表。
- 共同时限超时，流水和决定写明各单位占用的时间。
- 强制报告时限不可停、不可延，降低等级、办结、被反映单位都停不了它；未报告的案件不能办结。并入主案的，由主案报告。
- 等级升至 U0、U1、U2 的挂账案件立即恢复办理。已批的延期，等级不准延期时不计。
- 重新打开的案件按新一轮计时，关闭期间不计；全案挂账的上限仍合并计算。
""",
    """
- Within one transaction: stop, then pause, then start; by the journal's sequence numbers, never by times.
- Pauses are read from the journal each time. One cap holds for a reason, one for all pauses of a case; at the review date, or when a cap is used up, the clocks run again. Above `approval_above` a supervisor decides; earlier pauses for the reason count.
- The joint clock stands still only if everybody's share may: a case with a co-handler whose limit is not pausable is not hung up, and while it hangs no such unit is called in.
- Sub-clocks (acceptance, first contact, co-handler) end with the joint clock at the latest and move with it. A unit called in after the joint clock ran out keeps its own time.
- First contact is measured only where the lead is told who called: not for a reporter who is anonymous, wants secrecy, agreed to no call or left no number, nor where harm, a guardian or a barred callback keeps the reporter from every unit (L-BJ 53); once that is found later, the clock stops. Nobody is late with a call the desk does not let them make: for U0 and U1 the child's safety is what must be known in time, and what must be asked of the caller the desk asks.
- A call in which nobody asks for anything (silent, hung up, abusive, prank, wrong number, thanks) has no order to send out, so that clock does not start; where harm is heard in it, it does.
- A hollow reply, or one that lacks what its kind must report, is no feedback: when it is sent back, the feedback and first contact clocks go on from their old start to their old due time as if nothing had been said, and no level is told twice. Only an accepted reply stops them; what comes back after that (the caller is not helped, a supervisor does not agree to the closing) begins a new round with a clock of its own. A co-handler's answer that says nothing is refused at once, and its clock does not stop for it.
- When the joint clock is missed, journal and decision say how long each unit had its part.
- The mandatory report is neither paused nor extended; no lower grade, no closing and no unit complained of stops it, and no case closes that owes it. For a linked case the main case reports.
- A hung-up case raised to U0, U1 or U2 goes back to work at once. Granted time does not count while the grade is one that is never extended.
- A reopened case has clocks of its own, so time closed is never counted; the caps on pauses are for its whole life.
""",
)
