"""What the playground's steps measure and judge, against loops in plain PyTorch, scikit-learn and
arithmetic by hand; and that other numbers give another verdict."""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.datasets import make_blobs, make_circles
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional as F

from classifiers.config import NetworkConfig, PlaygroundConfig
from classifiers.data.synthetic import Extent
from classifiers.errors import ConfigError
from classifiers.network import MLP
from classifiers.recipes.guide import Sources, step
from classifiers.recipes.guide.playground import boundary

NOWHERE = Sources(lambda: pytest.fail("heart"), lambda: pytest.fail("capstone"))
Points = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


@cache
def measured(key: str) -> Any:
    *_, last = step(key).measure(NOWHERE)
    return last


def told(key: str, numbers: Any = None) -> list[str]:
    return list(step(key).tell(measured(key) if numbers is None else numbers))


def judged(key: str, numbers: Any = None) -> Any:
    return step(key).judge(measured(key) if numbers is None else numbers)


def altered(key: str) -> Any:
    """What was measured, to be changed."""
    return copy.deepcopy(dict(measured(key)))


def split(x: np.ndarray, y: np.ndarray, share: float = 0.2) -> Points:
    pieces = train_test_split(x.astype(np.float32), y, test_size=share, random_state=42)
    x_train, x_test, y_train, y_test = map(torch.from_numpy, pieces)
    return x_train, x_test, y_train.long(), y_test.long()


def blobs(spread: float = 1.5, samples: int = 1000, share: float = 0.2) -> Points:
    x, y = make_blobs(n_samples=samples, centers=4, cluster_std=spread, random_state=42)
    return split(x, y, share)


def centres() -> np.ndarray:
    return make_blobs(
        n_samples=10, centers=4, cluster_std=1.5, random_state=42, return_centers=True
    )[2]


def new_blobs(spread: float, n: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    """Points of our own from around the centres."""
    random = np.random.default_rng(7)
    y = random.integers(0, 4, n)
    return (centres()[y] + random.normal(scale=spread, size=(n, 2))).astype(np.float32), y


def nearest(x: np.ndarray) -> np.ndarray:
    return np.linalg.norm(x[:, None] - centres(), axis=2).argmin(axis=1)


def build(sizes: tuple[int, ...], seed: int = 42, act: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), act()]
    return nn.Sequential(*layers[:-1])


