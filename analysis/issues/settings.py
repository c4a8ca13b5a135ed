"""What `settings.yaml` may say about finding and ranking common issues."""

from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.rule_files import RuleModel, read_rule_file

HERE = Path(__file__).parent / "settings.yaml"
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class TextSettings(RuleModel):
    """Which part of a text is compared, and by what."""

    first_characters: int = Field(ge=50, le=5_000)
    runs: tuple[Annotated[int, Field(ge=1, le=6)], ...] = Field(min_length=1)
    most_common_share: Share
    fewest_texts: int = Field(ge=1, le=100)
    kept_runs: int = Field(ge=8, le=512)
    opening_characters: int = Field(ge=0, le=500)
    opening_weight: float = Field(ge=1, le=10, allow_inf_nan=False)


class NearDuplicateSettings(RuleModel):
    """When two reports are one told twice."""

    piece: int = Field(ge=2, le=10)
    least_pieces: int = Field(ge=1, le=200)
    same_from: Share


class GroupingSettings(RuleModel):
    """How alike the reports of an issue are on average; what place and kind add."""

    alike_from: Share
    place_share: Share
    kind_share: Share
    looked_up: int = Field(ge=4, le=512)
    looked_up_in: int = Field(ge=50, le=100_000)
    neighbours: int = Field(ge=1, le=1_000)
    most_rounds: int = Field(ge=1, le=1_000)

    @model_validator(mode="after")
    def words_count_most(self) -> Self:
        """Place and kind alone never make an issue."""
        if self.place_share + self.kind_share >= self.alike_from:
            raise ValueError("place_share and kind_share together must stay below alike_from")
        return self


class KeepingSettings(RuleModel):
    """When an issue of this week is an issue of last week."""

    shared_from: Share


class PublishingSettings(RuleModel):
    """What may leave the case database."""

    fewest_matters: int = Field(ge=5, le=1_000)
    wording_in_matters: int = Field(ge=5, le=1_000)


class PlaceSettings(RuleModel):
    """The words that names of places end in, by sort of place."""

    fewest_texts: int = Field(ge=1, le=100)
    longest_name: int = Field(ge=2, le=12)
    no_names: tuple[str, ...]
    sorts: dict[str, tuple[str, ...]]


class HeatSettings(RuleModel):
    """What makes an issue hot; the weights add up to one."""

    matters: Share
    support: Share
    growth: Share
    freshness: Share
    density: Share
    half_life_days: float = Field(gt=0, le=3_650, allow_inf_nan=False)

    @model_validator(mode="after")
    def the_weights_add_up(self) -> Self:
        """To one, so that heat is a share as well."""
        total = self.matters + self.support + self.growth + self.freshness + self.density
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the five weights add up to {total:g}, not to 1")
        return self


class WindowSettings(RuleModel):
    """How far back issues are looked for, and how many are told of."""

    weeks: int = Field(ge=8, le=104)
    described: int = Field(ge=1, le=1_000)


class IssueSettings(RuleModel):
    """The whole file."""

    window: WindowSettings
    text: TextSettings
    near_duplicates: NearDuplicateSettings
    grouping: GroupingSettings
    keeping: KeepingSettings
    publishing: PublishingSettings
    places: PlaceSettings
    heat: HeatSettings


def load_settings(path: Path = HERE) -> IssueSettings:
    """The settings in a file.

    Raises:
        RuleFileError: It is missing or wrong; every problem names file, line and field.
    """
    return read_rule_file(path, IssueSettings)


@cache
def delivered_settings() -> IssueSettings:
    """The settings that come with the desk, read once."""
    return load_settings()
