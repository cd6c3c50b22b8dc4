"""A clock of a test's own, in place of a module's `time`."""


class Clock:
    """Stands until somebody moves it, or sleeps by it."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    time = monotonic

    def sleep(self, seconds: float) -> None:
        self.now += seconds
