"""What early stopping pretends: measured on real runs, and told from columns that are known."""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.datasets import make_circles, make_moons
from sklearn.model_selection import train_test_split

from classifiers.config import PlaygroundConfig, SweepConfig
from classifiers.errors import ConfigError
from classifiers.network import MLP
from classifiers.recipes.sweep import optimism, tasks
from classifiers.recipes.sweep.findings.verdict import CLAIM
from classifiers.recipes.sweep.members import worlds
from classifiers.recipes.sweep.optimism import WAYS, describe_ways, early_stopping_optimism
from classifiers.training import Record, Scores

SHORT_MOONS = {
    "dataset": {"name": "moons", "samples": 100, "noise": 0.3},
    "training": {"optimizer": "adam", "learning_rate": 0.01, "epochs": 150, "test_share": 0.3},
}


def test_choosing_by_test_rows_flatters():
    base = PlaygroundConfig.parse({**SHORT_MOONS, "network": {"widths": [16, 16]}})
    *progress, result = early_stopping_optimism(base, members=12)
    assert progress == sorted(progress)
    ways = result["ways"]
    chosen, last = (np.array(ways[way]["test_accuracy"]["members"]) for way in ("test", "none"))
    assert (chosen >= last).all()
    assert ways["test"]["excess"]["interval"][0] > 0
    assert ways["test"]["excess"]["mean"] > ways["validation"]["excess"]["mean"]
    for way in ways.values():
        gaps = np.subtract(way["test_accuracy"]["members"], way["fresh_accuracy"]["members"])
        assert way["optimism"]["members"] == gaps.tolist()
    assert set(ways["none"]["epoch"]["members"]) == {150}
    assert f"{100 * ways['test']['excess']['mean']:+.1f} points" in result["findings"][0]


def test_of_equally_good_epochs_the_first_is_kept(monkeypatch):
    def course(network, training, rows, **_):
        for epoch, accuracy in enumerate((0.5, 0.8, 0.7, 0.8)):
            seen = Scores(np.ones(2), np.full(2, accuracy))
            never = np.full(2, -1)
            yield Record(epoch, dict.fromkeys(("train", "test", "validation"), seen), never, never)

    monkeypatch.setattr(optimism, "train", course)
    short = {**SHORT_MOONS, "training": {**SHORT_MOONS["training"], "epochs": 3}}
    *_, result = early_stopping_optimism(PlaygroundConfig.parse(short), members=2)
    kept = {way: told["epoch"]["members"] for way, told in result["ways"].items()}
    assert kept == {"test": [1, 1], "validation": [1, 1], "none": [3, 3]}


def test_members_of_several_groups_are_counted_together(monkeypatch):
    monkeypatch.setattr(optimism, "GROUP", 2)
    asked = []

    def course(network, training, rows, **more):
        held = more["validation"]
        sizes = [rows.y.shape[1], more["test"].y.shape[1], held.y.shape[1] if held else None]
        asked.append([network.members, training.seed, training.early_stopping, *sizes,
                      more["record_at"]])  # fmt: skip
        for epoch in range(4):
            parts = {}
            for part, best in (("train", 0), ("test", 1), ("validation", 2)):
                accuracy = 0.9 - 0.1 * np.abs(epoch - best - np.arange(network.members))
                parts[part] = Scores(np.ones(network.members), accuracy)
            never = np.full(network.members, -1)
            yield Record(epoch, parts, never, never)

    monkeypatch.setattr(optimism, "train", course)
    monkeypatch.setattr(optimism, "_at_places", lambda *_: {})
    alike = lambda network, _: iter([Scores(*np.ones((2, network.members)))])  # noqa: E731
    monkeypatch.setattr(optimism, "fresh_scores", alike)
    training = {**SHORT_MOONS["training"], "epochs": 3, "early_stopping": {"share": 0.4}, "seed": 6}
    base = PlaygroundConfig.parse({**SHORT_MOONS, "training": training})
    *progress, result = early_stopping_optimism(base, members=5)
    kept = {way: told["epoch"]["members"] for way, told in result["ways"].items()}
    assert kept == {"test": [1, 2, 1, 2, 1], "validation": [2, 3, 2, 3, 2], "none": [3] * 5}
    first = [[members, seed, None, train, 30, held, range(4)] for members, seed in
             ((2, 6), (2, 8), (1, 10)) for train, held in ((70, None), (42, 28))]  # fmt: skip
    assert asked == first
    assert progress == [0] * 8 + [1] * 10 + [2] * 13 + [3] * 2
    assert result["members"] == 5


