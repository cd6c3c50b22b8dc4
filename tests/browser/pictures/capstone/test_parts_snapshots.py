"""The capstone's parts, whole, called alone with what nobody drew, trained or asked for."""

import json
from typing import Any

import numpy as np
import pytest

from classifiers.film import encode_planes
from classifiers.recipes.capstone.worlds.message import (
    decode_regions,
    encode_region,
    pack_array,
    pack_regions,
)
from classifiers.ui.static import asset
from tests.browser.pictures.bench import opened
from tests.browser.pictures.capstone import made_up
from tests.browser.pictures.test_kept_alone import SETTINGS
from tests.browser.pictures.test_pictures_snapshots import held

FIELDS = [["dataset.samples", "Points", 300, 10], ["good.weight_decay", "Decay", 0.01, "any"]]
AXES = {
    "width": {"title": "Width", "group": "Network", "help": "Units a layer."},
    "depth": {"title": "Depth", "group": "Network", "help": "Layers."},
    "epochs": {"title": "Epochs", "group": "Training", "help": "How long."},
}
SWEEPS = {
    **SETTINGS,
    "axes": AXES,
    "first": "width",
    "pairs": [{"key": "width-depth", "over": "width", "and_over": "depth", "title": "Both",
               "help": "As large as it is."},
              {"key": "depth-epochs", "over": "depth", "and_over": "epochs",
               "title": "Depth, epochs", "help": "How far."}],
    "usual": {"width": "1, 2", "depth": "1, 3", "epochs": "10, 20"},
    "lent": False,
    "neuronSide": 2,
}  # fmt: skip
# The ends of each kind, and what is told from others by its sign, its size or its order.
ARRAYS = {
    "u8": [[0, 255], [127, 128], [3, 4]],
    "u16": np.arange(24).reshape(2, 3, 4) ** 3 * 5,
    "i16": [[-32768, 32767, -1, 255, -256]],
    "u32": [0, 65536, 2**32 - 1],
    "f32": [0.1, -2.5e-8, 3e30, np.inf, np.nan],
}
RINGS = [
    [[[0, 0], [4095, 1], [2, 4000]], [[-200, -1], [64, -65], [-8192, 70], [63, 8191]]],
    [],
    [[[127, 128], [1, 64], [-63, -64]]],
]


@pytest.fixture(scope="module")
def looked(shared_page, files):
    return opened(shared_page, files)


def news() -> list[dict[str, Any]]:
    """Of a run of two moments and then its kept parameters, and of another that follows it."""

    def planes(count: int, size: int) -> str:
        return encode_planes([np.arange(size, dtype=np.uint8) * k for k in range(3, 3 + count)])

    def rows(*epochs: int) -> dict[str, Any]:
        names = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
        return {"epoch": epochs, **{
            name: {"mean": [(k % 7 + i / 8) / 9 for k in epochs],
                   "low": [(k % 7 - i / 8) / 9 for k in epochs],
                   "high": [(k % 7 + i) / 9 for k in epochs]}
            for i, name in enumerate(names)}}  # fmt: skip

    start = {
        "title": "A run", "extent": [-1, 1, 0, 4], "side": 3, "classes": 2, "names": ["a", "b"],
        "members": 2, "epochs": 8, "widths": [2, 9], "layers": [2, 1], "bayes_side": 2,
        "points": {"shown": 2, "total": 2000, "data": "AAD//wH/f/9/EA=="},
        "bayes": planes(1, 4), "settings": {},
    }  # fmt: skip
    first = {"epochs": [0], "kept": [False], "region": planes(1, 9), "neurons": planes(1, 12)}
    more = {"epochs": [2000, 2000], "kept": [False, True], "region": planes(2, 9),
            "disagreement": planes(2, 9)}  # fmt: skip
    other = {**start, "bayes": None, "layers": [], "widths": [], "epochs": 3}
    return [
        {"start": start},
        {"rows": rows(0), "frames": first},
        {"rows": rows(1, 2000), "frames": more},
        {"result": {"bayes_accuracy": 0.9, "rows": {"Epochs": "2"}}},
        {"start": other, "rows": rows(0)},
    ]


def test_early_stopping_of_made_up_worlds(snapshots, looked):
    held(snapshots, looked("capstone/early.js", {"html": asset("capstone/early/early.html")}))


