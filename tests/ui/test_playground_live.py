"""A run of the playground that is stopped and gone on with."""

import json
import threading

import gradio as gr
import pytest

from classifiers.config import PlaygroundConfig
from classifiers.errors import BudgetError
from classifiers.recipes.playground.run import finish_playground, recorded_epochs, run_playground
from classifiers.ui.playground import live as playground_live
from classifiers.ui.playground import tab as playground
from classifiers.ui.playground.controls import read_config, show_config
from classifiers.ui.playground.live import PausableRun
from tests.tools.app_client import told

VALUES = show_config(
    PlaygroundConfig.parse({"dataset": {"name": "moons"}, "training": {"epochs": 300}})
)


@pytest.fixture(autouse=True)
def _every_update_is_told(monkeypatch):
    monkeypatch.setattr("classifiers.ui.film.message._SECONDS_BETWEEN", 0.0)


def train(run, values=VALUES):
    """Each answer of the Train button as the message, the epoch reached and the run kept."""
    for message, _, trained, reached, _, kept in told(playground._train(run, *values)):
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
    for ended in (run, None):
        assert playground._stop(ended)[1] == gr.skip()


def test_what_comes_after_the_first_picture_leaves_the_report_alone():
    """Or it would wipe out what Stop says."""
    answers = told(playground._train(None, *VALUES))
    assert next(answers)[1:5:3] == ["", ""]
    assert next(answers)[1:5:3] == [gr.skip(), gr.skip()]


def test_a_result_that_was_lost_with_a_stop_is_told_again():
    run = stopped()
    assert run.claim(read_config(VALUES))
    messages = told(run.messages())
    while (answer := next(messages))[1] is None:
        pass
    messages.close()  # Gradio drops what a cancelled listener gives
    assert "epoch 300 of 300" in playground._stop(run)[1]
    (first, *_), (last, *_, trained) = train(run)
    assert (first["state"], last["state"]) == ("running", "done")
    assert trained.weights() == playground.Trained.of(answer[1]).weights()


def test_a_stop_and_a_train_in_the_middle_of_an_epoch(monkeypatch):
    """The thread that was stopped still computes as the next one begins."""
    computing, go_on = threading.Event(), threading.Event()

    def slow(*arguments, **options):
        for update in run_playground(*arguments, **options):
            if update.epoch > 0 and not computing.is_set():
                computing.set()
                go_on.wait(10)
            yield update

    monkeypatch.setattr(playground_live, "run_playground", slow)
    first = train(None)
    run = next(first)[2]
    thread = threading.Thread(target=next, args=(first,))
    thread.start()
    assert computing.wait(10)
    threading.Timer(0.2, go_on.set).start()
    *_, (last, end, _, _) = train(run)
    thread.join()
    assert (last["state"], end) == ("done", 300)
    assert last["stages"][0]["rows"]["epoch"] == recorded_epochs(300)


def test_a_step_leaves_a_stopped_run_to_go_on_with():
    run = stopped()
    for *_, reached, _, kept in told(playground._step(run.epoch, *VALUES)):
        assert kept == gr.skip()
        assert reached in (gr.skip(), run.epoch + 1)
    assert run.claim(read_config(VALUES))


def test_the_oldest_of_too_many_stopped_runs_is_given_up_with_its_film(monkeypatch):
    monkeypatch.setattr("classifiers.ui.parts.stopped.MOST_STOPPED", 2)
    config = read_config(VALUES)
    followed = stopped(after=3)
    assert followed.claim(config)  # on its way to be followed: not among the stopped
    runs = [stopped(after=3) for _ in range(4)]
    assert [run.has_more for run in (followed, *runs)] == [True, False, True, True, True]
    assert runs[0]._show is None
    assert not runs[0].claim(config)
    assert playground._stop(runs[0])[1] == gr.skip()
    assert list(told(followed.messages()))[-1][1] is not None


def test_a_run_that_failed_does_not_go_on(monkeypatch):
    config = read_config(VALUES)

    def refuse(*_, **__):
        raise BudgetError("training.epochs", "too many")
        yield

    monkeypatch.setattr(playground_live, "run_playground", refuse)
    run = PausableRun(config, playground._scene(config))
    with pytest.raises(BudgetError):
        list(run.messages())
    assert not run.claim(config)
