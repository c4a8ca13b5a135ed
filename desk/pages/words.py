"""The words of the desk's pages, in Chinese and English."""

from dataclasses import dataclass
from datetime import datetime

from desk.case_pages import CaseRow
from models.vocabulary import Doubt, Flag, Grade, Status
from notifications.messages import DESK_ZONE, Language

STATUS_WORDS: dict[Status, tuple[str, str]] = {
    Status.RECEIVED: ("已受理", "Received"),
    Status.SCREENED: ("已筛查", "Screened"),
    Status.ANSWERED: ("已答复", "Answered"),
    Status.CHANNEL_TOLD: ("已告知渠道", "Channel told"),
    Status.LINKED: ("已关联", "Linked"),
    Status.NEEDS_REVIEW: ("待复核", "Needs review"),
    Status.DISPATCHED: ("已派单", "Dispatched"),
    Status.ACCEPTED: ("已签收", "Accepted"),
    Status.IN_PROGRESS: ("办理中", "In progress"),
    Status.DISPUTED: ("有异议", "Disputed"),
    Status.EXTENSION_ASKED: ("申请延期", "Extension asked"),
    Status.REPLIED: ("已回复", "Replied"),
    Status.REWORK: ("重办", "Rework"),
    Status.HUNG_UP: ("挂账", "Hung up"),
    Status.CALLBACK: ("待回访", "Callback"),
    Status.CLOSED: ("已办结", "Closed"),
    Status.REOPENED: ("重新打开", "Reopened"),
    Status.SEALED: ("已封存", "Sealed"),
}
"""Every status is a key."""

GRADE_WORDS: dict[Grade, tuple[str, str]] = {
    Grade.U0: ("危急", "Danger now"),
    Grade.U1: ("紧急", "Urgent"),
    Grade.U2: ("较急", "Pressing"),
    Grade.U3: ("一般", "General"),
    Grade.U4: ("疑难", "Difficult"),
    Grade.UC: ("咨询", "Consultation"),
}
"""Every grade is a key."""

FLAG_WORDS: dict[Flag, tuple[str, str]] = {
    Flag.RUN_CANCELLED: ("运行被取消", "Run cancelled"),
    Flag.ACTIVATION_FAILS: ("处理出错", "Activation fails"),
    Flag.RULES_DO_NOT_FIT: ("规则不适用", "Rules do not fit"),
    Flag.CLOSURE_BLOCKED: ("不能办结", "Closure blocked"),
}
"""Every flag is a key."""

