"""What takes long gives its news one by one: nothing is computed before it is asked for."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.config import CapstoneConfig
from classifiers.network import MLP
from classifiers.recipes.capstone.worlds import draw, live, rule
from classifiers.recipes.exercises import exercise
from classifiers.recipes.guide.answer import answer
from classifiers.recipes.guide.playground import batches, logits, measures, overlap, question
from classifiers.recipes.playground import endless, fresh_points
from classifiers.recipes.playground import exercises as played
from classifiers.recipes.playground import run as ends
from classifiers.recipes.playground.result import build_scene
from classifiers.training import Scores
from tests.recipes.guide.test_answers import NOBODY, made_up
from tests.recipes.test_endless import SMALL, config, drain


class Steps:
    """In place of what takes long: gives values, and counts those that were asked for."""

    def __init__(self, *values: Any) -> None:
        self.values, self.begun = values, 0

    def __call__(self, *given: Any, **more: Any) -> Iterator[Any]:
        for value in self.values:
            self.begun += 1
            yield value


RESULT = SimpleNamespace(result=SimpleNamespace(to_dict=dict))
NOTHING = SimpleNamespace(result=None)
NUMBERS = {"right": 1}


def of_trained() -> Iterator[Any]:
    return measures.trained({"a": measures.parsed()}, lambda results: NUMBERS)(NOBODY)


def of_own_network() -> Iterator[Any]:
    return logits._shifted(SimpleNamespace(own=measures.parsed()))  # type: ignore[arg-type]


def of_exercise() -> Iterator[Any]:
    one: Any = exercise("6")
    return one.steps()


def of_stream() -> Iterator[Any]:
    one: Any = exercise("6")
    return one.stream()


def of_answer() -> Iterator[Any]:
    return answer(made_up(1, measure=Steps.shared), 1, NOBODY)  # type: ignore[attr-defined]


CASES: dict[str, tuple[Any, str, Callable[[], Iterator[Any]], int, tuple[Any, ...]]] = {
    # where it stands, its name, what asks for it, news before its first, what it gives
    "a step's runs": (measures, "run_playground", of_trained, 1, (NOTHING, NOTHING, RESULT)),
    "one's own network": (measures, "run_playground", of_own_network, 1, (NOTHING, NOTHING)),
    "draws of points": (overlap, "_drawn", overlap._points, 1, (None, None, NUMBERS)),
    "ways of batches": (batches, "_epochs", batches._compare, 1, (None, None, NUMBERS)),
    "one softmax more": (logits, "_fit", logits._twice, 1, (None, None, NUMBERS)),
    "codings of colours": (question, "_learned", question._asked, 1, (None, None, [0.5])),
    "an exercise": (played, "run_playground", of_exercise, 1, (NOTHING, NOTHING, RESULT)),
    "an exercise's updates": (played, "run_playground", of_stream, 0, (NOTHING, NOTHING)),
    "an answer": (Steps, "shared", of_answer, 0, (None, None, NUMBERS)),
}


@pytest.mark.parametrize("name", CASES)
def test_news_come_one_by_one(name, monkeypatch):
    place, attribute, ask, before, values = CASES[name]
    steps = Steps(*values)
    monkeypatch.setattr(place, attribute, steps, raising=False)
    monkeypatch.setattr(batches, "_off", lambda size: [size])
    news = ask()
    for _ in range(before):
        next(news)
    assert steps.begun == 0
    for number in (1, 2):
        next(news)
        assert steps.begun == number


def test_a_run_trains_no_further_than_it_is_asked(monkeypatch):
    monkeypatch.setattr("classifiers.training.loop._HEARTBEAT_SECONDS", -1.0)
    run = endless.Run(config(SMALL, training={"batch_size": 20}))
    steps = run.advance(9)
    next(steps)
    for epoch, amid in (*[(0, True)] * 5, (1, False), (1, True)):
        next(steps)
        assert (run.epoch, not run.is_between_epochs) == (epoch, amid)
    steps.close()
    drain(run.finish_epoch())
    ended = Steps(NOTHING, NOTHING, NOTHING)
    monkeypatch.setattr(endless, "end_run", ended)
    concluded = run.conclude()
    for number in (1, 2, 3):
        next(concluded)
        assert ended.begun == number


def test_fresh_points_are_asked_about_part_by_part(monkeypatch):
    settings = config({"name": "moons", "samples": 30})
    network = MLP(settings.network, 2, 2).initialize(0)
    asked: list[int] = []

    def scored(network: Any, x: Any, posterior: Any) -> Scores:
        asked.append(len(x))
        return Scores(np.array([0.5]), np.array([0.25]))

    monkeypatch.setattr(fresh_points, "_CHUNK_WORK", 0)
    monkeypatch.setattr(fresh_points, "expected_score", scored)
    news = fresh_points.fresh_scores(network, settings, 4500)
    for parts in ([1000] * 2, [1000] * 4, [1000] * 4 + [500]):
        next(news)
        assert asked == parts
    scene, rows = build_scene(settings), Scores(np.array([0.5]), np.array([0.5]))
    record: Any = SimpleNamespace(
        epoch=7, scores={"train": rows, "test": rows}, diverged_at=np.array([-1]),
        best_epoch=np.array([-1]),
    )  # fmt: skip
    parts = Steps(*[Scores(np.array([0.5]), np.array([share])) for share in (0.1, 0.2, 0.3)])
    monkeypatch.setattr(ends, "fresh_scores", parts)
    monkeypatch.setattr(ends, "find", lambda result: iter(()))
    news = ends.end_run(scene, network, ends.History(), [], record, 0.0)
    for number in (1, 2, 3):
        assert next(news).epoch == 7
        assert parts.begun == number
    assert next(news).result.fresh.tolist() == [0.3]


def test_worlds_are_trained_record_by_record(monkeypatch):
    tiny = CapstoneConfig.parse({"dataset": {"samples": 40}, "training": {"epochs": 3}})
    monkeypatch.setattr(rule, "FRESH_POINTS", 600)
    rule._truth.cache_clear()
    records = [SimpleNamespace(epoch=k, scores=None, diverged_at=np.array([-1]))
               for k in range(3)]  # fmt: skip
    trained = Steps(*records)
    monkeypatch.setattr(draw, "train", trained)
    run, truth = rule.world_runs(tiny)["underfit"], rule.truth_of(tiny)
    news = draw.train_worlds(run, [rule.seeds_of(tiny, 2)], truth)
    for number in (1, 2, 3):
        assert next(news).epoch == number - 1
        assert trained.begun == number
    worlds = Steps(*map(draw.News, range(3)))
    monkeypatch.setattr(live, "train_worlds", worlds)
    watched = live.WorldRun(tiny, 2)
    for number in (1, 2, 3):
        next(watched.steps["good"])
        assert worlds.begun == number
    rule._truth.cache_clear()
