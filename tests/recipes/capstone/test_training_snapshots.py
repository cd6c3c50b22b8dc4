"""The capstone's networks trained for two epochs, kept and loaded again: held as looked at."""

from typing import Any

import numpy as np

from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone import weights
from classifiers.recipes.capstone.sweeps import _once
from classifiers.recipes.capstone.weights import load_capstone, train_capstone
from tests.answers.thinned import attempt, hold


def test_the_capstones_networks_are_kept(snapshots, monkeypatch, tmp_path):
    snapshots.near = 2e-5
    short = CapstoneConfig.parse(
        {"dataset": {"samples": 60, "seed": 4}, "training": {"epochs": 2, "seed": 10}}
    )
    monkeypatch.setattr(weights, "CapstoneConfig", lambda: short)
    told: list[str] = []
    train_capstone(tmp_path, told.append)
    assert sorted(line.partition(":")[0] for line in told) == ["good", "overfit", "underfit"]
    loaded = load_capstone(tmp_path)
    for name, one in loaded.items():
        result = {k: v for k, v in one.result.to_dict().items() if k not in ("config", "seconds")}
        hold(snapshots, name, [one.boundary_length, sorted(one.film), result], 8)
        own = one.result.config
        assert one.result.seconds == 0, "a time would be another each time"
        hold(snapshots, f"{name}: settings", [own.network.widths, own.training.weight_decay])
    metadata = weights.load_artifact(tmp_path / "good").metadata
    hold(snapshots, "metadata", [metadata.task, metadata.class_names, metadata.features,
         vars(metadata.source), metadata.seeds, np.array(metadata.golden.inputs)])  # fmt: skip
    other: Any = metadata.model_copy(update={"task": "other"})
    monkeypatch.setattr(
        weights, "load_artifact", lambda _: type("Artifact", (), {"metadata": other})
    )
    hold(snapshots, "another task", attempt(lambda: load_capstone(tmp_path)))
    bare: Any = metadata.model_copy(update={"evaluation": {}})
    monkeypatch.setattr(
        weights, "load_artifact", lambda _: type("Artifact", (), {"metadata": bare})
    )
    hold(snapshots, "no record", attempt(lambda: load_capstone(tmp_path)))


def test_what_was_computed_once_is_read(tmp_path):
    calls = []

    def compute(output: Any) -> None:
        calls.append(output)
        output.write_text('{"a": 1}')

    place = tmp_path / "new" / "one.json"
    assert [_once(place, compute) for _ in range(2)] == [{"a": 1}] * 2
    assert calls == [place]
    place.write_text("torn")
    assert _once(place, compute) == {"a": 1}
    assert len(calls) == 2
