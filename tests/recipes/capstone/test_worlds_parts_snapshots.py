"""Worlds from networks that were made up, each of its own numbers: looked at, kept, together."""

import functools
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save

from classifiers.config import CapstoneConfig
from classifiers.data.synthetic import Extent
from classifiers.recipes.capstone.records import FOLDER, load_record, save_record
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds import draw, pile, record, rule, together
from classifiers.recipes.capstone.worlds.draw import SCORES, Draw, News, train_worlds
from classifiers.recipes.capstone.worlds.message import decode_regions, encode_region
from classifiers.recipes.capstone.worlds.record import Plan, _dump, _load, tasks_of, write_worlds
from classifiers.recipes.capstone.worlds.regions import (
    COLUMNS,
    ROWS,
    _simplify,
    contains,
    to_steps,
    trace,
)
from classifiers.recipes.capstone.worlds.rule import seeds_of, truth_of, world_runs
from classifiers.recipes.capstone.worlds.scores import along_the_way, histogram, weighted
from classifiers.recipes.capstone.worlds.store import load_pile
from tests.answers.thinned import attempt, hold
from tests.recipes.sweep.test_sweep_answers_snapshots import unpacked

TINY = CapstoneConfig.parse({"dataset": {"samples": 40}, "training": {"epochs": 3}})
POINTS, ALONG, LOSS = 600, 90, 250
EPOCHS = 4  # at which a world is looked at


@pytest.fixture(autouse=True)
def few_points(monkeypatch):
    monkeypatch.setattr(rule, "FRESH_POINTS", POINTS)
    monkeypatch.setattr(draw, "ALONG_POINTS", ALONG)
    for where in (draw, pile, together):
        monkeypatch.setattr(where, "LOSS_POINTS", LOSS)
    rule._truth.cache_clear()
    yield
    rule._truth.cache_clear()


class Network:
    """Says `z` at (N, 2) points, as logits of two members that differ."""

    def __init__(self, z: Any) -> None:
        self.z = z

    def logits(self, points: torch.Tensor) -> torch.Tensor:
        z = torch.from_numpy(self.z(points.double().numpy())).float()
        return torch.stack([torch.stack([z / 2 - 3, 1.5 * z - 3], -1), torch.zeros(len(z), 2)])


def islands(turn: float) -> Any:
    """Class 1 in several islands, one with a hole, none of them where `turn` is another."""
    return lambda x: np.cos(4 * x[:, 0] + turn) + np.sin(5 * x[:, 1] - turn) - 0.3


def seen(k: int) -> Any:
    scores = {
        part: SimpleNamespace(accuracy=base + np.arange(3.0), loss=base / 2 + np.arange(3.0))
        for part, base in (("train", 0.25), ("test", 0.5), ("validation", 0.75))
    }
    return SimpleNamespace(scores=scores, diverged_at=np.array([-1, 2, k]))


def test_networks_that_are_watched():
    truth = truth_of(TINY)
    watched, networks = draw._Watched(truth), [Network(islands(turn)) for turn in (0.0, 0.7)]
    x, eta = truth.fresh.double().numpy(), truth.eta
    for k, network in enumerate(networks):
        watched.look(network, seen(7), k)  # type: ignore[arg-type]
        grid = network.z(truth.grid.double().numpy())
        np.testing.assert_allclose(watched.grid, grid, atol=1e-5)
        lines, length = trace(watched.grid, truth.extent)
        assert watched.regions[-1] == encode_region(lines)
        (rings,) = decode_regions(watched.regions[-1])
        assert len(rings) > 4
        inside = contains(rings, to_steps(truth.grid.numpy(), truth.extent))
        assert (inside == (grid > 0))[np.abs(grid) > 0.1].all()
        assert watched.boundary_length == length > 9
        along = network.z(x[:ALONG])
        np.testing.assert_allclose(watched.along[-1], along, atol=1e-5)
        wanted = [0.25 + k, 0.125 + k, 0.5 + k, 0.25 + k, *weighted(along, eta[:ALONG])]
        np.testing.assert_allclose(watched.scores[-1], wanted, rtol=1e-5)
    test = torch.tensor([[0.3, 0.2], [-1.0, 0.4], [9.0, 9.0]])
    at_fresh = networks[1].z(x).astype(np.float32)
    at_fresh[5] = 0.0
    ended = watched.conclude(networks[1], test, at_fresh, 4, seen(7), 2)  # type: ignore[arg-type]
    along = np.array([watched.along[i] for i in (0, 1, 1, 1)])
    np.testing.assert_allclose(ended.scores[4:], along_the_way(along, at_fresh, eta))
    assert ended.scores[:4].T.tolist() == [
        [0.25, 0.125, 0.5, 0.25],
        *[[1.25, 1.125, 1.5, 1.25]] * 3,
    ]
    assert ended.regions == (watched.regions[0], *[watched.regions[1]] * 3)
    np.testing.assert_allclose(ended.margins, networks[1].z(test.double().numpy()), rtol=1e-5)
    assert (ended.answers == (at_fresh > 0)).all()
    assert not ended.answers[5]
    assert ended.log_odds.tolist() == at_fresh[:LOSS].tolist()
    assert (ended.grid == (watched.grid > 0)).all()
    np.testing.assert_array_equal(ended.histogram, histogram(at_fresh, eta))
    assert (ended.boundary_length, ended.diverged_at) == (watched.boundary_length, 7)


