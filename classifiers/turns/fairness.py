"""Whose turn it is: who had little service of late comes first, whoever entered more runs."""

import time
from typing import Protocol

from classifiers.turns.run import Owner

_ADDRESS_SECONDS, _SESSION_SECONDS = 4.0, 0.5  # of service that make one level
_HALF_LIFE = 30.0  # seconds after which a second of service counts half
_PATIENCE = 1.0  # seconds that who watches an endless run waits before it is preferred


class Share:
    """Seconds of recent service of an address or a session, and how many whole units that is."""

    def __init__(self, unit: float) -> None:
        self.service, self.unit, self.level, self.jobs = 0.0, unit, 0, 0

    def set(self, service: float) -> None:
        self.service = service
        self.level = int(service / self.unit)


class Shares:
    """Of all who have a run in line or had service of late."""

    def __init__(self) -> None:
        self._addresses: dict[str, Share] = {}
        self._sessions: dict[str, Share] = {}
        self._decayed = time.monotonic()

    def of(self, owner: Owner) -> tuple[Share, Share]:
        """Its address's and its session's."""
        return (
            self._addresses.setdefault(owner.address, Share(_ADDRESS_SECONDS)),
            self._sessions.setdefault(owner.session, Share(_SESSION_SECONDS)),
        )

    def decay(self, now: float) -> None:
        """Service fades, about once a second; who had next to none and has no run is forgotten."""
        if now - self._decayed <= 1:
            return
        factor = 0.5 ** ((now - self._decayed) / _HALF_LIFE)
        self._decayed = now
        for shares in (self._addresses, self._sessions):
            for name, share in list(shares.items()):
                share.set(share.service * factor)
                if not share.jobs and share.service < 0.01:
                    del shares[name]


class Waiting(Protocol):
    """What the order asks of a run: its owner's shares; whether it has told anything yet; of an
    endless one, its last turn and when that was; its arrival."""

    address: Share
    session: Share
    told: bool
    endless: bool
    served: float
    turn: int
    arrival: int


def whose_turn(run: Waiting) -> tuple[bool, int, int, int, int]:
    """A key: the smallest one's.

    A run that has told nothing yet comes first (three times in four); then the address with fewer
    times four seconds of recent service, then the session with fewer halves of a second, then the
    older run. So runs of one kind end one after another, in place of all of them at the end, and a
    short run never waits for long ones. Endless runs go round: who has waited a second for the
    next picture comes as if for the first, whatever the session had.
    """
    if run.told and run.endless and time.monotonic() - run.served > _PATIENCE:
        return False, run.address.level, 0, run.turn, run.arrival
    return run.told, run.address.level, run.session.level, run.turn, run.arrival
