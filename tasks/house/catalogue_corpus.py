"""What a catalogue's cues hear in our own texts of harm: a desk with few cases has nothing else to be warned by."""

from catalogue.loader import Catalogue
from classifier.corpus_files import Example, training_examples
from models.grades import SAFETY_GRADES
from models.rule_files import RuleFileError
from tasks.classifying.judgement import judge
from tasks.house.promotion import Report

MOST_NAMED = 20


def corpus_report(old: Catalogue, new: Catalogue) -> Report:
    """How many texts of harm the cues of each hear, and which only the old one does, by their ids.

    Cues alone: the model has learned these very texts and would hide what cues forget.
    """
    try:
        harmful = [each for each in training_examples() if each.harm]
    except RuleFileError:
        # The corpus has a check of its own; without it there is nothing to say here.
        harmful = []
    by_old, by_new = ({each.id for each in harmful if _hears(catalogue, each)} for catalogue in (old, new))
    forgotten = sorted(by_old - by_new)
    return {
        "texts": len(harmful),
        "heard_by_old": len(by_old),
        "heard_by_new": len(by_new),
        "forgotten": len(forgotten),
        "forgotten_ids": forgotten[:MOST_NAMED],
    }


def corpus_words(report: Report) -> str:
    """The report in one line; empty where there is no corpus."""
    if not report.get("texts"):
        return ""
    forgotten = f", {report['forgotten']} FORGOTTEN: {' '.join(report['forgotten_ids'])}" if report["forgotten"] else ""
    return (
        f"cues alone hear {report['heard_by_new']} of our own {report['texts']} texts of harm,"
        f" {report['heard_by_old']} before{forgotten}"
    )


def _hears(catalogue: Catalogue, example: Example) -> bool:
    found = judge(example.text, catalogue, None)
    return found.screening.harm or found.classification.harm or found.classification.grade in SAFETY_GRADES
