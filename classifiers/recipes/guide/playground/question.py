"""Steps p1 and p2: what is asked of a network, and what one answers that has learned nothing."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from classifiers.config import NetworkConfig
from classifiers.evaluation.comparison import mean_interval
from classifiers.network import MLP
from classifiers.recipes.guide.playground.measures import (
    STARTS,
    Parameters,
    decimal,
    descend,
    deviation,
    forward,
    gap,
    leaves,
    losses,
    mean,
    parsed,
)
from classifiers.recipes.guide.step import Computed, Measured, Option, Step, Table, at_once
from classifiers.recipes.playground.result import build_scene
from classifiers.turns import Expect
from classifiers.wording import bounded_share, gap_points, listed, percent, verdict, with_spread

_LESSON = parsed()
_ROWS = 5
_TASKS = ("price", "ill or healthy", "one of four colours")
_NEEDS = ((1, False), (1, True), (4, True))  # numbers a row, and whether they are probabilities
_NAMES = ("MSELoss", "BCEWithLogitsLoss", "CrossEntropyLoss")


def _kinds() -> list[dict[str, Any]]:
    """The three last layers, on five points: what comes out, what it is compared with."""
    x = torch.from_numpy(build_scene(_LESSON).dataset.x[:_ROWS])
    one, four = NetworkConfig(outputs="one_logit"), NetworkConfig()
    prices = torch.tensor([[250.0], [410.0], [120.0], [330.0], [180.0]])
    ill = torch.tensor([[0.0], [1.0], [1.0], [0.0], [1.0]])
    colours = torch.tensor([0, 3, 1, 2, 1])
    made = (
        (MLP(one, 2, 2), prices, F.mse_loss, lambda z: z),
        (MLP(one, 2, 2), ill, F.binary_cross_entropy_with_logits, torch.sigmoid),
        (MLP(four, 2, 4), colours, F.cross_entropy, lambda z: z.softmax(1)),
    )
    return [
        _kind(name, network.initialize(_LESSON.training.seed), x, target, loss, answer)
        for name, (network, target, loss, answer) in zip(_NAMES, made, strict=True)
    ]


def _kind(name: str, network: MLP, x: Tensor, target: Tensor, loss: Any, answer: Any) -> Any:
    outputs = network.logits(x)[0]
    extreme = answer(network.logits(1000 * torch.cat([x, -x]))[0])  # as large as they may come
    return {
        "loss": name,
        "output": tuple(outputs.shape),
        "target": tuple(target.shape),
        "dtype": str(target.dtype).removeprefix("torch."),
        "value": float(loss(outputs, target)),
        "probability": bool(((extreme >= 0) & (extreme <= 1)).all()),
    }


def _learned(outputs: int) -> Iterator[list[float] | None]:
    """Test accuracy of ten starts that learn the classes' numbers (one output) or the classes."""
    scene = build_scene(_LESSON)
    train, test = scene.rows("train"), scene.rows("test")
    coding = NetworkConfig(outputs="one_logit") if outputs == 1 else NetworkConfig()
    network = MLP(coding, 2, 2 if outputs == 1 else outputs, STARTS)
    parameters: Parameters = leaves(network.initialize(_LESSON.training.seed))
    training = _LESSON.training
    for _ in range(training.epochs):
        z = forward(parameters, train.x)
        amounts = ((z[..., 0] - train.y) ** 2).mean(1)
        loss = amounts if outputs == 1 else losses(z, train.y)
        descend(parameters, loss, training.learning_rate)
        yield None
    with torch.no_grad():
        z = forward(parameters, test.x)
    highest = scene.dataset.classes - 1
    named = z[..., 0].round().clamp(0, highest).long() if outputs == 1 else z.argmax(-1)
    yield (named == test.y).double().mean(1).tolist()


def _asked() -> Iterator[Any]:
    yield Expect(1.0)
    found: dict[str, Any] = {"kinds": _kinds()}
    for name, outputs in (("numbered", 1), ("named", 4)):
        for news in _learned(outputs):
            found[name] = news
            yield None
    yield found


def _suiting(measured: Measured) -> list[int] | None:
    found = [(kind["output"][-1], kind["probability"]) for kind in measured["kinds"]]
    if any(need not in found for need in _NEEDS):
        return None
    return [found.index(need) for need in _NEEDS]


