"""Steps h1 to h5 against the record read by hand, a plain network, and the study's own file."""

import numpy as np
import pytest
import torch

from classifiers.recipes.guide.answer import UNDECIDED, reveal
from tests.recipes.guide.heart.by_hand import BY_KEY, changed, member, plain_inputs, told

# The table


def test_h1_counts_as_the_file_does(measured, study):
    ill = study["num"] > 0
    got = measured["h1"]
    assert (got["patients"], got["ill"], got["healthy"]) == (len(ill), ill.sum(), (~ill).sum())
    assert got["everybody_healthy"] == (~ill).mean()
    assert BY_KEY["h1"].judge(got) == 2
    # 165 and 138: the healthy, one of them twice, and the ill less one.
    assert got["lesson_turned_round"]
    assert f"{(~ill).sum()} are healthy" in told(BY_KEY["h1"], got)


@pytest.mark.parametrize(("share", "right"), [(0.07, 0), (0.33, 1), (0.76, 3), (0.45, None)])
def test_h1_is_judged_by_the_share(measured, share, right):
    got = changed(measured["h1"], "everybody_healthy", to=share)
    assert BY_KEY["h1"].judge(got) == right
    assert f"{100 * share:.1f} %" in told(BY_KEY["h1"], got)


def test_h1_does_not_explain_other_counts(measured):
    got = changed(measured["h1"], "lesson_turned_round", to=False)
    assert "swapped" not in told(BY_KEY["h1"], got)
    assert "another table" in told(BY_KEY["h1"], got)
    assert "swapped" in told(BY_KEY["h1"], measured["h1"])


def test_h1_shows_rows_that_are_nobodys(sources, study):
    shown = BY_KEY["h1"].exhibit(sources)
    values = study[["age", "sex", "cp", "chol", "thalach", "thal"]].to_numpy().tolist()
    for row in shown.rows:
        assert len(row) == len(shown.head)
        assert [float(cell) for cell in row[1:]] not in values


def test_h2_sorts_as_the_model_was_fed(measured, record, study):
    kinds = {c["name"]: c["kind"] for c in record["preprocessing"]["columns"]}
    assert kinds == measured["h2"]["kinds"]
    assert BY_KEY["h2"].judge(measured["h2"]) == [0, 1, 0, 1, 0, 1]
    turned = changed(measured["h2"], "kinds", "restecg", to="numerical")
    assert BY_KEY["h2"].judge(turned) == [0, 1, 0, 0, 0, 1]
    shares = (study["num"] > 0).groupby(study["cp"]).mean()
    assert measured["h2"]["pain"] == pytest.approx(shares.tolist())
    assert "no order of illness" in told(BY_KEY["h2"], measured["h2"])
    rising = changed(measured["h2"], "pain", to=[0.1, 0.2, 0.3])
    assert "no order of illness" not in told(BY_KEY["h2"], rising)


# Method


def test_h3_is_judged_by_the_record(measured, record):
    methods = record["evaluation"]["experiments"]["methods"]
    copies = record["evaluation"]["experiments"]["defects"]["duplicates"]
    got, step = measured["h3"], BY_KEY["h3"]
    leak = methods["scaler_before_split"]["difference"]["test_accuracy"]
    assert -0.01 <= leak["low"] < 0 < leak["high"] <= 0.01
    gain = copies["network"] - methods["lesson"]["test_accuracy"]["mean"]
    assert gain > got["doubt"] > 0
    assert step.judge(got) == [1, 0]
    assert "a large rise is ruled out and a tiny one is not" in told(step, got)
    # Each score is of the network, or the forest, that it is told of.
    for words in (
        f"lesson's network scores {100 * copies['network']:.1f} % there in place of "
        f"{100 * methods['lesson']['test_accuracy']['mean']:.1f} %",
        f"by heart scores {100 * copies['memorising_network']:.1f} %",
        f"forest {100 * copies['forest']:.1f} % in place of "
        f"{100 * copies['forest_without_duplicates']:.1f} %",
    ):
        assert words in told(step, got)
    assert (
        step.rows[1].text == f"A copy with {copies['rows']:,} rows of {copies['patients']} patients"
    )


