"""Settings: defaults, limits, JSON round trips, and errors that name the key."""

import json
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BeforeValidator, Field, ValidationError

from classifiers.config import (
    CapstoneConfig,
    DatasetConfig,
    NetworkConfig,
    PlaygroundConfig,
    SweepConfig,
    TrainingConfig,
)
from classifiers.config.axes import place
from classifiers.config.base import Config, as_tuple, integral
from classifiers.config.schema import json_schema
from classifiers.config.sweep import SearchConfig
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.playground.budget import count_parameters


def test_the_defaults_are_the_lessons_blobs():
    config = PlaygroundConfig.parse({})
    assert (config.dataset.name, config.dataset.samples, config.dataset.noise) == (
        "blobs",
        1000,
        1.5,
    )
    assert (config.dataset.classes, config.dataset.seed) == (4, 42)
    assert config.network.widths == (8, 8)
    assert (config.training.optimizer, config.training.learning_rate) == ("sgd", 0.1)
    assert config.training.epochs == 100


@pytest.mark.parametrize("empty", [None, "", {}])
def test_nothing_means_all_defaults(empty):
    assert PlaygroundConfig.parse(empty) == PlaygroundConfig()


def test_each_dataset_has_defaults_of_its_own():
    assert DatasetConfig.parse({"name": "circles"}).factor == 0.5
    assert DatasetConfig.parse({"name": "moons"}).classes == 2
    points = [[i, -i, i % 3] for i in range(12)]
    own = DatasetConfig.parse({"name": "points", "points": points})
    assert (own.samples, own.classes) == (12, 3)


@pytest.mark.parametrize(
    ("value", "start"),
    [
        ({"surprise": 1}, "surprise: is not a known setting"),
        ({"training": {"epoch": 1}}, "training.epoch: is not a known setting"),
        ({"training": {"epochs": 10**9}}, "training.epochs: should be less than or equal to 20000"),
        ({"training": {"epochs": "100"}}, "training.epochs: should be a valid integer, got '100'"),
        ({"training": {"epochs": 1.5}}, "training.epochs: should be a valid integer"),
        ({"training": {"epochs": True}}, "training.epochs: should be a valid integer"),
        (
            {"training": {"learning_rate": float("nan")}},
            "training.learning_rate: should be a finite",
        ),
        ({"training": {"learning_rate": None}}, "training.learning_rate: should be a valid number"),
        ({"training": {"momentum": 0.9, "optimizer": "adam"}}, "training.momentum: belongs to sgd"),
        ({"training": {"members": 21}}, "training.members: must be at most 20"),
        ({"dataset": {"samples": 10**6}}, "dataset.samples: "),
        ({"dataset": {"name": "moons", "classes": 3}}, "dataset.classes: must be 2 for moons"),
        ({"dataset": {"name": "rings"}}, "dataset.name: "),
        ({"dataset": {"name": ["moons"]}}, "dataset.name: "),
        ({"dataset": {"factor": 0.5}}, "dataset.factor: goes with circles only"),
        ({"dataset": {"balance": 0}}, "dataset.balance: should be greater than or equal to 0.05"),
        ({"dataset": {"balance": 0.951}}, "dataset.balance: should be less than or equal to 0.95"),
        ({"dataset": {"balance": float("nan")}}, "dataset.balance: should be a finite number"),
        ({"dataset": {"balance": "0.3"}}, "dataset.balance: should be a valid number, got '0.3'"),
        ({"dataset": {"balance": True}}, "dataset.balance: should be a valid number, got True"),
        ({"dataset": {"balance": [0.3, 0.7]}}, "dataset.balance: should be a valid number"),
        (
            {
                "dataset": {
                    "name": "points",
                    "points": [[0, i, i % 2] for i in range(10)],
                    "balance": 0.3,
                }
            },
            "dataset.balance: is of drawn points, not of your own, got 0.3; leave it out",
        ),
        ({"dataset": {"features": ["x1", "x1"]}}, "dataset.features: must not repeat"),
        ({"dataset": {"features": []}}, "dataset.features: "),
        ({"dataset": {"name": "points"}}, "dataset.points: needs at least 10"),
        ({"dataset": {"points": [[1, 2, 0]]}}, "dataset.points: goes with name='points'"),
        ({"network": {"widths": [8] * 50}}, "network.widths: "),
        ({"network": {"widths": [0]}}, "network.widths.0: "),
        ({"network": {"widths": 8}}, "network.widths: "),
        ({"network": {"outputs": "one_logit"}}, "network.outputs: one_logit needs 2 classes"),
        ({"network": {"activation": "swish"}}, "network.activation: "),
        ({"training": {"changes": [{"epoch": 3}]}}, "training.changes.0.epoch: a change needs"),
        ({"training": {"changes": [{"epoch": 0, "l1": 1}]}}, "training.changes.0.epoch: "),
        (
            {"training": {"changes": [{"epoch": 1, "learning_rate": None}]}},
            "training.changes.0.learning_rate: ",
        ),
        (
            {"training": {"optimizer": "adam", "changes": [{"epoch": 1, "momentum": 0.5}]}},
            "training.changes.0.momentum: belongs to sgd",
        ),
        (
            {"training": {"optimizer": "adamw", "changes": [{"epoch": 1, "momentum": 0.5}]}},
            "training.changes.0.momentum: belongs to sgd; leave it out for adamw",
        ),
        ({"training": {"changes": [{"epoch": 1, "lr": 1}]}}, "training.changes.0.lr: is not a kn"),
        ({"training": {"changes": [{"epoch": 1, "l1": 0}] * 101}}, "training.changes: "),
        ({"training": {"record_every": 0}}, "training.record_every: "),
        ({"network": {"start": "ones"}}, "network.start: "),
        (
            {"dataset": {"name": "points", "points": [[i, i, i % 2] for i in range(9)]}},
            "dataset.points: needs at least 10 rows, got 9",
        ),
        (
            {"dataset": {"name": "points", "points": [[0, 0, 0], [1, 2]]}},
            "dataset.points.1.2: is missing in [1, 2]; add it",
        ),
        ({"network": {"widths": [8] * 9}}, "network.widths: should have at most 4 items, got [8"),
        ({"dataset": [3]}, "dataset: should be a JSON object, got [3]"),
        ({"network": {"widths": "4,5"}}, "network.widths: should be a list, got '4,5'"),
        ([], "config: must be a JSON object"),
        ("x" * 500, "config: must be a JSON object"),
    ],
)
def test_errors_start_with_the_key(value, start):
    with pytest.raises(ConfigError) as caught:
        PlaygroundConfig.parse(value)
    assert str(caught.value).startswith(start)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("letters", "cut"), [(78, False), (79, True)])
