"""`python -m desk.samples`: the sample cases, taken in like any others, once."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from desk.cli_errors import one_line_errors
from desk.local_desk import local_desk
from desk.rehearsal_scenario import Sample, load_samples
from tasks.intake import TakenIn, take_in
from tasks.workplace import Workplace

SOURCE = "sample"
ACTOR = "client:samples"


def take_in_samples(place: Workplace, samples: Iterable[Sample], now: datetime) -> list[TakenIn]:
    """Make a case of each sample that is not one yet.

    Args:
        place: The desk.
        samples: In the order in which they arrive: a case is the same matter as an earlier one.
        now: Aware time; samples arrive now, whatever day of the rehearsal they are written for.
    """
    taken: dict[str, TakenIn] = {}
    for sample in samples:
        main = taken[sample.same_matter_as].label if sample.same_matter_as else None
        told = {"source": SOURCE, "source_ref": sample.id, "same_matter_as": main}
        taken[sample.id] = take_in(place, sample.intake.model_copy(update=told), now, actor=ACTOR)
    return list(taken.values())


@one_line_errors()
def main() -> None:
    """Load the samples into the desk that `WHISTLE_…` variables name."""
    with local_desk() as place:
        taken = take_in_samples(place, load_samples(), datetime.now(UTC))
    made = sum(each.is_new for each in taken)
    sys.stdout.write(f"{made} sample cases made, {len(taken) - made} were there already\n")


if __name__ == "__main__":
    main()
