"""The message about one world: points, networks epoch by epoch, how sure they are, their regret."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.evaluation.metrics import wilson_interval
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.message import (
    decode_regions,
    pack_array,
    pack_regions,
)
from classifiers.recipes.capstone.worlds.page.findings import describe_loss
from classifiers.recipes.capstone.worlds.page.luck import scores_seen
from classifiers.recipes.capstone.worlds.pile import Pile, World
from classifiers.recipes.capstone.worlds.regions import COLUMNS, ROWS, contains, to_steps
from classifiers.recipes.capstone.worlds.rule import (
    TITLES,
    density_of,
    draw_world,
    seeds_of,
    world_runs,
)
from classifiers.recipes.capstone.worlds.scores import TEMPERATURES, at_temperatures, softplus
from classifiers.wording import percent, signed_points


def detail(pile: Pile, k: int) -> dict[str, Any]:
    """All that the page shows of world k, as JSON."""
    world, truth = pile.worlds[k], pile.truth
    drawn = draw_world(world_runs(pile.config)["good"], seeds_of(pile.config, k))
    is_test = np.zeros(len(drawn.dataset.y), dtype=np.int64)
    is_test[drawn.test] = 1
    points = [*to_steps(drawn.dataset.x, truth.extent).T, drawn.dataset.y, is_test]
    shape = [len(NAMES), len(pile.epochs)]
    temperature, best = _temperature(world)
    return {
        "rule": pile.name,
        "world": k,
        "points": pack_array(np.stack(points, axis=1).clip(-32768, 32767), "i16"),
        "regions": pack_regions([region for row in world.regions for region in row], shape),
        **{name: pack_array(world.scores[:, i], "f32") for i, name in enumerate(SCORES)},
        "best_test": world.best_test,
        "luck": [_number(row[2, -1] - row[4, -1]) for row in world.scores],
        "test_rows": pack_array(drawn.test, "u16"),
        "margins": pack_array(world.margins, "f32"),
        "price": pack_array(_prices(world, drawn.dataset.y[drawn.test]), "f32"),
        "temperature": temperature,
        "regret": _regret(pile, world),
        "test_points_luck": scores_seen(world, len(drawn.test)),
        "diverged": world.diverged_at.tolist(),
        "table": _table(pile, world),
        "loss_heading": describe_loss(world, best),
    }


def _temperature(world: World) -> tuple[dict[str, Any], list[tuple[float, float]]]:
    """The message, and for each network its best temperature with the loss there."""
    pairs = [at_temperatures(bins) for bins in world.histograms]
    loss, reliability = (np.stack(column) for column in zip(*pairs, strict=True))
    exact = world.scores[:, SCORES.index("fresh_loss"), -1]
    loss[:, np.flatnonzero(TEMPERATURES == 1)[0]] = exact
    at = np.nan_to_num(loss, nan=np.inf).argmin(axis=1)
    best = [(float(TEMPERATURES[i]), float(row[i])) for row, i in zip(loss, at, strict=True)]
    message = {
        "values": TEMPERATURES.tolist(),
        "loss": pack_array(loss, "f32"),
        "reliability": pack_array(1e4 * reliability, "u16"),
        "best": [value for value, _ in best],
    }
    return message, best


def _prices(world: World, y: NDArray) -> NDArray[np.float64]:
    """(3, nT, 4): at each temperature the mean loss on the test points, the share of it that wrong
    answers pay, what each of those pays, and how many they are."""
    result = np.zeros((len(world.margins), len(TEMPERATURES), 4))
    for network, margins in enumerate(world.margins.astype(np.float64)):
        for_truth = np.where(y == 1, margins, -margins)
        wrong = (margins > 0) != (y == 1)
        paid = softplus(-for_truth / TEMPERATURES[:, None])
        total, by_wrong = paid.sum(axis=1), paid[:, wrong].sum(axis=1)
        result[network] = np.stack(
            [
                total / len(y),
                by_wrong / np.maximum(total, 1e-300),
                by_wrong / max(wrong.sum(), 1),
                np.full(len(total), wrong.sum()),
            ],
            axis=1,
        )
    return result


def _regret(pile: Pile, world: World) -> dict[str, Any]:
    """Where each network departs from the best possible rule, and what that costs there.

    `map` (3, rows, columns) u8, the lowest row first, 255 = the rule's largest
    |2 eta - 1| * density; `largest` is that number, in errors a unit of area; `total` the
    network's accuracy on fresh points below the best possible.
    """
    truth = pile.truth
    price = np.abs(2 * truth.grid_eta - 1) * density_of(pile.config)
    best = truth.grid_eta > 0.5
    places = to_steps(truth.grid.numpy(), truth.extent)
    maps = [
        np.where(contains(decode_regions(row[-1])[0], places) != best, price, 0)
        for row in world.regions
    ]
    largest = float(price.max())
    shape = (len(NAMES), ROWS, COLUMNS)
    return {
        "map": pack_array(np.reshape(np.stack(maps) * (255 / largest), shape), "u8"),
        "largest": largest,
        "total": [_number(truth.best_fresh - row[4, -1]) for row in world.scores],
    }


def _table(pile: Pile, world: World) -> dict[str, Any]:
    rows = len(world.margins[0])
    runs = {name: world.scores[i, :, -1].astype(float) for i, name in enumerate(NAMES)}
    at = {name: dict(zip(SCORES, runs[name].tolist(), strict=True)) for name in NAMES}
    interval = {
        name: wilson_interval(round(at[name]["test_accuracy"] * rows), rows) for name in NAMES
    }
    best_fresh = pile.truth.best_fresh
    texts = {
        "Training accuracy": [percent(at[name]["train_accuracy"]) for name in NAMES],
        f"Test accuracy, {rows} points": [percent(at[name]["test_accuracy"]) for name in NAMES],
        "its 95 % interval": [
            f"{percent(interval[name].low)} to {percent(interval[name].high)}" for name in NAMES
        ],
        "Fresh accuracy": [percent(at[name]["fresh_accuracy"]) for name in NAMES],
        "Best possible, fresh": [percent(best_fresh)] * 3,
        f"Best possible, these {rows}": [percent(world.best_test)] * 3,
        "Luck of these test points": [
            signed_points(at[name]["test_accuracy"] - at[name]["fresh_accuracy"]) for name in NAMES
        ],
        "Training loss": [loss_text(at[name]["train_loss"]) for name in NAMES],
        "Test loss": [loss_text(at[name]["test_loss"]) for name in NAMES],
        "Fresh loss": [loss_text(at[name]["fresh_loss"]) for name in NAMES],
        "Boundary length": [f"{length:.1f}" for length in world.boundary_length.tolist()],
    }
    numbers = {
        name: {
            **{key: _number(value) for key, value in at[name].items()},
            "test_accuracy_low": interval[name].low,
            "test_accuracy_high": interval[name].high,
            "best_fresh": best_fresh,
            "best_test": world.best_test,
            "boundary_length": float(world.boundary_length[i]),
            "diverged_at": int(world.diverged_at[i]),
        }
        for i, name in enumerate(NAMES)
    }
    return {
        "columns": [TITLES[name] for name in NAMES],
        "rows": [[label, *cells] for label, cells in texts.items()],
        "numbers": numbers,
    }


def loss_text(value: float) -> str:
    """A loss as people read it."""
    if not np.isfinite(value):
        return "not finite"
    return f"{value:.3f}" if value >= 0.001 or value == 0 else f"{value:.1e}"


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
