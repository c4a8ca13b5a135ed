"""Living through a scenario: each moment played on a desk, every promise checked after it."""

from collections import Counter

from models.exchange import Notice
from models.grades import GRAVITY
from models.record import Clock
from models.transitions import IS_OPEN
from models.vocabulary import NoticeState, Target
from tasks.news.inbox import CaseNotFoundError, NewsNotAllowedError
from tests.harness.desk_on_paper import DeskOnPaper
from tests.harness.living_desk import LivingDesk
from tests.harness.scenario import Expected, Moment, Scenario
from tests.harness.times import ZONE, moment

TURNED_AWAY = {each.__name__: each for each in (CaseNotFoundError, NewsNotAllowedError)}


def live_through(desk: LivingDesk, scenario: Scenario) -> dict[str, str]:
    """Play every moment; the numbers of the cases by their names in the scenario."""
    labels: dict[str, str] = {}
    desk.now = moment(scenario.life[0].at)
    for each in scenario.life:
        play(desk, each, labels)
        desk.run_due()
        for name, expected in each.expected().items():
            where = f"{each.at}, {name}: "
            problems = [where + problem for problem in differences(desk, labels[name], expected)]
            assert not problems, "\n".join(problems)
        for label in labels.values():
            check_promises(desk, label)
    return labels


def play(desk: DeskOnPaper, each: Moment, labels: dict[str, str]) -> None:
    """Let time pass up to a moment, then let everybody say what they say."""
    if each.down:
        desk.jump(moment(each.at))
    else:
        desk.advance(moment(each.at))
    if each.intake is not None:
        same = each.intake.get("same_matter_as")
        linked = {"same_matter_as": labels[same]} if same else {}
        labels[each.case] = desk.take_in(**{**each.intake, **linked})
    for kind, form in each.says.items():
        assert each.who, "somebody must say it"
        for who in each.who.split():
            try:
                desk.say(labels[each.case], kind, who, **form)
            except tuple(TURNED_AWAY.values()) as error:
                assert type(error).__name__ == each.cannot
            else:
                assert each.cannot is None, f"{kind} should have been turned away"


def differences(desk: LivingDesk, label: str, expected: Expected) -> list[str]:
    """Where the case is not as expected, in words."""
    case = desk.case(label)
    standing = desk.departments(label)
    found = {
        "status": case.status, "outcome": case.outcome, "grade": case.grade, "kind": case.kind,
        "safety": case.safety, "callback": case.callback_class, "flag": case.flag or "none",
        "cycle": case.cycle, "waits": case.waiting_for,
        "lead": next((unit for unit, leads in standing.items() if leads), None),
        "co_handlers": sorted(unit for unit, leads in standing.items() if not leads),
        "breached": sorted(each.target for each in desk.rows(Clock, label) if each.breached_at),
        "refused": desk.refused(label),
    }  # fmt: skip
    wanted = {name: getattr(expected, name) for name in found if getattr(expected, name) is not None}
    for name in ("co_handlers", "breached"):
        if name in wanted:
            wanted[name] = sorted(wanted[name])
    problems = [f"{name} is {found[name]!r}, not {want!r}" for name, want in wanted.items() if found[name] != want]
    problems += [f"tag {tag} is missing" for tag in set(expected.tags) - set(desk.run(label).tags)]
    problems += [f"{what} did not happen" for what in set(expected.happened) - {*desk.events(label)}]
    return problems + _of_alerts(desk, label, expected) + _of_clocks(desk, label, expected)


def _of_alerts(desk: LivingDesk, label: str, expected: Expected) -> list[str]:
    told = Counter({f"{who}.{ask}": times for (who, ask), times in desk.told(label).items()})
    problems = [
        f"{what} was told {told[what]} times, not {times}"
        for what, times in expected.told.items()
        if told[what] != times
    ]
    heard = set(told) | {each.split(".")[0] for each in told}
    return problems + [f"{each} was told" for each in set(expected.never_told) & heard]


def _of_clocks(desk: LivingDesk, label: str, expected: Expected) -> list[str]:
    problems = []
    for superseded, wanted in ((False, expected.fired), (True, expected.passed_over)):
        for target, levels in wanted.items():
            found = desk.levels(label, target, superseded=superseded)
            if found != levels:
                problems.append(f"{target}: levels {found}, not {levels} (passed over: {superseded})")
    decisions = desk.decisions(label)
    problems += [
        f"{key} was decided {decisions.get(key)}, not {outcome}"
        for key, outcome in expected.decided.items()
        if decisions.get(key) != outcome
    ]
    return problems + [
        f"{target} is due {due}, not {moment_due}"
        for target, moment_due in expected.due.items()
        if (due := _due(desk, label, target)) != moment_due
    ]


def _due(desk: LivingDesk, label: str, target: Target) -> str:
    last = [each for each in desk.rows(Clock, label) if each.target is target][-1]
    return f"{last.due_at.astimezone(ZONE):%a %Y-%m-%d %H:%M}"


def check_promises(desk: LivingDesk, label: str) -> None:
    """What is true of every case at every rest, whatever its life."""
    case, run = desk.case(label), desk.run(label)
    state = desk.state(label)
    assert case.failures == 0, f"{label}: an activation failed"
    assert case.lease_owner is None
    assert [each.id for each in desk.runs(label)] == [run.id], "a case has one run for life"
    assert len(desk.artifacts(label)) == 1, "and one artifact"
    assert desk.broken_chains() == []
    assert run.name == label
    if IS_OPEN[case.status]:
        assert (state.type, state.name, state.message) == ("PAUSED", "Suspended", case.waiting_for)
        assert case.wake_at is not None
        assert case.wake_at > desk.now
    else:
        assert state.type == "COMPLETED"
    tags = set(run.tags)
    assert {f"status:{case.status.lower().replace('_', '-')}", f"grade:{case.grade}"} <= tags
    assert {f"dept:{each}" for each in desk.departments(label)} == {t for t in tags if t.startswith("dept:")}
    assert case.grade in GRAVITY
    _check_alerts_left_once(desk, label)


def _check_alerts_left_once(desk: LivingDesk, label: str) -> None:
    left = Counter(each["id"] for each in desk.alerts())
    assert [each for each, times in left.items() if times > 1] == []
    notices = desk.rows(Notice, label)
    assert {each.state for each in notices} <= {NoticeState.SENT, NoticeState.SUPERSEDED}
    sent = {each.dedupe_key for each in notices if each.state is NoticeState.SENT}
    assert sent <= set(left), "an alert that counts as sent never left"