@pytest.mark.parametrize(
    "ring",
    [[[0, 0], [-3, 0], [5, 0], [0, 0]], [[0, 0], [5, 0], [-3, 0], [0, 0]],
     [[1, 1], [4, 5], [7, 9], [1, 1]], [[0, 0], [4, 0], [2, 0.6], [4, 3], [0, 0]]],
)  # fmt: skip
def test_a_line_keeps_what_lies_beyond_its_ends_and_loses_what_lies_on_it(ring):
    kept = _simplify(np.array(ring, dtype=float), 0.5).tolist()
    straight = ring[:-1] if ring[1] != [4, 5] else [ring[0], ring[2]]
    assert kept == straight


BOX = Extent(-2.0, 3.2, -1.5, 2.5)


@pytest.mark.parametrize(
    ("height", "beside", "rings"),
    [
        (1e-6, (-1, -1, -1, -1), []), (0.1, (-1, -1, -1, -1), []),
        (0.15, (-1, -1, -1, -1), [[[1794, 1755], [1800, 1747], [1806, 1755], [1800, 1763]]]),
        (0.3, (-1, -1, -1, -1), [[[1790, 1755], [1800, 1742], [1810, 1755], [1800, 1768]]]),
        (0.3, (-1, -10, -1, -1), [[[1790, 1755], [1800, 1742], [1800, 1768]]]),
        (0.3, (-1, -1, -10, -1), [[[1790, 1755], [1800, 1742], [1810, 1755]]]),
        (0.3, (-1, -1, -1, -10), [[[1790, 1755], [1810, 1755], [1800, 1768]]]),
    ],
)  # fmt: skip
def test_islands_of_one_point_of_the_grid(height, beside, rings):
    z = -np.ones((ROWS, COLUMNS))
    z[30, 40] = height
    z[30, 39], z[30, 41], z[31, 40], z[29, 40] = beside
    drawn, length = trace(z.ravel(), BOX)
    assert [ring.tolist() for ring in drawn] == rings
    near, far = 5.2 / (COLUMNS - 1), 4.0 / (ROWS - 1)
    left, right, up, down = (height / (height - one) for one in beside)
    corners = [(-left * near, 0), (0, up * far), (right * near, 0), (0, -down * far)]
    sides = [np.hypot(*np.subtract(corners[k], corners[k - 1])) for k in range(4)]
    assert length == pytest.approx(sum(sides)), "what is too small to be drawn counts, too"


def test_what_the_edge_cuts_and_what_is_no_number():
    z = -np.ones((ROWS, COLUMNS))
    z[0, 0] = z[-1, 50] = 0.4
    z[20:23, 20:23] = 2
    z[21, 21] = np.nan  # neither above nor below
    corner, island, top = (ring.tolist() for ring in trace(z.ravel(), BOX)[0])
    assert corner == [[-64, -64], [13, -64], [13, 0], [0, 17], [-64, 17]]
    assert len(island) == 8
    assert top == [[2237, 4095], [2250, 4078], [2263, 4095], [2263, 4159], [2237, 4159]]


def cost(z: float, eta: float) -> float:
    return float(np.log1p(np.exp(z)) - eta * z)


