"""How urgent a kind of request is in this one message."""

from catalogue.schema import Kind
from models.grades import graver
from models.vocabulary import Grade, Nature
from tasks.classifying.screening import Screening

ASKS_FOR_ACTION = frozenset({Nature.HELP, Nature.COMPLAINT, Nature.REPORT})


def grade_of(kind: Kind, nature: Nature, screening: Screening) -> Grade:
    """The catalogue's grade of `kind`, raised by what was heard and by a wish for action."""
    grade = kind.grade
    if grade is Grade.UC and nature in ASKS_FOR_ACTION:
        grade = Grade.U3
    if kind.raised_grade and not set(kind.raised_when).isdisjoint(screening.signals):
        grade = graver(grade, kind.raised_grade)
    return grade
