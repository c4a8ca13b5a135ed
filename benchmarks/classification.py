"""How well the desk reads messages: harm, urgency, kind, department, and how many go to a person.

`python -m benchmarks.classification --messages FILE --labels FILE [--json [FILE]]` judges labelled
messages as a case would be judged; `--risk FILE` short utterances of risk; `--held-out` our own
texts kept apart. Nothing is learned from any of them, and no word of them is printed.
"""

import argparse
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.messages import Labelled, MessagesError, labelled_messages
from benchmarks.scores import binary, calibration_error, kind_scores
from catalogue.loader import Catalogue, load_catalogue
from classifier.corpus_files import held_out_examples
from classifier.delivered import delivered_reader
from classifier.model_file import ModelFileError, read_model
from classifier.reader import Reader
from models.grades import SAFETY_GRADES
from models.vocabulary import Grade
from tasks.classifying.judgement import Judgement, judge
from tasks.classifying.screening import KnownFacts

OUTSIDE = "X06"
ELSEWHERE = "其他"
UNRELATED = "与自杀/自伤/攻击行为无关"
WORST = 20
CHILD = KnownFacts(child_under_14=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """One message, what people made of it and what the desk made of it."""

    truth: Labelled
    said: Judgement
    leads: tuple[str, ...]

    @property
    def reviewed(self) -> bool:
        """Whether a person looks before anything is settled."""
        return self.said.classification.needs_review

    @property
    def harm(self) -> bool:
        """Whether harm is acted upon without a person's look."""
        return self.said.classification.harm and not self.reviewed

    @property
    def urgent(self) -> bool:
        """Whether the case runs as U0 or U1 without a person's look."""
        return self.said.classification.grade in SAFETY_GRADES and not self.reviewed

    @property
    def kind(self) -> str:
        """The kind said; the labelled one if the one said is acceptable too."""
        said = self.said.classification.kind
        return self.truth.kind if said in self.truth.kinds else said

    @property
    def urgent_in_truth(self) -> bool:
        """Whether people gave U0 or U1."""
        return Grade(self.truth.grade) in SAFETY_GRADES


def answers_to(messages: Sequence[Labelled], reader: Reader | None, catalogue: Catalogue) -> list[Answer]:
    """Every message judged."""
    judged = ((each, judge(each.text, catalogue, reader)) for each in messages)
    return [Answer(each, said, leads_of(said, catalogue)) for each, said in judged]


def leads_of(said: Judgement, catalogue: Catalogue) -> tuple[str, ...]:
    """Short Chinese names of up to three departments that may lead, likeliest first."""
    found = said.classification
    likely = [code for code, _ in said.reading.kinds] if said.reading else []
    leads = [catalogue.kinds[code].lead for code in (found.kind, *found.also, *likely) if code in catalogue.kinds]
    names = [catalogue.departments[each].name_zh if each else ELSEWHERE for each in leads]
    return tuple(dict.fromkeys(names))[:3]


def figures_of(answers: Sequence[Answer]) -> dict[str, Any]:
    """The figures by their dotted names."""
    harm = binary((each.truth.harm, each.harm) for each in answers)
    urgent = binary((each.urgent_in_truth, each.urgent) for each in answers)
    inside = [each for each in answers if each.truth.in_scope]
    macro, weighted = kind_scores([each.truth.kind for each in answers], [each.kind for each in answers])
    chances = [
        (each.said.reading.confidence, each.said.reading.kinds[0][0] in each.truth.kinds)
        for each in answers
        if each.said.reading
    ]
    return {
        "messages": len(answers),
        "harm.count": harm.hit + harm.missed,
        "harm.recall": harm.recall,
        "harm.precision": harm.precision,
        "harm.caught_or_reviewed": _mean([each.harm or each.reviewed for each in answers if each.truth.harm]),
        "review_rate": _mean([each.reviewed for each in answers]),
        "u0u1.count": urgent.hit + urgent.missed,
        "u0u1.recall": urgent.recall,
        "u0u1.precision": urgent.precision,
        "u0u1.caught_or_reviewed": _mean([each.urgent or each.reviewed for each in answers if each.urgent_in_truth]),
        "in_scope.f1": binary((each.truth.in_scope, each.kind != OUTSIDE) for each in answers).f1,
        "lead.top1": _mean([each.truth.lead in each.leads[:1] for each in inside]),
        "lead.top3": _mean([each.truth.lead in each.leads for each in inside]),
        "kind.top1": _mean([each.kind == each.truth.kind for each in answers]),
        "kind.top3": _mean([_among_three(each) for each in answers]),
        "kind.macro_f1": macro,
        "kind.weighted_f1": weighted,
        "calibration.error": calibration_error(chances),
    }


def _among_three(answer: Answer) -> bool:
    said = answer.said
    likely = [code for code, _ in said.reading.kinds] if said.reading else list(said.classification.also)
    named = list(dict.fromkeys([said.classification.kind, *likely]))[:3]
    return not answer.truth.kinds.isdisjoint(named)


def confusion(answers: Sequence[Answer]) -> list[tuple[str, str, int]]:
    """Kind in truth, kind said, how often; the commonest confusions first."""
    pairs = Counter((each.truth.kind, each.kind) for each in answers if each.kind != each.truth.kind)
    return [(true, said, count) for (true, said), count in pairs.most_common()]


def worst_misses(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """The gravest mistakes: harm missed, then urgency, then false alarms, then kinds; with why."""
    ranked = sorted((_badness(each), each.truth.key, each) for each in answers if _badness(each))
    return [
        {
            "key": each.truth.key,
            "truth": f"{each.truth.kind} {each.truth.grade}{' harm' if each.truth.harm else ''}",
            "said": f"{each.said.classification.kind} {each.said.classification.grade}"
            f"{' harm' if each.harm else ''}{' to a person' if each.reviewed else ''}",
            "why": _why(each),
        }
        for _, _, each in ranked[:WORST]
    ]


def _badness(answer: Answer) -> int:
    """0 for a right answer, else 1 for the worst mistake and more for lesser ones."""
    if answer.truth.harm and not answer.harm:
        return 2 if answer.reviewed else 1
    if answer.urgent_in_truth and not answer.urgent:
        return 3
    if answer.harm and not answer.truth.harm:
        return 4
    if answer.truth.in_scope and answer.kind == OUTSIDE:
        return 5
    return 6 if answer.kind != answer.truth.kind else 0


def _why(answer: Answer) -> str:
    said = answer.said
    heard = ", ".join(said.screening.signals) or "no signal"
    learned = f"; model: harm {said.reading.harm:.2f}, {said.reading.kinds[0][0]}" if said.reading else ""
    doubts = f"; doubts: {', '.join(said.classification.doubts)}" if said.classification.doubts else ""
    return f"heard {heard}{learned}{doubts}"


def speed(texts: Sequence[str], reader: Reader | None, catalogue: Catalogue) -> float:
    """Texts judged a second on this one thread, after a first round that warms up."""
    for text in texts[:50]:
        judge(text, catalogue, reader)
    started = time.perf_counter()
    for text in texts:
        judge(text, catalogue, reader)
    return len(texts) / (time.perf_counter() - started)


def risk_figures(path: Path, reader: Reader | None, catalogue: Catalogue) -> dict[str, Any]:
    """Recall of the screen on short utterances, whole and by label; `flagged` acts, `caught` has a look too.

    The speakers' age is mostly unknown: each is screened as a child's words, as the desk's own
    channel for children would do.

    Raises:
        MessagesError: The file is not as described in its README.
    """
    try:
        rows = json.loads(path.read_text("utf-8"))
        pairs = [(row["text"], tuple(row["labels"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MessagesError(f"{path}: not a list of objects with text and labels ({type(error).__name__})") from None
    said = [judge(text, catalogue, reader, known=CHILD).classification for text, _ in pairs]
    at_risk = [labels != (UNRELATED,) for _, labels in pairs]
    flagged = [each.harm and not each.needs_review for each in said]
    caught = [each.harm or each.needs_review for each in said]
    by_label: dict[str, list[bool]] = {}
    for (_, labels), found in zip(pairs, caught, strict=True):
        for label in labels:
            by_label.setdefault(label, []).append(found)
    return {
        "risk.texts": len(pairs),
        "risk.recall": binary(zip(at_risk, flagged, strict=True)).recall,
        "risk.precision": binary(zip(at_risk, flagged, strict=True)).precision,
        "risk.caught_or_reviewed": binary(zip(at_risk, caught, strict=True)).recall,
        "risk.review_rate": _mean([each.needs_review for each in said]),
        "risk.caught_by_label": {label: [len(found), round(_mean(found), 3)] for label, found in sorted(by_label.items())},
    }


def _held_out() -> list[Labelled]:
    leads = {code: each.name_zh for code, each in load_catalogue().departments.items()}
    return [
        Labelled(
            each.id, each.text, each.kind != OUTSIDE, each.kind, frozenset(each.also), each.grade,
            leads.get(each.lead or "", ELSEWHERE), each.harm,
        )
        for each in held_out_examples()
    ]  # fmt: skip


def main() -> int:
    """Measure what was asked for and print it."""
    wanted = _arguments()
    try:
        figures, answers = _measure(wanted)
    except (MessagesError, ModelFileError) as error:
        print(error, file=sys.stderr)
        return 2
    if wanted.json == "-":
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return 0
    if wanted.json:
        Path(wanted.json).write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _print(figures, answers)
    return 0


def _measure(wanted: argparse.Namespace) -> tuple[dict[str, Any], list[Answer]]:
    catalogue = load_catalogue()
    reader = None if wanted.cues_only else read_model(wanted.model)[0] if wanted.model else delivered_reader()
    figures: dict[str, Any] = {"machine": describe_machine(), "model": reader.digest if reader else "cues only"}
    answers: list[Answer] = []
    if wanted.held_out or wanted.messages:
        messages = _held_out() if wanted.held_out else labelled_messages(wanted.messages, wanted.labels)
        answers = answers_to(messages, reader, catalogue)
        figures |= figures_of(answers)
        figures["texts_per_s"] = speed([each.text for each in messages], reader, catalogue)
        figures["confusion"] = confusion(answers)[:WORST]
        figures["worst_misses"] = worst_misses(answers)
    if wanted.risk:
        figures |= risk_figures(wanted.risk, reader, catalogue)
    figures["memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures, answers


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classification", description=__doc__)
    parser.add_argument("--messages", type=Path, help="CSV of messages: key, title, text")
    parser.add_argument("--labels", type=Path, help="CSV of labels: key, in_scope, kind, also, grade, lead, harm")
    parser.add_argument("--risk", type=Path, help="JSON list of short utterances with labels")
    parser.add_argument("--held-out", action="store_true", help="our own texts that nothing was learned from")
    parser.add_argument("--model", type=Path, help="a model file instead of the delivered one")
    parser.add_argument("--cues-only", action="store_true", help="without the learned model")
    parser.add_argument("--json", nargs="?", const="-", help="print JSON, or write it to this file")
    wanted = parser.parse_args()
    if bool(wanted.messages) != bool(wanted.labels):
        parser.error("--messages and --labels go together")
    if not (wanted.messages or wanted.risk or wanted.held_out):
        parser.error("nothing to measure: pass --messages and --labels, --risk or --held-out")
    return wanted


def _print(figures: dict[str, Any], answers: Sequence[Answer]) -> None:
    for name, value in figures.items():
        if isinstance(value, float):
            print(f"{name:28} {value:,.3f}")
        elif isinstance(value, (int, str)):
            print(f"{name:28} {value}")
    for label, (count, share) in figures.get("risk.caught_by_label", {}).items():
        print(f"  {label:20} {count:5} {share:.3f}")
    if answers:
        print("\nconfusion by kind (truth, said, times)")
        print("  " + "; ".join(f"{true}→{said} {count}" for true, said, count in figures["confusion"]))
        print("\nworst misses")
        for each in figures["worst_misses"]:
            print(f"  {each['key']:14} {each['truth']:14} said {each['said']:26} {each['why']}")


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
