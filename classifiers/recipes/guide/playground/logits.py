"""Steps p4 and p5: logits, softmax and the loss that already has it."""

from collections.abc import Iterator
from typing import Any

import torch
from torch.nn import functional as F

from classifiers.errors import ConfigError
from classifiers.network import MLP
from classifiers.recipes.guide.playground.measures import (
    Results,
    decimal,
    descend,
    deviation,
    forward,
    gap,
    in_points,
    leaves,
    losses,
    mean,
    parsed,
    several,
    trained,
    whole,
)
from classifiers.recipes.guide.step import Computed, Measured, Option, Sources, Step, Table
from classifiers.recipes.playground.result import build_scene
from classifiers.turns import Expect
from classifiers.wording import counted, gap_points, listed, percent, with_spread

_LESSON = parsed()
_SHIFT, _FACTOR = 5.0, 2.0
_ROUNDING = 1e-5  # of float32


def _read_shifted(results: Results) -> Measured:
    """A trained network's logits on the test points, as they are and changed."""
    (whose,), (result,) = results, results.values()
    if result.diverged_at[0] >= 0:
        raise ConfigError(
            "config.training.learning_rate",
            f"must be low enough to learn with, got {result.config.training.learning_rate:g}, at "
            "which this run diverged; lower it",
        )
    logits = result.network.logits(result.scene.rows("test").x)[0].double()
    variants = {"as they are": logits, "all +5": logits + _SHIFT, "all × 2": _FACTOR * logits}
    ahead = {name: _of_classes(changed) for name, changed in variants.items()}
    before = _of_classes(logits).softmax(1)
    point = int((before.amax(1) - 0.8).abs().argmin())  # one that is neither sure nor lost
    return {
        "own": whose == "own",
        "epochs": result.config.training.epochs,
        "single": logits.shape[1] == 1,
        "points": len(logits),
        "agree": int((before.argmax(1) == _of_classes(logits).argmax(1)).sum()),
        "change": {
            name: {
                "predictions": int((changed.argmax(1) != before.argmax(1)).sum()),
                "probabilities": float((changed.softmax(1) - before).abs().max()),
            }
            for name, changed in ahead.items()
        },
        "example": {
            name: {
                "logits": variants[name][point].tolist(),
                "probabilities": ahead[name][point].softmax(0).tolist(),
            }
            for name in variants
        },
    }


def _of_classes(logits: torch.Tensor) -> torch.Tensor:
    """Logits (N, outputs) as one a class: a single one is held against a fixed zero."""
    return F.pad(logits, (1, 0)) if logits.shape[1] == 1 else logits


_ON_THE_LESSONS = trained({"lesson": _LESSON}, _read_shifted)


def _shifted(sources: Sources) -> Iterator[Any]:
    """On the learner's own network, the first where there are several, trained as it was."""
    own = sources.own
    measure = _ON_THE_LESSONS if own is None else trained({"own": several(own, 1)}, _read_shifted)
    yield from measure(sources)


def _changed(measured: Measured) -> int:
    change = measured["change"]["all +5"]
    if change["predictions"]:
        return 0
    return 1 if change["probabilities"] > _ROUNDING else 2


def _whose(measured: Measured) -> str:
    epochs = counted(measured["epochs"], "epoch")
    return f"On your network after {epochs}: of" if measured["own"] else "Of"


def _renamed(count: int) -> str:
    return f"{count:,} get{'s' if count == 1 else ''} another prediction"


def _left(count: int) -> str:
    return f"{counted(count, 'prediction')} as {'it was' if count == 1 else 'they were'}"