DOUBT_WORDS: dict[Doubt, tuple[str, str]] = {
    Doubt.LOW_CONFIDENCE: ("把握不足", "not certain"),
    Doubt.SCREENS_DISAGREE: ("词语与模型判断不一", "cues and model disagree"),
    Doubt.CANNOT_CLASSIFY: ("无法归类", "cannot be classified"),
}
"""Every doubt is a key."""

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("未成年人保护工作台", "Minors-protection desk"),
    "cases": ("件", "cases"),
    "by_status": ("按状态", "By status"),
    "by_grade": ("按等级", "By grade"),
    "newest": ("最新 50 件", "Newest 50 cases"),
    "number": ("编号", "Number"),
    "grade": ("等级", "Grade"),
    "kind": ("事项", "Kind"),
    "status": ("状态", "Status"),
    "lead": ("主办单位", "Lead"),
    "waits": ("等待", "Waits for"),
    "until": ("至", "until"),
    "flag": ("待人工", "Flag"),
    "run": ("运行", "Run"),
    "none": ("还没有案件。", "No cases yet."),
    "no_case": ("没有这个编号。", "There is no such number."),
    "times": ("时间为北京时间", "Times are Asia/Shanghai"),
    "language": ("English", "中文"),
    "api": ("接口说明", "API"),
    "clocks": ("时限", "Clocks"),
    "due": ("到期", "Due"),
    "state": ("情况", "State"),
    "decisions": ("决定与理由", "Decisions and reasons"),
    "events": ("经过", "What happened"),
    "back": ("返回", "Back"),
    "sign_in_title": ("登录", "Sign in"),
    "sign_in": (
        "填用户名和密码；班长和管理员另填验证码。新装的工作台可不填用户名，密码处填接口密钥。",
        "Your name and password; supervisors and administrators also the code of their device. On a new desk: no name, and an API key as the password.",
    ),
    "sign_in_wrong": ("未能登录：请核对用户名、密码和验证码；多次出错会暂时锁定。", "Not signed in: check name, password and code. Several wrong tries lock the account for a while."),
    "sign_in_name": ("用户名", "Name"),
    "sign_in_password": ("密码", "Password"),
    "sign_in_code": ("验证码（6 位）", "Code (6 figures)"),
    "sign_in_go": ("登录", "Sign in"),
    "sign_out": ("退出登录", "Sign out"),
    "account": ("我的账号", "My account"),
    "account_password": ("修改密码", "Change the password"),
    "account_must_change": ("首次登录须设置自己的密码。", "This is a first password: choose one of your own before you go on."),
    "account_old": ("现密码", "Present password"),
    "account_new": ("新密码（至少 12 位）", "New password (12 characters or more)"),
    "account_again": ("再输一次", "Once more"),
    "account_device": ("绑定验证设备", "Set the device up"),
    "account_device_about": ("在验证器应用中手动输入下面的密钥，再填它显示的验证码。密钥只在此时显示。", "Type this secret into an authenticator app, then the code it shows. The secret is shown only now."),
    "account_wrong_old": ("现密码不对。", "The present password is not right."),
    "account_wrong_again": ("两次输入不同。", "The two new passwords differ."),
    "account_wrong_new": ("新密码太短或太容易猜。", "The new password is too short or too easy to guess."),
    "account_wrong_code": ("验证码不对或已用过。", "The code is not right, or was used before."),
    "account_wrong_no_account": ("以接口密钥登录，没有个人账号。", "Signed in with an API key: there is no personal account."),
    "order_title": ("承办单", "Order"),
    "asked": ("事项", "What is asked"),
    "order_due": ("时限", "Due"),
    "no_due": ("未设", "none"),
    "duty": ("值班台", "Duty board"),
    "duty_danger": ("危急与紧急", "Danger and urgent"),
    "duty_late": ("已超期", "Late"),
    "duty_near": ("4 小时内到期", "Due within 4 hours"),
    "duty_disputed": ("待裁定异议", "Objections to decide"),
    "duty_extension_asked": ("待审批延期", "More time asked"),
    "duty_needs_review": ("待复核", "To review"),
    "duty_callback": ("待回访", "To call back"),
    "duty_flagged": ("需人工查看", "Needs a look"),
    "duty_dead": ("未送达的通知：", "Alerts that could not be delivered:"),
    "duty_first": ("列出最早的", "the first"),
    "duty_holder": ("在谁手里", "Who holds it"),
    "duty_calm": ("现在没有需要处理的事项。", "Nothing needs anybody now."),
    "why": ("为什么", "Why"),
    "intake": ("受理登记", "Take a request in"),
    "intake_save": ("保存并受理", "Save and take in"),
    "intake_saved": ("已受理，系统正在处理。", "Taken in; the desk is at work on it."),
    "intake_next": ("登记下一件", "Take in the next one"),
    "order_unit": ("单位", "Unit"),
    "order_leads": ("主办", "lead"),
    "order_helps": ("协办", "co-handler"),
    "calling": ("回访", "Callback"),
    "calling_open": ("查看回访号码（记录在案）", "Show the number to call (it is recorded)"),
    "calling_name": ("称呼", "Name"),
    "calling_message": ("留言", "Message"),
    "calling_may": ("可以留言，内容须中性", "may be left, in neutral words"),
    "calling_may_not": ("不得留言", "none may be left"),
    "calling_note": ("暗语与注意", "Code word and cautions"),
    "calling_about": ("先确认接听的是本人；接听人不对时不得提及未成年人热线和诉求内容，只说打错了。", "Make sure first who answers. If it is somebody else, say nothing of the desk or the matter: a wrong number."),
    "closing_acts": ("此类事项办结须报告", "This kind closes only when it is reported that"),
    "sent_back_because": ("退回原因", "Sent back because"),
    "files": ("证据文件", "Evidence"),
    "file": ("文件", "File"),
    "files_about": ("照片、PDF、录音或录像，每个不超过 10 MB；加密留存，附带校验值。", "A photo, PDF, sound or film of up to 10 MB; kept sealed, with its checksum."),
    "file_send": ("上传", "Send"),
    "file_kept": ("已留存。", "It is kept."),
    "file_open": ("下载（记录在案）", "Download (it is recorded)"),
    "progress": ("查询进展", "How far is it?"),
    "progress_about": ("填写受理编号和查询码；来电时留了号码的，再填该号码后四位。", "Give the number and the code you were told; if you left a telephone number, its last four figures as well."),
    "progress_code": ("查询码", "Code"),
    "progress_last": ("号码后四位", "Last four figures of your number"),
    "progress_ask": ("查询", "Ask"),
    "progress_tell": ("请告知来电人查询码", "Tell the caller the code to ask with"),
    "reads": ("查阅记录", "Who read what"),
    "reads_all": ("全部查阅", "All reads"),
    "reads_at": ("时间", "When"),
    "reads_who": ("查阅人", "Who"),
    "reads_what": ("内容", "What"),
    "reads_why": ("目的", "Why"),
    "reads_refused": ("已拒绝", "refused"),
    "reads_none": ("尚无记录。", "Nobody has read anything yet."),
    "older": ("更早", "Older"),
    "glass_broken": ("破例查阅", "Broken glass"),
    "glass_why": ("理由", "Reason"),
    "glass_judged": ("审查", "Judged"),
    "glass_fine": ("正当", "Justified"),
    "glass_wrong": ("不当", "Not justified"),
    "glass_own": ("须由他人审查", "somebody else must judge it"),
    "glass_open": ("破例查阅此件", "Break the glass"),
    "glass_about": ("三十分钟内可读全部内容；班长立即收到通知并事后审查。", "All words are open to you for thirty minutes; the supervisor is told at once and judges it afterwards."),
    "not_mine": ("与我有利害关系，不再看到此件", "I have to do with this: keep me away from it"),
    "order_words": ("需要办理的内容", "What is to be handled"),
    "order_open_words": ("查看内容（记录在案）", "Open the words (it is recorded)"),
    "order_no_summary": ("派单摘要尚未写好；急件请凭编号致电 12345。", "Nobody has written the summary yet; if it is urgent, call 12345 with the number."),
    "order_words_about": ("只供办理此单；不得转给被反映的人或单位，不得打听报告人。", "For this order only. Never pass it to whom it is about, never ask who reported."),
    "safe_hours": ("安全时段", "Safe hours"),
    "duty_unwritten": ("待写派单摘要", "Summary for departments to write"),
    "summary_gaps": ("系统已略去", "Left out by the machine"),
    "summary_none": ("系统无法代拟，请按需要自行书写。", "The machine could not draft one: write what is needed yourself."),
    "order_over": ("此单已结束，无需再办。", "This order is over: nothing more to do."),
    "order_said": ("本单位已提交", "What your unit has said"),
    "order_waits": ("处理中", "being taken in"),
    "order_refused": ("未被采纳", "not taken"),
    "other_answers": ("其他操作", "Other answers"),
    "answers_now": ("可办事项", "What you can do"),
    "noted": ("已保存：", "Saved:"),
    "not_now": ("没有保存：此单目前不能这样办理。", "Nothing was saved: this order cannot be answered that way now."),
    "optional": ("可不填", "optional"),
    "clock_ok": ("计时中", "running"),
    "clock_warning": ("将到期", "near"),
    "clock_late": ("已超期", "late"),
    "clock_met": ("已按时", "in time"),
    "clock_missed": ("曾超期", "was late"),
    "answer_title": ("接口与命令行", "By API or command line"),
    "answer": (
        "请用本单位的密钥调用接口，或在工作台的机器上用命令行：",
        "Use your unit's key with the API, or the command line on the desk's machine:",
    ),
    "copy_title": ("抄送件", "Copy"),
    "copy_about": ("仅供知悉，由其他单位承办。", "For information only: another unit handles the order."),
    "copy_number": ("编号", "Number"),
    "copy_grade": ("等级", "Grade"),
    "copy_kind": ("事项", "Kind"),
    "copy_district": ("属地", "District"),
    "copy_status": ("状态", "Status"),
    "copy_received_at": ("受理时间（UTC）", "Received (UTC)"),
    "copy_due_at": ("时限（UTC）", "Due (UTC)"),
    "quality": ("数据核对", "Do the records agree"),
    "quality_tasks": ("待更正事项", "To be set right"),
    "quality_task": ("数据核对任务", "Reconciliation task"),
    "quality_what": ("问题", "What is wrong"),
    "quality_records": ("记录", "Records"),
    "quality_trend": ("每日结束时尚未更正的记录（近 30 日）", "Records not yet set right at the end of each day (30 days)"),
    "severity_block": ("阻止办结", "Blocks closing"),
    "severity_task": ("须更正", "To be set right"),
    "severity_note": ("提示", "Note"),
    "quality_runs": ("最近一次核对", "Last checks"),
    "quality_part": ("部分", "Part"),
    "quality_failed": ("不符 / 期望", "Fell short / expected"),
    "quality_checked": ("核对时间", "Checked at"),
    "quality_since": ("发现时间", "Found"),
    "quality_none": ("没有待更正事项。", "Nothing to be set right."),
    "quality_about": (
        "请在贵单位台账中更正，随下次报送自动核销，无需在此回复。",
        "Correct it in your own ledger: your next extract settles it, and nothing need be answered here.",
    ),
    "units": ("承办单位", "Units"),
    "units_about": (
        "在办与超期仅供参考：同等适合的单位之间据此选择，不因此越过应主办的单位。",
        "Load is for information: it chooses between units equally fit and never passes over the one in charge.",
    ),
    "open_orders": ("在办", "Open orders"),
    "overdue": ("超期", "Overdue"),
    "deputy": ("代办单位", "Deputy now"),
    "objections": ("异议（并列）", "Objections, side by side"),
    "objection_by": ("单位", "Unit"),
    "objection_reason": ("理由", "Reason"),
    "objection_evidence": ("证据编号", "Evidence"),
    "objection_suggests": ("建议单位", "Suggests"),
    "objection_outcome": ("裁定", "Ruling"),
    "objection_given_to": ("指定单位", "Given to"),
    "objection_adjudicator": ("裁定人", "Adjudicator"),
    "objection_arbiter": ("仲裁", "arbiter"),
    "suggestion": ("系统建议", "Suggestion"),
    "suggestion_open": ("查看诉求与系统建议（记入查阅日志）", "Read the request and the suggestion (logged)"),
    "suggestion_about": (
        "以下为系统建议，由您判定；查阅已记入日志。",
        "This is a suggestion, the ruling is yours; that you read it is in the access log.",
    ),
    "harm_chance": ("模型估计的侵害可能：", "Likelihood of harm, as the model reads it:"),
    "request_read": ("诉求（系统读到的文字）", "The request, as the machine reads it"),
    "marks_about": (
        "实底为命中的提示词，下划线为模型认为最可疑的一段。信号：",
        "Filled: words that are cues. Underlined: the passage that reads most like harm. Signals:",
    ),
    "likely_kinds": ("可能的事项", "Likely kinds"),
    "missing_title": ("没有内容", "Nothing here"),
    "missing": (
        "这个链接没有可显示的内容：可能有误，或承办单已不在本单位。",
        "This link shows nothing: it may be mistyped, or the order is no longer with your unit.",
    ),
    "api_title": ("接口说明", "The API"),
    "api_about": (
        "每次写入都要带 Idempotency-Key；机器可读的说明在 /openapi.json。",
        "Every write carries an Idempotency-Key. The description for machines is at /openapi.json.",
    ),
    "roles": ("角色", "Roles"),
    "fields": ("字段", "Fields"),
    "required": ("必填", "required"),
    "example": ("示例", "Example"),
}


