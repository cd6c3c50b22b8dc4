"""The steps p11 to p16 of the playground, as `test_playground_steps` does those before."""

import json
import math
import re

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.datasets import make_circles, make_moons
from sklearn.metrics import confusion_matrix
from torch import nn
from torch.nn import functional as F

from classifiers.recipes.guide import question, step
from classifiers.recipes.guide.answer import reveal
from tests.recipes.guide.test_playground_steps import (
    NOWHERE,
    altered,
    blobs,
    build,
    centres,
    fit,
    judged,
    lesson,
    measured,
    named,
    new_blobs,
    split,
    told,
)


def test_p2_shows_what_a_network_answers_of_five_points():
    found = measured("p2")
    rows = step("p2").shows(found).to_dict()["rows"]
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]
    for i, (_, raw, shares, total, called, true) in enumerate(rows):
        logits, p = (
            [float(number.replace("−", "-")) for number in text.split(", ")]
            for text in (raw, shares)
        )
        assert logits == pytest.approx(found["logits"][i], abs=0.006)
        assert p == pytest.approx(torch.tensor(found["logits"][i]).softmax(0).tolist(), abs=0.006)
        assert total == "1.00"
        assert called == "ABCD"[int(np.argmax(found["logits"][i]))]
        assert true == "ABCD"[found["truth"][i]]


def test_p11_few_test_points_leave_the_score_open_whatever_points_are_drawn():
    found = measured("p11")
    interval = stats.ttest_1samp(
        np.subtract(found["50 points"]["range"], found["2,000 points"]["range"]), 0
    ).confidence_interval()
    assert f"narrower [{100 * interval.low:.1f}, {100 * interval.high:.1f}]" in told("p11")[1]
    assert judged("p11") == 0
    for option, sign in ((1, "error"), (2, "lead")):
        other = altered("p11")
        few = other["50 points"]
        few["range"], few[sign] = few[sign], few["range"]
        assert judged("p11", other) == option
        assert told("p11", other) != told("p11")
    other = altered("p11")
    other["50 points"]["lead"] = other["50 points"]["range"]
    assert judged("p11", other) is None
    other["50 points"], other["2,000 points"] = other["2,000 points"], other["50 points"]
    assert " wider [" in told("p11", other)[1]
    assert " more [" in told("p11", other)[1]


def test_p12_fresh_points_name_the_hardest_class_and_a_tie_is_called_one():
    model, (_, x_test, _, y_test), _ = lesson()
    assert measured("p12")["matrix"] == confusion_matrix(y_test, named(model, x_test)).tolist()
    x, y = new_blobs(1.5, 200_000)
    own = confusion_matrix(y, named(model, x), normalize="true")
    found = [shares[0] for shares in measured("p12")["found"]]
    assert found == pytest.approx(own.diagonal(), abs=0.003)
    assert judged("p12") == own.diagonal().argmin() == 0
    for k, place in enumerate(centres()):
        option, there = step("p12").picture.read(measured("p12"), *place)
        assert (option, there) == (k, f"There the network names {'ABCD'[k]}.")
    shown = measured("p12")["shown"].network
    last = shown.copy(members=[-1]).logits(torch.from_numpy(x[:20_000].astype(np.float32)))[0]
    where = np.flatnonzero(named(model, x[:20_000]) != last.argmax(1).numpy())
    assert len(where) > 5, "the starts do not agree everywhere"
    for i in where[:6]:  # it is the first that is shown
        assert step("p12").picture.read(measured("p12"), *x[i])[0] == named(model, x[i : i + 1])[0]
    np.fill_diagonal(own, 0)
    assert f"taken for {'ABCD'[own[0].argmax()]}" in told("p12")[1]
    for k in (1, 2, 3):
        other = altered("p12")
        other["found"][0], other["found"][k] = other["found"][k], other["found"][0]
        assert judged("p12", other) == k
        assert told("p12", other) != told("p12")
    tied = altered("p12")
    tied["found"][3] = [  # a little more, which may be luck
        share + way for share, way in zip(tied["found"][0], [0.011, -0.01] * 5, strict=True)
    ]
    assert judged("p12", tied) is None
    tied["matrix"] = [[9, 1, 0, 0], [0, 9, 1, 0], [0, 0, 10, 0], [0, 0, 0, 10]]
    assert "name A and B (a tie)" in told("p12", tied)[2]
    shown = step("p12").shows(measured("p12")).to_dict()
    counts = [[int(cell) for cell in row[1:5]] for row in shown["rows"]]
    assert counts == measured("p12")["matrix"]