def _tell_shifted(measured: Measured) -> Iterator[str]:
    _, added, doubled = measured["change"].values()
    single = measured["single"]
    why = (
        "a single logit is held against a fixed zero, to which nothing was added"
        if single
        else "softmax looks at differences between logits only"
    )
    yield (
        f"{_whose(measured)} {counted(measured['points'], 'test point')}, "
        f"{_renamed(added['predictions'])}, and the largest change of any probability is "
        f"{in_points(added['probabilities'])}: {why}."
    )
    yield (
        f"Doubled, they leave {_left(measured['points'] - doubled['predictions'])} but move a "
        f"probability by up to {in_points(doubled['probabilities'])}: the network only sounds "
        "surer."
    )
    both = "The sign of the logit" if single else "The largest logit"
    what = "sigmoid, which is softmax with that zero," if single else "softmax"
    yield (
        f"{both} and the largest probability agree on {measured['agree']:,} of "
        f"{counted(measured['points'], 'point')}, so {what} is not needed to name a class, only to "
        "say how sure one is."
    )


def _show_shifted(measured: Measured) -> Table:
    return Table(
        ("one point's logits", "logits", "probabilities"),
        [
            (name, *(", ".join(decimal(value) for value in own[part]) for part in own))
            for name, own in measured["example"].items()
        ],
    )


def _fit(twice: bool) -> Iterator[dict[str, list[float]] | None]:
    """Five starts of the lesson's run, with one softmax too many or without."""
    scene, training = build_scene(_LESSON), _LESSON.training
    train, test = scene.rows("train"), scene.rows("test")
    network = MLP(_LESSON.network, 2, scene.dataset.classes, 5).initialize(training.seed)
    parameters = leaves(network)

    def outputs(x: torch.Tensor) -> torch.Tensor:
        z = forward(parameters, x)
        return z.softmax(-1) if twice else z

    for _ in range(training.epochs):
        descend(parameters, losses(outputs(train.x), train.y), training.learning_rate)
        yield None
    with torch.no_grad():
        z = outputs(test.x)
        surest = (z if twice else z.softmax(-1)).amax(-1).mean(1)
        yield {
            "train_loss": losses(outputs(train.x), train.y).tolist(),
            "accuracy": (z.argmax(-1) == test.y).double().mean(1).tolist(),
            "sure": surest.tolist(),
        }


def _twice() -> Iterator[Any]:
    yield Expect(1.0)
    found: dict[str, Any] = {}
    for name in ("once", "twice"):
        for news in _fit(name == "twice"):
            found[name] = news
            yield None
    classes = build_scene(_LESSON).dataset.classes
    perfect = F.one_hot(torch.tensor([0]), classes).double()  # probabilities that are all right
    far = torch.tensor([1000.0, 0.0])
    yield found | {
        "floor": float(F.cross_entropy(perfect, torch.tensor([0]))),
        "guess": 1 / classes,
        "far": {
            "softmax, then log": far.softmax(0).log().tolist(),
            "log_softmax in one step": far.log_softmax(0).tolist(),
        },
    }


def _stuck(measured: Measured) -> int | None:
    once, twice, floor = (measured[name] for name in ("once", "twice", "floor"))
    if mean(twice["accuracy"]) < 1.5 * measured["guess"]:
        return 2
    if min(twice["train_loss"]) >= floor > 2 * max(once["train_loss"]):
        return 1
    ratio = mean(twice["train_loss"]) / mean(once["train_loss"])
    return 0 if 0.9 < ratio < 1.1 else None


def _tell_twice(measured: Measured) -> Iterator[str]:
    once, twice = measured["once"], measured["twice"]
    yield (
        f"Over {len(once['train_loss'])} starts the training loss ends at "
        f"{decimal(mean(once['train_loss']))} without and {decimal(mean(twice['train_loss']))} "
        f"with the softmax: of outputs that are probabilities, even perfect ones, the loss can't "
        f"be lower than {decimal(measured['floor'])}."
    )
    right, wrong = (
        with_spread(mean(own["accuracy"]), deviation(own["accuracy"])) for own in (once, twice)
    )
    yield (
        f"Test accuracy is {right} without and {wrong} with it, and the class that is "
        f"named gets {percent(mean(once['sure']))} and {percent(mean(twice['sure']))} on average "
        f"({gap_points(gap(twice['sure'], once['sure']))}): no error tells of the mistake."
    )
    naive, stable = (listed([whole(value) for value in own]) for own in measured["far"].values())
    yield (
        "And one step is safer than two: the logarithm of the softmax of a far pair of logits is "
        f"{naive} in two steps, {stable} in one."
    )


