"""Scripts of runs that change on the way, or start in another way, against the runs themselves."""

from urllib.parse import unquote

import numpy as np
import pytest

from classifiers.config import PlaygroundConfig
from classifiers.data.synthetic import sample
from classifiers.recipes.playground.code import to_script
from classifiers.recipes.playground.endless import Run
from classifiers.recipes.playground.run import finish_playground
from classifiers.ui.playground.link import from_query, to_query
from tests.conftest import ROOT
from tests.processes.warm import warm

MOONS = {"name": "moons", "samples": 200, "noise": 0.3}
CHANGES = [
    {"epoch": 5, "learning_rate": 0.3, "l1": 0.01},
    {"epoch": 12, "batch_size": 16, "l2": 0.003},
    {"epoch": 14, "batch_size": None},
    {"epoch": 20, "batch_size": 500, "weight_decay": 0.01},
    {"epoch": 22, "batch_size": 50, "l1": 0},
]
MOMENTUM = [
    {"epoch": 3, "momentum": 0.9},
    {"epoch": 9, "momentum": 0},
    {"epoch": 12, "momentum": 0.5},
]
SCRIPTS = {
    "sgd": {"training": {"epochs": 30, "changes": [*MOMENTUM[:1], *CHANGES], "members": 2}},
    "momentum": {"training": {"epochs": 30, "changes": MOMENTUM}},
    "adam": {"training": {"optimizer": "adam", "epochs": 30, "batch_size": 25, "changes": CHANGES}},
    "adamw, stopping": {
        "network": {"widths": [16], "outputs": "one_logit"},
        "training": {
            "optimizer": "adamw", "learning_rate": 0.02, "epochs": 320, "weight_decay": 0.01,
            "changes": CHANGES, "early_stopping": {"patience": 60}, "record_every": 1,
        },
    },
    "xavier": {"network": {"start": "xavier"}, "training": {"epochs": 20, "members": 2}},
    "he": {"network": {"start": "he", "activation": "tanh"}, "training": {"epochs": 20}},
    "large": {"network": {"start": "large"}, "training": {"epochs": 5}},
    "zero": {"network": {"start": "zero"}, "training": {"epochs": 20}},
}  # fmt: skip


def accuracy_and_loss(config: PlaygroundConfig) -> tuple[float, float]:
    """What the script of a config prints, and the test loss of its last network."""
    script = f"import torch\ntorch.set_num_threads(1)\n{to_script(config)}\n"
    script += "with torch.inference_mode():\n    print(loss_of(model, x_test, y_test).item())\n"
    ran = warm().run("-c", script, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    *_, accuracy, loss = ran.stdout.split()
    return float(accuracy), float(loss)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_script_does_the_same(name):
    config = PlaygroundConfig.parse({"dataset": MOONS, **SCRIPTS[name]})
    accuracy, loss = accuracy_and_loss(config)
    run = finish_playground(config)
    assert accuracy == pytest.approx(run.mean("test_accuracy"), abs=1e-4)
    assert loss == pytest.approx(run.final["test_loss"][-1], rel=1e-3)


SHARES = {
    "blobs": {"name": "blobs", "samples": 203, "noise": 3.0, "balance": 0.1},
    "circles": {"name": "circles", "samples": 151, "noise": 0.1, "factor": 0.7, "balance": 0.8},
    "moons": {"name": "moons", "samples": 333, "noise": 0.3, "balance": 0.05},
    "xor": {"name": "xor", "samples": 201, "balance": 0.3},
    "three of xor": {"name": "xor", "samples": 200, "classes": 3, "balance": 0.7},
    "four of xor": {"name": "xor", "samples": 117, "classes": 4, "balance": 0.4},
    "spirals": {"name": "spirals", "samples": 222, "classes": 3, "balance": 0.6},
    "label noise": {"samples": 203, "noise": 3.0, "balance": 0.1, "label_noise": 0.2},
}


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize("share", [True, False])
def test_the_script_draws_the_same_points(name, share):
    dataset = {k: v for k, v in SHARES[name].items() if share or k != "balance"}
    config = PlaygroundConfig.parse({"dataset": dataset})
    lines, _, _ = to_script(config).partition("x_train, x_test")
    drawn: dict = {}
    exec(lines, drawn)
    expected = sample(config.dataset)
    np.testing.assert_array_equal(drawn["x"].numpy(), expected.x, strict=True)
    np.testing.assert_array_equal(drawn["y"].numpy(), expected.y, strict=True)


@pytest.mark.parametrize("name", ["label noise", "three of xor"])
def test_the_script_of_a_share_is_as_accurate(name):
    config = PlaygroundConfig.parse({"dataset": SHARES[name], "training": {"epochs": 40}})
    accuracy, loss = accuracy_and_loss(config)
    run = finish_playground(config)
    assert accuracy == pytest.approx(run.mean("test_accuracy"), abs=1e-4)
    assert loss == pytest.approx(run.final["test_loss"][-1], rel=1e-3)


def test_link_and_script_of_a_changed_run_end_as_it_did():
    run = Run(PlaygroundConfig.parse({"dataset": MOONS, "network": {"widths": [12]}}))
    for _ in run.advance(8):
        pass
    run.change({"learning_rate": 0.8, "momentum": 0.8})
    for _ in run.advance(15):
        pass
    run.change({"batch_size": 20})
    for _ in run.advance(31):
        pass
    *_, last = run.conclude()
    query = dict(pair.split("=", 1) for pair in unquote(to_query(run.config)).split("&"))
    again, _ = from_query(query)
    assert again == run.config
    assert len(again.training.changes) == 2
    assert finish_playground(again).metrics() == last.result.metrics()
    accuracy, loss = accuracy_and_loss(again)
    assert accuracy == pytest.approx(last.result.mean("test_accuracy"), abs=1e-4)
    assert loss == pytest.approx(last.result.mean("test_loss"), rel=1e-3)


def test_a_script_whose_dropout_changes_says_why_its_digits_differ():
    changes = [{"epoch": 3, "dropout": 0.5}]
    config = PlaygroundConfig.parse({"dataset": MOONS, "training": {"changes": changes}})
    script = to_script(config)
    assert "nn.Dropout(0.0)" in script
    assert "layer.p = 0.5" in script
    assert "digits will differ" in script
    accuracy_and_loss(config)


def test_the_script_of_an_unchanged_config_says_nothing_of_changes():
    script = to_script(PlaygroundConfig())
    assert "param_groups" not in script
    assert "init" not in script
    assert "Dropout" not in script
