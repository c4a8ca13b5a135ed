"""What the report recommends: the advice of the rules that hold, each with its rule, its numbers and its basis."""

from collections.abc import Iterator
from decimal import Decimal

from analysis.report.facts import Cadence, Unit
from analysis.report.names import Pair
from analysis.report.numbers import chinese, rounded, whole_or_one_place, written_value
from analysis.report.paper import Block, Heading, Listing, Num, Paragraph, Run, Runs, Text, Word
from analysis.report.recommendation_rules import Basis, Comparison, RecommendationRules
from analysis.report.recommending import Evidence, Fired, Subject, fired_rules
from analysis.report.writing.issues import owner, topic
from analysis.report.writing.records import text_of
from analysis.report.writing.season import SEASONS
from analysis.report.writing.writer import Writer, words_of_data

_MOST = {Cadence.DAILY: 3, Cadence.WEEKLY: 6, Cadence.MONTHLY: 20}
_MOST_SUBJECTS = 5
_COMPARED: dict[Comparison, Pair] = {
    Comparison.AT_LEAST: Pair("触发线：不低于", "from "),
    Comparison.ABOVE: Pair("触发线：高于", "above "),
    Comparison.AT_MOST: Pair("触发线：不高于", "down to "),
    Comparison.BELOW: Pair("触发线：低于", "below "),
}


def recommendations(w: Writer, rules: RecommendationRules) -> Iterator[Block]:
    """The chapter; a daily brief tells only the most urgent ones, and nothing if there are none."""
    fired = fired_rules(rules.rules, w.facts, w.school_year, int(w.constants["limit"]))[: _MOST[w.cadence]]
    if not fired:
        if w.cadence is not Cadence.DAILY:
            yield Heading(1, "", w.pick(Pair("工作建议", "Recommendations")))
            yield Paragraph(
                w.say(
                    Pair(
                        "{this}各项数据未触发建议规则，按常规推进。",
                        "No rule for advice holds {this}; work goes on as usual.",
                    )
                )
            )
        return
    yield Heading(1, "", w.pick(Pair("工作建议", "Recommendations")))
    if w.cadence is not Cadence.DAILY:
        yield Paragraph(
            w.say(
                Pair(
                    "以下建议由公开的规则根据本报告数据提出，供研究决策参考；每条注明规则、数据和依据。",
                    "These follow from published rules and the numbers of this report. Each names its rule, its numbers and its basis; whoever decides weighs them.",
                )
            )
        )
    yield Listing(tuple(_item(w, rules, each) for each in fired), ())


def _item(w: Writer, rules: RecommendationRules, fired: Fired) -> tuple[Runs, tuple[Runs, ...]]:
    rule = fired.rule
    given: dict[str, Run] = {}
    template = w.pick(Pair(rule.advice.zh, rule.advice.en))
    runs: list[Run] = []
    for at, part in enumerate(_split(template)):
        if at % 2 == 0:
            runs.append(Text(part))
        elif part == "season":
            runs.append(Text(w.pick(SEASONS[fired.season])))
        else:
            runs.extend(_subject_names(w, fired))
    given["to"] = Text(_addressed(w, fired))
    because: list[Runs] = [
        w.say(Pair("规则：{id}", "Rule: {id}"), id=words_of_data(rule.id, f"rule/{rule.id}/id"))
    ]
    because.extend(_evidence(w, each) for each in fired.evidence)
    if fired.begins:
        season = Text(w.pick(SEASONS[fired.season]))
        begins = w.day(fired.begins, f"rule/{rule.id}/begins")
        because.append(
            w.say(Pair("{season}自{begins}起", "{season}: from {begins}"), season=season, begins=begins)
        )
    for subject in fired.subjects[:_MOST_SUBJECTS]:
        name = _name(w, subject)
        parts = [_evidence(w, each) for each in subject.evidence if each.value is not None]
        because.extend((name, Text("："), *each) if w.is_zh else (name, Text(": "), *each) for each in parts)
        if not parts:
            because.append((name,))
    because.append((Text(_bases(w, rules, rule.basis)),))
    joined: list[Run] = [Text(w.pick(Pair("（", "(")))]
    for at, part_runs in enumerate(because):
        if at:
            joined.append(Text(w.pick(Pair("；", "; "))))
        joined.extend(part_runs)
    joined.append(Text(w.pick(Pair("）", ")"))))
    head = w.say(Pair("【{to}】", "[{to}] "), **given)
    return (*head, *runs), (tuple(joined),)


