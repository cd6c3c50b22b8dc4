"""Whose turn it is, by a clock of the test's own; and what commands do with their words: held
against what was looked at and kept.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.command import train
from classifiers.errors import BusyError, ClassifiersError, ConfigError
from classifiers.recipes.capstone import sweeps, weights
from classifiers.recipes.capstone.worlds import record
from classifiers.recipes.heart import artifact, card, findings, model
from classifiers.recipes.heart.experiments import run as experiments
from classifiers.recipes.sweep import file as sweep_file
from classifiers.turns import fairness, job, line, run
from classifiers.turns.line import Turns
from classifiers.turns.refusal import check_long, choose_to_drop
from classifiers.turns.run import Expect, Owner, Pace, Place, Rest, Together, paced
from tests.answers.thinned import attempt, hold
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv


class Clock:
    """Stands until somebody moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


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


def test_who_finds_no_room(snapshots, clock):
    seen = Line(clock, room=4)
    for name, owner in (("a", "one x"), ("b", "one x"), ("c", "one y"), ("d", "two z"),
                        ("e", "three v"), ("f", "three v"), ("g", "one x")):  # fmt: skip
        seen.enter(name, work(clock, 0.1), owner)
        hold(snapshots, f"{name} enters", {key: repr(one.error) for key, one in seen.jobs.items()})
    snapshots.hold("said", seen.log, alone=True)

    def jobs(*owners: Any) -> dict[Any, None]:
        made = [
            SimpleNamespace(owner=Owner(*one.split()), long=True, running=False) for one in owners
        ]
        return dict.fromkeys(map(_Hashed, made))

    for count in (3, 4, 11, 12):
        same, others = jobs(*["one x"] * count), jobs(*[f"one s{i}" for i in range(count)])
        for name, held in (("session", same), ("address", others)):
            told = attempt(lambda held=held: check_long(held, Owner("one", "x")))  # type: ignore[arg-type]
            hold(snapshots, f"{count} of one {name}", told)
    for owners in (["a x", "a y", "b z"], ["a x", "b y", "b z", "b w"], ["a x"]):
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
    seconds = (0, 0.4, 1.5, 9.4, 9.6, 11, 58, 61, 1234.5)
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


WORDS: list[list[str]] = [
    ["heart"], ["heart", "--audit-only", "--decode", "kaggle", "--accept-labels", "lesson"],
    ["heart", "--units", "chol=mmol/l", "--columns", "age=x", "--output", "o"],
    ["heart-experiments"], ["heart-experiments", "--sites", "s", "--data", "d"], ["capstone"],
    ["capstone-worlds", "--workers", "3"], ["capstone-sweeps", "--workers", "2", "--output", "o"],
    ["sweep", "--output", "o"], ["sweep", "--output", "o", "--halving", "--task-seconds", "2",
                                 "--scheduler", "tcp://h:1", "--device", "cpu", "--workers", "4"],
]  # fmt: skip


def test_words_of_commands(snapshots):
    root = str(train.ROOT)
    for words in WORDS:
        told = {key: str(getattr(value, "__name__", value)).replace(root, "ROOT")
                for key, value in vars(train.parse_args(words)).items()}  # fmt: skip
        if "--workers" not in words:
            told.pop("workers", None)
        hold(snapshots, " ".join(words), told)


def test_what_commands_do(snapshots, monkeypatch, capsys, tmp_path):
    root = str(train.ROOT)
    calls: list[Any] = []

    def noted(name: str, answer: Any = None) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            shown = [type(one).__name__ if len(repr(one)) > 90 else str(one) for one in args]
            calls.append([name, shown, {key: str(getattr(v, "__name__", v)) for key, v in
                                        named.items()}])  # fmt: skip
            return answer

        return call

    result = {"findings": ["One.", "Two."]}
    gap = {"low": -0.01, "high": 0.02}
    metrics = {"auc": {"value": 0.9, "low": 0.8, "high": 0.95}}
    part = {
        "metrics": metrics,
        "logistic_regression": {"metrics": metrics, "difference": {"auc": gap}},
    }
    trained = SimpleNamespace(metadata=SimpleNamespace(evaluation={"out_of_fold": part,
                                                                   "held_out": part}))  # fmt: skip
    for module, name, answer in (
        (record, "write_worlds", None), (sweeps, "write_sweeps", None),
        (weights, "train_capstone", None), (sweep_file, "write_sweep", result),
        (artifact, "train_heart", trained), (card, "write_card", None),
        (experiments, "add_experiments", "an artifact"), (model, "HeartModel", "a model"),
        (findings, "describe_experiments", [{"title": "A", "findings": ["one", "two"]}]),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, noted(name, answer))
    monkeypatch.chdir(tmp_path)
    Path("p.csv").write_bytes(to_csv(invent_patients(90, seed=3), UCI_HEADER))
    Path("c.json").write_text(json.dumps({"values": [2, 3], "members": 2}))
    given = ["capstone --output o", "capstone-worlds --output o --workers 2", "heart --data p.csv "
             "--output o", "heart-experiments --data p.csv --output o",
             "capstone-sweeps --output o --workers 2",
             "heart --data p.csv --audit-only",
             "sweep --output o --config c.json --device cpu",
             "sweep --output o --workers 2 --config "
             '{"values":[2]} --device cpu --task-seconds 3 --halving',
             "sweep --output o --config x",
             "sweep --output o --config [] --device cpu"]  # fmt: skip
    for text in given:
        calls.clear()
        code = train.run(train.parse_args(text.split()))
        said = capsys.readouterr()
        lines = [one for one in said.out.splitlines() if not one.endswith(" s")][:40]
        told = [code, *lines, said.err.strip(), *calls]
        hold(snapshots, text, json.loads(json.dumps(told).replace(root, "ROOT").replace(
            str(tmp_path), "HERE")), 60)  # fmt: skip


def test_how_commands_refuse(snapshots, capsys):
    for error in (ConfigError("workers", "must be more"), ConfigError("task_seconds", "must"),
                  ConfigError("other", "must"), OSError(2, "No such file", "f"), OSError("x"),
                  KeyboardInterrupt()):  # fmt: skip

        def fail(args: Any, error: BaseException = error) -> int:
            raise error

        code = train.run(argparse.Namespace(run=fail, workers=1, task_seconds=2))
        hold(snapshots, repr(error), [code, capsys.readouterr().err])
    for told in ("1:male,2:female", "1", "1:", "a:b:c", ""):
        hold(snapshots, f"codes {told!r}", attempt(lambda told=told: train._codes(told)))
    for pairs in (["a=b"], ["a"], ["a=b=c", " d =e"], None):
        hold(snapshots, f"pairs {pairs}", attempt(lambda pairs=pairs: train._pairs("--x", pairs)))


def test_what_is_downloaded(snapshots, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(train, "CACHE", tmp_path / "cache")
    source = tmp_path / "a.data"
    source.write_bytes(b"x" * 10_000)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    asked = [(source.as_uri(), digest), (source.as_uri(), digest), (source.as_uri(), "0" * 64),
             ((tmp_path / "none").as_uri(), digest)]  # fmt: skip
    for number, (url, wanted) in enumerate(asked):
        told = attempt(lambda url=url, wanted=wanted: train.download(url, wanted).read_bytes()[:3])
        shown = str([told, capsys.readouterr().err.split("\r")]).replace(str(tmp_path), "HERE")
        hold(snapshots, f"{number}", shown)
    hold(snapshots, "kept", sorted(one.name for one in (tmp_path / "cache").iterdir()))
