"""The record on a page: sample size, luck of the test set, sentences, pictures of the card."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy.stats import hypergeom, rankdata

from classifiers.errors import DataError
from classifiers.recipes.heart.explorer import explorer_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.record.luck import random_test_sets
from classifiers.recipes.heart.record.method import (
    describe_choices,
    describe_importance,
    describe_interval,
    describe_known_fields,
    describe_least_known,
)
from classifiers.recipes.heart.record.page import record_page
from classifiers.recipes.heart.record.pictures import (
    DRAWN_FROM,
    PICTURES,
    drawn_from,
    write_pictures,
)
from classifiers.recipes.heart.record.sample_size import (
    describe_sample_size,
    heart_sample_size,
    highest_r2,
    minimum_sample_size,
)
from classifiers.wording import bounded
from tests.conftest import ROOT

WEIGHTS = ROOT / "weights" / "heart"


@pytest.fixture(scope="module")
def folded(model):
    return model.artifact.metadata.evaluation["out_of_fold"]


def changed(model, **evaluation):
    record = {**model.artifact.metadata.evaluation, **evaluation}
    metadata = model.artifact.metadata.model_copy(update={"evaluation": record})
    return HeartModel(replace(model.artifact, metadata=metadata))


# Sample size


def test_the_worked_examples_of_the_papers():
    """pmsampsize's own: R2 0.288, 24 parameters, 17.4 %; BMJ 2020's pre-eclampsia: 5,249 women."""
    size = minimum_sample_size(0.288, 24, 0.174)
    assert (size.shrinkage, size.optimism, size.overall_risk, size.needed) == (623, 662, 221, 662)
    assert minimum_sample_size(0.05, 30, 0.05).shrinkage == 5249
    assert minimum_sample_size(0.2, 5, 0.5).overall_risk == 385


@pytest.mark.parametrize(
    ("share", "most"),
    [(0.5, 0.75), (0.4, 0.74), (0.3, 0.71), (0.2, 0.63), (0.1, 0.48), (0.05, 0.33), (0.01, 0.11)],
)
def test_the_highest_r2_is_that_of_the_papers_table(share, most):
    assert round(highest_r2(share), 2) == most


@pytest.mark.parametrize(("r2", "parameters", "share"), [(0.1, 12, 0.2), (0.47, 20, 0.46)])
def test_one_patient_fewer_would_not_do(r2, parameters, share):
    """The shrinkage that is to be expected at n, solved for by bisection: Riley 2019, eq. 7."""

    def shrinkage(n):
        low, high = r2 + 1e-9, 1.0
        for _ in range(200):
            s = (low + high) / 2
            if s > 1 + parameters / (n * math.log(1 - r2 / s)):
                high = s
            else:
                low = s
        return s

    size = minimum_sample_size(r2, parameters, share)
    assert shrinkage(size.shrinkage) >= 0.9 > shrinkage(size.shrinkage - 1)
    # The optimism in Nagelkerke's R2 is (R2 / S - R2) / its largest value.
    optimism = [
        (r2 / shrinkage(n) - r2) / highest_r2(share) for n in (size.optimism, size.optimism - 1)
    ]
    assert optimism[0] <= 0.05 < optimism[1]
    margin = [
        1.96 * math.sqrt(share * (1 - share) / n)
        for n in (size.overall_risk, size.overall_risk - 1)
    ]
    assert margin[0] <= 0.05 < margin[1]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [((0.8, 20, 0.46), "r2"), ((0.0, 20, 0.46), "r2"), ((0.3, 0, 0.46), "parameters"),
     ((0.3, 20, 1.0), "prevalence"), ((float("nan"), 20, 0.46), "r2")],
)  # fmt: skip
def test_what_the_criteria_say_nothing_of_is_refused(arguments, field):
    with pytest.raises(DataError, match=rf"^{field}: must"):
        minimum_sample_size(*arguments)


def test_the_models_r2_is_that_of_its_likelihood(model, folded):
    y = np.array(folded["labels"])
    gains = []
    for p in np.array(folded["probabilities"]):
        own = np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))
        share = np.sum(y * np.log(y.mean()) + (1 - y) * np.log(1 - y.mean()))
        gains.append(2 * (own - share) / len(y))
    size = heart_sample_size(model)
    assert size["r2"]["value"] == pytest.approx(1 - np.exp(-np.mean(gains)), abs=1e-6)
    assert size["r2"]["low"] < size["r2"]["value"] < size["r2"]["high"]


def test_the_parameters_are_those_of_a_regression_without_redundant_inputs(model):
    names = model.preprocessor.input_names
    fields = {name.split("=")[0] for name in names if "=" in name}
    kept = [name for name in names if not name.endswith("=unknown")]
    size = heart_sample_size(model)
    assert size["parameters"] == len(kept) - len(fields) == 20
    assert size["needed"] == max(size["criteria"].values())
    assert size["network_parameters"] == 1217
    first, second = describe_sample_size(model)
    assert f"ask for {size['needed']:,} " in first
    assert f"would ask for {size['needed_by_network']:,}" in second


def test_a_useless_model_asks_for_nothing_that_can_be_told(model, folded):
    worse = {"value": 0.7, "low": 0.69, "high": 0.71}
    metrics = {**folded["metrics"], "log_loss": worse}
    other = changed(model, out_of_fold={**folded, "metrics": metrics})
    assert heart_sample_size(other)["needed"] is None
    assert "say nothing" in describe_sample_size(other)[0]
    assert "nothing that can be told" in record_page(other)["patients"]["size"]


# Luck of the test set


def test_random_test_sets_are_as_drawn_by_others(model, folded):
    """Accuracy against the hypergeometric distribution, AUC against ranks with another seed."""
    sets = random_test_sets(model)
    held = model.artifact.metadata.evaluation["held_out"]
    y, p = np.array(folded["labels"]), np.array(folded["probabilities"]).mean(0)
    right = int(((p >= 0.5) == y).sum())
    hits = round(sets["accuracy"]["held_out"] * sets["patients"])
    exact = hypergeom.sf(hits - 1, len(y), right, sets["patients"])
    assert sets["accuracy"]["share"] == pytest.approx(exact, abs=4 * np.sqrt(exact / 4000))
    rng = np.random.default_rng(99)
    areas = []
    for _ in range(1500):
        rows = rng.choice(len(y), sets["patients"], replace=False)
        cases = y[rows].sum()
        ranks = rankdata(p[rows])[y[rows] == 1].sum()
        areas.append((ranks - cases * (cases + 1) / 2) / (cases * (len(rows) - cases)))
    share = np.mean(np.array(areas) >= held["metrics"]["auc"]["value"] - 1e-9)
    assert sets["auc"]["share"] == pytest.approx(share, abs=0.025)
    for key, drawn in (("low", 0.025), ("high", 0.975)):
        assert sets["auc"][key] == pytest.approx(np.quantile(areas, drawn), abs=0.012)


def test_bars_hold_every_set_and_end_at_the_held_out_value(model):
    sets = random_test_sets(model)
    for name in ("auc", "accuracy"):
        place = sets[name]
        assert sum(count for *_, count in place["bars"]) == sets["sets"] == 4000
        good = [count for low, _, count in place["bars"] if low >= place["held_out"] - 1e-9]
        assert sum(good) == pytest.approx(place["share"] * sets["sets"])
        assert any(abs(low - place["held_out"]) < 1e-9 for low, *_ in place["bars"])
    assert random_test_sets.__wrapped__(model) == sets
    assert sets["easy"]  # the lesson's 61 are as easy for networks that did not train on them


# The page


def test_the_page_leads_with_out_of_fold_figures(model, folded):
    page = record_page(model)
    json.dumps(page, allow_nan=False)
    assert [figure["key"] for figure in page["figures"]] == ["auc", "accuracy", "brier"]
    for figure in page["figures"]:
        estimate = folded["metrics"][figure["key"]]
        scale, decimals = (100, 0) if figure["key"] == "accuracy" else (1, 3)
        assert figure["value"] == f"{scale * estimate['value']:.{decimals}f}"
        for end in ("low", "high"):
            assert f"{scale * estimate[end]:.{decimals}f}" in figure["interval"]
    held = model.artifact.metadata.evaluation["held_out"]["metrics"]["auc"]["value"]
    assert f"{held:.3f}" not in page["figures"][0]["says"]
    assert f"{held:.3f}" in page["figures"][0]["labels"][1]


def test_the_pages_sentences_are_what_its_pictures_show(model):
    page, table = record_page(model), explorer_table(model)["out_of_fold"]
    groups = page["calibration"]["groups"]
    met = [g["observed"]["low"] <= g["predicted"] <= g["observed"]["high"] for g in groups]
    assert ("every 95 % interval meets it" in page["calibration"]["says"]) == all(met)
    told = re.search(r"from (\d+) % to (\d+) %", page["benefit"]["says"])
    low, high = (float(text) / 100 for text in told.groups())
    for i, threshold in enumerate(page["benefit"]["thresholds"]):
        rival = max(0.0, table["treat_all"][i] if table["treat_all"][i] is not None else 0.0)
        if low + 0.01 < threshold < high - 0.01:
            assert table["net_benefit"]["low"][i] > rival
    assert sum(g["cases"] for g in page["patients"]["groups"]) == 2 * page["patients"]["cases"]


def test_a_page_without_experiments_is_shown_all_the_same(model):
    page = record_page(changed(model, experiments=None))
    assert page["patients"]["groups"] == []
    assert "other hospitals it ranked" not in " ".join(page["purpose"]["not_for"])


# How it was made


def test_settings_are_the_lessons_where_they_are_equal(model):
    text = describe_choices(model)
    lesson, contract = text.split(" From this project's own contract")
    for name in ("hidden layers [32]", "activation relu", "optimiser adam", "learning rate 0.001"):
        assert name in lesson
    for name in ("dropout 0.2 (0.5)", "L2 0.01", "epochs 300 (50)"):
        assert name in contract
    assert text.endswith("Nothing was chosen on the patients that are reported.")


def test_the_interval_says_what_it_covers_and_with_which_factor():
    plain = describe_interval(None)
    assert "It does not cover another hospital" in plain
    assert "widened" not in plain
    simulation = [
        {"coverage": {"value": c}, "middle_coverage": {"value": m}, "unwidened_coverage": b}
        for c, m, b in ((0.87, 0.91, 0.75), (0.955, 0.93, 0.69))
    ]
    text = describe_interval({"factor": 1.6, "simulation": simulation})
    assert "widened by 1.6 on the scale of log odds" in text
    assert "it held these in 91.0 % to 93.0 % of new patients whose risk leaves the" in text
    assert "(2 settings), and in 87.0 % to 95.5 % of all" in text
    assert text.endswith("The refits alone held 69.0 % to 75.0 %.")
    sloped = describe_interval({"factor": 1.6, "slope": 0.3})
    assert sloped.endswith("the slope of the log odds has a standard deviation of 0.3.")
    assert describe_interval({"factor": 1.6}).endswith("on the scale of log odds.")


def test_what_is_known_of_a_patient_has_a_row_each(folded):
    assert describe_known_fields({}) == []
    pattern = {"title": "age and sex", **folded}
    [row] = describe_known_fields({"patterns": [pattern]})
    auc = folded["metrics"]["auc"]
    told = "{value:.3f} [{low:.3f}, {high:.3f}]".format(**auc)
    assert row[:2] == ["age and sex", told]
    assert describe_least_known({}) == ""
    rule = {"least_known": 0.41, "rank_correlation": 0.985}
    assert "less than 0.41" in describe_least_known({"decision_rule": rule})


def test_what_the_model_uses_has_a_row_a_field(model):
    rows = describe_importance(model.artifact.metadata.evaluation)
    stored = model.artifact.metadata.evaluation["importance"]["fields"]
    assert [row[0] for row in rows] == [f"`{about['field']}`" for about in stored]
    assert [row[2] for row in rows] == [bounded(about["auc_loss"]) for about in stored]
    assert describe_importance({}) == []


# Pictures


def test_the_shipped_pictures_are_those_of_the_shipped_metadata(model):
    for name in PICTURES:
        with Image.open(WEIGHTS / name) as picture:
            assert picture.text[DRAWN_FROM] == drawn_from(model), f"{name} is stale: write_card"


def test_pictures_are_drawn_alike_and_follow_the_record(model, folded, tmp_path):
    first = {path.name: path.read_bytes() for path in write_pictures(model, tmp_path)}
    assert set(first) == set(PICTURES)
    for name in PICTURES:
        with Image.open(tmp_path / name) as drawn, Image.open(WEIGHTS / name) as shipped:
            assert (drawn.size, set(drawn.text)) == (shipped.size, {DRAWN_FROM})
    again = {path.name: path.read_bytes() for path in write_pictures(model, tmp_path)}
    assert first == again
    labels = [1 - folded["labels"][0], *folded["labels"][1:]]
    other = changed(model, out_of_fold={**folded, "labels": labels})
    assert drawn_from(other) != drawn_from(model)


def test_pictures_show_the_tables(model):
    table = explorer_table(model)["out_of_fold"]
    axes = PICTURES["net_benefit.png"](model).axes[0]
    drawn = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
    np.testing.assert_allclose(drawn["model"], np.array(table["net_benefit"]["value"], float))
    np.testing.assert_allclose(drawn["treat all"], np.array(table["treat_all"], float))
    axes = PICTURES["test_sets.png"](model).axes[0]
    sets = random_test_sets(model)
    assert [bar.get_height() for bar in axes.patches] == [n for *_, n in sets["auc"]["bars"]]
    held = [line for line in axes.get_lines() if "held-out" in line.get_label()]
    assert held[0].get_label().startswith(f"the held-out {sets['patients']}: ")
    assert axes.get_title().endswith(f" random test sets of {sets['patients']}")
    assert held[0].get_xdata()[0] == sets["auc"]["held_out"]
