"""What those who wait are told of a played run, and who rests between its epochs."""

import itertools

import pytest

from classifiers.recipes.playground.budget import expect
from classifiers.turns import Expect, Rest
from tests.ui.playground.test_play import news, played


@pytest.mark.parametrize(("widths", "small"), [([8], True), ([256, 256], False)])
def test_who_waits_is_told_what_training_alone_takes(widths, small):
    run = played({"dataset": {"samples": 400}, "network": {"widths": widths}})
    for _ in range(2):
        alone = expect(run.config, film=False)
        assert next(run.step()) == alone != expect(run.config)
        assert next(run.play(until=7)) == alone
        run._give_up()  # and that anew, where it has to be trained again
        assert run._run is None
        assert next(run.play()) == alone
        news(run.step())
    assert next(run.play()) == Expect(2.0, small, endless=True)


def test_who_rests_between_two_epochs_ends_where_somebody_else_drives():
    run = played({"dataset": {"samples": 100}})
    slow = run.play(speed=0.01)
    assert any(isinstance(value, Rest) for value in slow)  # until the first
    news(run.step())
    assert not any(isinstance(value, Rest) for value in itertools.islice(slow, 9))
