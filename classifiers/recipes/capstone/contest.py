"""Does the big network end below the small one? Asked of many splits and many seeds.

One split of 90 test points says little, so both networks are trained on many splits of the
lesson's points and from many starting weights, all as members, and scored on fresh points too.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from classifiers.config import CapstoneConfig, PlaygroundConfig
from classifiers.data.splits import split_indices
from classifiers.data.synthetic import bayes_accuracy, fresh, sample
from classifiers.evaluation.metrics import wilson_interval
from classifiers.network import MLP
from classifiers.recipes.capstone.records import load_record, save_record
from classifiers.recipes.capstone.run import NAMES, capstone_runs
from classifiers.training import Rows, Scores, score, train
from classifiers.wording import percent

RECORD, COMMAND = "contest", "capstone-contest"
SPLITS, SEEDS = 50, 20
_GROUP = 5  # members trained at once: more would not fit a core's cache
# Besides the lesson's: fewer and noisier points, where learning by heart costs more.
SETTINGS: dict[str, dict[str, Any]] = {
    "lesson": {},
    "hard": {"dataset": {"samples": 100, "noise": 0.5}},
}


def hold_contest(
    config: CapstoneConfig, *, splits: int = SPLITS, seeds: int = SEEDS
) -> dict[str, Any]:
    """Trains the three networks on many splits of one dataset and from many seeds.

    Returns:
        `config`; `bayes_accuracy`; for `splits` (one starting seed) and `seeds` (one split), each
        {network: {`test_accuracy`, `fresh_accuracy`, `test_loss`, `fresh_loss`}}, one value a run.
    """
    runs = capstone_runs(config)
    dataset = runs["good"].dataset
    by_split = [(dataset.seed + i, config.training.seed) for i in range(splits)]
    by_seed = [(dataset.seed, config.training.seed + i) for i in range(seeds)]
    return {
        "config": config.to_dict(),
        "bayes_accuracy": bayes_accuracy(dataset).value,
        "splits": {name: _score_all(runs[name], by_split) for name in NAMES},
        "seeds": {name: _score_all(runs[name], by_seed) for name in NAMES},
    }


def _score_all(config: PlaygroundConfig, starts: list[tuple[int, int]]) -> dict[str, list[float]]:
    """One network trained from every (split seed, training seed)."""
    groups = [starts[i : i + _GROUP] for i in range(0, len(starts), _GROUP)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        scored = list(pool.map(lambda group: _score_group(config, group), groups))
    return {
        f"{part}_{measure}": np.concatenate(
            [getattr(pair[part], measure) for pair in scored]
        ).tolist()
        for part in ("test", "fresh")
        for measure in ("accuracy", "loss")
    }


def _score_group(config: PlaygroundConfig, group: list[tuple[int, int]]) -> dict[str, Scores]:
    data = sample(config.dataset)
    x, y = torch.from_numpy(data.x), torch.from_numpy(data.y)
    parts = [split_indices(len(y), config.training.test_share, split) for split, _ in group]
    rows, test = (
        Rows(x[chosen], y[chosen])
        for chosen in (torch.from_numpy(np.stack(side)) for side in zip(*parts, strict=True))
    )
    network = MLP(config.network, 2, data.classes, len(group))
    for k, (_, seed) in enumerate(group):
        alone = MLP(config.network, 2, data.classes).initialize(seed)
        network.parameters[k] = alone.parameters[0]
    settings = config.training.model_copy(update={"seed": group[0][1]})
    for _ in train(network, settings, rows, record_at=()):
        pass
    new = fresh(config.dataset, 20_000, config.dataset.seed)
    on_new = Rows(torch.from_numpy(new.x), torch.from_numpy(new.y))
    return {"test": score(network, test), "fresh": score(network, on_new)}


def describe_contest(record: dict[str, Any]) -> list[str]:
    """What came out, in sentences computed from the record."""
    found = []
    for name, text in (("splits", "splits of the same points"), ("seeds", "starting weights")):
        small, big = record[name]["underfit"], record[name]["overfit"]
        counts, means = [], []
        for measure, where in (("test_accuracy", "test"), ("fresh_accuracy", "fresh")):
            gap = np.array(big[measure]) - np.array(small[measure])
            below = int((gap < 0).sum())
            share = wilson_interval(below, len(gap))
            counts.append(
                f"in {below} of {len(gap)} on {where} points (95 % interval {100 * share.low:.0f} "
                f"to {100 * share.high:.0f} %)"
            )
            means.append(f"{100 * gap.mean():+.1f} points on {where} ones")
        found.append(
            f"Over {len(gap)} {text}, the big network ends below the small one "
            f"{' and '.join(counts)}. Its mean lead is {' and '.join(means)}."
        )
    splits = record["splits"]
    losses = ", ".join(
        f"{label} {np.mean(splits[name]['fresh_loss']):.2f}"
        for name, label in (("underfit", "small"), ("overfit", "big"), ("good", "moderate"))
    )
    accuracies = ", ".join(
        f"{label} {percent(float(np.mean(splits[name]['fresh_accuracy'])))}"
        for name, label in (("underfit", "small"), ("overfit", "big"), ("good", "moderate"))
    )
    found.append(
        f"On fresh points, mean over the splits: accuracy {accuracies} (best possible "
        f"{percent(record['bayes_accuracy'])}); loss {losses}."
    )
    return found


def write_contests(folder: str | Path, report: Callable[[str], None] = print) -> None:
    """Holds the contest in every setting and writes `folder/records/contest.json`."""
    records = {}
    for name, settings in SETTINGS.items():
        records[name] = hold_contest(CapstoneConfig.parse(settings))
        for finding in describe_contest(records[name]):
            report(f"{name}: {finding}")
    save_record(folder, RECORD, records)


def load_contests(folder: str | Path) -> list[tuple[CapstoneConfig, list[str]]]:
    """The settings of every stored contest, and what came out.

    Raises:
        ArtifactError: the record is missing or altered.
    """
    records = load_record(folder, RECORD, COMMAND)
    return [
        (CapstoneConfig.parse(record["config"]), describe_contest(record))
        for name in SETTINGS
        if (record := records.get(name)) is not None
    ]
