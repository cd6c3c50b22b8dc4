"""Steps p13 and p14: which targets a loss takes, and the two ways of coding two classes."""

import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from classifiers.recipes.guide.playground.measures import (
    Results,
    best_of,
    decimal,
    fresh_of,
    gap,
    mean,
    parsed,
    settings_of,
    trained,
    whole,
)
from classifiers.recipes.guide.step import Measured, Option, Step, Table, at_once
from classifiers.wording import gap_points, listed, percent

_CLASSES = torch.tensor([0, 3, 1, 2, 1])
_TWO = torch.tensor([0, 1, 1, 0, 1])
_MESSAGE = 120  # characters
_ROUNDING = 1e-5  # of float32


def _combinations() -> list[tuple[str, nn.Module, int, Tensor]]:
    """Name of the target, loss, outputs a row, and the target itself, of five rows."""
    one_hot = nn.functional.one_hot(_CLASSES, 4)
    several, binary = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
    return [
        ("classes", several, 4, _CLASSES),
        ("classes", several, 4, _CLASSES.float()),
        ("one-hot", several, 4, one_hot.float()),
        ("zeros and ones", binary, 1, _TWO.float()[:, None]),
        ("zeros and ones", binary, 1, _TWO[:, None]),
        ("zeros and ones", binary, 1, _TWO.float()),
    ]


def _run_losses(_: Any) -> Measured:
    """What PyTorch itself says to each."""
    generator = torch.Generator().manual_seed(0)
    given = {outputs: torch.randn(len(_TWO), outputs, generator=generator) for outputs in (4, 1)}
    rows = []
    for name, loss, outputs, target in _combinations():
        logits = given[outputs]
        value, message = _try(loss, logits, target)
        rows.append(
            {
                "loss": type(loss).__name__,
                "logits": tuple(logits.shape),
                "target": f"{name}, {_dtype(target)} {tuple(target.shape)}",
                "value": value,
                "message": message,
            }
        )
    return {"rows": rows, "mse_only_warns": _only_warns(given[1], _TWO.float())}