def test_scores_on_the_way_are_corrected_where_few_points_are_alike():
    along = np.array([[-1.0] * 4, [2.0] * 4, [1.0] * 4])
    accuracy, loss = along_the_way(along, np.ones(16), np.repeat([0.7, 0.9], [4, 12]))
    np.testing.assert_allclose(accuracy, [0.3 + 0.15, 0.7 + 0.15, 0.85])
    wanted = [cost(z, 0.7) + cost(1, 0.85) - cost(1, 0.7) for z in (-1, 2, 1)]
    np.testing.assert_allclose(loss, wanted)


def test_corrected_scores_are_possible_ones():
    way = np.array([[-1.0] * 4, [-5.0] * 4, [1.0] * 4])
    for few, others, told in ((0.2, 1.0, [1.0, 1.0, 0.8]), (0.9, 0.0, [0.0, 0.0, 0.225])):
        accuracy, _ = along_the_way(way, np.ones(16), np.repeat([few, others], [4, 12]))
        np.testing.assert_allclose(accuracy, told, atol=1e-12)
    _, loss = along_the_way(way, np.ones(16), np.repeat([0.0, 1.0], [4, 12]))
    np.testing.assert_allclose(loss, [0.0, 0.0, cost(1, 0.75)], atol=1e-12)


def test_points_are_asked_about_part_by_part(monkeypatch):
    monkeypatch.setattr(draw, "_ROWS_AT_ONCE", 40)
    flushed: list[bool] = []

    @contextmanager
    def flushing() -> Iterator[None]:
        flushed.append(True)
        yield
        flushed.pop()

    def z(x: np.ndarray) -> np.ndarray:
        assert flushed
        return x[:, 0] - 2 * x[:, 1]

    network: Any = Network(z)
    points = torch.arange(200.0).view(100, 2) / 7
    with flushing():
        wanted = network.z(points.numpy())
    monkeypatch.setattr(draw, "flushed_subnormals", flushing)
    np.testing.assert_allclose(draw.all_log_odds(network, points), wanted, rtol=1e-5)
    scoring = draw._while_scoring(network, points, 31)
    assert [(next(scoring), *flushed) for _ in range(3)] == [(News(31, scoring=True),)] * 3
    with pytest.raises(StopIteration) as end:
        next(scoring)
    np.testing.assert_allclose(end.value.value, wanted, rtol=1e-5)


def test_when_networks_are_looked_at(snapshots, monkeypatch):
    run = world_runs(TINY)["underfit"]
    run = run.model_copy(update={"training": run.training.model_copy(update={"epochs": 60})})
    moments = [(0, True, [-1, -1]), (3, False, [-1, -1]), (5, True, [5, -1]), (12, True, [5, -1]),
               (13, True, [5, 13]), (60, True, [5, 13])]  # fmt: skip
    given: list[Any] = []

    def train(network: Any, training: Any, rows: Any, **more: Any) -> Any:
        given.append([training.epochs, len(rows.y[0]), len(more["test"].y[0]), more["record_at"],
                      more["seeds"]])  # fmt: skip
        for epoch, scored, diverged in moments:
            scores = seen(0).scores if scored else None
            yield SimpleNamespace(epoch=epoch, scores=scores, diverged_at=np.array(diverged))

    monkeypatch.setattr(draw, "train", train)
    for film in (True, False):
        seeds = [seeds_of(TINY, k) for k in (1, 4)]
        *news, last = train_worlds(run, seeds, truth_of(TINY), film=film)
        told = [[one.epoch, one.scoring, one.scores, one.region is None] for one in news]
        hold(snapshots, f"news, film {film}", told, 30)
        ends = [[one.scores, len(one.regions), one.diverged_at] for one in last.draws or ()]
        hold(snapshots, f"ends, film {film}", [given, last.epoch, last.scoring, ends], 30)


@functools.cache
def made(network: int, k: int) -> Draw:
    """One whose every number is its own."""
    random = np.random.default_rng([network, k])
    truth, turn = truth_of(TINY), 0.4 * network + 0.1 * k
    grid = islands(turn)(truth.grid.double().numpy())
    fresh = islands(turn)(truth.fresh.double().numpy()).astype(np.float32)
    rings = trace(grid, truth.extent)[0]
    return Draw(
        scores=random.uniform(0.5, 0.9, (len(SCORES), EPOCHS)),
        regions=tuple(encode_region(rings[: i + 1]) for i in range(EPOCHS)),
        margins=random.normal(size=12).astype(np.float32),
        answers=fresh > 0,
        log_odds=fresh[:LOSS],
        grid=grid > 0,
        histogram=histogram(fresh, truth.eta),
        boundary_length=random.uniform(3, 9),
        diverged_at=int(random.integers(-1, 40)),
    )


