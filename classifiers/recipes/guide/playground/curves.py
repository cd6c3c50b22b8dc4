"""Step p6: what curves of the loss tell: healthy, too fast, not finished, learned by heart."""

from collections.abc import Iterator

import numpy as np

from classifiers.config import PlaygroundConfig
from classifiers.recipes.guide.playground.measures import (
    Results,
    decimal,
    parsed,
    trained,
)
from classifiers.recipes.guide.step import Curves, Measured, Option, Sources, Step
from classifiers.wording import percent, whole_percent

_BY_HEART = parsed(
    {"noise": 4.0, "samples": 100},
    {"widths": [128, 128]},
    {"optimizer": "adam", "learning_rate": 0.01, "test_share": 0.5},
)
_RUNS: dict[str, PlaygroundConfig] = {  # in the order of the charts
    "A": parsed(training={"learning_rate": 1.0}),
    "B": _BY_HEART,
    "C": parsed(),
    "D": parsed(training={"learning_rate": 0.005}),
}
_OPTIONS = ("healthy", "too fast", "not finished", "by heart")


def _read(results: Results) -> Measured:
    """The four runs' curves, the test accuracy at every epoch, and on how many points it is."""
    return {
        name: {
            "training": result.history.to_dict()["train_loss"],
            "test": result.history.to_dict()["test_loss"],
            "accuracy": result.history.to_dict()["test_accuracy"],
            "points": len(result.scene.test),
        }
        for name, result in results.items()
    }


def _closely(config: PlaygroundConfig) -> PlaygroundConfig:
    """The same run, looked at after every epoch."""
    training = config.training.model_copy(update={"record_every": 1})
    return config.model_copy(update={"training": training})


_measure = trained({name: _closely(config) for name, config in _RUNS.items()}, _read)


def _features(chart: Measured) -> dict[str, float]:
    """What the eye looks for, as shares: of epochs with a clear rise of the training loss, of its
    first value that it fell in the last tenth, and by how much the test loss ends above its
    lowest."""
    training, test = (np.asarray(chart[line], dtype=float) for line in ("training", "test"))
    return {
        "rises": float((np.diff(training) > 0.02 * training[:-1]).mean()),
        "still_falls": float((training[-1 - len(training) // 10] - training[-1]) / training[0]),
        "test_rose": float(test[-1] / test.min() - 1),
    }


def _kind(chart: Measured) -> int:
    """Which of the options the curves look like."""
    seen = _features(chart)
    if seen["rises"] > 0.1:
        return 1
    if seen["test_rose"] > 0.25:
        return 3
    return 2 if seen["still_falls"] > 0.01 else 0


def _kinds(measured: Measured) -> list[int] | None:
    """One a chart; None unless each looks like something else."""
    found = [_kind(chart) for chart in measured.values()]
    return found if sorted(found) == list(range(len(_OPTIONS))) else None


def _name(chart: tuple[str, Measured]) -> str:
    return chart[0]


def _seen(chart: tuple[str, Measured]) -> dict[str, float]:
    return _features(chart[1])


def _turn(chart: Measured) -> dict[str, float]:
    """The test loss and accuracy where that loss was lowest, and at the end."""
    best = int(np.argmin(np.asarray(chart["test"], dtype=float)))
    return {
        "epoch": best,
        "lowest": chart["test"][best],
        "last": chart["test"][-1],
        "accuracy_then": chart["accuracy"][best],
        "accuracy_last": chart["accuracy"][-1],
        "training_last": chart["training"][-1],
    }


def _tell(measured: Measured) -> Iterator[str]:
    kinds = _kinds(measured)
    if kinds is None:
        yield "The four are not what they were made to be: two of them look alike."
        return
    charts = list(measured.items())
    healthy, fast, unfinished, heart = (charts[kinds.index(k)] for k in range(len(_OPTIONS)))
    yield (
        f"{_name(healthy)} is flat at the end, with both lines together; in {_name(fast)} the "
        f"training loss rises in {whole_percent(_seen(fast)['rises'])} of the epochs; "
        f"{_name(unfinished)} still falls, by {percent(_seen(unfinished)['still_falls'])} of its "
        "first loss in the last tenth: more epochs or longer steps would help."
    )
    turn = _turn(measured[_name(heart)])
    yield (
        f"In {_name(heart)} the training loss falls to {decimal(turn['training_last'])}, while the "
        f"test loss turns at epoch {turn['epoch']} and goes from {decimal(turn['lowest'])} to "
        f"{decimal(turn['last'])}: it learns its own points by heart (overfitting), which only "
        "unseen points show."
    )
    points = measured[_name(heart)]["points"]
    changed = round(points * abs(turn["accuracy_last"] - turn["accuracy_then"]))
    yield (
        f"Meanwhile its test accuracy goes from {percent(turn['accuracy_then'])} to "
        f"{percent(turn['accuracy_last'])}, {changed} of {points} points: accuracy counts errors, "
        "the loss also how sure they were, so one can stay while the other soars."
    )


def _show(sources: Sources) -> Curves:
    measured = _measure.known(sources)
    charts = {
        name: {line: chart[line] for line in ("training", "test")}
        for name, chart in measured.items()
    }
    epochs = range(len(next(iter(measured.values()))["training"]))
    return Curves("loss", list(epochs), charts)


CURVES = (
    Step(
        key="p6",
        title="Healthy or ill",
        ask="Four runs and their loss: on the points they train on, and on test points they never "
        "see. The learning rate is the length of a step. What does each show?",
        options=(
            Option("Healthy", "Both lines have come down, have flattened, and stay together."),
            Option("Learning rate too high", "Steps that are too long jump over the valley."),
            Option(
                "Not finished: too few or too small steps",
                "A line that still falls has not arrived.",
            ),
            Option("Learning by heart (overfitting)", "Only the training line goes on falling."),
        ),
        rows=(
            Option(
                "A",
                "What matters in A are the jumps: a step that is too long lands higher than it "
                "was, again and again, even if it gets down in the end.",
            ),
            Option(
                "B",
                "A falling training loss seems enough. In B look at the other line: what gets "
                "better on its own points gets worse on unseen ones.",
            ),
            Option(
                "C",
                "In C nothing is wrong: that a line is flat at the end means that there is nothing "
                "left to gain, and no gap opens between the two.",
            ),
            Option(
                "D",
                "D has no gap, which is half of being healthy. But it is still falling when the "
                "run ends.",
            ),
        ),
        measure=_measure,
        judge=_kinds,
        tell=_tell,
        exhibit=_show,
        now="Play these settings, and pause where the test loss turns. Which setting stops that: "
        "fewer units, dropout, or more points?",
        covers=(
            "what healthy and ill curves look like",
            "what loss is, what accuracy is, that they disagree",
        ),
        terms=("loss", "training", "test points", "learning rate", "accuracy", "epoch"),
        core=True,
        config=_BY_HEART,
        touches=("train", "look"),
        code="model.eval()\n"
        "with torch.inference_mode():\n"
        "    test_loss = loss_fn(model(x_test), y_test).item()\n"
        "history.append((loss.item(), test_loss))  # after every epoch\n"
        "model.train()  # before the next step\n"
        "plt.plot(history, label=['training', 'test'])  # look at both, always\n"
        "plt.legend()",
    ),
)
