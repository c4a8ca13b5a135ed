"""A named person's ruling is kept beside what the machine had said: the desk learns from both."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.case import Case
from models.learning import Confirmation
from models.vocabulary import Grade
from tasks.casebook import decided
from tasks.news.context import News


@dataclass(frozen=True)
class Said:
    """What the machine had made of the case when a person came to rule."""

    kind: str | None
    grade: Grade
    harm: bool
    model: str

    @classmethod
    def of(cls, session: Session, case: Case) -> "Said":
        """From the case as it stands and the decision that classified it."""
        classified = decided(session, case, f"classify:{case.reopen_count}") or decided(session, case, "classify:0")
        model = str(classified.facts.get("model", "")) if classified else ""
        return cls(case.kind, case.grade, case.harm, model)


def confirm(news: News, said: Said) -> None:
    """Keep what `news` ruled beside what had been said; the case already is as ruled."""
    case = news.case
    if case.kind is None:
        return
    news.session.add(
        Confirmation(
            case_id=case.id,
            key=f"news:{news.row.id}",
            actor=news.row.actor,
            at=news.now,
            kind_said=said.kind,
            kind_ruled=case.kind,
            grade_said=said.grade,
            grade_ruled=case.grade,
            harm_said=said.harm,
            harm_ruled=case.harm,
            model=said.model,
            catalogue=news.place.catalogue.digest,
        )
    )


def confirmations(session: Session) -> list[Confirmation]:
    """The last ruling on every case that has one, by case, oldest ruling first."""
    every = session.exec(select(Confirmation).order_by(col(Confirmation.id)))
    return list({each.case_id: each for each in every}.values())
