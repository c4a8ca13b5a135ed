"""What `catalogue/links.yaml` may say: how two requests are found to be about one matter."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from catalogue.schema import KindCode
from models.matching import PLAIN_FIELDS, TEXT_FIELDS, MatchField
from models.rule_files import RuleModel
from models.rule_problems import Problem
from models.spelling import did_you_mean

FILE_NAME = "links.yaml"
For = Annotated[float, Field(ge=0, le=20, allow_inf_nan=False)]
Against = Annotated[float, Field(ge=-20, le=0, allow_inf_nan=False)]


class TextRule(RuleModel):
    """How the words of two cases are compared without keeping them.

    Two texts whose pieces overlap by the share `s` have a band in common with a chance of
    `1 - (1 - s**rows) ** bands`.
    """

    piece: int = Field(ge=2, le=8)
    bands: int = Field(ge=4, le=32)
    rows: int = Field(ge=1, le=6)
    least_pieces: int = Field(ge=5, le=500)
    most_characters: int = Field(ge=500, le=50_000)
    same_from_bands: int = Field(ge=2, le=32)

    @model_validator(mode="after")
    def there_are_that_many_bands(self) -> Self:
        """More than all bands can never agree."""
        if self.same_from_bands > self.bands:
            raise ValueError(f"same_from_bands is above bands ({self.bands})")
        return self


class Evidence(RuleModel):
    """What one field proves, in log2 odds; a field that either case lacks proves nothing."""

    field: MatchField
    agrees: For
    differs: Against
    covers: tuple[MatchField, ...] = ()
    near_years: int | None = Field(default=None, ge=0, le=5)
    near_days: int | None = Field(default=None, ge=0, le=365)

    @model_validator(mode="after")
    def the_entry_agrees_with_itself(self) -> Self:
        """`near_years` belongs to the age, `near_days` to the time, and both need theirs."""
        if (self.near_years is not None) != (self.field is MatchField.AGE):
            raise ValueError("near_years goes with the field age, which needs it")
        if (self.near_days is not None) != (self.field is MatchField.TIME):
            raise ValueError("near_days goes with the field time, which needs it")
        if self.field in TEXT_FIELDS and self.differs:
            raise ValueError("differs must be 0.0: texts are only looked at where they agree")
        if self.field in self.covers:
            raise ValueError("a field cannot cover itself")
        return self


class LinkRules(RuleModel):
    """`catalogue/links.yaml`."""

    window_days: int = Field(ge=1, le=3650)
    repeat_days: int = Field(ge=1, le=3650)
    propose: float = Field(gt=0, le=100)
    strong: float = Field(gt=0, le=100)
    most_compared: int = Field(ge=1, le=500)
    most_proposed: int = Field(ge=1, le=20)
    leave_out: tuple[KindCode, ...] = ()
    text: TextRule
    evidence: tuple[Evidence, ...]

    @property
    def by_field(self) -> Mapping[MatchField, Evidence]:
        """The evidence of each field."""
        return {each.field: each for each in self.evidence}

    @model_validator(mode="after")
    def every_field_stands_once(self) -> Self:
        """A field left out would be compared by nobody, without anybody noticing."""
        written = [each.field for each in self.evidence]
        twice = sorted({each for each in written if written.count(each) > 1})
        if twice:
            raise ValueError(f"evidence: written twice: {', '.join(twice)}")
        missing = [each for each in MatchField if each not in written]
        if missing:
            raise ValueError(f"evidence: missing: {', '.join(missing)}; write 0.0 for what proves nothing")
        return self

    @model_validator(mode="after")
    def the_thresholds_can_mean_something(self) -> Self:
        """Refuse what would propose everything, or could never propose."""
        if self.strong < self.propose:
            raise ValueError("strong is below propose")
        plain = sum(each.agrees for each in self.evidence if each.field in PLAIN_FIELDS)
        if plain >= self.propose:
            raise ValueError(
                f"propose: {self.propose} is reached by {', '.join(sorted(PLAIN_FIELDS))} alone ({plain});"
                " every second case would be proposed"
            )
        if sum(each.agrees for each in self.evidence) < self.strong:
            raise ValueError(f"strong: {self.strong} is never reached, even if every field agrees")
        return self


def problems_of(rules: LinkRules, kinds: Iterable[str]) -> Iterator[Problem]:
    """What does not meet the rest of the catalogue."""
    known = frozenset(kinds)
    for number, code in enumerate(rules.leave_out):
        if code not in known:
            reason = f"no kind {code} in the catalogue; add it or correct its spelling"
            yield Problem(("leave_out", number), reason, did_you_mean(code, known))
    covers = {each.field: each.covers for each in rules.evidence}
    for number, each in enumerate(rules.evidence):
        for covered in each.covers:
            if each.field in covers[covered]:
                yield Problem(
                    ("evidence", number, "covers"), f"{covered} covers {each.field} too: neither would count"
                )
