"""Short runs, whole, and scripts of long ones: held against what was looked at and kept.

Few epochs of small networks: rounding has not grown by then, whatever the processor.
"""

import json
from typing import Any

from classifiers.config import CapstoneConfig, PlaygroundConfig
from classifiers.film import Frame
from classifiers.recipes.capstone.code import to_script as capstone_script
from classifiers.recipes.capstone.run import capstone_runs
from classifiers.recipes.heart.code import to_script as heart_script
from classifiers.recipes.playground.budget import estimate
from classifiers.recipes.playground.code import to_script
from classifiers.recipes.playground.result import Result
from classifiers.recipes.playground.run import finish_playground, looked_epochs, recorded_epochs
from classifiers.ui.film.message import Show, still_of, summary_of
from classifiers.ui.playground.link import from_query, to_query
from classifiers.ui.playground.words import describe_config, title_of
from tests.answers.thinned import attempt, hold

POINTS = [[i % 5 - 2.0, (i * 7) % 11 / 4, "ab"[i % 2]] for i in range(40)]
MOONS = {"name": "moons", "samples": 120, "noise": 0.3}
RUNS: dict[str, dict[str, Any]] = {
    "blobs": {"dataset": {"samples": 100}, "training": {"epochs": 6}},
    "four members": {
        "dataset": {"samples": 90, "label_noise": 0.1}, "network": {"widths": [5]},
        "training": {"epochs": 5, "members": 4, "seed": 3, "optimizer": "adam", "batch_size": 32},
    },
    "one logit, every input": {
        "dataset": {**MOONS, "features": ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)"]},
        "network": {"widths": [4, 3], "outputs": "one_logit", "activation": "tanh"},
        "training": {"epochs": 8, "momentum": 0.9, "learning_rate": 0.05, "l1": 0.001},
    },
    "own points": {
        "dataset": {"name": "points", "points": POINTS}, "network": {"widths": [3]},
        "training": {"epochs": 4, "optimizer": "adamw", "weight_decay": 0.1, "test_share": 0.4},
    },
    "no hidden layer": {
        "dataset": {"name": "xor", "samples": 80}, "network": {"widths": []},
        "training": {"epochs": 3},
    },
    "changed on the way, dropout": {
        "dataset": {"name": "circles", "samples": 80, "balance": 0.2},
        "network": {"widths": [6], "dropout": 0.3, "start": "he"},
        "training": {"epochs": 6, "batch_size": 16, "record_every": 2, "changes": [
            {"epoch": 2, "learning_rate": 0.01}, {"epoch": 4, "dropout": 0.0, "l2": 0.01}]},
    },
    "early stopping": {
        "dataset": {"name": "spirals", "samples": 90, "classes": 3},
        "training": {"epochs": 9, "early_stopping": {"patience": 2}},
    },
    "it diverges": {
        "dataset": {"samples": 60}, "training": {"epochs": 2, "learning_rate": 100.0, "members": 2},
    },
}  # fmt: skip


def film_of(result: Result) -> list[Any]:
    """Every third moment, the first network's numbers as they are."""
    told = []
    for one in result.frames[::3]:
        if isinstance(one, Frame):
            told.append({"epoch": one.epoch, "region": one.region, "neurons": one.neurons})
        else:
            told.append(dict(vars(one)))
    return told


def test_short_runs(snapshots):
    snapshots.near = 2e-6
    for name, given in RUNS.items():
        config = PlaygroundConfig.parse(given)
        result = finish_playground(config, film=True)
        told = {key: value for key, value in result.to_dict().items() if key != "seconds"}
        told["config"] = config.model_dump(mode="json", exclude_unset=True)
        hold(snapshots, name, told, 10)
        ends = {key: getattr(result, key) for key in ("diverged_at", "best_epoch", "final")}
        hold(snapshots, f"{name}: ends", ends)
        hold(snapshots, f"{name}: film", film_of(result), 6)
        summary = summary_of(result)
        hold(
            snapshots, f"{name}: summary", {k: v for k, v in summary.items() if "seconds" not in k}
        )


def test_scripts_and_links_of_runs(snapshots):
    for name, given in RUNS.items():
        config = PlaygroundConfig.parse(given)
        snapshots.hold(f"{name}: script", to_script(config).splitlines())
        link = to_query(config, ["more"])
        told = {
            "title": title_of(config),
            "described": describe_config(config),
            "link": link,
            "estimate": estimate(config),
            "recorded": recorded_epochs(config.training.epochs),
            "looked": looked_epochs(config.training),
        }
        hold(snapshots, name, told, 30)
    snapshots.hold("capstone's script", capstone_script(CapstoneConfig()).splitlines())
    other = CapstoneConfig.parse({
        "dataset": {"samples": 77, "noise": 0.45, "seed": 5}, "training": {"epochs": 50, "seed": 9},
        "good": {"width": 12, "dropout": 0.15, "weight_decay": 0.003},
    })  # fmt: skip
    snapshots.hold("another capstone's script", capstone_script(other).splitlines())
    snapshots.hold("heart's script", heart_script().splitlines(), alone=True)
    runs = {name: run.to_dict() for name, run in capstone_runs(other).items()}
    hold(snapshots, "capstone's runs", runs)
    for given in ({"epochs": 401}, {"epochs": 200, "optimizer": "adamw"},
                  {"epochs": 401, "record_every": 5}):  # fmt: skip
        stopped = PlaygroundConfig.parse({"training": {**given, "early_stopping": {}}})
        snapshots.hold(f"stopped, {given}", to_script(stopped).splitlines()[40:60], alone=True)


QUERIES: list[dict[str, str]] = [
    {}, {"dataset.name": "moons"}, {"dataset.name": "moon"}, {"dataset.samples": "many"},
    {"training.epochs": "7", "hide": "more,data"}, {"hide": "code,all"}, {"network.widths": "4,x"},
    {"network.widths": "[4,5]"}, {"network.widths": ""}, {"training.members": "3.5"},
    {"training.learning_rate": "nan"}, {"colour": "red"}, {"dataset.name": ""},
    {"dataset.name": "points", "dataset.points": "1,2,a;3,4"},
    {"dataset.name": "points", "dataset.points": "1,2,a;3,4,b;" * 5},
    {"training.early_stopping.on": "validation"}, {"training.early_stopping": "3",
     "training.early_stopping.on": "validation"}, {"training.early_stopping.on.x": "1"},
]  # fmt: skip


def test_links_that_are_read(snapshots):
    for query in QUERIES:

        def read(query: dict[str, str] = query) -> Any:
            config, hide = from_query(query)
            return [config.model_dump(mode="json", exclude_unset=True), hide]

        hold(snapshots, str(query), attempt(read))


def test_messages_of_a_run(snapshots):
    snapshots.near = 2e-6
    config = PlaygroundConfig.parse(RUNS["one logit, every input"])
    result = finish_playground(config, film=True)
    show = Show(["A title"], about="it")
    show.replay(result, still_of(result))
    told = json.loads(show.message(state="done", jump=True, more=1))
    for key in ("sequence", "run"):
        del told[key]
    hold(snapshots, "message", without_packed(told), 8)


def without_packed(value: Any) -> Any:
    """Deflated bytes are another library's; what they hold is held elsewhere."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k != "seconds"}
        return {key: without_packed(one) for key, one in kept.items()}
    if isinstance(value, list):
        return [without_packed(one) for one in value]
    packed = isinstance(value, str) and len(value) > 60 and " " not in value
    return "packed" if packed else value
