"""What the playground's steps read of short runs on few points, number by number, beside plain
loops; their own runs are longer and are compared in `test_playground_steps`."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F

from classifiers.data.bayes import bayes_accuracy, fresh_with_posterior
from classifiers.data.synthetic import Extent, bayes_predict, fresh, posterior
from classifiers.errors import ConfigError
from classifiers.network import MLP
from classifiers.recipes.guide.playground import (
    batches,
    boundary,
    curves,
    doubt,
    logits,
    losses,
    overlap,
    question,
    scores,
)
from classifiers.recipes.guide.playground.measures import parsed, several
from classifiers.recipes.playground.result import Result, build_scene
from classifiers.recipes.playground.run import run_playground
from classifiers.turns import Expect
from tests.recipes.guide.test_playground_steps import build, known_network

DATA = {"samples": 60, "seed": 5}
SHORT = parsed(DATA, {}, {"epochs": 4, "learning_rate": 0.5, "test_share": 0.25})
SCENE = build_scene(SHORT)
TRAIN, TEST = SCENE.rows("train"), SCENE.rows("test")


def last(news: Any) -> Any:
    *before, found = news
    assert all(not isinstance(one, dict) for one in before)
    return found


def run(config: Any) -> Result:
    *_, update = run_playground(config, film=False)
    return update.result


@pytest.fixture(scope="module")
def result() -> Result:
    return run(several(SHORT, 3))


def fit(
    model: nn.Module, x: Any, y: Any, loss_of: Callable, epochs: int = 4, rate: float = 0.5
) -> nn.Module:
    """By plain gradient descent."""
    for _ in range(epochs):
        model.zero_grad()
        loss_of(model(x), y).backward()
        with torch.no_grad():
            for own in model.parameters():
                own -= rate * own.grad
    return model.requires_grad_(False)


def share(right: Any) -> float:
    return right.double().mean().item()


@pytest.mark.parametrize(("epochs", "rate"), [(4, 0.5), (40, 0.1)])
def test_colours_as_amounts_and_as_classes(monkeypatch, epochs, rate):
    training = {"epochs": epochs, "learning_rate": rate, "test_share": 0.25}
    monkeypatch.setattr(question, "_LESSON", parsed(DATA, training=training))
    monkeypatch.setattr(question, "STARTS", 4)
    first, *news, found = question._asked()
    assert (first, news) == (Expect(1.0), [None] * (2 * epochs + 2))
    amounts, classes = [], []
    for k in range(4):
        line = fit(build((2, 8, 8, 1), 42 + k), TRAIN.x, TRAIN.y,
                   lambda z, y: F.mse_loss(z[:, 0], y.float()), epochs, rate)  # fmt: skip
        amounts.append(share(line(TEST.x)[:, 0].round().clamp(0, 3) == TEST.y))
        model = fit(build((2, 8, 8, 4), 42 + k), TRAIN.x, TRAIN.y, F.cross_entropy, epochs, rate)
        classes.append(share(model(TEST.x).argmax(1) == TEST.y))
    assert found["numbered"] == pytest.approx(amounts)
    assert found["named"] == pytest.approx(classes)
    assert len({*amounts, *classes}) > 3


def test_last_layers_and_what_they_are_compared_with(monkeypatch):
    monkeypatch.setattr(question, "_LESSON", SHORT)
    kinds = question._kinds()
    x = torch.from_numpy(SCENE.dataset.x[:5])
    price, ill, colour = (build((2, 8, 8, width)).requires_grad_(False)(x) for width in (1, 1, 4))
    expected = [
        ("MSELoss", F.mse_loss(price[:, 0], torch.tensor([250.0, 410, 120, 330, 180])), "float32"),
        ("BCEWithLogitsLoss", F.binary_cross_entropy_with_logits(
            ill[:, 0], torch.tensor([0.0, 1, 1, 0, 1])), "float32"),
        ("CrossEntropyLoss", F.cross_entropy(colour, torch.tensor([0, 3, 1, 2, 1])), "int64"),
    ]  # fmt: skip
    for kind, (name, value, dtype) in zip(kinds, expected, strict=True):
        assert (kind["loss"], kind["dtype"]) == (name, dtype)
        assert kind["value"] == pytest.approx(value.item())
    assert [kind["probability"] for kind in kinds] == [False, True, True]
    network, x = MLP(parsed().network, 2, 4).initialize(1), x[:1]
    for ends, always in ((torch.tensor([0.0, 1.0]), True), (torch.tensor([0.5, 1.1]), False),
                         (torch.tensor([-0.1, 0.5]), False)):  # fmt: skip
        kind = question._kind("any", network, x, x, lambda z, y: 0, lambda z, ends=ends: ends)
        assert kind["probability"] is always


def test_what_untrained_networks_say(monkeypatch):
    monkeypatch.setattr(question, "_LESSON", SHORT)
    monkeypatch.setattr(question, "_UNTRAINED", 3)
    found = question._before(None)
    models = [build((2, 8, 8, 4), 42 + k).requires_grad_(False) for k in range(3)]
    given = [model(TRAIN.x) for model in models]
    assert found["accuracy"] == pytest.approx([share(z.argmax(1) == TRAIN.y) for z in given])
    costs = [F.cross_entropy(z, TRAIN.y).item() for z in given]
    assert found["loss"] == pytest.approx(np.mean(costs))
    five = models[0](TEST.x[:5])
    np.testing.assert_allclose(found["logits"], five, rtol=1e-5)
    np.testing.assert_allclose(found["probabilities"], five.softmax(1), rtol=1e-5)
    assert found["predictions"] == five.argmax(1).tolist()
    assert found["truth"] == TEST.y[:5].tolist()


def test_scores_of_a_run(result):
    found = scores._read_scores({"any": result})
    right = result.network.predict(TEST.x) == TEST.y
    assert found["test"] == pytest.approx(right.double().mean(1).tolist())
    interval = stats.binomtest(int(right[0].sum()), 15).proportion_ci(method="wilson")
    assert found["range"] == pytest.approx([interval.low, interval.high])
    assert found["points"] == 15
    best = bayes_predict(SHORT.dataset, TEST.x.numpy())
    assert found["best_on_test"] == pytest.approx((best == TEST.y.numpy()).mean())
    assert found["best"] == bayes_accuracy(SHORT.dataset).value
    assert found["fresh"] == pytest.approx(result.fresh.tolist())
    assert len(set(found["test"])) == 3


def test_who_is_taken_for_whom(result, monkeypatch):
    drawn = fresh(SHORT.dataset, 4000)
    monkeypatch.setattr(scores, "fresh", {SHORT.dataset: drawn}.__getitem__)
    found = scores._read_classes({"any": result})
    named = result.network.predict(torch.from_numpy(drawn.x)).numpy()
    best = posterior(SHORT.dataset, drawn.x).argmax(1)
    for k in range(4):
        own = drawn.y == k
        assert found["found"][k] == pytest.approx([(one[own] == k).mean() for one in named])
        assert found["best"][k] == pytest.approx((best[own] == k).mean())
        for j in range(4):
            shares = [(one[own] == j).mean() for one in named]
            assert found["taken_for"][k][j] == pytest.approx(np.mean(shares))
    first = result.network.predict(TEST.x)[0].tolist()
    pairs = list(zip(TEST.y.tolist(), first, strict=True))
    assert found["matrix"] == [[pairs.count((k, j)) for j in range(4)] for k in range(4)]
    assert found["shown"] is result


def test_logits_that_are_moved(result):
    found = logits._read_shifted({"own": result})
    z = result.network.logits(TEST.x)[0].double().numpy()
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    double = np.exp(2 * z) / np.exp(2 * z).sum(1, keepdims=True)
    assert (found["own"], found["epochs"], found["single"]) == (True, 4, False)
    assert (found["points"], found["agree"]) == (15, 15)
    at = np.abs(p.max(1) - 0.8).argmin()
    assert found["example"]["all +5"]["logits"] == pytest.approx((z[at] + 5).tolist())
    assert found["example"]["all × 2"]["logits"] == pytest.approx((2 * z[at]).tolist())
    assert found["example"]["all × 2"]["probabilities"] == pytest.approx(double[at].tolist())
    change = found["change"]["all × 2"]
    assert change == {"predictions": 0, "probabilities": pytest.approx(np.abs(double - p).max())}
    assert not logits._read_shifted({"lesson": result})["own"]


def test_logits_of_a_network_that_diverged_are_refused(result):
    for ends, refused in (([-1, 3, 3], False), ([0, -1, -1], True), ([4, -1, -1], True)):
        made = replace(result, diverged_at=np.array(ends))
        if not refused:
            assert logits._read_shifted({"own": made})["points"] == 15
            continue
        with pytest.raises(ConfigError) as error:
            logits._read_shifted({"own": made})
        assert str(error.value) == (
            "config.training.learning_rate: must be low enough to learn with, got 0.5, at which "
            "this run diverged; lower it"
        )


def test_of_several_networks_of_ones_own_the_first_is_trained(monkeypatch):
    seen: dict[str, Any] = {}
    monkeypatch.setattr(
        logits, "trained", lambda configs, read: lambda sources: [seen.update(configs)]
    )
    assert list(logits._shifted(SimpleNamespace(own=several(SHORT, 7)))) == [None]
    assert seen == {"own": SHORT}


def test_a_single_logit_that_is_moved():
    training = {"epochs": 4, "learning_rate": 0.5, "test_share": 0.25, "members": 2}
    result = run(parsed({"classes": 2, "samples": 60}, {"outputs": "one_logit"}, training))
    z = result.network.logits(result.scene.rows("test").x)[0, :, 0].double().numpy()
    found = logits._read_shifted({"own": result})
    p, up, double = (1 / (1 + np.exp(-own)) for own in (z, z + 5, 2 * z))
    for name, moved, turned in (("all +5", up, (z < 0) & (z + 5 > 0)), ("all × 2", double, z != z)):
        assert found["change"][name]["predictions"] == turned.sum()
        assert found["change"][name]["probabilities"] == pytest.approx(np.abs(moved - p).max())
    assert found["change"]["all +5"]["predictions"] > 0
    at = np.abs(np.maximum(p, 1 - p) - 0.8).argmin()
    assert found["example"]["as they are"] == {
        "logits": pytest.approx([z[at]]), "probabilities": pytest.approx([1 - p[at], p[at]]),
    }  # fmt: skip


def test_one_softmax_more(monkeypatch):
    monkeypatch.setattr(logits, "_LESSON", SHORT)
    first, *news, found = logits._twice()
    assert (first, news) == (Expect(1.0), [None] * 10)
    assert found["far"] == {
        "softmax, then log": [0, -np.inf],
        "log_softmax in one step": [0, -1000],
    }
    assert found["floor"] == pytest.approx(np.log(1 + 3 / np.e))
    for name, end in (("once", lambda z: z), ("twice", lambda z: z.softmax(1))):
        for k in range(5):
            model = fit(build((2, 8, 8, 4), 42 + k), TRAIN.x, TRAIN.y,
                        lambda z, y, end=end: F.cross_entropy(end(z), y))  # fmt: skip
            given, on_test = model(TRAIN.x), model(TEST.x)
            loss = F.cross_entropy(end(given), TRAIN.y).item()
            assert found[name]["train_loss"][k] == pytest.approx(loss, rel=1e-5)
            right = share(on_test.argmax(1) == TEST.y)
            assert found[name]["accuracy"][k] == pytest.approx(right)
            sure = on_test.softmax(1).amax(1).mean().item()
            assert found[name]["sure"][k] == pytest.approx(sure, rel=1e-5)
    assert found["guess"] == 0.25


def test_curves_and_scores_are_read_as_they_are(result):
    found = curves._read({"B": result, "A": result})
    history = result.history.to_dict()
    assert list(found) == ["B", "A"]
    assert found["A"] == {
        "training": history["train_loss"], "test": history["test_loss"],
        "accuracy": history["test_accuracy"], "points": 15,
    }  # fmt: skip
    closely = curves._closely(parsed(training={"epochs": 300, "record_every": 7}))
    assert (closely.training.record_every, closely.training.epochs) == (1, 300)
    best, fewer, more = SimpleNamespace(value=0.8), np.array([0.7, 0.6]), np.array([0.5, 0.9])
    pair: Any = {"two": SimpleNamespace(fresh=fewer, bayes=best),
                 "three": SimpleNamespace(fresh=more)}  # fmt: skip
    assert overlap._read_depths(pair) == {"two": [0.7, 0.6], "three": [0.5, 0.9], "best": 0.8}


def test_draws_of_points(monkeypatch):
    monkeypatch.setattr(overlap, "STARTS", 3)
    found = last(overlap._drawn(SHORT))
    points, shares = fresh_with_posterior(SHORT.dataset)
    named = []
    for k in range(3):
        drawn = fresh(SHORT.dataset, 60, 1 + k)
        x, y = torch.from_numpy(drawn.x), torch.from_numpy(drawn.y)
        model = fit(build((2, 8, 8, 4), 42 + k), x[15:], y[15:], F.cross_entropy)
        named.append(model(torch.from_numpy(points[:20_000])).argmax(1))
        true = shares[np.arange(20_000), named[k]].mean()
        hits = int((model(x[:15]).argmax(1) == y[:15]).sum())
        interval = stats.binomtest(hits, 15).proportion_ci(method="wilson")
        assert found["range"][k] == pytest.approx(interval.high - interval.low)
        assert found["error"][k] == pytest.approx(1 - true)
        lead = share(model(x[15:]).argmax(1) == y[15:]) - true
        assert found["lead"][k] == pytest.approx(lead)
    for k, own in enumerate(found["disagree"]):
        assert own == pytest.approx(share(named[k] != named[k - 1]))


def test_boundaries_of_two_kinds():
    box = Extent(-2.0, 1.9875, -2.0, 2.0)
    results: Any = {
        name: SimpleNamespace(network=known_network(activation), fresh=np.array([0.3, 0.2]),
                              scene=SimpleNamespace(extent=box))
        for name, activation in (("ReLU", "relu"), ("tanh", "tanh"))
    }  # fmt: skip
    found = boundary._read_corners(results)
    assert [len(own["largest"]) for own in found.values()] == [1, 1]
    assert found["ReLU"]["largest"][0] == pytest.approx(90, abs=0.01)
    assert found["ReLU"]["straight"][0] > 0.98
    assert found["tanh"]["straight"][0] < 0.1
    assert found["tanh"]["fresh"] == [0.3, 0.2]
    for name, own in results.items():
        own.bayes = SimpleNamespace(value={"ReLU": 0.9, "tanh": 0.8}[name])
    killed = boundary._read_killed(results)
    assert killed == {"ReLU": {"fresh": [0.3, 0.2], "best": 0.9},
                      "tanh": {"fresh": [0.3, 0.2], "best": 0.8}}  # fmt: skip
    data = {f"{data}, {coding}": own for data, own in zip("AB", results.values(), strict=True)
            for coding in ("one", "two")}  # fmt: skip
    coded = losses._read_codings(data)
    assert coded["best"] == {"A": 0.9, "B": 0.8}
    assert coded["fresh"] == {name: [0.3, 0.2] for name in data}
    assert coded["logits"] == [-2, 0, 2]


def test_doubt_is_counted_pixel_by_pixel(result, monkeypatch):
    box, train = result.scene.extent, TRAIN.x.numpy()

    def grid(side: int) -> np.ndarray:
        steps = (np.arange(side) + 0.5) / side
        x1, x2 = (low + steps * (high - low) for low, high in (box[:2], box[2:]))
        return np.stack(np.meshgrid(x1, x2), -1).reshape(-1, 2).astype(np.float32)

    def shares(x: np.ndarray) -> np.ndarray:
        return result.network.logits(torch.from_numpy(x)).softmax(-1).numpy()

    def unsure(x: np.ndarray) -> np.ndarray:
        return shares(x).max(-1) < 0.9

    x, true = (own[:4000] for own in fresh_with_posterior(SHORT.dataset))
    monkeypatch.setattr(doubt, "fresh_with_posterior", {SHORT.dataset: (x, true)}.__getitem__)
    found = doubt._read_doubt({"any": result})
    assert found["share"] == pytest.approx(unsure(grid(200)).mean(1).tolist(), abs=3e-4)
    away = np.linalg.norm(grid(100)[:, None] - train, axis=2).min(1) > 0.1 * (box.x_max - box.x_min)
    assert found["empty"] == pytest.approx(away.mean(), abs=3e-4)
    sure = ~unsure(grid(100)[away])
    assert found["sure_where_empty"] == pytest.approx(sure.mean(), abs=3e-4)
    assert abs(sure.mean() - sure[0].mean()) > 1e-3, "all starts count"
    assert found["points"] == pytest.approx(unsure(x).mean(1).tolist(), abs=3e-4)
    wrong = 1 - np.stack([true[np.arange(4000), own.argmax(1)] for own in shares(x)])
    assert found["wrong_unsure"] == pytest.approx(wrong[unsure(x)].mean(), abs=3e-4)
    assert found["wrong_sure"] == pytest.approx(wrong[~unsure(x)].mean(), abs=3e-4)
    assert len({*found["share"], *found["points"]}) == 6


def gradient(model: nn.Module, x: Any, y: Any) -> torch.Tensor:
    model.zero_grad()
    F.cross_entropy(model(x), y).backward()
    return torch.cat([own.grad.flatten() for own in model.parameters()])


def test_batches_in_every_order(monkeypatch):
    monkeypatch.setattr(batches, "_CONFIG", SHORT)
    monkeypatch.setattr(batches, "_STARTS", 2)
    by_class = TRAIN.y.argsort(stable=True)
    points, shares = fresh_with_posterior(SHORT.dataset)
    inputs = torch.from_numpy(points[:20_000])
    for size, shuffled, sorted_ in ((10, True, False), (10, False, True), (1000, False, False)):
        *news, found = batches._epochs(size, shuffled, sorted_)
        steps = 4 * -(-45 // size)
        assert (found["steps"], news) == (steps, [None] * steps)
        x, y = (TRAIN.x[by_class], TRAIN.y[by_class]) if sorted_ else (TRAIN.x, TRAIN.y)
        models = [build((2, 8, 8, 4), 42 + k) for k in range(2)]
        random = torch.Generator().manual_seed(42)
        curve = [[F.cross_entropy(model(x), y).item() for model in models]]
        for _ in range(4):
            for model in models:
                order = torch.randperm(45, generator=random) if shuffled else torch.arange(45)
                for rows in order.split(size):
                    fit(model.requires_grad_(True), x[rows], y[rows], F.cross_entropy, 1)
            curve.append([F.cross_entropy(model(x), y).item() for model in models])
        assert found["rises"] == (np.diff(curve, axis=0) > 0).mean(0).tolist()
        hits = [shares[np.arange(20_000), model(inputs).argmax(1)].mean() for model in models]
        assert found["fresh"] == pytest.approx(hits, abs=1e-4)


def test_ways_that_are_compared(monkeypatch):
    def epochs(*way: Any) -> Any:
        yield from (None, {"way": way})

    monkeypatch.setattr(batches, "_epochs", epochs)
    monkeypatch.setattr(batches, "_off", lambda size: [size])
    first, *news, found = batches._compare()
    assert (first, news) == (Expect(1.5), [None] * 6)
    assert found == {
        "size": 32, "off": [32], "off_single": [1], "all": {"way": (10**6, False, False)},
        "batches": {"way": (32, True, False)}, "unshuffled": {"way": (32, False, True)},
    }  # fmt: skip
    assert parsed(training={"epochs": 10, "batch_size": 32}) == batches._CONFIG
    assert batches._STARTS == 20
    monkeypatch.setattr(overlap, "_drawn", epochs)
    first, *news, found = overlap._points()
    assert (first, news) == (Expect(1.0), [None] * 4)
    few, many = (parsed({"samples": count, "noise": 2.0}).dataset for count in (50, 2000))
    assert [(name, own["way"][0].dataset) for name, own in found.items()] == [
        ("50 points", few), ("2,000 points", many),
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "most"), [(10, 100), (1, 7), (10, 2)])
def test_gradients_of_batches_beside_that_of_all(monkeypatch, size, most):
    monkeypatch.setattr(batches, "_CONFIG", SHORT)
    monkeypatch.setattr(batches, "_STARTS", 2)
    order = torch.randperm(45, generator=torch.Generator().manual_seed(42)).split(size)[:most]
    for k, off in enumerate(batches._off(size, most)):
        model = build((2, 8, 8, 4), 42 + k)
        whole = gradient(model, TRAIN.x, TRAIN.y)
        apart = [(gradient(model, TRAIN.x[own], TRAIN.y[own]) - whole).norm() for own in order]
        assert off == pytest.approx((torch.stack(apart).mean() / whole.norm()).item(), rel=1e-4)
