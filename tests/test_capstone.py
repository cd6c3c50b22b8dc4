"""The capstone recipe: three runs on the same data, at the same time."""

import threading

import numpy as np
import pytest

from classifiers.config import CapstoneConfig
from classifiers.errors import BudgetError, ConfigError
from classifiers.recipes.capstone import NAMES, capstone_runs, compare_capstone, run_capstone
from classifiers.recipes.playground import finish_playground

SHORT = CapstoneConfig.parse({"training": {"epochs": 30}})


def test_the_three_are_the_lessons():
    runs = capstone_runs(CapstoneConfig())
    assert {name: run.network.widths for name, run in runs.items()} == {
        "underfit": (2,),
        "overfit": (256, 256, 256),
        "good": (16, 16),
    }
    assert {run.training.weight_decay for run in runs.values()} == {0.0, 1e-4}
    assert runs["good"].network.dropout == 0.2
    for run in runs.values():
        assert (run.dataset.samples, run.dataset.noise, run.dataset.seed) == (300, 0.3, 0)
        assert (run.training.epochs, run.training.learning_rate) == (2000, 0.01)


def test_each_result_equals_the_run_alone():
    *_, together = compare_capstone(SHORT)
    for name, run in capstone_runs(SHORT).items():
        alone = finish_playground(run).to_dict()
        for result in (alone, together[name]):
            result.pop("seconds")
        assert together[name] == alone


def test_progress_comes_before_the_results():
    *progress, last = compare_capstone(SHORT)
    assert progress
    assert all(set(step) == {"epoch", "epochs"} for step in progress)
    assert tuple(last) == NAMES


def test_closing_stops_the_threads():
    news = run_capstone(CapstoneConfig(), film=False)
    next(news)
    news.close()
    for thread in threading.enumerate():
        if thread.name.startswith("capstone-"):
            thread.join(5)
            assert not thread.is_alive()


def test_they_share_data_and_split():
    scenes = {name: update.scene for name, update in run_capstone(SHORT, film=False)}
    first, *others = scenes.values()
    for scene in others:
        np.testing.assert_array_equal(scene.dataset.x, first.dataset.x)
        np.testing.assert_array_equal(scene.test, first.test)


def test_too_much_work_is_refused_before_it_starts():
    config = CapstoneConfig.parse({"training": {"epochs": 20_000, "members": 20}})
    with pytest.raises(BudgetError, match="^training"):
        next(run_capstone(config))
    assert not [t for t in threading.enumerate() if t.name.startswith("capstone-")]


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"dataset": {"noise": -1}}, "dataset.noise"),
        ({"good": {"width": 0}}, "good.width"),
        ({"bad": {}}, "bad"),
        ({"training": {"epochs": "many"}}, "training.epochs"),
        ([], "config"),
    ],
)
def test_bad_settings_are_named(value, field):
    with pytest.raises(ConfigError, match=f"^{field}: "):
        CapstoneConfig.parse(value)
