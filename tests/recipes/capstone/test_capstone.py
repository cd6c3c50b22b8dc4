"""The capstone recipe: three runs on the same data, at the same time."""

import weakref
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest

from classifiers.config import CapstoneConfig
from classifiers.errors import BudgetError, ConfigError
from classifiers.recipes.capstone import run as capstone
from classifiers.recipes.capstone.run import (
    NAMES,
    CapstoneRun,
    capstone_runs,
    compare_capstone,
    run_capstone,
)
from classifiers.recipes.capstone.worlds.live import draw_world_live
from classifiers.recipes.capstone.worlds.rule import world_runs
from classifiers.recipes.playground.budget import check_budget
from classifiers.recipes.playground.result import build_scene
from classifiers.recipes.playground.run import Update, finish_playground
from classifiers.turns import Expect, Together, play

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
    *_, together = play(compare_capstone(SHORT))
    for name, run in capstone_runs(SHORT).items():
        alone = finish_playground(run).to_dict()
        for result in (alone, together[name]):
            result.pop("seconds")
        assert together[name] == alone


def test_progress_comes_before_the_results():
    *progress, last = play(compare_capstone(SHORT))
    assert progress
    assert all(set(step) == {"epoch", "epochs"} for step in progress)
    assert tuple(last) == NAMES


@pytest.fixture
def generators(monkeypatch) -> list[weakref.ref]:
    """The generators that capstones make from now on; a closed one is gone."""
    made: list[weakref.ref] = []

    def making(*args, **kwargs):
        steps = run_playground(*args, **kwargs)
        made.append(weakref.ref(steps))
        return steps

    run_playground = capstone.run_playground
    monkeypatch.setattr(capstone, "run_playground", making)
    return made


def test_a_run_that_was_stopped_again_and_again_ends_as_one_that_never_was():
    straight, halting = ({name: [] for name in NAMES} for _ in range(2))
    for name, update in play(run_capstone(SHORT)):
        straight[name].append(update)
    run, stops = CapstoneRun(SHORT), 0

    def follow(most: int):
        """Some of the run: its parts are left as they are after `most` values."""
        taken = []
        take = lambda name, update: taken.append(name) or halting[name].append(update)  # noqa: E731
        yield Together(run.steps, take, until=lambda: len(taken) >= most)

    while not all(told and told[-1].result for told in halting.values()):
        list(play(follow(5 + stops)))
        stops += 1
    assert stops > 3
    for name in NAMES:
        rows = [[u.row for u in told[name] if u.row] for told in (straight, halting)]
        assert [row.epoch for row in rows[0]] == [row.epoch for row in rows[1]]
        frames = [[u.frame for u in told[name] if u.frame] for told in (straight, halting)]
        assert len(frames[0]) == len(frames[1])
        for a, b in zip(*frames, strict=True):
            np.testing.assert_array_equal(a.region, b.region)
            np.testing.assert_array_equal(a.neurons, b.neurons)
        ends = [told[name][-1].result for told in (straight, halting)]
        assert (ends[0].network.parameters == ends[1].network.parameters).all()
        assert {**ends[0].to_dict(), "seconds": 0} == {**ends[1].to_dict(), "seconds": 0}


def test_a_closed_run_frees_its_generators(generators):
    run = CapstoneRun(CapstoneConfig(), film=False)
    assert [steps() is not None for steps in generators] == [True] * len(NAMES)
    run.close()
    assert [steps() for steps in generators] == [None] * len(NAMES)


def test_they_share_data_and_split():
    scenes = {name: update.scene for name, update in play(run_capstone(SHORT, film=False))}
    first, *others = scenes.values()
    for scene in others:
        np.testing.assert_array_equal(scene.dataset.x, first.dataset.x)
        np.testing.assert_array_equal(scene.test, first.test)


def test_too_much_work_is_refused_before_it_starts():
    config = CapstoneConfig.parse({"training": {"epochs": 20_000, "members": 20}})
    with pytest.raises(BudgetError, match="^training"):
        next(run_capstone(config))


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


@pytest.mark.parametrize(
    ("steps", "film"),
    [
        (run_capstone, True), (lambda config: run_capstone(config, film=False), False),
        (compare_capstone, False), (lambda config: draw_world_live(config, 3), False),
    ],
)  # fmt: skip
def test_what_a_line_is_told_is_what_all_three_take(steps, film):
    works = [check_budget(run, film=film).total for run in world_runs(SHORT).values()]
    assert next(steps(SHORT)) == Expect(pytest.approx(sum(works)))


def test_progress_does_not_go_back(monkeypatch):
    often = lambda seconds: SimpleNamespace(due=lambda: seconds == 0.5)  # noqa: E731
    monkeypatch.setattr(capstone, "Pace", often)
    _, together = islice(compare_capstone(SHORT), 2)
    scene = build_scene(capstone_runs(SHORT)["good"])
    told = [together.take("good", Update(scene, epoch))["epoch"]["good"] for epoch in (0, 9, 7, 30)]
    assert told == [0, 9, 9, 30]
    assert together.take("underfit", Update(scene, 4)) == {
        "epoch": {"underfit": 4, "overfit": 0, "good": 30}, "epochs": 30,
    }  # fmt: skip
    assert list(together.parts) == ["overfit", "underfit", "good"], "the longest first"


@pytest.mark.parametrize("film", [True, False])
def test_each_of_the_three_is_run_on_the_points_of_all(monkeypatch, film):
    asked = []
    monkeypatch.setattr(capstone, "run_playground", lambda *run, **how: asked.append((*run, how)))
    CapstoneRun(SHORT, film=film)
    runs = capstone_runs(SHORT)
    assert [run for run, _ in asked] == [runs[name] for name in ("overfit", "underfit", "good")]
    for run, how in asked:
        assert (how["film"], how["scene"].config) == (film, run)
        assert how["scene"].dataset is asked[0][1]["scene"].dataset