def test_networks_as_a_task_leaves_them():
    given = tuple(made(0, k) for k in range(3))
    for own, back in zip(given, _load(_dump(given, film=True), truth_of(TINY)), strict=True):
        for name, value in vars(own).items():
            np.testing.assert_array_equal(getattr(back, name), value, name)
    assert sorted(record.load_arrays(_dump(given, film=False))) == ["scores"]


PLAN = Plan(worlds=7, again=5, rules={"tiny": TINY})


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Worlds of networks that were made up, and what was reported."""
    monkeypatch.setattr(record, "_GROUPS", {"underfit": 4, "overfit": 2, "good": 3})
    monkeypatch.setattr(record, "time", SimpleNamespace(monotonic=iter(range(0, 900, 30)).__next__))
    told: list[str] = []

    def compute(task: Any) -> bytes:
        network, worlds = NAMES.index(task.network), range(task.first, task.first + task.count)
        if task.kind == "own":
            return _dump(tuple(made(network, k) for k in worlds), film=True)
        seeds = [[network, k, len(task.kind)] for k in worlds]
        ends: Any = [np.random.default_rng(seed).uniform(0.5, 0.9, (6, 1)) for seed in seeds]
        return _dump(tuple(SimpleNamespace(scores=end) for end in ends), film=False)

    monkeypatch.setattr(record.Task, "compute", compute)
    write_worlds(tmp_path, tmp_path / "unfinished", report=told.append, plan=PLAN)
    return tmp_path, told


def test_worlds_of_networks_that_were_made_up(snapshots, kept):
    folder, told = kept
    hold(snapshots, "told", told, 30)
    hold(snapshots, "tasks", [[task.name, round(task.work, 4)] for task in tasks_of(PLAN)], 30)
    whole = load_pile(folder, "tiny")
    for k, world in enumerate(whole.worlds):
        own = [made(i, k) for i in range(3)]
        assert world.regions == tuple(each.regions for each in own)
        for name in ("scores", "margins", "boundary_length", "diverged_at"):
            wanted = np.array([getattr(each, name) for each in own], getattr(world, name).dtype)
            np.testing.assert_array_equal(getattr(world, name), wanted)
        assert (world.histograms == [each.histogram for each in own]).all()
        hold(snapshots, f"world {k}", [world.k, world.only_one, world.best_test])
    parts = dict(whole.together)
    split = parts.pop("variance_split")  # of five worlds: its intervals have no end
    hold(snapshots, "together", unpacked(parts))
    for name, of in split.items():
        shares = {part: of[f"{part}_accuracy"] for part in ("fresh", "test")}
        values = {part: {key: one["value"] for key, one in share.items()}
                  for part, share in shares.items()}  # fmt: skip
        hold(snapshots, f"varies, {name}", [values, of["luck_share"], of["worlds"]])
    assert (whole.name, whole.config) == ("tiny", TINY)
    few = replace(PLAN, worlds=4, again=0)
    write_worlds(folder, folder / "unfinished", report=told.append, plan=few, keep=True)
    assert list(load_pile(folder, "tiny").together) == list(whole.together)[:-1]
    assert (folder / "unfinished").exists()


def test_arrays_that_do_not_fit_are_named(snapshots, kept):
    folder, _ = kept
    path = folder / FOLDER / "worlds-tiny.safetensors"
    whole, head = load_file(path), load_record(folder, "worlds-tiny", "x")
    for name in sorted(whole):
        cut = whole[name][:-1]
        for what, arrays in {
            "less": {**whole, name: cut},
            "none": {key: one for key, one in whole.items() if key != name},
        }.items():
            data = save({key: np.ascontiguousarray(array) for key, array in arrays.items()})
            path.write_bytes(data)
            given = {**head, "arrays_sha256": hashlib.sha256(data).hexdigest()}
            save_record(folder, "worlds-tiny", given)
            if (name, what) != ("regions.bytes", "less"):  # its SHA-256 tells that
                hold(snapshots, f"{name}, {what}", refused(folder))


def refused(folder: Path) -> str:
    return str(attempt(lambda: load_pile(folder, "tiny"))).replace(str(folder), "FOLDER")