def fit(
    model: nn.Module, points: Points, loss_of: Callable, *, epochs: int = 100, adam: bool = False
) -> list[float]:
    """The training loss before each epoch and after the last."""
    x, _, y, _ = points
    kind = torch.optim.Adam if adam else torch.optim.SGD
    optimizer = kind(model.parameters(), lr=0.01 if adam else 0.1)
    curve = []
    for _ in range(epochs):
        loss = loss_of(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        curve.append(loss.item())
    return [*curve, loss_of(model(x), y).item()]


@cache
def lesson() -> tuple[nn.Sequential, Points, list[float]]:
    """The lesson's run, as the lesson would have it."""
    model, points = build((2, 8, 8, 4)), blobs()
    return model, points, fit(model, points, F.cross_entropy)


def named(model: nn.Module, x: torch.Tensor | np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return model(torch.as_tensor(x)).argmax(1).numpy()


def test_p1_outputs_and_targets_are_those_of_real_layers():
    shapes = [(kind["output"], kind["target"]) for kind in measured("p1")["kinds"]]
    assert shapes == [((5, 1), (5, 1)), ((5, 1), (5, 1)), ((5, 4), (5,))]
    assert judged("p1") == [0, 1, 2]
    _, x_test, _, y_test = points = blobs()
    model = build((2, 8, 8, 1))
    fit(model, points, lambda z, y: F.mse_loss(z[:, 0], y.float()))
    with torch.no_grad():
        amounts = model(x_test)[:, 0].round().clamp(0, 3)
    share = (amounts == y_test).float().mean().item()
    assert measured("p1")["numbered"][0] == pytest.approx(share, abs=0.011)
    swapped = altered("p1")
    swapped["kinds"] = swapped["kinds"][::-1]
    assert judged("p1", swapped) == [2, 1, 0]
    low, high = (f"{100 * end(measured('p1')['numbered']):.1f} %" for end in (min, max))
    assert f"{low} to {high}" in told("p1")[2]
    swapped["kinds"] = swapped["kinds"][1:]  # nothing suits a colour
    assert judged("p1", swapped) is None


def test_p2_untrained_networks_guess():
    x, _, y, _ = blobs()
    shares = [(named(build((2, 8, 8, 4), seed), x) == y.numpy()).mean() for seed in range(42, 142)]
    assert measured("p2")["accuracy"] == pytest.approx(shares, abs=1e-6)
    assert measured("p2")["guess"] == pytest.approx(math.log(4))
    assert "one point in 4." in told("p2")[1]
    assert judged("p2") == 1
    for shift, option in ((-0.24, 0), (0.25, 2), (0.75, 3)):
        other = altered("p2") | {"accuracy": [share + shift for share in shares]}
        assert judged("p2", other) == option
        assert told("p2", other) != told("p2")
    assert judged("p2", {"accuracy": [0.36, 0.39]}) is None  # as near to a quarter as to a half
    for logits, shares, label in zip(
        *(measured("p2")[name] for name in ("logits", "probabilities", "predictions")), strict=True
    ):
        assert shares == pytest.approx(np.exp(logits) / np.exp(logits).sum(), abs=1e-6)
        assert label == np.argmax(logits)


def test_p3_the_test_score_is_the_plain_loops_and_luck_is_named():
    model, (_, x_test, _, y_test), _ = lesson()
    found = measured("p3")
    assert found["test"][0] == pytest.approx((named(model, x_test) == y_test.numpy()).mean())
    assert found["best_on_test"] == (nearest(x_test.numpy()) == y_test.numpy()).mean()
    x, y = new_blobs(1.5)
    assert found["fresh"][0] == pytest.approx((named(model, x) == y).mean(), abs=0.003)
    assert found["best"] == pytest.approx((nearest(x) == y).mean(), abs=0.003)
    assert judged("p3") == 3
    for score, option in ((0.85, 0), (0.95, 1), (0.985, 2), (0.9999, 3)):
        other = altered("p3") | {"test": [score] + [0.9] * 9}
        assert judged("p3", other) == option
        assert told("p3", other) != told("p3")
    above = sum(share > found["best"] for share in found["test"])
    assert told("p3")[1].startswith(f"{above} of 10 starts pass that on the test points")
    assert told("p3")[2].startswith("That is the luck of these points")
    assert "luck" not in told("p3", found | {"best_on_test": found["best"]})[2]


def test_p4_softmax_looks_at_differences_only():
    model, (_, x_test, *_), _ = lesson()
    with torch.no_grad():
        logits = model(x_test).double().numpy()
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    doubled = np.exp(2 * logits) / np.exp(2 * logits).sum(1, keepdims=True)
    change = measured("p4")["change"]
    assert change["all × 2"]["probabilities"] == pytest.approx(np.abs(doubled - shares).max(), 1e-3)
    assert change["all +5"]["probabilities"] < 1e-5
    assert judged("p4") == 2
    for part, value, option in (("predictions", 3, 0), ("probabilities", 0.1, 1)):
        other = altered("p4")
        other["change"]["all +5"][part] = value
        assert judged("p4", other) == option
        assert told("p4", other) != told("p4")


def on_own(**settings: Any) -> Any:
    own = PlaygroundConfig.parse(settings)
    *_, last = step("p4").measure(replace(NOWHERE, own=own))
    return last


def test_p4_is_about_the_network_that_the_learner_trained():
    assert on_own()["example"] == measured("p4")["example"], "the same settings, the same network"
    config = {"dataset": {"noise": 3.0}, "training": {"epochs": 40, "members": 3}}
    points = blobs(3.0)
    model = build((2, 8, 8, 4))
    fit(model, points, F.cross_entropy, epochs=40)
    with torch.no_grad():
        shares = model(points[1]).softmax(1).numpy()
    found = on_own(**config)
    surest = np.abs(shares.max(1) - 0.8).argmin()
    assert found["example"]["as they are"]["probabilities"] == pytest.approx(
        shares[surest], abs=1e-4
    )
    assert told("p4", found)[0].startswith("On your network after 40 epochs: of 200 test points")
    assert "your" not in told("p4")[0]
    assert judged("p4", found) == 2


def test_p4_a_single_logit_is_held_against_nothing_that_moves_with_it():
    config = {"dataset": {"name": "moons"}, "network": {"outputs": "one_logit"}}
    found = on_own(**config)
    raw = np.array([own["logits"] for own in found["example"].values()])[:, 0]
    assert raw[1] == pytest.approx(raw[0] + 5)
    for z, own in zip(raw, found["example"].values(), strict=True):
        p = 1 / (1 + math.exp(-z))
        assert own["probabilities"] == pytest.approx([1 - p, p])
    assert found["change"]["all +5"]["predictions"] > 0
    assert judged("p4", found) == 0
    assert "a single logit is held against a fixed zero" in told("p4", found)[0]
    assert told("p4", found)[2].startswith("The sign of the logit")
    assert found["agree"] == found["points"]


def test_p4_a_run_that_diverged_is_refused_by_its_rate():
    with pytest.raises(ConfigError, match="^config.training.learning_rate: must be low enough"):
        on_own(training={"learning_rate": 10, "l2": 0.5})


def test_p5_a_second_softmax_cannot_go_below_its_floor():
    assert measured("p5")["floor"] == pytest.approx(math.log(1 + 3 / math.e))
    points = blobs()
    curve = fit(build((2, 8, 8, 4)), points, lambda z, y: F.cross_entropy(z.softmax(1), y))
    assert measured("p5")["twice"]["train_loss"][0] == pytest.approx(curve[-1], rel=0.02)
    assert measured("p5")["once"]["train_loss"][0] == pytest.approx(lesson()[2][-1], rel=0.02)
    assert judged("p5") == 1
    assert measured("p5")["far"]["softmax, then log"] == [0, -math.inf]
    assert measured("p5")["far"]["log_softmax in one step"] == [0, -1000]
    same = altered("p5")
    same["twice"] = same["once"]
    assert judged("p5", same) == 0
    nothing = altered("p5")
    nothing["twice"]["accuracy"] = [0.25] * 5
    assert judged("p5", nothing) == 2
    assert told("p5", same) != told("p5") != told("p5", nothing)


def test_p6_each_chart_is_what_its_settings_make_it():
    charts = measured("p6")
    _, points, curve = lesson()
    assert charts["C"]["training"][-1] == pytest.approx(curve[-1], rel=0.02)
    slow = build((2, 8, 8, 4))
    optimizer = torch.optim.SGD(slow.parameters(), lr=0.005)
    for _ in range(100):
        optimizer.zero_grad()
        F.cross_entropy(slow(points[0]), points[2]).backward()
        optimizer.step()
    loss = F.cross_entropy(slow(points[0]), points[2]).item()
    assert charts["D"]["training"][-1] == pytest.approx(loss, rel=0.01)
    heart = blobs(4.0, 100, 0.5)
    wide = build((2, 128, 128, 4))
    assert charts["B"]["training"][-1] == pytest.approx(
        fit(wide, heart, F.cross_entropy, adam=True)[-1], rel=0.2
    )
    # By the settings: A has the high rate, B is large with few points, D stops on a low rate.
    assert judged("p6") == [1, 3, 0, 2]
    rises = [b > 1.02 * a for a, b in pairwise(charts["A"]["training"])]
    assert f"{100 * sum(rises) / len(rises):.0f} %" in told("p6")[0]
    assert min(charts["B"]["test"]) < 0.5 * charts["B"]["test"][-1]
    before, after = (charts["B"]["accuracy"][k] for k in (np.argmin(charts["B"]["test"]), -1))
    assert charts["B"]["points"] == len(heart[3]) == 50
    assert f"{abs(50 * before - 50 * after):.0f} of 50 points" in told("p6")[2]
    shown = step("p6").exhibit(NOWHERE).to_dict()
    assert list(shown["charts"]) == [row.text for row in step("p6").rows]
    assert len(shown["x"]) == len(shown["charts"]["A"]["test"])
    swapped = {name: charts[other] for name, other in zip("ABCD", "BADC", strict=True)}
    assert judged("p6", swapped) == [3, 1, 2, 0]
    assert told("p6", swapped) != told("p6")
    assert judged("p6", {**charts, "A": charts["C"]}) is None


def test_p7_only_apart_blobs_can_be_told_without_error():
    best = {}
    for spread in (0.5, 1.5, 4.0):
        x, y = new_blobs(spread)
        best[spread] = (nearest(x) == y).mean()
        metrics = measured("p7")["results"][f"spread {spread:g}"]["metrics"]
        assert metrics["bayes_accuracy"] == pytest.approx(best[spread], abs=0.005)
        assert metrics["fresh_accuracy"] <= metrics["bayes_accuracy"]
    assert judged("p7") == sum(share == 1 for share in best.values()) == 1
    other = altered("p7")
    other["results"]["spread 1.5"]["metrics"] = other["results"]["spread 0.5"]["metrics"]
    assert judged("p7", other) == 2
    assert told("p7", other) != told("p7")
    assert "after 300 epochs, in the mean of 5 starts" in told("p7")[0]


def test_p8_a_third_layer_gains_nothing_over_pairs_of_starts():
    found = measured("p8")
    three, two = np.array(found["three"]), np.array(found["two"])
    interval = stats.ttest_rel(three, two).confidence_interval()
    assert interval.high <= 0
    assert judged("p8") == 2
    assert f"[{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]" in told("p8")[0]
    x, y = new_blobs(4.0)
    for sizes, own in (((2, 8, 8, 4), two), ((2, 8, 8, 8, 4), three)):
        model = build(sizes)
        fit(model, blobs(4.0), F.cross_entropy)
        assert own[0] == pytest.approx((named(model, x) == y).mean(), abs=0.008)
    for gain, option in ((0.02, 0), (0.005, 1), (-0.001, 2)):
        other = altered("p8") | {"three": (two + gain).tolist()}
        assert judged("p8", other) == option
        assert told("p8", other) != told("p8")
    for least, most in ((-0.05, 0.06), (0.002, 0.016)):  # perhaps a loss, perhaps above a point
        unclear = altered("p8") | {"three": (two + np.linspace(least, most, len(two))).tolist()}
        assert judged("p8", unclear) is None


def test_p9_straight_lines_part_blobs_and_no_rings():
    found = measured("p9")
    x, y = make_circles(n_samples=1000, noise=0.05, factor=0.5, random_state=42)
    for name, points in (("circles", split(x, y)), ("blobs", blobs())):
        x_train, x_test, y_train, y_test = (own.numpy() for own in points)
        line = LogisticRegression(C=1e6, max_iter=1000).fit(x_train, y_train)
        share = line.score(x_test, y_test)
        assert np.mean(found[f"{name}, no activation"]["fresh"]) == pytest.approx(share, abs=0.06)
        assert np.mean(found[name]["fresh"]) == pytest.approx(share, abs=0.06)
    assert judged("p9") == 0
    low, good = [0.5] * 5, [0.99] * 5
    for circles, blob, option in ((good, low, 1), (low, low, 2), (good, good, 3)):
        other = altered("p9")
        other["circles, no activation"]["fresh"] = circles
        other["blobs, no activation"]["fresh"] = blob
        assert judged("p9", other) == option
        assert told("p9", other) != told("p9")
    other = altered("p9")
    other["blobs, no activation"]["fresh"] = [0.5, 1.0, 0.99, 1.0, 0.99]
    assert judged("p9", other) is None


def known_network(activation: str) -> MLP:
    """Boundary x2 = |x1| - 1 of two ReLU units, or x2 = tanh(x1)."""
    network = MLP(NetworkConfig(widths=(4,), activation=activation), 2, 2)
    first, last = network.layers
    up, right = torch.tensor([0.0, 1.0]), torch.tensor([1.0, 0.0])
    if activation == "relu":
        for k, direction in enumerate((right, -right, up, -up)):
            first.weight[0, :, k] = direction
        last.weight[0, :, 0] = torch.tensor([1.0, 1.0, 0.0, 0.0])
        last.weight[0, :, 1] = torch.tensor([0.0, 0.0, 1.0, -1.0])
        last.bias[0, 0, 1] = 1.0
    else:
        first.weight[0, :, 0] = right
        first.weight[0, :, 1] = 1e-3 * up  # tanh is straight there
        last.weight[0, 0, 0] = 1.0
        last.weight[0, 1, 1] = 1e3
    return network


def test_p10_corners_are_found_where_they_are():
    box = Extent(-2.0, 1.9875, -2.0, 2.0)  # so that one of the points looked at is the corner
    corner = boundary._turns(known_network("relu"), 0, box)
    assert corner.max() == pytest.approx(90, abs=0.01)
    assert (corner < 1e-6).mean() > 0.98
    round_ = boundary._turns(known_network("tanh"), 0, box)
    assert (round_ >= 0).all(), "it turns to either side"
    at = np.linspace(-2, 2, 10_001)  # curvature of x2 = tanh(x1), times the way looked along
    slope = 1 - np.tanh(at) ** 2
    bend = np.abs(2 * np.tanh(at) * slope) / (1 + slope**2) ** 1.5
    assert round_.max() == pytest.approx(math.degrees(bend.max() * 2 * 3.9875 / 1000), rel=0.02)
    assert judged("p10") == 0
    for relu, tanh, option in ((1.0, 30.0, 1), (30.0, 30.0, 2), (1.0, 1.0, 3)):
        other = altered("p10")
        other["ReLU"]["largest"], other["tanh"]["largest"] = [relu] * 5, [tanh] * 5
        assert judged("p10", other) == option
        assert told("p10", other) != told("p10")
    other["ReLU"]["largest"] = [1.0, 30.0, 30.0, 30.0, 30.0]
    assert judged("p10", other) is None