def _tell_question(measured: Measured) -> Iterator[str]:
    outputs, targets = (
        listed([str(kind[part]) for kind in measured["kinds"]]) for part in ("output", "target")
    )
    yield (
        f"On the same five rows the outputs of the three networks have the shapes {outputs}, their "
        f"targets {targets}: an amount, one score (from which the probability of ill is made), and "
        "a score for each colour. The first is called regression, the others classification."
    )
    numbered, named = measured["numbered"], measured["named"]
    difference = gap(numbered, named)
    yield (
        "Trained as long, colours coded as amounts and rounded get "
        f"{with_spread(mean(numbered), deviation(numbered))} of the test points right over "
        f"{len(numbered)} starts, with an output a colour "
        f"{with_spread(mean(named), deviation(named))}, "
        f"a difference of {gap_points(difference)}, {verdict(difference)}."
    )
    yield (
        f"With amounts it hangs on the start, {percent(min(numbered))} to {percent(max(numbered))}"
        ": one amount has to pass the second and third colour to get from the first to the fourth. "
        "Data, last layer and loss follow the question, the rest of the work stays the same."
    )


def _show_question(measured: Measured) -> Table:
    return Table(
        ("question", "outputs", "targets", "of type", "loss"),
        [
            (task, str(kind["output"]), str(kind["target"]), kind["dtype"], kind["loss"])
            for task, kind in zip(_TASKS, measured["kinds"], strict=True)
        ],
    )


_UNTRAINED = 100
_GUESSES = (0.0, 0.25, 0.5, 1.0)


def _before(_: Any) -> Measured:
    """Networks at epoch 0: their scores on all points, and five rows of the first."""
    scene = build_scene(_LESSON)
    rows, shown = scene.rows("train"), scene.rows("test")
    network = MLP(_LESSON.network, 2, scene.dataset.classes, _UNTRAINED)
    network.initialize(_LESSON.training.seed)
    logits = network.logits(rows.x)
    five = network.logits(shown.x[:_ROWS])[0]
    return {
        "accuracy": (logits.argmax(-1) == rows.y).double().mean(1).tolist(),
        "loss": mean(losses(logits, rows.y).tolist()),
        "guess": float(F.cross_entropy(torch.zeros(1, logits.shape[-1]), torch.tensor([0]))),
        "logits": five.tolist(),
        "probabilities": five.softmax(1).tolist(),
        "predictions": five.argmax(1).tolist(),
        "truth": shown.y[:_ROWS].tolist(),
    }


def _nearest(measured: Measured) -> int | None:
    estimate = mean_interval(measured["accuracy"])
    ends = {
        min(range(len(_GUESSES)), key=lambda k: abs(value - _GUESSES[k]))
        for value in (estimate.low, estimate.high)
    }
    return ends.pop() if len(ends) == 1 else None


def _classes(measured: Measured) -> int:
    return len(measured["logits"][0])


def _tell_before(measured: Measured) -> Iterator[str]:
    shares = measured["accuracy"]
    first = listed([percent(share) for share in shares[:_ROWS]])
    yield (
        f"Five networks with random weights name {first} of the points right; the mean of "
        f"{len(shares)} is {bounded_share(mean_interval(shares).to_dict())}."
    )
    sums = [sum(row) for row in measured["probabilities"]]
    yield (
        "Each names whole regions at random, so one gets a blob right by luck and another none; by "
        f"chance that is one point in {_classes(measured)}. Their loss is "
        f"{decimal(measured['loss'])}; giving every class the same probability costs "
        f"{decimal(measured['guess'])}."
    )
    yield (
        "Below, five points in one of them: an output a class, probabilities that sum to "
        f"{listed(sorted({decimal(each) for each in sums}))}, and the class with the largest."
    )


def _show_before(measured: Measured) -> Table:
    columns = ("logits", "probabilities", "predictions", "truth")
    return Table(
        ("point", "raw outputs", "probabilities", "their sum", "named", "true"),
        [
            (
                str(number),
                ", ".join(decimal(value) for value in logits),
                ", ".join(decimal(value) for value in shares),
                decimal(sum(shares)),
                "ABCD"[named],
                "ABCD"[true],
            )
            for number, (logits, shares, named, true) in enumerate(
                zip(*(measured[name] for name in columns), strict=True), 1
            )
        ],
    )


