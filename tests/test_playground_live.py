"""A run of the playground that is stopped and gone on with."""

import json

import pytest

from classifiers.config import PlaygroundConfig
from classifiers.errors import BudgetError
from classifiers.recipes.playground import finish_playground
from classifiers.ui import playground, playground_live
from classifiers.ui.playground_controls import read_config, show_config
from classifiers.ui.playground_live import PausableRun

VALUES = show_config(
    PlaygroundConfig.parse({"dataset": {"name": "moons"}, "training": {"epochs": 300}})
)


@pytest.fixture(autouse=True)
def _every_update_is_told(monkeypatch):
    monkeypatch.setattr("classifiers.ui.film_message._SECONDS_BETWEEN", 0.0)


def train(run, values=VALUES):
    """Each answer of the Train button as the message, the epoch reached and the run kept."""
    for message, _, trained, reached, _, kept in playground._train(run, *values):
        if isinstance(message, str):
            yield json.loads(message), reached, kept, trained


def stopped(values=VALUES, after: int = 40) -> PausableRun:
    answers = train(None, values)
    for _ in range(after):
        *_, run, _ = next(answers)
    answers.close()
    return run


def test_a_stopped_run_goes_on_and_ends_as_one_that_was_not():
    run = stopped()
    assert 0 < run.epoch < 300
    hint = playground._stop(run)[1]
    assert f"epoch {run.epoch} of 300" in hint
    (first, _, kept, _), *_, (last, end, after, trained) = train(run)
    assert first["state"] == "running"
    assert first["stages"][0]["start"]  # the page may have missed some of it
    assert kept is run
    assert last["state"] == "done"
    assert (end, after) == (300, None)
    whole = finish_playground(read_config(VALUES), film=True)
    assert trained.weights() == playground.Trained.of(whole).weights()
    epochs = last["stages"][0]["rows"]["epoch"]
    assert epochs == sorted(set(epochs))
    assert (epochs[0], epochs[-1]) == (0, 300)


def test_other_settings_or_a_finished_run_start_anew():
    run = stopped()
    other = show_config(
        PlaygroundConfig.parse({"dataset": {"name": "moons"}, "training": {"epochs": 200}})
    )
    first = next(train(run, other))
    assert "state" not in first[0]
    assert first[2] is not run
    *_, done = train(run)
    assert done[0]["state"] == "done"
    assert next(train(run))[2] is not run
    assert playground._stop(None)[1] == playground.gr.skip()


def test_the_oldest_of_too_many_stopped_runs_is_given_up(monkeypatch):
    monkeypatch.setattr(playground_live, "MOST_STOPPED", 2)
    runs = [stopped(after=3) for _ in range(4)]
    config = read_config(VALUES)
    assert [run.goes_on_with(config) for run in runs] == [False, True, True, True]
    assert not list(runs[0].messages())[1:]  # what it had told, and no more


def test_a_run_that_failed_does_not_go_on(monkeypatch):
    config = read_config(VALUES)

    def refuse(*_, **__):
        raise BudgetError("training.epochs", "too many")
        yield

    monkeypatch.setattr(playground_live, "run_playground", refuse)
    run = PausableRun(config, playground._scene(config))
    with pytest.raises(BudgetError):
        list(run.messages())
    assert not run.goes_on_with(config)