@dataclass(frozen=True)
class Words:
    """All words of a page in one language."""

    language: Language

    @property
    def other(self) -> Language:
        """The language to switch to."""
        return Language.EN if self.language is Language.ZH else Language.ZH

    def pick(self, pair: tuple[str, str]) -> str:
        """The one of (Chinese, English) that this page shows."""
        return pair[0] if self.language is Language.ZH else pair[1]

    def __getitem__(self, name: str) -> str:
        return self.pick(TEXTS[name])

    def status(self, status: Status) -> str:
        """The name of a status."""
        return self.pick(STATUS_WORDS[status])

    def grade(self, grade: Grade) -> str:
        """The name of a grade."""
        return self.pick(GRADE_WORDS[grade])

    def doubt(self, doubt: Doubt) -> str:
        """Why the machine leaves it to a person."""
        return self.pick(DOUBT_WORDS[doubt])

    def flag(self, flag: Flag) -> str:
        """The name of a flag."""
        return self.pick(FLAG_WORDS[flag])

    def waits(self, row: CaseRow) -> str:
        """What a case waits for and, if its message does not say it, until when."""
        if row.wake_at is None or not row.waiting_for or "until" in row.waiting_for:
            return row.waiting_for
        return f"{row.waiting_for} {self['until']} {local_time(row.wake_at)}"


def local_time(at: datetime | None) -> str:
    """A moment on the desk's wall clock, to the minute; empty for None."""
    return at.astimezone(DESK_ZONE).strftime("%Y-%m-%d %H:%M") if at else ""


def language_of(asked: str | None, accepted: str | None) -> Language:
    """The language asked for in the address, else the first one the browser accepts that we speak."""
    if asked in (Language.ZH, Language.EN):
        return Language(asked)
    for each in (accepted or "").split(","):
        spoken = each.strip()[:2].lower()
        if spoken in (Language.ZH, Language.EN):
            return Language(spoken)
    return Language.ZH