def _only_warns(outputs: Tensor, targets: Tensor) -> bool:
    """Whether MSELoss of (N, 1) against (N,) warns and compares every row with every other."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        value, _ = _try(nn.MSELoss(), outputs, targets)
    every = torch.stack([(output - targets) ** 2 for output in outputs]).mean()
    return bool(said) and value is not None and abs(value - float(every)) < _ROUNDING


def _try(loss: nn.Module, logits: Tensor, target: Tensor) -> tuple[float | None, str]:
    """The loss, or what was said instead."""
    try:
        return float(loss(logits, target)), ""
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        return None, " ".join(f"{error}".split())[:_MESSAGE]


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _runs(measured: Measured) -> list[int]:
    return [0 if row["value"] is not None else 1 for row in measured["rows"]]


def _tell_losses(measured: Measured) -> Iterator[str]:
    rows = measured["rows"]
    failed = [row for row in rows if row["value"] is None]
    other = (
        " Not all do: MSELoss only warns, and compares every row with every other."
        if measured["mse_only_warns"]
        else ""
    )
    yield (
        f"Run just now on five rows, {len(rows) - len(failed)} gave a number and {len(failed)} an "
        f"error, as the table quotes them: these two losses check type and shape.{other}"
    )
    indices, _, one_hot, *_ = map(_outcome, rows)
    found = f"the same, {indices} in both rows" if indices == one_hot else f"{indices}, {one_hot}"
    yield (
        "Cross-entropy looks a class up by its number, so it wants whole numbers, one a row; from "
        f"them and from one-hot rows it gets {found}, so one-hot is not needed."
    )
    yield (
        "Binary cross-entropy multiplies by its target, so that has to be a decimal number and of "
        "the shape of the output, with its trailing one."
    )


def _outcome(row: Measured) -> str:
    return row["message"] if row["value"] is None else decimal(row["value"])


def _show_losses(measured: Measured) -> Table:
    return Table(
        ("loss", "outputs", "target", "what happens"),
        [
            (
                row["loss"],
                str(row["logits"]),
                row["target"],
                _outcome(row),
            )
            for row in measured["rows"]
        ],
    )


_RINGS = {"name": "circles", "noise": 0.05, "factor": 0.5}
_ADAM = {"optimizer": "adam", "learning_rate": 0.01, "epochs": 300}
_ONE = parsed(_RINGS, {"widths": [16, 16], "outputs": "one_logit"}, _ADAM)
_CODINGS = {
    f"circles, {name}": parsed(
        _RINGS, {"widths": [16, 16], "outputs": outputs}, {**_ADAM, "members": 5}
    )
    for name, outputs in (("one logit", "one_logit"), ("two logits", "logits"))
} | {f"moons, {name}": config for name, config in settings_of("7").items()}
_WITHIN = 0.01  # of accuracy
_LOGITS = (-2.0, 0.0, 2.0)
_FAR = 200.0


def _read_codings(results: Results) -> Measured:
    z = torch.tensor(_LOGITS)
    far, wrong = torch.tensor([_FAR]), torch.tensor([0.0])
    return {
        "fresh": {name: fresh_of(result) for name, result in results.items()},
        "best": {name.partition(",")[0]: best_of(result) for name, result in results.items()},
        "logits": list(_LOGITS),
        "sigmoid": z.sigmoid().tolist(),
        "softmax": torch.stack([torch.zeros(len(z)), z], 1).softmax(1)[:, 1].tolist(),
        "one_step": float(nn.functional.binary_cross_entropy_with_logits(far, wrong)),
        "two_steps": float(nn.functional.binary_cross_entropy(far.sigmoid(), wrong)),
    }


def _gap_on(measured: Measured, data: str) -> dict[str, float]:
    fresh = measured["fresh"]
    return gap(fresh[f"{data}, one logit"], fresh[f"{data}, two logits"])


def _better(measured: Measured) -> int | None:
    change = _gap_on(measured, "circles")
    if change["low"] > _WITHIN:
        return 0
    if change["high"] < -_WITHIN:
        return 1
    return 2 if -_WITHIN < change["low"] <= change["high"] < _WITHIN else None


def _at_zero(measured: Measured) -> float:
    return measured["sigmoid"][measured["logits"].index(0.0)]


def _tell_codings(measured: Measured) -> Iterator[str]:
    fresh, best = measured["fresh"], measured["best"]
    told = [
        f"{percent(mean(fresh[f'{data}, one logit']))} with one and "
        f"{percent(mean(fresh[f'{data}, two logits']))} with two on {data} (best possible "
        f"{percent(best[data])})"
        for data in ("circles", "moons")
    ]
    yield (
        f"On fresh points, over {len(fresh['circles, one logit'])} starts each: {listed(told)}; "
        f"one minus two is {gap_points(_gap_on(measured, 'circles'))} and "
        f"{gap_points(_gap_on(measured, 'moons'))}."
    )
    half = _at_zero(measured)
    yield (
        "Sigmoid of one logit is softmax of that logit and zero, so both can say the same; at "
        f"logit zero the probability is {decimal(half)}, so a probability above {decimal(half)} "
        "and a logit above zero name the same class."
    )
    yield (
        f"BCEWithLogitsLoss does sigmoid and loss in one step: for a logit of {whole(_FAR)} where "
        f"the truth is A it gives {whole(measured['one_step'])}. In two steps sigmoid rounds to "
        "one, the logarithm would be infinite, and PyTorch caps it at "
        f"{whole(measured['two_steps'])}."
    )


def _show_codings(measured: Measured) -> Table:
    columns = zip(*(measured[name] for name in ("logits", "sigmoid", "softmax")), strict=True)
    return Table(
        ("logit", "sigmoid of it", "softmax of 0 and it", "named"),
        [
            (decimal(z, 0), decimal(one, 3), decimal(two, 3), "B" if z > 0 else "A")
            for z, one, two in columns
        ],
    )


LOSSES = (
    Step(
        key="p13",
        title="Which line runs?",
        ask="A target is the true answer of a row. The outputs are (5, 4) for CrossEntropyLoss and "
        "(5, 1) for BCEWithLogitsLoss: five rows. With which targets does the loss run?",
        options=(
            Option("Runs", "A number comes out."),
            Option("Fails", "An error comes out."),
        ),
        rows=(
            Option(
                "CrossEntropyLoss, int64 (5,)",
                "Four outputs and a single number a row seem not to fit. The number is the place "
                "of the true class among them: that is all the loss needs.",
            ),
            Option(
                "CrossEntropyLoss, float32 (5,)",
                "Three as a decimal number is still three, you may think. Places are counted in "
                "whole numbers, and PyTorch does not round for you.",
            ),
            Option(
                "CrossEntropyLoss, one-hot float32 (5, 4)",
                "Cross-entropy takes class numbers, but also a probability for each class, and "
                "one-hot rows are that.",
            ),
            Option(
                "BCEWithLogitsLoss, float32 (5, 1)",
                "A class written as a decimal number looks wrong. To this loss it is a "
                "probability, and it has the shape of the output.",
            ),
            Option(
                "BCEWithLogitsLoss, int64 (5, 1)",
                "Zeros and ones are whole, so whole numbers seem right. This loss calculates with "
                "them, and asks for the type of the outputs.",
            ),
            Option(
                "BCEWithLogitsLoss, float32 (5,)",
                "Five numbers and five rows of one number hold the same. Their shapes differ, and "
                "this loss does not guess which goes with which.",
            ),
        ),
        measure=at_once(_run_losses),
        judge=_runs,
        tell=_tell_losses,
        shows=_show_losses,
        now="Press Show the code and find the line with the loss. Set Classes to 2 and Outputs to "
        "a single one: what happens to the target?",
        covers=(
            "targets as class indices, one-hot not needed",
            "float32 and int64",
            "which loss and target belong to one logit and to two",
            "the shape (n, 1)",
        ),
        terms=(
            "target",
            "output",
            "loss",
            "class",
            "cross-entropy",
            "binary cross-entropy",
            "int64",
            "float32",
            "shape",
            "one-hot",
            "type",
        ),
        core=True,
        config=None,
        touches=("data", "loss"),
        code="classes = torch.from_numpy(y).long()  # int64 (N,) for cross-entropy\n"
        "loss = nn.CrossEntropyLoss()(torch.zeros(len(y), 2), classes)\n"
        "ones = torch.from_numpy(y).float().unsqueeze(1)  # float32 (N, 1)\n"
        "loss = nn.BCEWithLogitsLoss()(torch.zeros(len(y), 1), ones)",
    ),
    Step(
        key="p14",
        title="One logit or two",
        ask="Two classes, a ring in a ring. One network has one logit, which sigmoid turns into "
        "the probability of class B, and binary cross-entropy. The other has a logit a class and "
        "cross-entropy. Which scores better on fresh points?",
        options=(
            Option(
                "One logit",
                "One output for two answers is the neater way, but neat is not better: both can "
                "draw the same boundaries.",
            ),
            Option(
                "Two logits",
                "Twice the outputs seem to know more. Only their difference counts, which is one "
                "number again.",
            ),
            Option(
                "The same, within a percentage point",
                "Both can say the same, and yet each starts and learns in its own way: this time "
                "that made a difference.",
            ),
        ),
        measure=trained(_CODINGS, _read_codings),
        judge=_better,
        tell=_tell_codings,
        shows=_show_codings,
        now="Under More settings set Outputs to one a class and play again. Then try Moons with "
        "the same network.",
        covers=(
            "exercise 7",
            "which loss and target belong to one logit and to two",
            "sigmoid > 0.5 and logit > 0",
            "bce-with-logits as sigmoid and bce in one stable step",
            "the circles recipe (a visitor who picks circles or moons keeps the blobs' network and "
            "gets 59 % and 81 %: choosing a dataset must offer the lesson's own network for it)",
        ),
        terms=(
            "percentage points",
            "network",
            "class",
            "circles",
            "moons",
            "logit",
            "sigmoid",
            "probability",
            "binary cross-entropy",
            "cross-entropy",
            "fresh points",
            "best possible",
            "[a, b]",
        ),
        config=_ONE,
        touches=("data", "model", "loss", "train"),
        code="logit = model(x_test)  # (N, 1)\n"
        "p = torch.sigmoid(logit)  # the probability of class B\n"
        "named = (p > 0.5).float()  # the same as (logit > 0).float()\n"
        "loss = nn.BCEWithLogitsLoss()(logit, y_test)  # takes the logit, not p",
    ),
)
