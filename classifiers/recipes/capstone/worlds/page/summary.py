"""The message about all worlds of a rule, and the one about a world that was just drawn."""

from math import ceil
from typing import Any

from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.message import encode_region, pack_array, pack_regions
from classifiers.recipes.capstone.worlds.page.findings import (
    describe,
    describe_budget,
    describe_variance,
    headline,
)
from classifiers.recipes.capstone.worlds.pile import Pile, counts
from classifiers.recipes.capstone.worlds.regions import trace
from classifiers.recipes.capstone.worlds.rule import TITLES, world_runs
from classifiers.recipes.capstone.worlds.together import own_budget
from classifiers.recipes.playground.budget import count_parameters

_BOUNDARIES = 20


def summary(pile: Pile) -> dict[str, Any]:
    """All that the page shows of the pile as a whole, as JSON."""
    truth, config, worlds = pile.truth, pile.config, pile.worlds
    share = world_runs(config)["good"].training.test_share
    best_region = encode_region(trace(truth.best_log_odds, truth.extent)[0])
    fixed = {
        "rule": pile.name,
        "samples": config.dataset.samples,
        "noise": config.dataset.noise,
        "epochs": pile.epochs,
        "worlds": len(worlds),
        "extent": list(truth.extent),
        "best_fresh": truth.best_fresh,
        "best_region": pack_regions([best_region], [1]),
        "networks": _networks(pile),
        "fresh_points": len(truth.eta),
        "test_points": ceil(share * config.dataset.samples),
        **_together(pile),
    }
    if not worlds:
        return fixed
    fresh, test = pile.scores("fresh_accuracy"), pile.scores("test_accuracy")
    ends = [regions[-1] for world in worlds[:_BOUNDARIES] for regions in world.regions]
    return {
        **fixed,
        "fresh": pack_array(1e4 * fresh, "u16"),
        "test": pack_array(1e4 * test, "u16"),
        "best_test": pack_array([1e4 * world.best_test for world in worlds], "u16"),
        "counts": pack_array(counts(fresh, test), "u8"),
        "boundaries": pack_regions(ends, [len(ends) // len(NAMES), len(NAMES)]),
        "headline": headline(pile),
        "findings": describe(pile),
    }


def _together(pile: Pile) -> dict[str, Any]:
    together = dict(pile.together) or own_budget(pile)
    if "budget" in together:
        together["budget_heading"] = describe_budget(together["budget"])
    if "variance_split" in together:
        split = together["variance_split"]
        together["variance_findings"] = [describe_variance(split[name], name) for name in NAMES]
    return together


def new_row(pile: Pile) -> dict[str, Any]:
    """What the last world adds to `summary`: the same keys, one row each."""
    fresh, test = pile.scores("fresh_accuracy"), pile.scores("test_accuracy")
    last = pile.worlds[-1]
    return {
        "rule": pile.name,
        "world": last.k,
        "worlds": len(pile.worlds),
        "fresh": pack_array(1e4 * fresh[-1:], "u16"),
        "test": pack_array(1e4 * test[-1:], "u16"),
        "best_test": pack_array([1e4 * last.best_test], "u16"),
        "counts": pack_array(counts(fresh, test)[-1:], "u8"),
        "headline": headline(pile),
    }


def _networks(pile: Pile) -> list[dict[str, Any]]:
    described = []
    for name in NAMES:
        run = world_runs(pile.config)[name]
        network, training = run.network, run.training
        text = ["-".join(map(str, (2, *network.widths, 2))), network.activation]
        text += [f"dropout {network.dropout:g}"] * bool(network.dropout)
        text += [f"weight decay {training.weight_decay:g}"] * bool(training.weight_decay)
        described.append(
            {
                "name": name,
                "title": TITLES[name],
                "shape": ", ".join(text),
                "parameters": count_parameters(network, 2, 2),
            }
        )
    return described
