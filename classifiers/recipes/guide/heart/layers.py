"""Step h5: what a layer more is worth, where patients are few."""

from collections.abc import Iterator
from typing import Any

from classifiers.recipes.guide.heart.records import (
    LOWERED,
    RAISED,
    experiments,
    most,
    score,
    side,
    trained_on,
)
from classifiers.recipes.guide.step import Measured, Option, Sources, Step, Table, at_once
from classifiers.wording import gap_points, percent, verdict


def _layered(sources: Sources) -> Measured:
    record = experiments(sources)
    return {
        "one": record["methods"]["lesson"],
        "two": record["methods"]["two_hidden_layers"],
        "tested": record["split_luck"]["test_patients"],
        "trained": trained_on(record["evaluation"]),
    }


def _judge_layers(measured: Measured) -> int:
    gap = measured["two"]["difference"]["test_accuracy"]
    return {RAISED: 0, LOWERED: 1}.get(side(gap), 2)


def _tell_layers(measured: Measured) -> Iterator[str]:
    one, two = measured["one"], measured["two"]
    gap = two["difference"]["test_accuracy"]
    yield (
        f"One hidden layer scores {score(one['test_accuracy'])}, two "
        f"{score(two['test_accuracy'])}, a difference of {gap_points(gap)}: {verdict(gap)}."
    )
    yield (
        f"It might not help because {one['parameters']:,} parameters become "
        f"{two['parameters']:,}, with the same {measured['trained']} patients to learn them from."
    )
    low, high = (percent(two["test_accuracy"][end]) for end in ("low", "high"))
    yield (
        f"On single splits, each with {measured['tested']} test patients, the larger network "
        f"scores {low} to {high} in {most()}: who tries one split sees its luck, and may find "
        "either of the two ahead."
    )


def _show_layers(measured: Measured) -> Table:
    def row(name: str, method: Any) -> tuple[str, ...]:
        scores = (score(method[f"{part}_accuracy"]) for part in ("train", "test"))
        return (name, f"{method['parameters']:,}", *scores)

    return Table(
        ("", "Parameters", "Training accuracy", "Test accuracy"),
        [row("one hidden layer", measured["one"]), row("two", measured["two"])],
    )


LAYERS = (
    Step(
        key="h5",
        title="A second hidden layer",
        ask="A second hidden layer of 32 units gives the network far more to set, with as many "
        "patients to learn from as before. Over many random splits, its mean test accuracy is …",
        options=(
            Option(
                "clearly higher",
                "More layers can draw finer rules, and one split may well show it ahead. All "
                "these splits together cannot tell whether that is more than luck.",
            ),
            Option(
                "clearly lower",
                "More to set makes learning by heart easier. If it costs anything here, these "
                "patients cannot show it.",
            ),
            Option(
                "not to be told apart",
                "Few patients usually cannot tell two good networks apart. Here the splits agree "
                "well enough to say which one is ahead.",
            ),
        ),
        measure=at_once(_layered),
        judge=_judge_layers,
        tell=_tell_layers,
        now="Open the row about the luck of the split: how wide is the range of single splits?",
        covers=(
            "exercise 11",
            '11 and 12 ending in a count and in "true."',
            "tensordataset and dataloader",
            "shuffling and why",
        ),
        terms=(
            "hidden layer",
            "units",
            "split",
            "test accuracy",
            "parameters",
            "±",
            "[a, b]",
            "distinguishable from zero",
        ),
        place='Lessons #heart-lessons [data-key="layers"]',
        touches=("model",),
        shows=_show_layers,
        code="network = nn.Sequential(\n"
        "    nn.Linear(inputs, 32), nn.ReLU(), nn.Dropout(0.5),\n"
        "    nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.5),  # the second: 32 * 32 + 32 more\n"
        "    nn.Linear(32, 1))  # one logit\n"
        "batches = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)\n"
        "for x, y in batches:  # a new order each time: no batch is always the same patients\n"
        "    loss = nn.BCEWithLogitsLoss()(network(x), y)  # both (N, 1)\n"
        "    # Then zero_grad, backward and step, as before.",
    ),
)
