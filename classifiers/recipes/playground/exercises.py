"""Exercises 1 to 8 and the try-it boxes on synthetic data, as playground runs side by side.

Each is a few settings, run with several members so that the finding carries its spread, and a
function that says what the numbers show. No number is written here: all are computed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from classifiers.config import PlaygroundConfig
from classifiers.data.synthetic import Extent
from classifiers.recipes.exercises import Exercise
from classifiers.recipes.playground import conclusions
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.result import Scene, build_scene
from classifiers.recipes.playground.run import Update, finish_playground, run_playground
from classifiers.turns import Expect

_MEMBERS = 5


@dataclass(frozen=True)
class PlaygroundExercise(Exercise):
    """Runs with names, and the conclusion drawn from all of them.

    `view` is how the pictures are best looked at: "labels" or "confidence".
    """

    settings: Mapping[str, PlaygroundConfig] = field(default_factory=dict)
    conclude: Callable[[conclusions.Results], Iterator[str]] = lambda results: iter(())
    view: str = "labels"

    @property
    def expected(self) -> Expect:
        """What it is estimated to take."""
        return expect(*self.settings.values())

    def scenes(self) -> dict[str, Scene]:
        """The data of each run. Pictures of one kind of data have one frame: they are compared."""
        drawn = {name: build_scene(config) for name, config in self.settings.items()}
        frames: dict[str, Extent] = {}
        for scene in drawn.values():
            kind = scene.config.dataset.name
            frames[kind] = _around(frames.get(kind, scene.extent), scene.extent)
        return {
            name: replace(scene, extent=frames[scene.config.dataset.name])
            for name, scene in drawn.items()
        }

    def stream(self, *, film: bool = True, weights: bool = False) -> Iterator[tuple[str, Update]]:
        """The updates of each run in turn, with its name; `weights` as in `run_playground`."""
        for name, scene in self.scenes().items():
            for update in run_playground(scene.config, film=film, weights=weights, scene=scene):
                yield name, update

    def report(self, results: conclusions.Results) -> dict[str, Any]:
        return {
            **self.describe(),
            "findings": list(self.conclude(results)),
            "results": {name: result.to_dict() for name, result in results.items()},
        }

    def run(self) -> dict[str, Any]:
        return self.report(
            {
                name: finish_playground(scene.config, scene=scene)
                for name, scene in self.scenes().items()
            }
        )

    def steps(self) -> Iterator[Any]:
        yield self.expected
        results = {}
        for name, update in self.stream(film=False):
            if update.result is not None:
                results[name] = update.result
            yield None
        yield self.report(results)


def _around(one: Extent, other: Extent) -> Extent:
    """The smallest box around two."""
    return Extent(
        min(one.x_min, other.x_min),
        max(one.x_max, other.x_max),
        min(one.y_min, other.y_min),
        max(one.y_max, other.y_max),
    )


def _config(
    dataset: Mapping[str, Any] | None = None,
    network: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
) -> PlaygroundConfig:
    return PlaygroundConfig.parse(
        {
            "dataset": dict(dataset or {}),
            "network": dict(network or {}),
            "training": {"members": _MEMBERS, **(training or {})},
        }
    )


_ADAM = {"optimizer": "adam", "learning_rate": 0.01}
_MOONS = {"name": "moons", "samples": 1000, "noise": 0.2}
_PAIR = {"name": "blobs", "classes": 2, "noise": 4.0, "samples": 2000}
_CIRCLES = {"name": "circles", "noise": 0.05, "factor": 0.5}

EXERCISES = (
    PlaygroundExercise(
        "1",
        1,
        "Tighter blobs",
        "Reduce the spread of the blobs to 0.5 and train again: how does test accuracy change?",
        "The lesson's blobs with spread 1.5 and 0.5.",
        {"spread 1.5": _config(), "spread 0.5": _config({"noise": 0.5})},
        conclusions.tighter,
    ),
    PlaygroundExercise(
        "2",
        2,
        "Overlap and a third layer",
        "Increase the spread to 4 and add a third hidden layer: does accuracy improve?",
        "Blobs with spread 4, two and three hidden layers of 8 units.",
        {
            "two layers": _config({"noise": 4.0}),
            "three layers": _config({"noise": 4.0}, {"widths": [8, 8, 8]}),
        },
        conclusions.deeper,
    ),
    PlaygroundExercise(
        "3",
        3,
        "ReLU against tanh",
        "Replace ReLU by tanh, and compare the decision boundaries.",
        "The lesson's blobs with either activation.",
        {"ReLU": _config(), "tanh": _config(network={"activation": "tanh"})},
        conclusions.smoother,
    ),
    PlaygroundExercise(
        "4",
        4,
        "Few points, many points",
        "Train on 50 points and on 2,000, with spread 2: what changes about the boundary?",
        "Blobs with spread 2, 50 and 2,000 points.",
        {
            "50 points": _config({"samples": 50, "noise": 2.0}),
            "2,000 points": _config({"samples": 2000, "noise": 2.0}),
        },
        conclusions.data,
    ),
    PlaygroundExercise(
        "5",
        5,
        "No hidden layers",
        "Train a single linear layer: how accurate can it be, and for which data is it enough?",
        "No hidden layer on blobs, moons and circles, trained to the end.",
        {
            "blobs": _config(network={"widths": []}, training={"epochs": 300}),
            "moons": _config(_MOONS, {"widths": []}, {**_ADAM, "epochs": 500}),
            "circles": _config(_CIRCLES, {"widths": []}, {**_ADAM, "epochs": 500}),
        },
        conclusions.linear,
    ),
    PlaygroundExercise(
        "6",
        6,
        "Confusion matrix",
        "Build the confusion matrix: which class is the easiest, which the hardest?",
        "The lesson's blobs.",
        {"blobs": _config()},
        conclusions.confused,
    ),
    PlaygroundExercise(
        "7",
        7,
        "One logit or two",
        "Train a one-logit and a two-logit model on moons: do they have the same accuracy?",
        "Moons with noise 0.2, 16 and 16 units, Adam 0.01, both ways of coding two classes.",
        {
            "one logit": _config(
                _MOONS, {"widths": [16, 16], "outputs": "one_logit"}, {**_ADAM, "epochs": 300}
            ),
            "two logits": _config(_MOONS, {"widths": [16, 16]}, {**_ADAM, "epochs": 300}),
        },
        conclusions.codings,
    ),
    PlaygroundExercise(
        "8",
        8,
        "Probability heatmap",
        "Draw the decision boundary as a smooth map of probabilities.",
        "Moons with noise 0.2, one logit.",
        {
            "moons": _config(
                _MOONS, {"widths": [16, 16], "outputs": "one_logit"}, {**_ADAM, "epochs": 300}
            )
        },
        conclusions.heatmap,
        view="confidence",
    ),
    PlaygroundExercise(
        "spread",
        None,
        "Try it: change the spread",
        "What do blobs look like with a spread of 0.5, and of 4?",
        "The lesson's network on blobs of spread 0.5, 1.5 and 4.",
        {
            f"spread {noise:g}": _config({"noise": noise}, training={"epochs": 300})
            for noise in (0.5, 1.5, 4.0)
        },
        conclusions.overlap,
    ),
    PlaygroundExercise(
        "activations",
        None,
        "Try it: kill the activations",
        "Take the activations out and train again: what happens to the boundary?",
        "Circles and blobs, with ReLU and without any activation.",
        {
            "circles, ReLU": _config(_CIRCLES, {"widths": [16, 16]}, {**_ADAM, "epochs": 300}),
            "circles, no activation": _config(
                _CIRCLES, {"widths": [16, 16], "activation": "identity"}, {**_ADAM, "epochs": 300}
            ),
            "blobs, ReLU": _config(),
            "blobs, no activation": _config(network={"activation": "identity"}),
        },
        conclusions.killed,
    ),
    PlaygroundExercise(
        "balance",
        None,
        "Try it: one class in ten",
        "Nine of ten points are of one class: what does accuracy say, and what does it hide?",
        "Two overlapping blobs, with equal shares and with nine points of one to one of the other.",
        {
            "equal shares": _config(_PAIR),
            "one in ten": _config({**_PAIR, "balance": 0.9}),
        },
        conclusions.shares,
    ),
)
