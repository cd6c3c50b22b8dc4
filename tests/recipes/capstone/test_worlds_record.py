"""The stored worlds: computed once, gone on with after a stop, verified when read."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from classifiers.config import CapstoneConfig
from classifiers.data.synthetic import posterior
from classifiers.errors import ArtifactError
from classifiers.recipes.capstone.records import FOLDER, save_record
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.weights import load_capstone
from classifiers.recipes.capstone.worlds import draw, record, rule, store
from classifiers.recipes.capstone.worlds.message import unpack_array, unpack_regions
from classifiers.recipes.capstone.worlds.page.detail import detail
from classifiers.recipes.capstone.worlds.page.summary import new_row, summary
from classifiers.recipes.capstone.worlds.pile import Pile, World
from classifiers.recipes.capstone.worlds.record import Plan, Task, tasks_of, write_worlds
from classifiers.recipes.capstone.worlds.regions import COLUMNS, ROWS
from classifiers.recipes.capstone.worlds.rule import RULES, draw_world, seeds_of, world_runs
from classifiers.recipes.capstone.worlds.store import load_pile, save_pile
from classifiers.recipes.capstone.worlds.together import error_budgets, own_budget
from tests.conftest import ROOT

SHIPPED = ROOT / "weights" / "capstone"
TINY = CapstoneConfig.parse({"dataset": {"samples": 40}, "training": {"epochs": 2}})
PLAN = Plan(worlds=12, again=3, rules={"tiny": TINY})
POINTS = 3_000


@pytest.fixture(autouse=True, scope="module")
def few_points() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule, "FRESH_POINTS", POINTS)
        patch.setattr(draw, "ALONG_POINTS", 500)
        patch.setattr(record, "_GROUPS", {"underfit": 7, "overfit": 5, "good": 12})
        rule._truth.cache_clear()
        yield
    rule._truth.cache_clear()


def silent(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def trained() -> dict[str, bytes]:
    """What each task of `written` gave."""
    return {}


@pytest.fixture(scope="module")
def written(tmp_path_factory, trained) -> Path:
    folder = tmp_path_factory.mktemp("worlds")
    compute = Task.compute

    def keeping(task: Task) -> bytes:
        trained[task.name] = compute(task)
        return trained[task.name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Task, "compute", keeping)
        write_worlds(folder / "weights", folder / "unfinished", report=silent, plan=PLAN)
    assert not (folder / "unfinished").exists()
    return folder / "weights"


@pytest.fixture(scope="module")
def pile(written) -> Pile:
    return load_pile(written, "tiny")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / FOLDER).iterdir()}


# Written and read.


def test_all_worlds_are_computed_once():
    for plan in (Plan(), PLAN, replace(PLAN, again=40)):
        again = min(plan.again, plan.worlds)
        for name in plan.rules:
            for kind, count in (("own", plan.worlds), ("split", again)):
                for network in NAMES:
                    worlds = [
                        k
                        for task in tasks_of(plan)
                        if (task.rule, task.kind, task.network) == (name, kind, network)
                        for k in range(task.first, task.first + task.count)
                    ]
                    assert sorted(worlds) == list(range(count))
    assert {rule: config.dataset.samples for rule, config in Plan().rules.items()} == {
        "lesson": 300,
        "hard": 100,
    }


def test_the_record_is_written_after_the_arrays_that_it_names(pile, tmp_path, monkeypatch):
    seen = []

    def save(folder: Path, name: str, told: dict) -> None:
        arrays = (folder / FOLDER / f"{name}.safetensors").read_bytes()
        seen.append(hashlib.sha256(arrays).hexdigest() == told["arrays_sha256"])

    monkeypatch.setattr(store, "save_record", save)
    save_pile(tmp_path, pile)
    assert seen == [True]


def test_a_command_that_was_stopped_goes_on_and_ends_the_same(
    written, trained, tmp_path, monkeypatch
):
    computed: list[str] = []

    def counting(task: Task) -> bytes:
        if len(computed) == 4:
            computed.append("stopped")
            raise KeyboardInterrupt
        computed.append(task.name)
        return trained[task.name]

    monkeypatch.setattr(Task, "compute", counting)
    arguments = {"report": silent, "plan": PLAN}
    with pytest.raises(KeyboardInterrupt):
        write_worlds(tmp_path / "weights", tmp_path / "unfinished", **arguments)
    assert not (tmp_path / "weights").exists()
    # First without the runs that only the variance needs, then with them.
    first = replace(PLAN, again=0)
    kept = {"report": silent, "plan": first, "keep": True}
    write_worlds(tmp_path / "weights", tmp_path / "unfinished", **kept)
    assert "variance_split" not in load_pile(tmp_path / "weights", "tiny").together
    write_worlds(tmp_path / "weights", tmp_path / "unfinished", **arguments)
    assert not (tmp_path / "unfinished").exists()
    assert sorted({*computed} - {"stopped"}) == sorted(task.name for task in tasks_of(PLAN))
    assert len(computed) == len(tasks_of(PLAN)) + 1
    assert contents(tmp_path / "weights") == contents(written)


def test_what_other_settings_left_is_not_used(tmp_path, monkeypatch):
    noisier = TINY.model_copy(update={"dataset": TINY.dataset.model_copy(update={"noise": 0.1})})
    computed: list[Task] = []

    def stopping(task: Task) -> bytes:
        computed.append(task)
        if len(computed) % 2 == 0:
            raise KeyboardInterrupt
        return b"left"

    monkeypatch.setattr(Task, "compute", stopping)
    for config in (noisier, TINY):
        with pytest.raises(KeyboardInterrupt):
            write_worlds(tmp_path, tmp_path / "left", report=silent, plan=Plan(4, 0, {"a": config}))
    assert [task.config for task in computed] == [noisier, noisier, TINY, TINY]
    assert computed[0].name == computed[2].name


def test_workers_give_the_same_as_this_process(monkeypatch):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule, "FRESH_POINTS", 100_000)  # as in a process of its own
        patch.setattr(draw, "ALONG_POINTS", 4_000)
        rule._truth.cache_clear()
        tasks = [Task("tiny", TINY, name, "own", 1, 2) for name in ("good", "underfit")]
        here = {task: task.compute() for task in tasks}
        there = dict(record._computed(tasks, 2))
    rule._truth.cache_clear()
    assert here == there


def test_a_pile_comes_back_as_it_was(pile, tmp_path):
    save_pile(tmp_path, pile)
    again = load_pile(tmp_path, "tiny")
    assert (again.name, again.config, again.together) == (pile.name, pile.config, pile.together)
    for a, b in zip(again.worlds, pile.worlds, strict=True):
        for key in World.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(a, key), getattr(b, key))


def change(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda json, arrays: change(arrays, -100), "safetensors: was altered"),
        (lambda json, arrays: arrays.write_bytes(arrays.read_bytes()[:-7]), "was altered"),
        (lambda json, arrays: arrays.unlink(), "safetensors: cannot be read"),
        (lambda json, arrays: arrays.write_bytes(b"x" * 2**25), "must be at most"),
        (lambda json, arrays: json.write_text(json.read_text()[:-9]), "is not a whole record"),
        (
            lambda json, arrays: json.write_text(
                json.read_text().replace('"worlds":12', '"worlds":9')
            ),
            "json: was altered",
        ),
        (lambda json, arrays: json.unlink(), "json: cannot be read"),
    ],
)
def test_a_damaged_record_is_refused_with_a_sentence(written, tmp_path, damage, message):
    for name, data in contents(written).items():
        (tmp_path / FOLDER).mkdir(exist_ok=True)
        (tmp_path / FOLDER / name).write_bytes(data)
    damage(*(tmp_path / FOLDER / f"worlds-tiny.{end}" for end in ("json", "safetensors")))
    with pytest.raises(ArtifactError, match=f"{message}.*capstone-worlds"):
        load_pile(tmp_path, "tiny")


@pytest.mark.parametrize(
    "change", [{"worlds": 9}, {"config": {"bad": 1}}, {"config": {"training": {"epochs": 3}}}]
)
def test_a_record_that_does_not_fit_its_arrays_is_refused(written, tmp_path, change):
    for name, data in contents(written).items():
        (tmp_path / FOLDER).mkdir(exist_ok=True)
        (tmp_path / FOLDER / name).write_bytes(data)
    whole = json.loads((tmp_path / FOLDER / "worlds-tiny.json").read_bytes())["record"]
    save_record(tmp_path, "worlds-tiny", whole | change)
    with pytest.raises(ArtifactError, match="capstone-worlds"):
        load_pile(tmp_path, "tiny")


# What is told of them.


def test_budgets_add_up_and_are_those_of_the_answers(pile):
    told = summary(pile)
    mean = unpack_array(told["fresh"])[:, :, -1].mean(0) / 1e4
    for i, name in enumerate(NAMES):
        part = told["budget"][name]
        parts = part["best"] + part["bias"] + part["variance"]
        assert parts == pytest.approx(part["total"], abs=1e-12)
        assert part["total"] == pytest.approx(1 - mean[i], abs=1e-4)
        assert part["best"] == pytest.approx(1 - told["best_fresh"], abs=1e-12)
        loss = told["loss_budget"][name]
        assert loss["entropy"] + loss["shared"] + loss["variance"] == pytest.approx(loss["total"])
    assert told["budget_worlds"] == 12
    assert told["budget_heading"].startswith("What makes the errors: too small is ")
    assert len(told["variance_findings"]) == 3


def test_a_visitors_own_worlds_have_a_budget_from_ten_on():
    rng = np.random.default_rng(0)
    zeros = np.zeros((3, 6, 3), np.float32)
    world = World(0, zeros, (), zeros, zeros, zeros, zeros, zeros, 0.9)
    given = rng.random((10, 3, POINTS)) < 0.6
    worlds = tuple(replace(world, answers=answers) for answers in given)
    own = Pile("yours", TINY, worlds)
    assert own_budget(replace(own, worlds=worlds[:9])) == {}
    eta = own.truth.eta
    answers = dict(zip(NAMES, given.swapaxes(0, 1), strict=True))
    assert own_budget(own) == error_budgets(answers, eta)


def test_a_summary_tells_of_every_world(pile):
    told = json.loads(json.dumps(summary(pile), allow_nan=False))
    epochs = len(told["epochs"])
    assert told["worlds"] == 12
    for key in ("fresh", "test"):
        stored = np.stack([world.scores[:, 4 if key == "fresh" else 2] for world in pile.worlds])
        np.testing.assert_allclose(unpack_array(told[key]) / 1e4, stored, atol=5.1e-5)
    assert unpack_array(told["counts"]).shape == (12, epochs, 9)
    assert len(unpack_regions(told["boundaries"])) == 36
    assert len(unpack_regions(told["mean_boundary"])) == 3
    assert told["networks"][1]["parameters"] == 132_866
    assert told["networks"][2]["shape"] == "2-16-16-2, relu, dropout 0.2, weight decay 0.0001"
    assert told["test_points"] == 12
    assert "of 12 worlds" in told["headline"]
    # A world more is a row more.
    grown = pile.add(replace(pile.worlds[3], k=12))
    row, whole = new_row(grown), summary(grown)
    for key in ("fresh", "test", "best_test", "counts"):
        np.testing.assert_array_equal(unpack_array(row[key])[0], unpack_array(whole[key])[-1])
    assert row["headline"] == whole["headline"] != told["headline"]
    empty = summary(Pile("yours", TINY))
    assert empty["worlds"] == 0
    assert "fresh" not in empty


@pytest.mark.parametrize("k", [0, 5])
def test_a_detail_is_that_world(pile, k):
    told = json.loads(json.dumps(detail(pile, k), allow_nan=False))
    truth = pile.truth
    drawn = draw_world(world_runs(TINY)["good"], seeds_of(TINY, k))
    points, rows = unpack_array(told["points"]), unpack_array(told["test_rows"])
    low, high, bottom, top = truth.extent
    x = points[:, :2] / 4095 * [high - low, top - bottom] + [low, bottom]
    np.testing.assert_allclose(x, drawn.dataset.x, atol=1e-3)
    np.testing.assert_array_equal(points[:, 2], drawn.dataset.y)
    assert sorted(rows) == np.flatnonzero(points[:, 3]).tolist()
    assert len(unpack_regions(told["regions"])) == 3 * len(pile.epochs)
    margins, y = unpack_array(told["margins"]), points[rows, 2]
    for i, row in enumerate(margins):
        accuracy, loss = (unpack_array(told[f"test_{key}"])[i, -1] for key in ("accuracy", "loss"))
        assert ((row > 0) == y).mean() == pytest.approx(accuracy)
        cost = np.log1p(np.exp(np.where(y == 1, -row, row).astype(float)))
        assert cost.mean() == pytest.approx(loss, rel=1e-4)
        at_1 = unpack_array(told["price"])[i, told["temperature"]["values"].index(1.0)]
        wrong = (row > 0) != y
        paid = [cost.mean(), cost[wrong].sum() / cost.sum(), cost[wrong].mean(), wrong.sum()]
        np.testing.assert_allclose(at_1, paid, rtol=1e-4)
    fresh = unpack_array(told["fresh_accuracy"])[:, -1]
    test = unpack_array(told["test_accuracy"])[:, -1]
    np.testing.assert_allclose(told["luck"], test - fresh, atol=1e-6)
    at_1 = unpack_array(told["temperature"]["loss"])[:, told["temperature"]["values"].index(1.0)]
    np.testing.assert_array_equal(at_1, unpack_array(told["fresh_loss"])[:, -1])
    best = posterior(world_runs(TINY)["good"].dataset, drawn.dataset.x[rows]).argmax(1)
    assert told["best_test"] == pytest.approx((best == y).mean())
    seen = told["test_points_luck"]
    assert unpack_array(seen["low"]).shape == (3, len(seen["n"]))
    assert unpack_array(seen["ranks"]).shape == (3, len(seen["n"]), 3)
    assert told["table"]["columns"] == ["Too small", "Too big", "About right"]
    assert all(len(cells) == 4 for cells in told["table"]["rows"])


def test_the_regret_map_adds_up_to_the_regret(pile):
    for k in range(3):
        told = detail(pile, k)["regret"]
        maps = unpack_array(told["map"]).astype(float) / 255 * told["largest"]
        assert maps.shape == (3, ROWS, COLUMNS)
        low, high, bottom, top = pile.truth.extent
        cell = (high - low) / (COLUMNS - 1) * (top - bottom) / (ROWS - 1)
        # Fresh points are few here, and some lie outside the picture.
        np.testing.assert_allclose(maps.sum((1, 2)) * cell, told["total"], atol=0.02)


# What ships.


def shipped(name: str) -> Pile:
    if not (SHIPPED / FOLDER / f"worlds-{name}.json").exists():
        pytest.skip(f"no worlds of the {name} rule ship yet")
    return load_pile(SHIPPED, name)


@pytest.mark.parametrize("name", list(RULES))
def test_at_least_100_worlds_of_every_rule_ship(name):
    pile = shipped(name)
    assert pile.config == RULES[name]
    count = len(pile.worlds)
    assert count >= 100
    assert [world.k for world in pile.worlds] == list(range(count))
    size = (SHIPPED / FOLDER / f"worlds-{name}.safetensors").stat().st_size
    assert size < 3 * 2**20
    assert load_file(SHIPPED / FOLDER / f"worlds-{name}.safetensors")["scores"].shape[:2] == (
        count,
        3,
    )


@pytest.mark.parametrize("name", ["underfit", "good"])  # the big one takes ten seconds
def test_world_0_trained_anew_is_the_shipped_network(name):
    config = RULES["lesson"]
    *_, last = draw.train_worlds(
        world_runs(config)[name], [seeds_of(config, 0)], rule.truth_of(config)
    )
    (own,) = last.draws
    result = load_capstone(SHIPPED)[name].result
    ends = dict(zip(draw.SCORES, own.scores[:, -1], strict=True))
    for key in draw.SCORES[:4]:
        # To the bit on the machine that trained what ships.
        assert ends[key] == pytest.approx(result.mean(key), rel=1e-3)
    logits = result.network.logits(result.scene.rows("test").x)[0]
    margins = torch.diff(logits.double())[:, 0].float().numpy()
    np.testing.assert_allclose(own.margins, margins, rtol=1e-2, atol=1e-2)


def test_world_0_holds_the_shipped_networks():
    world = shipped("lesson").worlds[0]
    for i, (name, run) in enumerate(load_capstone(SHIPPED).items()):
        assert name == NAMES[i]
        result = run.result
        for key, value in zip(("train_accuracy", "train_loss", "test_accuracy", "test_loss"),
                              world.scores[i, :4, -1].tolist(), strict=True):  # fmt: skip
            assert value == pytest.approx(result.mean(key), rel=1e-6)
        assert world.scores[i, 4, -1] == pytest.approx(result.fresh[0], abs=1e-6)
        logits = result.network.logits(result.scene.rows("test").x)[0]
        margins = torch.diff(logits.double())[:, 0].float().numpy()
        np.testing.assert_allclose(world.margins[i], margins, rtol=1e-4, atol=1e-4)
