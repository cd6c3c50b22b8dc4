"""Who is refused when the line is full, or has as many long runs in it as one owner may have."""

from collections import Counter
from collections.abc import Collection

from classifiers.errors import BusyError
from classifiers.turns.job import Job
from classifiers.turns.run import Owner

ROOM = 500  # runs that wait or run: a class of 300, and as many again that come back
LONG_A_SESSION, LONG_AN_ADDRESS = 4, 12


def check_long(jobs: Collection[Job], owner: Owner) -> None:
    """Whether an owner may have one more long run in line.

    Raises:
        BusyError: its session or its address has as many as may be.
    """
    long = [job.owner for job in jobs if job.long]
    counts = {
        "session": (sum(o.session == owner.session for o in long), LONG_A_SESSION),
        "address": (sum(o.address == owner.address for o in long), LONG_AN_ADDRESS),
    }
    for field, (count, most) in counts.items():
        if count >= most:
            raise BusyError(
                field,
                f"may have at most {most} sweeps and capstones waiting or running, has "
                f"{count}; wait until one of them has ended, or stop one",
            )


def choose_to_drop(jobs: dict[Job, None], owner: Owner, room: int) -> tuple[Job, BusyError]:
    """Whose run makes room for one more in a full line, and what its owner is told.

    Nobody is kept out by one address that took all places: it loses its newest one.

    Args:
        jobs: of the line, in the order of their arrival.
        owner: who would enter.
        room: runs that may wait or run.

    Raises:
        BusyError: nobody has so many more than `owner`.
    """
    counts = Counter(job.owner.address for job in jobs)
    address, count = counts.most_common(1)[0]
    newest = next((j for j in reversed(jobs) if j.owner.address == address and not j.running), None)
    if newest is None or count <= counts[owner.address] + 1:
        raise BusyError(
            "server",
            f"has room for {room} runs at a time and has {len(jobs)}; try again in a minute",
        )
    return newest, BusyError(
        "address",
        f"had {count} of the {room} runs there is room for, and others came; start fewer at a time",
    )
