"""The capstone's script, run as a reader would, against what the app itself gives."""

import os

import numpy as np
import pytest

from classifiers.config import CapstoneConfig, PlaygroundConfig
from classifiers.recipes.capstone.code import to_script
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.live import draw_world_live
from classifiers.recipes.capstone.worlds.rule import RULES, draw_world, seeds_of, world_runs
from classifiers.recipes.capstone.worlds.store import load_pile
from classifiers.recipes.playground.run import finish_playground
from classifiers.turns import play
from tests.conftest import ROOT
from tests.processes.warm import warm

WEIGHTS = ROOT / "weights" / "capstone"
OTHER = CapstoneConfig.parse(
    {
        "dataset": {"samples": 200, "noise": 0.5, "seed": 5},
        "training": {"epochs": 25, "seed": 3},
        "good": {"width": 8, "dropout": 0.4, "weight_decay": 0.01},
    }
)
WHO = {"underfit": "too small", "overfit": "too big", "good": "about right"}
TOLD = ("train_accuracy", "test_accuracy", "fresh_accuracy", "test_loss")
# Said behind the script: whether each panel shows two regions and all training points.
LOOK = """
for panel in panels:
    regions, points = panel.collections
    print("panel", len(points.get_offsets()), sum(bool(len(p)) for p in regions.get_paths()))
"""


def run(script: str) -> list[str]:
    ran = warm().run("-c", script, cwd=ROOT, env={**os.environ, "MPLBACKEND": "Agg"})
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def scores(lines: list[str], name: str) -> list[float]:
    (line,) = [line for line in lines if line.startswith(name)]
    return [float(number) for number in line[12:].split()]


def of_world(world, name: str) -> list[float]:
    return [world.scores[NAMES.index(name), SCORES.index(told), -1] for told in TOLD]


@pytest.fixture(scope="module")
def short():
    """What the script of few epochs under other settings says, and the app's own first world."""
    *_, world = play(draw_world_live(OTHER, 0))
    return run(to_script(OTHER) + LOOK), world


def test_a_script_of_few_epochs_gives_the_numbers_of_the_first_world(short):
    lines, world = short
    for name, who in WHO.items():
        told, own = scores(lines, who), of_world(world, name)
        np.testing.assert_allclose(told[:3], own[:3], atol=1e-6)
        assert told[3] == pytest.approx(own[3], rel=1e-4)


def is_best_possible(lines: list[str], rule: str) -> bool:
    best = float(lines[0].removeprefix("best possible ").partition(";")[0])
    return best == pytest.approx(load_pile(WEIGHTS, rule).truth.best_fresh, abs=1e-6)


def test_the_best_possible_is_the_apps(short):
    lines, _ = short
    assert is_best_possible(lines, "hard")


def test_the_epoch_that_validation_chooses_is_the_playgrounds(short):
    lines, _ = short
    asked = world_runs(OTHER)["overfit"].to_dict()
    asked["training"] |= {"early_stopping": {"on": "validation"}, "record_every": 1}
    stopped = finish_playground(PlaygroundConfig.parse(asked))
    told = scores(lines, f"epoch {stopped.best_epoch[0]}")
    # Accuracy on training points is told of those set aside, too, so it is not compared.
    assert told[1] == pytest.approx(stopped.mean("test_accuracy"), abs=1e-6)
    assert told[3] == pytest.approx(stopped.mean("test_loss"), rel=1e-4)


def test_the_regions_are_drawn(short):
    lines, _ = short
    world = draw_world(world_runs(OTHER)["good"], seeds_of(OTHER, 0))
    panels = [line.split() for line in lines if line.startswith("panel")]
    assert panels == [["panel", str(len(world.train)), "2"]] * 3


def test_small_and_right_end_as_the_stored_world_does():
    script, rest = to_script().split("# The best epoch")
    (big,) = [line for line in script.splitlines() if line.strip().startswith('"too big"')]
    lines = run(script.replace(big, ""))  # takes ten times as long as the others, and ends nearby
    assert "x_val" in rest
    assert is_best_possible(lines, "lesson")
    world = load_pile(WEIGHTS, "lesson").worlds[0]
    for name in ("underfit", "good"):
        told, stored = scores(lines, WHO[name]), of_world(world, name)
        np.testing.assert_allclose(told[:3], stored[:3], atol=1e-6)
        assert told[3] == pytest.approx(stored[3], rel=1e-4)


def test_the_script_is_short_and_takes_all_settings():
    script = to_script()
    assert len(script.splitlines()) <= 120
    assert max(map(len, script.splitlines())) <= 100
    assert "classifiers" not in script
    assert "$" not in to_script(OTHER)
    compile(script, "script", "exec")
    assert to_script(RULES["lesson"]) == script