def test_optimism_needs_members_and_fresh_points():
    with pytest.raises(ConfigError, match="^members: must be at least 2 for an interval, got 1$"):
        early_stopping_optimism(members=1)
    points = {"name": "points", "points": [[i, 0, i % 2] for i in range(10)]}
    with pytest.raises(ConfigError) as refused:
        early_stopping_optimism(PlaygroundConfig.parse({"dataset": points}))
    assert str(refused.value) == (
        "dataset.name: must be a known distribution, got 'points', which gives no fresh points to "
        "judge by; choose blobs, circles, moons, xor or spirals"
    )


def test_optimism_is_measured_on_one_thread_as_sweeps_are(monkeypatch):
    def threads(*given):
        yield *given, torch.get_num_threads()

    monkeypatch.setattr(optimism, "_compare", threads)
    monkeypatch.setattr(tasks, "_measure", threads)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        base = PlaygroundConfig.parse(SHORT_MOONS)
        assert list(early_stopping_optimism(base, members=7)) == [(base, 7, 1)]
        assert list(early_stopping_optimism()) == [(SweepConfig().base, 20, 1)]
        assert list(tasks.measure("a task", "card")) == [("a task", "card", 1)]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("name", ["moons", "circles", "blobs", "xor", "spirals"])
def test_places_are_of_what_is_drawn_at_regular_angles(monkeypatch, name):
    def course(network, *_, **__):
        seen, never = Scores(*np.full((2, 3), 0.5)), np.full(3, -1)
        yield Record(1, dict.fromkeys(("train", "test", "validation"), seen), never, never)

    def places(network, base, chosen):
        asked.append([network.members, base.dataset.name, chosen])
        return {f"{part}_places_accuracy": np.full(3, 0.25) for part in ("test", "train")}

    asked = []
    monkeypatch.setattr(optimism, "train", course)
    monkeypatch.setattr(optimism, "_at_places", places)
    alike = lambda network, _: iter([Scores(*np.ones((2, network.members)))])  # noqa: E731
    monkeypatch.setattr(optimism, "fresh_scores", alike)
    base = PlaygroundConfig.parse(
        {"dataset": {"name": name, "samples": 60}, "training": {"epochs": 1}}
    )
    *_, result = early_stopping_optimism(base, members=3)
    regular = name in ("moons", "circles")
    assert asked == ([[3, name, worlds(base, range(3))]] if regular else [])
    assert ("test_places_accuracy" in result["ways"]["none"]) == regular


@pytest.mark.parametrize("kind", ["moons", "circles"])
def test_new_points_are_drawn_around_the_places_of_test_and_training_points(kind):
    data = {**SHORT_MOONS["dataset"], "name": kind, "label_noise": 0.25}
    base = PlaygroundConfig.parse({**SHORT_MOONS, "dataset": data, "network": {"widths": [3]}})
    chosen = worlds(base, range(2))
    network = MLP(base.network, 2, 2, 2).initialize(3)
    found = optimism._at_places(network, base, chosen)
    random = np.random.default_rng(1)
    for k, world in enumerate(chosen):
        made = make_moons if kind == "moons" else partial(make_circles, factor=0.5)
        x, y = made(100, random_state=world.points)  # on the curves, in the same order
        pieces = train_test_split(np.arange(100), test_size=0.3, random_state=world.split)
        for name, rows in zip(("train", "test"), pieces, strict=True):
            new = np.tile(x[rows], (400, 1)) + random.normal(0, 0.3, (400 * len(rows), 2))
            logits = network.logits(torch.from_numpy(new.astype(np.float32)))[k]
            share = (logits.argmax(1).numpy() == np.tile(y[rows], 400)).mean()
            assert found[f"{name}_places_accuracy"][k] == pytest.approx(share, abs=0.01)