QUESTION = (
    Step(
        key="p1",
        title="Number or class?",
        ask="A network turns inputs into outputs. Its loss says how wrong these are; training "
        "makes it smaller. Which outputs and which loss suit each question?",
        options=(
            Option(
                "1 output, squared error",
                "Any number may come out, and the error grows with the distance: that is an "
                "amount.",
            ),
            Option(
                "1 output, binary cross-entropy",
                "One probability comes out, and the other is what is left: that is two answers.",
            ),
            Option(
                "4 outputs, cross-entropy",
                "One score comes out for each of several answers, and they share one whole.",
            ),
        ),
        rows=(
            Option(
                "What does a house cost?",
                "A price is an amount: any number may be right, and a near miss is better than a "
                "far one. Of the three, only squared error on a free number says so.",
            ),
            Option(
                "Ill or healthy?",
                "Two names need one number, the probability of one of them. A free number may "
                "leave the range of probabilities, and four outputs would name classes that do not "
                "exist.",
            ),
            Option(
                "Which of four colours?",
                "Numbering the colours makes amounts of them, as if the second lay between the "
                "first and the third. Names are not in line: each needs an output of its own.",
            ),
        ),
        measure=Computed(_asked),
        judge=_suiting,
        tell=_tell_question,
        shows=_show_question,
        now="Set Classes to 2, then under More settings Outputs to a single one, and see the last "
        "column of the network shrink.",
        covers=(
            "regression against classification (the table)",
            "the five-step workflow of which only data, output size and loss change",
            "one output a class",
            "the shape (n, 1)",
        ),
        terms=(
            "network",
            "input",
            "output",
            "loss",
            "training",
            "class",
            "squared error",
            "binary cross-entropy",
            "cross-entropy",
            "target",
            "shape",
            "probability",
            "test points",
            "±",
            "[a, b]",
            "distinguishable from zero",
        ),
        core=True,
        config=_LESSON,
        touches=("data", "model", "loss"),
        code="price = nn.Linear(16, 1)  # any number\n"
        "price_loss = nn.MSELoss()(price(hidden), amounts)  # both (N, 1)\n"
        "ill = nn.Linear(16, 1)  # one logit\n"
        "ill_loss = nn.BCEWithLogitsLoss()(ill(hidden), zeros_and_ones)  # float, (N, 1)\n"
        "colour = nn.Linear(16, 4)  # one logit a class\n"
        "colour_loss = nn.CrossEntropyLoss()(colour(hidden), classes)  # int64, (N,)",
    ),
    Step(
        key="p2",
        title="Before learning",
        ask="A network's weights start as random numbers. Before any training, which share of the "
        "points of four classes do such networks name right, on average?",
        options=(
            Option(
                "About 0 %",
                "Knowing nothing is not being wrong everywhere: someone who guesses is right "
                "by chance now and then, and never being right would take knowledge too.",
            ),
            Option(
                "About 25 %",
                "Naming whole regions at random gives this on average. This time the random "
                "weights were luckier or unluckier than that.",
            ),
            Option(
                "About 50 %",
                "Half is what guessing gives between two answers. With more classes to choose "
                "from, chance is right less often.",
            ),
            Option(
                "About 100 %",
                "The page can draw a picture at once, but nothing in it has been learned: the "
                "weights have not seen a point yet.",
            ),
        ),
        measure=at_once(_before),
        judge=_nearest,
        tell=_tell_before,
        shows=_show_before,
        now="Press New start a few times without playing, and watch the picture and the accuracy.",
        covers=(
            "untrained = random",
            "that probabilities sum to 1",
            "one output a class",
            "the three tensors before training",
        ),
        terms=(
            "network",
            "weights",
            "training",
            "class",
            "probability",
            "accuracy",
            "loss",
            "blobs",
            "[a, b]",
        ),
        core=True,
        config=parsed(training={"members": 5, "epochs": 1}),
        touches=("model", "look"),
        code="with torch.inference_mode():\n"
        "    logits = model(x_test[:5])  # (5, 4): one a class\n"
        "    probabilities = torch.softmax(logits, dim=1)  # each row sums to 1\n"
        "    predictions = logits.argmax(dim=1)  # (5,): the largest",
    ),
)
