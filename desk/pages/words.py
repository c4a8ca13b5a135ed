"""The words of the desk's pages; their Chinese is in `desk/locale/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from catalogue.schema import Department
from desk.boards.case_pages import CaseRow
from desk.pages.board_words import BOARD_TEXTS
from desk.pages.translation import N_, NC_, Said, say
from desk.pages.waiting_words import waiting_words
from models.vocabulary import Doubt, Flag, Grade, Status
from models.wall_clock import due_on, moment_on
from notifications.messages import Language
from tasks.story.state import is_graded
from tasks.story.values import CaseStory

STATUS_WORDS: dict[Status, Said] = {
    Status.RECEIVED: N_("Received"),
    Status.SCREENED: N_("Screened"),
    Status.ANSWERED: N_("Answered"),
    Status.CHANNEL_TOLD: N_("Not dispatched"),
    Status.LINKED: N_("Linked"),
    Status.NEEDS_REVIEW: N_("Needs review"),
    Status.DISPATCHED: N_("Dispatched"),
    Status.ACCEPTED: N_("Accepted"),
    Status.IN_PROGRESS: N_("In progress"),
    Status.DISPUTED: NC_("disputed", "Disputed"),
    Status.EXTENSION_ASKED: N_("Extension asked"),
    Status.REPLIED: N_("Replied"),
    Status.REWORK: N_("Rework"),
    Status.HUNG_UP: NC_("hung_up", "Hung up"),
    Status.CALLBACK: NC_("callback", "Callback"),
    Status.CLOSED: N_("Closed"),
    Status.REOPENED: N_("Reopened"),
    Status.SEALED: N_("Sealed"),
}
"""Every status is a key."""

GRADE_WORDS: dict[Grade, Said] = {
    Grade.U0: N_("Danger now"),
    Grade.U1: N_("Urgent"),
    Grade.U2: N_("Pressing"),
    Grade.U3: N_("General"),
    Grade.U4: N_("Difficult"),
    Grade.UC: N_("Consultation"),
}
"""Every grade is a key."""

FLAG_WORDS: dict[Flag, Said] = {
    Flag.RUN_CANCELLED: N_("Run cancelled"),
    Flag.ACTIVATION_FAILS: N_("Activation fails"),
    Flag.RULES_DO_NOT_FIT: N_("Rules do not fit"),
    Flag.CLOSURE_BLOCKED: N_("Closure blocked"),
}
"""Every flag is a key."""

DOUBT_WORDS: dict[Doubt, Said] = {
    Doubt.LOW_CONFIDENCE: N_("not certain"),
    Doubt.SCREENS_DISAGREE: N_("cues and model disagree"),
    Doubt.CANNOT_CLASSIFY: N_("cannot be classified"),
}
"""Every doubt is a key."""

TEXTS: dict[str, Said] = {
    "title": N_("Minors-protection desk"),
    "cases": N_("cases"),
    "by_status": N_("By status"),
    "by_grade": N_("By grade"),
    "newest": N_("Newest 50 cases"),
    "number": N_("Number"),
    "grade": N_("Grade"),
    "kind": N_("Kind"),
    "status": N_("Status"),
    "lead": N_("Lead"),
    "waits": N_("Waits for"),
    "until": N_("until"),
    "flag": N_("Flag"),
    "run": N_("Run"),
    "none": N_("No cases yet."),
    "no_case": N_("There is no such number."),
    "times": N_("Beijing time"),
    "language": N_("中文"),
    "api": N_("API"),
    "clocks": N_("Clocks"),
    "due": N_("Due"),
    "state": N_("State"),
    "decisions": N_("Decisions and reasons"),
    "events": N_("What happened"),
    "back": N_("Back"),
    "sign_in_title": N_("Sign in"),
    "sign_in": N_("Your name and password; supervisors and administrators also the code of their device. On a new desk: no name, and an API key as the password."),
    "sign_in_wrong": N_("Not signed in: check name, password and code. Several wrong tries lock the account for a while."),
    "account_browsers": N_("Where you are signed in"),
    "account_browsers_about": N_("Each ends after an hour without use, and after twelve in all. If one is not yours, sign out everywhere and change the password."),
    "account_begun": N_("Signed in"),
    "account_seen": N_("Last used"),
    "account_this": N_("this one"),
    "sign_out_everywhere": N_("Sign out everywhere"),
    "text_in_full": N_("What was said, in full"),
    "text_told": N_("What is told"),
    "text_answer": N_("Answered on the call"),
    "text_later": N_("Said later"),
    "text_masked": N_("Numbers and the names of the people in the case are masked in it."),
    "people": N_("People"),
    "people_about": N_("Who they are is masked. Seeing it in full needs a purpose, and is a read of its own on record."),
    "person_reporter": N_("Caller"),
    "person_child": N_("Child"),
    "person_suspect": N_("Whom it is about"),
    "person_why": N_("What for"),
    "person_full": N_("Show in full"),
    "person_none": N_("There is nothing here for you to see."),
    "person_logged": N_("This look is on record. What for:"),
    "oidc_go": N_("Sign in with the house's account"),
    "oidc_about": N_("Leads to the house's own sign-in page, and back here afterwards."),
    "oidc_failed": N_("Not signed in. Try again; if that does not help, ask the administrator about your account."),
    "account_code": N_("Confirm"),
    "account_code_about": N_("The house's sign-in asked for one factor only. Give the code of your device."),
    "sign_in_name": NC_("sign_in_name", "Name"),
    "sign_in_password": N_("Password"),
    "sign_in_code": N_("Code (6 figures)"),
    "sign_in_go": N_("Sign in"),
    "sign_out": N_("Sign out"),
    "account": N_("My account"),
    "account_password": N_("Change the password"),
    "account_must_change": N_("You have a first password, which somebody else has seen: choose one that only you know."),
    "account_old": N_("Present password"),
    "account_new": N_("New password"),
    "account_rules": N_("12 to 200 characters, at least 6 of them different, without your name in it. Four words are easy to keep in mind."),
    "account_first": N_("Until this is done, no other page opens; then you come to the one you wanted."),
    "account_again": N_("Once more"),
    "account_device": N_("Set the device up"),
    "account_device_about": N_("Let an authenticator app read the picture, or type the secret below it into the app; then type the code that it shows. Both are shown only now."),
    "account_picture": N_("The secret as a QR code"),
    "account_wrong_old": N_("The present password is not right."),
    "account_wrong_again": N_("The two new passwords differ."),
    "account_wrong_too_short": N_("The new password is too short: give 12 characters or more."),
    "account_wrong_too_long": N_("The new password is too long: give 200 characters at most."),
    "account_wrong_has_name": N_("Your name stands in the new password: leave it out."),
    "account_wrong_repeats": N_("The new password repeats the same characters: use at least 6 different ones."),
    "other_role": N_("This page is for other roles"),
    "other_role_signed_in": N_("You are signed in as"),
    "other_role_key": N_("This key has the role of"),
    "other_role_for": N_("The page is for:"),
    "other_role_ask": N_("If you need what stands on it, ask:"),
    "other_role_about": N_("Roles are given by the administrator. Nothing here says whether what you asked for is there."),
    "other_role_start": N_("To your own first page"),
    "account_wrong_code": N_("The code is not right, or was used before."),
    "account_wrong_no_account": N_("Signed in with an API key: there is no personal account."),
    "order_title": N_("Order"),
    "order_now": N_("Asked now"),
    "order_no_caller": N_("Who called is not passed on to you, so speaking to the caller is not asked of you. To know more, call 12345 with the number: the desk asks the caller."),
    "not_graded": N_("not graded yet"),
    "clock_of": N_("Whose time"),
    "the_desk": N_("The desk"),
    "everybody": N_("All units on it"),
    "record": N_("For the record: rules, versions and codes"),
    "record_about": N_("What each decision was made by, for whoever checks it; nothing here has to be read to handle the case."),
    "order_desk_only": N_("In matters of this kind only the desk speaks to the caller: who called is not passed on to you, and speaking to the caller is not asked of you. To know more, call 12345 with the number."),
    "not_told": N_("The unit in charge is not told who called"),
    "police_report": N_("Mandatory report to the police"),
    "receipt_number": N_("receipt"),
    "duty_more": N_("and {count} more limits"),
    "order_no_caller_helper": N_("Who called is not passed on to a co-handler, and speaking to the caller is not asked of you. To know more, ask the lead unit, or call 12345 with the number: the desk asks the caller."),
    "order_no_objection": N_("Objections are raised by the lead unit only. If a part of it is not your unit's to do, say so, and why, in your answer; the lead unit and the desk see to it."),
    "house_coming": N_("recorded, being taken in"),
    "calling_usual": N_("Usual hours:"),
    "calling_anyway": N_("It cannot wait: show the number all the same (it is recorded)"),
    "calling_record": N_("Record what the call found"),
    "bars_stretched": N_("Short limits are drawn wider: order and meeting points are true, lengths are not."),
    "order_by": NC_("order_by", "by"),
    "duty": N_("Duty board"),
    "duty_danger": N_("Danger and urgent"),
    "duty_late": N_("Late"),
    "duty_near": N_("Due within 4 hours"),
    "duty_disputed": N_("Objections to decide"),
    "duty_transfer": N_("Transfers to decide"),
    "duty_extension_asked": N_("More time asked"),
    "duty_needs_review": N_("To review"),
    "duty_callback": N_("To call back"),
    "duty_approval": N_("Closing to decide"),
    "duty_follow_up": N_("To look at again after closing"),
    "close_reason": N_("Closed because"),
    "follow_ups": N_("Looks after closing"),
    "follow_up_planned": N_("planned"),
    "follow_up_asked": N_("asked for"),
    "follow_up_done": N_("recorded"),
    "follow_up_skipped": N_("dropped"),
    "follow_up_overdue": N_("overdue"),
    "duty_flagged": N_("Needs a look"),
    "duty_first": N_("the first"),
    "duty_holder": N_("Who holds it"),
    "duty_calm": N_("Nothing needs anybody now."),
    "why": N_("Why"),
    "call_type": N_("Type of call"),
    "intake": N_("Take a request in"),
    "intake_save": N_("Save and take in"),
    "intake_saved": N_("Taken in; the desk is at work on it."),
    "knowledge": N_("Knowledge base"),
    "intake_next": N_("Take in the next one"),
    "order_unit": N_("Unit"),
    "order_leads": N_("lead"),
    "order_helps": N_("co-handler"),
    "calling": N_("Callback"),
    "calling_open": N_("Show the number to call (it is recorded)"),
    "calling_name": NC_("calling_name", "Name"),
    "calling_message": N_("Message"),
    "calling_may": N_("may be left, in neutral words"),
    "calling_may_not": N_("none may be left"),
    "calling_note": N_("Code word and cautions"),
    "calling_about": N_("Make sure first who answers. If it is somebody else, say nothing of the desk or the matter: a wrong number."),
    "closing_acts": N_("This kind closes only when it is reported that"),
    "closing_acts_helper": N_("The lead unit has to report this; if your unit did a part of it, tick it in your answer"),
    "sent_back_because": N_("Sent back because"),
    "files": N_("Evidence"),
    "file": N_("File"),
    "files_about": N_("A photo, PDF, sound or film of up to 10 MB; kept sealed, with its checksum."),
    "file_send": N_("Send"),
    "file_kept": N_("It is kept."),
    "file_open": N_("Download (it is recorded)"),
    "progress": N_("How far is it?"),
    "progress_about": N_("Give the number and the code you were told; if you left a telephone number, its last four figures as well."),
    "progress_code": N_("Code"),
    "progress_last": N_("Last four figures of your number"),
    "progress_needed": N_("needed if you left a number"),
    "progress_ask": N_("Ask"),
    "progress_tell": N_("Tell the caller the number of the case and this code; at /progress they ask with both, and with the last four figures of the number they left"),
    "reads": N_("Who read what"),
    "reads_all": N_("All reads"),
    "reads_at": N_("When"),
    "reads_who": N_("Who"),
    "reads_what": N_("What"),
    "reads_why": NC_("reads_why", "Why"),
    "reads_refused": N_("refused"),
    "reads_warned": N_("warned of the hour; not shown"),
    "reads_warned_shown": N_("shown after a warning of the hour"),
    "reads_none": N_("Nobody has read anything yet."),
    "older": N_("Older"),
    "glass_broken": N_("Broken glass"),
    "glass_why": N_("Reason"),
    "glass_judged": N_("Judged"),
    "glass_fine": N_("Justified"),
    "glass_wrong": N_("Not justified"),
    "glass_own": N_("somebody else must judge it"),
    "glass_open": N_("Break the glass"),
    "glass_unfold": N_("Break the glass: read what your role does not, on record and judged afterwards"),
    "glass_about": N_("All words are open to you for thirty minutes; the supervisor is told at once and judges it afterwards."),
    "not_mine": N_("I have to do with this: keep me away from it"),
    "order_words": N_("What is to be handled"),
    "order_open_words": N_("Open the words (it is recorded)"),
    "order_no_summary": N_("Nobody has written the summary yet; if it is urgent, call 12345 with the number."),
    "order_last_answer": N_("Your last answer stands in the form below: correct it and send it again."),
    "order_last_answer_closed": N_("Open the words to have your last answer in this form again."),
    "order_words_about": N_("For this order only. Never pass it to whom it is about, never ask who reported."),
    "safe_hours": N_("Safe hours"),
    "duty_unwritten": N_("Summary for the departments to write"),
    "summary_gaps": N_("Left out by the machine"),
    "summary_left_out": N_("Clauses left out because they tell of the caller: {count}"),
    "move_grave": N_("Danger and urgent orders are among them; look at each before it moves"),
    "gaps_at_saving": N_("The machine's draft for the departments will leave out what tells of the caller (clauses: {count}). If they need what stands there, write the summary yourself."),
    "gaps_no_draft": N_("The machine can write no draft of this for the departments: write the summary yourself."),
    "gaps_for_person": N_("Departments will read nothing of this until a person has written the summary. A draft to begin with stands on the page that shows the request; nobody else sees it."),
    "gaps_left_out": N_("What departments read is the machine's draft, without what tells of the caller (clauses: {count}). If they need what stands there, write the summary yourself."),
    "gaps_unwritten": N_("Departments have no summary to read yet: write it. If the machine could make a draft, it stands on the page that shows the request."),
    "summary_unseen": N_("Only a draft: departments read nothing until you have saved it."),
    "summary_coming": N_("The summary is saved and being taken in."),
    "summary_none": N_("The machine could not draft one: write what is needed yourself."),
    "order_said": N_("What your unit has said"),
    "order_waits": N_("being taken in"),
    "order_refused": N_("not taken"),
    "order_sent_back": N_("sent back: no feedback"),
    "other_answers": N_("Other answers"),
    "answers_now": N_("What you can do"),
    "noted": N_("Saved:"),
    "not_now": N_("Nothing was saved: this order cannot be answered that way now."),
    "optional": N_("optional"),
    "clock_ok": N_("running"),
    "clock_warning": N_("near"),
    "clock_late": N_("late"),
    "clock_met": N_("in time"),
    "clock_missed": N_("was late"),
    "clock_void": N_("no longer asked"),
    "answer_title": N_("By API or command line"),
    "answer": N_("Use your unit's key with the API, or the command line on the desk's machine:"),
    "copy_title": N_("Copy"),
    "copy_about": N_("For information only: another unit handles the order."),
    "copy_number": N_("Number"),
    "copy_grade": N_("Grade"),
    "copy_kind": N_("Kind"),
    "copy_district": N_("District"),
    "copy_status": N_("Status"),
    "copy_received_at": N_("Received (Beijing time)"),
    "copy_due_at": N_("Due (Beijing time)"),
    "reports": NC_("document", "Reports"),
    "trends": N_("Trends and issues"),
    "reports_issued": N_("Reports issued"),
    "reports_about": N_("As they were issued. Small counts are held back; numbers once told are never changed."),
    "reports_time": N_("Time it is about"),
    "reports_sort": N_("Sort of report"),
    "reports_unit": NC_("report", "About"),
    "reports_revision": N_("Revision"),
    "reports_at": N_("Issued at"),
    "reports_city": N_("The whole city"),
    "reports_daily": N_("Daily brief"),
    "reports_weekly": N_("Weekly report"),
    "reports_monthly": N_("Monthly research report"),
    "reports_none": N_("No report has been issued yet."),
    "reports_unknown": N_("There is no such report, or it is not for you."),
    "proactive": N_("Proactive orders"),
    "topics": N_("Topics of the month"),
    "quality": N_("Do the records agree"),
    "quality_tasks": N_("To be set right"),
    "quality_task": N_("Reconciliation task"),
    "quality_what": N_("What is wrong"),
    "quality_records": N_("Records"),
    "quality_trend": N_("Records not yet set right at the end of each day (30 days)"),
    "severity_block": N_("Blocks closing"),
    "severity_task": NC_("severity_task", "To be set right"),
    "severity_note": N_("Note"),
    "quality_runs": N_("Last checks"),
    "quality_part": N_("Part"),
    "quality_failed": N_("Fell short / expected"),
    "quality_checked": N_("Checked at"),
    "quality_since": N_("Found"),
    "quality_none": N_("Nothing to be set right."),
    "quality_about": N_("Correct it in your own ledger: your next extract settles it, and nothing need be answered here."),
    "units": N_("Units"),
    "units_about": N_("Load is for information: it chooses between units equally fit and never passes over the one in charge."),
    "overdue": N_("Overdue"),
    "deputy": N_("Deputy now"),
    "objections": N_("Objections, side by side"),
    "objection_by": N_("Unit"),
    "objection_reason": N_("Reason"),
    "objection_evidence": NC_("objection_evidence", "Evidence"),
    "objection_suggests": NC_("objection_suggests", "Suggests"),
    "objection_outcome": N_("Ruling"),
    "objection_given_to": N_("Given to"),
    "objection_adjudicator": N_("Adjudicator"),
    "objection_arbiter": N_("arbiter"),
    "suggestion": N_("Suggestion"),
    "suggestion_open": N_("Read the request, what was said since, and the suggestion (logged)"),
    "said_since": N_("What was said since, the latest first"),
    "asked_by": N_("What was asked"),
    "last_answer": N_("The last answer"),
    "suggestion_about": N_("This is a suggestion, the ruling is yours; that you read it is in the access log."),
    "harm_chance": N_("Likelihood of harm, as the model reads it:"),
    "request_read": N_("The request, as the machine reads it"),
    "marks_about": N_("Filled: words that are cues. Underlined: the passage that reads most like harm. Signals:"),
    "likely_kinds": N_("Likely kinds"),
    "likely": N_("How likely"),
    "mark_passage": N_("the passage that reads most like harm"),
    "nothing_here": N_("There is nothing at this address. It may be mistyped, or it is reached by a button only."),
    "missing_title": N_("Nothing here"),
    "missing": N_("This link shows nothing: it may be mistyped, or the order is no longer with your unit."),
    "api_title": N_("The API"),
    "api_about": N_("Every write carries an Idempotency-Key. The description for machines is at /openapi.json."),
    "fields": N_("Fields"),
    "required": N_("required"),
    **BOARD_TEXTS,
}


@dataclass(frozen=True)
class Words:
    """All words of a page in one language."""

    language: Language

    @property
    def colon(self) -> str:
        """What stands between a name and what it names."""
        return "：" if self.language is Language.ZH else ": "

    @property
    def other(self) -> Language:
        """The language to switch to."""
        return Language.EN if self.language is Language.ZH else Language.ZH

    def pick(self, said: Said) -> str:
        """Marked words or a pair, in the language of this page."""
        return say(said, self.language)

    def __getitem__(self, name: str) -> str:
        return self.pick(TEXTS[name])

    def status(self, status: Status) -> str:
        """The name of a status."""
        return self.pick(STATUS_WORDS[status])

    def grade(self, grade: Grade) -> str:
        """The name of a grade."""
        return self.pick(GRADE_WORDS[grade])

    def is_graded(self, case: CaseRow | CaseStory) -> bool:
        """Whether the grade of a case was found yet."""
        return is_graded(case.status, case.kind)

    def doubt(self, doubt: Doubt) -> str:
        """Why the machine leaves it to a person."""
        return self.pick(DOUBT_WORDS[doubt])

    def flag(self, flag: Flag) -> str:
        """The name of a flag."""
        return self.pick(FLAG_WORDS[flag])

    def waiting(self, message: str, units: Mapping[str, Department]) -> str:
        """What the message of a parked case says."""
        return waiting_words(message, self.language, {code: (each.name_zh, each.name_en) for code, each in units.items()})

    def waits(self, row: CaseRow, units: Mapping[str, Department]) -> str:
        """What a case waits for and, if its message does not say it, until when."""
        told = self.waiting(row.waiting_for, units)
        if row.wake_at is None or not told or "until" in row.waiting_for:
            return told
        return f"{told} {self['until']} {local_time(row.wake_at)}"


def local_time(at: datetime | None) -> str:
    """A moment on the desk's wall clock, to the minute; empty for None."""
    return moment_on(at) if at else ""


def due_time(at: datetime | None) -> str:
    """When something runs out, on the same clock; midnight is 24:00 of the day it ends."""
    return due_on(at) if at else ""


def language_of(asked: str | None, accepted: str | None) -> Language:
    """The language asked for in the address, else the first one the browser accepts that we speak."""
    if asked in (Language.ZH, Language.EN):
        return Language(asked)
    for each in (accepted or "").split(","):
        spoken = each.strip()[:2].lower()
        if spoken in (Language.ZH, Language.EN):
            return Language(spoken)
    return Language.ZH
