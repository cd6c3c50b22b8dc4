"""What is handed out of very many settings and told of them, what halving makes of settings that
fail, and sweeps where little is as it should be: with hardly a network that is trained."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from pydantic import BaseModel, Field, ValidationError, model_validator

from classifiers.config import SweepConfig
from classifiers.config.sweep import SearchConfig
from classifiers.errors import ConfigError
from classifiers.recipes.sweep import again, file, run
from classifiers.recipes.sweep.parts import Parts
from classifiers.recipes.sweep.result import shortfall
from classifiers.recipes.sweep.spread import halving, ledger
from classifiers.recipes.sweep.spread.ledger import Ledger
from classifiers.recipes.sweep.spread.worker import Outcome
from classifiers.recipes.sweep.tasks import Task
from tests.processes.clock import Clock

SETTINGS = {"grid": {"width": [2, 9, 4, 7, 3]}, "members": 2, "epochs": 3}


@pytest.fixture
def begin(monkeypatch, tmp_path):
    """Books at some time, and what they told."""
    clock = Clock(50.0)
    monkeypatch.setattr(ledger, "time", clock)

    def begun(asked: dict[str, Any] = SETTINGS) -> tuple[Ledger, Clock, list[str]]:
        config, told = SearchConfig.parse(asked), []
        parts = Parts(tmp_path / f"{config.count}.jsonl", config)
        return Ledger(config, parts, told.append), clock, told

    return begun


def done(task: Task) -> Outcome:
    return Outcome(task, [{"bayes_accuracy": 0.9}])


@pytest.mark.parametrize(("most", "order"), [(5, [1, 3, 2, 4, 0]), (4, [0, 1, 2, 3, 4])])
def test_very_many_settings_are_taken_as_they_come(begin, monkeypatch, most, order):
    monkeypatch.setattr(ledger, "_MOST_SORTED", most)
    books, _, _ = begin()
    tasks = iter(lambda: books.take(9), [])
    assert [task.training for batch in tasks for task in batch] == order


def test_what_can_be_no_task_is_taken_last(begin, monkeypatch):
    def tasks_of(config: Any, training: int, *about: Any) -> list[Any]:
        if training in (1, 3):
            raise ConfigError("base", "is wrong")
        return [SimpleNamespace(work=SimpleNamespace(total=[5.0, 0, 7.0, 0, 9.0][training]))]

    books, _, _ = begin()
    monkeypatch.setattr(ledger, "tasks_of", tasks_of)
    assert list(books._longest_first(range(5))) == [4, 2, 0, 1, 3]


def test_of_very_many_settings_it_is_told_once_a_second(begin, monkeypatch):
    monkeypatch.setattr(ledger, "_MOST_SORTED", 4)
    books, clock, told = begin()
    for now in (51.0, 51.9, 52.0, 52.5, 53.25):
        clock.now = now
        books.settle(done(books.take(9)[0]))
    assert [line.partition(",")[0] for line in told] == [
        "width 2: 1 of 5 done", "width 4: 3 of 5 done", "width 3: 5 of 5 done",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("workers", "seconds", "count"),
    [(10, 0.1, 6), (10, 0.7, 1), (149, 0.1, 20), (500, 0.1, 20), (10, 0.001, 64), (9_999, 0.001, 2),
     (99_999, 0.001, 1)],
)  # fmt: skip
def test_how_many_tiny_tasks_are_sent_together(begin, workers, seconds, count):
    books, _, _ = begin(
        {"random": {"width": {"low": 2, "high": 9}}, "draws": 99_999, "members": 2, "epochs": 3}
    )
    books._tasks = iter([SimpleNamespace(work=SimpleNamespace(total=seconds))] * 99)  # type: ignore
    assert len(books.take(workers)) == count


def test_one_that_failed_is_told_as_one(begin):
    books, _, _ = begin()
    ends = {
        1: "1 failed and is a row with its error: the same command tries it again",
        2: "2 failed and are rows with their error: the same command tries them again",
    }
    for wanted in ends.values():
        books.settle(Outcome(books.take()[0], error="it broke"))
        assert books.summary() == f"done in 0 s; tasks took 0.0 core seconds; {wanted}"


def test_settings_that_fail_are_neither_judged_nor_stopped_early():
    """Of nine, of which three go on and one of these; two fail on the way."""
    rounds: list[Any] = []
    failures: dict[int, str] = {}

    def begin(alive: Any, epochs: int) -> None:
        rounds.append([list(alive), epochs])
        failures[{20: 4, 60: 8, 180: 0}[epochs]] = "it broke"

    def columns(training: int) -> Any:
        assert training not in failures, "it has none"
        return [[{"bayes_accuracy": 1.0, "fresh_accuracy": [training / 10]}]]

    books: Any = SimpleNamespace(
        begin=begin, columns=columns, failures=failures, settle=lambda outcome: None
    )
    config = SearchConfig.parse(
        {"grid": {"width": list(range(2, 11))}, "members": 2, "epochs": 180}
    )
    ends, told = file._compute(config, books, lambda: iter(["an outcome"]), True)
    assert rounds == [[list(range(9)), 20], [[6, 7, 8], 60], [[7], 180]]
    assert ends == {**dict.fromkeys([0, 1, 2, 3, 5], 20), 6: 60}
    planned = [halving.Round(20, 9), halving.Round(60, 3), halving.Round(180, 1)]
    assert told == halving.describe(planned, 2)


def test_a_sweep_goes_on_where_nothing_can_be_kept():
    def full(*_: Any) -> None:
        tried.append("full")
        raise OSError(28, "No space left on device")

    tried: list[str] = []
    parts: Any = SimpleNamespace(read=lambda task: None, write=full)
    config = SweepConfig.parse({"values": [2, 3], "members": 2, "epochs": 2})
    *_, kept = run.run_sweep(config, parts=parts)
    *_, whole = run.run_sweep(config)
    assert kept.result == whole.result
    assert tried == ["full"] * 2


def test_a_network_is_trained_again_on_one_thread(monkeypatch):
    def threads(config: Any, *, scene: Any) -> Any:
        yield config, scene.config, torch.get_num_threads()

    monkeypatch.setattr(again, "run_playground", threads)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        scene: Any = SimpleNamespace(config="its settings")
        assert list(again.train_again(scene)) == [("its settings", "its settings", 1)]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_search_judges_by_the_best_possible_and_what_is_unknown_comes_last():
    rows: list[dict[str, Any]] = [
        {"fresh_accuracy": {"mean": 0.75}, "test_accuracy": {"mean": 0.5}, "bayes_accuracy": 0.875},
        {"fresh_accuracy": None, "test_accuracy": {"mean": 0.5}, "bayes_accuracy": None},
        {"fresh_accuracy": {"mean": None}, "test_accuracy": {"mean": 0.5}, "bayes_accuracy": 0.9},
    ]
    assert [shortfall(row) for row in rows] == [0.125, 0.5, 1.0]


class Odd(BaseModel):
    """Refuses in three ways."""

    width: int = Field(1, gt=0)
    inner: "Odd | None" = None

    @model_validator(mode="after")
    def check(self) -> "Odd":
        if self.width == 7:
            raise ValueError("seven is odd")
        return self


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"inner": {"width": 0}}, "inner.width: should be greater than 0"),
        ({"inner": {"width": 7}}, "inner: seven is odd"),
        ({"width": 7}, "seven is odd"),
    ],
)
def test_how_a_setting_that_cannot_be_run_is_told(given, told):
    with pytest.raises(ValidationError) as refused:
        Odd.model_validate(given)
    assert ledger._sentence(refused.value) == told
    assert ledger._sentence(ConfigError("width", "must be odd")) == "width: must be odd"
