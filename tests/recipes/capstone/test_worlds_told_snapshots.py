"""What is told of worlds of every kind, drawn or made up: held as it was looked at."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from classifiers.config import CapstoneConfig
from classifiers.data.synthetic import Extent
from classifiers.errors import DataError
from classifiers.recipes.capstone.records import load_record, save_record
from classifiers.recipes.capstone.sweeps import load_optimism, load_sweep
from classifiers.recipes.capstone.worlds.draw import SCORES, News, train_worlds
from classifiers.recipes.capstone.worlds.live import WorldRun
from classifiers.recipes.capstone.worlds.message import unpack_regions
from classifiers.recipes.capstone.worlds.page.detail import _prices, _temperature, detail, loss_text
from classifiers.recipes.capstone.worlds.page.findings import (
    describe,
    describe_budget,
    describe_loss,
    describe_variance,
    headline,
)
from classifiers.recipes.capstone.worlds.page.luck import ranking, scores_seen
from classifiers.recipes.capstone.worlds.page.summary import new_row, summary
from classifiers.recipes.capstone.worlds.pile import MOST_WORLDS, Pile, World, counts
from classifiers.recipes.capstone.worlds.regions import contains, grid, to_steps, trace
from classifiers.recipes.capstone.worlds.rule import (
    density_of,
    draw_world,
    film_epochs,
    other_split,
    other_start,
    picture_of,
    seeds_of,
    truth_of,
    world_runs,
)
from classifiers.recipes.capstone.worlds.scores import (
    along_the_way,
    at_temperatures,
    histogram,
    softplus,
)
from classifiers.recipes.capstone.worlds.store import load_pile
from classifiers.recipes.capstone.worlds.together import (
    KINDS,
    error_budgets,
    loss_budgets,
    mean_boundary,
    variance_of,
)
from classifiers.ui.capstone.worlds import shipped_pile, show_growth
from tests.answers.thinned import attempt, hold
from tests.conftest import ROOT
from tests.recipes.sweep.test_sweep_answers_snapshots import unpacked

SHIPPED = ROOT / "weights" / "capstone"


def ended(world: World, **ends: Any) -> World:
    """A world whose three networks end so."""
    scores = world.scores.copy()
    for name, values in ends.items():
        scores[:, SCORES.index(name), -1] = values
    return replace(world, scores=scores)


def pile_of(worlds: Any, **more: Any) -> Pile:
    whole = shipped_pile("lesson")
    return replace(whole, worlds=tuple(worlds), **{"together": {}, **more})


def test_sentences_of_worlds(snapshots):
    whole = shipped_pile("lesson").worlds
    one = whole[0]
    for test in ([0.8, 0.9, 0.85], [0.9, 0.8, 0.85], [0.9, 0.9, 0.9]):
        for fresh in ([0.8, 0.9, 0.85], [0.9, 0.8, 0.85]):
            made = pile_of([ended(one, test_accuracy=test, fresh_accuracy=fresh)])
            hold(snapshots, f"one world {test} {fresh}", headline(made))
    hold(snapshots, "no world", headline(pile_of([])))
    for count in (2, 9, 10, 30):
        made = pile_of(whole[:count])
        hold(snapshots, f"{count} worlds", [headline(made), describe(made)])
    apart = pile_of([ended(w, test_accuracy=[0.8, 0.9, 0.85]) for w in whole[:12]])
    hold(snapshots, "no ties", headline(apart))
    random = np.random.default_rng(2)
    kinds = {
        "all alike": ([0.85, 0.85, 0.85], [0.4, 0.4, 0.4]),
        "small ahead": ([0.9, 0.8, 0.7], [0.2, 2.0, 9.0]),
        "most diverge": ([0.7, 0.8, 0.9], [0.5, np.inf, 0.3]),
        "some diverge": ([0.7, 0.8, 0.9], [0.5, np.inf, 0.3]),
    }
    for name, (means, losses) in kinds.items():
        made = []
        for k, world in enumerate(whole[:18]):
            loss = np.array(losses) * np.exp(random.normal(0, 0.05, 3))
            if (k % 3 == 0) == (name == "most diverge"):
                loss[~np.isfinite(loss)] = 1.5
            right, test = random.normal(means, 0.01), random.normal(0.9, 0.02, 3)
            made.append(ended(world, fresh_accuracy=right, test_accuracy=test, fresh_loss=loss))
        hold(snapshots, name, describe(pile_of(made)))
    made[4] = ended(made[4], fresh_loss=[0.5, 0.0, 0.3])
    hold(snapshots, "one costs nothing", describe(pile_of(made)))


def test_headings_of_worlds(snapshots):
    one = shipped_pile("lesson").worlds[0]
    for loss, best in ((3.69, (30.0, 0.34)), (0.3, (1.3, 0.25)), (0.3, (1.0, 0.1)),
                       (np.inf, (2.0, 1.0)), (1.0, (2.0, 0.8)), (1.0, (2.0, 0.81))):  # fmt: skip
        world = ended(one, fresh_loss=[0.4, loss, 0.3])
        told = describe_loss(world, [(1.0, 0.3), best, (9.0, 0.1)])
        hold(snapshots, f"loss {loss} {best}", told)
    part = {"bias": 0.02, "variance": 0.01, "bias_interval": [0.01, 0.03]}
    for variance in ([0.005, 0.009], [0.005, 0.02], [0.04, 0.05]):
        for best in (0.1, 0.03):
            own = {**part, "variance_interval": variance, "best": best}
            told = describe_budget({"underfit": own, "overfit": own, "good": own})
            hold(snapshots, f"budget {variance} {best}", told)
    random = np.random.default_rng(4)
    for spread in (0.0, 0.02):
        ends = {kind: np.full((30, len(SCORES)), 0.8) for kind in KINDS}
        ends = {
            kind: values + spread * random.normal(size=(30, len(SCORES)))
            for kind, values in ends.items()
        }
        found = variance_of(ends)
        for name in ("underfit", "overfit", "good"):
            hold(snapshots, f"variance {spread} {name}", [describe_variance(found, name), found])
    shares = {"points": {"value": 0.3, "low": 0.0}, "split": {"value": 0.1, "low": 0.04},
              "start": {"value": 0.02, "low": -0.1}}  # fmt: skip
    for total, luck in ((0.4, 0.25), (0.4, None), (0.0, 0.25)):
        made = {"fresh_accuracy": {"total": {"value": total}, **shares}, "luck_share": luck}
        told = describe_variance({**made, "worlds": 7}, "underfit")
        hold(snapshots, f"variance {total}, luck {luck}", told)
    hold(snapshots, "losses", [loss_text(v) for v in (0, 9e-4, 1e-3, 0.25, 12.3456, np.nan)])


def test_piles_that_grow(snapshots):
    whole = shipped_pile("lesson").worlds
    random = np.random.default_rng(1)
    size = len(truth_of(CapstoneConfig()).eta) // 5
    drawn = [replace(w, answers=random.random((3, size)) < 0.5) for w in whole[:11]]
    for count in (0, 1, 9, 11):
        told = unpacked(summary(pile_of(drawn[:count], name="own")))
        hold(snapshots, f"{count} worlds", told, 4)
        if count:
            hold(snapshots, f"row {count}", unpacked(new_row(pile_of(drawn[:count]))))
    growth = [sorted(show_growth(pile_of(drawn[:n], name="own"))["changes"]) for n in (9, 10)]
    hold(snapshots, "changes", growth)
    full = pile_of(whole[:1] * MOST_WORLDS)
    hold(snapshots, "full", [full.full, attempt(lambda: full.add(whole[0])),
                             len(pile_of(whole[:2]).add(whole[0]).worlds)])  # fmt: skip
    fresh, test = (pile_of(drawn).scores(f"{part}_accuracy") for part in ("fresh", "test"))
    hold(snapshots, "counts", counts(fresh, test).tolist(), 12)


def test_one_world_in_detail(snapshots):
    one = shipped_pile("hard").worlds[3]
    strange = ended(one, fresh_loss=[0.5, np.inf, 0.0004], test_accuracy=[0.0, 1.0, 0.5],
                    fresh_accuracy=[np.nan, 0.5, 0.9])  # fmt: skip
    strange = replace(strange, diverged_at=np.array([-1, 30, -1], np.int32))
    made = replace(shipped_pile("hard"), worlds=(one, strange))
    with np.errstate(invalid="ignore"):
        told = unpacked(detail(replace(made, worlds=(strange,) * 4), 3))
    hold(snapshots, "strange", told, 4)
    message, best = _temperature(one)
    hold(snapshots, "temperature", [unpacked(message), best], 8)
    y = np.arange(len(one.margins[0])) % 2
    hold(snapshots, "prices", _prices(one, y), 20)
    nearly = (one.margins[0] > 0).astype(int)
    nearly[3] = 1 - nearly[3]
    hold(snapshots, "wrong once", _prices(one, nearly)[0], 20)
    hold(snapshots, "right all along", _prices(one, (one.margins[0] > 0).astype(int))[0], 20)
    seen = scores_seen(one, 7)
    hold(snapshots, "seen", unpacked(seen), 20)


@pytest.mark.parametrize("n", [1, 2, 7, 90, 400, 2000])
@pytest.mark.parametrize(
    "chances", [(0.05, 0.03), (0.002, 0.001), (0.3, 0.65), (0.0, 0.2), (0.2, 0.0), (0.4, 0.6)]
)
def test_rankings_are_exact(n, chances):
    """Of the points right for one alone, a binomial share is the first's."""
    first, second = chances
    apart = first + second
    m = np.arange(n + 1)
    weight = binom.pmf(m, n, apart)
    below = weight @ binom.cdf((m + 1) // 2 - 1, m, first / apart)
    level = weight @ np.where(m % 2 == 0, binom.pmf(m // 2, m, first / apart), 0)
    told = ranking(first, second, n)
    np.testing.assert_allclose(told[:2], [below, level], rtol=1e-6, atol=1e-11)


def test_scores_and_regions(snapshots):
    random = np.random.default_rng(5)
    eta = random.beta(0.5, 0.5, 600)
    z = random.normal(size=(4, 600)) * np.array([[0.1], [1], [5], [40]])
    hold(snapshots, "along", along_the_way(z[:, :100], z[-1], eta))
    hold(snapshots, "level all along", along_the_way(np.zeros((3, 100)), z[-1] * 0, eta))
    odd = np.r_[z[1], [np.nan, np.inf, -np.inf, 1e9, -1e9, 0.0]]
    bins = histogram(odd, np.r_[eta, np.ones(6)])
    hold(snapshots, "histogram", bins.astype(float), 40)
    loss, table = at_temperatures(bins)
    hold(snapshots, "temperatures", [loss, table], 40)
    hold(snapshots, "softplus", softplus(np.array([-800.0, -1, 0, 1, 800])))
    box = Extent(-2.0, 3.2, -1.5, 2.5)
    x = grid(box).astype(float)
    hold(snapshots, "grid", [x[0], x[1], x[-1], to_steps(np.array([[-2, 2.5], [9, 0]]), box)])
    for k, waves in enumerate((np.sin(3 * x[:, 0]) - x[:, 1], x[:, 0] - 0.3, np.cos(4 * x).sum(1))):
        rings, length = trace(waves, box)
        inside = contains(rings, to_steps(x[::97], box))
        told = [length, [ring.tolist()[:4] for ring in rings], [len(ring) for ring in rings],
                int(inside.sum())]  # fmt: skip
        hold(snapshots, f"waves {k}", told)


def test_rules_of_worlds(snapshots):
    for given in (
        {},
        {"dataset": {"samples": 40, "noise": 0.0, "seed": 5}, "training": {"seed": 9}},
    ):
        config = CapstoneConfig.parse(given)
        truth, good = truth_of(config), world_runs(config)["good"]
        seeds = seeds_of(config, 3)
        world = draw_world(good, seeds)
        hold(snapshots, f"rule {given}", [
            truth.extent, truth.best_fresh, truth.best_log_odds[::400], density_of(config)[::400],
            truth.eta.mean(), seeds, other_split(seeds), other_start(seeds), world.test,
            world.dataset.y.sum(), good.training.members])  # fmt: skip
    hold(snapshots, "films", [film_epochs(n) for n in (1, 2, 5, 60, 2000)], 30)
    hold(snapshots, "pictures", [picture_of(noise) for noise in (0, 0.05, 0.3, 2)])


def test_worlds_that_are_drawn(snapshots):
    snapshots.near = 2e-5
    config = CapstoneConfig.parse({"training": {"epochs": 3}})
    truth, run = truth_of(config), world_runs(config)["underfit"]
    for film in (True, False):
        news = list(train_worlds(run, [seeds_of(config, k) for k in (0, 2)], truth, film=film))
        looks = [[one.epoch, one.scoring, one.scores] for one in news if one.scores is not None]
        hold(snapshots, f"news, film {film}", [looks, news[-1].scoring, news[-1].epoch])
        for k, draw in enumerate(news[-1].draws or ()):
            plain = {**vars(draw), "regions": len(draw.regions), "answers": draw.answers.sum(),
                     "grid": draw.grid.sum(), "log_odds": draw.log_odds[:5]}  # fmt: skip
            hold(snapshots, f"drawn {k}, film {film}", plain, 8)


def test_what_many_worlds_say_together(snapshots, monkeypatch):
    monkeypatch.setattr("classifiers.recipes.capstone.worlds.together.LOSS_POINTS", 400)
    truth, random = truth_of(CapstoneConfig()), np.random.default_rng(3)
    lean = truth.grid.numpy() @ [[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]] - [0.5, 0.2, 0.6]
    drawn: Any = {
        name: [SimpleNamespace(grid=lean[:, i] + shift > 0, log_odds=random.normal(size=400))
               for shift in (-0.3, 0.0, 0.1, 0.5, 0.6)]
        for i, name in enumerate(("underfit", "overfit", "good"))
    }  # fmt: skip
    rings = unpack_regions(mean_boundary(drawn, truth))
    hold(snapshots, "mean boundary", [[ring.tolist() for ring in one] for one in rings], 40)
    hold(snapshots, "losses", loss_budgets(drawn, truth))
    answers = {name: random.random((5, 300)) < 0.4 for name in drawn}
    hold(snapshots, "errors", error_budgets(answers, truth.eta))


def test_events_of_a_world_that_is_drawn(snapshots, monkeypatch):
    run = WorldRun(CapstoneConfig.parse({"training": {"epochs": 9}}), 2)
    told: list[Any] = [run.phase, run.seconds, list(run.steps), run.done]
    monkeypatch.setattr(run._pace, "due", lambda: True)
    scores = np.array([0.5, np.inf, 0.4, np.nan, 0.3, 0.2])
    told.append(run.take("good", News(2)))
    told.append(unpacked(run.take("overfit", News(3, scores, b"\0"))))
    told += [run.take(name, News(9, scoring=True)) for name in run.steps]
    monkeypatch.setattr(run._pace, "due", lambda: False)
    told += [run.take("good", News(9)), run.phase, run.done]
    run.close()
    hold(snapshots, "events", [*told, list(run.steps)])


def refused(folder: Path, call: Any) -> str:
    return str(attempt(call)).replace(str(folder), "FOLDER")


def test_records_that_are_refused(snapshots, tmp_path):
    record, name = {"config": {}, "worlds": 3}, tmp_path / "records" / "one.json"
    save_record(tmp_path, "one", record)
    assert load_record(tmp_path, "one", "it") == record
    text = name.read_text()
    for what, content in {
        "altered": text.replace('"worlds":3', '"worlds":4'), "torn": text[:50], "a list": "[1]",
        "later": text.replace('"format_version":1', '"format_version":2'), "no record": "{}",
        "large": " " * (2**20 + 1),
    }.items():  # fmt: skip
        name.write_text(content)
        hold(snapshots, what, refused(tmp_path, lambda: load_record(tmp_path, "one", "it")))
    hold(snapshots, "absent", refused(tmp_path, lambda: load_record(tmp_path, "two", "it")))
    save_record(tmp_path, "worlds-x", record)
    hold(snapshots, "no worlds", refused(tmp_path, lambda: load_pile(tmp_path, "x")))
    whole = load_record(SHIPPED, "worlds-hard", "it")
    save_record(tmp_path, "worlds-x", whole)
    hold(snapshots, "no arrays", refused(tmp_path, lambda: load_pile(tmp_path, "x")))
    (tmp_path / "records" / "worlds-x.safetensors").write_bytes(b"short")
    hold(snapshots, "other arrays", refused(tmp_path, lambda: load_pile(tmp_path, "x")))
    for over, given in (("width", {"over": "width"}), ("noise", {"new_points": True}),
                        ("depth", {"new_points": 3})):  # fmt: skip
        save_record(tmp_path, over, {"config": given})
        told = refused(tmp_path, lambda over=over: load_sweep(tmp_path, over))
        hold(snapshots, f"sweep over {over}", told)
    save_record(tmp_path, "optimism", {"ways": {"test": {}}})
    hold(snapshots, "optimism", refused(tmp_path, lambda: load_optimism(tmp_path)))


def test_no_more_worlds_than_bytes_can_count():
    with pytest.raises(DataError, match="^worlds: may be at most 255 a pile; begin another one$"):
        pile_of(shipped_pile("lesson").worlds[:1] * 255).add(shipped_pile("lesson").worlds[0])
