"""A world is drawn as the lesson's plain loop would draw it, alone or among others, live or not."""

import functools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from classifiers.config import CapstoneConfig
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import fresh, posterior, sample
from classifiers.recipes.capstone.run import NAMES, capstone_runs, run_capstone
from classifiers.recipes.capstone.worlds import draw, rule
from classifiers.recipes.capstone.worlds.draw import SCORES, Draw, News, train_worlds
from classifiers.recipes.capstone.worlds.live import WorldRun, draw_world_live
from classifiers.recipes.capstone.worlds.message import decode_regions, unpack_regions
from classifiers.recipes.capstone.worlds.pile import PAIRS, World, assemble
from classifiers.recipes.capstone.worlds.regions import contains, to_steps
from classifiers.recipes.capstone.worlds.rule import (
    RULES,
    density_of,
    draw_world,
    film_epochs,
    other_split,
    other_start,
    seeds_of,
    truth_of,
    world_runs,
)
from classifiers.turns import Together, play

TINY = CapstoneConfig.parse({"dataset": {"samples": 40}, "training": {"epochs": 12}})
POINTS, ALONG = 6_000, 1_000


@pytest.fixture(autouse=True, scope="module")
def few_points() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule, "FRESH_POINTS", POINTS)
        patch.setattr(draw, "ALONG_POINTS", ALONG)
        rule._truth.cache_clear()
        yield
    rule._truth.cache_clear()


def drawn(name: str, worlds: range = range(1), config: CapstoneConfig = TINY) -> list[Draw]:
    seeds = [seeds_of(config, k) for k in worlds]
    *_, last = train_worlds(world_runs(config)[name], seeds, truth_of(config))
    return list(last.draws)


@functools.cache
def four(name: str) -> list[Draw]:
    """The first worlds, trained together once; not for tests that change how that is done."""
    return drawn(name, range(4))


def assert_same(a: World, b: World) -> None:
    for key in ("scores", "margins", "histograms", "only_one", "boundary_length", "diverged_at"):
        np.testing.assert_array_equal(getattr(a, key), getattr(b, key), key)
    assert (a.regions, a.best_test) == (b.regions, b.best_test)


# What a world is.


def test_world_0_is_the_lessons_draw_and_others_share_nothing_with_it():
    for config in RULES.values():
        seeds = seeds_of(config, 0)
        assert (seeds.points, seeds.split, seeds.start) == (0, 0, 0)
        runs = capstone_runs(config)
        assert world_runs(config) == runs
    worlds = [draw_world(world_runs(TINY)["good"], seeds_of(TINY, k)) for k in range(4)]
    for i, one in enumerate(worlds):
        assert sorted([*one.train, *one.test]) == list(range(40))
        for other in worlds[:i]:
            assert not np.isin(one.dataset.x, other.dataset.x).any()
            assert set(one.test) != set(other.test)


def test_another_split_and_another_start_change_that_alone():
    seeds = seeds_of(TINY, 3)
    split, start = other_split(seeds), other_start(seeds)
    assert (split.points, split.start) == (seeds.points, seeds.start)
    assert (start.points, start.split) == (seeds.points, seeds.split)
    assert split.split != seeds.split
    assert start.start != seeds.start


@pytest.mark.parametrize("epochs", [1, 2, 5, 17, 18, 100, 2000, 20_000])
def test_epochs_lie_evenly_on_a_logarithmic_axis(epochs):
    chosen = film_epochs(epochs)
    assert chosen[0] == 0
    assert chosen[-1] == epochs
    assert len(chosen) <= 18
    assert chosen == sorted(set(chosen))
    if epochs == 2000:
        steps = np.diff(np.log(chosen[6:]))
        assert len(chosen) == 18
        assert np.ptp(steps) < 0.1


def test_the_truth_is_that_of_the_fresh_points():
    truth, data = truth_of(TINY), world_runs(TINY)["good"].dataset
    x = fresh(data, POINTS).x
    np.testing.assert_array_equal(truth.fresh.numpy(), x)
    np.testing.assert_allclose(truth.eta, posterior(data, x)[:, 1])
    # The density of the grid's points is that of a very large sample.
    low, high, bottom, top = truth.extent
    many = fresh(data, 200_000, 5).x
    seen, *_ = np.histogram2d(many[:, 1], many[:, 0], 10, [[bottom, top], [low, high]])
    area = (high - low) * (top - bottom) / 100
    points = truth.grid.numpy()
    mean, *_ = np.histogram2d(
        points[:, 1], points[:, 0], 10, [[bottom, top], [low, high]], weights=density_of(TINY)
    )
    number, *_ = np.histogram2d(points[:, 1], points[:, 0], 10, [[bottom, top], [low, high]])
    np.testing.assert_allclose(mean / number * area, seen / 200_000, atol=0.004)