def test_what_came_is_told_whole_up_to_a_line(letters, cut):
    with pytest.raises(ConfigError) as caught:
        NetworkConfig.parse({"widths": "x" * letters})
    end = f"'{'x' * 76}..." if cut else f"'{'x' * 78}'"
    assert str(caught.value) == f"widths: should be a list, got {end}"


def test_an_axis_that_nobody_knows_is_named_as_it_was_written():
    with pytest.raises(ConfigError, match=r"^grid\.colour: should be 'width', "):
        SearchConfig.parse({"grid": {"colour": [3]}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KEYS = [
    "name",
    "samples",
    "noise",
    "classes",
    "balance",
    "points",
    "features",
    "widths",
    "epochs",
    "members",
]


@given(
    st.dictionaries(
        st.sampled_from(["dataset", "network", "training"]),
        st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3) | JSON,
    )
)
def test_any_json_is_a_config_or_a_config_error(value):
    try:
        config = PlaygroundConfig.parse(value)
    except ConfigError as error:
        assert str(error).startswith(error.field)
    else:
        assert PlaygroundConfig.parse(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize("config", [PlaygroundConfig(), CapstoneConfig(), TrainingConfig()])
def test_configs_are_frozen_and_round_trip(config):
    assert type(config).parse(json.loads(json.dumps(config.to_dict()))) == config
    with pytest.raises(ValidationError, match="frozen"):
        setattr(config, next(iter(type(config).model_fields)), None)


def test_whole_floats_are_integers_and_integers_are_floats():
    assert TrainingConfig.parse({"epochs": 100.0}).epochs == 100
    assert TrainingConfig.parse({"learning_rate": 1}).learning_rate == 1.0
    assert NetworkConfig.parse({"widths": [4.0]}).widths == (4,)


def test_every_error_is_of_one_tree_and_starts_with_its_field():
    error = ConfigError("epochs", "must be positive")
    assert isinstance(error, ClassifiersError)
    assert isinstance(error, ValueError)
    assert str(error) == "epochs: must be positive"


def test_changes_round_trip_and_null_is_not_nothing():
    changes = [{"epoch": 2, "batch_size": None}, {"epoch": 3, "dropout": 0.5, "l1": 0.0}]
    given = {"training": {"changes": changes}, "network": {"start": "he"}}
    config = PlaygroundConfig.parse(given)
    told = config.to_dict()
    assert told["training"]["changes"] == changes
    assert PlaygroundConfig.parse(json.loads(config.model_dump_json())) == config
    without = PlaygroundConfig.parse({"training": {"changes": [{"epoch": 2, "l2": 0}]}})
    assert [c.settings for c in without.training.changes] == [{"l2": 0.0}]
    assert config.training.changes[0] != without.training.changes[0]


def test_what_is_new_is_not_written_unless_it_is_used():
    told = PlaygroundConfig().to_dict()
    assert not {"changes", "record_every"} & set(told["training"])
    assert "start" not in told["network"]
    assert list(told["dataset"]) == [
        "name", "samples", "noise", "label_noise", "classes", "seed", "factor", "features",
        "points",
    ]  # fmt: skip
    with_share = PlaygroundConfig.parse({"dataset": {"balance": 0.3}})
    assert with_share.to_dict()["dataset"]["balance"] == 0.3
    assert PlaygroundConfig.parse(json.loads(with_share.model_dump_json())) == with_share
    assert PlaygroundConfig.parse({"dataset": {"balance": None}}).to_dict() == told


OWN = {"name": "points", "points": [[0, i, i % 2] for i in range(10)]}


@pytest.mark.parametrize(
    ("dataset", "fits"),
    [
        *(({"name": name, "balance": 0.05}, True) for name in ("blobs", "moons", "xor", "spirals")),
        ({"name": "circles", "balance": 0.95, "factor": 0.3}, True),
        ({"balance": 0.3}, True),
        ({"balance": 0.3, "classes": 8, "samples": 10}, True),
        ({"name": "xor", "classes": 3, "balance": None}, True),
        ({**OWN, "balance": None}, True),
        (OWN, True),
        ({**OWN, "balance": 0.5}, False),
        ({"balance": 0.04}, False),
        ({"name": "moons", "balance": 0.96}, False),
        ({"name": "moons", "balance": "even"}, False),
    ],
)
def test_the_schema_allows_a_share_where_the_config_does(dataset, fits):
    assert Draft202012Validator(json_schema(DatasetConfig)).is_valid(dataset) is fits
    try:
        DatasetConfig.parse(dataset)
    except ConfigError as error:
        assert not fits
        assert error.field == "balance"
    else:
        assert fits


def test_changes_come_in_any_order_and_are_one_an_epoch():
    given = [
        {"epoch": 5, "l1": 1.0, "batch_size": None}, {"epoch": 2, "dropout": 0.5},
        {"epoch": 5, "l2": 2.0, "l1": 3.0},
    ]  # fmt: skip
    config = PlaygroundConfig.parse({"training": {"changes": given}})
    assert [change.to_dict() for change in config.training.changes] == [
        {"epoch": 2, "dropout": 0.5},
        {"epoch": 5, "l1": 3.0, "l2": 2.0, "batch_size": None},
    ]
    assert PlaygroundConfig.parse(config.to_dict()) == config


def test_parameters_are_counted_by_the_points_that_train():
    base = PlaygroundConfig.parse({"dataset": {"samples": 800}, "training": {"test_share": 0.5}})
    run = place(base, {"parameters_per_point": 2.0})
    count = count_parameters(run.network, 2, run.dataset.classes)
    assert count == pytest.approx(2 * 400, rel=0.05)


@pytest.mark.parametrize("epochs", [20, 100])
def test_a_sweep_over_epochs_ends_with_the_largest(epochs):
    with pytest.raises(ConfigError, match=r"^epochs: is the largest value \(30\); leave it out"):
        SweepConfig.parse({"over": "epochs", "values": [10, 30], "epochs": epochs})


def test_a_width_is_that_of_every_layer_and_a_depth_repeats_the_first():
    base = PlaygroundConfig.parse({"network": {"widths": [3, 5, 7]}})
    for settings, widths in (
        ({}, (3, 5, 7)),
        ({"width": 4}, (4, 4, 4)),
        ({"depth": 2}, (3, 3)),
        ({"width": 9, "depth": 1}, (9,)),
    ):
        assert place(base, settings).network.widths == widths


@pytest.mark.parametrize("outputs", ["one_logit", "logits"])
@pytest.mark.parametrize("each", [1e-3, 0.3645, 0.7, 3, 40, 100, 1000])
def test_parameters_a_point_are_those_of_two_layers_of_one_width(outputs, each):
    base = PlaygroundConfig.parse(
        {
            "dataset": {"name": "moons", "samples": 20, "features": ["x1", "x2", "x1*x2"]},
            "network": {"widths": [5], "outputs": outputs},
            "training": {"test_share": 0.3},
        }
    )
    run = place(base, {"parameters_per_point": each, "samples": 99})
    points = 99 - 30  # a part of a point is a whole one to test on
    k = 1 if outputs == "one_logit" else 2
    root = np.roots([1, 3 + k + 2, k - each * points]).real.max()
    assert run.network.widths == (min(256, max(1, round(root))),) * 2
    assert run.dataset.samples == 99
    if 1 < root < 256:
        beside = [
            run.network.model_copy(update={"widths": (round(root) + i,) * 2}) for i in (-1, 1)
        ]
        fewer, more = (count_parameters(network, 3, 2) for network in beside)
        assert fewer < each * points < more


@pytest.mark.parametrize("kind", ["grid", "random", "settings"])
def test_values_of_a_search_are_written_as_their_axes_have_them(kind):
    if kind == "settings":
        config = SearchConfig.parse({"settings": [{"width": 2.0, "noise": 1}]})
        run = config.setting(0)
        assert (run.network.widths, repr(run.dataset.noise)) == ((2, 2), "1.0")
        return
    given = {"width": [2.0], "noise": [1]}
    drawn = {axis: {"choices": values} for axis, values in given.items()}
    config = SearchConfig.parse({"grid": given} if kind == "grid" else {"random": drawn})
    assert repr(config.values_of(0)) == "{'width': 2, 'noise': 1.0}"


ENDS = {
    "width": (2, 64), "depth": (1, 4), "weight_decay": (1e-4, 0.1), "dropout": (0.1, 0.9),
    "learning_rate": (1e-3, 0.1), "batch_size": (4, 256), "samples": (20, 900), "noise": (0.1, 2),
    "label_noise": (0.01, 0.5), "parameters_per_point": (0.1, 30),
}  # fmt: skip
BY_FACTORS = {"width", "weight_decay", "learning_rate", "batch_size", "samples",
              "parameters_per_point"}  # fmt: skip


@pytest.mark.parametrize("log", [None, True, False])
@pytest.mark.parametrize("axis", ENDS)
def test_numbers_are_drawn_evenly_or_by_factors(axis, log):
    low, high = ENDS[axis]
    given = {"low": low, "high": high} | ({} if log is None else {"log": log})
    config = SearchConfig.parse({"random": {axis: given}, "seed": 3, "draws": 8})
    whole = isinstance(low, int)
    for index in range(8):
        random = np.random.default_rng([3, index])
        if log or (log is None and axis in BY_FACTORS):
            value = np.exp(random.uniform(np.log(low), np.log(high)))
        else:
            value = random.uniform(low, high)
        found = config.values_of(index)[axis]
        assert type(found) is (int if whole else float)
        assert found == pytest.approx(round(value) if whole else value)


class _Odd(Config):
    """A setting of two kinds, and settings by a number."""

    one: (
        Annotated[int, BeforeValidator(integral)]
        | Annotated[tuple[int, ...], BeforeValidator(as_tuple)]
    ) = 0
    by: dict[Annotated[int, Field(ge=0)], int] = Field(default={})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"one": "x"}, "one: should be a valid integer, got 'x'"),
        ({"one": [1, "x"]}, "one: should be a valid integer, got [1, 'x']"),
        ({"by": {-1: 3}}, "by.-1: should be greater than or equal to 0, got -1"),
        ({"by": {1: "x"}}, "by.1: should be a valid integer, got 'x'"),
        ({"by": 3}, "by: should be a valid dictionary, got 3"),
        ({"two": 3}, "two: is not a known setting; remove it or check its spelling"),
    ],
)
def test_a_path_names_settings_and_no_parts_of_the_check(value, told):
    with pytest.raises(ConfigError) as error:
        _Odd.parse(value, "odd")
    assert str(error.value) == told