def test_p13_pytorch_says_what_the_table_quotes():
    classes, two = torch.tensor([0, 3, 1, 2, 1]), torch.tensor([0, 1, 1, 0, 1])
    four, one = torch.zeros(5, 4), torch.zeros(5, 1)
    tries = [
        (nn.CrossEntropyLoss(), four, classes),
        (nn.CrossEntropyLoss(), four, classes.float()),
        (nn.CrossEntropyLoss(), four, F.one_hot(classes, 4).float()),
        (nn.BCEWithLogitsLoss(), one, two.float().unsqueeze(1)),
        (nn.BCEWithLogitsLoss(), one, two.unsqueeze(1)),
        (nn.BCEWithLogitsLoss(), one, two.float()),
    ]
    for (loss, logits, target), row in zip(tries, measured("p13")["rows"], strict=True):
        try:
            loss(logits, target)
            assert row["value"] is not None
        except (RuntimeError, ValueError) as error:
            assert row["message"] == " ".join(str(error).split())[:120]
    assert judged("p13") == [0, 1, 0, 0, 1, 1]
    for text, row in zip(step("p13").rows, measured("p13")["rows"], strict=True):
        *_, dtype, shape = row["target"].replace(" (", "|(").replace(" ", "|").split("|")
        assert text.text.startswith(row["loss"])
        assert text.text.endswith(f"{dtype} {shape}".replace("5,)", "5,)"))
    first, _, third, *_ = step("p13").shows(measured("p13")).to_dict()["rows"]
    assert first[3] == third[3]
    assert f"the same, {first[3]} in both rows" in told("p13")[1]
    other = altered("p13")
    other["rows"][1]["value"] = 1.0
    assert judged("p13", other) == [0, 0, 0, 0, 1, 1]
    assert told("p13", other) != told("p13")
    other["rows"][2]["value"] += 0.1
    assert "the same" not in told("p13", other)[1]


def test_p13_the_loss_that_does_not_check_is_named_only_if_it_does_not():
    with pytest.warns(UserWarning, match="target size"):
        value = nn.MSELoss()(torch.tensor([[1.0], [2.0]]), torch.tensor([0.0, 4.0]))
    assert value == (1 + 9 + 4 + 4) / 4
    assert "MSELoss only warns" in told("p13")[0]
    assert "MSELoss" not in told("p13", altered("p13") | {"mse_only_warns": False})[0]