# One network of one world, against torch's own layers, optimiser and loss.


def plain_small_network(k: int, config: CapstoneConfig) -> tuple[np.ndarray, np.ndarray]:
    """Scores (4, E) of the small network on training and test points, and the test margins."""
    run = world_runs(config)["underfit"]
    points = sample(run.dataset, seed=config.dataset.seed + k)
    train, test = split_indices(40, 0.3, seeds_of(config, k).split)
    torch.manual_seed(config.training.seed + k)
    network = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    x, y = torch.from_numpy(points.x), torch.from_numpy(points.y)
    wanted, rows = film_epochs(config.training.epochs), []
    for epoch in range(config.training.epochs + 1):
        with torch.no_grad():
            logits = network(x)
            right = (logits.argmax(1) == y).double()
            loss = nn.functional.cross_entropy(logits.double(), y, reduction="none")
        if epoch in wanted:
            rows.append([values[part].mean() for part in (train, test) for values in (right, loss)])
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x[train]), y[train]).backward()
        optimizer.step()
    return np.array(rows).T, (logits[test, 1] - logits[test, 0]).numpy()


def check_against_the_plain_loop() -> None:
    for k in (0, 3):
        (own,) = drawn("underfit", range(k, k + 1))
        scores, margins = plain_small_network(k, TINY)
        np.testing.assert_allclose(own.scores[:4], scores, atol=1e-5)
        np.testing.assert_allclose(own.margins, margins, atol=1e-5)


def test_a_draw_is_that_of_the_plain_loop():
    check_against_the_plain_loop()


@pytest.mark.parametrize("fault", ["train for test", "sign", "epoch off by one", "another split"])
def test_a_fault_would_be_noticed(fault, monkeypatch):
    start_members = draw.start_members
    if fault == "train for test":

        def swapped(*given):
            network, parts = start_members(*given)
            return network, replace(parts, test=parts.train)

        monkeypatch.setattr(draw, "start_members", swapped)
    elif fault == "sign":
        log_odds = draw.all_log_odds
        monkeypatch.setattr(draw, "all_log_odds", lambda *given: -log_odds(*given))
    elif fault == "epoch off by one":
        late = lambda epochs: [0, *(min(e + 1, epochs) for e in film_epochs(epochs)[1:])]  # noqa: E731
        monkeypatch.setattr(draw, "film_epochs", late)
    else:
        turned = lambda run, seeds: start_members(run, [other_split(s) for s in seeds])  # noqa: E731
        monkeypatch.setattr(draw, "start_members", turned)
    with pytest.raises(AssertionError):
        check_against_the_plain_loop()


@pytest.mark.parametrize("name", NAMES)
def test_a_draw_says_what_the_network_says(name):
    """Against the playground's run of world 0, which keeps its network."""
    results = {n: u.result for n, u in play(run_capstone(TINY, film=False)) if u.result}
    result, own = results[name], four(name)[0]
    truth = truth_of(TINY)
    ends = dict(zip(SCORES, own.scores[:, -1], strict=True))
    for key in SCORES[:4]:
        assert ends[key] == result.mean(key)
    assert ends["fresh_accuracy"] == pytest.approx(result.fresh[0], abs=0.02)  # of 100,000
    logits = result.network.logits(truth.fresh)[0].double().numpy()
    z = logits[:, 1] - logits[:, 0]
    np.testing.assert_allclose(own.log_odds, z, rtol=1e-4, atol=1e-4)
    p = 1 / (1 + np.exp(-z))
    eta = truth.eta
    loss = -(eta * np.log(p) + (1 - eta) * np.log1p(-p)).mean()
    accuracy = np.where(z > 0, eta, 1 - eta).mean()
    assert ends["fresh_loss"] == pytest.approx(loss, rel=1e-4)
    assert ends["fresh_accuracy"] == pytest.approx(accuracy, abs=1e-4)
    test = result.network.logits(result.scene.rows("test").x)[0].numpy()
    np.testing.assert_allclose(own.margins, test[:, 1] - test[:, 0], rtol=1e-4, atol=1e-5)