def _split(template: str) -> list[str]:
    """Text and the names of places in turns."""
    return template.replace("{", "\0").replace("}", "\0").split("\0")


def _subject_names(w: Writer, fired: Fired) -> Runs:
    runs = list(w.listed([_name(w, each) for each in fired.subjects[:_MOST_SUBJECTS]]))
    if len(fired.subjects) > _MOST_SUBJECTS:
        runs.append(Text(w.pick(Pair("等", " and others"))))
    return tuple(runs)


def _name(w: Writer, subject: Subject) -> Run:
    if subject.record is None:
        return Text(w.name(subject.dimension, subject.code))
    sort = subject.evidence[0].condition.record
    if sort == "issue":
        words = topic(w, "issue", subject.record)
        quoted = f"“{words.text}”" if w.is_zh else f'"{words.text}"'
        return Word(quoted, words.figure) if isinstance(words, Word) else Text(quoted)
    number = text_of(subject.record, "number")
    return words_of_data(number, f"{sort}/{number}/number")


def _addressed(w: Writer, fired: Fired) -> str:
    to = fired.rule.to
    if w.unit and to in ("LEADS", "OWNER"):
        return w.name("department", w.unit)
    if to == "LEADS":
        return w.pick(Pair("各主办单位", "Every lead unit"))
    if to == "OWNER":
        records = [each.record for each in fired.subjects if each.record and each.record.get("owner")]
        owners = list(dict.fromkeys(owner(w, each) for each in records))
        return ("、" if w.is_zh else ", ").join(owners) or w.pick(
            Pair("相关责任单位", "The units responsible")
        )
    return w.name("department", to)


def _evidence(w: Writer, each: Evidence) -> Runs:
    said = w.pick(Pair(each.condition.said.zh, each.condition.said.en))
    if each.value is None or each.threshold is None or each.condition.compare is None:
        return (Text(said),)
    line = Text(w.pick(_COMPARED[each.condition.compare]))
    opened, closed = (Text(w.pick(pair)) for pair in (Pair("（", " ("), Pair("）", ")")))
    value, threshold = (
        Num(_number(w, each, each.value), each.path),
        Num(_number(w, each, each.threshold), each.against),
    )
    return (Text(f"{said} "), value, opened, line, threshold, closed)


def _number(w: Writer, each: Evidence, value: Decimal) -> str:
    condition = each.condition
    if condition.over:
        return f"{rounded(value, 1)}%"
    if condition.record:
        return f"{rounded(value * 100, 0)}%" if condition.field == "growth" else whole_or_one_place(value)
    found = w.figure(each.path.partition(" - ")[0])
    unit = found.unit if found else Unit.CASES
    if condition.minus and unit is Unit.PERCENT:
        return rounded(value, 2)
    return written_value(
        value, unit, w.language, 2 if each.path.startswith("rates.") and unit is Unit.PERCENT else None
    )


def _bases(w: Writer, rules: RecommendationRules, bases: tuple[Basis, ...]) -> str:
    """The articles as an office cites them; those of one law together."""
    by_law: dict[str, list[int]] = {}
    for each in bases:
        by_law.setdefault(each.law, []).append(each.article)
    cited = []
    for law, articles in by_law.items():
        name, numbers = (
            w.pick(Pair(rules.laws[law].zh, rules.laws[law].en)),
            [each for each in articles if each],
        )
        if w.is_zh:
            cited.append(name + "、".join(f"第{chinese(each)}条" for each in numbers))
        else:
            cited.append(name + (f", art. {', '.join(map(str, numbers))}" if numbers else ""))
    return w.pick(Pair("依据：", "basis: ")) + ("、" if w.is_zh else "; ").join(cited)
