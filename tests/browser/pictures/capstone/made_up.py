"""Worlds that nobody drew, in which no two numbers are the same, as the page is told of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.recipes.capstone.worlds.message import encode_region, pack_array, pack_regions

EPOCHS = [0, 1, 10, 1000]
NETWORKS = ["underfit", "overfit", "good"]
SERIES = ["train_accuracy", "train_loss", "test_accuracy", "test_loss", "fresh_accuracy",
          "fresh_loss"]  # fmt: skip
TEMPERATURES = [0.5, 1.0, 4.0]


def numbers(seed: int, *shape: int, low: float = 0.0, high: float = 1.0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(low, high, shape).round(4)


def region(seed: int, rings: int = 2) -> bytes:
    """Also beyond the picture, to both sides."""
    corners = np.random.default_rng(seed).integers(-300, 4400, (rings, 4, 2))
    return encode_region([ring[: 3 + k] for k, ring in enumerate(corners)])


def regions(seed: int, count: int, *shape: int) -> dict[str, Any]:
    return pack_regions([region(seed + k, 1 + k % 2) for k in range(count)], shape)


def row(seed: int, worlds: int) -> dict[str, Any]:
    counts = np.random.default_rng(seed + 3).integers(0, 100, (worlds, len(EPOCHS), 9))
    return {
        "fresh": pack_array(1e4 * numbers(seed, worlds, 3, 4, low=0.6), "u16"),
        "test": pack_array(1e4 * numbers(seed + 1, worlds, 3, 4, low=0.5), "u16"),
        "best_test": pack_array(1e4 * numbers(seed + 2, worlds, low=0.8), "u16"),
        "counts": pack_array(counts, "u8"),
    }


def budget(seed: int) -> dict[str, dict[str, float]]:
    parts = [dict(zip(("best", "bias", "variance"), numbers(seed + i, 3, high=0.08).tolist(),
                      strict=True)) for i in range(3)]  # fmt: skip
    return {name: {**of, "total": sum(of.values())}
            for name, of in zip(NETWORKS, parts, strict=True)}  # fmt: skip


def summary(worlds: int = 5) -> dict[str, Any]:
    fixed = {
        "rule": "made-up",
        "epochs": EPOCHS,
        "worlds": worlds,
        "extent": [-2.2, 3.1, -1.7, 2.4],
        "best_fresh": 0.9123,
        "best_region": regions(5, 1, 1),
        "networks": [
            {"name": name, "title": f"the {name} one", "shape": f"2-{4 * i + 1}-2, relu",
             "parameters": 17 + 1200 * i}
            for i, name in enumerate(NETWORKS)
        ],
        "fresh_points": 20000,
        "along_points": 4000,
        "test_points": 1015,
    }  # fmt: skip
    if not worlds:
        return fixed
    return {
        **fixed,
        **row(10, worlds),
        "boundaries": regions(20, 3 * worlds, worlds, 3),
        "mean_boundary": regions(90, 3, 3),
        "budget": budget(7),
        "budget_worlds": 1200,
        "budget_heading": "Mostly bias",
        "findings": ["One finding.", "", "Another."],
        "variance_findings": ["The points'.", "", "The start's."],
    }


def brief(k: int) -> dict[str, Any]:
    places = np.random.default_rng(30 + k).integers(-50, 4200, (9, 2))
    labels, tests = [0, 1, 0, 1, 1, 0, 1, 0, 1], [0, 0, 1, 1, 0, 1, 1, 0, 0]
    points = np.column_stack([places, labels, tests])
    return {
        "world": k,
        "points": pack_array(points, "i16"),
        "regions": regions(200 + 20 * k, 12, 3, 4),
        **{name: pack_array(numbers(50 + 10 * k + i, 3, 4, low=0.3), "f32")
           for i, name in enumerate(SERIES)},
    }  # fmt: skip


def detail(k: int) -> dict[str, Any]:
    seed = 400 + 40 * k
    low = numbers(seed, 3, 3, low=0.5, high=0.7)
    prices = numbers(seed + 1, 3, 3, 4, high=3)
    prices[..., 3] = [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    bins = 1e4 * numbers(seed + 2, 3, 3, 4, 3)
    bins[:, :, 0, 2] = 14.9, 15.1, 14.9
    return {
        **brief(k),
        "luck": numbers(seed + 3, 3, low=-0.1, high=0.1).tolist(),
        "test_rows": pack_array([2, 3, 5, 6], "u16"),
        "margins": pack_array(numbers(seed + 4, 3, 4, low=-5, high=5), "f32"),
        "price": pack_array(prices, "f32"),
        "temperature": {
            "values": TEMPERATURES,
            "loss": pack_array(numbers(seed + 5, 3, 3, high=2), "f32"),
            "reliability": pack_array(bins, "u16"),
            "best": [4.0, 0.5, 1.0],
        },
        "regret": {
            "map": pack_array(np.random.default_rng(seed + 6).integers(0, 255, (3, 2, 4)), "u8"),
            "largest": 0.3,
        },
        "test_points_luck": {
            "n": [15, 100, 2000],
            "pairs": [["good", "underfit"], ["overfit", "underfit"], ["underfit", "overfit"]],
            "low": pack_array(low, "f32"),
            "high": pack_array(low + numbers(seed + 7, 3, 3, low=0.05, high=0.2), "f32"),
            "ranks": pack_array(numbers(seed + 8, 3, 3, 3), "f32"),
        },
        "table": {"columns": ["A", "B", "C"], "rows": [["one", "1", "2", "3"],
                                                      ["two", "4", "5", "6"]]},
        "loss_heading": f"What being sure costs in world {k}",
        "csv": f"world,{k}\n",
    }  # fmt: skip