def test_regions_are_where_the_network_says_class_1():
    own = four("good")[0]
    truth = truth_of(TINY)
    (rings,) = decode_regions(own.regions[-1])
    inside = contains(rings, to_steps(truth.fresh.numpy(), truth.extent))
    low, high, bottom, top = truth.extent
    x, y = truth.fresh.numpy().T
    shown = (x > low) & (x < high) & (y > bottom) & (y < top)
    assert (inside != own.answers)[shown].mean() < 0.005


# Whoever else is trained.


@pytest.mark.parametrize("name", NAMES)
def test_a_world_does_not_depend_on_its_group(name):
    group = four(name)
    for k in (0, 2, 3):
        (alone,) = drawn(name, range(k, k + 1))
        for key in ("scores", "margins", "log_odds", "answers", "grid", "histogram"):
            np.testing.assert_array_equal(getattr(alone, key), getattr(group[k], key), key)
        assert alone.regions == group[k].regions


def test_live_equals_offline_and_a_stopped_run_one_that_never_was():
    k = 2
    *events, live = play(draw_world_live(TINY, k))
    offline = {name: four(name)[k] for name in NAMES}
    assert_same(live, assemble(TINY, k, offline, truth_of(TINY)))
    assert events

    run, stops = WorldRun(TINY, k), 0

    def follow(most: int):
        taken: list[str] = []
        take = lambda name, news: taken.append(name) or run.take(name, news)  # noqa: E731
        yield Together(run.steps, take, until=lambda: len(taken) >= most)

    while not run.done:
        list(play(follow(3 + stops)))
        stops += 1
    assert stops > 3
    assert_same(run.world(), live)
    run.close()
    assert not run.steps


def test_events_tell_the_newest_and_no_more():
    run = WorldRun(TINY, 1)
    run._pace._seconds = 0.0
    told: dict[str, list[int]] = {name: [] for name in NAMES}
    phases = []
    for name, steps in run.steps.items():
        for news in steps:
            event = run.take(name, news)
            assert set(event) == {"phase", "epoch", "epochs", "now"}
            phases.append(event["phase"])
            for other, now in event["now"].items():
                told[other].append(now["epoch"])
                assert len(unpack_regions(now["region"])) == 1
                assert set(now["scores"]) == set(SCORES)
    assert set(phases) == {"training", "scoring"}
    assert phases == sorted(phases, reverse=True)  # scoring last
    assert told == {name: film_epochs(12) for name in NAMES}
    assert run.reached == dict.fromkeys(NAMES, 12)
    quiet = WorldRun(TINY, 1)
    quiet._pace._seconds = 1e9
    quiet._pace.due()
    assert quiet.take("good", News(5)) is None


def test_a_network_that_diverges_stays_as_it_was():
    run = world_runs(TINY)["underfit"]
    wild = run.model_copy(
        update={
            "training": run.training.model_copy(
                update={"optimizer": "sgd", "learning_rate": 1e38, "weight_decay": 1.0}
            )
        }
    )
    *_, last = train_worlds(wild, [seeds_of(TINY, 0)], truth_of(TINY))
    (own,) = last.draws
    assert own.diverged_at > 0
    assert own.scores.shape == (6, len(film_epochs(12)))
    assert len(own.regions) == own.scores.shape[1]
    assert len(set(own.regions[-2:])) == 1


def test_only_one_of_two_is_right_as_often_as_counted():
    draws = {name: four(name)[0] for name in NAMES}
    truth = truth_of(TINY)
    world = assemble(TINY, 0, draws, truth)
    rng = np.random.default_rng(0)
    labels = rng.random((400, POINTS)) < truth.eta
    for (first, second), seen in zip(PAIRS, world.only_one, strict=True):
        a, b = ((draws[name].answers == labels) for name in (first, second))
        np.testing.assert_allclose(seen, [(a & ~b).mean(), (~a & b).mean()], atol=1e-3)
        gap = draws[first].scores[4, -1] - draws[second].scores[4, -1]
        assert seen[0] - seen[1] == pytest.approx(gap, abs=1e-6)
