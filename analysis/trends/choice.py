"""What a reader may choose of the numbers of a month: among the tables that were released, and nothing across them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class By(StrEnum):
    """What requests are told apart by; the values are those of the tables' keys."""

    FAMILY = "family"
    GRADE = "grade"
    DISTRICT = "district"
    DEPARTMENT = "department"


HELD: Mapping[frozenset[By], tuple[By, ...]] = {
    frozenset(): (By.FAMILY, By.GRADE, By.DISTRICT, By.DEPARTMENT),
    frozenset({By.FAMILY}): (By.GRADE, By.DEPARTMENT),
    frozenset({By.GRADE}): (By.FAMILY,),
    frozenset({By.DISTRICT}): (),
    frozenset({By.DEPARTMENT}): (By.FAMILY,),
    frozenset({By.FAMILY, By.GRADE}): (),
    frozenset({By.FAMILY, By.DEPARTMENT}): (),
}
"""What the release of a month holds: by what is chosen, by what else it is told apart.

Whatever is not a key was never released, and a page that counted it would tell, beside these, what they hold back.
"""


@dataclass(frozen=True)
class Choice:
    """One code of some dimensions; "" for all of it."""

    family: str = ""
    grade: str = ""
    district: str = ""
    department: str = ""

    @property
    def of(self) -> frozenset[By]:
        """What was chosen."""
        return frozenset(each for each in By if self[each])

    @property
    def is_held(self) -> bool:
        """Whether the release of a month has numbers of it."""
        return self.of in HELD

    @property
    def told_apart_by(self) -> tuple[By, ...]:
        """What else it is told apart by; nothing where there are no numbers."""
        return HELD.get(self.of, ())

    def __getitem__(self, by: By) -> str:
        code: str = getattr(self, by.value)
        return code

    def but(self, by: By, code: str) -> "Choice":
        """The same with one code changed."""
        return replace(self, **{by.value: code})