def _show_twice(measured: Measured) -> Table:
    return Table(
        ("logits 1000 and 0", "log-probability of the first", "of the second"),
        [(name, *map(whole, own)) for name, own in measured["far"].items()],
    )


LOGITS = (
    Step(
        key="p4",
        title="Logits",
        ask="The raw outputs, one a class, are called logits. Softmax turns them into "
        "probabilities; the class with the largest is the prediction. Add 5 to every logit of your "
        "trained network (or of the lesson's, if you have trained none): what changes?",
        options=(
            Option(
                "Predictions and probabilities",
                "Larger outputs look like another answer. But a prediction is whichever class is "
                "ahead, and none was overtaken.",
            ),
            Option(
                "Only the probabilities",
                "Larger numbers seem to sound surer. What counts is how far a logit is from the "
                "others, or from zero where it is the only one.",
            ),
            Option(
                "Neither",
                "With a logit for each class it would be so. A network with a single logit holds "
                "it against a fixed zero, and to that nothing was added.",
            ),
        ),
        measure=_shifted,
        judge=_changed,
        tell=_tell_shifted,
        shows=_show_shifted,
        now="Click into the picture close to where two colours meet, and read the probabilities. "
        "Then far away from there: what happens to the largest?",
        covers=(
            "argmax of logits = argmax of probabilities, softmax for confidence only",
            "that probabilities sum to 1",
            "that the picture can be clicked",
        ),
        terms=("network", "output", "class", "logits", "softmax", "probability", "prediction"),
        core=True,
        config=_LESSON,
        on_own=True,
        touches=("look",),
        code="logits = model(x_test)\n"
        "probabilities = torch.softmax(logits, dim=1)\n"
        "shifted = torch.softmax(logits + 5, dim=1)  # the same, but for rounding\n"
        "same = logits.argmax(dim=1) == probabilities.argmax(dim=1)  # always",
    ),
    Step(
        key="p5",
        title="No softmax at the end",
        ask="Cross-entropy, the loss for several classes, takes logits and applies softmax itself. "
        "Someone puts one more softmax at the end of the network and trains it. What happens?",
        options=(
            Option(
                "The same as without it",
                "One more softmax looks harmless, since it changes no prediction. But it squeezes "
                "the logits into a narrow range, and the loss cannot leave it.",
            ),
            Option(
                "Its loss gets stuck high",
                "That would show if outputs were squeezed into the range of probabilities. Here "
                "the training went on all the same.",
            ),
            Option(
                "It learns nothing",
                "A mistake in the loss seems fatal. But each step still goes the right way, so "
                "classes are learned; only sureness is not.",
            ),
        ),
        measure=Computed(_twice),
        judge=_stuck,
        tell=_tell_twice,
        shows=_show_twice,
        now="Play the run without the extra softmax, and compare its loss with the two losses "
        "in the first sentence.",
        covers=("why the last layer gives logits and not softmax",),
        terms=(
            "cross-entropy",
            "loss",
            "class",
            "logits",
            "softmax",
            "network",
            "training",
            "accuracy",
            "test points",
            "probability",
            "±",
            "[a, b]",
        ),
        config=_LESSON,
        touches=("loss", "model"),
        code="right = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 4))  # logits\n"
        "wrong = nn.Sequential(right, nn.Softmax(dim=1))  # no error, but stuck\n"
        "loss_fn = nn.CrossEntropyLoss()  # takes logits: log_softmax is inside\n"
        "floor = loss_fn(torch.eye(4), torch.arange(4))  # the best that softmax allows",
    ),
)
