"""Whose turn it is and who is refused, by a clock that goes when told to; and where values go in a
run: held as it was looked at."""

import threading
from math import ceil
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.config import PlaygroundConfig
from classifiers.config.axes import AXES, DEFAULTS, as_number, place
from classifiers.turns import Turns, fairness
from classifiers.turns import run as turns
from classifiers.turns.fairness import Share, Shares, whose_turn
from classifiers.turns.refusal import check_long, choose_to_drop
from classifiers.turns.run import Expect, Owner, Pace, Place, Rest, paced
from tests.answers.thinned import attempt, hold
from tests.processes.clock import Clock


def job(address: str, session: str, **more: Any) -> Any:
    """A run in line, as far as the order looks at it."""
    job = SimpleNamespace(owner=Owner(address, session), long=False, running=False)
    vars(job).update(more)
    return job


class Hashable(SimpleNamespace):
    __hash__ = object.__hash__


def test_who_is_refused(snapshots):
    for session, others in ((3, 0), (4, 0), (3, 8), (2, 10), (0, 12), (3, 9)):
        jobs = [job("a", "s", long=True) for _ in range(session)]
        jobs += [job("a", f"s{i}", long=True) for i in range(others)]
        jobs += [job("a", "s"), job("b", "s")]
        told = attempt(lambda jobs=jobs: check_long(jobs, Owner("a", "s")))
        hold(snapshots, f"long {session} {others}", told)
    for many, own, running in ((5, 0, 0), (5, 3, 0), (5, 4, 0), (5, 5, 0), (5, 1, 5), (1, 0, 0),
                               (2, 0, 1), (5, 1, 2)):  # fmt: skip
        jobs = [Hashable(**vars(job("a", f"s{i}", running=i >= many - running, number=i)))
                for i in range(many)]  # fmt: skip
        jobs += [Hashable(**vars(job("b", "s", number=90 + i))) for i in range(own)]
        line: Any = dict.fromkeys(jobs)
        told = attempt(lambda line=line: choose_to_drop(line, Owner("b", "new"), 7))
        text = told if isinstance(told, str) else [told[0].number, str(told[1])]
        hold(snapshots, f"full {many} {own} {running}", text)


def test_shares_of_service(snapshots, monkeypatch):
    clock = Clock(100.0)
    monkeypatch.setattr(fairness, "time", clock)
    shares = Shares()
    address, session = shares.of(Owner("a", "s"))
    other, _ = shares.of(Owner("b", "t"))
    assert shares.of(Owner("a", "u"))[0] is address
    told: list[Any] = []
    for service in (0.0, 0.4, 0.5, 3.9, 4.0, 9.0):
        address.set(service)
        session.set(service)
        told.append([address.level, session.level])
    other.set(0.02)
    session.jobs = 1
    for later in (0.5, 1.0, 1.01, 31.01, 61.01, 400.0):
        clock.now = 100 + later
        shares.decay(clock.now)
        told.append([later, address.service, session.service, sorted(shares._addresses),
                     sorted(shares._sessions)])  # fmt: skip
    hold(snapshots, "shares", told, 40)
    high, low = Share(4.0), Share(0.5)
    high.set(9.0)
    low.set(1.2)
    keys = []
    for endless in (False, True):
        for told_before in (False, True):
            for served in (clock.now - 0.5, clock.now - 1.5):
                waiting: Any = SimpleNamespace(
                    address=high, session=low, told=told_before, endless=endless, served=served,
                    turn=7, arrival=3)  # fmt: skip
                keys.append([endless, told_before, served - clock.now, whose_turn(waiting)])
    hold(snapshots, "turns", keys, 40)


def test_news_and_places(snapshots, monkeypatch):
    clock = Clock(0.0)
    monkeypatch.setattr(turns, "time", clock)
    stands = ((1, 0.2), (2, 1.6), (3, 9.9), (4, 12.4), (5, 57.4), (6, 58), (7, 64), (1200, 3666))
    places = [Place(number, seconds) for number, seconds in stands]
    hold(snapshots, "places", [str(one) for one in places])
    pace, due = Pace(0.5), []
    for now in (0.0, 0.3, 0.5, 0.9, 1.0, 1.6):
        clock.now = now
        due.append(pace.due())
    hold(snapshots, "due", due)

    def news() -> Any:
        for k, told in enumerate((1, None, 2, Expect(3.0), 3, None, None, Rest(1.0), 4, 5)):
            clock.now = 10 + 0.1 * k
            yield told

    hold(snapshots, "paced", [str(one) for one in paced(news())], 40)
    held = [str(one) for one in paced(iter([None, None]))]
    hold(snapshots, "nothing", held)
    expected = Expect(2.0)
    hold(snapshots, "expected", [expected.seconds, expected.small, expected.endless])


def test_where_values_go(snapshots):
    base = PlaygroundConfig.parse({"dataset": {"name": "moons", "samples": 90},
                                   "network": {"widths": [5, 6, 7]}, "training": {
                                       "optimizer": "adam", "test_share": 0.3}})  # fmt: skip
    usual = base.to_dict()
    for axis in AXES:
        changed = []
        for value in DEFAULTS[axis].values[:3]:
            run = place(base, {axis: value}).to_dict()
            flat = {(part, key): one for part, own in run.items() for key, one in own.items()}
            differs = {key: one for key, one in flat.items() if one != usual[key[0]].get(key[1])}
            changed.append({".".join(key): one for key, one in differs.items()})
        odd = [as_number(axis, value) for value in (2.0, 1, 0.5, "x", None, True)]
        hold(snapshots, axis, [changed, [str(one) for one in odd]], 20)
    both = place(base, {"width": 9, "depth": 2, "samples": 40, "parameters_per_point": 3.0})
    hold(snapshots, "several", [both.network.widths, both.dataset.samples])


@pytest.mark.parametrize("wanted", [0.1, 1.0, 10.0, 100.0])
@pytest.mark.parametrize("outputs", ["logits", "one_logit"])
def test_so_many_parameters_a_point_are_what_the_width_gives(wanted, outputs):
    base = PlaygroundConfig.parse({"dataset": {"name": "moons", "samples": 200},
                                   "network": {"outputs": outputs, "widths": [4]}})  # fmt: skip
    run = place(base, {"parameters_per_point": wanted})
    width, other = run.network.widths
    ends = 1 if outputs == "one_logit" else 2
    points = 200 - ceil(base.training.test_share * 200)

    def parameters(w: int) -> int:
        return (2 + 1) * w + (w + 1) * w + (w + 1) * ends

    assert width == other
    apart = {w: abs(parameters(w) - wanted * points) for w in range(1, 257)}
    assert apart[width] <= 1.1 * min(apart.values()) + 1


def test_threads_that_wait_are_woken_by_whatever_there_is_to_do():
    woken: list[str] = []

    class Heard(threading.Condition):
        def notify(self, n: int = 1) -> None:
            woken.append(f"{n}")

        def notify_all(self) -> None:
            woken.append("all")

    line = Turns()
    line._started, line._changed = True, Heard()
    one = line.enter(iter([1, 2, 3]))
    assert woken == ["1"]
    for does, wakes in (
        (lambda: line._run(line._choose()), ["all"]),  # type: ignore[arg-type]
        (one.collect, ["1"]), (one.collect, []), (one.leave, ["1"]), (one.leave, []),
    ):  # fmt: skip
        woken.clear()
        does()
        assert woken == wakes