def test_worlds_that_nobody_drew(snapshots, looked):
    encoded = [encode_region([np.array(ring) for ring in rings]) for rings in RINGS]
    looks = looked(
        "capstone/piles.js",
        {
            "arrays": {name: pack_array(values, name) for name, values in ARRAYS.items()},
            "regions": pack_regions(encoded, [3]),
            "summary": made_up.summary(),
            "none": made_up.summary(0),
            "details": [made_up.detail(k) for k in range(3)],
            "briefs": [made_up.brief(k) for k in range(5)],
            "row": made_up.row(900, 1),
            "fields": FIELDS,
        },
    )
    arrays, regions = json.loads(looks.pop("read"))
    for name, values in ARRAYS.items():
        shape, numbers = arrays[name]
        assert tuple(shape) == np.shape(values)
        wanted = np.ravel(np.asarray(values, "f4" if name == "f32" else "f8"))
        wanted = [float(n) if np.isfinite(n) else None for n in wanted]  # as JSON has them
        assert numbers == wanted, name
    assert regions == RINGS
    assert [[ring.tolist() for ring in one] for one in decode_regions(b"".join(encoded))] == RINGS
    held(snapshots, looks)


def test_columns_of_worlds_that_nobody_drew(snapshots, looked):
    scores = [pack_array(made_up.numbers(70 + i, 2 + i, 6), "f32") for i in range(3)]
    looks = looked(
        "capstone/columns.js",
        {
            "summary": made_up.summary(),
            "none": made_up.summary(0),
            "details": [made_up.detail(k) for k in range(3)],
            "briefs": [made_up.brief(k) for k in range(5)],
            "row": made_up.row(900, 1),
            "points": made_up.brief(0)["points"],
            "scores": scores,
            "regions": [*(made_up.regions(80 + 9 * i, 2 + i, 2 + i) for i in range(3)),
                        pack_regions([], [0])],
        },
    )  # fmt: skip
    held(snapshots, looks)


def test_kept_runs_that_nobody_trained(snapshots, looked):
    planes = [np.arange(27).reshape(3, 3, 3) * 13 % 256, np.full((1, 2, 2), 255)]
    looks = looked(
        "capstone/players.js",
        {
            "html": asset("film/compare.html"),
            "settings": SETTINGS,
            "planes": [encode_planes(of.astype(np.uint8)) for of in planes],
            "sizes": [9, 4],
        },
    )
    assert json.loads(looks.pop("read")) == [of.reshape(len(of), -1).tolist() for of in planes]
    held(snapshots, looks)


def test_kept_runs_beside_each_other(snapshots, looked):
    given = {"html": asset("film/compare.html"), "settings": SETTINGS, "news": news()}
    held(snapshots, looked("capstone/shelf.js", given))


def test_parts_of_sweeps(snapshots, looked):
    given = {"html": asset("capstone/sweep/sweep.html"), "settings": SWEEPS, "news": news()}
    held(snapshots, looked("capstone/boards.js", given))


def test_the_section_of_worlds(snapshots, looked):
    rules = ["lesson", "own", "hard", "few", "none"]
    scores = [pack_array(made_up.numbers(70 + i, 3, 6), "f32") for i in range(3)]
    given = {
        "html": asset("capstone/worlds/worlds.html"),
        "style": asset("capstone/worlds/worlds.css"),
        "rules": [[rule, f"the {rule} one"] for rule in rules],
        "fields": FIELDS,
        "summaries": {
            "lesson": {**made_up.summary(5), "rule": "lesson"},
            "few": {**made_up.summary(4), "rule": "few"},
            "hard": {**made_up.summary(24), "rule": "hard"},
        },
        "details": [made_up.detail(k) for k in range(24)],
        "briefs": [made_up.brief(k) for k in range(24)],
        "none": made_up.summary(0),
        "grown": {
            "points": made_up.brief(0)["points"],
            "scores": scores,
            "regions": [made_up.regions(80 + 9 * i, 3, 3) for i in range(3)],
        },
        "row": made_up.row(900, 1),
    }
    held(snapshots, looked("capstone/worlds.js", given))


def test_the_section_of_sweeps(snapshots, looked):
    html, style = (asset(f"capstone/sweep/sweep.{kind}") for kind in ("html", "css"))
    given = {"html": html, "style": style, "settings": SWEEPS}
    held(snapshots, looked("capstone/sweeps.js", given))
