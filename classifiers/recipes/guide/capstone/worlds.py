"""Steps c1, c2 and c3: three networks in many worlds: who is ahead, how often, and what being sure
costs.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from classifiers.evaluation.comparison import share_interval
from classifiers.evaluation.metrics import Estimate
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.recipes.capstone.worlds.rule import TITLES
from classifiers.recipes.guide.capstone.stored import NEW, ahead, costs, falls, gap, pile, rises
from classifiers.recipes.guide.step import (
    Curves,
    Measured,
    Option,
    Right,
    Scale,
    Sources,
    Step,
    Table,
    at_once,
)
from classifiers.wording import gap_points, listed, percent, signed_points, times

_SMALL, _BIG, _GOOD = (NAMES.index(name) for name in ("underfit", "overfit", "good"))
_WHO = [TITLES[name] for name in NAMES]
_QUOTED = [f"“{who.lower()}”" for who in _WHO]
_TENTH = 0.1


def _final(drawn: Pile, measure: str) -> np.ndarray:
    """(3, K) at the end of training."""
    return drawn.scores(measure)[..., -1].astype(np.float64).T


def _ranks(sources: Sources) -> dict[str, Any]:
    drawn = pile(sources.capstone(), "lesson")
    found: dict[str, Any] = {"worlds": len(drawn.worlds)}
    for part in ("train", "test", "fresh"):
        values = _final(drawn, f"{part}_accuracy")
        order = np.argsort(-values.mean(axis=1)).tolist()
        found[part] = values.mean(axis=1).tolist()
        found[f"{part}_order"] = order
        found[f"{part}_apart"] = ahead(values, order[0], order[1:]) and ahead(
            values, order[1], order[2:]
        )
    return found


def _judge_ranks(measured: Measured) -> Right:
    if not (measured["train_apart"] and measured["test_apart"]):
        return None
    best, _, worst = measured["train_order"]
    best_on_test, _, worst_on_test = measured["test_order"]
    return [best, worst, best_on_test, worst_on_test]


def _tell_ranks(measured: Measured) -> Iterator[str]:
    over = f" (means over {measured['worlds']} worlds: {NEW})"
    for part, points in (("train", "training points"), ("test", "test points")):
        told = [f"{_QUOTED[k]} {percent(measured[part][k])}" for k in measured[f"{part}_order"]]
        yield f"On {points}: {listed(told)}{over}."
        over = ""
    best, *_ = measured["train_order"]
    best_on_test, *_ = measured["test_order"]
    if best != best_on_test:
        *_, worst = measured["train_order"]
        *_, worst_on_test = measured["test_order"]
        low = worst == worst_on_test
        yield (
            f"Part of what {_QUOTED[best]} learned is the noise of its own points, which no new "
            "point repeats: it knows those best, and new ones less. That is overfitting"
            f"{f'; that {_QUOTED[worst]} is low on both is underfitting' if low else ''}."
        )
    else:
        yield f"On points it never saw {_QUOTED[best]} is ahead, too: what it learned was the rule."


def _show_ranks(measured: Measured) -> Table:
    parts = ("train", "test", "fresh")
    rows = [[who, *(percent(measured[part][k]) for part in parts)] for k, who in enumerate(_WHO)]
    return Table(["Network", "Training", "Test", "Fresh"], rows)


def _below(drawn: Pile) -> dict[str, Any]:
    test, fresh = (_final(drawn, f"{part}_accuracy") for part in ("test", "fresh"))
    return {
        "worlds": len(drawn.worlds),
        "below": int((test[_BIG] < test[_SMALL]).sum()),
        "level": int((test[_BIG] == test[_SMALL]).sum()),
        "below_fresh": int((fresh[_BIG] < fresh[_SMALL]).sum()),
        "lead": gap(test[_BIG] - test[_SMALL]),
        "points": drawn.config.dataset.samples,
        "noise": drawn.config.dataset.noise,
    }


def _counts(sources: Sources) -> dict[str, Any]:
    folder = sources.capstone()
    return {rule: _below(pile(folder, rule)) for rule in ("lesson", "hard")}


def _share(found: Measured) -> Estimate:
    return share_interval(found["below"], found["worlds"])


def _tell_counts(measured: Measured) -> Iterator[str]:
    lesson, hard = measured["lesson"], measured["hard"]
    share = _share(lesson)
    yield (
        f"Below in {lesson['below']} of {lesson['worlds']} worlds (of endlessly many, in "
        f"{percent(share.low)} to {percent(share.high)}), level in {lesson['level']}; on fresh "
        f"points, where luck is next to gone, below in {lesson['below_fresh']}."
    )
    lead = lesson["lead"]
    ends = "where it ends can't be told from level"
    if rises(lead):
        ends = "measured here it ends above, on average"
    elif falls(lead):
        ends = "so it does here, on average"
    yield f"The lesson expects it below; {ends}: {gap_points(lead)}."
    why = "which of the two costs more there can't be told"
    if falls(hard["lead"]):
        why = "learning noise by heart costs more there"
    elif rises(hard["lead"]):
        why = "bending too little costs more there"
    yield (
        f"With {hard['points']} points and noise {hard['noise']:g} it is below in {hard['below']} "
        f"of {hard['worlds']}: {why}."
    )


def _prices(sources: Sources) -> dict[str, Any]:
    drawn = pile(sources.capstone(), "lesson")
    loss, train_loss, accuracy, fresh_loss, fresh = (
        drawn.scores(name)[:, _BIG].astype(np.float64)
        for name in ("test_loss", "train_loss", "test_accuracy", "fresh_loss", "fresh_accuracy")
    )
    epochs = np.array(drawn.epochs)
    at = loss.argmin(axis=1)
    share = epochs[at] / epochs[-1]
    rows = np.arange(len(loss))
    return {
        "worlds": len(loss),
        "epochs": epochs.tolist(),
        "early": int((share <= _TENTH).sum()),
        "late": int((share >= 1 - _TENTH).sum()),
        "typical_epoch": int(np.quantile(epochs[at], 0.5, method="higher")),
        # On fresh points: test points chose the epoch, and would flatter it.
        "factor": float(np.exp(np.mean(np.log(fresh_loss[:, -1] / fresh_loss[rows, at])))),
        "accuracy_change": gap(fresh[:, -1] - fresh[rows, at]),
        # Of the world that the page shows first.
        "train_loss": train_loss[0].tolist(),
        "test_loss": loss[0].tolist(),
        "best_epoch": int(epochs[at[0]]),
        "then": [float(loss[0, at[0]]), float(accuracy[0, at[0]])],
        "end": [float(loss[0, -1]), float(accuracy[0, -1])],
    }


def _judge_prices(measured: Measured) -> Right:
    """What holds in more than half of all worlds, whichever they are."""
    worlds, early, late = (measured[key] for key in ("worlds", "early", "late"))
    counts = [early, worlds - early - late, late]
    usual = int(np.argmax(counts))
    return usual if share_interval(counts[usual], worlds).low > 0.5 else None


def _tell_prices(measured: Measured) -> Iterator[str]:
    (loss, accuracy), (loss_at_end, accuracy_at_end) = measured["then"], measured["end"]
    yield (
        f"In the first world, of the moments kept, at epoch {measured['best_epoch']:,}: test loss "
        f"{costs(loss)} and accuracy {percent(accuracy)} there, {costs(loss_at_end)} and "
        f"{percent(accuracy_at_end)} at the end."
    )
    change = measured["accuracy_change"]
    yield (
        f"In half of {measured['worlds']} worlds it is lowest by epoch "
        f"{measured['typical_epoch']:,}. From each world's own lowest point to the end, loss on "
        f"fresh points becomes {times(measured['factor'])} (geometric mean), while accuracy "
        f"changes by {signed_points(change['value'])}."
    )
    if loss_at_end > loss:
        yield (
            "Training goes on making it surer of everything, of its errors too; accuracy only "
            "counts errors, loss charges for each how sure it was."
        )
    else:
        yield "Here going on made its answers on new points no dearer."


WORLDS = (
    Step(
        key="c1",
        title="Who is ahead?",
        ask="Three networks learn the same noisy points: “too small” (2 hidden units), “too big” "
        "(three layers of 256), “about right” (two of 16, dropout, weight decay). By average "
        "accuracy over many worlds, who is best and who worst?",
        rows=(
            Option(
                "Best, training",
                "A modest network may look like the best pupil. On points it was told the answers "
                "of, nothing beats having enough weights to learn each of them by heart.",
            ),
            Option(
                "Worst, training",
                "More weights seldom hinder on the points that are trained on. Too few units do: "
                "their boundary cannot bend round both moons.",
            ),
            Option(
                "Best, test",
                "One that knows the old answers is not best at new questions: it learned their "
                "noise, too. Nor is one that cannot bend. Restraint learns the rule.",
            ),
            Option(
                "Worst, test",
                "Learning by heart sounds like the worst sin. Not to be able to draw the rule at "
                "all can cost more, and does so here; with fewer points and more noise it turns "
                "round (next step).",
            ),
        ),
        options=tuple(Option(who, "") for who in _WHO),
        measure=at_once(_ranks),
        judge=_judge_ranks,
        tell=_tell_ranks,
        shows=_show_ranks,
        now="Draw the world again, a few times. Which order of the networks stays: on training, "
        "test or fresh points?",
        covers=("pandas and any code of the heart and capstone models",),
        terms=(
            "world",
            "hidden unit",
            "layer",
            "accuracy",
            "training points",
            "test points",
            "fresh points",
            "dropout",
            "weight decay",
            "noise",
            "moon",
            "rule",
            "to learn by heart",
            "weight",
        ),
        core=True,
        place="#capstone-worlds [data-part=columns]",
        touches=("model", "look"),
        code="for name, network in networks.items():\n"
        "    network.eval()  # dropout is for training only\n"
        "    for x, y in ((x_train, y_train), (x_test, y_test)):\n"
        "        said = network(x).argmax(dim=1)  # the class with the largest output\n"
        "        print(name, (said == y).float().mean().item())",
    ),
    Step(
        key="c2",
        title="Does too big end below too small?",
        ask="The lesson says so: learning noise by heart must cost more than being unable to bend. "
        "In what share of the worlds does “too big” score below “too small” on test points?",
        scale=Scale(
            low=0,
            high=100,
            step=1,
            unit="% of the worlds",
            near=10,
            too_low="On average the one is clearly ahead, so you expect to see it nearly always. "
            "But a world has few test points, and their luck is as large as the lead.",
            too_high="Getting every training point right looks like the worse fault. It spoils "
            "the boundary only near odd points; one that cannot bend is wrong along its length.",
        ),
        measure=at_once(_counts),
        judge=lambda measured: 100 * _share(measured["lesson"]).value,
        tell=_tell_counts,
        now="Choose “100 points, noise 0.5” as the rule and draw the worlds there. What turned "
        "round, and why?",
        covers=("seeds",),
        terms=(
            "world",
            "test points",
            "fresh points",
            "noise",
            "to learn by heart",
            "training points",
            "[a, b]",
        ),
        core=True,
        place="#capstone-findings",
        touches=("data", "look"),
        code="below = 0\n"
        "for seed in range(100):  # a world: new points, a new split, a new start\n"
        "    x, y = make_moons(n_samples=300, noise=0.3, random_state=seed)\n"
        "    parts = train_test_split(x, y, test_size=0.3, random_state=seed)\n"
        "    torch.manual_seed(seed)  # the same starts whenever this is run again\n"
        "    below += test_accuracy(too_big(), *parts) < test_accuracy(too_small(), *parts)\n"
        "print(below)",
    ),
    Step(
        key="c3",
        title="Sure and wrong",
        ask="“Too big” trains for 2,000 epochs; its loss on training points ends near zero. When "
        "is its loss on test points lowest?",
        options=(
            Option(
                "In the first tenth",
                "The rule is learned early, so it could be. This time the test loss went on "
                "falling after that.",
            ),
            Option(
                "Somewhere in the middle",
                "It would be natural if learning by heart began half-way. A network with so many "
                "weights begins as soon as the rule is learned, and that is quick.",
            ),
            Option(
                "Near the end",
                "Accuracy hardly suffers in the end, so loss should not either. But loss also "
                "counts how sure a wrong answer was, and training makes every answer surer.",
            ),
        ),
        measure=at_once(_prices),
        judge=_judge_prices,
        tell=_tell_prices,
        shows=lambda measured: Curves(
            "loss",
            measured["epochs"],
            {_WHO[_BIG]: {"training": measured["train_loss"], "test": measured["test_loss"]}},
        ),
        now="Play the training and watch the big network's loss and accuracy. Then move the "
        "temperature below: which temperature makes its loss smallest?",
        covers=("what loss is, what accuracy is, that they disagree",),
        terms=(
            "epoch",
            "loss",
            "accuracy",
            "test points",
            "weight",
            "rule",
            "noise",
            "fresh points",
            "world",
            "to learn by heart",
            "training points",
            "temperature",
            "geometric mean",
        ),
        core=True,
        place="#capstone-worlds [data-part=reliability-block]",
        touches=("loss", "look"),
        code="probability = torch.softmax(too_big(x_test), dim=1)\n"
        "# What each answer costs: the less its true class was believed in, the more.\n"
        "cost = -torch.log(probability[range(len(y_test)), y_test])\n"
        "wrong = probability.argmax(dim=1) != y_test\n"
        "print(cost.mean(), cost[wrong].sum() / cost.sum())  # what the few errors pay of it all",
    ),
)
