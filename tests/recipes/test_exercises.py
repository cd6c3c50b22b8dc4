"""The registry of the lesson's exercises, and what 1 to 8 and the try-it boxes find."""

import dataclasses
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from classifiers.errors import ConfigError
from classifiers.recipes.exercises import exercise, exercises
from classifiers.recipes.guide.playground import measures
from classifiers.recipes.playground import exercises as module
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.conclusions import linear
from classifiers.recipes.playground.exercises import PlaygroundExercise

PLAYGROUND = [key for key, found in exercises().items() if isinstance(found, PlaygroundExercise)]


@pytest.fixture(scope="module")
def ran() -> dict[str, dict]:
    return {}


def run(ran: dict[str, dict], key: str) -> dict:
    if key not in ran:
        ran[key] = exercise(key).run()
    return ran[key]


def test_exercises_come_in_the_lessons_order_with_the_try_it_boxes_last():
    numbers = [found.number for found in exercises().values() if found.number is not None]
    assert numbers == sorted(numbers)
    assert numbers[:8] == list(range(1, 9))
    assert PLAYGROUND[-3:] == ["spread", "activations", "balance"]


@pytest.mark.parametrize("number", [1, 1.0, "1"])
def test_a_number_may_come_as_json_or_as_text(number):
    assert exercise(number).number == 1


@pytest.mark.parametrize("number", [0, 13, 1.5, None, True, "x", [], float("nan")])
def test_an_unknown_exercise_is_refused_by_name(number):
    with pytest.raises(ConfigError, match="^number: must be one of 1, 2"):
        exercise(number)


@pytest.mark.parametrize("key", PLAYGROUND)
def test_every_exercise_answers_with_numbers_and_their_spread(ran, key):
    told = run(ran, key)
    json.dumps(told, allow_nan=False)
    assert told["asked"]
    assert told["ran"]
    text = " ".join(told["findings"])
    assert re.search(r"\d+\.\d %", text)
    assert "±" in text
    for result in told["results"].values():
        assert result["config"]["training"]["members"] >= 5
        assert result["metrics"]["spread"]["test_accuracy"] is not None


def metric(told: dict, name: str, of: str = "fresh_accuracy") -> float:
    return told["results"][name]["metrics"][of]


def test_tighter_blobs_are_easier(ran):
    told = run(ran, "1")
    assert metric(told, "spread 0.5") > metric(told, "spread 1.5")


def test_a_third_layer_does_not_undo_overlap(ran):
    told = run(ran, "2")
    best = metric(told, "three layers", "bayes_accuracy")
    assert metric(told, "three layers") < best < 0.9
    gain = 100 * (metric(told, "three layers") - metric(told, "two layers"))
    sentence = told["findings"][-1]
    assert float(re.search(r"by (\S+) points", sentence)[1].replace("−", "-")) == pytest.approx(
        gain, abs=0.06
    )
    assert f"Two layers are {100 * (best - metric(told, 'two layers')):.1f} points" in sentence


def test_no_hidden_layer_is_enough_for_blobs_and_not_for_circles(ran):
    told = run(ran, "5")
    assert metric(told, "blobs") > 0.97
    assert metric(told, "circles") < 0.7


def test_straight_boundaries_are_enough_only_where_the_whole_interval_says_so():
    def told(*short: float) -> str:
        result = SimpleNamespace(
            final={"test_accuracy": np.array(short)}, fresh=0.9 - np.array(short),
            bayes=SimpleNamespace(value=0.9),
        )  # fmt: skip
        return list(linear({"moons": result}))[-1]

    assert "boundaries are enough here" in told(0.01, 0.0101)
    assert "cannot follow this shape" in told(0.1, 0.101)
    for short in ((0.0, 0.03), (0.01, 0.04)):
        assert "these networks cannot tell" in told(*short)


def test_the_hardest_class_of_the_confusion_matrix_is_the_one_named(ran):
    told = run(ran, "6")
    matrix = told["results"]["blobs"]["confusion_matrix"]
    found = [row[k] / sum(row) for k, row in enumerate(matrix)]
    assert f"class {found.index(min(found))} the hardest" in told["findings"][-1]


def test_one_logit_and_two_agree_within_their_spread(ran):
    told = run(ran, "7")
    one, two = (metric(told, name, "test_accuracy") for name in ("one logit", "two logits"))
    assert one == pytest.approx(two, abs=0.02)


def test_killing_the_activations_ruins_circles_and_spares_blobs(ran):
    told = run(ran, "activations")
    assert metric(told, "circles, ReLU") > metric(told, "circles, no activation") + 0.3
    gap = metric(told, "blobs, ReLU") - metric(told, "blobs, no activation")
    assert abs(gap) < 0.02


def test_where_one_class_holds_most_points_accuracy_says_less_than_it_seems(ran):
    told = run(ran, "balance")
    assert metric(told, "one in ten") > metric(told, "equal shares")
    hides = [text for text in told["findings"] if "balanced accuracy, the mean" in text]
    assert len(hides) == 1
    for text, name in zip(told["findings"][2:], told["results"], strict=False):
        matrix = told["results"][name]["confusion_matrix"]
        found = [100 * row[k] / sum(row) for k, row in enumerate(matrix)]
        if text.startswith(name):
            assert f"balanced accuracy {sum(found) / 2:.1f} %" in text


def test_streaming_an_exercise_names_its_runs_in_order():
    found = exercise("7")
    assert isinstance(found, PlaygroundExercise)
    names = []
    for name, _ in found.stream():
        if name not in names:
            names.append(name)
    assert names == list(found.settings)


@pytest.fixture
def trained(monkeypatch):
    """What was trained so far, of runs of three updates whose last one has the result."""
    trained = []

    def run_playground(config, *, film, **asked):
        assert not film
        for k in range(3):
            trained.append(config)
            done = SimpleNamespace(to_dict=lambda: config.network.outputs)
            yield SimpleNamespace(result=done if k == 2 else None)

    monkeypatch.setattr(module, "run_playground", run_playground)
    monkeypatch.setattr(measures, "run_playground", run_playground)
    return trained


def test_an_exercise_is_told_step_by_step_as_it_is_trained(trained):
    found = dataclasses.replace(exercise("7"), conclude=lambda results: map(str, results))
    steps = found.steps()
    assert next(steps) == found.expected
    for count in range(1, 7):
        assert next(steps) is None
        assert len(trained) == count
    (told,) = steps
    names = ["one logit", "two logits"]
    assert [config.network.outputs for config in trained[::3]] == ["one_logit", "logits"]
    assert told == {
        **found.describe(),
        "findings": names,
        "results": dict(zip(names, ("one_logit", "logits"), strict=True)),
    }


def test_what_a_step_of_the_lesson_trains_is_told_as_it_is_trained(trained):
    configs = measures.settings_of("7")
    steps = measures.trained(configs, dict)(None)
    assert next(steps) == expect(*configs.values(), film=False)
    for count in range(1, 7):
        assert next(steps) is None
        assert len(trained) == count
    ((one, two),) = (told.values() for told in steps)
    assert (one.to_dict(), two.to_dict()) == ("one_logit", "logits")
