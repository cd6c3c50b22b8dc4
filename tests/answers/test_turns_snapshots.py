"""Whose turn it is, by a clock of the test's own: held against what was looked at and kept."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.errors import BusyError, ClassifiersError, ConfigError
from classifiers.turns import fairness, job, line, run
from classifiers.turns.line import Turns
from classifiers.turns.refusal import check_long, choose_to_drop
from classifiers.turns.run import Expect, Owner, Pace, Place, Rest, Together, paced
from tests.answers.thinned import attempt, hold
from tests.processes.clock import Clock


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    for module in (fairness, line, job, run):
        monkeypatch.setattr(module, "time", made)
    return made


class Line:
    """A line without threads: each slice is asked for."""

    def __init__(self, clock: Clock, room: int = 6) -> None:
        self.clock, self.turns, self.jobs = clock, Turns(room=room), {}
        self.turns._started = True
        self.log: list[str] = []

    def enter(self, name: str, work: Iterator[Any], owner: str = "", **more: Any) -> Any:
        address, _, session = owner.partition(" ")

        def entered() -> None:
            self.jobs[name] = self.turns.enter(work, Owner(address, session), **more)

        told = attempt(entered)
        self.log += [f"{name}: {told}"] if told else []

    def slice(self) -> bool:
        """Whether there was anything to do."""
        for one in [one for one in self.turns._leaving if not one.running]:
            self.turns._leaving.remove(one)
            one.close()
        part = self.turns._choose()
        if part is None:
            self.clock.now += self.turns._until_next()
            return False
        part.busy = True
        began = self.clock.now
        name = next(key for key, one in self.jobs.items() if one is part.job)
        places = {
            key: self.turns._stand_in_line().get(one.arrival) for key, one in self.jobs.items()
        }
        self.turns._run(part)
        news, ended = part.job.collect()
        seen = [f"{key} {place}" for key, place in places.items() if place and key != name]
        self.log.append(
            f"{name}{part.name and ' ' + part.name} {self.clock.now - began:.3f} {news} "
            f"{'ended ' + repr(part.job.error) if ended else ''} | {'; '.join(seen)}"
        )
        return True

    def serve(self, slices: int) -> list[str]:
        for _ in range(slices):
            self.slice()
        told, self.log = self.log, []
        return told


def work(clock: Clock, seconds: float, step: float = 0.01, expect: Any = None) -> Iterator[Any]:
    if expect is not None:
        yield expect
    yield "begun"
    end = clock.now + seconds
    done = 0.0
    while done < seconds and clock.now < end + 100:
        clock.now += step
        done += step
        yield f"{done:.2f}" if round(done / step) % 10 == 0 else None
    yield "done"


def test_turns_of_several_owners(snapshots, clock):
    seen = Line(clock)
    seen.enter("a", work(clock, 0.3), "one x")
    seen.enter("b", work(clock, 0.3), "one y")
    seen.enter("c", work(clock, 0.1, expect=Expect(0.1, small=True)), "two z")
    seen.enter("d", work(clock, 0.1, expect=Expect(0.2, small=True)), "two z")
    snapshots.hold("first", seen.serve(12), alone=True)
    seen.enter("e", work(clock, 9, 0.05, Expect(2, endless=True)), "three v")
    seen.enter("f", work(clock, 9, 0.05, Expect(2, endless=True)), "one x")
    snapshots.hold("with endless ones", seen.serve(40), alone=True)
    shares = seen.turns._shares
    hold(snapshots, "shares", {name: [share.service, share.level, share.jobs] for name, share in
                               (shares._addresses | shares._sessions).items()})  # fmt: skip
    hold(snapshots, "scale", [seen.turns._scale, [seen.turns._slice(one) for one in
                                                  seen.jobs.values()]])  # fmt: skip
    clock.now += 40
    shares.decay(clock.now)
    hold(snapshots, "faded", {name: [share.service, share.level, share.jobs] for name, share in
                              (shares._addresses | shares._sessions).items()})  # fmt: skip
    seen.jobs["e"].leave()
    seen.jobs["f"].leave()
    snapshots.hold("left", [*seen.serve(3), str(len(seen.turns._jobs))], alone=True)


def test_turns_of_parts_rests_and_failures(snapshots, clock):
    seen = Line(clock)
    stopped = SimpleNamespace(now=False)

    def parts(failing: bool = False) -> Iterator[Any]:
        yield "before"
        one = {"left": work(clock, 0.05), "right": work(clock, 0.08)}
        if failing:
            one["bad"] = broken()
        try:
            yield Together(one, lambda name, news: f"{name} {news}" if news else None,
                           lambda: stopped.now)  # fmt: skip
        except ZeroDivisionError:
            yield "minded"
        yield "after"

    def broken() -> Iterator[Any]:
        clock.now += 0.01
        yield "soon"
        raise ZeroDivisionError

    def resting() -> Iterator[Any]:
        yield "tired"
        yield Rest(2.5)
        yield "rested"
        raise ConfigError("a field", "is bad")

    seen.enter("parts", parts())
    snapshots.hold("together", seen.serve(16), alone=True)
    seen.enter("failing", parts(failing=True))
    snapshots.hold("one fails", seen.serve(16), alone=True)
    seen.enter("resting", resting())
    snapshots.hold("resting", [*seen.serve(8), f"{clock.now:.2f}"], alone=True)
    seen.enter("to stop", parts())
    told = seen.serve(4)
    stopped.now = True
    snapshots.hold("stopped", [*told, "now", *seen.serve(6)], alone=True)


def test_two_threads_at_the_parts_of_one_run(snapshots, clock):
    turns, seen, stop = Turns(room=6), [], []
    turns._started = True

    def broken(error: Exception) -> Iterator[Any]:
        yield "begun"
        raise error

    def run() -> Iterator[Any]:
        yield Expect(3.0, small=True, endless=True)
        yield Expect(2.0)
        yield "before"
        for parts in ({"a": broken(KeyError("a")), "b": broken(ValueError("b"))},
                      {"d": iter([1, 2]), "e": iter(range(9)), "f": iter(range(7))}):  # fmt: skip
            try:
                yield Together(parts, lambda name, news: f"{name} {news}", lambda: bool(stop))
            except KeyError as error:
                yield repr(error)
        yield "after"

    def tell(what: str) -> None:
        clock.now += 0.6
        first, again = turns.place(one), turns.place(other)
        seen.append(f"{what}: {one.collect()} {first}; {again} {one.running} {one.stopping} "
                    f"{one.winding_up} {[part.name for part in one.parts]}")  # fmt: skip

    def choose() -> Any:
        part = turns._choose()
        if part is not None:
            part.busy = True
        return part

    other = turns.enter(iter(()), Owner("else", "where"))
    other.rests_until = clock.now + 1000
    one = turns.enter(run(), Owner("one", "x"))
    tell("entered")
    for number in range(11):
        if number == 9:
            stop.append(1)
            other.rests_until = 0.0
        at = [part for part in (choose(), choose()) if part is not None]
        tell(f"at {[part.name if part.job is one else 'other' for part in at]}")
        for part in at:
            turns._run(part)
            tell(f"done {part.name}")
    hold(snapshots, "seen", seen, 90)
    hold(snapshots, "known", [one.seconds, one.small, one.endless, turns._scale])


def test_how_a_line_begins_and_ends(snapshots, clock, monkeypatch):
    begun: list[Any] = []

    def thread(**settings: Any) -> SimpleNamespace:
        return SimpleNamespace(start=lambda: begun.append([settings["name"], settings["daemon"]]))

    known = {"Thread": thread, "Condition": line.threading.Condition}
    monkeypatch.setattr(line, "threading", SimpleNamespace(**known))
    monkeypatch.setattr(line, "atexit", SimpleNamespace(register=begun.append))
    turns = Turns(threads=3)
    ends = turns._end
    jobs = [turns.enter(iter([k]), Owner("a", "b"), long=k == 2) for k in range(3)]
    assert begun.pop(0) == ends
    jobs[1].root.busy = True
    turns._end()
    told = [[job.arrival, job.left, job.ended, job.long] for job in jobs]
    hold(snapshots, "ended", [begun, told, round(clock.now - 1000, 2), turns._may_close()])
    turns._serve_once()
    hold(snapshots, "closed", [[job.arrival, len(job.parts)] for job in jobs])
    hold(snapshots, "left", [job.arrival for job in turns._leaving])


def test_the_line_is_looked_at_by_one_at_a_time(clock):
    class Jobs(dict[Any, None]):
        def __iter__(self) -> Iterator[Any]:
            assert turns._changed._is_owned()  # type: ignore[attr-defined]
            return super().__iter__()

    turns = Turns()
    turns._started, turns._jobs = True, Jobs()
    first, second = (turns.enter(iter(range(3)), long=True) for _ in range(2))
    first.endless = True
    assert turns.place(second) == Place(2, 1.0)
    assert turns._slice(first) == line.SLICE_SECONDS
    turns._serve_once()
    turns._end()
    turns._serve_once()
    assert (len(turns._jobs), turns._leaving) == (0, [])


def test_rests_slices_and_what_is_left_behind(snapshots, clock):
    def raising() -> Iterator[Any]:
        try:
            while True:
                clock.now += 0.02
                yield None
        finally:
            raise ZeroDivisionError

    turns = Turns(room=60)
    turns._started = True
    told = [turns._until_next()]
    silent = turns.enter(raising(), Owner("a", "b"))
    for _ in range(8):
        part = turns._choose()
        turns._run(part)  # type: ignore[arg-type]
        told.append([silent.told, round(silent.service, 3), clock.now])
    silent.leave()
    silent.leave()
    told.append([len(turns._leaving), turns._may_close(), silent.address.jobs])
    silent.close()
    told += [list(silent.root.steps), silent.parts, silent.ended]
    jobs = [turns.enter(iter(()), Owner("a", str(k))) for k in range(45)]
    for one, seconds in zip(jobs, (0.0, 7.0, 3.0, 90.0), strict=False):
        one.rests_until = clock.now + seconds
    told.append([turns._until_next(), len(turns._stand_in_line())])
    for many in (1, 25, 40):
        for number, one in enumerate(jobs):
            one.endless = number < many
        told.append([turns._slice(jobs[0]), turns._slice(jobs[-1])])
    for service, seconds in ((1e-4, 1.0), (9.0, 1.0), (0.0, 0.0), (1.0, 2.0)):
        jobs[0].service, jobs[0].seconds = service, seconds
        turns._learn(jobs[0])
        told.append(turns._scale)
    hold(snapshots, "told", told, 90)
    fading = fairness.Shares()
    given = {"a": (0.018, 0), "b": (0.0102, 0), "c": (0.0, 1), "d": (9.0, 0), "e": (0.0, 0)}
    for name, (service, count) in given.items():
        for number, share in enumerate(fading.of(Owner(name, f"{name} s")), 1):
            share.set(service / number)
            share.jobs = count
    for seconds in (1.0, 0.01, 1.0, 1.0, 29.0):
        clock.now += seconds
        fading.decay(clock.now)
        left = {name: [share.service, share.level] for name, share in
                (fading._addresses | fading._sessions).items()}  # fmt: skip
        hold(snapshots, f"after {clock.now:.2f}", left)


def test_late_comers_do_not_wait_for_those_who_had_much(clock):
    """Another session of an address, another address; beside long runs, many runs, endless ones."""

    def crowd(kind: str, sessions: int, seconds: float, expect: Any = None) -> Line:
        seen = Line(clock, room=30)
        for number in range(sessions):
            seen.enter(f"{number}", work(clock, 60, 0.002, expect), f"{kind} {number}")
        while min(one.service for one in seen.jobs.values()) < seconds:
            seen.slice()
        return seen

    def waits(seen: Line, owner: str, seconds: float, enough: float) -> float:
        others = list(seen.jobs.values())
        before = sum(one.service for one in others)
        seen.enter(owner, work(clock, seconds, 0.002), owner)
        while seen.jobs[owner].service < enough and not seen.jobs[owner].ended:
            seen.slice()
        return sum(one.service for one in others) - before

    long = crowd("a", 6, 0.6)
    assert waits(long, "a new", 0.1, 9) < 0.1 + 6 * line.SLICE_SECONDS
    assert waits(long, "b new", 0.1, 9) < 0.1 + 6 * line.SLICE_SECONDS
    assert waits(crowd("many", 20, 0.21), "one one", 60, 1.0) < 0.5  # it has some to catch up on
    endless = crowd("own", 20, 0.1, Expect(2.0, endless=True))
    assert waits(endless, "short one", 0.3, 9) < 2.0


def test_who_finds_no_room(snapshots, clock):
    seen = Line(clock, room=4)
    for name, owner in (("a", "one x"), ("b", "one x"), ("c", "one y"), ("d", "two z"),
                        ("e", "three v"), ("f", "three v"), ("g", "one x")):  # fmt: skip
        seen.enter(name, work(clock, 0.1), owner)
        hold(snapshots, f"{name} enters", {key: repr(one.error) for key, one in seen.jobs.items()})
    snapshots.hold("said", seen.log, alone=True)

    def jobs(*owners: Any) -> dict[Any, None]:
        made = [
            SimpleNamespace(owner=Owner(*one.split()[:2]), long=True, running="at" in one)
            for one in owners
        ]
        return dict.fromkeys(map(_Hashed, made))

    for count in (3, 4, 11, 12):
        same, others = jobs(*["one x"] * count), jobs(*[f"one s{i}" for i in range(count)])
        for name, held in (("session", same), ("address", others)):
            told = attempt(lambda held=held: check_long(held, Owner("one", "x")))  # type: ignore[arg-type]
            hold(snapshots, f"{count} of one {name}", told)
    crowds = (["a x", "a y", "b z"], ["a x", "b y", "b z", "b w"], ["a x"],
              ["a x", "a y", "a z at"], ["a x at", "a y at", "a z at"])  # fmt: skip
    for owners in crowds:
        for owner in ("a", "c"):

            def dropped(owners: list[str] = owners, owner: str = owner) -> Any:
                one, error = choose_to_drop(jobs(*owners), Owner(owner), 9)
                return [str(one.owner), str(error)]

            hold(snapshots, f"{owners} and {owner}", attempt(dropped))
    assert issubclass(BusyError, ClassifiersError)


class _Hashed:
    def __init__(self, like: Any) -> None:
        self.owner, self.long, self.running = like.owner, like.long, like.running


def test_places_and_paces(snapshots, clock):
    seconds = (0, 0.4, 1.5, 9.4, 9.6, 10, 13, 58, 60, 64, 1234.5)
    hold(snapshots, "places", [str(Place(1200, one)) for one in seconds])
    pace, told = Pace(0.5), []
    for _ in range(12):
        told.append(pace.due())
        clock.now += 0.11
    hold(snapshots, "due", told, 20)

    def news() -> Iterator[Any]:
        yield Expect(3)
        for i in range(9):
            yield None if i % 3 == 2 else i
            clock.now += 0.15
        yield "last"

    hold(snapshots, "paced", [str(one) for one in paced(news(), 0.4)])

    def slow() -> Iterator[Any]:
        yield 0
        for told in (1, None, None, Rest(2.0), Together({}, print), 2, None):
            clock.now += 0.15
            yield told

    hold(snapshots, "slow", [str(one).partition(" at ")[0] for one in paced(slow(), 0.4)])
    share = fairness.Share(4.0)
    for service in (0.0, 3.99, 4.0, 9.0):
        share.set(service)
        hold(snapshots, f"level at {service}", share.level)
    keys = {
        f"{told}, {endless}, {ago}": fairness.whose_turn(SimpleNamespace(
            told=told, endless=endless, served=clock.now - ago, turn=7, arrival=3,
            address=SimpleNamespace(level=2), session=SimpleNamespace(level=5)))
        for told in (False, True) for endless in (False, True) for ago in (0.9, 1.0, 1.1)
    }  # fmt: skip
    hold(snapshots, "keys", keys)