def test_p14_one_logit_and_two_say_the_same():
    found = measured("p14")
    for z, one, two in zip(found["logits"], found["sigmoid"], found["softmax"], strict=True):
        assert one == pytest.approx(1 / (1 + math.exp(-z)))
        assert two == pytest.approx(one)
    assert found["one_step"] == pytest.approx(200)
    assert found["two_steps"] == 100  # torch's BCELoss stops at e^-100
    x, y = make_circles(n_samples=1000, noise=0.05, factor=0.5, random_state=42)
    _, x_test, _, y_test = points = split(x, y)
    model = build((2, 16, 16, 1))

    def loss_of(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.binary_cross_entropy_with_logits(z[:, 0], y.float())

    fit(model, points, loss_of, epochs=300, adam=True)
    share = ((model(x_test)[:, 0] > 0) == (y_test > 0)).float().mean().item()
    assert found["fresh"]["circles, one logit"][0] == pytest.approx(share, abs=0.01)
    assert judged("p14") == 2
    for better, worse, option in (
        ("circles, one logit", "circles, two logits", 0),
        ("circles, two logits", "circles, one logit", 1),
    ):
        other = altered("p14")
        other["fresh"][better], other["fresh"][worse] = [0.99] * 5, [0.9] * 5
        assert judged("p14", other) == option
        assert told("p14", other) != told("p14")
    other["fresh"]["circles, one logit"] = [0.8, 1.0, 0.99, 1.0, 0.99]
    assert judged("p14", other) is None


def test_p15_the_share_in_doubt_is_that_of_a_plain_run():
    x, y = make_moons(n_samples=1000, noise=0.2, random_state=42)
    points = split(x, y)
    model = build((2, 16, 16, 1))

    def loss_of(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return F.binary_cross_entropy_with_logits(z[:, 0], y.float())

    fit(model, points, loss_of, epochs=300, adam=True)
    pad = 0.1 * np.ptp(x, axis=0).max()  # as the page frames its pictures
    (left, below), (right, above) = x.min(0) - pad, x.max(0) + pad
    grid = np.meshgrid(np.linspace(left, right, 150), np.linspace(below, above, 150))
    with torch.no_grad():
        p = model(torch.tensor(np.stack(grid, -1), dtype=torch.float32)).sigmoid()
    doubt = (torch.maximum(p, 1 - p) < 0.9).float().mean().item()
    assert 100 * measured("p15")["share"][0] == pytest.approx(100 * doubt, abs=0.7)
    pixels = np.stack(grid, -1).reshape(-1, 2)
    gaps = [np.linalg.norm(points[0].numpy() - pixel, axis=1).min() for pixel in pixels[::7]]
    empty = np.array(gaps) > 0.1 * (right - left)
    sure = torch.maximum(p, 1 - p).reshape(-1).numpy()[::7] >= 0.9
    assert measured("p15")["empty"] == pytest.approx(empty.mean(), abs=0.03)
    assert measured("p15")["sure_where_empty"] == pytest.approx(sure[empty].mean(), abs=0.03)
    fresh, truth = make_moons(n_samples=20_000, noise=0.2, random_state=1)
    with torch.no_grad():
        p = model(torch.tensor(fresh, dtype=torch.float32))[:, 0].sigmoid().numpy()
    unsure, wrong = np.maximum(p, 1 - p) < 0.9, (p > 0.5) != truth
    assert measured("p15")["wrong_unsure"] == pytest.approx(wrong[unsure].mean(), abs=0.04)
    assert measured("p15")["wrong_sure"] == pytest.approx(wrong[~unsure].mean(), abs=0.005)
    assert "distance does not add to it" in told("p15")[2]
    assert "distance adds to it" in told("p15", altered("p15") | {"sure_where_empty": 0.5})[2]
    other = altered("p15") | {"share": [0.5] * 5}
    assert told("p15", other) != told("p15")
    assert (judged("p15"), judged("p15", altered("p15") | {"share": [0.0] * 5})) == (0, None)
    seen = points[0].numpy()
    read = step("p15").picture.read
    for x1, x2 in pixels[::1501]:
        with torch.no_grad():
            z = model(torch.tensor([[x1, x2]], dtype=torch.float32)).item()
        sure = 1 / (1 + math.exp(-abs(z)))
        beyond = np.linalg.norm(seen - [x1, x2], axis=1).min() - 0.1 * (right - left)
        if abs(sure - 0.9) < 0.03 or abs(beyond) < 0.01:
            continue
        option, there = read(measured("p15"), x1, x2)
        assert option == (0 if sure < 0.9 else 2 if beyond > 0 else 1)
        letter, share = re.fullmatch(r"There it gives ([AB]) ([\d.]+) %\.", there).groups()
        assert letter == "AB"[z > 0]
        assert float(share) == pytest.approx(100 * sure, abs=1)


def test_p16_batches_get_further_and_are_rougher_than_all_points():
    found = measured("p16")
    points = blobs()
    x, y = new_blobs(1.5)
    whole = build((2, 8, 8, 4))
    curve = fit(whole, points, F.cross_entropy, epochs=10)
    assert found["all"]["fresh"][0] == pytest.approx((named(whole, x) == y).mean(), abs=0.006)
    assert found["all"]["rises"][0] == (np.diff(curve) > 0).mean()
    assert (found["all"]["steps"], found["batches"]["steps"]) == (10, 250)
    assert np.mean(found["off"]) < 1 < np.mean(found["off_single"])
    assert judged("p16") == [1, 0]
    swapped = altered("p16")
    swapped["all"], swapped["batches"] = swapped["batches"], swapped["all"]
    assert judged("p16", swapped) == [0, 1]
    assert "measured against all points it is so" in told("p16", swapped)[1]
    assert "the other way round" in told("p16")[1]
    same = altered("p16")
    same["batches"]["rises"] = same["all"]["rises"]
    assert judged("p16", same) is None
    assert "not to be told" in told("p16", same)[1]


SIGNS = {
    "±": "±",
    "[a, b]": r"\[[−+-]?\d[^[\]]*, [−+-]?\d[^[\]]*\]",
    "distinguishable from zero": "distinguishable from zero",
}


each = pytest.mark.parametrize("key", [f"p{k}" for k in range(1, 17)])


@each
def test_signs_that_a_card_tells_with_are_explained_on_it(key):
    text = " ".join(told(key))
    used = {term for term, pattern in SIGNS.items() if re.search(pattern, text)}
    assert used == set(step(key).terms) & set(SIGNS)


@each
def test_a_card_and_its_answer_are_what_a_page_can_read(key):
    answer = reveal(step(key), None, measured(key))
    assert answer["verdict"] == "shown"
    assert len(answer["told"]) > 0
    json.dumps([question(step(key), NOWHERE), answer], allow_nan=False)
