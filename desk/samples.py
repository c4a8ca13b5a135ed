"""`python -m desk.samples`: the sample cases, taken in like any others, once."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlmodel import select

from desk.cli.errors import one_line_errors
from desk.cli.local_desk import local_desk
from desk.rehearsal.scenario import Sample, load_samples
from models.house import ImportBatch
from tasks.receiving.intake import TakenIn, take_in
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
    batch_id = _batch(place, now)
    for sample in samples:
        main = taken[sample.same_matter_as].label if sample.same_matter_as else None
        told = {"source": SOURCE, "source_ref": sample.id, "same_matter_as": main}
        taken[sample.id] = take_in(place, sample.intake.model_copy(update=told), now, actor=ACTOR, batch_id=batch_id)
    return list(taken.values())


def _batch(place: Workplace, now: datetime) -> int | None:
    """The samples come as one batch, because whatever comes in a batch waits for live calls."""
    with place.database.writing() as session:
        batch = session.exec(select(ImportBatch).where(ImportBatch.source == SOURCE)).first()
        batch = batch or ImportBatch(source=SOURCE, file_digest="", started_at=now, finished_at=now)
        session.add(batch)
        session.flush()
        return batch.id


@one_line_errors()
def main() -> None:
    """Load the samples into the desk that `WHISTLE_…` variables name."""
    with local_desk() as place:
        taken = take_in_samples(place, load_samples(), datetime.now(UTC))
    made = sum(each.is_new for each in taken)
    sys.stdout.write(f"{made} sample cases made, {len(taken) - made} were there already\n")


if __name__ == "__main__":
    main()