def test_h3_follows_what_is_measured(measured):
    got, step = measured["h3"], BY_KEY["h3"]
    up = changed(got, "scaler", to={"value": 0.02, "low": 0.01, "high": 0.03})
    assert step.judge(up) == [0, 0]
    assert "so it rises" in told(step, up)
    down = changed(got, "scaler", to={"value": -0.02, "low": -0.03, "high": -0.01})
    assert step.judge(down) == [2, 0]
    assert "so it falls" in told(step, down)
    wide = changed(got, "scaler", to={"value": 0.0, "low": -0.03, "high": 0.03})
    assert step.judge(wide) is None
    assert "leaves open whether it rises" in told(step, wide)
    assert reveal(step, [0, 0], wide)["because"] == [UNDECIDED]
    assert step.judge(changed(got, "copied", to=-0.2)) == [1, 2]
    assert step.judge(changed(got, "copied", to=0.01)) is None


def test_h4_is_judged_by_the_record(measured, record):
    methods = record["evaluation"]["experiments"]["methods"]
    assert methods["dropout_0"]["train_accuracy"]["high"] < 0.95
    assert methods["long_dropout_0"]["train_accuracy"]["low"] > 0.95
    got, step = measured["h4"], BY_KEY["h4"]
    assert step.judge(got) == [1, 0, 0, 1]
    near = {"mean": 0.99, "sd": 0.0, "low": 0.98, "high": 1.0}
    learned = changed(got, "methods", ("no", "short"), "train_accuracy", to=near)
    assert step.judge(learned) == [0, 0, 0, 1]
    between = {**near, "low": 0.9}
    assert step.judge(changed(got, "methods", ("no", "long"), "train_accuracy", to=between)) is None
    unsteady = changed(got, "steady", to={"eval": False, "train": True})
    assert step.judge(unsteady) == [1, 0, 1, 0]
    assert "always" in told(step, unsteady).split("train() mode")[0]
    assert "always" not in told(step, unsteady).split("train() mode")[1]


def test_h4_asks_the_network_that_is_served(measured, record, tensors):
    row = record["golden"]["inputs"][2]  # between the two, age 57
    network, x = member(tensors, 0), plain_inputs(record, row)
    network.eval()
    with torch.inference_mode():
        assert measured["h4"]["risks"]["eval"][0] == pytest.approx(torch.sigmoid(network(x)).item())
        network.train()
        torch.manual_seed(7)
        drawn = np.array([torch.sigmoid(network(x)).item() for _ in range(2000)])
    ours = np.array(measured["h4"]["risks"]["train"])
    assert len(set(ours.tolist())) > 100
    # Two samples of one distribution: their means lie within five standard errors.
    assert abs(ours.mean() - drawn.mean()) < 5 * drawn.std() / len(ours) ** 0.5
    assert ours.std() == pytest.approx(drawn.std(), rel=0.3)


def test_h4_leaves_the_shared_random_numbers_alone(sources):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    list(BY_KEY["h4"].measure(sources))
    assert torch.equal(torch.rand(2), expected)


def test_h5_is_judged_by_the_interval(measured, record):
    methods = record["evaluation"]["experiments"]["methods"]
    gap = methods["two_hidden_layers"]["difference"]["test_accuracy"]
    assert gap["low"] < 0 < gap["high"]
    got, step = measured["h5"], BY_KEY["h5"]
    assert step.judge(got) == 2
    for interval, right, word in (
        ((0.01, 0.03), 0, ": distinguishable"),
        ((-0.03, -0.01), 1, ": distinguishable"),
        ((0.0, 0.1), 2, "not distinguishable"),
    ):
        gap = {"value": sum(interval) / 2, "low": interval[0], "high": interval[1]}
        turned = changed(got, "two", "difference", "test_accuracy", to=gap)
        assert step.judge(turned) == right
        assert word in told(step, turned)
    # 36 inputs there are served; the lesson's 13: 13 * 32 + 32 + 32 + 1, and a layer more.
    assert (got["one"]["parameters"], got["two"]["parameters"]) == (481, 481 + 32 * 32 + 32)