def columns(count: int = 40) -> dict[str, dict[str, np.ndarray]]:
    random = np.random.default_rng(0)
    luck, fresh = random.normal(-0.02, 0.03, count), random.normal(0.88, 0.01, count)
    made = {}
    for way, gain, excess in (("test", 0.02, 0.03), ("validation", 0.01, 0), ("none", 0, 0)):
        accuracy = fresh + gain + random.normal(0, 0.005, count)
        made[way] = {
            "epoch": np.full(count, 7.0),
            "train_accuracy": accuracy,
            "test_accuracy": accuracy + luck + excess + random.normal(0, 0.01, count),
            "fresh_accuracy": accuracy,
        }
    for name, gap in (("test", -0.01), ("train", 0.01)):
        there = made["none"]["fresh_accuracy"] + gap + random.normal(0, 0.005, count)
        made["none"][f"{name}_places_accuracy"] = there
    return made


def test_excess_and_gain_are_paired_over_the_same_worlds():
    made = columns()
    ways = describe_ways(made)["ways"]
    assert set(ways) == set(WAYS)
    assert "excess" not in ways["none"]
    plain = {way: made[way]["test_accuracy"] - made[way]["fresh_accuracy"] for way in WAYS}
    for way in ("test", "validation"):
        gap = plain[way] - plain["none"]
        low, high = stats.ttest_1samp(gap, 0).confidence_interval()
        assert ways[way]["excess"]["members"] == pytest.approx(gap)
        assert ways[way]["excess"]["interval"] == pytest.approx([low, high])
        paired = stats.ttest_rel(made[way]["fresh_accuracy"], made["none"]["fresh_accuracy"])
        assert ways[way]["gain"]["interval"] == pytest.approx([*paired.confidence_interval()])
    low, high = stats.ttest_1samp(plain["none"], 0).confidence_interval()
    assert ways["none"]["optimism"]["interval"] == pytest.approx([low, high])


def test_sentences_claim_what_differs_and_say_why_test_points_are_harder():
    made = columns()
    by_test, by_validation, gain, luck = describe_ways(made)["findings"]
    assert CLAIM in by_test
    assert CLAIM not in by_validation
    assert gain.count(CLAIM) == 2
    assert "lies below fresh accuracy too: the difference is -" in luck
    assert "regular angles and split without replacement" in luck
    assert all("40 worlds (new points, split and start each)" in text
               for text in (by_test, by_validation, gain, luck))  # fmt: skip
    told = describe_ways(made)["ways"]["none"]
    for name in ("test", "train"):
        gap = made["none"][f"{name}_places_accuracy"] - made["none"]["fresh_accuracy"]
        assert told[f"{name}_places"]["interval"] == pytest.approx(
            [*stats.ttest_1samp(gap, 0).confidence_interval()]
        )
        mean = f"{100 * gap.mean():+.1f} points (95 % interval"
        assert mean in luck
    gap = made["none"]["test_places_accuracy"] - made["none"]["train_places_accuracy"]
    assert told["places"]["members"] == pytest.approx(gap)
    for name, shift in (("test", 0.02), ("train", -0.03)):  # easy, or no harder: not the cause
        other = copy.deepcopy(made)
        other["none"][f"{name}_places_accuracy"] += shift
        assert "regular" not in describe_ways(other)["findings"][-1]
    del made["none"]["test_places_accuracy"], made["none"]["train_places_accuracy"]
    assert "regular" not in describe_ways(made)["findings"][-1]
    few = {way: {name: c[:9] for name, c in parts.items()} for way, parts in made.items()}
    assert not any(CLAIM in text for text in describe_ways(few)["findings"])
